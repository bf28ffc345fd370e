"""Spans of time: which of a fact's dates or records a check looks at, and whether nothing else arose in them.

An entry is a date, or a record with the fields `year` and `month`, or `year`, or a date (the field `date`, else the
first date it has). A month or a year belongs to a window that holds its first day. Equal entries count once, for lists
are sets, and entries dated after the day assessed do not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from dingji import Dossier, FactKind, Requirement, Text
from dingji_plugins.stock.record_fields import SAY, Where, field_misfits, passes

Grain = Literal["day", "month", "year"]

MONTHS_A_YEAR: Final = 12

Positive = Annotated[int, Meta(ge=1)]


class Over(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The time that a check looks at, one of these; without it the requirement's window, or all up to the date."""

    months: Positive | None = None
    """The last months up to the date."""
    years: Positive | None = None
    """The last completed years."""
    current: bool = False
    """With `years`: the running year too."""
    since: date | None = None
    """From a day on."""
    open_days: Annotated[int, Meta(ge=0)] | None = None
    """All but the last days, for which it is too early to ask."""
    latest: bool = False
    """Only the entries of the latest day, month or year on record."""
    in_force: bool = False
    """Only the records whose `from` and `to` hold the date between them."""

    def misfits(self) -> Iterator[Text]:
        """Return why it makes no sense, if so."""
        named = [self.months, self.years, self.since, self.open_days, self.latest or None, self.in_force or None]
        if sum(one is not None for one in named) != 1 or (self.current and not self.years):
            yield SAY("bad-over")


class EntrySpan(msgspec.Struct, frozen=True):
    """The days looked at, first and last included, as ISO text; `first` is empty if nothing bounds them."""

    first: str
    last: str
    over: Over
    since_registration: bool
    """Whether `first` is the day of registration, so that its month and its year count too."""

    def entries(self, kind: FactKind, value: Iterable[Any], where: Where | None = None) -> list[Any]:
        """Return the entries of a fact's value within these days that pass a filter, each once."""
        held = [entry for entry in value if passes(entry, where)] if where else value
        if self.over.in_force:
            return _distinct([entry for entry in held if entry["from"] <= self.last <= entry["to"]])
        clock = timing(kind)
        if clock is None:
            return _distinct(held)
        first = clock.first_of(self.first) if self.since_registration else self.first
        days = [(day, entry) for entry in held if first <= (day := clock.day_of(entry)) <= self.last]
        newest = max((day for day, _ in days), default="") if self.over.latest else ""
        return _distinct([entry for day, entry in days if day >= newest])

    def text(self, kind: FactKind) -> Text:
        """Return a phrase for the days, if a fact's entries have days."""
        if self.over.in_force or self.over.latest:
            return SAY("span-in-force" if self.over.in_force else "span-latest", day=self.last)
        if timing(kind) is None:
            return SAY("span-any")
        return _days_text(self.first, self.last)


class EntryTiming(msgspec.Struct, frozen=True):
    """How a fact's entries give their time: as a day in a field (no field: the entry is the day), a month or a year."""

    grain: Grain
    field: str = ""

    def day_of(self, entry: Any) -> str:
        """Return the day of an entry as text; a month or a year gives its first day."""
        if self.grain == "day":
            day: str = entry[self.field] if self.field else entry
            return day
        return f"{entry['year']:04d}-{entry['month'] if self.grain == 'month' else 1:02d}-01"

    def first_of(self, day: str) -> str:
        """Return the first day of a day's month or year if the time is no finer."""
        return day if self.grain == "day" else f"{day[:8]}01" if self.grain == "month" else f"{day[:5]}01-01"


def span(over: Over | None, requirement: Requirement, dossier: Dossier, since_registration: bool = True) -> EntrySpan:
    """Return the days that a check looks at, by default none before the registration."""
    over = over or _over(requirement.window_months)
    recent = dossier.window(over.months, since_registration).first if over.months else None
    return _span(over, recent, dossier.on, dossier.registered, since_registration)


@lru_cache(64)
def _over(months: int | None) -> Over:
    return Over(months=months)


