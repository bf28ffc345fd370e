"""What each entry changed of a station's levels: the spans that it ended and began, and where these differ."""

# ruff: noqa: S608 (what is put into SQL here are our own words, never values)

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Final, NamedTuple

import msgspec

from dingji.state.timeline import FOREVER
from dingji_projections.engine.engine import Views


class HeldLevel(msgspec.Struct, frozen=True):
    """What a station is; `rank` is that of its level."""

    county: str
    size: str | None
    level: str
    rank: int


class LevelChange(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to", "before": "was", "after": "is"}):
    """A stretch of dates, [start, end), for which an entry changed what the ledger knows of a station.

    `end` is None where nothing ends it; `before` and `after` are None where the station does not exist.
    """

    start: date
    end: date | None
    before: HeldLevel | None
    after: HeldLevel | None


class HeldSpan(NamedTuple):
    """A span of the table of levels."""

    start: int
    end: int
    held: HeldLevel


class SpanDelta(NamedTuple):
    """The spans that an entry ended, and those that it began."""

    ended: list[HeldSpan]
    begun: list[HeldSpan]


NO_DELTA: Final = SpanDelta([], [])
"""What most entries change."""


def level_changes(delta: SpanDelta) -> tuple[LevelChange, ...]:
    """Return the stretches of dates for which the spans begun differ from those ended."""
    found: list[LevelChange] = []
    days = sorted({day for spans in delta for span in spans for day in (span.start, span.end)})
    for start, end in pairwise(days):
        before, after = _at(delta.ended, start), _at(delta.begun, start)
        if before == after:
            continue
        last = found[-1] if found else None
        if last is not None and (last.end, last.before, last.after) == (date.fromordinal(start), before, after):
            found[-1] = msgspec.structs.replace(last, end=_end(end))
        else:
            found.append(LevelChange(date.fromordinal(start), _end(end), before, after))
    return tuple(found)


def _at(spans: list[HeldSpan], day: int) -> HeldLevel | None:
    return next((span.held for span in spans if span.start <= day < span.end), None)


def _end(day: int) -> date | None:
    return None if day == FOREVER else date.fromordinal(day)


_COLUMNS: Final = "valid_from,valid_to,county,size,level,rank"


def span_deltas(views: Views, after: int, upto: int, station: str | None = None) -> dict[int, SpanDelta]:
    """Return by position the spans that each entry of a stretch of the log ended and began."""
    test = " AND station=:station" if station is not None else ""
    sql = " UNION ALL ".join(
        f"SELECT {known},{begun},{_COLUMNS} FROM spans WHERE {known}>:after AND {known}<=:upto{test}"
        for known, begun in (("known_to", 0), ("known_from", 1))
    )
    deltas: dict[int, SpanDelta] = {}
    for position, begun, start, end, *held in views.query(
        sql, {"after": after, "upto": upto, "station": station}, upto
    ):
        delta = deltas.get(position)
        if delta is None:
            delta = deltas[position] = SpanDelta([], [])
        delta[begun].append(HeldSpan(start, end, HeldLevel(*held)))
    return deltas
