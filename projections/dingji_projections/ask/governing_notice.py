"""Which notice governs a question's date, by the rule that submissions are judged by."""

from __future__ import annotations

from dingji.state.notice_state import Adoption, governing_or_first
from dingji.state.state_cache import fold
from dingji.store.log import Log
from dingji_projections.engine.basis import Basis


def adoptions(log: Log, known: int) -> list[Adoption]:
    """Return the notices as adopted by a position, in the order of adoption."""
    streams = [log.stream(stream, upto=known) for stream in log.streams("notice:")]
    return [fold(rows[0].stream, rows) for rows in sorted(filter(None, streams))]


def governing_notice(log: Log, basis: Basis) -> str:
    """Return the notice in force on the basis' date as known at its position, or else the first adopted."""
    # Before the first adoption was recorded, its words are still the best that there are to answer with.
    adoption = governing_or_first(adoptions(log, basis.known) or adoptions(log, log.head()), basis.on)
    assert adoption is not None  # noqa: S101  (a ledger begins with one)
    return adoption.id