@lru_cache(1024)  # most requirements of a station, and of all stations of a day, look at the same days
def _span(over: Over, recent: date | None, on: date, registered: date, since_registration: bool) -> EntrySpan:
    first, last = recent or date.min, on
    if over.years:
        first = date(max(on.year - over.years, 1), 1, 1)
        last = on if over.current else date(on.year, 1, 1) - timedelta(days=1)
    elif over.since:
        first = over.since
    elif over.open_days:
        last = on - timedelta(days=over.open_days)
    clamped = since_registration and first <= registered
    if clamped:
        first = registered
    return EntrySpan("" if first == date.min else first.isoformat(), last.isoformat(), over, clamped)


DAYS: Final = EntryTiming("day")
MONTHS: Final = EntryTiming("month")
YEARS: Final = EntryTiming("year")


def years_asked(over: Over | None, dossier: Dossier) -> list[int]:
    """Return the years that are looked at one by one, none before the registration's."""
    if over is None or not over.years:
        return []
    years = range(dossier.on.year - over.years, dossier.on.year + over.current)
    return [year for year in years if year >= dossier.registered.year]


def timing(kind: FactKind) -> EntryTiming | None:
    """Return how a fact's entries give their time, None if they have none."""
    items = kind.form.items
    if items is None or not items.fields:
        return DAYS if items and items.type == "date" else None
    if "year" in items.fields:
        return MONTHS if "month" in items.fields else YEARS
    dates = [name for name, form in items.fields.items() if form.type == "date"]
    return EntryTiming("day", "date" if "date" in dates else dates[0]) if dates else None


def nil_covers(nil: str | None, requirement: Requirement, dossier: Dossier, days: EntrySpan) -> bool | None:
    """Return whether the station states that nothing else arose in these days, None if that is not known.

    Its statements for the requirement must reach, together and without a gap, from the first day to no longer before
    the date than a statement of theirs is fresh.
    """
    if nil is None:
        return False
    values = dossier.values(nil)
    if values is None:
        return None
    fresh = dossier.window(dossier.kind(nil).fresh_months).first.isoformat()
    start = next_day = max(days.first, dossier.registered.isoformat())
    (statements,) = values
    stated = [(one["from"], one["to"]) for one in statements if one["requirement"] == requirement.id]
    for first, last in sorted(stated):
        if first <= next_day <= last:
            next_day = _day_after(last)
    return next_day > max(start, fresh)


def over_misfits(facts: Mapping[str, FactKind], key: str, over: Over | None) -> Iterator[Text]:
    """Return why a fact's entries cannot be looked at over a time."""
    if over is None:
        return
    yield from over.misfits()
    if over.in_force:
        yield from field_misfits(facts, key, "from", "to")
    else:
        yield from dates_misfits(facts, key, years=bool(over.years or over.latest))


def dates_misfits(facts: Mapping[str, FactKind], key: str, years: bool = False) -> Iterator[Text]:
    """Return a fault if a fact's entries have no dates, or only coarse ones."""
    if kind := facts.get(key):
        clock = timing(kind)
        if clock is None or (clock.grain == "year" and not years):
            yield SAY("no-dates", fact=key)
        elif clock.grain != "day":
            yield from _bounds_misfits(kind, "year", date.max.year)
            yield from _bounds_misfits(kind, "month", MONTHS_A_YEAR) if clock.grain == "month" else ()


def _bounds_misfits(kind: FactKind, field: str, last: int) -> Iterator[Text]:
    """Return a fault if a field can hold what is no year or month: such a record would have no day."""
    form = kind.form.at(f"[1].{field}")
    if form.minimum < 1 or form.maximum > last:
        yield SAY("no-bounds", fact=kind.key, field=field, last=last)


@lru_cache(1024)  # as for _span
def _days_text(first: str, last: str) -> Text:
    return SAY("span" if first else "span-until", first=first, last=last)


@lru_cache(256)
def _day_after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def _distinct(entries: Iterable[Any]) -> list[Any]:
    """Return entries in their order, equal ones once."""
    return list({entry if isinstance(entry, str) else frozenset(entry.items()): entry for entry in entries}.values())
