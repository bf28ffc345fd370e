"""Levels on both axes of time: the table of bitemporal spans, and what was held on a date as known at a position."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple, cast

from dingji.events.row import Row
from dingji.state.timeline import FOREVER, LEVEL_TOPICS, RANK_OF_KIND, Entry, Knowledge, Standing, entry_of
from dingji.terms import entry_name, voided_version
from dingji_projections.engine.engine import Views
from dingji_projections.engine.projection import VOIDED, Projection
from dingji_projections.tables.names import NAME_OF_SPAN

# ruff: noqa: S608 (what is put into SQL here are our own words, never values)


class LevelFold:
    """The spans of one station as knowledge grew."""

    __slots__ = ("_brief", "_learnt")

    def __init__(self) -> None:
        # Imported here, for only a fold needs it: msgspec takes a fifth of the time that a cold query may.
        from dingji_projections.engine.briefs import brief

        self._brief = brief
        self._learnt: list[tuple[int, Entry | int]] = []
        """Positions, each with its entry, or the version that a void takes away."""

    def take(self, row: Row) -> None:
        """Take in one entry, or a void: folding station by station later is twice as fast."""
        position, stream, version, topic, state = row
        brief = self._brief(topic, state)
        if topic == VOIDED:
            self._learnt.append((position, voided_version(stream, version, brief.entry)))
        else:
            word = brief.level or brief.to or brief.size or brief.county or ""
            entry = entry_of((brief.on.toordinal(), RANK_OF_KIND[topic], version, word, brief.rank))
            self._learnt.append((position, entry))

    def rows(self, station: str) -> list[tuple[Any, ...]]:
        """Return the station's rows in the order of the table's key."""
        knowledge = Knowledge()
        for position, learnt in self._learnt:
            if isinstance(learnt, int):
                knowledge.forget(position, learnt)
            else:
                knowledge.learn(position, learnt)
        rows = [
            (station, valid_from, known_from, valid_to, known_to, *standing)
            for valid_from, valid_to, known_from, known_to, standing in knowledge.closed + knowledge.open
        ]
        rows.sort()
        return rows

    def line(self, station: str) -> list[tuple[Any, ...]]:
        """Return the entries themselves, each with the positions from which and up to which it counts."""
        voids: dict[int, int] = {}
        entries: list[tuple[int, Entry]] = []
        for position, learnt in self._learnt:
            if isinstance(learnt, int):
                voids.setdefault(learnt, position)
            else:
                entries.append((position, learnt))
        return [
            (station, version, on, kind, position, voids.get(version, FOREVER), word, rank)
            for position, (on, kind, version, word, rank) in entries
        ]

    def weight(self) -> int:
        """Return how many entries are held."""
        return len(self._learnt)


LEVELS = Projection(
    table="spans",
    topics=LEVEL_TOPICS | {VOIDED},
    columns=(
        "station TEXT NOT NULL",
        "valid_from INT NOT NULL",
        "known_from INT NOT NULL",
        "valid_to INT NOT NULL",
        "known_to INT NOT NULL",
        "county TEXT NOT NULL",
        "size TEXT",
        "level TEXT NOT NULL",
        "rank INT NOT NULL",
        "since INT NOT NULL",
        "entry INT NOT NULL",
    ),
    key=("station", "valid_from", "known_from"),
    # Covers the question about all stations; first what is known now, which is what is nearly always asked.
    indexes={"spans_now": "known_to,valid_to,station,valid_from,known_from,county,size,level,since,entry"},
    fold=LevelFold,
)


class LevelRow(NamedTuple):
    """The level of one station on a date as known at a position, as `levels` lists it."""

    station: str
    name: str
    county: str
    size: str | None
    level: str
    since_day: int
    entry_version: int

    @property
    def since(self) -> date:
        """The date of the entry that last changed the level's value."""
        return date.fromordinal(self.since_day)

    @property
    def entry(self) -> str:
        """The name of the entry that last changed the level's value."""
        return f"{self.station}@{self.entry_version}"

    def fields(self) -> dict[str, Any]:
        """Return the row as JSON and CSV show it."""
        return {**dict(zip(self._fields[:5], self, strict=False)), "since": self.since, "entry": self.entry}


