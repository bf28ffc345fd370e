"""Standard + dossier + checks -> findings -> verdict. Pure: no clock, file, network or randomness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from dingji.catalogue.standard import DEFAULT_READING, Requirement, Standard
from dingji.checks.check import Check
from dingji.checks.dossier import Dossier, Fact, Unknown
from dingji.checks.evaluation import Answer, evaluate
from dingji.checks.reasons import SAY
from dingji.events.events import CheckOwner, FindingRecord
from dingji.terms import Outcome, Verdict, entry_place
from dingji.texts import Text

SETTLED = (Outcome.MET, Outcome.NOT_APPLICABLE)
"""The outcomes that do not stand in the way of `reached`."""


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


class _Used(NamedTuple):
    """The entries that an assessment rests on, and the checks that ran, filled in requirement by requirement."""

    entries: set[str]
    checks: set[str]


def assess(
    standard: Standard, dossier: Dossier, checks: Mapping[str, Check], adopted: Mapping[str, str] | None = None
) -> Assessment:
    """Return the findings of every requirement, in the standard's order; `adopted` names the readings in force."""
    chosen, used = adopted or {}, _Used(set(), set())
    if dossier.requirements is None:
        dossier = dossier.within(frozenset([requirement.id for requirement in standard.requirements]))
    findings = tuple(
        [
            _examine(requirement, chosen.get(requirement.id, DEFAULT_READING), dossier, checks, standard.sizes, used)
            for requirement in standard.requirements
        ]
    )
    verdict, short = judge(standard, findings)
    return Assessment(
        standard=standard.code,
        notice=standard.notice,
        catalogue=standard.digest,
        verdict=verdict,
        findings=findings,
        checks={name: checks[name].owner for name in sorted(used.checks)},
        size=dossier.subject.size,
        serves=dossier.serves,
        readings={finding.requirement: finding.reading for finding in findings if finding.reading},
        short=short,
        rests_on=tuple(sorted(used.entries, key=lambda name: entry_place(name) or (name, 0))),
    )


def judge(standard: Standard, findings: Iterable[FindingRecord]) -> tuple[Verdict, tuple[str, ...]]:
    """Return the verdict on findings in the standard's order, and which requirements fall short; only a `must` can."""
    both = zip(standard.requirements, findings, strict=True)
    asked = [finding for requirement, finding in both if requirement.modality == "must"]
    short = tuple([finding.requirement for finding in asked if finding.outcome not in SETTLED])
    return verdict_of(Counter([finding.outcome for finding in asked])), short


def verdict_of(counts: Mapping[Outcome, int]) -> Verdict:
    """Return the verdict on the outcomes of the requirements that must be met, by how many have each.

    A station to which nothing applies (a size that the standard does not know) has not reached anything.
    """
    if counts.get(Outcome.NOT_MET):
        return Verdict.NOT_REACHED
    open_ = any(number for outcome, number in counts.items() if outcome not in SETTLED)
    return Verdict.UNDETERMINED if open_ or not counts.get(Outcome.MET) else Verdict.REACHED


def _examine(
    requirement: Requirement,
    reading: str,
    dossier: Dossier,
    checks: Mapping[str, Check],
    sizes: dict[str, Text],
    used: _Used,
) -> FindingRecord:
    """Evaluate a requirement under each of its readings; the one in force decides (hot path, as all below)."""
    chosen = evaluate(requirement, dossier, checks, sizes)
    if chosen.check:
        used.checks.add(chosen.check)
    if reading == DEFAULT_READING and not requirement.readings:
        return _record(requirement, chosen, used)
    answers = {DEFAULT_READING: chosen}
    for id_, other in requirement.readings.items():
        answers[id_] = evaluate(other, dossier, checks, sizes)
    used.checks.update(answer.check for answer in answers.values() if answer.check)
    if reading not in answers:
        lost = SAY("no-reading", reading=reading)
        return FindingRecord(requirement.id, Outcome.ERROR, reason=lost, reading=reading)
    chosen = answers[reading]
    outcomes = {id_: answer.finding.outcome for id_, answer in answers.items()}
    otherwise = {id_: outcome for id_, outcome in outcomes.items() if outcome is not chosen.finding.outcome}
    return _record(requirement, chosen, used, reading if requirement.readings else None, otherwise)


def _record(
    requirement: Requirement,
    chosen: Answer,
    used: _Used,
    reading: str | None = None,
    otherwise: dict[str, Outcome] | None = None,
) -> FindingRecord:
    """Return the finding under the reading in force with what it rests on, and what other readings come to instead."""
    finding, judged, shown = chosen.finding, chosen.judgement, chosen.shown
    facts: dict[str, str] = {}
    lacking: dict[str, str] = {"size": "missing"} if chosen.view.lacks_size else {}
    conflicts: dict[str, tuple[str, ...]] = {}
    evidence: tuple[str, ...] = judged.evidence if judged else ()
    for key, found in chosen.view.asked.items():
        if type(found) is Fact:
            facts[key] = found.statement.entry
            if found.evidence:
                evidence += found.digests
                used.entries.update(found.papers)
            if found.others:
                conflicts[key] = tuple([other.entry for other in found.others])
        elif isinstance(found, Unknown):
            lacking[key] = found.state
            if found.state == "unsupported" and found.statement:
                facts[key] = found.statement.entry  # in force, only not shown to be so
    used.entries.update(facts.values())
    if judged:
        used.entries.add(judged.entry)
    return FindingRecord(
        requirement=requirement.id,
        outcome=finding.outcome,
        measured=finding.measured,
        required=finding.required,
        reason=finding.reason,
        facts=facts,
        evidence=tuple(sorted(set(evidence))) if evidence else (),
        lacking=lacking if finding.outcome is Outcome.UNDETERMINED else {},
        conflicts=conflicts,
        judgement=judged.entry if judged else None,
        shown=shown.entry if shown else None,
        reading=reading,
        reading_matters=bool(otherwise),
        otherwise=otherwise or {},
    )
