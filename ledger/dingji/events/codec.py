"""Canonical bytes of an event and the framing of an entry, and back: older forms are upcast when read."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec
import orjson

from dingji.events.events import EVENTS, Event
from dingji.events.row import Row, checked_moment, unreadable
from dingji.faults import IntegrityBroken

Decoded = TypeVar("Decoded")
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
    """Return the typed event of a stored state, upcast to today's form.

    Raises IntegrityBroken (`unreadable-entry`) for what this version of the program cannot read; `decode_row` says
    which entry it is.
    """
    try:
        return _decoder(topic).decode(state)
    except KeyError:
        raise _unreadable(topic, "unknown-topic") from None
    except msgspec.ValidationError:
        return _decode_older(topic, state)
    except RecursionError:
        raise _unreadable(topic, "too-deep") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unreadable(topic, str(error)) from None


def decode_row(row: Row) -> Event:
    """Return the typed event of an entry, upcast to today's form.

    Raises IntegrityBroken (`unreadable-entry`) with its name and position.
    """
    event = read_row(row, decode)
    checked_moment(row, event.recorded_at)
    return event


def read_row(row: Row, decoder: Callable[[str, bytes], Decoded]) -> Decoded:
    """Return what `decoder` makes of an entry's topic and state; what it cannot read is named as by `decode_row`."""
    try:
        return decoder(row.topic, row.state)
    except IntegrityBroken as error:
        raise unreadable(row, error.fault.args["why"]) from None


FOLDED: Final = frozenset(
    {
        *("on", "by", "id", "content", "level", "to", "rank", "round", "tier", "standard", "verdict", "short"),
        *("rests_on", "certification", "county", "size", "name", "serves", "entry"),
    }
)
"""The fields of which a station's state is made: a brief event has these alone."""


class Who(msgspec.Struct, frozen=True, gc=False):
    """Who submitted, in a brief event: what was judged when it was recorded is not judged again."""

    office: str
    person: str | None = None


@functools.cache
def _brief_decoder(topic: str) -> Callable[[bytes], Any]:
    event = EVENTS[topic]
    kept = [_brief_field(field) for field in msgspec.structs.fields(event) if field.name in FOLDED]
    tag = event.__struct_config__.tag
    form = msgspec.defstruct(f"{topic}Brief", kept, kw_only=True, frozen=True, gc=False, tag_field="v", tag=tag)
    return msgspec.json.Decoder(form).decode


def _brief_field(field: msgspec.structs.FieldInfo) -> tuple[str, Any] | tuple[str, Any, Any]:
    form = Who if field.name == "by" else field.type
    return (field.name, form) if field.required else (field.name, form, _default(field))


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default is not msgspec.NODEFAULT:
        return field.default
    return msgspec.field(default_factory=field.default_factory)


def decode_brief(topic: str, state: bytes) -> Any:
    """Return what a station's state takes of a stored row: a record of the FOLDED fields (hot path of loading).

    Raises IntegrityBroken (`unreadable-entry`) as `decode` does.
    """
    try:
        return _brief_decoder(topic)(state)
    except (KeyError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return decode(topic, state)


def _decode_older(topic: str, state: bytes) -> Event:
    current = EVENTS[topic].__struct_config__.tag
    try:
        values: Any = orjson.loads(state)
        while (form := values["v"]) != current:
            if (topic, form) not in UPCASTERS:
                raise _unreadable(topic, "newer-form")
            values = UPCASTERS[topic, form](values)
        return msgspec.convert(values, EVENTS[topic])
    except (KeyError, TypeError, ValueError) as error:  # msgspec's and orjson's errors are ValueErrors
        raise _unreadable(topic, str(error)) from None


def _unreadable(topic: str, why: str) -> IntegrityBroken:
    return unreadable(Row(0, "?", 0, topic, b""), why)


def frame(stream: str, version: int, topic: str, state: bytes) -> bytes:
    """Return the unambiguous bytes of an entry: each part after its length (8 bytes, big-endian).

    Hashes and signatures are made over these.
    """
    parts = (stream.encode(), str(version).encode(), topic.encode(), state)
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)
