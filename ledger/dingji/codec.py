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

    Raises IntegrityBroken (`internal`) for a topic or form that this version of the program does not know.
    """
    try:
        return _decoder(topic).decode(state)
    except KeyError:
        raise IntegrityBroken("unreadable-entry", topic=topic, why="unknown-topic") from None
    except msgspec.ValidationError:
        return _decode_older(topic, state)
    except msgspec.DecodeError as error:
        raise IntegrityBroken("unreadable-entry", topic=topic, why=str(error)) from None


HEAVY: dict[str, dict[str, Any]] = {
    "FactsReported": {"facts": {}, "evidence": ()},
    "RequirementsJudged": {"judgements": {}, "evidence": ()},
    "AssessmentRecorded": {"findings": (), "checks": {}},
}
"""The fields that no decision reads from a state, by topic, and what stands in their place in a brief event."""


@functools.cache
def _brief_decoder(topic: str) -> tuple[msgspec.json.Decoder[Any], tuple[str, ...]]:
    fields = [field for field in msgspec.structs.fields(EVENTS[topic]) if field.name not in HEAVY[topic]]
    kept = [(field.name, field.type) if field.required else (field.name, field.type, field.default) for field in fields]
    form = msgspec.defstruct(f"{topic}Brief", kept, kw_only=True, frozen=True, tag_field="v", tag=1)
    return msgspec.json.Decoder(form), tuple(field.name for field in fields)


def decode_brief(topic: str, state: bytes) -> Event:
    """Return the typed event of a stored row for folding, its HEAVY fields passed over (hot path of loading a state)."""
    if topic not in HEAVY:
        return decode(topic, state)
    decoder, names = _brief_decoder(topic)
    try:
        brief = decoder.decode(state)
    except msgspec.DecodeError:
        return decode(topic, state)
    return EVENTS[topic](**{name: getattr(brief, name) for name in names}, **HEAVY[topic])


def _decode_older(topic: str, state: bytes) -> Event:
    values: dict[str, Any] = orjson.loads(state)
    current = EVENTS[topic].__struct_config__.tag
    try:
        while values["v"] != current:
            values = UPCASTERS[topic, values["v"]](values)
        return msgspec.convert(values, EVENTS[topic])
    except (KeyError, msgspec.ValidationError) as error:
        raise IntegrityBroken("unreadable-entry", topic=topic, why=str(error)) from None


def frame(stream: str, version: int, topic: str, state: bytes) -> bytes:
    """Return the unambiguous bytes of an entry: each part after its length (8 bytes, big-endian).

    Hashes and signatures are made over these.
    """
    parts = (stream.encode(), str(version).encode(), topic.encode(), state)
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)
