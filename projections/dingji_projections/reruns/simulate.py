"""What a draft standard, or other plugins, would come to: all stations assessed, and nothing recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from typing import Literal, NamedTuple

import msgspec

from dingji.catalogue.notice import Level, Notice
from dingji.catalogue.standard import Standard
from dingji.faults import LedgerError
from dingji.plugins.manager import Plugins
from dingji.state.case import latest_assessment
from dingji.state.notice_state import governing_or_first
from dingji.state.state_cache import fold
from dingji.state.station import Mark, Station
from dingji.state.timeline import Standing
from dingji.store.log import Log
from dingji.terms import UNGRADED, Outcome, Verdict
from dingji.writer.assess_station import Question
from dingji_projections.ask.governing_notice import adoptions
from dingji_projections.engine.basis import Basis
from dingji_projections.levels.attainment import Attained, Holder, attainment
from dingji_projections.reruns.station_trial import StationTrial

DraftChange = Literal["gains", "loses", "undecided", "same"]

OPEN = (Outcome.UNDETERMINED, Outcome.NEEDS_JUDGEMENT, Outcome.ERROR)
"""The outcomes that leave a requirement undecided."""


class Simulated(msgspec.Struct, frozen=True):
    """One station under the draft.

    `held` is its level, `before` the verdict that counts until now (`assessed`: of which date, where it is a recorded
    one), `after` the draft's; `to` is the level that it
    would hold, None where it loses its own and nobody knows which of `could`, the highest first, it falls to.
    `lacking` are the facts for want of which nothing is decided, `open` the requirements left undecided,
    `short` those not met.
    """

    station: str
    name: str
    county: str
    standard: str
    held: str
    before: Verdict | None
    after: Verdict
    change: DraftChange
    to: str | None
    lacking: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    could: tuple[str, ...] = ()
    assessed: date | None = None


class Simulation(msgspec.Struct, frozen=True):
    """What came of all stations, what is lacking most often, and the attainment rates before and after."""

    stations: tuple[Simulated, ...]
    lacking: dict[str, int]
    """Fact to the number of stations that it leaves undecided, most first."""
    before: tuple[Attained, ...]
    after: tuple[Attained, ...]


class Drafts(NamedTuple):
    """The standards to try, and the verdicts to hold them against: those in force, or what was recorded last."""

    standards: Sequence[Standard]
    recorded: bool
    """Whether the standards tried are those installed, so that only what was recorded tells how it was before."""


class Simulator:
    """Tries drafts on the stations of a log as known at one position, on one date."""

    def __init__(self, log: Log, plugins: Plugins, basis: Basis, drafts: Drafts) -> None:
        """Read what all stations share. Raises LedgerError (`unknown-notice`, `plugin-failed`)."""
        plugins.require_sound()
        self._log, self._plugins, self._basis, self._drafts = log, plugins, basis, drafts
        adoption = governing_or_first(adoptions(log, basis.known), basis.on)
        notice = plugins.notice(adoption.id) if adoption else None
        if notice is None or adoption is None:
            raise LedgerError("unknown-notice", notice=adoption.id if adoption else "")
        self.notice: Notice = notice
        self._readings = adoption.readings(basis.on)
        rounds = [(stream, log.stream(stream, upto=basis.known)) for stream in log.streams("round:")]
        self._rounds = [fold(stream, rows) for stream, rows in rounds if rows]

    def station(self, stream: str, county: str | None) -> list[Simulated] | None:
        """Return what each draft comes to for a station; None where it does not exist on the date, or is elsewhere."""
        rows = self._log.stream(stream, upto=self._basis.known)
        station: Station | None = fold(stream, rows) if rows else None
        standing = station.standing(self._basis.on.toordinal()) if station else None
        if station is None or standing is None or county not in {None, standing.county}:
            return None
        question = Question(
            notice=self.notice,
            station=station,
            on=self._basis.on,
            rows=rows,
            rounds=self._rounds,
            readings=self._readings,
        )
        trial = StationTrial(self._plugins, question)
        return [self._tried(draft, trial, standing) for draft in self._drafts.standards]

    def _tried(self, draft: Standard, trial: StationTrial, standing: Standing) -> Simulated:
        station = trial.question.station
        found = trial.of(draft)
        level = self.notice.level_of(draft.code)
        last = self._recorded(station, draft.code) if self._drafts.recorded else None
        recorded = last.verdict if last else None
        before = recorded if self._drafts.recorded else self._present(trial, draft.code)
        change = _change(found.verdict, before, level, standing)
        musts = {one.id for one in draft.requirements if one.modality == "must"}
        open_ = [one for one in found.findings if one.outcome in OPEN and one.requirement in musts]
        could = self._levels_after(change, level, standing, trial)
        undecided = open_ if found.verdict is Verdict.UNDETERMINED else []
        return Simulated(
            station=station.code,
            name=_name(station, self._basis.on),
            county=standing.county,
            standard=draft.code,
            held=standing.level,
            before=before,
            after=found.verdict,
            change=change,
            to=could[0] if len(could) == 1 else None,
            assessed=date.fromordinal(last.on) if last else None,
            could=could if len(could) > 1 else (),
            lacking=tuple(sorted({key for one in undecided for key in one.lacking})),
            open=tuple(one.requirement for one in undecided),
            short=tuple(
                one.requirement for one in found.findings if one.outcome is Outcome.NOT_MET and one.requirement in musts
            ),
        )

    def _present(self, trial: StationTrial, code: str) -> Verdict | None:
        """Return the verdict of the standard in force, None where there is none of that code."""
        if code not in self._plugins.standard_codes(self.notice):
            return None
        return trial.of(self._plugins.standard(self.notice, code)).verdict

    def _recorded(self, station: Station, code: str) -> Mark | None:
        """Return the assessment that was recorded last, by whichever office."""
        return latest_assessment(station, code, tuple(self.notice.tiers), 0, self._basis.on.toordinal())

    def _levels_after(
        self, change: DraftChange, level: Level | None, standing: Standing, trial: StationTrial
    ) -> tuple[str, ...]:
        """Return the level that a station would hold, or all between which it cannot be decided.

        Who loses its own falls to the highest that it still reaches; what is undetermined does not grade.
        """
        if level is not None and change == "gains" and standing.rank < level.rank:
            return (level.id,)
        if level is None or change != "loses" or standing.level != level.id:
            return (standing.level,)
        could = []
        for lower in reversed(self.notice.rules.level):
            if lower.rank < level.rank and lower.standard:
                verdict = self._verdict(trial, lower.standard)
                could += [lower.id] if verdict is not Verdict.NOT_REACHED else []
                if verdict is Verdict.REACHED:
                    return tuple(could)
        return (*could, UNGRADED)

    def _verdict(self, trial: StationTrial, code: str) -> Verdict:
        drafted = next((draft for draft in self._drafts.standards if draft.code == code), None)
        return trial.of(drafted or self._plugins.standard(self.notice, code)).verdict


def _change(after: Verdict, before: Verdict | None, level: Level | None, standing: Standing) -> DraftChange:
    """Return what a draft changes for a station.

    It gains what it would reach and neither reaches now nor holds; it loses what it reaches now, or holds without
    falling short of it already, and would not reach.
    """
    holds = level is not None and standing.level == level.id
    above = level is not None and standing.rank >= level.rank
    if after is Verdict.UNDETERMINED:
        return "undecided"
    if after is Verdict.REACHED:
        return "same" if above or before is Verdict.REACHED else "gains"
    return "loses" if before is Verdict.REACHED or (holds and before is not Verdict.NOT_REACHED) else "same"


def _name(station: Station, on: date) -> str:
    called = [one for one in station.names if one.on <= on.toordinal()]
    return max(called, key=lambda one: (one.on, one.version)).name if called else ""


def simulate(
    log: Log,
    plugins: Plugins,
    basis: Basis,
    drafts: Drafts,
    county: str | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Simulation:
    """Hold every station against drafts; `progress` takes (done, total).

    Raises LedgerError (`unknown-notice`, `plugin-failed`, `bad-catalogue`).
    """
    simulator = Simulator(log, plugins, basis, drafts)
    streams = sorted(log.streams("station:"))
    found: list[Simulated] = []
    for done, stream in enumerate(streams, 1):
        found += simulator.station(stream, county) or []
        progress(done, len(streams))
    counts = Counter(key for one in found for key in one.lacking)
    lacking = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    return Simulation(tuple(found), lacking, *_rates(found, simulator.notice))


def _rates(found: list[Simulated], notice: Notice) -> tuple[tuple[Attained, ...], tuple[Attained, ...]]:
    """Return the attainment rates of the levels that have a standard, as they are and as they would be."""
    rules = notice.rules
    ranks = {UNGRADED: 0} | {level.id: level.rank for level in rules.level}
    levels = [level.id for level in rules.level if level.standard]
    before = {one.station: Holder(one.station, one.county, one.held) for one in found}
    after = dict(before)
    # Of two drafts of one station what it gains counts, and of two gains the higher.
    for one in sorted(found, key=lambda one: (one.change == "gains", ranks.get(one.to or "", 0))):
        if one.to != one.held:
            after[one.station] = Holder(one.station, one.county, one.to, one.could)
    return (
        tuple(attainment(before.values(), ranks, levels, rules.top.office)),
        tuple(attainment(after.values(), ranks, levels, rules.top.office)),
    )
