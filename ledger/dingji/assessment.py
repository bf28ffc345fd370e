"""Standard + dossier + checks -> findings -> verdict. Pure: no clock, file, network or randomness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from dingji.catalogue import DEFAULT_READING, Requirement, Standard
from dingji.checks import Check
from dingji.dossier import Dossier, Unknown
from dingji.evaluation import Answer, evaluate
from dingji.events import CheckOwner, FindingRecord
from dingji.faults import Text
from dingji.reasons import SAY
from dingji.terms import Outcome, Verdict, entry_place

SETTLED = (Outcome.MET, Outcome.NOT_APPLICABLE)
"""What leaves nothing between a requirement and `reached`."""


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """A standard's findings on a station and what they come to, field by field as `AssessmentRecorded` keeps it."""

    standard: str
    notice: str
    catalogue: str
    verdict: Verdict
    findings: tuple[FindingRecord, ...]
    checks: dict[str, CheckOwner]
    size: str | None
    serves: str
    readings: dict[str, str]
    short: tuple[str, ...]
    """The requirements that stand between the station and `reached`."""
    rests_on: tuple[str, ...]


class _Examined(NamedTuple):
    """One requirement's finding, the entries that it rests on, and the checks that ran under its readings."""

    finding: FindingRecord
    entries: set[str]
    checks: set[str]


def assess(
    standard: Standard, dossier: Dossier, checks: Mapping[str, Check], adopted: Mapping[str, str] | None = None
) -> Assessment:
    """Return the findings of every requirement, in the standard's order; `adopted` names the readings in force."""
    chosen = adopted or {}
    found = [
        _examine(requirement, chosen.get(requirement.id, DEFAULT_READING), dossier, checks, standard.sizes)
        for requirement in standard.requirements
    ]
    findings = tuple([one.finding for one in found])
    verdict, short = judge(standard, findings)
    entries = set[str]().union(*(one.entries for one in found))
    return Assessment(
        standard=standard.code,
        notice=standard.notice,
        catalogue=standard.digest,
        verdict=verdict,
        findings=findings,
        checks={name: checks[name].owner for name in sorted(set[str]().union(*(one.checks for one in found)))},
        size=dossier.subject.size,
        serves=dossier.serves,
        readings={finding.requirement: finding.reading for finding in findings if finding.reading},
        short=short,
        rests_on=tuple(sorted(entries, key=lambda name: entry_place(name) or (name, 0))),
    )


def judge(standard: Standard, findings: Iterable[FindingRecord]) -> tuple[Verdict, tuple[str, ...]]:
    """Return what findings come to, and the requirements that fall short; only a `must` can.

    A station to which nothing applies (a size that the standard does not know) has not reached anything.
    """
    musts = {requirement.id for requirement in standard.requirements if requirement.modality == "must"}
    asked = [finding for finding in findings if finding.requirement in musts]
    short = tuple(finding.requirement for finding in asked if finding.outcome not in SETTLED)
    outcomes = {finding.outcome for finding in asked}
    if Outcome.NOT_MET in outcomes:
        return Verdict.NOT_REACHED, short
    return (Verdict.UNDETERMINED if short or Outcome.MET not in outcomes else Verdict.REACHED), short


def _examine(
    requirement: Requirement, reading: str, dossier: Dossier, checks: Mapping[str, Check], sizes: dict[str, Text]
) -> _Examined:
    """Evaluate a requirement under each of its readings; the one in force decides."""
    answers = {DEFAULT_READING: evaluate(requirement, dossier, checks, sizes)}
    for id_, other in requirement.readings.items():
        answers[id_] = evaluate(other, dossier, checks, sizes)
    ran = {answer.check for answer in answers.values() if answer.check}
    chosen = answers.get(reading)
    if chosen is None:
        lost = SAY("no-reading", reading=reading)
        return _Examined(FindingRecord(requirement.id, Outcome.ERROR, reason=lost, reading=reading), set(), ran)
    trail = _Trail(chosen)
    decided = chosen.finding.outcome
    outcomes = {id_: answer.finding.outcome for id_, answer in answers.items()}
    otherwise = {id_: outcome for id_, outcome in outcomes.items() if outcome is not decided}
    named = reading if requirement.readings else None
    return _Examined(_record(requirement, chosen, trail, named, otherwise), trail.entries, ran)


def _record(
    requirement: Requirement, chosen: Answer, trail: _Trail, reading: str | None, otherwise: dict[str, Outcome]
) -> FindingRecord:
    """Return the finding under the reading in force, with what the others come to instead."""
    finding = chosen.finding
    return FindingRecord(
        requirement=requirement.id,
        outcome=finding.outcome,
        measured=finding.measured,
        required=finding.required,
        reason=finding.reason,
        facts=trail.facts,
        evidence=trail.digests,
        lacking=trail.lacking if finding.outcome is Outcome.UNDETERMINED else {},
        conflicts=trail.conflicts,
        judgement=chosen.judgement.entry if chosen.judgement else None,
        shown=chosen.shown.entry if chosen.shown else None,
        reading=reading,
        reading_matters=bool(otherwise),
        otherwise=otherwise,
    )


class _Trail:
    """What a finding rests on: the facts that were asked for, their papers, the judgement."""

    __slots__ = ("conflicts", "digests", "entries", "facts", "lacking")

    def __init__(self, answer: Answer) -> None:
        self.facts: dict[str, str] = {}
        self.lacking: dict[str, str] = {"size": "missing"} if answer.view.lacks_size else {}
        self.conflicts: dict[str, tuple[str, ...]] = {}
        papers: list[tuple[str, str]] = []
        for key, found in answer.view.asked.items():
            if isinstance(found, Unknown):
                self.lacking[key] = found.state
                if found.state != "unsupported" or not found.statement:
                    continue
                self.facts[key] = found.statement.entry  # in force, only not shown to be so
            else:
                self.facts[key] = found.statement.entry
                papers += found.evidence
                if found.others:
                    self.conflicts[key] = tuple([other.entry for other in found.others])
        self.entries = set(self.facts.values())
        if judged := answer.judgement:
            papers += [(digest, judged.entry) for digest in judged.evidence]
            self.entries.add(judged.entry)
        self.digests = tuple(sorted({digest for digest, _ in papers})) if papers else ()
        self.entries.update([entry for _, entry in papers])
