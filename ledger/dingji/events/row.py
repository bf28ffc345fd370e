"""One entry as the log stores it, and the little that is read of it without the codec, which is heavy to import."""

from __future__ import annotations

import json  # not orjson: a list of levels alone should not pay for loading it
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dingji.moments import is_stored_moment

if TYPE_CHECKING:
    from dingji.faults import IntegrityBroken

MOST_SHOWN: Final = 200
"""Characters of a stored text, or of what a library says of it, that a message shows."""

MOST_RAW: Final = 2000
"""Bytes kept and shown of an unreadable state."""

TOO_LARGE: Final = "entry-bytes"
"""Why a state over the limit is not read."""


class Row(NamedTuple):
    """One entry as it is stored."""

    position: int
    stream: str
    version: int
    topic: str
    state: bytes


class Unreadable(bytes):
    """The state of an entry whose row is not what the log stores.

    As bytes it is empty, so whatever decodes it fails, and says why by way of `unreadable`.
    """

    why: str
    """A key of the short reasons."""
    size: int | None
    """Bytes of the state as it is stored; None where it is no text and no bytes."""
    start: bytes
    """The first of them, or the value as text."""

    @classmethod
    def of(cls, why: str, size: int | None, start: bytes) -> Unreadable:
        """Return a state that nobody reads."""
        made = cls()
        made.why, made.size, made.start = why, size, start
        return made


def unreadable(row: Row, why: str) -> IntegrityBroken:
    """Return the error of an entry that cannot be read, with its name and position; `why` in words or as a key."""
    from dingji.faults import IntegrityBroken, reasons
    from dingji.terms import entry_name
    from dingji.texts import fill

    said: Any = why[:MOST_SHOWN]
    if isinstance(row.state, Unreadable):
        large = row.state.why == TOO_LARGE
        said = fill(reasons()["entry-size"], size=row.state.size) if large else row.state.why
    name, topic = entry_name(row.stream, row.version)[:MOST_SHOWN], row.topic[:MOST_SHOWN]
    return IntegrityBroken("unreadable-entry", entry=name, position=row.position, topic=topic, why=said)


def object_of(row: Row) -> dict[str, Any]:
    """Return the JSON object of an entry's state, of whatever form. Raises IntegrityBroken (`unreadable-entry`)."""
    try:
        state = json.loads(row.state)
    except RecursionError:
        raise unreadable(row, "too-deep") from None
    except ValueError as error:  # of UTF-8 and of a number of too many digits, too
        raise unreadable(row, str(error)) from None
    if not isinstance(state, dict):
        raise unreadable(row, "wrong-type")
    return state


def recorded_at(row: Row) -> str:
    """Return when an entry was recorded: UTC, six decimals, Z. Raises IntegrityBroken (`unreadable-entry`)."""
    return checked_moment(row, object_of(row).get("recorded_at"))


def checked_moment(row: Row, moment: Any) -> str:
    """Return what an entry says of when it was recorded. Raises IntegrityBroken (`unreadable-entry`) for no moment."""
    if not is_stored_moment(moment):
        raise unreadable(row, "bad-moment")
    return str(moment)
