"""Reading stored states fast: only the few keys that folds ask for, older forms upcast first."""

from __future__ import annotations

from datetime import date

import msgspec

from dingji import codec
from dingji.events import EVENTS
from dingji.terms import entry_place


class Brief(msgspec.Struct, frozen=True, gc=False):
    """The keys of a state that some fold asks for; what an event does not have is None or 0."""

    v: int | str
    on: date
    county: str | None = None
    size: str | None = None
    level: str | None = None
    to: str | None = None
    rank: int = 0
    name: str | None = None
    serves: str | None = None
    round: str | None = None
    certification: str | None = None
    entry: str | None = None


_decode = msgspec.json.Decoder(Brief).decode
_FORMS = {topic: event.__struct_config__.tag for topic, event in EVENTS.items()}


def brief(topic: str, state: bytes) -> Brief:
    """Return the brief of a stored state. Raises IntegrityBroken for one that nobody can read."""
    try:
        found = _decode(state)
        if found.v == _FORMS[topic]:
            return found
    except msgspec.MsgspecError:
        pass  # perhaps an older form; codec says so otherwise
    return _decode(codec.encode(codec.decode(topic, state)))


def version_named(entry: str | None) -> int:
    """Return the version that an entry's name gives, 0 where it is not a name."""
    place = entry_place(entry or "")
    return place[1] if place else 0
