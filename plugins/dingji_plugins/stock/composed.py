"""Stock checks made of others: all of several, any of them, and what an assessor decides with a proposal at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from dingji import Dossier, Fact, FactKey, FactKind, Finding, Outcome, Requirement, Text
from dingji_plugins.stock import dated_entries, declared, figures
from dingji_plugins.stock.base import SAY, StockParameters, sentences, unit

MET, NOT_MET, NOT_APPLICABLE = Outcome.MET, Outcome.NOT_MET, Outcome.NOT_APPLICABLE
UNDETERMINED, NEEDS_JUDGEMENT = Outcome.UNDETERMINED, Outcome.NEEDS_JUDGEMENT


class _Composed(StockParameters, frozen=True):
    """Several checks, each left out where its `when` does not hold."""

    parts: Annotated[tuple[AnyPart, ...], Meta(min_length=1)]

    @property
    def may_judge(self) -> bool:
        """Whether a part may."""
        return any(part.may_judge for part in self.parts)

    def misfits(self, facts: Mapping[str, FactKind]) -> Iterator[Text]:
        """Return what is wrong with the parts."""
        for part in self.parts:
            yield from part.misfits(facts)


class AllOf(_Composed, frozen=True):
    """`all_of`: every check is met.

    not_met if one is not; else undetermined, else needs_judgement if one is; not_applicable where every part is left
    out. Example: `{ parts = [{ check = "present", fact = "hall" }, { check = "present", fact = "counter" }] }`.
    """


class AnyOf(_Composed, frozen=True):
    """`any_of`: one check is met.

    Else undetermined, else needs_judgement if one is, else not_met; not_applicable where every part is left out.
    Example: `{ parts = [{ check = "recorded", fact = "media", where = { via = "press" } }, … ] }`.
    """


class Judged(StockParameters, frozen=True):
    """`judged`: an assessor decides.

    needs_judgement, always. `proposal` is a check whose finding is laid before him and decides nothing; `facts` are
    those whose values are said. Example:
    `{ proposal = { check = "rank", fact = "performance_ranks", numerator = 1, denominator = 3, years = 3 } }`.
    """

    proposal: AnyPart | None = None
    facts: tuple[FactKey, ...] = ()

    @property
    def may_judge(self) -> bool:
        """Always."""
        return True

    def misfits(self, facts: Mapping[str, FactKind]) -> Iterator[Text]:
        """Return what is wrong with the proposal."""
        if self.proposal:
            yield from self.proposal.wrong(facts)


AnyPart = (
    figures.AtLeast
    | figures.AtMost
    | figures.MoreThan
    | figures.SumAtLeast
    | figures.EachAtLeast
    | figures.Ratio
    | figures.Covers
    | declared.Present
    | declared.OneOf
    | declared.Holds
    | dated_entries.Recorded
    | dated_entries.NoneWithin
    | dated_entries.EveryPeriod
    | dated_entries.EntriesCover
    | dated_entries.Rank
    | AllOf
    | AnyOf
    | Judged
)


def all_of(requirement: Requirement, dossier: Dossier) -> Finding:
    """Every check is met."""
    return _fold(_examine(requirement, dossier), (NOT_MET, UNDETERMINED, NEEDS_JUDGEMENT, MET))


def any_of(requirement: Requirement, dossier: Dossier) -> Finding:
    """One check is met."""
    return _fold(_examine(requirement, dossier), (MET, UNDETERMINED, NEEDS_JUDGEMENT, NOT_MET))


def judged(requirement: Requirement, dossier: Dossier) -> Finding:
    """An assessor decides, with the facts that support it before him, and a proposal if there is one."""
    parameters: Judged = requirement.parameters
    for key in requirement.facts:
        dossier.known(key)
    facts = sentences(*_fact_sentences(parameters.facts, dossier))
    if parameters.proposal is None:
        return Finding(NEEDS_JUDGEMENT, reason=facts)
    found = _run(parameters.proposal, requirement, dossier)
    words = {"outcome": SAY(found.outcome.value)}
    proposal = SAY("proposal", reason=found.reason, **words) if found.reason else SAY("proposal-bare", **words)
    return Finding(NEEDS_JUDGEMENT, found.measured, found.required, sentences(facts, proposal))


def _examine(requirement: Requirement, dossier: Dossier) -> list[Finding]:
    """Return the finding of every part that applies: all are run, so that every unknown fact is named."""
    found: list[Finding] = []
    for part in requirement.parameters.parts:
        asked = True if part.when is None else dossier.holds(part.when)
        if asked is None:
            found.append(Finding(UNDETERMINED, reason=SAY("when-unknown")))
        elif asked:
            found.append(_about(part, _run(part, requirement, dossier), dossier))
    return found


def _about(part: StockParameters, finding: Finding, dossier: Dossier) -> Finding:
    """Return a part's finding with its reason under a heading: the fact that it is about, and the filter."""
    key, where = getattr(part, "fact", None), getattr(part, "where", None) or {}
    if key is None or finding.reason is None:
        return finding
    kind = dossier.kind(key)
    only = [word for field, wanted in where.items() for word in _wanted(kind, field, wanted)]
    words: dict[str, Any] = {"label": kind.label, "reason": finding.reason}
    text = SAY("about-only", only=only, **words) if only else SAY("about", **words)
    return Finding(finding.outcome, finding.measured, finding.required, text)


