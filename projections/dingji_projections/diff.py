"""Two points of dates or of knowledge compared: which stations' levels or sizes differ, and what that came of."""

# ruff: noqa: S608 (what is put into SQL here are our own words, never values)

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import product
from operator import itemgetter
from typing import Any, Final, Literal

import msgspec

from dingji.terms import entry_name
from dingji.timeline import LEVEL_TOPICS, RANK_OF_KIND, Standing, entry_of
from dingji_projections.basis import Basis
from dingji_projections.causes import SIDES, Ground, causes, one_each
from dingji_projections.engine import Views
from dingji_projections.levels import everywhere
from dingji_projections.names import names_of
from dingji_projections.rebuild import collector_off

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
    with collector_off():
        before, after = _held_at(views, one, other), _held_at(views, other, one)
        differing = {}
        # What is there comes nearly in order, so that sorting costs little.
        for station in sorted([*after, *(before.keys() - after.keys())]):
            was, now = before.get(station), after.get(station)
            if was != now and (county is None or county in {was and was[1], now and now[1]}):
                differing[station] = was, now
        return list(_changed(views, (one, other), differing)) if differing else []


_day = lru_cache(maxsize=1 << 12)(date.fromordinal)


def _held_at(views: Views, here: Basis, there: Basis) -> dict[str, Any]:
    """Return what stations are at one point as (station, county, size, level), those with that span at both left out.

    A nation's stations are tens of thousands: the rows stay as they come, and are compared whole.
    """
    same = "valid_from<=:there AND valid_to>:there AND known_from<=:then AND known_to>:then"
    values = _values(here) | {"there": there.on.toordinal(), "then": there.known}
    rows = views.query(everywhere("station,county,size,level", f" AND NOT ({same})"), values, here.known)
    return {row[0]: row for row in rows}


def _values(at: Basis) -> dict[str, Any]:
    return {"day": at.on.toordinal(), "known": at.known}


def _changed(views: Views, points: tuple[Basis, Basis], differing: dict[str, tuple[Any, Any]]) -> Iterator[Changed]:
    known, stations = max(point.known for point in points), list(differing)
    names = names_of(views, max(points), stations)
    held = _rows(views, points, stations)
    ranks = _ranks(views, points, [station for station, rows in zip(stations, held, strict=True) if len(rows) > 1])
    early = points.index(min(points))
    for (station, ends), rows in zip(differing.items(), held, strict=True):
        was, now = ends
        sides = _SIDES_OF[was[1] != now[1], was[2] != now[2], was[3] != now[3]] if was and now else ()
        changes = sides or (("gone",) if was else ("appeared",))
        chosen = rows if len(rows) == 1 else _chosen((ends[early], ranks.get(station)), rows, sides, now)
        told = tuple([_cause(views, station, row, known) for row in chosen])
        yield Changed(station, names.get(station), changes, was and Side(*was[1:]), now and Side(*now[1:]), told)


_SIDES_OF: Final = {
    differs: tuple(side for side, other in zip(SIDES, differs, strict=True) if other)
    for differs in product((True, False), repeat=len(SIDES))
}
"""The sides that differ, by which of them do."""


def _cause(views: Views, station: str, row: Any, known: int) -> Cause:
    _, on, kind, version, word, _, effect, known_to = row
    void = views.log.row(known_to) if known_to is not None and known_to <= known else None
    voided_by = entry_name(void.stream, void.version) if void else None
    came: Literal["in", "out"] = "in" if effect > 0 else "out"
    return Cause(f"{station}@{version}", TOPIC_OF_KIND[kind], _day(on), word, came, voided_by)


_PLACE: Final = itemgetter(1, 2, 3)
"""The place of a row in its station's line."""

_COUNTS = "day<=:{0}_day AND known_from<=:{0}_known AND known_to>:{0}_known"


def _rows(views: Views, points: tuple[Basis, Basis], stations: list[str]) -> list[list[Any]]:
    """Return of each station the entries that count at one of the points, and at both if the knowledge differs.

    A row is (place of the station, day, kind, version, word, rank, effect, known_to where it may be voided).
    """
    one, other = points
    values = {"stations": json.dumps(stations), "one_day": one.on.toordinal(), "one_known": one.known}
    values |= {"other_day": other.on.toordinal(), "other_known": other.known}
    if one.known == other.known:
        early, late = ("one", "other") if one.on < other.on else ("other", "one")
        effect, test = f"{1 if early == 'one' else -1},NULL", f"{_COUNTS.format(late)} AND day>:{early}_day"
    else:
        at_one, at_other = _COUNTS.format("one"), _COUNTS.format("other")
        effect, test = f"({at_other})-({at_one}),known_to", f"({at_one} OR {at_other})"
    sql = (
        f"SELECT s.key,day,kind,version,word,rank,{effect} FROM json_each(:stations) AS s"
        f" JOIN line AS l ON l.station=s.value WHERE {test}"
    )
    held: list[list[Any]] = [[] for _ in stations]
    for row in views.query(sql, values, max(one.known, other.known)):
        held[row[0]].append(row)
    return held


def _chosen(early: tuple[Any, int | None], rows: list[Any], sides: tuple[str, ...], now: Any) -> list[Any]:
    """Return the rows of the entries that explain a difference; `early` is the earlier end, with its rank."""
    rows.sort(key=_PLACE)
    changed = [row for row in rows if row[6]]
    if one_each([row[2] for row in changed], sides):
        return changed
    held, rank = early
    start = None if rank is None else Standing(held[1], held[2], held[3], rank, 0, 0)
    entries = [entry_of(row[1:6]) for row in rows]
    found = causes(Ground(start, entries, [row[6] for row in rows]), sides, now and now[1:])
    return [row for row, entry in zip(rows, entries, strict=True) if entry in found]


def _ranks(views: Views, points: tuple[Basis, Basis], stations: list[str]) -> dict[str, int]:
    """Return the rank of what each station held at the earlier point, where only the dates differ.

    All that counts there sorts before the rest then, and its fold stands for it.
    """
    if points[0].known != points[1].known:
        return {}
    sql = (
        "SELECT p.station,rank FROM json_each(:stations) AS s JOIN spans AS p ON p.station=s.value"
        " WHERE valid_from<=:day AND valid_to>:day AND known_from<=:known AND known_to>:known"
    )
    at = min(points)
    return dict(views.query(sql, _values(at) | {"stations": json.dumps(stations)}, at.known))
