"""A station's full set of facts in the story: the values of facts.toml, its entries reckoned back from a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from demo.data import Demo

if TYPE_CHECKING:
    from dingji.catalogue.facts import FactKind

FRIDAY: Final = 5
SPREAD: Final = 9
"""Entries that lie some days back lie up to that many more: as many for all of one report."""
MONTHS: Final = {"months": 1, "quarters": 3}
"""How many months a period has."""
MIDDLE: Final = 15
"""The last day of the first half of a month."""


class Series:
    """Makes the lists of one report."""

    def __init__(self, demo: Demo, code: str, on: date, assessed: date) -> None:
        """Reckon back from the day of the report; the numbers are one draw for all reports of an assessment."""
        self.demo, self.on = demo, on
        self.lots = ("fact", code, assessed)
        self.shift = demo.lot("shift", *self.lots) % SPREAD

    def facts(self, values: Mapping[str, Any], kinds: Mapping[str, FactKind]) -> dict[str, Any]:
        """Return the facts as a report carries them."""
        found = {key: self._value(key, value, kinds[key]) for key, value in values.items()}
        return {key: found[value["same"]] if _is(value, "same") else found[key] for key, value in values.items()}

    def _value(self, key: str, value: Any, kind: FactKind) -> Any:
        series = value if isinstance(value, list) else [value]
        if not any(_is(one, "at") for one in series):
            return self.demo.drawn(value, *self.lots, key) if _is(value, "from") else value
        return [entry for one in series for entry in self._entries(key, one, kind)]

    def _entries(self, key: str, table: dict[str, Any], kind: FactKind) -> Iterator[Any]:
        """Yield an entry of each kind for each time of a table."""
        form = kind.form.items
        fields = list(form.fields) if form else []
        each: dict[str, list[Any]] = table.get("each", {})
        for day in self._days(key, table):
            time = _time(day, fields, form.fields if form else {}, table.get("lasts"))
            for values in product(*each.values()):
                record = table.get("record", {}) | dict(zip(each, values, strict=True))
                drawn = {name: self._drawn(key, day, name, one) for name, one in record.items()}
                yield {**time, **drawn} if fields else day.isoformat()

    def _drawn(self, key: str, day: date, name: str, value: Any) -> Any:
        return self.demo.drawn(value, *self.lots, key, day, name)

    def _days(self, key: str, table: dict[str, Any]) -> list[date]:
        """Return a day for each entry of a table: of a month or a year, any of its days."""
        at = table["at"]
        if isinstance(at, list):
            return [_weekday(self.on - timedelta(days=ago and ago + self.shift)) for ago in at]
        if at == "years":
            return [date(self.on.year - number, 1, 4) for number in range(table["times"], 0, -1)]
        return [self._within(key, day, at) for day in _periods(self.on, at, table["times"])]

    def _within(self, key: str, first: date, at: str) -> date:
        """Return a working day of the period that begins on a day."""
        later = 2 + self.demo.lot(*self.lots, key, first, at) % 7
        day = first + timedelta(days=later)
        return day + timedelta(days=max(0, 8 - day.isoweekday())) if day.isoweekday() > FRIDAY else day


def _is(value: Any, key: str) -> bool:
    """Return whether a value is a table that says how it is made, by a key."""
    return isinstance(value, dict) and key in value


def _time(day: date, fields: list[str], forms: Mapping[str, Any], lasts: int | None) -> dict[str, Any]:
    """Return the fields of a record that say when."""
    if "year" in fields:
        return {"year": day.year} | ({"month": day.month} if "month" in fields else {})
    name = next((name for name in fields if forms[name].type == "date"), "date")
    end = {"to": (day + timedelta(days=lasts)).isoformat()} if lasts else {}
    return {name: day.isoformat()} | end


def _weekday(day: date) -> date:
    return day - timedelta(days=max(0, day.isoweekday() - FRIDAY))


def _periods(on: date, at: str, times: int) -> list[date]:
    """Return the first days of the last completed periods before a day, oldest first."""
    following = on + timedelta(days=1)
    month = following.year * 12 + following.month - 1
    if at == "half-months":
        half = month * 2 + (following.day > MIDDLE)
        found = range(half - times, half)
        return [date(one // 24, one // 2 % 12 + 1, one % 2 * MIDDLE + 1) for one in found]
    months = MONTHS[at]
    running = month // months
    return [date(one * months // 12, one * months % 12 + 1, 1) for one in range(running - times, running)]
