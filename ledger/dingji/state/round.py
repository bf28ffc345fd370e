"""The state of a round: its kind and year, and when it opened and closed."""

from __future__ import annotations

from datetime import date
from typing import Any

from dingji.events.events import Event, RoundClosed, RoundOpened
from dingji.state.stream import EventHistory, appended


class Round(EventHistory, frozen=True, kw_only=True):
    """A round as known now; `opened` is None once its opening is voided."""

    id: str
    kind: str = ""
    year: int = 0
    opened: date | None = None
    closed: date | None = None

    def runs(self, on: date) -> bool:
        """Return whether the round is open on that date, its closing day included."""
        return self.opened is not None and self.opened <= on and (self.closed is None or on <= self.closed)


def evolve(round_: Round | None, version: int, event: Event, id_: str) -> Round:
    """Return the round after one event more. Raises IntegrityBroken for a version gap."""
    shared: dict[str, Any] = appended(round_, f"round:{id_}", version, event)
    state: dict[str, Any] = {}
    for _, past in EventHistory(**shared).counting():
        if isinstance(past, RoundOpened):
            state |= {"kind": past.kind, "year": past.year, "opened": past.on}
        elif isinstance(past, RoundClosed) and "opened" in state and "closed" not in state:
            state["closed"] = past.on
    return Round(id=id_, **shared, **state)
