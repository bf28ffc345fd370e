"""An assessment traced to its facts: what each finding rests on, and whether that still counts."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from dingji.catalogue.standard import DEFAULT_READING
from dingji.checks.statements import Fact, Holdings
from dingji.events.events import (
    AssessmentRecorded,
    FactsReported,
    FindingRecord,
    RequirementsJudged,
    SizeClassified,
)
from dingji.state.timeline import FOREVER
from dingji_projections.facts.fact_statements import FactRules
from dingji_projections.records.grounds import adoption
from dingji_projections.records.readings import chosen_readings, reading_used
from dingji_projections.records.record import Kept, Record
from dingji_projections.why.derivation import (
    DerivedAssessment,
    FactUsed,
    JudgementUsed,
    PaperUsed,
    ReadingUsed,
    StatementUsed,
    TracedFinding,
)

PAPERED: Final = (FactsReported, RequirementsJudged)


class Tracer:
    """Traces one assessment through the record of its station and of its notice, both as known at one position."""

    def __init__(
        self, event: AssessmentRecorded, station: Record, notice: Record, fact_rules: FactRules | None
    ) -> None:
        """Take the assessment; what was recorded after `read_to` it did not see.

        `fact_rules` say whose word counts and for how long; without them nobody knows what would count instead.
        """
        self._event, self._station, self._notice, self._fact_rules = event, station, notice, fact_rules
        self._choices = chosen_readings(notice)
        self._held: dict[str, Holdings] = {}

    def traced(self) -> DerivedAssessment:
        """Return the assessment with its findings, in the order of the standard."""
        event = self._event
        adopted = adoption(event, self._notice)
        return DerivedAssessment(
            standard=event.standard,
            notice=event.notice,
            adopted=adopted.entry if adopted else None,
            catalogue=event.catalogue,
            verdict=event.verdict,
            size=event.size,
            sized=self._sized(),
            serves=event.serves,
            tier=event.tier,
            read_to=event.read_to,
            checks=event.checks,
            short=event.short,
            findings=tuple(map(self._finding, event.findings)),
        )

    def _sized(self) -> str | None:
        named = (self._station.named(entry) for entry in reversed(self._event.rests_on))
        return next((kept.entry for kept in named if kept and isinstance(kept.event, SizeClassified)), None)

    def _finding(self, finding: FindingRecord) -> TracedFinding:
        facts = tuple(self._fact(key, entry, finding) for key, entry in finding.facts.items())
        shown = {paper.sha256 for fact in facts for paper in fact.papers}
        papers = tuple(self._paper(finding, digest) for digest in finding.evidence if digest not in shown)
        judgement = self._judgement(finding)
        reading = self._reading(finding.requirement, finding.reading) if finding.reading else None
        parts = (*facts, *(part for part in (judgement, reading) if part is not None))
        return TracedFinding(
            requirement=finding.requirement,
            supported=all(part.supported for part in parts) and all(paper.entry for paper in papers),
            outcome=finding.outcome,
            measured=finding.measured,
            required=finding.required,
            reason=finding.reason,
            facts=facts,
            judgement=judgement,
            reading=reading,
            papers=papers,
            lacking=finding.lacking,
            shown=finding.shown,
            otherwise=finding.otherwise,
        )

    def _fact(self, key: str, entry: str, finding: FindingRecord) -> FactUsed:
        kept = self._station.named(entry)
        statement = _stated(kept, key)
        if kept is None or statement is None:
            return FactUsed(key, entry, supported=False)
        others = (self._station.named(other) for other in finding.conflicts.get(key, ()))
        papers = self._papers.get(key, {})
        return FactUsed(
            key=key,
            entry=entry,
            supported=kept.voided_by is None,
            statement=statement,
            papers=tuple(papers[digest] for digest in finding.evidence if digest in papers),
            differing=tuple(stated for other in others if (stated := _stated(other, key))),
            instead=self._instead(key, entry),
            since=self._since(key),
        )

    def _instead(self, key: str, entry: str) -> str | None:
        """Return the entry whose statement the assessment would have gone by without one that it used."""
        if self._fact_rules is None:
            return None
        if entry not in self._held:
            seen = (kept for kept in self._station.entries if kept.position <= self._event.read_to)
            self._held[entry] = self._fact_rules.held((kept for kept in seen if kept.entry != entry), self._event.on)
        return _in_force(self._held[entry], key)

    def _since(self, key: str) -> str | None:
        """Return the entry recorded after the assessment whose statement it would go by were it made today."""
        if self._fact_rules is None:
            return None
        if "" not in self._held:
            self._held[""] = self._fact_rules.held(self._station.entries, self._event.on)
        entry = _in_force(self._held[""], key)
        later = self._station.named(entry) if entry else None
        return entry if later is not None and later.position > self._event.read_to else None

    @cached_property
    def _used(self) -> list[Kept]:
        """The entries that the assessment names, and that count."""
        named = (self._station.named(entry) for entry in self._event.rests_on)
        return [kept for kept in named if kept is not None and kept.voided_by is None]

    @cached_property
    def _papers(self) -> dict[str, dict[str, PaperUsed]]:
        """The papers that entries which count hand in, by what they support and by digest."""
        found: dict[str, dict[str, PaperUsed]] = {}
        for kept in self._used:
            if isinstance(kept.event, PAPERED):
                for paper in kept.event.evidence:
                    for key in paper.supports:
                        found.setdefault(key, {})[paper.sha256] = PaperUsed(paper.sha256, paper.name, kept.entry)
        return found

    def _paper(self, finding: FindingRecord, digest: str) -> PaperUsed:
        """Return a paper that supports no fact of the finding: the judgement's, or one that is gone."""
        kept = self._station.named(finding.judgement) if finding.judgement else None
        if kept is not None and kept.voided_by is None and isinstance(kept.event, RequirementsJudged):
            named = [paper.name for paper in kept.event.evidence if paper.sha256 == digest]
            if named:
                return PaperUsed(digest, named[0], kept.entry)
        return PaperUsed(digest)

    def _judgement(self, finding: FindingRecord) -> JudgementUsed | None:
        if finding.judgement is None:
            return None
        kept = self._station.named(finding.judgement)
        if kept is None or not isinstance(kept.event, RequirementsJudged):
            return JudgementUsed(finding.judgement, supported=False)
        judged = kept.event.judgements.get(finding.requirement)
        return JudgementUsed(
            entry=kept.entry,
            supported=kept.voided_by is None and judged is not None,
            on=kept.event.on,
            office=kept.event.by.office,
            outcome=judged.outcome if judged else None,
            reason=judged.reason if judged else None,
        )

    def _reading(self, requirement: str, reading: str) -> ReadingUsed:
        """Return the reading that was in force, and what chose it: a void of that takes its ground away."""
        last = reading_used(self._choices, requirement, self._event)
        if last is None:
            return ReadingUsed(reading, supported=reading == DEFAULT_READING)
        return ReadingUsed(reading, last.entry, supported=last.until == FOREVER)


def _stated(kept: Kept | None, key: str) -> StatementUsed | None:
    if kept is None or not isinstance(kept.event, FactsReported) or key not in kept.event.facts:
        return None
    return StatementUsed(kept.entry, kept.event.on, kept.event.by.office, kept.event.facts[key])


def _in_force(held: Holdings, key: str) -> str | None:
    """Return the entry of the statement that counts; None where none does: too old, not confirmed, or not made."""
    known = held.known(key) if key in held.facts else None
    return known.entry if isinstance(known, Fact) else None
