"""Why a station is at its level: the derivation built from the records behind it, as known at one position."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec.structs import replace

from dingji.events.events import (
    AssessmentRecorded,
    CertificationLodged,
    LevelCertified,
    RoundOpened,
    SizeClassified,
    StationRegistered,
    StationTransferred,
)
from dingji.events.vocabulary import VERB_OF_TOPIC
from dingji_projections.ask.lookups import check_station
from dingji_projections.ask.notice_rules import Parameters
from dingji_projections.audit.hindsight import hindsight
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.facts.fact_statements import Word
from dingji_projections.records.grounds import lost, rests_on
from dingji_projections.records.record import Kept, Record, record
from dingji_projections.why.derivation import Act, Voided, Why
from dingji_projections.why.ruling import GROUND_OF_ASSESSMENT, Ruling
from dingji_projections.why.stand_in import instead_of
from dingji_projections.why.station_at import Folded, voided
from dingji_projections.why.trace import Tracer

if TYPE_CHECKING:
    from dingji.catalogue.notice import Notice
    from dingji.plugins.manager import Plugins

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
    plugins: Plugins
    """What is installed: it says what would count instead, of notices that it has."""

    def notice(self, id_: str) -> Notice | None:
        """Return an installed notice."""
        return self.plugins.notice(id_)

    def word(self, id_: str) -> Word | None:
        """Return whose word counts by a notice, None where it is not installed."""
        notice = self.notice(id_)
        return Word.of(notice, self.plugins.facts(notice)) if notice is not None else None


def why(views: Views, plugins: Plugins, basis: Basis, parameters: Parameters, station: str) -> Why:
    """Return why a station is at its level on the basis' date as known at its position.

    Raises LedgerError (`unknown-station`, `not-registered`, `station-closed`).
    """
    return derive(sources(views, plugins, basis, parameters, station), basis.on)


def sources(views: Views, plugins: Plugins, basis: Basis, parameters: Parameters, station: str) -> Sources:
    """Read what a derivation is made from. Raises LedgerError (`unknown-station`)."""
    log, known = views.log, basis.known
    stream = check_station(log, station, known)

    def records(prefix: str) -> dict[str, Record]:
        return {name.removeprefix(prefix): record(log, name, known) for name in log.streams(prefix)}

    seen = hindsight(views, basis, parameters, station=station)
    return Sources(record(log, stream, known), records("round:"), records("notice:"), seen, parameters, plugins)


def derive(sources: Sources, on: date) -> Why:
    """Return the derivation on a date, from the fold of the entries that count. Pure.

    Raises LedgerError (`unknown-station`, `not-registered`, `station-closed`).
    """
    folded = Folded(sources.station, on)
    derivation = _Derivation(sources, folded)
    decision, *upheld = derivation.acts([folded.setter, *folded.upholding()])
    lodging, unlodged = derivation.lodging()
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
        lodging=lodging,
        unlodged=unlodged,
        line=tuple(folded.bearing()),
        voided=(*folded.voided(), *derivation.voided_elsewhere(gone)),
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
        self._ruling = Ruling(sources.station, sources.hindsight, sources.parameters)
        self._tracers: dict[str, Tracer] = {}

    @cached_property
    def _lost(self) -> dict[str, tuple[str, ...]]:
        return lost(self.record)

    def lodging(self) -> tuple[Act | None, int | None]:
        """Return the lodging of the certification that set the level, or the days for which it is owed."""
        setter = self.folded.setter
        lodged = (kept for kept in self.folded.counting if isinstance(kept.event, CertificationLodged))
        found = next((self.act(kept) for kept in lodged if rests_on(kept.event) == (setter.entry,)), None)
        levels = self.sources.parameters.lodged_levels
        owed = found is None and isinstance(setter.event, LevelCertified) and setter.event.level in levels
        return found, (self.folded.on - setter.event.on).days if owed else None

    def voided_elsewhere(self, gone: Iterable[str]) -> Iterator[Voided]:
        """Yield what acts have lost in other streams: the openings of rounds, and readings."""
        records = [*self.sources.rounds.values(), *self.sources.notices.values()]
        for entry in gone:
            for record_ in records:
                kept = record_.named(entry)
                if kept is not None and kept.voided_by is not None:
                    yield voided(record_, kept)

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
            steps.append(self.act(step, kept))
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

    def act(self, kept: Kept, decision: Kept | None = None) -> Act:
        """Return one act with its rules and what it has lost; of a step, also what would stand in for it."""
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
            rules=tuple(self._ruling.of(kept, gone)),
            irregularities=event.irregularities,
            rests_on=rests_on(event),
            voided_by=kept.voided_by,
            unsupported=gone,
            instead=self._instead(decision, kept) if decision and kept.voided_by is None else None,
            assessed=tracer.traced() if tracer else None,
        )

    def _tracer(self, kept: Kept) -> Tracer | None:
        event = kept.event
        if not isinstance(event, AssessmentRecorded):
            return None
        if kept.entry not in self._tracers:  # every act that rests on it asks again
            notice = self.sources.notices.get(event.notice, Record(f"notice:{event.notice}"))
            self._tracers[kept.entry] = Tracer(event, self.record, notice, self.sources.word(event.notice))
        return self._tracers[kept.entry]

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

    def _instead(self, decision: Kept, ground: Kept) -> str | None:
        """Return what the decision would rest on without one of its grounds."""
        opening = self._opened(getattr(decision.event, "round", None))
        opened = opening.event.on if opening is not None and opening.voided_by is None else None
        notice = self.sources.notice(getattr(ground.event, "notice", ""))
        return instead_of(self.record, decision, ground, notice, opened)
