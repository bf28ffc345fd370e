"""Facts that rose before an assessment which rests on them, and fell after it: perhaps borrowed for the day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple

import msgspec

from dingji.catalogue.facts import FactKind
from dingji.checks.statements import Fact, Holdings
from dingji.dates import months_before, window
from dingji.events.events import AssessmentRecorded, FactsReported
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.engine.rebuild import ReportProgress
from dingji_projections.facts.fact_statements import FactRules
from dingji_projections.records.record import Record, record

Measure = Literal["number", "answer", "items"]
MEASURES: Mapping[str, Measure] = {"int": "number", "bool": "answer", "list": "items"}
"""What can rise and fall: numbers, answers (from no to yes), and how many items a list has; by the type of the fact."""


class MeasuredValue(msgspec.Struct, frozen=True):
    """A value: a number, yes or no, or how many items; the entry that states it, and the void of that entry."""

    value: int | bool
    entry: str
    on: date
    office: str
    voided_by: str | None = None


class Swing(msgspec.Struct, frozen=True):
    """A fact that was higher at an assessment than near before and near after it.

    `at` is what the assessment rests on, `before` and `after` are the nearest lower values in force, as known;
    `requirements` are those of the assessment that rest on the fact.
    """

    station: str
    county: str | None
    fact: str
    measure: Measure
    assessment: str
    assessed: date
    standard: str
    office: str
    before: MeasuredValue
    at: MeasuredValue
    after: MeasuredValue
    requirements: tuple[str, ...]


class SwingsFound(NamedTuple):
    """The swings shown, how many there are in all, and at how many assessments."""

    total: int
    assessments: int
    swings: tuple[Swing, ...]


class SwingFilter(NamedTuple):
    """How many months from an assessment are near, how many swings are shown, and the one fact that is looked at."""

    months: int
    limit: int
    key: str | None = None


def swings(
    views: Views,
    basis: Basis,
    fact_rules: FactRules,
    stations: Mapping[str, str | None],
    wanted: SwingFilter,
    progress: ReportProgress = lambda done, total: None,
) -> SwingsFound:
    """Return the swings of stations, by station and in the order of their assessments."""
    held = _assessed(views, basis)
    assessed = [code for code in stations if code in held]
    found: list[Swing] = []
    total, at = 0, 0
    for done, code in enumerate(assessed, 1):
        own = list(
            _Swings(record(views.log, f"station:{code}", basis.known), basis, fact_rules, wanted).of(stations[code])
        )
        total, at = total + len(own), at + len({swing.assessment for swing in own})
        found += own[: wanted.limit - len(found)]
        progress(done, len(assessed))
    return SwingsFound(total, at, tuple(found))


def _assessed(views: Views, basis: Basis) -> set[str]:
    sql = "SELECT DISTINCT station FROM acts WHERE verb='assess' AND day<=? AND known_from<=? AND known_to>?"
    rows = views.query(sql, (basis.on.toordinal(), basis.known, basis.known), basis.known)
    return {station for (station,) in rows}


class _Swings:
    """The swings of one station: what is in force is asked of a dossier's holdings, day by day where it may change."""

    def __init__(self, station: Record, basis: Basis, fact_rules: FactRules, wanted: SwingFilter) -> None:
        self._record, self._basis, self._fact_rules, self._wanted = station, basis, fact_rules, wanted
        self._counting = station.counting(basis.on)
        self._held: dict[date, Holdings] = {}
        self._days: dict[str, list[date]] = {}
        for kept in self._counting:
            for key in kept.event.facts if isinstance(kept.event, FactsReported) else ():
                self._days.setdefault(key, []).append(kept.event.on)

    def of(self, county: str | None) -> Iterator[Swing]:
        """Yield them, assessment by assessment, as recorded."""
        station = self._record.stream.partition(":")[2]
        for kept in sorted(self._counting, key=lambda kept: kept.position):
            event = kept.event
            if not isinstance(event, AssessmentRecorded):
                continue
            for kind, entry, requirements in self._rested_on(event):
                if (at := self._named(kind, entry)) is None:
                    continue
                before, after = self._before(kind, event.on, at), self._after(kind, event.on, at)
                if before is not None and after is not None:
                    about = (kept.entry, event.on, event.standard, event.by.office)
                    measure = MEASURES[kind.type]
                    yield Swing(station, county, kind.key, measure, *about, before, at, after, requirements)

    def _rested_on(self, event: AssessmentRecorded) -> Iterator[tuple[FactKind, str, tuple[str, ...]]]:
        """Yield the facts that an assessment rests on and that can rise, each with its entry and its requirements."""
        used: dict[str, list[tuple[str, str]]] = {}
        for finding in event.findings:
            for key, entry in finding.facts.items():
                used.setdefault(key, []).append((finding.requirement, entry))
        for key, kind in self._fact_rules.facts.items():
            if key in used and kind.type in MEASURES and self._wanted.key in {None, key}:
                requirements, entries = zip(*used[key], strict=True)
                yield kind, entries[0], requirements

    def _named(self, kind: FactKind, entry: str) -> MeasuredValue | None:
        """Return what an entry states of a fact, whatever became of the entry."""
        kept = self._record.named(entry)
        if kept is None or not isinstance(kept.event, FactsReported) or kind.key not in kept.event.facts:
            return None
        value = _measured(kept.event.facts[kind.key])
        return MeasuredValue(value, entry, kept.event.on, kept.event.by.office, kept.voided_by)

    def _before(self, kind: FactKind, assessed: date, at: MeasuredValue) -> MeasuredValue | None:
        """Return the nearest lower value in force on a day near before: it changes only where something is stated."""
        first = window(assessed, self._wanted.months).first
        days = {first, *(day for day in self._days.get(kind.key, ()) if first < day < assessed)}
        return self._lower(kind, at, [day for day in sorted(days, reverse=True) if day < assessed])

    def _after(self, kind: FactKind, assessed: date, at: MeasuredValue) -> MeasuredValue | None:
        """Return the nearest lower value in force on a day near after: what the same day brought shows on the next."""
        days = {assessed + timedelta(days=1), *(day for day in self._days.get(kind.key, ()) if day > assessed)}
        near = [day for day in sorted(days) if assessed > months_before(day, self._wanted.months)]
        return self._lower(kind, at, [day for day in near if day <= self._basis.on])

    def _lower(self, kind: FactKind, at: MeasuredValue, days: list[date]) -> MeasuredValue | None:
        for day in days:
            known = self._holdings(day).known(kind.key)
            if isinstance(known, Fact) and (value := _measured(known.value)) < at.value:
                return MeasuredValue(value, known.entry, known.on, known.statement.office)
        return None

    def _holdings(self, day: date) -> Holdings:
        found = self._held.get(day)
        if found is None:
            found = self._held[day] = self._fact_rules.held(self._counting, day)
        return found


def _measured(value: Any) -> int | bool:
    return value if isinstance(value, int) else len(value)
