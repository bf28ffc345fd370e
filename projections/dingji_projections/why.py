"""Why a station is at its level: the derivation built from the records behind it, as known at one position."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Final, NamedTuple

from msgspec.structs import replace

from dingji.events import (
    AssessmentRecorded,
    CertificationLodged,
    FactsReported,
    RequirementsJudged,
    RoundOpened,
    SizeClassified,
    StationRegistered,
    StationTransferred,
)
from dingji.rules.void import VERB_OF_TOPIC
from dingji_projections.basis import Basis
from dingji_projections.derivation import Act, Rule, RuleVerdict, Why
from dingji_projections.engine import Views
from dingji_projections.folded import Folded, order
from dingji_projections.grounds import lost, rests_on
from dingji_projections.hindsight import hindsight
from dingji_projections.judged import carried_by, grounds_of, rules_of
from dingji_projections.named import check_station
from dingji_projections.parameters import Parameters
from dingji_projections.record import Kept, Record, record
from dingji_projections.tracing import Tracer

OWN: Final = ("level", "to", "held", "round", "reason", "ground", "under", "kind", "year", "certification")
"""What an act's details show of its own fields."""


class Sources(NamedTuple):
    """All that a derivation is made from: records as known at one position, and what the notice says."""

    station: Record
    rounds: Mapping[str, Record]
    notices: Mapping[str, Record]
    hindsight: Mapping[str, list[str]]
    """Decision to the codes of what looks otherwise now."""
    parameters: Parameters


def why(views: Views, basis: Basis, parameters: Parameters, station: str) -> Why:
    """Return why a station is at its level on the basis' date as known at its position.

    Raises LedgerError (`unknown-station`, `not-registered`, `station-closed`).
    """
    return derive(sources(views, basis, parameters, station), basis.on)


def sources(views: Views, basis: Basis, parameters: Parameters, station: str) -> Sources:
    """Read what a derivation is made from. Raises LedgerError (`unknown-station`)."""
    log, known = views.log, basis.known
    stream = check_station(log, station, known)

    def records(prefix: str) -> dict[str, Record]:
        return {name.removeprefix(prefix): record(log, name, known) for name in log.streams(prefix)}

    seen = hindsight(views, basis, parameters, station=station)
    return Sources(record(log, stream, known), records("round:"), records("notice:"), seen, parameters)


def derive(sources: Sources, on: date) -> Why:
    """Return the derivation on a date, from the fold of the entries that count. Pure.

    Raises LedgerError (`unknown-station`, `not-registered`, `station-closed`).
    """
    folded = Folded(sources.station, on)
    derivation = _Derivation(sources, folded)
    decision, *upheld = derivation.acts([folded.setter, *folded.upholding()])
    gone = dict.fromkeys(entry for act in _all([decision, *upheld]) for entry in act.unsupported)
    return Why(
        station=folded.code,
        name=folded.name(),
        county=folded.placed(StationRegistered, StationTransferred, value=folded.held.county),
        size=folded.placed(SizeClassified, value=folded.held.size),
        level=folded.held.level,
        since=date.fromordinal(folded.held.since),
        entry=decision.entry,
        instead=folded.instead(),
        decision=decision,
        upheld=tuple(upheld),
        lodging=derivation.lodging(),
        line=tuple(folded.bearing()),
        voided=tuple(folded.voided()),
        unsupported=tuple(gone),
    )


def _all(acts: Iterable[Act]) -> Iterator[Act]:
    for act in acts:
        yield act
        yield from _all(act.steps)