# A table of a nation makes tens of thousands: this skips the keywords and the check of their number.
_row = cast("Callable[[tuple[Any, ...]], LevelRow]", partial(tuple.__new__, LevelRow))


class LevelSpan(NamedTuple):
    """What a station was over [start, end), as known at one position; `end` is None for what nothing ends yet."""

    start: date
    end: date | None
    county: str
    size: str | None
    level: str
    since: date
    entry: str


_HELD = (
    "SELECT county,size,level,rank,since,entry FROM spans"
    " WHERE station=? AND valid_from<=? AND known_from<=? AND valid_to>? AND known_to>?"
)


def level_at(views: Views, station: str, on: date, known: int) -> Standing | None:
    """Return what a station was on a date as known at a position; None before registration and after closing."""
    day = on.toordinal()
    rows = views.query(_HELD, (station, day, known, day, known), known, station)
    return Standing(*rows[0]) if rows else None


def spans(views: Views, station: str, known: int) -> list[LevelSpan]:
    """Return a station's spans in date order as known at a position."""
    rows = views.query(
        "SELECT valid_from,valid_to,county,size,level,since,entry FROM spans"
        " WHERE station=? AND known_from<=? AND known_to>? ORDER BY valid_from",
        (station, known, known),
        known,
        station,
    )
    name = f"station:{station}"
    return [
        LevelSpan(_day(start), _end(end), county, size, level, _day(since), entry_name(name, entry))
        for start, end, county, size, level, since, entry in rows
    ]


def levels(views: Views, on: date, known: int, county: str | None = None, level: str | None = None) -> list[LevelRow]:
    """Return every station that exists on a date as known at a position, by code."""
    test = (" AND county=:county" if county is not None else "") + (" AND level=:level" if level is not None else "")
    there = everywhere("station,county,size,level,since,entry", test)
    sql = f"SELECT station,{NAME_OF_SPAN},county,size,level,since,entry FROM ({there}) AS s"
    values = {"known": known, "day": on.toordinal(), "county": county, "level": level}
    # Sorted here: what is asked most, the latest date, comes sorted already, which Python notices and SQLite does not.
    return list(map(_row, sorted(views.query(sql, values, known), key=itemgetter(0))))


def held(views: Views, on: date, known: int) -> dict[str, str]:
    """Return the level of every station that exists on a date as known at a position: `levels` in brief."""
    return dict(views.query(everywhere("station,level"), {"known": known, "day": on.toordinal()}, known))


def everywhere(columns: str, test: str = "") -> str:
    """Return the query for what all stations are on :day as known at :known, one row each."""
    # What is known now is found by one seek in the index, and what was, but is no more, by another.
    at = f"known_from<=:known AND valid_to>:day AND valid_from<=:day{test}"
    return (
        f"SELECT {columns} FROM spans WHERE known_to={FOREVER} AND {at} UNION ALL "
        f"SELECT {columns} FROM spans WHERE known_to>:known AND known_to<{FOREVER} AND {at}"
    )


_day: Callable[[int], date] = date.fromordinal


def _end(ordinal: int) -> date | None:
    return None if ordinal == FOREVER else date.fromordinal(ordinal)


LINE = Projection(
    table="line",
    topics=LEVELS.topics,
    columns=(
        "station TEXT NOT NULL",
        "version INT NOT NULL",
        "day INT NOT NULL",
        "kind INT NOT NULL",  # as `timeline` ranks them
        "known_from INT NOT NULL",
        "known_to INT NOT NULL",
        "word TEXT NOT NULL",  # the county, size or level
        "rank INT NOT NULL",
    ),
    key=("station", "version"),
    indexes={},  # asked about stations that are known to differ
    fold=LevelFold,
    rows=LevelFold.line,
)
