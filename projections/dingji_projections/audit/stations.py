"""Stations: all of them in a list, or one with its open cases, assessments and certifications not lodged yet."""

# ruff: noqa: S608 (what is put into SQL here are our own words, never values)

from __future__ import annotations

from datetime import date

import msgspec

from dingji.events.events import AssessmentRecorded
from dingji.faults import LedgerError
from dingji.terms import Verdict, entry_name
from dingji_projections.ask.notice_rules import NoticeRules
from dingji_projections.audit.conditions import unlodged
from dingji_projections.cases.cases import OpenCase, open_cases
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.records.record import Kept, record
from dingji_projections.tables.levels import everywhere, level_at, spans
from dingji_projections.tables.names import NAME_OF_SPAN, PLACE_OF_SPAN, name_at, place_at


class StationRow(msgspec.Struct, frozen=True):
    """One station of the list; without a county, size and level once it is closed."""

    station: str
    name: str
    serves: str
    county: str | None
    size: str | None
    level: str | None
    since: date | None
    registered: date
    closed: date | None


class LatestAssessment(msgspec.Struct, frozen=True):
    """The last assessment by a standard."""

    standard: str
    verdict: Verdict
    on: date
    office: str
    entry: str


class LodgingDue(msgspec.Struct, frozen=True):
    """A certification that waits to be lodged, and for how many days."""

    certification: str
    level: str
    on: date
    days: int


class StationDetail(msgspec.Struct, frozen=True):
    """One station on a date as known at a position; `entry` is the one that last changed the level's value."""

    station: str
    name: str | None
    serves: str | None
    county: str | None
    size: str | None
    level: str | None
    since: date | None
    entry: str | None
    registered: date
    closed: date | None
    cases: tuple[OpenCase, ...]
    assessments: tuple[LatestAssessment, ...]
    unlodged: tuple[LodgingDue, ...]


def stations(views: Views, basis: Basis, *, county: str | None = None, closed: bool = False) -> list[StationRow]:
    """Return the stations that exist on the basis' date, by code; with `closed` also those that existed before."""
    life = "SELECT station,min(valid_from) AS first,max(valid_to) AS last FROM spans AS s WHERE known_from<=:known"
    life += " AND known_to>:known GROUP BY station HAVING first<=:day" + ("" if closed else " AND last>:day")
    here = everywhere("station,county,size,level,since", " AND county=:county" if county else "")
    sql = (
        f"SELECT s.station,{NAME_OF_SPAN},{PLACE_OF_SPAN},h.county,size,level,since,first,last FROM ({life}) AS s"
        f" {'' if county else 'LEFT '}JOIN ({here}) AS h USING (station) ORDER BY 1"
    )
    day = basis.on.toordinal()
    rows = views.query(sql, {"day": day, "known": basis.known, "county": county}, basis.known)
    ends = (last if last <= day else None for *_, last in rows)
    return [
        StationRow(code, name, serves, of, size, level, _date(since), date.fromordinal(first), _date(end))
        for (code, name, serves, of, size, level, since, first, _), end in zip(rows, ends, strict=True)
    ]


def station(views: Views, code: str, basis: Basis, notice_rules: NoticeRules) -> StationDetail:
    """Return one station. Raises LedgerError (`unknown-station`) where the basis knows of none."""
    stretch = spans(views, code, basis.known)
    if not stretch:
        raise LedgerError("unknown-station", field="station", station=code, nearest="")
    held = level_at(views, code, basis.on, basis.known)
    end = stretch[-1].end
    steps = record(views.log, f"station:{code}", basis.known).counting(basis.on)
    return StationDetail(
        station=code,
        name=name_at(views, code, basis.on, basis.known),
        serves=place_at(views, code, basis.on, basis.known),
        county=held.county if held else None,
        size=held.size if held else None,
        level=held.level if held else None,
        since=_date(held.since) if held else None,
        entry=entry_name(code, held.entry) if held else None,
        registered=stretch[0].start,
        closed=end if end and end <= basis.on else None,
        cases=open_cases(views, code, basis, notice_rules),
        assessments=_assessments(steps),
        unlodged=_unlodged(views, code, basis, notice_rules),
    )


def _date(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)


def _assessments(steps: list[Kept]) -> tuple[LatestAssessment, ...]:
    """Return the last assessment by each standard."""
    last = {
        kept.event.standard: (kept.entry, kept.event) for kept in steps if isinstance(kept.event, AssessmentRecorded)
    }
    return tuple(
        LatestAssessment(standard, event.verdict, event.on, event.by.office, entry)
        for standard, (entry, event) in sorted(last.items())
    )


def _unlodged(views: Views, code: str, basis: Basis, notice_rules: NoticeRules) -> tuple[LodgingDue, ...]:
    return tuple(
        LodgingDue(one.entry, one.level, date.fromordinal(one.day), one.days(basis.on))
        for one in unlodged(views, basis, notice_rules, code)
    )
