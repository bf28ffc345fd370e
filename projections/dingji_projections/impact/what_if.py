"""Supposing a void: the same log and views as if one entry more were voided, with nothing of it kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dingji.events import codec
from dingji.events.events import EntryVoided
from dingji.events.row import Row
from dingji.store.log import Log
from dingji_projections.engine.engine import Views
from dingji_projections.engine.projection import STREAMS, VOIDED
from dingji_projections.records.record import Kept


class SupposedLog(Log):
    """A log up to a position, whose one stream ends in a void that nobody recorded, as of that very position."""

    def __init__(self, log: Log, stream: str, kept: Kept, known: int) -> None:
        """Read the same file by the same connection."""
        self.__dict__.update(vars(log))
        self._known, self._void = known, _void(log, stream, kept, known)

    def stream(self, stream: str, *, upto: int | None = None) -> list[Row]:
        """Return the rows of a stream in the order of recording."""
        until = self._known if upto is None else min(upto, self._known)
        rows = super().stream(stream, upto=until)
        return [*rows, self._void] if stream == self._void.stream and until == self._known else rows


def _void(log: Log, stream: str, kept: Kept, known: int) -> Row:
    version, event = len(log.stream(stream, upto=known)) + 1, kept.event
    void = EntryVoided(
        on=event.on, by=event.by, recorded_at=event.recorded_at, id="", entry=kept.entry, cause="", reason=""
    )
    return Row(known, stream, version, VOIDED, codec.encode(void))


@contextmanager
def supposed(views: Views, stream: str, kept: Kept, known: int) -> Iterator[Views]:
    """Lend views that answer, as known at a position, as if the entry were voided there."""
    log = SupposedLog(views.log, stream, kept, known)
    with views.supposing(log, stream.removeprefix(STREAMS) if stream.startswith(STREAMS) else None) as lent:
        yield lent
