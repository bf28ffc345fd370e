"""Names of stations and the kinds of place they serve: one row per registration and renaming, on both axes of time."""

# ruff: noqa: S608 (what is put into SQL here are our own words, never values)

from __future__ import annotations

import json
from datetime import date
from typing import Any, Final, NamedTuple

from dingji.events.row import Row
from dingji.state.timeline import FOREVER, RANK_OF_KIND
from dingji.terms import voided_version
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.engine.projection import VOIDED, Projection
from dingji_projections.tables.counting import counting


class NameFold:
    """The names of one station, each with the position from which it is known and the one of its void."""

    __slots__ = ("_brief", "_entries", "_voids")

    def __init__(self) -> None:
        from dingji_projections.engine.briefs import brief  # late, as in `levels`

        self._brief = brief
        self._entries: list[tuple[int, int, int, int, str | None, str | None]] = []
        """Day, kind, version, position, name and kind of place, in the order of recording."""
        self._voids: dict[int, int] = {}

    def take(self, row: Row) -> None:
        """Take in one entry."""
        brief = self._brief(row.topic, row.state)
        if row.topic == VOIDED:
            self._voids.setdefault(voided_version(row.stream, row.version, brief.entry), row.position)
        else:
            kind = RANK_OF_KIND[row.topic]
            entry = (brief.on.toordinal(), kind, row.version, row.position, brief.name, brief.serves)
            self._entries.append(entry)

    def weight(self) -> int:
        """Return how many entries are held."""
        return len(self._entries)

    def rows(self, station: str) -> list[tuple[Any, ...]]:
        """Return the station's rows in the order of the table's key."""
        voids = self._voids
        return [
            (station, day, kind, version, position, voids.get(version, FOREVER), name, serves)
            for day, kind, version, position, name, serves in sorted(self._entries)
        ]


NAMES = Projection(
    table="names",
    topics=frozenset({"StationRegistered", "StationRenamed", VOIDED}),
    columns=(
        "station TEXT NOT NULL",
        "day INT NOT NULL",
        "kind INT NOT NULL",
        "version INT NOT NULL",
        "known_from INT NOT NULL",
        "known_to INT NOT NULL",
        "name TEXT NOT NULL",
        "serves TEXT",
    ),
    key=("station", "day", "kind", "version"),
    indexes={},
    fold=NameFold,
)

_COUNTING = f"FROM names AS n WHERE {counting('n')}"
_LATEST = "ORDER BY n.day DESC, n.kind DESC, n.version DESC LIMIT 1"

NAME_OF_SPAN: Final = f"(SELECT n.name {_COUNTING} AND n.station=s.station {_LATEST})"
"""The name on :day as known at :known, as a column of a query about stations `s`."""

PLACE_OF_SPAN: Final = f"(SELECT n.serves {_COUNTING} AND n.station=s.station AND n.serves NOT NULL {_LATEST})"
"""The kind of place served, as `NAME_OF_SPAN`."""


class StationName(NamedTuple):
    """What a station is called from a date on, and the kind of place it serves where the entry gives one."""

    on: date
    name: str
    serves: str | None


def names(views: Views, station: str, known: int) -> list[StationName]:
    """Return a station's names in date order as known at a position."""
    rows = views.query(
        "SELECT day,name,serves FROM names WHERE station=? AND known_from<=? AND known_to>? ORDER BY day,kind,version",
        (station, known, known),
        known,
        station,
    )
    return [StationName(date.fromordinal(day), name, serves) for day, name, serves in rows]


def names_of(views: Views, at: Basis, stations: list[str]) -> dict[str, str]:
    """Return the name of each of many stations as `name_at` does."""
    sql = f"SELECT s.station,{NAME_OF_SPAN} FROM (SELECT value AS station FROM json_each(:stations)) AS s"
    values = {"stations": json.dumps(stations), "day": at.on.toordinal(), "known": at.known}
    return dict(views.query(sql, values, at.known))


def name_at(views: Views, station: str, on: date, known: int) -> str | None:
    """Return the name of a station on a date as known at a position; None before its registration."""
    sql = f"SELECT n.name {_COUNTING} AND n.station=:station {_LATEST}"
    rows = views.query(sql, {"day": on.toordinal(), "known": known, "station": station}, known)
    return rows[0][0] if rows else None


def place_at(views: Views, station: str, on: date, known: int) -> str | None:
    """Return the kind of place that a station serves on a date as known at a position."""
    sql = f"SELECT n.serves {_COUNTING} AND n.station=:station AND n.serves NOT NULL {_LATEST}"
    rows = views.query(sql, {"day": on.toordinal(), "known": known, "station": station}, known)
    return rows[0][0] if rows else None
