"""Cases: what was applied for, the steps since, and at whose desk it lies or what ended it."""

# ruff: noqa: S608 (what is put into SQL here are our own words, never values)

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final, NamedTuple

import msgspec

from dingji import codec
from dingji.office import Find, Office, evolve, line_above
from dingji.store import Log
from dingji.terms import STATION_TIER, entry_name
from dingji.timeline import CLOSED
from dingji_projections.basis import Basis
from dingji_projections.deeds import listed
from dingji_projections.engine import Views
from dingji_projections.levels import everywhere, level_at
from dingji_projections.parameters import Parameters

APPLY: Final = "apply"
RECOMMEND: Final = "recommend"
CLOSE: Final = "close"
STEPS: Final = (APPLY, RECOMMEND, "withdraw", "decline", "certify", "refuse")
"""The verbs that move a case; all but the first two end it, and so does the station's closing."""


class Step(NamedTuple):
    """One counting step; a station's closing is told as one too. The office of a closing stands in its entry."""

    version: int
    verb: str
    day: int
    office: str | None


@dataclass(slots=True)
class Course:
    """The course of one case: `application` is the one that counts, `ended` what ended it."""

    station: str
    level: str
    round: str
    application: Step
    steps: list[Step]
    ended: Step | None = None

    @property
    def recommendations(self) -> list[Step]:
        """The recommendations of the application that counts."""
        since = self.steps[self.steps.index(self.application) :]
        return [step for step in since if step.verb == RECOMMEND]

    @property
    def entry(self) -> str:
        """The name of the application's entry."""
        return entry_name(self.station, self.application.version)


class Desk(msgspec.Struct, frozen=True):
    """The step that a case waits for, and who takes it; `office` is None where the ledger knows none.

    An office that is `closed`, and that nobody follows, is named all the same.
    """

    verb: str
    tier: str
    office: str | None
    closed: date | None = None


class Case(msgspec.Struct, frozen=True):
    """An open case; `awaits` is None where the notice names no further step, `since` the date of its last step."""

    level: str
    round: str
    applied: date
    entry: str
    awaits: Desk | None
    since: date


def open_cases(views: Views, station: str, basis: Basis, parameters: Parameters) -> tuple[Case, ...]:
    """Return the open cases of one station, by level and round."""
    held = level_at(views, station, basis.on, basis.known)
    if held is None:
        return ()
    desks = Desks(views.log, basis, parameters)
    found = [course for course in courses(views, basis, station=station) if course.ended is None]
    return tuple(case_from(course, desks.of(course, held.county)) for course in found)


def all_open(views: Views, basis: Basis, parameters: Parameters) -> Iterator[tuple[str, Case]]:
    """Yield the open cases of all stations, each with its station."""
    counties = dict(_ask(views, basis, everywhere("station,county"), {}))
    desks = Desks(views.log, basis, parameters)
    for course in courses(views, basis):
        if course.ended is None and course.station in counties:
            yield course.station, case_from(course, desks.of(course, counties[course.station]))


def case_from(course: Course, awaits: Desk | None) -> Case:
    """Return an open case as it stands."""
    applied, since = (date.fromordinal(step.day) for step in (course.application, course.steps[-1]))
    return Case(course.level, course.round, applied, course.entry, awaits, since)


def courses(views: Views, basis: Basis, **of: str) -> list[Course]:
    """Return the cases of one `station`, in one `round`, or all: by station, level, round and application."""
    only = "".join(f" AND {name}=:{name}" for name in of)
    sql = (
        "SELECT station,level,round,version,verb,day,office FROM acts WHERE round NOT NULL"
        f" AND verb IN ({listed(STEPS)}) AND {_COUNTS}{only} ORDER BY 1,2,3,day,version"
    )
    closings = _closings(views, basis, of.get("station"))
    found: list[Course] = []
    for (station, level, round_), rows in groupby(_ask(views, basis, sql, of), key=lambda row: row[:3]):
        steps = (Step._make(row[3:]) for row in rows)
        found += _followed((station, level, round_), steps, closings.get(station))
    return found


_COUNTS: Final = "day<=:day AND known_from<=:known AND known_to>:known"


def _ask(views: Views, basis: Basis, sql: str, values: dict[str, str]) -> list[Any]:
    return views.query(sql, {"day": basis.on.toordinal(), "known": basis.known} | values, basis.known)


def _closings(views: Views, basis: Basis, station: str | None) -> dict[str, Step]:
    """Return the closing of each station that is closed."""
    only = "" if station is None else " AND station=:station"
    sql = f"SELECT station,version,day FROM line WHERE kind={CLOSED} AND {_COUNTS}{only} ORDER BY day DESC,version DESC"
    rows = _ask(views, basis, sql, {} if station is None else {"station": station})
    return {code: Step(version, CLOSE, day, None) for code, version, day in rows}


def _followed(of: tuple[str, str, str], steps: Iterable[Step], closing: Step | None) -> Iterator[Course]:
    """Yield the cases that steps in order make, as the rules see them: an application in an open case renews it.

    What is dated after the station's closing ends nothing any more.
    """
    course: Course | None = None
    for step in steps:
        if step.verb != APPLY:
            if course is not None:
                course.steps.append(step)
                if step.verb != RECOMMEND and (closing is None or step.day <= closing.day):
                    course.ended = step
        elif course is None or course.ended is not None:
            if course is not None:
                yield course
            course = Course(*of, step, [step])
        else:
            course.application = step
            course.steps.append(step)
    if course is not None:
        course.ended = course.ended or closing
        yield course


class Desks:
    """At whose desk cases lie, as the offices are on a date."""

    def __init__(self, log: Log, basis: Basis, parameters: Parameters) -> None:
        self._log, self._on, self._routes = log, basis.on, parameters.routes
        self._known = functools.cache(functools.partial(office_known, log, known=basis.known))
        self._over = functools.cache(functools.partial(_over, self._known, basis.on))

    def of(self, course: Course, county: str) -> Desk | None:
        """Return the desk of an open case of a station of a county."""
        recommended = {self._tier(course.station, step) for step in course.recommendations}
        for verb, tier in self._routes.get(course.level, ()):
            if verb != APPLY and not (verb == RECOMMEND and tier in recommended):
                if tier == STATION_TIER:
                    return Desk(verb, tier, course.station)
                return Desk(verb, tier, *self._over(county, tier))
        return None

    def _tier(self, station: str, step: Step) -> str:
        row = self._log.entry(f"station:{station}", step.version)
        return str(getattr(codec.decode(row.topic, row.state), "tier", "")) if row else ""


def office_of(log: Log, station: str, county: str, basis: Basis, tier: str) -> str | None:
    """Return the office of a tier that a station of a county belongs to, None where the ledger knows none."""
    if tier == STATION_TIER:
        return station
    office, closed = _over(functools.partial(office_known, log, known=basis.known), basis.on, county, tier)
    return None if closed else office


def _over(find: Find, on: date, county: str, tier: str) -> tuple[str | None, date | None]:
    """Return the office of a tier over a county; or the last one that is closed with none after it, and since when."""
    closed: tuple[str | None, date | None] = (None, None)
    for code in line_above(find, county, on):
        office = find(code)
        if office is None or office.tier != tier:
            continue
        if office.exists(on):
            return code, None
        if office.closed is not None and office.closed <= on:
            closed = code, office.closed
    return closed


def office_known(log: Log, code: str, known: int) -> Office | None:
    """Return an office as known at a position, None where it is not enrolled."""
    office: Office | None = None
    for row in log.stream(f"office:{code}", upto=known):
        office = evolve(office, row.version, codec.decode(row.topic, row.state), code)
    return office
