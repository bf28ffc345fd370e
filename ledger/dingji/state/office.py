"""The state of an office: tier, parent, and from when to when it may act."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from dingji.events.events import Event, OfficeClosed, OfficeEnrolled, OfficeRenamed
from dingji.state.stream import EventHistory, appended


class Office(EventHistory, frozen=True, kw_only=True):
    """An office as known now."""

    code: str
    name: str
    tier: str
    parent: str | None = None
    enrolled: date
    closed: date | None = None
    successor: str | None = None

    def exists(self, on: date) -> bool:
        """Return whether the office may act on that date."""
        return self.enrolled <= on and (self.closed is None or on < self.closed)


def evolve(office: Office | None, version: int, event: Event, code: str) -> Office:
    """Return the office after one event more. Raises IntegrityBroken for a version gap."""
    shared: dict[str, Any] = appended(office, f"office:{code}", version, event)
    state: dict[str, Any] = {}
    for _, past in EventHistory(**shared).counting():
        if isinstance(past, OfficeEnrolled):
            state |= {"name": past.name, "tier": past.tier, "parent": past.parent, "enrolled": past.on}
        elif isinstance(past, OfficeRenamed):
            state["name"] = past.name
        elif isinstance(past, OfficeClosed) and "closed" not in state:
            state |= {"closed": past.on, "successor": past.successor}
    return Office(code=code, **shared, **state)


Find = Callable[[str], Office | None]


def line_above(find: Find, code: str, on: date) -> Iterator[str]:
    """Yield the codes that act for an office on a date: itself, its successors once it is closed, the tiers above."""
    seen: set[str] = set()
    current: str | None = code
    while current and current not in seen:
        seen.add(current)
        yield current
        office = find(current)
        if office is None:
            return
        ended = office.closed is not None and office.closed <= on
        succeeded = ended and office.successor and office.successor not in seen  # a late entry can close a circle
        current = office.successor if succeeded else office.parent
