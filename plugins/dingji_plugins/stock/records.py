"""Stock checks of entries in time: enough of them, none of them, one in every period.

`over` is the time that is looked at, without it the requirement's `window_months`, or all up to the date
(`dingji_plugins.stock.spans`). `where` is a filter of records, `each` the kinds of which there must be one each
(`dingji_plugins.stock.fields`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final, Literal

from dingji import UNDETERMINED, Dossier, EntriesFact, FactKey, FactKind, Finding, Outcome, Requirement, Text, Threshold
from dingji_plugins.stock.fields import SAY, Kinds, Where, field_misfits, kinds_misfits, passes, where_misfits
from dingji_plugins.stock.parts import Part, outcome, sentences, shown, unit
from dingji_plugins.stock.spans import DAYS, Over, Positive, dates_misfits, nil_covers, over_misfits, span, timing

Period = Literal["month", "quarter", "half_month"]

QUARTER: Final = 3
MIDDLE: Final = 15
"""The last day of the first half of a month."""
EVER: Final = Over()
MOST_NAMED: Final = 6
"""How many periods without an entry are named one by one."""


class Recorded(Part, frozen=True):
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


class NoneWithin(Part, frozen=True):
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


class EveryPeriod(Part, frozen=True):
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


def recorded(requirement: Requirement, dossier: Dossier) -> Finding:
    """There are enough entries, and one of each kind."""
    parameters: Recorded = requirement.parameters
    days = span(parameters.over, requirement, dossier)
    values, required = dossier.values(parameters.fact), dossier.limit(parameters.minimum)
    kinds = parameters.each.asked(dossier) if parameters.each else []
    if values is None or required is None or kinds is None:
        return UNDETERMINED
    kind = dossier.kind(parameters.fact)
    entries = days.entries(kind, values[0], parameters.where)
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
    within = len(days.entries(kind, values[0], parameters.where))
    ever = span(EVER, requirement, dossier, since_registration=False)
    older = len(ever.entries(kind, values[0], parameters.where)) - within
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
    for entry in values[0]:
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
    reason = _periods_said(parameters.period, periods, short)
    return Finding(outcome(not short), measured, required, reason)


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


def _periods_said(period: Period, periods: list[int], short: list[int]) -> Text | None:
    """Say how many periods have their entry, from which day to which, and which have not."""
    days = SAY("span", first=_start(period, periods[0]), last=_last(period, periods[-1]))
    words = {"measured": len(periods) - len(short), "required": len(periods), "period": SAY(period)}
    named = [_period_name(period, index) for index in short[:MOST_NAMED]]
    more = SAY("and-more", more=len(short) - MOST_NAMED) if len(short) > MOST_NAMED else None
    return sentences(
        SAY("every-period", span=days, **words), SAY("periods-lacking", lacking=named) if short else None, more
    )
