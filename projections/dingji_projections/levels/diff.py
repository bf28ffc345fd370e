"""Two points of dates or of knowledge compared: whose level or size differs, and the entries that caused it."""

# ruff: noqa: S608 (what is put into SQL here are our own words, never values)
from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from datetime import date
from functools import lru_cache, partial
from itertools import product
from operator import attrgetter
from typing import Any, Final, Literal, NamedTuple, cast

import msgspec

from dingji.state.timeline import (
    CERTIFIED,
    CLASSIFIED,
    CLOSED,
    DOWNGRADED,
    LEVEL_TOPICS,
    MOVED,
    RANK_OF_KIND,
    RECOGNISED,
    REGISTERED,
    Entry,
    Standing,
    entry_of,
    step,
)
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.engine.rebuild import collector_off
from dingji_projections.records.voids import void_at
from dingji_projections.tables.counting import known_rows
from dingji_projections.tables.levels import everywhere
from dingji_projections.tables.names import names_of

SIDES: Final = {
    "county": frozenset({MOVED}),
    "size": frozenset({CLASSIFIED}),
    "level": frozenset({RECOGNISED, CERTIFIED, DOWNGRADED}),
}
"""The sides of a standing, each with the kinds of entry that bear on it alone."""

_LIFE: Final = frozenset({REGISTERED, CLOSED})

_SIDE_OF: Final = {kind: side for side, kinds in SIDES.items() for kind in kinds} | {kind: kind for kind in _LIFE}

_SIDES_OF: Final = {
    differs: tuple(side for side, other in zip(SIDES, differs, strict=True) if other)
    for differs in product((True, False), repeat=len(SIDES))
}
"""The sides that differ, by which of them do."""

TOPIC_OF_KIND: Final = {RANK_OF_KIND[topic]: topic for topic in LEVEL_TOPICS}

_day = lru_cache(maxsize=1 << 12)(date.fromordinal)

_COUNTS: Final = "day<=:{0}_day AND known_from<=:{0}_known AND known_to>:{0}_known"

Seen = tuple[str, str | None, str]
"""What is seen of a station at a point: what of a standing is compared, in the order of `SIDES`."""


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
            if was != now and (county is None or county in {_county(was), _county(now)}):
                differing[station] = was, now
        return list(_changed(views, (one, other), differing)) if differing else []


def _county(held: Any) -> str | None:
    return held[1] if held else None


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
        before, after = was and was[1:], now and now[1:]
        sides: tuple[str, ...] = ()
        if before and after:
            (county, size, level), (county_after, size_after, level_after) = before, after
            sides = _SIDES_OF[county != county_after, size != size_after, level != level_after]
        changes = sides or (("gone",) if before else ("appeared",))
        chosen = rows
        if len(rows) != 1:
            start = _start((before, after)[early], ranks.get(station))
            chosen = _chosen(start, [_counting_row(row) for row in rows], sides, after)
        causes = tuple([_cause(views, station, row, known) for row in chosen])
        yield Changed(station, names.get(station), changes, before and Side(*before), after and Side(*after), causes)


def _start(seen: Seen | None, rank: int | None) -> Standing | None:
    """Return what a station was at the earlier point, as far as it can be told from its rank there."""
    if seen is None or rank is None:
        return None
    county, size, level = seen
    return Standing(county, size, level, rank, 0, 0)


def _cause(views: Views, station: str, row: Any, known: int) -> Cause:
    _, on, kind, version, word, _, effect, known_to = row
    voided_by = void_at(views.log, known_to, known) if known_to is not None else None
    came: Literal["in", "out"] = "in" if effect > 0 else "out"
    return Cause(f"{station}@{version}", TOPIC_OF_KIND[kind], _day(on), word, came, voided_by)


def _rows(views: Views, points: tuple[Basis, Basis], stations: list[str]) -> list[list[Any]]:
    """Return of each station the entries that count at one of the points, and at both if the knowledge differs."""
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


