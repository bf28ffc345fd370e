"""The log played forward: each entry with what it changed of levels, and how many stations hold each level then."""

# ruff: noqa: S608 (what is put into SQL here are our own words, never values)

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec

from dingji.events import codec
from dingji.events.events import Event
from dingji.events.row import Row
from dingji.events.submissions import By
from dingji.state.timeline import FOREVER
from dingji.terms import entry_name
from dingji_projections.engine.engine import Views
from dingji_projections.engine.projection import STREAMS
from dingji_projections.levels.changes import (
    NO_DELTA,
    HeldLevel,
    HeldSpan,
    LevelChange,
    SpanDelta,
    level_changes,
    span_deltas,
)
from dingji_projections.levels.history import details
from dingji_projections.tables.levels import everywhere

LAST_DAY: Final = FOREVER - 1
"""The day for which a count is made: nothing can be dated in the future, so it is that of any later day too."""

STRETCH: Final = 100_000
"""Positions whose changes are held at once when the whole log is played."""

Counts = dict[str, dict[str, int]]
"""County to level to the number of stations."""


class Played(msgspec.Struct, frozen=True):
    """One entry; `counts` are those of the counties where it changed them, after it."""

    position: int
    entry: str
    topic: str
    on: date
    recorded_at: str
    by: By
    station: str | None
    details: dict[str, Any]
    changes: tuple[LevelChange, ...]
    counts: Counts


class ReplayScope(NamedTuple):
    """What is played: the positions behind `after` up to `until`; all of it, one station, or what is of one county."""

    after: int
    until: int
    station: str | None = None
    county: str | None = None


class Tally:
    """How many stations of a scope hold each level, of each county, as the log is played."""

    def __init__(self, views: Views, scope: ReplayScope) -> None:
        """Count those before the first entry."""
        test = (" AND station=:station" if scope.station else "") + (" AND county=:county" if scope.county else "")
        there = everywhere("county,level,rank", test)
        sql = f"SELECT county,level,rank,count(*) FROM ({there}) GROUP BY county,level,rank"
        values = {"day": LAST_DAY, "known": scope.after, "station": scope.station, "county": scope.county}
        self.counts: Counts = {}
        self.ranks: dict[str, int] = {}
        """The rank of every level that was met."""
        self._only = scope.county
        for county, level, rank, number in views.query(sql, values, scope.after):
            self._add(HeldLevel(county, None, level, rank), number)

    def take(self, changes: tuple[LevelChange, ...]) -> Counts:
        """Count what changed up to the last day; return the counts of the counties where that makes a difference."""
        touched: dict[str, None] = {}
        for change in changes:
            was, now = change.before, change.after
            if change.end is not None or (was and now and (was.county, was.level) == (now.county, now.level)):
                continue
            for held, step in ((was, -1), (now, 1)):
                if held is not None and self._only in {None, held.county}:
                    self._add(held, step)
                    touched[held.county] = None
        return {
            county: {level: number for level, number in self.counts[county].items() if number} for county in touched
        }

    def _add(self, held: HeldLevel, number: int) -> None:
        levels = self.counts.setdefault(held.county, {})
        levels[held.level] = levels.get(held.level, 0) + number
        self.ranks[held.level] = held.rank


def replay(views: Views, scope: ReplayScope, tally: Tally) -> Iterator[Played]:
    """Yield the entries of a scope in the order of recording, each taken into the tally."""
    if scope.station is not None:
        found = _by_streams(views, scope, [scope.station])
    elif scope.county is not None:
        found = _by_streams(views, scope, _stations_of(views, scope))
    else:
        found = _through(views, scope)
    for row, delta in found:
        changes = level_changes(delta)
        yield _played(row, codec.decode_row(row), changes, tally.take(changes))


def _played(row: Row, event: Event, changes: tuple[LevelChange, ...], counts: Counts) -> Played:
    return Played(
        position=row.position,
        entry=entry_name(row.stream, row.version),
        topic=row.topic,
        on=event.on,
        recorded_at=event.recorded_at,
        by=event.by,
        station=row.stream.removeprefix(STREAMS) if row.stream.startswith(STREAMS) else None,
        details=details(event),
        changes=changes,
        counts=counts,
    )


def _through(views: Views, scope: ReplayScope) -> Iterator[tuple[Row, SpanDelta]]:
    """Play the whole log, its changes read a stretch at a time."""
    for after in range(scope.after, scope.until, STRETCH):
        upto = min(after + STRETCH, scope.until)
        deltas = span_deltas(views, after, upto)
        for row in views.log.scan(after, upto=upto):
            yield row, deltas.get(row.position, NO_DELTA)


def _stations_of(views: Views, scope: ReplayScope) -> list[str]:
    """Return the stations that were of the county on any date, as the ledger knew it at any time."""
    sql = "SELECT DISTINCT station FROM spans WHERE county=? AND known_from<=?"
    return [code for (code,) in views.query(sql, (scope.county, scope.until), scope.until)]


def _by_streams(views: Views, scope: ReplayScope, stations: list[str]) -> Iterator[tuple[Row, SpanDelta]]:
    """Play the entries of some stations, and of their county's own office: the log is not read through for them."""
    found: list[tuple[Row, SpanDelta]] = []
    if scope.county is not None:
        rows = views.log.stream(f"office:{scope.county}", upto=scope.until)
        found += [(row, NO_DELTA) for row in rows if row.position > scope.after]
    for station in stations:
        deltas = span_deltas(views, 0, scope.until, station)
        rows = views.log.stream(f"{STREAMS}{station}", upto=scope.until)
        entries = ((row, deltas.get(row.position, NO_DELTA)) for row in rows)
        kept = entries if scope.county is None else _while_of(scope.county, entries)
        found += [(row, delta) for row, delta in kept if row.position > scope.after]
    found.sort(key=_position)
    return iter(found)


def _position(played: tuple[Row, SpanDelta]) -> int:
    row, _ = played
    return row.position


def _while_of(county: str, entries: Iterator[tuple[Row, SpanDelta]]) -> Iterator[tuple[Row, SpanDelta]]:
    """Yield a station's entries for as long as it is of the county on their date, as known before or after them."""
    spans: list[HeldSpan] = []
    for row, delta in entries:
        on = codec.read_row(row, codec.decode_brief).on.toordinal()
        before = _county(spans, on)
        spans = [span for span in spans if span not in delta.ended] + delta.begun
        touched = {span.held.county for span in (*delta.ended, *delta.begun)}
        if county in touched | {before, _county(spans, on)}:
            yield row, delta


def _county(spans: list[HeldSpan], on: int) -> str | None:
    """Return the county on a date; after a station's closing the one that it had last."""
    begun = [span for span in spans if span.start <= on]
    return max(begun, key=lambda span: span.start).held.county if begun else None
