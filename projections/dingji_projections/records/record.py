"""The record of one stream as known at a position: every entry, what it rests on, and which a void took away."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple, Self

from dingji.events import codec
from dingji.events.events import EntryVoided, Event
from dingji.events.row import Row
from dingji.store.log import Log
from dingji.terms import entry_name, voided_version


class Kept(NamedTuple):
    """One entry; `voided_by` names the void that took it away, None while it counts."""

    entry: str
    version: int
    position: int
    topic: str
    event: Event
    voided_by: str | None = None


class Record(NamedTuple):
    """The entries of one stream; an entry stands at its version less one."""

    stream: str
    entries: tuple[Kept, ...] = ()

    @classmethod
    def of(cls, stream: str, rows: Iterable[Row]) -> Self:
        """Return the record that a stream's rows give. Raises IntegrityBroken for a row that nobody can read."""
        read = [(row, codec.decode_row(row)) for row in rows]
        voids: dict[int, str] = {}
        for row, event in read:
            if isinstance(event, EntryVoided) and (gone := voided_version(stream, row.version, event.entry)):
                voids.setdefault(gone, entry_name(stream, row.version))
        kept = []
        for row, event in read:
            name = entry_name(stream, row.version)
            kept.append(Kept(name, row.version, row.position, row.topic, event, voids.get(row.version)))
        return cls(stream, tuple(kept))

    def counting(self, on: date | None = None) -> list[Kept]:
        """Return the entries that count, by date and version; those dated later than `on` left out."""
        found = [kept for kept in self.entries if kept.voided_by is None and (on is None or kept.event.on <= on)]
        return sorted(found, key=lambda kept: (kept.event.on, kept.version))

    def named(self, entry: str) -> Kept | None:
        """Return the entry of that name, voided or not."""
        return next((kept for kept in self.entries if kept.entry == entry), None)

    def void_of(self, kept: Kept) -> Kept | None:
        """Return the void that took an entry away, None while it counts."""
        return self.named(kept.voided_by) if kept.voided_by is not None else None


def rests_on(event: Any) -> tuple[str, ...]:
    """Return the entries of its own station that an entry, whole or in brief, stands on as it was recorded."""
    certification: str | None = getattr(event, "certification", None)
    if certification is not None:
        return (certification,)
    named: tuple[str, ...] = getattr(event, "rests_on", ())
    return named


def record(log: Log, stream: str, known: int) -> Record:
    """Return the record of a stream as known at a position; empty where it has no entries."""
    return Record.of(stream, log.stream(stream, upto=known))