class _Derivation:
    """The acts behind one station's level, each made out with what it rests on."""

    def __init__(self, sources: Sources, folded: Folded) -> None:
        self.sources, self.folded = sources, folded
        self.record = sources.station

    @cached_property
    def _lost(self) -> dict[str, tuple[str, ...]]:
        return lost(self.record)

    def lodging(self) -> Act | None:
        """Return the lodging of the certification that set the level."""
        setter = self.folded.setter.entry
        lodged = (kept for kept in self.folded.counting if isinstance(kept.event, CertificationLodged))
        return next((self.act(kept) for kept in lodged if rests_on(kept.event) == (setter,)), None)

    def acts(self, decisions: Iterable[Kept]) -> list[Act]:
        """Return decisions with all that they rest on; what two of them share is told with the first."""
        told = {kept.entry for kept in decisions}
        return [self._with_steps(kept, told) for kept in decisions]

    def _with_steps(self, kept: Kept, told: set[str]) -> Act:
        steps: list[Act] = []
        names = [*rests_on(kept.event)]
        for name in names:
            step = self.record.named(name)
            if name in told or (step is not None and isinstance(step.event, GROUND_OF_ASSESSMENT)):
                continue
            told.add(name)
            if step is None:
                steps.append(Act(name))
                continue
            if step.voided_by is None:  # what one that is gone rested on carries nothing any more
                names += [ground for ground in rests_on(step.event) if ground not in names]
            steps.append(self.act(step))
        steps += self._opening(kept, told)
        return replace(self.act(kept), steps=tuple(steps))

    def _opening(self, kept: Kept, told: set[str]) -> Iterator[Act]:
        """Yield the opening of the round that an act names."""
        opening = self._opened(getattr(kept.event, "round", None))
        if opening is not None and opening.entry not in told:
            told.add(opening.entry)
            yield self.act(opening)

    def _opened(self, round_: str | None) -> Kept | None:
        """Return the opening of a round: the one that counts, else the last of those voided."""
        found = self.sources.rounds.get(round_ or "")
        openings = [kept for kept in found.entries if isinstance(kept.event, RoundOpened)] if found else []
        counting = [kept for kept in openings if kept.voided_by is None]
        return counting[0] if counting else openings[-1] if openings else None

    def act(self, kept: Kept) -> Act:
        """Return one act with its rules, and what it rests on and is gone."""
        event = kept.event
        gone = tuple(dict.fromkeys([*self._lost.get(kept.entry, ()), *self._gone_elsewhere(kept)]))
        tracer = self._tracer(kept)
        return Act(
            entry=kept.entry,
            position=kept.position,
            verb=VERB_OF_TOPIC[kept.topic],
            on=event.on,
            on_precision=event.on_precision,
            recorded_at=event.recorded_at,
            office=event.by.office,
            person=event.by.person,
            document=event.document,
            note=event.note,
            irregular=event.irregular,
            details={name: value for name in OWN if (value := getattr(event, name, None)) is not None},
            rules=tuple(self._rules(kept, gone)),
            irregularities=event.irregularities,
            rests_on=rests_on(event),
            voided_by=kept.voided_by,
            unsupported=gone,
            instead=self._instead(kept),
            assessed=tracer.traced() if tracer else None,
        )

    def _tracer(self, kept: Kept) -> Tracer | None:
        if not isinstance(kept.event, AssessmentRecorded):
            return None
        notice = self.sources.notices.get(kept.event.notice, Record(f"notice:{kept.event.notice}"))
        return Tracer(kept, kept.event, self.record, notice)

    def _gone_elsewhere(self, kept: Kept) -> Iterator[str]:
        """Yield what an act rests on in other streams and is gone: the opening of its round, its notice, its readings.

        What such a step has lost, the acts that rest on it have lost, too.
        """
        named: str | None = getattr(kept.event, "round", None)
        if named is not None and not isinstance(kept.event, RoundOpened):
            opening = self._opened(named)
            if opening is None:
                yield f"round:{named}"
            elif opening.voided_by is not None:
                yield opening.entry
        if tracer := self._tracer(kept):
            yield from tracer.gone()
        for name in rests_on(kept.event):
            step = self.record.named(name)
            if step is not None and step.voided_by is None:
                yield from self._gone_elsewhere(step)

    def _rules(self, kept: Kept, gone: tuple[str, ...]) -> Iterator[Rule]:
        event, parameters = kept.event, self.sources.parameters
        named = getattr(event, "round", None) is not None
        level = getattr(event, "level", getattr(event, "to", None))
        irregular = [fault.code for fault in event.irregularities]
        seen = self.sources.hindsight.get(kept.entry, [])
        carried = {RoundOpened.__name__, *map(self._topic, rests_on(event))}
        uncarried = {code for entry in gone for code in carried_by(self._topic(entry))}
        codes = rules_of(VERB_OF_TOPIC[kept.topic], level, named=named, parameters=parameters)
        for code in dict.fromkeys([*codes, *irregular, *seen]):
            grounds = grounds_of(code)
            verdict: RuleVerdict = "moot" if grounds and not grounds & carried else "satisfied"
            verdict = "unsupported" if code in uncarried else verdict
            verdict = "irregular" if code in irregular else "hindsight" if code in seen else verdict
            yield Rule(code, parameters.clauses.get(code), verdict)

    def _topic(self, entry: str) -> str:
        """Return what a lost ground was: of a report or judgement, the assessment that it was read for."""
        kept = self.record.named(entry)
        if kept is None:
            return RoundOpened.__name__ if entry.startswith("round:") else AssessmentRecorded.__name__
        return AssessmentRecorded.__name__ if isinstance(kept.event, GROUND_OF_ASSESSMENT) else kept.topic

    def _instead(self, kept: Kept) -> str | None:
        """Return the last act of the same kind before, which would count if this one did not."""
        same = [other for other in self.folded.counting if _alike(other, kept) and order(other) < order(kept)]
        return max(same, key=order).entry if same else None


GROUND_OF_ASSESSMENT: Final = (FactsReported, RequirementsJudged, SizeClassified)
"""What assessments rest on: told with their findings, not as steps of their own."""


def _alike(one: Kept, other: Kept) -> bool:
    """Return whether two acts are of one kind: the same step for the same level in the same round, or one standard."""
    same = ("level", "round", "tier", "standard", "certification")
    return one.topic == other.topic and all(
        getattr(one.event, name, None) == getattr(other.event, name, None) for name in same
    )