class _CountingRow(NamedTuple):
    """An entry that counts at one of the points or at both; `known_to` only where it may be voided."""

    station: int
    on: int
    kind: int
    version: int
    word: str
    rank: int
    effect: int
    known_to: int | None


# A nation makes tens of thousands: this skips the keywords and the check of their number.
_counting_row = cast("Callable[[tuple[Any, ...]], _CountingRow]", partial(tuple.__new__, _CountingRow))

_PLACE: Final = attrgetter("on", "kind", "version")
"""The place of a row in its station's line."""


def _chosen(
    start: Standing | None, rows: list[_CountingRow], sides: tuple[str, ...], after: Seen | None
) -> list[_CountingRow]:
    """Return the rows of the entries that explain a difference from `start`."""
    rows.sort(key=_PLACE)
    changed = [row for row in rows if row.effect]
    if _one_each([row.kind for row in changed], sides):
        return changed
    entries = [entry_of((row.on, row.kind, row.version, row.word, row.rank)) for row in rows]
    found = _causes(_Ground(start, entries, [row.effect for row in rows]), sides, after)
    return [row for row, entry in zip(rows, entries, strict=True) if entry in found]


def _ranks(views: Views, points: tuple[Basis, Basis], stations: list[str]) -> dict[str, int]:
    """Return the rank of what each station held at the earlier point, where only the dates differ.

    All that counts there sorts before the rest then, and its fold stands for it.
    """
    if points[0].known != points[1].known:
        return {}
    sql = (
        "SELECT p.station,rank FROM json_each(:stations) AS s JOIN spans AS p ON p.station=s.value"
        f" WHERE valid_from<=:day AND valid_to>:day AND {known_rows()}"
    )
    at = min(points)
    return dict(views.query(sql, _values(at) | {"stations": json.dumps(stations)}, at.known))


class _Ground(NamedTuple):
    """One station's entries that count at one of two points or at both, in order; what else counts comes to `start`.

    The effect of each is 1 where it counts at the second point only, -1 at the first only, 0 at both.
    """

    start: Standing | None
    entries: list[Entry]
    effects: list[int]


def _one_each(kinds: Collection[int], sides: Collection[str]) -> bool:
    """Return whether entries of these kinds, at one point only, are one for each side that differs: all are causes."""
    return len(kinds) == len(sides) and _LIFE.isdisjoint(kinds)


def _causes(ground: _Ground, sides: Collection[str], after: Seen | None) -> list[Entry]:
    """Return the entries that explain a difference in some sides, or, without any, that a station is there or not.

    None of them can be left out.
    """
    chosen = changed = [entry for entry, effect in zip(ground.entries, ground.effects, strict=True) if effect]
    lives = not _LIFE.isdisjoint([entry.kind for entry in changed])
    if sides:
        chosen = [entry for entry in changed if _SIDE_OF[entry.kind] in sides or entry.kind in _LIFE]
        if lives and not _explains(ground, chosen, after):
            chosen = changed  # never so where a station is registered once
    latest = sorted({_SIDE_OF[entry.kind]: entry for entry in chosen}.values())
    if len(latest) < len(chosen) and _explains(ground, latest, after):
        chosen = latest  # the last of each side, as a rule
    return chosen if _one_each([entry.kind for entry in chosen], sides) else _least(ground, chosen, after)


def _least(ground: _Ground, chosen: list[Entry], after: Seen | None) -> list[Entry]:
    """Leave entries out, early ones first, as long as the rest explains as much."""
    more = len(chosen) > 1
    while more:
        more = False
        for entry in chosen:
            fewer = [other for other in chosen if other != entry]
            if _explains(ground, fewer, after):
                chosen, more = fewer, True
    return chosen


def _explains(ground: _Ground, chosen: list[Entry], after: Seen | None) -> bool:
    """Return whether these of the entries that are at one point only turn what was into what is."""
    held = ground.start
    for entry, effect in zip(ground.entries, ground.effects, strict=True):
        if not effect or (effect > 0) == (entry in chosen):
            held = step(held, entry)
    return (held and (held.county, held.size, held.level)) == after
