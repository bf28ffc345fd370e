"""What an audit looks at: some years, one round, one county; and the rounds that lie in it."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from dingji.events.events import RoundClosed, RoundOpened
from dingji.store.log import Log
from dingji_projections.engine.basis import Basis
from dingji_projections.records.opening import opening
from dingji_projections.records.record import record


class AuditedRound(NamedTuple):
    """A round as an audit sees it: `opened` is its opening, voided or not."""

    round: str
    opened: RoundOpened
    closed: date | None
    counts: bool


class AuditScope(NamedTuple):
    """The years (of rounds, or of dates where an act names none), the round and the county that are looked at."""

    start: int | None = None
    until: int | None = None
    round: str | None = None
    county: str | None = None

    def has_year(self, year: int) -> bool:
        """Return whether a year is looked at."""
        return (self.start is None or year >= self.start) and (self.until is None or year <= self.until)

    def rounds(self, held: list[AuditedRound]) -> list[AuditedRound]:
        """Return the rounds that are looked at."""
        if self.round is not None:
            return [each for each in held if each.round == self.round]
        return [each for each in held if self.has_year(each.opened.year)]

    def test(self, held: list[AuditedRound]) -> tuple[str, dict[str, Any]]:
        """Return what an act `a` must be in SQL to lie in it, and the values: a lodging goes with its certification."""
        if self.round is not None:
            certified = "SELECT 1 FROM acts AS c WHERE c.station=a.station AND c.version=a.about AND c.round=:of_round"
            return f"(a.round=:of_round OR a.verb='lodge' AND EXISTS ({certified}))", {"of_round": self.round}
        if self.start is None and self.until is None:
            return "1", {}
        marks = {f"r{number}": each.round for number, each in enumerate(self.rounds(held))}
        known = {f"k{number}": each.round for number, each in enumerate(held)}
        first, last = date(self.start or 1, 1, 1).toordinal(), date(self.until or 9999, 12, 31).toordinal()
        named = ",".join(f":{mark}" for mark in marks)
        unnamed = f"a.round IS NULL OR a.round NOT IN ({','.join(f':{mark}' for mark in known)})"
        test = f"(a.round IN ({named}) OR ({unnamed}) AND a.day BETWEEN :first AND :last)"
        return test, marks | known | {"first": first, "last": last}


def rounds_of(log: Log, basis: Basis) -> list[AuditedRound]:
    """Return the rounds opened by the basis' date, by opening; one whose opening was voided too."""
    found = []
    for stream in log.streams("round:"):
        round_ = record(log, stream, basis.known)
        last = opening(round_, basis.on)
        if last is not None and isinstance(last.event, RoundOpened):
            ends = (kept.event.on for kept in round_.counting(basis.on) if isinstance(kept.event, RoundClosed))
            closed = min(ends, default=None)
            found.append(AuditedRound(stream.removeprefix("round:"), last.event, closed, last.voided_by is None))
    return sorted(found, key=lambda each: (each.opened.on, each.round))
