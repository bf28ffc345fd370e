"""Moments as the ledger writes them: UTC, six decimals, a Z; their text sorts as they do."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo


def moment_text(moment: datetime) -> str:
    """Return an aware moment as `recorded_at` holds it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def moment_of(text: str) -> datetime:
    """Return the moment that a `recorded_at` names."""
    return datetime.fromisoformat(text)


def civil_date(text: str, zone: tzinfo) -> date:
    """Return the civil date of a `recorded_at` in a zone."""
    return moment_of(text).astimezone(zone).date()
