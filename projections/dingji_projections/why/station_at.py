"""The fold of one station's levels on a date: what is held, what set it, and what every entry did or would do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from dingji.events.events import EntryVoided, Event, LevelUpheld, StationRegistered, StationRenamed
from dingji.events.vocabulary import VERB_OF_TOPIC
from dingji.faults import LedgerError
from dingji.state.station import line_entry
from dingji.state.timeline import CLOSED, RANK_OF_KIND, REGISTERED, LevelLine, Standing
from dingji_projections.records.record import Kept, Record
from dingji_projections.why.derivation import Bearing, Effect, Placed, Voided

LEVELS: Final = frozenset({"StationRegistered", "LevelRecognised", "LevelCertified", "LevelUpheld", "LevelDowngraded"})
"""The entries that bear on the level."""


class StationAt:
    """One station's record on a date, with the fold of its levels."""

    def __init__(self, record: Record, on: date) -> None:
        """Fold what counts. Raises LedgerError (`unknown-station`, `not-registered`, `station-closed`)."""
        self.record, self.on = record, on
        self.code = record.stream.partition(":")[2]
        self.counting = record.counting(on)
        entries = (line_entry(kept.version, kept.topic, kept.event) for kept in self.counting)
        self.line = LevelLine.of(entry for entry in entries if entry is not None)
        held = self.line.at(on.toordinal())
        if held is None:
            raise self._absent()
        self.held: Standing = held
        self.setter = self._kept(held.entry)

    def _absent(self) -> LedgerError:
        """Return why nothing is held: the station is not registered yet, or closed."""
        registered = [kept for kept in self.record.counting() if isinstance(kept.event, StationRegistered)]
        if not registered:
            return LedgerError("unknown-station", field="station", station=self.code, nearest="")
        words = {"on": str(self.on), "station": self.code}
        if registered[0].event.on > self.on:
            return LedgerError("not-registered", field="on", **words, registered=str(registered[0].event.on))
        closed = next(entry.on for entry in self.line.entries if entry.kind == CLOSED)
        return LedgerError("station-closed", field="on", **words, closed=str(date.fromordinal(closed)))

    def _kept(self, version: int) -> Kept:
        return next(kept for kept in self.record.entries if kept.version == version)

    def name(self) -> str:
        """Return the station's name on the date."""
        names = [kept.event for kept in self.counting if isinstance(kept.event, StationRegistered | StationRenamed)]
        return names[-1].name if names else ""

    def placed(self, *kinds: type[Event], value: str | None) -> Placed:
        """Return a value of the standing with the entry that it comes from: the last of some kinds."""
        found = [kept.entry for kept in self.counting if isinstance(kept.event, kinds)]
        return Placed(value, found[-1] if found else None)

    def upholding(self) -> list[Kept]:
        """Return the reviews that left the level as it was since it was set."""
        after = order(self.setter)
        return [kept for kept in self.counting if isinstance(kept.event, LevelUpheld) and order(kept) > after]

    def instead(self) -> str | None:
        """Return the level that would be held without the entry that set it; None where nothing would be."""
        without = self.line.remove(self.held.entry).at(self.on.toordinal())
        return without.level if without else None

    def bearing(self) -> Iterator[Bearing]:
        """Yield the entries that bear on the level, in the order of counting."""
        day, held = self.on.toordinal(), self.held
        after = {entry.version: standing for entry, standing in zip(*self.line, strict=True)}
        before: Standing | None = None
        for kept in sorted((one for one in self.counting if one.topic in LEVELS), key=order):
            standing = after.get(kept.version, before)
            effect: Effect = "superseded" if standing and standing.entry == kept.version else "without_effect"
            if kept.version == held.entry:
                effect = "sets"
            elif isinstance(kept.event, LevelUpheld):
                effect = "upholds" if order(kept) > order(self.setter) else "superseded"
            elif _value(self.line.remove(kept.version).at(day)) != _value(held):
                effect = "needed"
            level = standing.level if standing else ""
            yield Bearing(kept.entry, kept.event.on, VERB_OF_TOPIC[kept.topic], kept.event.by.office, level, effect)
            before = standing

    def voided(self) -> Iterator[Voided]:
        """Yield the entries dated by the date that a void took away, with the level that they would lead to."""
        for kept in self.record.entries:
            if kept.voided_by is not None and kept.event.on <= self.on:
                yield voided(self.record, kept, self._level_with(kept))

    def _level_with(self, kept: Kept) -> str | None:
        entry = line_entry(kept.version, kept.topic, kept.event)
        if entry is None or entry.kind == REGISTERED:
            return None
        would = self.line.insert(entry).at(self.on.toordinal())
        return would.level if would is not None and would.level != self.held.level else None


def order(kept: Kept) -> tuple[int, int, int]:
    """Return the place of an entry in the order of counting."""
    return kept.event.on.toordinal(), RANK_OF_KIND.get(kept.topic, 0), kept.version


def _value(standing: Standing | None) -> tuple[Any, ...] | None:
    """Return what a station's level is: the level, since when, by which entry."""
    return (standing.level, standing.since, standing.entry) if standing else None


def voided(record: Record, kept: Kept, level: str | None = None) -> Voided:
    """Return a voided entry with what its void says of it."""
    void = record.void_of(kept)
    event = void.event if void is not None and isinstance(void.event, EntryVoided) else None
    return Voided(
        entry=kept.entry,
        verb=VERB_OF_TOPIC[kept.topic],
        on=kept.event.on,
        office=kept.event.by.office,
        void=kept.voided_by or "",
        cause=event.cause if event else None,
        reason=event.reason if event else None,
        level=level,
    )