def _wanted(kind: FactKind, field: str, wanted: Any) -> list[Any]:
    """Return the values that a filter wants of a field, as labels."""
    if isinstance(wanted, bool) and isinstance(kind.word(wanted, field), bool):
        return [SAY("field-is", field=field, value=SAY("yes" if wanted else "no"))]
    return [kind.word(value, field) for value in (wanted if isinstance(wanted, tuple) else (wanted,))]


def _run(part: StockParameters, requirement: Requirement, dossier: Dossier) -> Finding:
    return FUNCTIONS[type(part)](msgspec.structs.replace(requirement, parameters=part), dossier)


def _fold(found: Iterable[Finding], order: tuple[Outcome, ...]) -> Finding:
    """Return the findings as one: the first outcome in this order that any of them has, with their reasons."""
    counting = [finding for finding in found if finding.outcome is not NOT_APPLICABLE]
    if not counting:
        return Finding(NOT_APPLICABLE, reason=SAY("no-part"))
    outcome = next(one for one in order if any(finding.outcome is one for finding in counting))
    deciding = [finding for finding in counting if finding.outcome is outcome]
    measured, required = [one.measured for one in counting], [one.required for one in counting]
    return Finding(outcome, measured, required, sentences(*[finding.reason for finding in deciding]))


def _fact_sentences(keys: Iterable[str], dossier: Dossier) -> Iterator[Text]:
    """Yield a sentence for each fact that is known, with its value."""
    for key in keys:
        found = dossier.known(key)
        if isinstance(found, Fact):
            yield SAY("fact-is", label=found.kind.label, value=_value(found.value, key, dossier))


def _value(value: Any, key: str, dossier: Dossier) -> Any:
    if isinstance(value, bool):
        return SAY("yes" if value else "no")
    if isinstance(value, int):
        return {language: f"{value}{word}" for language, word in unit(dossier, key).items()}
    return SAY("listed", count=len(value)) if isinstance(value, tuple) else dossier.kind(key).word(value)


FUNCTIONS: Final[dict[type[StockParameters], Callable[[Requirement, Dossier], Finding]]] = {
    figures.AtLeast: figures.at_least,
    figures.AtMost: figures.at_most,
    figures.MoreThan: figures.more_than,
    figures.SumAtLeast: figures.sum_at_least,
    figures.EachAtLeast: figures.each_at_least,
    figures.Ratio: figures.ratio,
    figures.Covers: figures.covers,
    declared.Present: declared.present,
    declared.OneOf: declared.one_of,
    declared.Holds: declared.holds,
    dated_entries.Recorded: dated_entries.recorded,
    dated_entries.NoneWithin: dated_entries.none_within,
    dated_entries.EveryPeriod: dated_entries.every_period,
    dated_entries.EntriesCover: dated_entries.entries_cover,
    dated_entries.Rank: dated_entries.rank,
    AllOf: all_of,
    AnyOf: any_of,
    Judged: judged,
}
"""Every stock check by the type of its parameters: this is how a part is run."""
