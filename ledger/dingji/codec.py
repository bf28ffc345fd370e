"""Canonical bytes of an event and the framing of an entry, and back: older forms are upcast when read."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import msgspec
import orjson

from dingji.events import EVENTS, Event
from dingji.faults import IntegrityBroken

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

UPCASTERS: dict[tuple[str, int], Upcaster] = {}
"""(topic, v) to the function that turns a state of form `v` into one of form `v + 1`."""

_encoder = msgspec.json.Encoder(order="sorted")
encode_canonical = _encoder.encode
"""Canonical JSON of any record: UTF-8, sorted keys, no white space, no floats in any record of ours."""


def encode(event: Event) -> bytes:
    """Return an event's canonical state: what is stored and never rewritten."""
    return _encoder.encode(event)


@functools.cache
def _decoder(topic: str) -> msgspec.json.Decoder[Event]:
    return msgspec.json.Decoder(EVENTS[topic])


def decode(topic: str, state: bytes) -> Event:
    """Return the typed event of a stored row, upcast to today's form.

    Raises IntegrityBroken (`unreadable-entry`) for a topic or form that this version of the program does not know.
    """
    try:
        return _decoder(topic).decode(state)
    except KeyError:
        raise IntegrityBroken("unreadable-entry", topic=topic, why="unknown-topic") from None
    except msgspec.ValidationError:
        return _decode_older(topic, state)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise IntegrityBroken("unreadable-entry", topic=topic, why=str(error)) from None


HEAVY: dict[str, frozenset[str]] = {
    "FactsReported": frozenset({"facts", "evidence"}),
    "RequirementsJudged": frozenset({"judgements", "evidence"}),
    "AssessmentRecorded": frozenset({"findings", "checks"}),
}
"""The fields that no decision reads from a state, by topic: a brief event goes without them."""


@functools.cache
def _brief_decoder(topic: str) -> msgspec.json.Decoder[Any]:
    fields = [field for field in msgspec.structs.fields(EVENTS[topic]) if field.name not in HEAVY[topic]]
    kept = [
        (field.name, field.type) if field.required else (field.name, field.type, _default(field)) for field in fields
    ]
    tag = EVENTS[topic].__struct_config__.tag
    form = msgspec.defstruct(f"{topic}Brief", kept, kw_only=True, frozen=True, tag_field="v", tag=tag)
    return msgspec.json.Decoder(form)


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default is not msgspec.NODEFAULT:
        return field.default
    return msgspec.field(default_factory=field.default_factory)


def decode_brief(topic: str, state: bytes) -> Any:
    """Return the event of a stored row for folding: a record of its own, without HEAVY fields (hot path of loading).

    Raises IntegrityBroken (`unreadable-entry`) as `decode` does.
    """
    if topic not in HEAVY:
        return decode(topic, state)
    try:
        return _brief_decoder(topic).decode(state)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return decode(topic, state)


def _decode_older(topic: str, state: bytes) -> Event:
    current = EVENTS[topic].__struct_config__.tag
    try:
        values: Any = orjson.loads(state)
        while values["v"] != current:
            values = UPCASTERS[topic, values["v"]](values)
        return msgspec.convert(values, EVENTS[topic])
    except (KeyError, TypeError, ValueError) as error:  # msgspec's and orjson's errors are ValueErrors
        raise IntegrityBroken("unreadable-entry", topic=topic, why=str(error)) from None


def frame(stream: str, version: int, topic: str, state: bytes) -> bytes:
    """Return the unambiguous bytes of an entry: each part after its length (8 bytes, big-endian).

    Hashes and signatures are made over these.
    """
    parts = (stream.encode(), str(version).encode(), topic.encode(), state)
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)
