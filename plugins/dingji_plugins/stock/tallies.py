"""Stock checks of counts and places on record: of what arose all was dealt with, every place is high enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta

from dingji import UNDETERMINED, Dossier, FactKey, FactKind, Finding, Outcome, RecordsFact, Requirement, Text
from dingji_plugins.stock.fields import SAY, field_misfits
from dingji_plugins.stock.parts import Part, outcome, sentences, unit
from dingji_plugins.stock.spans import Over, Positive, Span, nil_covers, over_misfits, span, timing, years_asked


class EntriesCover(Part, frozen=True):
    """`entries_cover`: of what arose (`whole`) all was dealt with (each of `parts`), in every record.

    With `minimum`, at least that many in all. `within` says that the parts are of the whole: more is a contradiction.
    Where nothing arose it comes to `none`, or a nil statement in the fact `nil` has to say so. Over `years`, one
    without a record leaves open what is not decided. met, not_met, not_applicable; undetermined. Example:
    `{ fact = "enforcement_disputes", whole = "arisen", parts = ["coordinated"], nil = "nil_statements" }`.
    """

    fact: RecordsFact
    whole: str
    parts: Annotated[tuple[str, ...], Meta(min_length=1)]
    minimum: Positive | None = None
    within: bool = False
    over: Over | None = None
    none: Literal["met", "not_met", "not_applicable", "undetermined"] = "undetermined"
    nil: FactKey | None = None

    def misfits(self, facts: Mapping[str, FactKind]) -> Iterator[Text]:
        """Return fields that the records do not have."""
        yield from field_misfits(facts, self.fact, self.whole, *self.parts)
        yield from over_misfits(facts, self.fact, self.over)


class Rank(Part, frozen=True):
    """`rank`: in each of the last completed years, every place on record is in the first part of the field.

    The records have the fields `year`, `rank` and `stations`; the part is a fraction of the stations, rounded up. met;
    not_met; undetermined where the list is not known, a year has no record or a place cannot be. Example:
    `{ fact = "business_ranks", numerator = 1, denominator = 2, years = 1 }`: no place below the middle.
    """

    fact: RecordsFact
    numerator: Positive
    denominator: Positive
    years: Positive

    def misfits(self, facts: Mapping[str, FactKind]) -> Iterator[Text]:
        """Return fields that the records do not have."""
        yield from field_misfits(facts, self.fact, "year", "rank", "stations")


def entries_cover(requirement: Requirement, dossier: Dossier) -> Finding:
    """Of what arose all was dealt with, or enough."""
    parameters: EntriesCover = requirement.parameters
    values = dossier.values(parameters.fact)
    if values is None:
        return UNDETERMINED
    days = span(parameters.over, requirement, dossier)
    kind = dossier.kind(parameters.fact)
    entries = days.entries(kind, values[0])
    if parameters.within and any(
        entry[part] > entry[parameters.whole] for entry in entries for part in parameters.parts
    ):
        return Finding(Outcome.UNDETERMINED, reason=SAY("over-whole", span=days.text(kind)))
    measured = {name: sum(entry[name] for entry in entries) for name in (parameters.whole, *parameters.parts)}
    short = sum(any(entry[part] < entry[parameters.whole] for part in parameters.parts) for entry in entries)
    required = parameters.minimum or measured[parameters.whole]
    done = min(measured[part] for part in parameters.parts)
    enough = done >= required if parameters.minimum else not short
    lacking = _years_lacking(parameters, dossier, entries)
    words = {"arisen": measured[parameters.whole], "done": done, "required": required, "span": days.text(kind)}
    reason = sentences(
        SAY("cover", unit=unit(dossier, parameters.fact), **words),
        SAY("years-lacking", years=lacking) if lacking else None,
    )
    result = outcome(enough)
    if enough is not bool(parameters.minimum):  # what has no record could still decide otherwise
        result = Outcome.UNDETERMINED if lacking else result
        if not (lacking or measured[parameters.whole]):
            result, reason = _nothing_arose(parameters, requirement, dossier, days)
    return Finding(result, measured, required, reason)


def rank(requirement: Requirement, dossier: Dossier) -> Finding:
    """Every place is high enough."""
    parameters: Rank = requirement.parameters
    values = dossier.values(parameters.fact)
    if values is None:
        return UNDETERMINED
    years = years_asked(Over(years=parameters.years), dossier)
    held = [entry for entry in values[0] if entry["year"] in years]
    lacking = [year for year in years if all(entry["year"] != year for entry in held)]
    if not years or any(not 1 <= entry["rank"] <= entry["stations"] for entry in held):
        return Finding(Outcome.UNDETERMINED, reason=SAY("rank-odd" if years else "no-year"))
    part = parameters.numerator, parameters.denominator
    short = [entry for entry in held if entry["rank"] > -(-entry["stations"] * part[0] // part[1])]
    places = sorted(f"{entry['rank']}/{entry['stations']}" for entry in short)
    words = {"years": years, "places": len(held), "numerator": part[0], "denominator": part[1]}
    reason = sentences(
        SAY("rank", measured=len(held) - len(short), **words),
        SAY("ranks-short", places=places) if short else None,
        SAY("years-lacking", years=lacking) if lacking else None,
    )
    result = Outcome.UNDETERMINED if lacking and not short else outcome(not short)
    return Finding(result, len(held) - len(short), len(held), reason)


def _nothing_arose(
    parameters: EntriesCover, requirement: Requirement, dossier: Dossier, days: Span
) -> tuple[Outcome, Text | None]:
    """Return what it comes to where nothing arose, and why."""
    none = SAY("none-arose", span=days.text(dossier.kind(parameters.fact)))
    if parameters.nil is None:
        return Outcome(parameters.none), none
    stated = nil_covers(parameters.nil, requirement, dossier, days)
    result = Outcome.UNDETERMINED if stated is None else outcome(stated)
    return result, sentences(none, SAY("nil") if stated else SAY("no-nil"))


def _years_lacking(parameters: EntriesCover, dossier: Dossier, entries: list[Any]) -> list[int]:
    """Return the years looked at, one by one, of which there is no record."""
    clock = timing(dossier.kind(parameters.fact))
    if clock is None or clock.grain != "year":
        return []
    held = {entry["year"] for entry in entries}
    return [year for year in years_asked(parameters.over, dossier) if year not in held]
