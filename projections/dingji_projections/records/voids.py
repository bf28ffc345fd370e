"""What a void takes away: one earlier entry of its own stream, for good. Every fold of voids reads them by this."""

from __future__ import annotations

from dingji.events.row import Row
from dingji.store.log import Log
from dingji.terms import entry_name, entry_place


def voided_version(stream: str, version: int, named: str | None) -> int:
    """Return the version that a void takes away, itself of a `version`; 0 where it names no earlier entry."""
    place = entry_place(named or "")
    return place[1] if place is not None and place[0] == stream and place[1] < version else 0


def voided_entry(void: Row, named: str | None) -> str | None:
    """Return the name of the entry that a void takes away, None where it takes nothing away."""
    version = voided_version(void.stream, void.version, named)
    return entry_name(void.stream, version) if version else None


def void_at(log: Log, position: int, known: int) -> str | None:
    """Return the name of the void at the position up to which an entry counts, None where it counts still."""
    row = log.row(position) if position <= known else None
    return entry_name(row.stream, row.version) if row is not None else None
