"""Cases: what was applied for, the steps since, and who must act next or what ended it."""

# ruff: noqa: S608 (what is put into SQL here are our own words, never values)

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final, Literal, NamedTuple

import msgspec

from dingji.events import codec
from dingji.state.office import Find, line_above
from dingji.state.timeline import CLOSED
from dingji.store.log import Log
from dingji.terms import STATION_TIER, entry_name
from dingji_projections.ask.notice_rules import NoticeRules
from dingji_projections.cases.rounds import rounds_held
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.records.offices import office_known
from dingji_projections.tables.acts import verbs_listed
from dingji_projections.tables.counting import counting, known_rows
from dingji_projections.tables.levels import everywhere, level_at
from dingji_projections.tables.names import names_of

APPLY: Final = "apply"
RECOMMEND: Final = "recommend"
CLOSE: Final = "close"

STEPS: Final = (APPLY, RECOMMEND, "withdraw", "decline", "certify", "refuse")
"""The verbs that move a case; all but the first two end it, and so does the station's closing."""

CaseStanding = Literal["stalled", "open", "ended"]
How = Literal["withdrawn", "declined", "refused", "certified", "station-closed"]
Stall = Literal["round-closed", "round-not-open", "office-closed", "idle"]

STATES: Final[tuple[CaseStanding, ...]] = ("stalled", "open", "ended")
"""The states in the order in which they are listed: first what somebody has to see to."""

HOW: Final[dict[str, How]] = {
    "withdraw": "withdrawn",
    "decline": "declined",
    "refuse": "refused",
    "certify": "certified",
    CLOSE: "station-closed",
}
"""What ends a case, each with how it then ended."""

_COUNTS: Final = counting()


class CaseAct(NamedTuple):
    """One counting step; a station's closing is one too. The office of a closing stands in its entry."""

    version: int
    verb: str
    day: int
    office: str | None


@dataclass(slots=True)
class CaseHistory:
    """One case: `application` is the one that counts, `ended` what ended it."""

    station: str
    level: str
    round: str
    application: CaseAct
    steps: list[CaseAct]
    ended: CaseAct | None = None

    @property
    def recommendations(self) -> list[CaseAct]:
        """The recommendations of the application that counts."""
        since = self.steps[self.steps.index(self.application) :]
        return [step for step in since if step.verb == RECOMMEND]

    @property
    def entry(self) -> str:
        """The name of the application's entry."""
        return entry_name(self.station, self.application.version)


class AwaitedStep(msgspec.Struct, frozen=True):
    """The step that a case waits for, and who takes it; `office` is None where the ledger knows none.

    An office that is `closed`, and that nobody follows, is named all the same.
    """

    verb: str
    tier: str
    office: str | None
    closed: date | None = None


class OpenCase(msgspec.Struct, frozen=True):
    """An open case; `awaits` is None where the notice names no further step, `since` the date of its last step."""

    level: str
    round: str
    applied: date
    entry: str
    awaits: AwaitedStep | None
    since: date


class TakenStep(msgspec.Struct, frozen=True):
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


class CaseCourse(msgspec.Struct, frozen=True):
    """The course of one case: its steps, and how it ended if it did."""

    steps: tuple[TakenStep, ...]
    ended: Ending | None = None


class CaseRow(msgspec.Struct, frozen=True):
    """One case; `applied` and `entry` are of the application that counts, `since` the date of the last step.

    `awaits`, `days` (from the last step to the basis' date) and `stalled` (why) are of an open one.
    """

    station: str
    name: str | None
    county: str
    level: str
    round: str
    state: CaseStanding
    applied: date
    entry: str
    since: date
    steps: tuple[TakenStep, ...]
    awaits: AwaitedStep | None = None
    days: int | None = None
    stalled: tuple[Stall, ...] = ()
    ended: Ending | None = None

    @property
    def office(self) -> str | None:
        """The office that must act next, or that ended it."""
        return self.ended.office if self.ended else self.awaits.office if self.awaits else None


class CaseFilter(NamedTuple):
    """Which cases are asked for, and after how many days without a step one is stalled."""

    days: int
    round: str | None = None
    office: str | None = None
    county: str | None = None
    station: str | None = None
    states: frozenset[CaseStanding] = frozenset(STATES)

    def has(self, case: CaseRow) -> bool:
        """Return whether a case is asked for."""
        return case.state in self.states and self.office in {None, case.office} and self.county in {None, case.county}


