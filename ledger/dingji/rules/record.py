"""What is put on record about a station: facts, judgements, assessments (rules 32, 23), and the notice's own data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dingji.catalogue.notice import Notice
from dingji.events.events import (
    AssessmentRecorded,
    Event,
    FactsReported,
    NoticeAdopted,
    ReadingAdopted,
    RequirementsJudged,
)
from dingji.events.submissions import AdoptNotice, AdoptReading, Assess, Evidence, Judge, Report
from dingji.rules.docket import Docket
from dingji.rules.gate import check_authority, check_doubles, tiers_for
from dingji.rules.procedure import same_person


def report(docket: Docket, submission: Report) -> Event | None:
    """State facts: known keys, values of the right type and range."""
    context = docket.context
    tier = check_authority(docket, tiers_for(docket)) or ""
    if not submission.facts and not submission.evidence:
        docket.wrong("facts", "nothing-stated")
    kinds = context.ledger.facts(context.notice) if submission.facts else {}  # most single submissions state none
    for key, value in submission.facts.items():  # hot path: most of a file are facts, and nearly all of them good
        kind = kinds.get(key)
        if kind is None:
            docket.refuse("unknown-fact", f"facts.{key}", name=key, nearest=context.ledger.nearest("fact", key))
        elif kind.form.fault(value) is not None and (refusal := kind.refusal(value)) is not None:
            place, why = refusal
            docket.wrong(f"facts.{key}{place}", why)
    _check_evidence(docket, submission.evidence)
    if docket.faults:
        return None
    # Hot path: spelled out, for `docket.event` takes five times as long, and most entries are reports.
    return FactsReported(
        on=submission.on,
        by=submission.by,
        recorded_at=context.recorded_at,
        id=context.id,
        content=context.content,
        on_precision=submission.on_precision,
        document=submission.document,
        note=submission.note,
        irregular=submission.irregular,
        irregularities=tuple(docket.irregularities),
        facts=submission.facts,
        evidence=tuple(submission.evidence),
        tier=tier,
    )


def _check_evidence(docket: Docket, evidence: Sequence[Evidence]) -> None:
    context = docket.context
    for place, paper in enumerate(evidence):
        field = f"evidence[{place}].supports"
        for key in dict.fromkeys(paper.supports):
            if key not in context.ledger.facts(context.notice):
                docket.refuse("unknown-fact", field, name=key, nearest=context.ledger.nearest("fact", key))
        check_doubles(docket, field, paper.supports)
    check_doubles(docket, "evidence", ((paper.sha256, paper.name) for paper in evidence))


def judge(docket: Docket, submission: Judge) -> Event | None:
    """Decide requirements: only those whose check asks for a judgement (rule 32)."""
    context = docket.context
    tier = check_authority(docket, tiers_for(docket)) or ""
    for key, judgement in submission.judgements.items():
        field = f"judgements.{key}"
        requirement = context.ledger.requirement(context.notice, key)
        if requirement is None:
            nearest = context.ledger.nearest("requirement", key)
            docket.refuse("unknown-requirement", field, requirement=key, nearest=nearest)
        elif not requirement.judgeable:
            docket.refuse("not-judgeable", field, requirement=key)
        elif judgement.outcome == "not_applicable" and not requirement.conditional:
            docket.wrong(f"{field}.outcome", "no-condition")
    _check_evidence(docket, submission.evidence)
    return docket.event(
        RequirementsJudged,
        judgements=submission.judgements,
        evidence=tuple(submission.evidence),
        tier=tier,
    )


def assess(docket: Docket, submission: Assess) -> Event | None:
    """Record what the checks of a standard find; they run only if nothing else is wrong."""
    context, station = docket.context, docket.context.station
    if not context.ledger.assessable(context.notice, submission.standard):
        docket.refuse("unknown-standard", "standard", standard=submission.standard)
    tier = check_authority(docket, tiers_for(docket)) or ""
    if docket.faults or station is None:
        return None
    others = [mark for mark in station.assessments if mark.standard == submission.standard and mark.tier != tier]
    same_person(docket, others)
    found = context.ledger.assess(station, submission.standard, submission.on, context.adoption)
    return docket.event(AssessmentRecorded, tier=tier, **found)


def adopt_notice(docket: Docket, submission: AdoptNotice) -> Event | None:
    """Adopt an installed notice's data, or its changed data again."""
    context = docket.context
    check_authority(docket, tiers_for(docket))
    notice = context.ledger.installed(submission.notice)
    if notice is None:
        docket.refuse("unknown-notice", "notice", notice=submission.notice)
        return None
    adoption = context.ledger.adopted(submission.notice)
    if adoption is not None and adoption.digest == notice.digest:
        docket.wrong("notice", "unchanged")
    return docket.event(NoticeAdopted, **adopted_data(notice))


def adopted_data(notice: Notice) -> dict[str, Any]:
    """Return the own fields of a notice's adoption."""
    return {
        "notice": notice.id,
        "in_force": notice.in_force,
        "utc_offset_hours": notice.rules.utc_offset_hours,
        "digest": notice.digest,
        "parts": notice.parts,
        "words": notice.words,
    }


def adopt_reading(docket: Docket, submission: AdoptReading) -> Event | None:
    """Choose the reading of an unclear cell."""
    context = docket.context
    check_authority(docket, tiers_for(docket))
    requirement = context.ledger.requirement(context.notice, submission.requirement)
    if requirement is None:
        nearest = context.ledger.nearest("requirement", submission.requirement)
        docket.refuse("unknown-requirement", "requirement", requirement=submission.requirement, nearest=nearest)
    elif requirement.reading(submission.reading) is None:
        docket.wrong("reading", "no-reading")
    return docket.event(ReadingAdopted, requirement=submission.requirement, reading=submission.reading)
