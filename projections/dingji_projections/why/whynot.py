"""Why a station is not at a level: every step of the way, judged by the ledger's own rules, and every requirement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import Any, Literal

import msgspec

from dingji.catalogue.notice import Level
from dingji.events.events import FindingRecord
from dingji.events.submissions import Apply, By, Certify, Recommend, Submission
from dingji.faults import Fault, LedgerError
from dingji.plugins.manager import Plugins
from dingji.rules.certify import assessed_from
from dingji.state.case import CaseState, case_of, latest_assessment
from dingji.state.round import Round
from dingji.state.station import Mark, Station
from dingji.terms import UNGRADED, Outcome, Verdict
from dingji.writer.dry_judgement import DryJudgement
from dingji_projections.ask.bounds import bounds
from dingji_projections.ask.lookups import check_station
from dingji_projections.cases.cases import office_of
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.records.record import record
from dingji_projections.reruns.station_trial import StationTrial
from dingji_projections.why.station_at import StationAt

StepState = Literal["done", "next", "later"]

WHOLE = 1000
"""Parts of what is required: a gap of as many is the whole of it."""

SHORT = frozenset({Outcome.NOT_MET, Outcome.UNDETERMINED, Outcome.NEEDS_JUDGEMENT, Outcome.ERROR})


class StepToLevel(msgspec.Struct, frozen=True):
    """One step of the way to a level: done by `entry`, open to be taken next, or later.

    `faults` stand against taking it on the date; `verdict` is that of an assessment made. A step that is not
    `blocking` is asked for, but certifying without it is only irregular.
    """

    verb: str
    tier: str | None
    office: str | None
    state: StepState
    entry: str | None = None
    on: date | None = None
    standard: str | None = None
    verdict: Verdict | None = None
    blocking: bool = True
    faults: tuple[Fault, ...] = ()


class OpenRequirement(msgspec.Struct, frozen=True):
    """One requirement that is not settled; `kind` says what it is short of, `gap` how much, in thousandths."""

    requirement: str
    outcome: Outcome
    kind: str
    gap: int
    measured: Any
    required: Any
    reason: dict[str, str] | None
    facts: dict[str, str]
    lacking: dict[str, str]


class TriedStandard(msgspec.Struct, frozen=True):
    """One standard as it would come out on the date; certifying asks for it where it is `blocking`."""

    standard: str
    blocking: bool
    verdict: Verdict
    outcomes: dict[str, int]
    short: tuple[OpenRequirement, ...]


class WhyNot(msgspec.Struct, frozen=True):
    """What stands between a station and a level. Who `holds` it, or a higher one, has nothing before it.

    `granted` says whether the notice grants the level at all; `faults` are all that a certification on the date would
    be refused for.
    """

    station: str
    name: str
    county: str
    size: str | None
    level: str
    held: str
    entry: str
    holds: bool
    granted: bool
    round: str | None = None
    faults: tuple[Fault, ...] = ()
    steps: tuple[StepToLevel, ...] = ()
    standards: tuple[TriedStandard, ...] = ()


def whynot(views: Views, plugins: Plugins, basis: Basis, station: str, level: str) -> WhyNot:
    """Return what stands between a station and a level on the basis' date as known at its position.

    Raises LedgerError (`unknown-station`, `not-registered`, `station-closed`, `bad-value` for a level that the notice
    does not have, `unknown-notice`, `plugin-failed`).
    """
    stream = check_station(views.log, station, basis.known)
    at = StationAt(record(views.log, stream, basis.known), basis.on)
    way = _WayToLevel(DryJudgement(views.log, plugins, basis.known, basis.on, basis.zone), at, basis, level)
    shared: dict[str, Any] = {
        "station": at.code,
        "name": at.name(),
        "county": at.held.county,
        "size": at.held.size,
        "level": level,
        "held": at.held.level,
        "entry": at.setter.entry,
        "granted": way.level is not None and way.level.step("certify") is not None,
    }
    if way.level is None or at.held.rank >= way.level.rank:
        return WhyNot(**shared, holds=True)
    plugins.require_sound()
    return WhyNot(
        **shared,
        holds=False,
        round=way.round.id if way.round else None,
        faults=tuple(way.faults),
        steps=tuple(way.steps()) if shared["granted"] else (),
        standards=tuple(way.standards()),
    )


def shortfalls(findings: tuple[FindingRecord, ...], musts: frozenset[str]) -> tuple[OpenRequirement, ...]:
    """Return the findings that keep a standard from being reached, what is soonest mended first."""
    order = {kind: place for place, kind in enumerate(bounds().nearest)}
    found = [_short(finding) for finding in findings if finding.requirement in musts and finding.outcome in SHORT]
    return tuple(sorted(found, key=lambda one: (order.get(one.kind, len(order)), one.gap)))


class _WayToLevel:
    """The way of one station to one level, on a date as known."""

    def __init__(self, dry: DryJudgement, at: StationAt, basis: Basis, code: str) -> None:
        self.dry, self.at, self.basis = dry, at, basis
        self.adoption, self.governed = dry.lookup.adoption(basis.on)
        self.notice = dry.lookup.notice(self.adoption.id)
        self.level = self.notice.levels.get(code)
        if self.level is None and code != UNGRADED:
            raise LedgerError("bad-value", field="level", name="level", why="unknown-code")
        self.station: Station = dry.lookup.state(f"station:{at.code}")

    @cached_property
    def wanted(self) -> Level:
        """The level, which is known to be one that the station does not hold."""
        assert self.level is not None  # noqa: S101
        return self.level

    @cached_property
    def round(self) -> Round | None:
        """The round in which the station is certified: the one that runs, or else one where its case is still open."""
        rounds = [one for one in self.dry.lookup.rounds() if one.kind == self.wanted.round and one.opened]
        rounds = [one for one in rounds if one.opened and one.opened <= self.basis.on]
        running = [one for one in rounds if one.runs(self.basis.on)]
        pending = [one for one in rounds if _is_open(self._case_in(one.id))]
        return max(running or pending, key=lambda one: (one.opened, one.id), default=None)

    @cached_property
    def case(self) -> CaseState:
        """The station's case in that round."""
        return self._case_in(self.round.id if self.round else None)

    def _case_in(self, round_: str | None) -> CaseState:
        return case_of(self.station, self.wanted.id, round_, self.basis.on.toordinal())

    @cached_property
    def faults(self) -> list[Fault]:
        """All that a certification on the date would be refused for, with the lack of a round in place of its name."""
        step = self.wanted.step("certify")
        decided = self._against("certify", step.tier if step else self.notice.rules.review.tier)
        if self.round is not None or self.wanted.round is None:
            return decided
        return [self._no_round(), *(fault for fault in decided if fault.code != "missing-field")]

    def _no_round(self) -> Fault:
        rules, kind = self.notice.rules, self.notice.rounds[self.wanted.round or ""]
        year = self.basis.on.year
        while not kind.falls_in(year):
            year += 1
        top = self.dry.lookup.office(rules.top.office)
        words = {"on": str(self.basis.on), "kind": kind.label, "year": year, "office": top.name if top else ""}
        return Fault("no-round-open", "round", rules.clauses.get("round-not-open"), words)

    def steps(self) -> Iterator[StepToLevel]:
        """Yield the steps of the way in order: the round, those of the route, and the assessments before certifying."""
        ready = self.governed
        if self.wanted.round is not None:
            runs = self.round is not None and self.round.runs(self.basis.on)
            yield self._opening(runs)
            ready = ready and runs
        clear = ready
        for step in self.wanted.route:
            if step.do == "certify":
                assessed = list(self._assessing(step.tier, ready))
                yield from assessed
                clear = clear and all(one.state == "done" for one in assessed if one.blocking)
            mark = self._taken(step.do, step.tier)
            yield self._step(step.do, step.tier, mark, "next" if clear else "later")
            clear = clear and mark is not None

    def _opening(self, runs: bool) -> StepToLevel:
        rules = self.notice.rules
        office = rules.top.office
        tier = rules.authority.get("open_round", (rules.review.tier,))[0]
        if self.round is None or not runs:
            return StepToLevel("open_round", tier, office, "next" if self.governed else "later")
        opened = [version for version, event in self.round.counting() if event.on == self.round.opened]
        return StepToLevel("open_round", tier, office, "done", self.round.entry(opened[0]), self.round.opened)

    def _taken(self, do: str, tier: str) -> Mark | None:
        """Return the act that took a step of the route, None where it is still to be taken."""
        if not _is_open(self.case):
            return None
        return {"apply": self.case.application, "recommend": self.case.recommended.get(tier)}.get(do)

    def _assessing(self, tier: str, ready: bool) -> Iterator[StepToLevel]:
        """Yield the assessments that certifying rests on: one that reaches the standard settles it."""
        opened = self.round.opened if self.round else None
        first = assessed_from(self.wanted, opened, self.basis.on)
        for standard in (self.wanted.standard, *self.wanted.also_reached):
            if standard is None:
                continue
            span = (first.toordinal(), self.basis.on.toordinal())
            mark = latest_assessment(self.station, standard, (tier,), *span) if ready else None
            done = mark is not None and mark.verdict == Verdict.REACHED
            state: StepState = "done" if done else "next" if ready else "later"
            yield self._step("assess", tier, mark, state, standard=standard)

    def _step(
        self, do: str, tier: str, mark: Mark | None, state: StepState, standard: str | None = None
    ) -> StepToLevel:
        state = "done" if mark is not None and standard is None else state
        faults = self._against(do, tier) if state == "next" and standard is None else []
        return StepToLevel(
            verb=do,
            tier=tier,
            office=self._office(tier),
            state=state,
            entry=self.station.entry(mark.version) if mark else None,
            on=self.basis.on.fromordinal(mark.on) if mark else None,
            standard=standard,
            verdict=mark.verdict if mark else None,
            blocking=standard is None or standard == self.wanted.standard,
            faults=tuple(faults),
        )

    def _office(self, tier: str) -> str | None:
        county = self.at.held.county
        return office_of(self.dry.log, self.at.code, county, self.basis, tier)

    def _against(self, do: str, tier: str) -> list[Fault]:
        """Return what stands against a step on the date, by the rules that would judge it."""
        shared: dict[str, Any] = {
            "on": self.basis.on,
            "by": By(office=self._office(tier) or self.at.held.county),
            "station": self.at.code,
            "level": self.wanted.id,
        }
        round_ = self.round.id if self.round else None
        named = {"apply": Apply, "recommend": Recommend}
        submission: Submission
        if do == "certify":
            submission = Certify(**shared, round=round_ if self.wanted.round else None)
        elif do in named and round_ is not None:
            submission = named[do](**shared, round=round_)
        else:
            return []
        return list(self.dry.judge(submission).faults)

    def standards(self) -> Iterator[TriedStandard]:
        """Yield how the standards of the level would come out on the date."""
        plugins = self.dry.plugins
        trial = StationTrial(plugins, self.dry.lookup.question(self.station, self.basis.on, self.adoption))
        for code in (self.wanted.standard, *self.wanted.also_reached):
            if code is None:
                continue
            standard = plugins.standard(self.notice, code)
            found = trial.of(standard)
            musts = frozenset(one.id for one in standard.requirements if one.modality == "must")
            counts = Counter(str(finding.outcome) for finding in found.findings)
            short = shortfalls(found.findings, musts)
            yield TriedStandard(code, code == self.wanted.standard, found.verdict, dict(counts), short)


