"""The stock checks, which every notice can name in its data.

- `at_least`, `at_most`: a number against a threshold.
- `sum_at_least`: several numbers, or lists of them, added up.
- `each_at_least`: a list with one number a place, such as the mediators of each room: each place has one, and enough.
- `ratio`: workers enough for the persons in their charge, fractions rounded up; nobody in charge needs nobody.
- `present`: something is declared to be so, and a paper shows it.
- `judged`: an assessor decides; the requirement's `facts` are laid before him.

A threshold is one number, or one by size, or one by size and kind of place. What these numbers count is never below 0.
"""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

from dingji import (
    UNDETERMINED,
    BoolFact,
    CountFact,
    Dossier,
    Fact,
    Finding,
    IntFact,
    NumbersFact,
    Outcome,
    Parameters,
    Phrases,
    RegisterCheck,
    Requirement,
    Text,
    Threshold,
    hookimpl,
)

SAY: Final = Phrases("dingji_plugins", "stock.toml")


class AtLeast(Parameters, frozen=True):
    """A number and its floor."""

    fact: IntFact
    minimum: Threshold


class AtMost(Parameters, frozen=True):
    """A number and its ceiling."""

    fact: IntFact
    maximum: Threshold


class SumAtLeast(Parameters, frozen=True):
    """Numbers, and the floor of their sum."""

    facts: tuple[CountFact, ...]
    minimum: Threshold


class EachAtLeast(Parameters, frozen=True):
    """A number for each place, how many places there are, and the floor of each."""

    fact: NumbersFact
    count: IntFact
    minimum: Threshold


class Pool(Parameters, frozen=True):
    """Parts of a whole, each person counted in one of them: together they cannot exceed it."""

    parts: tuple[IntFact, ...]
    total: IntFact


class Ratio(Parameters, frozen=True):
    """Workers, the persons in their charge, and how many persons one worker may have."""

    workers: IntFact
    persons: IntFact
    persons_per_worker: Annotated[int, Meta(ge=1)]
    pool: Pool | None = None


class Present(Parameters, frozen=True):
    """A declaration."""

    fact: BoolFact


def at_least(requirement: Requirement, dossier: Dossier) -> Finding:
    """A number is not below its floor."""
    parameters: AtLeast = requirement.parameters
    values, required = dossier.values(parameters.fact), dossier.limit(parameters.minimum)
    if values is None or required is None:
        return UNDETERMINED
    (measured,) = values
    reason = SAY("at-least", measured=measured, required=required, unit=_unit(dossier, parameters.fact))
    return Finding(_outcome(measured >= required), measured, required, reason)


def at_most(requirement: Requirement, dossier: Dossier) -> Finding:
    """A number is not above its ceiling."""
    parameters: AtMost = requirement.parameters
    values, required = dossier.values(parameters.fact), dossier.limit(parameters.maximum)
    if values is None or required is None:
        return UNDETERMINED
    (measured,) = values
    reason = SAY("at-most", measured=measured, required=required, unit=_unit(dossier, parameters.fact))
    return Finding(_outcome(measured <= required), measured, required, reason)


def sum_at_least(requirement: Requirement, dossier: Dossier) -> Finding:
    """Numbers add up to their floor; what is known may be enough without the rest."""
    parameters: SumAtLeast = requirement.parameters
    found = [dossier.known(key) for key in parameters.facts]
    required = dossier.limit(parameters.minimum)
    values = [fact.value for fact in found if isinstance(fact, Fact)]
    measured = sum(sum(value) if isinstance(value, tuple) else value for value in values)
    if required is None or (measured < required and len(values) < len(found)):
        return UNDETERMINED
    reason = SAY("sum-at-least", measured=measured, required=required, unit=_unit(dossier, parameters.facts[0]))
    return Finding(_outcome(measured >= required), measured, required, reason)


def each_at_least(requirement: Requirement, dossier: Dossier) -> Finding:
    """Every place has a number, and none is below the floor; an empty list is not enough for any place."""
    parameters: EachAtLeast = requirement.parameters
    values, required = dossier.values(parameters.fact, parameters.count), dossier.limit(parameters.minimum)
    if values is None or required is None:
        return UNDETERMINED
    numbers, places = values
    least = min(numbers, default=0)
    words = {"places": places, "rooms": len(numbers), "least": least, "required": required}
    reason = (
        SAY("each-at-least", unit=_unit(dossier, parameters.fact), **words) if numbers else SAY("each-none", **words)
    )
    met = bool(numbers) and len(numbers) >= places and least >= required
    return Finding(_outcome(met), list(numbers), {"places": places, "minimum": required}, reason)


def ratio(requirement: Requirement, dossier: Dossier) -> Finding:
    """Workers are not fewer than the persons in their charge ask for."""
    parameters: Ratio = requirement.parameters
    persons = dossier.known(parameters.persons)
    if isinstance(persons, Fact) and persons.value == 0:
        return Finding(Outcome.MET, required=0, reason=SAY("nobody"))
    pool = parameters.pool
    values = dossier.values(parameters.workers, *((*pool.parts, pool.total) if pool else ()))
    if values is None or not isinstance(persons, Fact):
        return UNDETERMINED
    measured, *parts = values
    if pool and sum(parts[:-1]) > parts[-1]:
        return Finding(Outcome.UNDETERMINED, reason=SAY("over-total", sum=sum(parts[:-1]), total=parts[-1]))
    required = -(-persons.value // parameters.persons_per_worker)
    words = {"persons": persons.value, "measured": measured, "required": required}
    reason = SAY("ratio", ratio=parameters.persons_per_worker, **words)
    return Finding(_outcome(measured >= required), measured, required, reason)


def present(requirement: Requirement, dossier: Dossier) -> Finding:
    """Something is declared to be so, and a paper shows it; that it is not so needs no paper."""
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


def judged(requirement: Requirement, dossier: Dossier) -> Finding:
    """An assessor decides, with the facts that support it before him."""
    for key in requirement.facts:
        dossier.known(key)
    return Finding(Outcome.NEEDS_JUDGEMENT)


def _outcome(met: bool) -> Outcome:
    return Outcome.MET if met else Outcome.NOT_MET


def _unit(dossier: Dossier, key: str) -> Text:
    """Return a fact's unit with a space before it, nothing where it has none."""
    unit = dossier.kind(key).unit
    return {language: f" {word}" for language, word in unit.items()} if unit else {"zh": "", "en": ""}


@hookimpl
def register_checks(register: RegisterCheck) -> None:
    """Register the stock checks."""
    register("at_least", at_least, AtLeast)
    register("at_most", at_most, AtMost)
    register("sum_at_least", sum_at_least, SumAtLeast)
    register("each_at_least", each_at_least, EachAtLeast)
    register("ratio", ratio, Ratio)
    register("present", present, Present)
    register("judged", judged, judges=True)
