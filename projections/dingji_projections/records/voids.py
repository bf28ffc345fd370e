"""The entry that a void takes away, and the void that took an entry away, by name."""

from __future__ import annotations

from dingji.events.row import Row
from dingji.store.log import Log
from dingji.terms import entry_name, voided_version


def voided_entry(void: Row, named: str | None) -> str | None:
    """Return the name of the entry that a void takes away, None where it takes nothing away."""
    version = voided_version(void.stream, void.version, named)
    return entry_name(void.stream, version) if version else None


def void_at(log: Log, position: int, known: int) -> str | None:
    """Return the name of the void at the position up to which an entry counts, None where it counts still."""
    row = log.row(position) if position <= known else None
    return entry_name(row.stream, row.version) if row is not None else None
