"""What if an entry were voided: the same log and views with one void more, and nothing of it kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dingji.events import codec
from dingji.events.events import EntryVoided
from dingji.events.row import Row
from dingji.store.log import Log
from dingji.store.log_view import LogView
from dingji_projections.engine.engine import Views
from dingji_projections.engine.projection import STREAMS, VOIDED
from dingji_projections.records.record import Kept


@contextmanager
def if_voided(views: Views, stream: str, kept: Kept, known: int) -> Iterator[Views]:
    """Lend views that answer, as known at a position, as if the entry were voided there."""
    log = LogView(views.log, known, [_void(views.log, stream, kept, known)])
    with views.with_log(log, stream.removeprefix(STREAMS) if stream.startswith(STREAMS) else None) as lent:
        yield lent


def _void(log: Log, stream: str, kept: Kept, known: int) -> Row:
    """Return the row of a void that nobody recorded, as of the very position up to which the log is read."""
    version, event = len(log.stream(stream, upto=known)) + 1, kept.event
    void = EntryVoided(
        on=event.on, by=event.by, recorded_at=event.recorded_at, id="", entry=kept.entry, cause="", reason=""
    )
    return Row(known, stream, version, VOIDED, codec.encode(void))