def listed_cases(views: Views, basis: Basis, notice_rules: NoticeRules, wanted: CaseFilter) -> list[CaseRow]:
    """Return the cases asked for: by state, round and level, the longest wait first."""
    rows = _CaseRows(views, basis, notice_rules, wanted.days)
    of = {"station": wanted.station, "round": wanted.round}
    found = rows.rows(case_histories(views, basis, **{name: value for name, value in of.items() if value is not None}))
    return sorted((case for case in found if wanted.has(case)), key=_order)


def open_cases(views: Views, station: str, basis: Basis, notice_rules: NoticeRules) -> tuple[OpenCase, ...]:
    """Return the open cases of one station, by level and round."""
    held = level_at(views, station, basis.on, basis.known)
    if held is None:
        return ()
    awaited = NextSteps(views.log, basis, notice_rules)
    found = [history for history in case_histories(views, basis, station=station) if history.ended is None]
    return tuple(open_case(history, awaited.of(history, held.county)) for history in found)


def all_open(views: Views, basis: Basis, notice_rules: NoticeRules) -> Iterator[tuple[str, OpenCase]]:
    """Yield the open cases of all stations, each with its station."""
    counties = dict(_ask(views, basis, everywhere("station,county"), {}))
    awaited = NextSteps(views.log, basis, notice_rules)
    for history in case_histories(views, basis):
        if history.ended is None and history.station in counties:
            yield history.station, open_case(history, awaited.of(history, counties[history.station]))


def case_histories(views: Views, basis: Basis, **of: str) -> list[CaseHistory]:
    """Return the cases of one `station`, in one `round`, or all: by station, level, round and application."""
    only = "".join(f" AND {name}=:{name}" for name in of)
    sql = (
        "SELECT station,level,round,version,verb,day,office FROM acts WHERE round NOT NULL"
        f" AND verb IN ({verbs_listed(STEPS)}) AND {_COUNTS}{only} ORDER BY 1,2,3,day,version"
    )
    closings = _closings(views, basis, of.get("station"))
    found: list[CaseHistory] = []
    for (station, level, round_), rows in groupby(_ask(views, basis, sql, of), key=lambda row: row[:3]):
        steps = (CaseAct._make(row[3:]) for row in rows)
        found += _histories((station, level, round_), steps, closings.get(station))
    return found


def case_course(log: Log, history: CaseHistory) -> CaseCourse:
    """Return the steps of a case, and its end."""
    steps = tuple([_taken(log, history.station, step) for step in history.steps])
    if history.ended is None:
        return CaseCourse(steps)
    last = _taken(log, history.station, history.ended)
    return CaseCourse(steps, Ending(HOW[last.verb], last.entry, last.on, last.office))


def office_of(log: Log, station: str, county: str, basis: Basis, tier: str) -> str | None:
    """Return the office of a tier that a station of a county belongs to, None where the ledger knows none."""
    if tier == STATION_TIER:
        return station
    office, closed = _over(functools.partial(office_known, log, known=basis.known), basis.on, county, tier)
    return None if closed else office


def _order(case: CaseRow) -> tuple[int, str, str, int, str, date]:
    last = case.ended.on.toordinal() if case.ended else case.days or 0
    return STATES.index(case.state), case.round, case.level, -last, case.station, case.applied


class _CaseRows:
    """The rows of cases; what they all need is read once."""

    def __init__(self, views: Views, basis: Basis, notice_rules: NoticeRules, days: int) -> None:
        self._views, self._basis, self._days = views, basis, days
        self._awaited = NextSteps(views.log, basis, notice_rules)
        self._rounds = {name: closed for name, _, closed in rounds_held(views.log, basis)}

    def rows(self, found: list[CaseHistory]) -> Iterator[CaseRow]:
        """Yield the cases; a station that is not registered by the basis' date has none."""
        stations = sorted({history.station for history in found})
        counties = self._counties(stations)
        names = names_of(self._views, self._basis, stations)
        for history in found:
            if (county := counties.get(history.station)) is not None:
                yield self._row(history, names.get(history.station), county)

    def _counties(self, stations: list[str]) -> dict[str, str]:
        """Return the county of each station, of a closed one its last."""
        sql = (
            "SELECT p.station,p.county FROM json_each(:stations) AS s JOIN spans AS p ON p.station=s.value"
            f" WHERE valid_from<=:day AND {known_rows()} ORDER BY valid_from"
        )
        values = {"stations": json.dumps(stations), "day": self._basis.on.toordinal(), "known": self._basis.known}
        return dict(self._views.query(sql, values, self._basis.known))

    def _row(self, history: CaseHistory, name: str | None, county: str) -> CaseRow:
        case = open_case(history, self._awaited.of(history, county) if history.ended is None else None)
        taken = case_course(self._views.log, history)
        days = (self._basis.on - case.since).days
        stalled = () if taken.ended else tuple(self._stalled(case, days))
        return CaseRow(
            station=history.station,
            name=name,
            county=county,
            level=case.level,
            round=case.round,
            state="ended" if taken.ended else "stalled" if stalled else "open",
            applied=case.applied,
            entry=case.entry,
            since=case.since,
            steps=taken.steps,
            awaits=case.awaits,
            days=None if taken.ended else days,
            stalled=stalled,
            ended=taken.ended,
        )

    def _stalled(self, case: OpenCase, days: int) -> Iterator[Stall]:
        if case.round not in self._rounds:
            yield "round-not-open"
        elif (closed := self._rounds[case.round]) is not None and closed < self._basis.on:
            yield "round-closed"
        if case.awaits is not None and (case.awaits.closed or case.awaits.office is None):
            yield "office-closed"
        if days > self._days:
            yield "idle"


