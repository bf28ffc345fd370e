"""Why a station is at its level: the derivation built from the records behind it, as known at one position."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Final, NamedTuple

from msgspec.structs import replace

from dingji.catalogue.notice import Notice
from dingji.events.events import (
    AssessmentRecorded,
    CertificationLodged,
    LevelCertified,
    SizeClassified,
    StationRegistered,
    StationTransferred,
)
from dingji.events.vocabulary import VERB_OF_TOPIC
from dingji.plugins.manager import Plugins
from dingji_projections.ask.lookups import check_station
from dingji_projections.ask.notice_rules import NoticeRules
from dingji_projections.audit.hindsight import hindsight
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.facts.fact_statements import FactRules
from dingji_projections.records.grounds import lost, lost_elsewhere
from dingji_projections.records.opening import opening
from dingji_projections.records.record import Kept, Record, record, rests_on
from dingji_projections.why.derivation import DerivedAct, Voided, Why
from dingji_projections.why.ruling import GROUND_OF_ASSESSMENT, Ruling
from dingji_projections.why.stand_in import instead_of
from dingji_projections.why.station_at import StationAt, voided
from dingji_projections.why.trace import Tracer

OWN: Final = ("level", "to", "held", "round", "reason", "ground", "under", "kind", "year", "certification")
"""What an act's details show of its own fields."""


class Sources(NamedTuple):
    """All that a derivation is made from: records as known at one position, and what the notice says."""

    station: Record
    rounds: Mapping[str, Record]
    notices: Mapping[str, Record]
    hindsight: Mapping[str, Sequence[str]]
    """Decision to the codes of what looks otherwise now."""
    notice_rules: NoticeRules
    plugins: Plugins
    """What is installed: it says what would count instead, of notices that it has."""

    def notice(self, id_: str) -> Notice | None:
        """Return an installed notice."""
        return self.plugins.notice(id_)

    def fact_rules(self, id_: str) -> FactRules | None:
        """Return whose word counts by a notice, None where it is not installed."""
        notice = self.notice(id_)
        return FactRules.of(notice, self.plugins.facts(notice)) if notice is not None else None


def why(views: Views, plugins: Plugins, basis: Basis, notice_rules: NoticeRules, station: str) -> Why:
    """Return why a station is at its level on the basis' date as known at its position.

    Raises LedgerError (`unknown-station`, `not-registered`, `station-closed`).
    """
    return derive(sources(views, plugins, basis, notice_rules, station), basis.on)


def sources(views: Views, plugins: Plugins, basis: Basis, notice_rules: NoticeRules, station: str) -> Sources:
    """Read what a derivation is made from. Raises LedgerError (`unknown-station`)."""
    log, known = views.log, basis.known
    stream = check_station(log, station, known)

    def records(prefix: str) -> dict[str, Record]:
        return {name.removeprefix(prefix): record(log, name, known) for name in log.streams(prefix)}

    seen = hindsight(views, basis, notice_rules, station=station)
    return Sources(record(log, stream, known), records("round:"), records("notice:"), seen, notice_rules, plugins)


def derive(sources: Sources, on: date) -> Why:
    """Return the derivation on a date, from the fold of the entries that count. Pure.

    Raises LedgerError (`unknown-station`, `not-registered`, `station-closed`).
    """
    at = StationAt(sources.station, on)
    derivation = _Derivation(sources, at)
    decision, *upheld = derivation.acts([at.setter, *at.upholding()])
    lodging, unlodged = derivation.lodging()
    # What their steps have lost they have lost too.
    gone = dict.fromkeys(entry for act in (decision, *upheld) for entry in act.unsupported)
    return Why(
        station=at.code,
        name=at.name(),
        county=at.placed(StationRegistered, StationTransferred, value=at.held.county),
        size=at.placed(SizeClassified, value=at.held.size),
        level=at.held.level,
        since=date.fromordinal(at.held.since),
        entry=decision.entry,
        instead=at.instead(),
        decision=decision,
        upheld=tuple(upheld),
        lodging=lodging,
        unlodged=unlodged,
        line=tuple(at.bearing()),
        voided=(*at.voided(), *derivation.voided_elsewhere(gone)),
        unsupported=tuple(gone),
    )


