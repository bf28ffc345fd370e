"""Stock checks of what is declared: that something is so, which of several it is, what a list of items holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from msgspec import Meta

from dingji import (
    UNDETERMINED,
    BoolFact,
    Dossier,
    EnumFact,
    Fact,
    FactKey,
    FactKind,
    Finding,
    ItemsFact,
    Outcome,
    Requirement,
    Text,
    Threshold,
)
from dingji_plugins.stock.base import SAY, StockParameters, outcome, sentences, shown
from dingji_plugins.stock.record_fields import ListedItems, field_misfits
from dingji_plugins.stock.time_spans import nil_covers, span


class Present(StockParameters, frozen=True):
    """`present`: something is declared to be so, and a paper shows it; that it is not so needs no paper.

    met; not_met where it is declared not to be so; undetermined where it is not known or has no paper. Example:
    `{ fact = "archive_keeper" }`.
    """

    fact: BoolFact


class OneOf(StockParameters, frozen=True):
    """`one_of`: what is declared is one of the values that will do.

    met, not_met; undetermined where it is not known, or with `evidence` has no paper. Example:
    `{ fact = "premises_independence", values = ["independent", "relatively"], evidence = true }`.
    """

    fact: EnumFact
    values: Annotated[tuple[str, ...], Meta(min_length=1)]
    evidence: bool = False

    def misfits(self, facts: Mapping[str, FactKind]) -> Iterator[Text]:
        """Return the values that the fact cannot have."""
        yield from _strangers(facts, self.fact, self.values)


class Holds(StockParameters, frozen=True):
    """`holds`: a list has all the named items, or at least `minimum` of them; without `items`, that many of any kind.

    With `limited_to`, only the items that another list has are asked for, and with none of them there it is
    not_applicable. `nil` names the fact with the station's nil statements: one that reaches over the requirement's
    window stands for the items that are lacking. met, not_met; undetermined where a list is not known, or with
    `evidence` has no paper. Example: `{ fact = "disclosed_items", items = ["post_duties", "names"], evidence = true }`.
    """

    fact: ItemsFact
    items: tuple[str, ...] = ()
    minimum: Threshold | None = None
    limited_to: ListedItems | None = None
    nil: FactKey | None = None
    evidence: bool = False

    def misfits(self, facts: Mapping[str, FactKind]) -> Iterator[Text]:
        """Return the items that the list cannot have, and a field that the other list's records lack."""
        yield from _strangers(facts, self.fact, self.items)
        if self.limited_to:
            yield from field_misfits(facts, self.limited_to.fact, self.limited_to.field)


def present(requirement: Requirement, dossier: Dossier) -> Finding:
    """Something is declared to be so, and a paper shows it."""
    parameters: Present = requirement.parameters
    values = dossier.values(parameters.fact)
    if values is None:
        return UNDETERMINED
    if values == (False,):
        return Finding(Outcome.NOT_MET, False, True, SAY("absent"))
    declared = dossier.supported(parameters.fact)
    if not isinstance(declared, Fact):
        return UNDETERMINED
    return Finding(Outcome.MET, True, True, SAY("present", papers=len(declared.evidence)))


def one_of(requirement: Requirement, dossier: Dossier) -> Finding:
    """What is declared is one of the values that will do."""
    parameters: OneOf = requirement.parameters
    values = dossier.values(parameters.fact)
    if values is None:
        return UNDETERMINED
    (measured,) = values
    word = dossier.kind(parameters.fact).word
    reason = SAY("one-of", measured=word(measured), values=[word(value) for value in parameters.values])
    found = Finding(outcome(measured in parameters.values), measured, list(parameters.values), reason)
    return shown(found, dossier, parameters.fact, parameters.evidence)


def holds(requirement: Requirement, dossier: Dossier) -> Finding:
    """A list has the items that are asked for, or enough of them."""
    parameters: Holds = requirement.parameters
    limit = parameters.limited_to.items(dossier) if parameters.limited_to else None
    values, minimum = dossier.values(parameters.fact), _minimum(parameters, dossier)
    if values is None or minimum is None or (parameters.limited_to and limit is None):
        return UNDETERMINED
    asked = [item for item in parameters.items if limit is None or item in limit]
    if parameters.items and not asked:
        return Finding(Outcome.NOT_APPLICABLE, reason=SAY("none-asked"))
    (listed,) = values
    held = set(listed)
    found = [item for item in asked if item in held] if asked else sorted(held)
    required = min(minimum, len(asked)) if asked else minimum
    lacking = [item for item in asked if item not in held] if len(found) < required else []
    stated = nil_covers(parameters.nil, requirement, dossier, span(None, requirement, dossier)) if lacking else False
    reason = sentences(
        SAY("holds", measured=len(found), required=required),
        SAY("lacking", lacking=[dossier.kind(parameters.fact).word(item) for item in lacking]) if lacking else None,
        SAY("nil") if stated else None,
    )
    result = Outcome.UNDETERMINED if stated is None else outcome(len(found) >= required or stated)
    wanted = asked if asked and required == len(asked) else required
    return shown(Finding(result, found, wanted, reason), dossier, parameters.fact, parameters.evidence)


def _minimum(parameters: Holds, dossier: Dossier) -> int | None:
    """Return how many items are asked for: all where that is not said, one where none is named either."""
    if parameters.minimum is None:
        return len(parameters.items) or 1
    return dossier.limit(parameters.minimum)


def _strangers(facts: Mapping[str, FactKind], key: str, values: tuple[str, ...]) -> Iterator[Text]:
    """Return the values that a fact, or an item of its list, cannot have."""
    kind = facts.get(key)
    form = kind and (kind.form.items or kind.form)
    for value in values:
        if form and form.fault(value):
            yield SAY("no-such-value", fact=key, value=value)