def open_case(history: CaseHistory, awaits: AwaitedStep | None) -> OpenCase:
    """Return an open case as it stands."""
    applied, since = (date.fromordinal(step.day) for step in (history.application, history.steps[-1]))
    return OpenCase(history.level, history.round, applied, history.entry, awaits, since)


def _ask(views: Views, basis: Basis, sql: str, values: dict[str, str]) -> list[Any]:
    return views.query(sql, {"day": basis.on.toordinal(), "known": basis.known} | values, basis.known)


def _closings(views: Views, basis: Basis, station: str | None) -> dict[str, CaseAct]:
    """Return the closing of each station that is closed."""
    only = "" if station is None else " AND station=:station"
    sql = f"SELECT station,version,day FROM line WHERE kind={CLOSED} AND {_COUNTS}{only} ORDER BY day DESC,version DESC"
    rows = _ask(views, basis, sql, {} if station is None else {"station": station})
    return {code: CaseAct(version, CLOSE, day, None) for code, version, day in rows}


def _histories(of: tuple[str, str, str], steps: Iterable[CaseAct], closing: CaseAct | None) -> Iterator[CaseHistory]:
    """Yield the cases that steps in order make, as the rules see them: an application in an open case renews it.

    What is dated after the station's closing ends nothing any more.
    """
    history: CaseHistory | None = None
    for step in steps:
        if step.verb != APPLY:
            if history is not None:
                history.steps.append(step)
                if step.verb != RECOMMEND and (closing is None or step.day <= closing.day):
                    history.ended = step
        elif history is None or history.ended is not None:
            if history is not None:
                yield history
            history = CaseHistory(*of, step, [step])
        else:
            history.application = step
            history.steps.append(step)
    if history is not None:
        history.ended = history.ended or closing
        yield history


class NextSteps:
    """What open cases wait for: the next step of the route, and the office that takes it as offices are on a date."""

    def __init__(self, log: Log, basis: Basis, notice_rules: NoticeRules) -> None:
        self._log, self._on, self._routes = log, basis.on, notice_rules.routes
        self._known = functools.cache(functools.partial(office_known, log, known=basis.known))
        self._over = functools.cache(functools.partial(_over, self._known, basis.on))

    def of(self, history: CaseHistory, county: str) -> AwaitedStep | None:
        """Return what an open case of a station of a county waits for."""
        recommended = {self._tier(history.station, step) for step in history.recommendations}
        for verb, tier in self._routes.get(history.level, ()):
            if verb != APPLY and not (verb == RECOMMEND and tier in recommended):
                if tier == STATION_TIER:
                    return AwaitedStep(verb, tier, history.station)
                return AwaitedStep(verb, tier, *self._over(county, tier))
        return None

    def _tier(self, station: str, step: CaseAct) -> str:
        row = self._log.entry(f"station:{station}", step.version)
        return str(getattr(codec.decode_row(row), "tier", "")) if row else ""


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


def _taken(log: Log, station: str, step: CaseAct) -> TakenStep:
    office = _by(log, station, step) if step.office is None else step.office
    return TakenStep(step.verb, entry_name(station, step.version), date.fromordinal(step.day), office)


def _by(log: Log, station: str, step: CaseAct) -> str:
    row = log.entry(f"station:{station}", step.version)
    return codec.decode_row(row).by.office if row else ""
