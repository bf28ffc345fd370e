"""Stock checks of figures: one number, or several, against a threshold or against each other.

A threshold is one number, or one by size, or one by size and kind of place. What these numbers count is never below 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from msgspec import Meta

from dingji import (
    UNDETERMINED,
    CountFact,
    Dossier,
    Fact,
    Finding,
    IntFact,
    NumbersFact,
    Outcome,
    Parameters,
    Requirement,
    Threshold,
)
from dingji_plugins.stock.base import SAY, StockParameters, outcome, shown, unit


class AtLeast(StockParameters, frozen=True):
    """`at_least`: a number is not below its floor.

    met, not_met; undetermined where the number is not known, or with `evidence` has no paper. Example:
    `{ fact = "special_post_staff", minimum = { large = 3, medium = 2, small = 2 } }`.
    """

    fact: IntFact
    minimum: Threshold
    evidence: bool = False


class AtMost(StockParameters, frozen=True):
    """`at_most`: a number is not above its ceiling.

    met, not_met; undetermined where the number is not known. Example:
    `{ fact = "special_post_staff_diverted", maximum = 0 }`.
    """

    fact: IntFact
    maximum: Threshold


class MoreThan(StockParameters, frozen=True):
    """`more_than`: a number is above a limit, which itself is not enough.

    met, not_met; undetermined where the number is not known. Example:
    `{ fact = "full_time_staff", limit = { large = 10, medium = 6, small = 4 } }`.
    """

    fact: IntFact
    limit: Threshold


class SumAtLeast(StockParameters, frozen=True):
    """`sum_at_least`: numbers, and lists of numbers, add up to a floor.

    met, also where what is known is enough without the rest; not_met; undetermined. Example:
    `{ facts = ["police_room_mediators", "tribunal_room_mediators"], minimum = 2 }`.
    """

    facts: tuple[CountFact, ...]
    minimum: Threshold


class EachAtLeast(StockParameters, frozen=True):
    """`each_at_least`: a list has a number for each place, and none is below the floor; an empty list is not enough.

    met, not_met; undetermined where the list or the number of places is not known. Example:
    `{ fact = "police_room_mediators", count = "police_stations_in_area", minimum = 2 }`.
    """

    fact: NumbersFact
    count: IntFact
    minimum: Threshold


class Pool(Parameters, frozen=True):
    """Parts of a whole, each person counted in one of them: together they cannot exceed it."""

    parts: tuple[IntFact, ...]
    total: IntFact


class Ratio(StockParameters, frozen=True):
    """`ratio`: workers enough for the persons in their charge, fractions rounded up; nobody in charge needs nobody.

    met, not_met; undetermined where a number is not known or the parts of a `pool` exceed their total. Example:
    `{ workers = "correction_social_workers", persons = "correction_subjects", persons_per_worker = 15 }`.
    """

    workers: IntFact
    persons: IntFact
    persons_per_worker: Annotated[int, Meta(ge=1)]
    pool: Pool | None = None


class Covers(StockParameters, frozen=True):
    """`covers`: one number reaches another: the posts filled those approved, the villages served all there are.

    met, not_met; undetermined where a number is not known, or where `within` says that the part is one of the whole
    and it is more. `none` is what it comes to where the whole is 0. Example:
    `{ part = "villages_with_legal_adviser", whole = "villages_total", within = true }`.
    """

    part: IntFact
    whole: IntFact
    within: bool = False
    none: Literal["met", "not_met", "not_applicable", "undetermined"] = "met"
    evidence: bool = False


def at_least(requirement: Requirement, dossier: Dossier) -> Finding:
    """A number is not below its floor."""
    parameters: AtLeast = requirement.parameters
    found = _against(dossier, parameters.fact, parameters.minimum, int.__ge__, "at-least")
    return shown(found, dossier, parameters.fact, parameters.evidence)


def at_most(requirement: Requirement, dossier: Dossier) -> Finding:
    """A number is not above its ceiling."""
    parameters: AtMost = requirement.parameters
    return _against(dossier, parameters.fact, parameters.maximum, int.__le__, "at-most")


def more_than(requirement: Requirement, dossier: Dossier) -> Finding:
    """A number is above a limit."""
    parameters: MoreThan = requirement.parameters
    return _against(dossier, parameters.fact, parameters.limit, int.__gt__, "more-than")


def sum_at_least(requirement: Requirement, dossier: Dossier) -> Finding:
    """Numbers add up to their floor; what is known may be enough without the rest."""
    parameters: SumAtLeast = requirement.parameters
    found = [dossier.known(key) for key in parameters.facts]
    required = dossier.limit(parameters.minimum)
    values = [fact.value for fact in found if isinstance(fact, Fact)]
    measured = sum(sum(value) if isinstance(value, tuple) else value for value in values)
    if required is None or (measured < required and len(values) < len(found)):
        return UNDETERMINED
    reason = SAY("sum-at-least", measured=measured, required=required, unit=unit(dossier, parameters.facts[0]))
    return Finding(outcome(measured >= required), measured, required, reason)


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
        SAY("each-at-least", unit=unit(dossier, parameters.fact), **words) if numbers else SAY("each-none", **words)
    )
    met = bool(numbers) and len(numbers) >= places and least >= required
    return Finding(outcome(met), list(numbers), {"places": places, "minimum": required}, reason)


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
    return Finding(outcome(measured >= required), measured, required, reason)


def covers(requirement: Requirement, dossier: Dossier) -> Finding:
    """One number reaches another."""
    parameters: Covers = requirement.parameters
    values = dossier.values(parameters.part, parameters.whole)
    if values is None:
        return UNDETERMINED
    part, whole = values
    if parameters.within and part > whole:
        return Finding(Outcome.UNDETERMINED, reason=SAY("over-whole", part=part, whole=whole))
    if whole == 0:
        found = Finding(
            Outcome(parameters.none), part, 0, SAY("whole-none", label=dossier.kind(parameters.whole).label)
        )
    else:
        reason = SAY("at-least", measured=part, required=whole, unit=unit(dossier, parameters.whole))
        found = Finding(outcome(part >= whole), part, whole, reason)
    return shown(found, dossier, parameters.part, parameters.evidence)


def _against(
    dossier: Dossier, fact: str, threshold: Threshold, holds: Callable[[int, int], bool], phrase: str
) -> Finding:
    """Compare a number with a threshold."""
    values, required = dossier.values(fact), dossier.limit(threshold)
    if values is None or required is None:
        return UNDETERMINED
    (measured,) = values
    reason = SAY(phrase, measured=measured, required=required, unit=unit(dossier, fact))
    return Finding(outcome(holds(measured, required)), measured, required, reason)
