"""Civil dates: windows of months that end on a date."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

import msgspec


class Window(msgspec.Struct, frozen=True):
    """The days from `first` to `last`, both included; empty if `first` is after `last`."""

    first: date
    last: date

    def __contains__(self, day: date | str) -> bool:
        """Return whether a day, given as a date or as ISO text, lies within."""
        if isinstance(day, str):
            return self.first.isoformat() <= day <= self.last.isoformat()
        return self.first <= day <= self.last


def months_before(day: date, months: int) -> date:
    """Return the same day of the month that many months earlier, or that month's last day (31 May, 3: 28 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < date.min.year:
        return date.min
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@lru_cache(4096)  # the requirements of a station, and the stations of a day, look at the same few windows
def window(on: date, months: int, registered: date = date.min) -> Window:
    """Return the window (on - months, on]; it holds no day before the registration."""
    return Window(max(months_before(on, months) + timedelta(days=1), registered), on)
