"""Rounds as of a date as known at a position, each with how much was applied for, decided and reviewed in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

import msgspec

from dingji.events.events import RoundClosed, RoundOpened
from dingji.store.log import Log
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.records.record import record
from dingji_projections.tables.counting import counting

COUNTED: Final = {
    "apply": "applications",
    "recommend": "recommendations",
    "certify": "certifications",
    "refuse": "refusals",
    "uphold": "upheld",
    "downgrade": "downgraded",
}
"""The acts that name a round, each with the field that counts it."""


class RoundRow(msgspec.Struct, frozen=True):
    """One round; `closed` is None while it is open."""

    round: str
    kind: str
    year: int
    opened: date
    closed: date | None = None
    applications: int = 0
    recommendations: int = 0
    certifications: int = 0
    refusals: int = 0
    upheld: int = 0
    downgraded: int = 0


def rounds(views: Views, basis: Basis) -> list[RoundRow]:
    """Return the rounds that were open on the basis' date or before, by opening."""
    counts = _counts(views, basis)
    found = [
        RoundRow(name, opened.kind, opened.year, opened.on, closed, **counts.get(name, {}))
        for name, opened, closed in rounds_held(views.log, basis)
    ]
    return sorted(found, key=lambda row: (row.opened, row.round))


def rounds_held(log: Log, basis: Basis) -> Iterator[tuple[str, RoundOpened, date | None]]:
    """Yield the rounds opened by the basis' date: name, opening, and date of closing."""
    for stream in log.streams("round:"):
        opened, closed = None, None
        for kept in record(log, stream, basis.known).counting(basis.on):
            event = kept.event
            if isinstance(event, RoundOpened):
                opened = event
            elif isinstance(event, RoundClosed) and opened and closed is None:
                closed = event.on
        if opened:
            yield stream.removeprefix("round:"), opened, closed


def _counts(views: Views, basis: Basis) -> dict[str, dict[str, int]]:
    """Return how many acts of each kind name each round."""
    sql = f"SELECT round,verb,count(*) FROM acts WHERE round NOT NULL AND {counting()} GROUP BY 1,2"  # noqa: S608
    rows = views.query(sql, {"day": basis.on.toordinal(), "known": basis.known}, basis.known)
    counts: dict[str, dict[str, int]] = {}
    for round_, verb, count in rows:
        if verb in COUNTED:
            counts.setdefault(round_, {})[COUNTED[verb]] = count
    return counts
