"""Stock checks of entries in time: enough, none, one in every period, all dealt with, every place high enough.

`over` is the time that is looked at, without it the requirement's `window_months`, or all up to the date
(`dingji_plugins.stock.time_spans`). `where` is a filter of records, `each` the kinds of which there must be one each
(`dingji_plugins.stock.record_fields`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from dingji import (
    UNDETERMINED,
    Dossier,
    EntriesFact,
    FactKey,
    FactKind,
    Finding,
    Outcome,
    RecordsFact,
    Requirement,
    Text,
    Threshold,
)
from dingji_plugins.stock.base import StockParameters, outcome, sentences, shown, unit
from dingji_plugins.stock.record_fields import SAY, Kinds, Where, field_misfits, kinds_misfits, passes, where_misfits
from dingji_plugins.stock.time_spans import (
    DAYS,
    EntrySpan,
    Over,
    Positive,
    dates_misfits,
    nil_covers,
    over_misfits,
    span,
    timing,
    years_asked,
)

Period = Literal["month", "quarter", "half_month"]

QUARTER: Final = 3
MIDDLE: Final = 15
"""The last day of the first half of a month."""
EVER: Final = Over()
MOST_NAMED: Final = 6
"""How many periods without an entry are named one by one."""


class Recorded(StockParameters, frozen=True):
    """`recorded`: there are at least `minimum` entries (one, if it is not said), and one of each kind.

    `days` counts days instead of entries, `count` adds up a field of the records. `nil` names the fact with the
    station's nil statements: one that reaches over the time looked at stands for what has no entry. met, not_met;
    undetermined where the list is not known, or with `evidence` has no paper. Examples:
    `{ fact = "joint_activities", where = { partner = "tribunal" }, minimum = 2, days = true }`,
    `{ fact = "reviews", each = { field = "type", values = ["contract", "decision"] }, nil = "nil_statements" }`.
    """

    fact: EntriesFact
    minimum: Threshold = 1
    where: Where | None = None
    each: Kinds | None = None
    days: bool = False
    count: str | None = None
    over: Over | None = None
    nil: FactKey | None = None
    evidence: bool = False

    def misfits(self, facts: Mapping[str, FactKind]) -> Iterator[Text]:
        """Return fields and values that the records do not have, and what excludes each other."""
        yield from where_misfits(facts, self.fact, self.where)
        yield from kinds_misfits(facts, self.fact, self.each)
        yield from field_misfits(facts, self.fact, self.count)
        yield from over_misfits(facts, self.fact, self.over)
        if self.days and self.count:
            yield SAY("days-or-count")


class NoneWithin(StockParameters, frozen=True):
    """`none_within`: there is no entry in the time looked at, before the registration included.

    met; not_met with an entry; with older ones only, what `older` says (met, if it does not). undetermined where the
    list is not known. Example: `{ fact = "reoffending_neglect_cases", older = "needs_judgement" }`.
    """

    fact: EntriesFact
    where: Where | None = None
    older: Literal["met", "needs_judgement", "not_met"] = "met"
    over: Over | None = None

    @property
    def may_judge(self) -> bool:
        """Whether older entries are for an assessor."""
        return self.older == "needs_judgement"

    def misfits(self, facts: Mapping[str, FactKind]) -> Iterator[Text]:
        """Return fields and values that the records do not have."""
        yield from where_misfits(facts, self.fact, self.where)
        yield from over_misfits(facts, self.fact, self.over)


class EveryPeriod(StockParameters, frozen=True):
    """`every_period`: there is an entry, of each kind, in each of the `last` full periods of the calendar.

    Without `last`, in each full period of the requirement's window. No period before the registration is asked for;
    before the first full one is over it needs_judgement. met, not_met; undetermined where a list is not known. Example:
    `{ fact = "cluster_meetings", period = "quarter", last = 4 }`.
    """

    fact: EntriesFact
    period: Period
    last: Positive | None = None
    where: Where | None = None
    each: Kinds | None = None

    @property
    def may_judge(self) -> bool:
        """Always: a station may be too new for any full period."""
        return True

    def misfits(self, facts: Mapping[str, FactKind]) -> Iterator[Text]:
        """Return fields and values that the records do not have."""
        yield from where_misfits(facts, self.fact, self.where)
        yield from kinds_misfits(facts, self.fact, self.each)
        yield from dates_misfits(facts, self.fact)


class EntriesCover(StockParameters, frozen=True):
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


class Rank(StockParameters, frozen=True):
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


def recorded(requirement: Requirement, dossier: Dossier) -> Finding:
    """There are enough entries, and one of each kind."""
    parameters: Recorded = requirement.parameters
    days = span(parameters.over, requirement, dossier)
    values, required = dossier.values(parameters.fact), dossier.limit(parameters.minimum)
    kinds = parameters.each.asked(dossier) if parameters.each else []
    if values is None or required is None or kinds is None:
        return UNDETERMINED
    kind = dossier.kind(parameters.fact)
    (listed,) = values
    entries = days.entries(kind, listed, parameters.where)
    measured = _count(parameters, kind, entries)
    lacking = parameters.each.lacking(kinds, entries) if parameters.each else []
    short = measured < required or bool(lacking)
    stated = nil_covers(parameters.nil, requirement, dossier, days) if short else False
    reason = sentences(
        _counted(parameters, dossier, days.text(kind), measured, required),
        SAY("lacking", lacking=parameters.each.words(lacking, kind)) if parameters.each and lacking else None,
        SAY("nil") if stated else None,
    )
    result = Outcome.UNDETERMINED if stated is None else outcome(not short or stated)
    return shown(Finding(result, measured, required, reason), dossier, parameters.fact, parameters.evidence)


def none_within(requirement: Requirement, dossier: Dossier) -> Finding:
    """There is no entry in the time looked at."""
    parameters: NoneWithin = requirement.parameters
    values = dossier.values(parameters.fact)
    if values is None:
        return UNDETERMINED
    kind = dossier.kind(parameters.fact)
    days = span(parameters.over, requirement, dossier, since_registration=False)
    (listed,) = values
    within = len(days.entries(kind, listed, parameters.where))
    ever = span(EVER, requirement, dossier, since_registration=False)
    older = len(ever.entries(kind, listed, parameters.where)) - within
    result = Outcome.NOT_MET if within else Outcome(parameters.older) if older else Outcome.MET
    counted = SAY("none-within" if within else "none-found", span=days.text(kind), measured=within)
    return Finding(result, within, 0, sentences(counted, SAY("older", older=older) if older else None))


def every_period(requirement: Requirement, dossier: Dossier) -> Finding:
    """There is an entry in every full period."""
    parameters: EveryPeriod = requirement.parameters
    values = dossier.values(parameters.fact)
    kinds = parameters.each.asked(dossier) if parameters.each else []
    if values is None or kinds is None:
        return UNDETERMINED
    periods = _periods(parameters, requirement, dossier)
    if not periods:
        return Finding(Outcome.NEEDS_JUDGEMENT, 0, 0, SAY("no-period"))
    clock = timing(dossier.kind(parameters.fact)) or DAYS
    entries: dict[int, list[Any]] = {index: [] for index in periods}
    (listed,) = values
    for entry in listed:
        if not parameters.where or passes(entry, parameters.where):
            index = _index(parameters.period, date.fromisoformat(clock.day_of(entry)))
            if index in entries:
                entries[index].append(entry)
    short = [
        index
        for index, held in entries.items()
        if not held or (parameters.each and parameters.each.lacking(kinds, held))
    ]
    measured, required = len(periods) - len(short), len(periods)
    reason = _periods_sentence(parameters.period, periods, short)
    return Finding(outcome(not short), measured, required, reason)


def entries_cover(requirement: Requirement, dossier: Dossier) -> Finding:
    """Of what arose all was dealt with, or enough."""
    parameters: EntriesCover = requirement.parameters
    values = dossier.values(parameters.fact)
    if values is None:
        return UNDETERMINED
    days = span(parameters.over, requirement, dossier)
    kind = dossier.kind(parameters.fact)
    (listed,) = values
    entries = days.entries(kind, listed)
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
    (listed,) = values
    held = [entry for entry in listed if entry["year"] in years]
    lacking = [year for year in years if all(entry["year"] != year for entry in held)]
    if not years or any(not 1 <= entry["rank"] <= entry["stations"] for entry in held):
        return Finding(Outcome.UNDETERMINED, reason=SAY("rank-odd" if years else "no-year"))
    numerator, denominator = parameters.numerator, parameters.denominator
    short = [entry for entry in held if entry["rank"] > -(-entry["stations"] * numerator // denominator)]
    places = sorted(f"{entry['rank']}/{entry['stations']}" for entry in short)
    words = {"years": years, "places": len(held), "numerator": numerator, "denominator": denominator}
    reason = sentences(
        SAY("rank", measured=len(held) - len(short), **words),
        SAY("ranks-short", places=places) if short else None,
        SAY("years-lacking", years=lacking) if lacking else None,
    )
    result = Outcome.UNDETERMINED if lacking and not short else outcome(not short)
    return Finding(result, len(held) - len(short), len(held), reason)


def _count(parameters: Recorded, kind: FactKind, entries: list[Any]) -> int:
    """Return how many entries, or different days, there are, or what a field of them adds up to."""
    if parameters.count:
        return sum(entry[parameters.count] for entry in entries)
    clock = timing(kind) if parameters.days else None
    return len({clock.day_of(entry) for entry in entries}) if clock else len(entries)


def _counted(parameters: Recorded, dossier: Dossier, days: Text, measured: int, required: int) -> Text:
    counted = SAY("days" if parameters.days else "entries")
    words = unit(dossier, parameters.fact) if parameters.count else counted
    return SAY("recorded", span=days, measured=measured, required=required, unit=words)


def _periods(parameters: EveryPeriod, requirement: Requirement, dossier: Dossier) -> list[int]:
    """Return the full periods that are asked for, by index in order of time."""
    period = parameters.period
    running = _index(period, dossier.on + timedelta(days=1))
    days = span(EVER if parameters.last else None, requirement, dossier)
    earliest = date.fromisoformat(days.first) if days.first else dossier.registered
    first = _index(period, earliest)
    if _start(period, first) < earliest:
        first += 1
    return list(range(max(first, running - parameters.last) if parameters.last else first, running))


def _index(period: Period, day: date) -> int:
    """Return the number of the period that holds a day; periods are numbered in order of time."""
    month = day.year * 12 + day.month - 1
    if period == "half_month":
        return month * 2 + (day.day > MIDDLE)
    return month // QUARTER if period == "quarter" else month


def _start(period: Period, index: int) -> date:
    """Return the first day of a period."""
    month, half = divmod(index, 2) if period == "half_month" else (index * (QUARTER if period == "quarter" else 1), 0)
    return date(month // 12, month % 12 + 1, MIDDLE + 1 if half else 1)


def _last(period: Period, index: int) -> date:
    return _start(period, index + 1) - timedelta(days=1)


def _period_name(period: Period, index: int) -> str:
    """Return a period's name: 2024-02, 2024-Q1, 2024-02-16/29."""
    first = _start(period, index)
    if period == "quarter":
        return f"{first.year}-Q{(first.month - 1) // QUARTER + 1}"
    return f"{first:%Y-%m}" if period == "month" else f"{first}/{_last(period, index).day:02d}"