class _Derivation:
    """The acts behind one station's level, each made out with what it rests on."""

    def __init__(self, sources: Sources, at: StationAt) -> None:
        self.sources, self.at = sources, at
        self.record = sources.station
        self._ruling = Ruling(sources.station, sources.hindsight, sources.notice_rules)
        self._tracers: dict[str, Tracer] = {}

    @cached_property
    def _lost(self) -> dict[str, tuple[str, ...]]:
        rounds, notices = self.sources.rounds, self.sources.notices
        elsewhere = {kept.entry: [*lost_elsewhere(kept.event, rounds, notices)] for kept in self.record.entries}
        return lost(self.record, elsewhere)

    def lodging(self) -> tuple[DerivedAct | None, int | None]:
        """Return the lodging of the certification that set the level, or the days for which it is owed."""
        setter = self.at.setter
        lodged = ((kept, kept.event) for kept in self.at.counting if isinstance(kept.event, CertificationLodged))
        found = next((self.act(kept) for kept, event in lodged if event.certification == setter.entry), None)
        levels = self.sources.notice_rules.lodged_levels
        owed = found is None and isinstance(setter.event, LevelCertified) and setter.event.level in levels
        return found, (self.at.on - setter.event.on).days if owed else None

    def voided_elsewhere(self, gone: Iterable[str]) -> Iterator[Voided]:
        """Yield what acts have lost in other streams: the openings of rounds, and readings."""
        records = [*self.sources.rounds.values(), *self.sources.notices.values()]
        for entry in gone:
            for record_ in records:
                kept = record_.named(entry)
                if kept is not None and kept.voided_by is not None:
                    yield voided(record_, kept)

    def acts(self, decisions: Iterable[Kept]) -> list[DerivedAct]:
        """Return decisions with all that they rest on; what two of them share comes with the first."""
        shown = {kept.entry for kept in decisions}
        return [self._with_steps(kept, shown) for kept in decisions]

    def _with_steps(self, kept: Kept, shown: set[str]) -> DerivedAct:
        steps: list[DerivedAct] = []
        names = [*rests_on(kept.event)]
        for name in names:
            step = self.record.named(name)
            if name in shown or (step is not None and isinstance(step.event, GROUND_OF_ASSESSMENT)):
                continue
            shown.add(name)
            if step is None:
                steps.append(DerivedAct(name))
                continue
            if step.voided_by is None:  # what one that is gone rested on carries nothing any more
                names += rests_on(step.event)
            steps.append(self.act(step, kept))
        steps += self._opening(kept, shown)
        return replace(self.act(kept), steps=tuple(steps))

    def _opening(self, kept: Kept, shown: set[str]) -> Iterator[DerivedAct]:
        """Yield the opening of the round that an act names."""
        opened = self._opened(kept)
        if opened is not None and opened.entry not in shown:
            shown.add(opened.entry)
            yield self.act(opened)

    def _opened(self, act: Kept) -> Kept | None:
        """Return the opening of the round that an act names: the one that counts, else the last of those voided."""
        found = self.sources.rounds.get(getattr(act.event, "round", None) or "")
        return opening(found) if found is not None else None

    def act(self, kept: Kept, decision: Kept | None = None) -> DerivedAct:
        """Return one act with its rules and what it has lost; of a step, also what would stand in for it."""
        event = kept.event
        gone = self._lost.get(kept.entry, ())
        tracer = self._tracer(kept)
        return DerivedAct(
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
            self._tracers[kept.entry] = Tracer(event, self.record, notice, self.sources.fact_rules(event.notice))
        return self._tracers[kept.entry]

    def _instead(self, decision: Kept, ground: Kept) -> str | None:
        """Return what the decision would rest on without one of its grounds."""
        opened = self._opened(decision)
        start = opened.event.on if opened is not None and opened.voided_by is None else None
        notice = self.sources.notice(getattr(ground.event, "notice", ""))
        return instead_of(self.record, decision, ground, notice, start)
