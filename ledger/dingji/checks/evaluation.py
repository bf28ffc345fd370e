"""One requirement under one reading: whether it applies, what its check finds, and what was judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from dingji.catalogue.standard import Requirement
from dingji.checks import reasons
from dingji.checks.check import Check, Finding
from dingji.checks.dossier import Dossier, holds
from dingji.checks.run import run
from dingji.checks.statements import GivenJudgement
from dingji.terms import Outcome
from dingji.texts import Text

OUTCOMES: Final[dict[str, Outcome]] = {outcome.value: outcome for outcome in Outcome}


class Answer(msgspec.Struct, frozen=True, gc=False):
    """The finding of a requirement under one reading, and what was looked at on the way."""

    finding: Finding
    view: Dossier
    check: str | None
    """The check that was run, None if no check ran."""
    judgement: GivenJudgement | None = None
    shown: GivenJudgement | None = None


def evaluate(requirement: Requirement, dossier: Dossier, checks: Mapping[str, Check], sizes: dict[str, Text]) -> Answer:
    """Return the answer to a requirement; `sizes` are the labels of the notice's sizes."""
    view = dossier.view()
    if requirement.condition is not None or not requirement.every_size:
        inapplicable = _applicability(requirement, view, sizes)
        if inapplicable:
            return Answer(_explained(inapplicable, view), view, None)
    check = checks.get(requirement.check)
    found = run(requirement, view, check)
    if requirement.ours or requirement.external:
        found = _tempered(requirement, found)
    if found.outcome is not Outcome.NEEDS_JUDGEMENT:
        return Answer(_explained(found, view), view, requirement.check if check else None)
    counting, shown = view.judged(requirement.id)
    if counting and counting.judgement.outcome == "not_applicable" and not requirement.condition:
        counting = None  # only what has a condition can fail to apply (rule 32)
    reason = found.reason if counting else reasons.needs_judgement(requirement, found.reason)
    outcome = OUTCOMES[counting.judgement.outcome] if counting else found.outcome
    reason = reasons.sentences(reason, *reasons.judgements(counting, shown))
    judged = Finding(outcome, found.measured, found.required, reason)
    return Answer(_explained(judged, view), view, requirement.check, counting, shown)


def _applicability(requirement: Requirement, view: Dossier, sizes: dict[str, Text]) -> Finding | None:
    """Return the finding if the requirement does not apply, or if that is not known."""
    if not requirement.every_size:
        size = view.size
        if size is None:
            return Finding(Outcome.UNDETERMINED)
        if size not in requirement.sizes:
            return Finding(Outcome.NOT_APPLICABLE, reason=reasons.other_size(requirement, sizes))
    if requirement.condition is None:
        return None
    answer, leaves = holds(requirement.condition, view)
    if answer is None:
        return Finding(Outcome.UNDETERMINED)
    return None if answer else Finding(Outcome.NOT_APPLICABLE, reason=reasons.condition_false(leaves, view))


def _tempered(requirement: Requirement, finding: Finding) -> Finding:
    """Return the finding; what no check may decide is left to judgement (rules 31 and 33)."""
    outcome = finding.outcome
    undecidable = requirement.external and outcome in {Outcome.MET, Outcome.NOT_MET}
    if undecidable or (requirement.ours and outcome is Outcome.NOT_MET):
        return Finding(Outcome.NEEDS_JUDGEMENT, finding.measured, finding.required, finding.reason)
    return finding


def _explained(finding: Finding, view: Dossier) -> Finding:
    """Return the finding with a complete reason: what is not known, what offices state differently."""
    reason = finding.reason
    if finding.outcome is Outcome.UNDETERMINED:
        reason = reasons.undetermined(view, reason)
    if conflicts := reasons.conflicts(view):
        reason = reasons.sentences(reason, *conflicts)
    if reason is finding.reason:
        return finding
    return Finding(finding.outcome, finding.measured, finding.required, reason)
