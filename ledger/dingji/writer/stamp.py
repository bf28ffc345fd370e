"""When a file is recorded: by the clock, never before the last entry; and how far behind that a clock may be. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final

import msgspec

from dingji.faults import LedgerError, reasons
from dingji.moments import moment_of, moment_text, shown
from dingji.texts import LANGUAGES, fill

TOLERATED: Final = timedelta(minutes=5)
"""Computers that share a ledger differ by this much without anybody's fault."""

LONGEST: Final = timedelta(hours=24)
"""A clock that is further behind is wrong, or the last entry's was."""


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """When the entries of one file count as recorded; the clock may show another moment."""

    clock: datetime
    """What the clock shows: *today* is its day, whatever stands in the log."""
    last: str = ""
    """When the last entry was recorded, empty before the first."""
    reason: str | None = None
    """Why the clock is right though it is more than a day behind."""

    @property
    def recorded_at(self) -> str:
        """The moment that the entries bear."""
        return max(moment_text(self.clock), self.last)

    def today(self, zone: tzinfo) -> date:
        """Return the civil date that the clock shows in a zone."""
        return self.clock.astimezone(zone).date()

    def behind(self, zone: tzinfo) -> dict[str, Any] | None:
        """Return what is to be said of a clock behind the last entry, with moments as a zone shows them.

        Raises LedgerError (`clock-behind`) for one that is too far behind, and nobody says why.
        """
        lag = moment_of(self.last) - self.clock if self.last else timedelta()
        if lag <= TOLERATED:
            return None
        clock, last = shown(moment_text(self.clock), zone), shown(self.last, zone)
        because = fill(reasons()["because"], reason=self.reason) if self.reason else dict.fromkeys(LANGUAGES, "")
        words: dict[str, Any] = {"clock": clock, "last": last, "because": because}
        if lag > LONGEST and self.reason is None:
            raise LedgerError("clock-behind", **words)
        return words
