"""Reading stored states fast: only the few keys that folds ask for, older forms upcast first."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import date
from typing import TypeVar

import msgspec

from dingji.events import codec
from dingji.events.events import EVENTS, Event
from dingji.faults import IntegrityBroken


class Stored(msgspec.Struct, frozen=True, gc=False):
    """What is read of every state; who wants more of its keys adds them, None or 0 where an event has no such."""

    v: int | str
    on: date


class Brief(Stored, frozen=True, gc=False):
    """The keys of a state that some fold asks for."""

    county: str | None = None
    size: str | None = None
    level: str | None = None
    to: str | None = None
    rank: int = 0
    name: str | None = None
    serves: str | None = None
    entry: str | None = None


class FaultCode(msgspec.Struct, frozen=True, gc=False):
    """An irregularity by its code alone."""

    code: str


class Submitter(msgspec.Struct, frozen=True, gc=False):
    """Who submitted an entry."""

    office: str


class ActBrief(Stored, frozen=True, gc=False, kw_only=True):
    """The keys of a state that the fold of the acts asks for, and those that say what an entry rests on."""

    by: Submitter
    level: str | None = None
    to: str | None = None
    held: str | None = None
    standard: str | None = None
    size: str | None = None
    rank: int = 0
    round: str | None = None
    certification: str | None = None
    entry: str | None = None
    rests_on: tuple[str, ...] = ()
    irregularities: tuple[FaultCode, ...] = ()


class AssessmentBrief(Stored, frozen=True, gc=False, kw_only=True):
    """The keys of an assessment that say which readings it used."""

    notice: str
    readings: dict[str, str] = {}


AnyBrief = TypeVar("AnyBrief", bound=Stored)

_FORMS = {topic: event.__struct_config__.tag for topic, event in EVENTS.items()}


class Unread(Exception):
    """A stored state that cannot be read, and why."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@functools.cache
def _whole_decoder(event: type[Event]) -> Callable[[bytes], Event]:
    return msgspec.json.Decoder(event).decode


def recorded_at_of(topic: str, state: bytes) -> str:
    """Return when an entry was recorded (hot path of the first reading).

    The whole state is read, not what the tables take of it alone: else a question would answer from an entry that
    another cannot read. Raises Unread for a state that nobody can read.
    """
    if type(state) is not bytes:
        raise Unread(getattr(state, "why", "wrong-type"))
    try:
        return _whole_decoder(EVENTS[topic])(state).recorded_at
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return _recorded_at_of_another_form(topic, state, error)


def _recorded_at_of_another_form(topic: str, state: bytes, error: Exception) -> str:
    known = EVENTS[topic].__struct_config__.tag
    try:
        form = msgspec.json.decode(state, type=AnyForm).v
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Unread(str(error)) from None
    if isinstance(form, int) and isinstance(known, int) and form > known:
        raise Unread("newer-form")
    if form == known:
        raise Unread(str(error))
    try:
        return codec.decode(topic, state).recorded_at
    except IntegrityBroken as older:
        raise Unread(older.fault.args["why"]) from None


class AnyForm(msgspec.Struct, frozen=True, gc=False):
    """Which form of its topic a state has."""

    v: int | str


def reader(form: type[AnyBrief]) -> Callable[[str, bytes], AnyBrief]:
    """Return what reads the keys of a form from a topic's stored state.

    It raises IntegrityBroken for a state that nobody can read.
    """
    decode = msgspec.json.Decoder(form).decode

    def read(topic: str, state: bytes) -> AnyBrief:
        try:
            found = decode(state)
            if found.v == _FORMS.get(topic):
                return found
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, TypeError):
            pass  # perhaps an older form; codec says so otherwise
        return decode(codec.encode(codec.decode(topic, state)))

    return read


brief = reader(Brief)
act_brief = reader(ActBrief)
assessment_brief = reader(AssessmentBrief)
