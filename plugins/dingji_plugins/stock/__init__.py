"""The stock checks, which every notice can name in its data. Each is described with its parameters' type.

Figures (`figures`), against a threshold: one number, or one by size, or one by size and kind of place
- `at_least`, `at_most`, `more_than`: a number.
- `sum_at_least`: several numbers, or lists of them, added up.
- `each_at_least`: a list with one number a place, such as the mediators of each room: each place has one, and enough.
- `ratio`: workers enough for the persons in their charge, fractions rounded up; nobody in charge needs nobody.
- `covers`: a number reaches another: posts filled, villages served.

Declarations (`declared`)
- `present`: something is declared to be so, and a paper shows it.
- `one_of`: what is declared is one of the values that will do.
- `holds`: a list has all the named items, or enough of them, or all that another list asks for.

Entries in time (`records`, `tallies`)
- `recorded`: there are enough entries in a window, on different days or of each kind, or a nil statement for them.
- `none_within`: there is none in a window.
- `every_period`: there is one in every full month, quarter or half-month.
- `entries_cover`: of what arose, all was dealt with, or enough.
- `rank`: every place in the last years is high enough.

Made of others (here)
- `all_of`, `any_of`: several checks, of which all or any must be met.
- `judged`: an assessor decides; the requirement's `facts`, or another check's proposal, are laid before him.

With `evidence = true` what is met without a paper is undetermined: so a plain number or list can be attested.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from dingji import Dossier, Fact, FactKey, FactKind, Finding, Outcome, RegisterCheck, Requirement, Text, hookimpl
from dingji_plugins.stock import declared, figures, records, tallies
from dingji_plugins.stock.parts import SAY, Part, check_name, sentences, unit

MET, NOT_MET, NOT_APPLICABLE = Outcome.MET, Outcome.NOT_MET, Outcome.NOT_APPLICABLE
UNDETERMINED, NEEDS_JUDGEMENT = Outcome.UNDETERMINED, Outcome.NEEDS_JUDGEMENT


class _Composed(Part, frozen=True):
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


class Judged(Part, frozen=True):
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
    | records.Recorded
    | records.NoneWithin
    | records.EveryPeriod
    | tallies.EntriesCover
    | tallies.Rank
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
    facts = sentences(*_values(parameters.facts, dossier))
    if parameters.proposal is None:
        return Finding(NEEDS_JUDGEMENT, reason=facts)
    found = _run(parameters.proposal, requirement, dossier)
    word = SAY(found.outcome.value)
    said = SAY("proposal", outcome=word, reason=found.reason) if found.reason else SAY("proposal-bare", outcome=word)
    return Finding(NEEDS_JUDGEMENT, found.measured, found.required, sentences(facts, said))


def _examine(requirement: Requirement, dossier: Dossier) -> list[Finding]:
    """Return the finding of every part that is not left out: all are run, so that all that is unknown is named."""
    found: list[Finding] = []
    for part in requirement.parameters.parts:
        asked = True if part.when is None else dossier.holds(part.when)
        if asked is None:
            found.append(Finding(UNDETERMINED, reason=SAY("when-unknown")))
        elif asked:
            found.append(_about(part, _run(part, requirement, dossier), dossier))
    return found


def _about(part: Part, finding: Finding, dossier: Dossier) -> Finding:
    """Return a part's finding with its reason headed by the fact that it is about, and the filter that it is under."""
    key, where = getattr(part, "fact", None), getattr(part, "where", None) or {}
    if key is None or finding.reason is None:
        return finding
    kind = dossier.kind(key)
    only = [word for field, wanted in where.items() for word in _wanted(kind, field, wanted)]
    words: dict[str, Any] = {"label": kind.label, "reason": finding.reason}
    text = SAY("about-only", only=only, **words) if only else SAY("about", **words)
    return Finding(finding.outcome, finding.measured, finding.required, text)


def _wanted(kind: FactKind, field: str, wanted: Any) -> list[Any]:
    """Return what a filter wants of a field, in words."""
    if isinstance(wanted, bool) and isinstance(kind.word(wanted, field), bool):
        return [SAY("field-is", field=field, value=SAY("yes" if wanted else "no"))]
    return [kind.word(value, field) for value in (wanted if isinstance(wanted, tuple) else (wanted,))]


def _run(part: Part, requirement: Requirement, dossier: Dossier) -> Finding:
    return FUNCTIONS[type(part)](msgspec.structs.replace(requirement, parameters=part), dossier)


def _fold(found: Iterable[Finding], order: tuple[Outcome, ...]) -> Finding:
    """Return the findings as one: the first outcome in this order that any of them has, for the reasons of those."""
    counting = [finding for finding in found if finding.outcome is not NOT_APPLICABLE]
    if not counting:
        return Finding(NOT_APPLICABLE, reason=SAY("no-part"))
    outcome = next(one for one in order if any(finding.outcome is one for finding in counting))
    deciding = [finding for finding in counting if finding.outcome is outcome]
    measured, required = [one.measured for one in counting], [one.required for one in counting]
    return Finding(outcome, measured, required, sentences(*[finding.reason for finding in deciding]))


def _values(keys: Iterable[str], dossier: Dossier) -> Iterator[Text]:
    """Say what the facts are, as far as they are known."""
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


FUNCTIONS: Final[dict[type[Part], Callable[[Requirement, Dossier], Finding]]] = {
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
    records.Recorded: records.recorded,
    records.NoneWithin: records.none_within,
    records.EveryPeriod: records.every_period,
    tallies.EntriesCover: tallies.entries_cover,
    tallies.Rank: tallies.rank,
    AllOf: all_of,
    AnyOf: any_of,
    Judged: judged,
}
"""Every stock check by the type of its parameters."""

JUDGING: Final = (records.NoneWithin, records.EveryPeriod, AllOf, AnyOf, Judged)
"""Those that may say `needs_judgement`, with parameters that let them."""


@hookimpl
def register_checks(register: RegisterCheck) -> None:
    """Register the stock checks."""
    for parameters, function in FUNCTIONS.items():
        register(check_name(parameters.__name__), function, parameters, judges=parameters in JUDGING)
