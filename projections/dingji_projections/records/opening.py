"""The opening of a round: the one that counts, or else the last that a void took away."""

from __future__ import annotations

from datetime import date

from dingji.events.events import RoundOpened
from dingji_projections.records.record import Kept, Record


def openings(round_: Record) -> list[Kept]:
    """Return every opening of a round in the order of recording, voided ones too."""
    return [kept for kept in round_.entries if isinstance(kept.event, RoundOpened)]


def opening(round_: Record, on: date = date.max) -> Kept | None:
    """Return the opening dated by `on` that counts, the last by date; where none counts the last that was voided."""
    found = [kept for kept in openings(round_) if kept.event.on <= on]
    counting = [kept for kept in found if kept.voided_by is None]
    if counting:
        return max(counting, key=lambda kept: (kept.event.on, kept.version))
    return found[-1] if found else None