def _is_open(case: CaseState) -> bool:
    """Return whether a case is open: applied for and not ended."""
    return case.application is not None and case.ended is None


def _short(finding: FindingRecord) -> OpenRequirement:
    return OpenRequirement(
        requirement=finding.requirement,
        outcome=finding.outcome,
        kind=_kind(finding),
        gap=_gap(finding.measured, finding.required),
        measured=finding.measured,
        required=finding.required,
        reason=finding.reason,
        facts=finding.facts,
        lacking=finding.lacking,
    )


def _kind(finding: FindingRecord) -> str:
    """Return what a finding is short of: of facts that are not known the state that takes longest to mend."""
    if finding.outcome is not Outcome.UNDETERMINED:
        return str(finding.outcome)
    order = bounds().nearest
    states = [state for state in finding.lacking.values() if state in order]
    return max(states, key=order.index, default="missing")


def _gap(measured: Any, required: Any) -> int:
    """Return how much is missing of the numbers required, in thousandths; all where there are none to compare."""
    gaps = [min(WHOLE, abs(wanted - found) * WHOLE // max(wanted, 1)) for found, wanted in _numbers(measured, required)]
    open_ = [gap for gap in gaps if gap]
    return sum(open_) // len(open_) if open_ else WHOLE


def _numbers(measured: Any, required: Any) -> list[tuple[int, int]]:
    """Return the numbers of both sides, side by side."""
    if type(measured) is int and type(required) is int:
        return [(measured, required)]
    if isinstance(measured, list | tuple) and isinstance(required, list | tuple):
        return [pair for both in zip(measured, required, strict=False) for pair in _numbers(*both)]
    if isinstance(measured, dict) and isinstance(required, dict):
        return [pair for key in measured.keys() & required for pair in _numbers(measured[key], required[key])]
    return []
