"""Decisions with what was held before them, as known at a position: what an audit goes through one by one."""

# ruff: noqa: S608 (what is put into SQL here are our own words, never values)

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Final, NamedTuple

from dingji.state.timeline import CERTIFIED, DOWNGRADED, RECOGNISED, UPHELD, Entry, Standing, step
from dingji.terms import UNGRADED, entry_name
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.tables.acts import verbs_listed
from dingji_projections.tables.counting import counting, known_rows

KINDS: Final = {"recognise": RECOGNISED, "certify": CERTIFIED, "uphold": UPHELD, "downgrade": DOWNGRADED}
"""The verbs that bear on the level, each with its order on one date."""


class DecisionRow(NamedTuple):
    """One decision; `county` and `held` are those of its date and before it, None where there is no station then.

    `held_then` is what a downgrade was judged against when it was recorded.
    """

    station: str
    version: int
    learnt: int
    forgotten: int
    verb: str
    day: int
    level: str | None
    rank: int
    held_then: str | None
    round: str | None
    about: int | None
    office: str
    codes: tuple[str, ...]
    county: str | None
    county_before: str | None
    held: Standing | None

    @property
    def entry(self) -> str:
        """The name of its entry."""
        return entry_name(self.station, self.version)

    @property
    def on(self) -> date:
        """Its date."""
        return date.fromordinal(self.day)


_OWN = (
    "station",
    "version",
    "known_from",
    "known_to",
    "verb",
    "day",
    "level",
    "rank",
    "held",
    "round",
    "about",
    "office",
    "codes",
)
_OF = f"{{0}}.station=a.station AND {{0}}.valid_from<={{1}} AND {{0}}.valid_to>{{1}} AND {known_rows('{0}')}"


def decision_rows_of(views: Views, basis: Basis, verbs: Collection[str], **of: str) -> list[DecisionRow]:
    """Return the acts of some verbs of one `station`, or in one `round`, or of all."""
    return decision_rows(
        views, basis, f"a.verb IN ({verbs_listed(verbs)})" + "".join(f" AND a.{name}=:{name}" for name in of), **of
    )


def decision_rows(views: Views, basis: Basis, test: str, **values: Any) -> list[DecisionRow]:
    """Return the acts `a` that a test in SQL admits, by station and version; voided ones too."""
    sql = (
        f"SELECT {','.join(f'a.{name}' for name in _OWN)},n.county,b.county,b.size,b.level,b.rank,b.since,b.entry"
        f" FROM acts AS a LEFT JOIN spans AS n ON {_OF.format('n', 'a.day')}"
        f" LEFT JOIN spans AS b ON {_OF.format('b', 'a.day-1')}"
        f" WHERE a.day<=:day AND a.known_from<=:known AND {test} ORDER BY 1,2"
    )
    values |= {"day": basis.on.toordinal(), "known": basis.known}
    rows = views.query(sql, values, basis.known)
    together = _same_day(views, values, basis.known)
    return [_decision(row, together) for row in rows]


def _same_day(views: Views, values: dict[str, Any], known: int) -> dict[tuple[str, int], list[Entry]]:
    """Return the entries of levels that share their date with another one of their station."""
    only = " AND station=:station" if "station" in values else ""
    bearing = f"verb IN ({verbs_listed(KINDS)}) AND {counting()}{only}"
    sql = (
        f"SELECT station,day,verb,version,level,rank FROM acts WHERE {bearing} AND (station,day) IN"
        f" (SELECT station,day FROM acts WHERE {bearing} GROUP BY station,day HAVING count(*)>1)"
    )
    found: dict[tuple[str, int], list[Entry]] = {}
    for station, day, verb, version, level, rank in views.query(sql, values, known):
        found.setdefault((station, day), []).append(Entry(day, KINDS[verb], version, level, rank))
    return found


def _decision(row: Any, together: dict[tuple[str, int], list[Entry]]) -> DecisionRow:
    own, (county, before, *standing) = row[: len(_OWN)], row[len(_OWN) :]
    station, version, _, _, verb, day, *_ = own
    held = Standing(before, *standing) if before is not None else None
    if held is None and county is not None:  # it was registered on this date
        held = Standing(county, None, UNGRADED, 0, day, 1)
    for entry in sorted(together.get((station, day), ())):
        if verb in KINDS and (entry.kind, entry.version) < (KINDS[verb], version):
            held = step(held, entry)
    codes = tuple(own[-1].split(",")) if own[-1] else ()
    return DecisionRow._make([*own[:-1], codes, county, before, held])
