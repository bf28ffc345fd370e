"""Two points of dates or of knowledge compared: which stations' levels or sizes differ, and what that came of."""

# ruff: noqa: S608 (what is put into SQL here are our own words, never values)

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import Any, Final, Literal

import msgspec

from dingji.terms import entry_name
from dingji.timeline import LEVEL_TOPICS, RANK_OF_KIND, Entry, Standing
from dingji_projections.basis import Basis
from dingji_projections.causes import SIDES, Ground, Seen, causes
from dingji_projections.engine import Views
from dingji_projections.levels import everywhere
from dingji_projections.names import names_of

TOPIC_OF_KIND: Final = {RANK_OF_KIND[topic]: topic for topic in LEVEL_TOPICS}


class Side(msgspec.Struct, frozen=True, gc=False):
    """What a station is at one of the points."""

    county: str
    size: str | None
    level: str


class Cause(msgspec.Struct, frozen=True, gc=False):
    """One entry that counts at one of the points only: it came in, or is gone; `voided_by` names its void."""

    entry: str
    topic: str
    on: date
    word: str
    effect: Literal["in", "out"]
    voided_by: str | None = None


class Changed(msgspec.Struct, frozen=True, gc=False):
    """A station that is not at one point what it is at the other; a side is None where there is no station."""

    station: str
    name: str | None
    changes: tuple[str, ...]
    before: Side | None
    after: Side | None
    causes: tuple[Cause, ...]


def diff(views: Views, one: Basis, other: Basis, county: str | None = None) -> list[Changed]:
    """Return the stations that differ from one point to the other, by code; of a county, those of it at either."""
    before, after = _held(views, one), _held(views, other)
    differing = [
        station
        for station in sorted(before.keys() | after.keys())
        if before.get(station) != after.get(station) and _is_of(county, before.get(station), after.get(station))
    ]
    return list(_changed(views, (one, other), differing, before, after)) if differing else []


def _held(views: Views, at: Basis) -> dict[str, Seen]:
    rows = views.query(everywhere("station,county,size,level"), _values(at), at.known)
    return {station: Seen(county, size, level) for station, county, size, level in rows}


def _values(at: Basis) -> dict[str, Any]:
    return {"day": at.on.toordinal(), "known": at.known}


def _is_of(county: str | None, *sides: Seen | None) -> bool:
    return county is None or any(side is not None and side.county == county for side in sides)


def _changed(
    views: Views, points: tuple[Basis, Basis], stations: list[str], before: dict[str, Seen], after: dict[str, Seen]
) -> Iterator[Changed]:
    names = names_of(views, max(points), stations)
    for station, ground, voids in _grounds(views, points, stations):
        was, now = before.get(station), after.get(station)
        told = tuple(_cause(views, station, entry, ground, voids) for entry in causes(ground, was, now))
        yield Changed(station, names.get(station), _changes(was, now), _side(was), _side(now), told)


def _changes(was: Seen | None, now: Seen | None) -> tuple[str, ...]:
    """Return the words for what differs."""
    if was is None or now is None:
        return ("appeared",) if was is None else ("gone",)
    return tuple(side for side, one, other in zip(SIDES, was, now, strict=True) if one != other)


def _side(seen: Seen | None) -> Side | None:
    return None if seen is None else Side(*seen)


def _cause(views: Views, station: str, entry: Entry, ground: Ground, voids: dict[int, int]) -> Cause:
    void = views.log.row(voids[entry.version]) if entry.version in voids else None
    return Cause(
        entry=entry_name(station, entry.version),
        topic=TOPIC_OF_KIND[entry.kind],
        on=date.fromordinal(entry.on),
        word=entry.word,
        effect="in" if entry in ground.added else "out",
        voided_by=entry_name(void.stream, void.version) if void else None,
    )


_COUNTS = "day<=:{0}_day AND known_from<=:{0}_known AND known_to>:{0}_known"


def _grounds(
    views: Views, points: tuple[Basis, Basis], stations: list[str]
) -> Iterator[tuple[str, Ground, dict[int, int]]]:
    """Yield for each station the entries that count at the points, and the positions of the voids of those voided.

    Where only the dates differ, all that counts at the earlier one sorts before the rest: its fold stands for it.
    """
    one, other = points
    known = max(one.known, other.known)
    values = {"stations": json.dumps(stations), "one_day": one.on.toordinal(), "one_known": one.known}
    values |= {"other_day": other.on.toordinal(), "other_known": other.known}
    at_one, at_other = _COUNTS.format("one"), _COUNTS.format("other")
    dates_only = one.known == other.known
    starts = _starts(views, min(points), values) if dates_only else {}
    sql = (
        f"SELECT l.station,day,kind,version,word,rank,{at_one},{at_other},known_to FROM json_each(:stations) AS s"
        f" JOIN line AS l ON l.station=s.value WHERE ({at_one}) {'<>' if dates_only else 'OR'} ({at_other})"
        " ORDER BY 1,2,3,4"
    )
    for station, rows in groupby(views.query(sql, values, known), key=lambda row: row[0]):
        held = list(rows)
        voids = {row[3]: row[8] for row in held if row[8] <= known}
        yield station, _ground(starts.get(station), held), voids


def _ground(start: Standing | None, rows: Iterable[Any]) -> Ground:
    both: list[Entry] = []
    added: list[Entry] = []
    removed: list[Entry] = []
    for _, day, kind, version, word, rank, at_one, at_other, _ in rows:
        (both if at_one and at_other else added if at_other else removed).append(Entry(day, kind, version, word, rank))
    return Ground(start, tuple(both), tuple(added), tuple(removed))


def _starts(views: Views, at: Basis, values: dict[str, Any]) -> dict[str, Standing]:
    sql = (
        "SELECT p.station,county,size,level,rank,since,entry FROM json_each(:stations) AS s JOIN spans AS p"
        " ON p.station=s.value WHERE valid_from<=:day AND valid_to>:day AND known_from<=:known AND known_to>:known"
    )
    rows = views.query(sql, values | _values(at), at.known)
    return {station: Standing(*standing) for station, *standing in rows}