def _periods_sentence(period: Period, periods: list[int], short: list[int]) -> Text | None:
    """Return how many periods have their entry, from which day to which, and which have none."""
    days = SAY("span", first=_start(period, periods[0]), last=_last(period, periods[-1]))
    words = {"measured": len(periods) - len(short), "required": len(periods), "period": SAY(period)}
    named = [_period_name(period, index) for index in short[:MOST_NAMED]]
    more = SAY("and-more", more=len(short) - MOST_NAMED) if len(short) > MOST_NAMED else None
    return sentences(
        SAY("every-period", span=days, **words), SAY("periods-lacking", lacking=named) if short else None, more
    )


def _nothing_arose(
    parameters: EntriesCover, requirement: Requirement, dossier: Dossier, days: EntrySpan
) -> tuple[Outcome, Text | None]:
    """Return the outcome if nothing arose, and why."""
    none = SAY("none-arose", span=days.text(dossier.kind(parameters.fact)))
    if parameters.nil is None:
        return Outcome(parameters.none), none
    stated = nil_covers(parameters.nil, requirement, dossier, days)
    result = Outcome.UNDETERMINED if stated is None else outcome(stated)
    return result, sentences(none, SAY("nil") if stated else SAY("no-nil"))


def _years_lacking(parameters: EntriesCover, dossier: Dossier, entries: list[Any]) -> list[int]:
    """Return the years that are looked at and have no record."""
    clock = timing(dossier.kind(parameters.fact))
    if clock is None or clock.grain != "year":
        return []
    held = {entry["year"] for entry in entries}
    return [year for year in years_asked(parameters.over, dossier) if year not in held]
