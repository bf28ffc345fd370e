"""The clock, and its moments: as the log keeps them, and as a person is shown them, with their offset."""

# Neither msgspec nor faults at the top: a cold question shows moments too.

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from typing import Any, Final

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 9998
"""A clock that shows another year is not set; the year after the last has days that no zone can be shown in."""


def now() -> datetime:
    """Return what the computer's clock shows, in UTC. Raises LedgerError (`clock-not-set`)."""
    try:
        moment = datetime.now(UTC)
    except (ValueError, OverflowError, OSError):  # beyond what a date can be
        moment = datetime.max.replace(tzinfo=UTC)
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        from dingji.faults import LedgerError

        raise LedgerError("clock-not-set", first=FIRST_YEAR, last=LAST_YEAR)
    return moment


def moment_text(moment: datetime) -> str:
    """Return an aware moment as the text of a `recorded_at`."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def moment_of(text: str) -> datetime:
    """Return the aware moment of a `recorded_at`. Raises ValueError for a text that is none."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def is_stored_moment(value: Any) -> bool:
    """Return whether a value is a moment as the log stores it: UTC, six decimals, Z."""
    try:
        return isinstance(value, str) and moment_text(moment_of(value)) == value
    except (ValueError, OverflowError):
        return False


def civil_date(text: str, zone: tzinfo) -> date:
    """Return the civil date of a `recorded_at` in a zone; the last of all dates for what lies beyond it."""
    return _civil(text, zone).date()


def shown(text: str, zone: tzinfo) -> str:
    """Return a `recorded_at` as a clock in a zone shows it, with the zone's offset: 2024-01-31 12:00:00+08:00."""
    return _civil(text, zone).isoformat(" ", "seconds")


def exact(text: str, zone: tzinfo) -> str:
    """Return a `recorded_at` in a zone to the microsecond, in RFC 3339: 2024-01-31T12:00:00.000000+08:00."""
    return _civil(text, zone).isoformat("T", "microseconds")


def _civil(text: str, zone: tzinfo) -> datetime:
    try:
        return moment_of(text).astimezone(zone)
    except OverflowError:
        return datetime.max.replace(tzinfo=zone)
