"""The docket: every case with its state, at whose desk it lies and for how long, or how it ended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Final, Literal, NamedTuple

import msgspec

from dingji import codec
from dingji.store import Log
from dingji.terms import entry_name
from dingji_projections.basis import Basis
from dingji_projections.cases import CLOSE, Case, Course, Desk, Desks, Step, case_from, courses
from dingji_projections.engine import Views
from dingji_projections.names import names_of
from dingji_projections.parameters import Parameters
from dingji_projections.rounds import rounds_held

State = Literal["stalled", "open", "ended"]
How = Literal["withdrawn", "declined", "refused", "certified", "station-closed"]
Stall = Literal["round-closed", "round-not-open", "office-closed", "idle"]

STATES: Final[tuple[State, ...]] = ("stalled", "open", "ended")
"""The states in the order in which they are listed: first what somebody has to see to."""

HOW: Final[dict[str, How]] = {
    "withdraw": "withdrawn",
    "decline": "declined",
    "refuse": "refused",
    "certify": "certified",
    CLOSE: "station-closed",
}
"""What ends a case, each with how it then ended."""


class Taken(msgspec.Struct, frozen=True):
    """One step of a case, voided ones left out."""

    verb: str
    entry: str
    on: date
    office: str


class Ending(msgspec.Struct, frozen=True):
    """How a case ended, and who ended it."""

    how: How
    entry: str
    on: date
    office: str


class Followed(msgspec.Struct, frozen=True):
    """The course of one case: its steps, and how it ended if it did."""

    steps: tuple[Taken, ...]
    ended: Ending | None = None


class Filed(msgspec.Struct, frozen=True):
    """One case; `applied` and `entry` are of the application that counts, `since` the date of the last step.

    `awaits`, `days` (from the last step to the basis' date) and `stalled` (why) are of an open one.
    """

    station: str
    name: str | None
    county: str
    level: str
    round: str
    state: State
    applied: date
    entry: str
    since: date
    steps: tuple[Taken, ...]
    awaits: Desk | None = None
    days: int | None = None
    stalled: tuple[Stall, ...] = ()
    ended: Ending | None = None

    @property
    def office(self) -> str | None:
        """The office at whose desk the case lies, or that ended it."""
        return self.ended.office if self.ended else self.awaits.office if self.awaits else None


class Wanted(NamedTuple):
    """Which cases are asked for, and after how many days without a step one is stalled."""

    days: int
    round: str | None = None
    office: str | None = None
    county: str | None = None
    station: str | None = None
    states: frozenset[State] = frozenset(STATES)

    def has(self, case: Filed) -> bool:
        """Return whether a case is asked for."""
        return case.state in self.states and self.office in {None, case.office} and self.county in {None, case.county}


def docket(views: Views, basis: Basis, parameters: Parameters, wanted: Wanted) -> list[Filed]:
    """Return the cases asked for: by state, round and level, the longest wait first."""
    clerk = _Clerk(views, basis, parameters, wanted.days)
    of = {"station": wanted.station, "round": wanted.round}
    found = clerk.filed(courses(views, basis, **{name: value for name, value in of.items() if value is not None}))
    return sorted((case for case in found if wanted.has(case)), key=_order)


def _order(case: Filed) -> tuple[int, str, str, int, str, date]:
    last = case.ended.on.toordinal() if case.ended else case.days or 0
    return STATES.index(case.state), case.round, case.level, -last, case.station, case.applied


class _Clerk:
    """Writes cases down, with what they all ask for."""

    def __init__(self, views: Views, basis: Basis, parameters: Parameters, days: int) -> None:
        self._views, self._basis, self._days = views, basis, days
        self._desks = Desks(views.log, basis, parameters)
        self._rounds = {name: closed for name, _, closed in rounds_held(views.log, basis)}

    def filed(self, found: list[Course]) -> Iterator[Filed]:
        """Yield the cases; a station that is not registered by the basis' date has none."""
        stations = sorted({course.station for course in found})
        counties = self._counties(stations)
        names = names_of(self._views, self._basis, stations)
        for course in found:
            if (county := counties.get(course.station)) is not None:
                yield self._file(course, names.get(course.station), county)

    def _counties(self, stations: list[str]) -> dict[str, str]:
        """Return the county of each station, of a closed one its last."""
        sql = (
            "SELECT p.station,p.county FROM json_each(:stations) AS s JOIN spans AS p ON p.station=s.value"
            " WHERE valid_from<=:day AND known_from<=:known AND known_to>:known ORDER BY valid_from"
        )
        values = {"stations": json.dumps(stations), "day": self._basis.on.toordinal(), "known": self._basis.known}
        return dict(self._views.query(sql, values, self._basis.known))

    def _file(self, course: Course, name: str | None, county: str) -> Filed:
        case = case_from(course, self._desks.of(course, county) if course.ended is None else None)
        told = followed(self._views.log, course)
        days = (self._basis.on - case.since).days
        stalled = () if told.ended else tuple(self._stalled(case, days))
        return Filed(
            station=course.station,
            name=name,
            county=county,
            level=case.level,
            round=case.round,
            state="ended" if told.ended else "stalled" if stalled else "open",
            applied=case.applied,
            entry=case.entry,
            since=case.since,
            steps=told.steps,
            awaits=case.awaits,
            days=None if told.ended else days,
            stalled=stalled,
            ended=told.ended,
        )

    def _stalled(self, case: Case, days: int) -> Iterator[Stall]:
        if case.round not in self._rounds:
            yield "round-not-open"
        elif (closed := self._rounds[case.round]) is not None and closed < self._basis.on:
            yield "round-closed"
        if case.awaits is not None and (case.awaits.closed or case.awaits.office is None):
            yield "office-closed"
        if days > self._days:
            yield "idle"


def followed(log: Log, course: Course) -> Followed:
    """Return the steps of a case, and its end."""
    steps = tuple([_taken(log, course.station, step) for step in course.steps])
    if course.ended is None:
        return Followed(steps)
    last = _taken(log, course.station, course.ended)
    return Followed(steps, Ending(HOW[last.verb], last.entry, last.on, last.office))


def _taken(log: Log, station: str, step: Step) -> Taken:
    office = _by(log, station, step) if step.office is None else step.office
    return Taken(step.verb, entry_name(station, step.version), date.fromordinal(step.day), office)


def _by(log: Log, station: str, step: Step) -> str:
    row = log.entry(f"station:{station}", step.version)
    return codec.decode(row.topic, row.state).by.office if row else ""
