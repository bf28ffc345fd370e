"""The history of one station: every entry as recorded, voided ones marked, and the spans of its level."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import msgspec

from dingji.events.events import Event
from dingji.events.submissions import By
from dingji.faults import Fault, LedgerError
from dingji.store.log import Log
from dingji_projections.engine.basis import Basis, civil_day, recorded_until, zone_of
from dingji_projections.engine.engine import Views
from dingji_projections.records.record import Kept, record
from dingji_projections.tables.levels import LevelSpan, spans
from dingji_projections.tables.names import name_at

_COMMON: Final = frozenset(Event.__struct_fields__)
_BULKY: Final = frozenset({"findings", "checks"})


class HistoryEntry(msgspec.Struct, frozen=True):
    """One entry; `details` hold what is its kind's own, without what fills pages (see the log for that)."""

    position: int
    entry: str
    topic: str
    on: date
    on_precision: str
    recorded_at: str
    by: By
    document: str | None
    note: str | None
    irregular: str | None
    details: dict[str, Any]
    irregularities: tuple[Fault, ...]
    voided_by: str | None


class HistorySpan(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """What the station was from a date on, up to and without another."""

    start: date
    end: date | None
    size: str | None
    county: str
    level: str
    since: date
    entry: str


class HistoryBasis(msgspec.Struct, frozen=True):
    """Up to where the ledger was read, and the day on which its last entry was recorded."""

    on: date
    known: int
    recorded_until: str


class StationHistory(msgspec.Struct, frozen=True):
    """A station's entries in the order of recording, and its spans in the order of dates."""

    basis: HistoryBasis
    station: str
    name: str
    entries: tuple[HistoryEntry, ...]
    spans: tuple[HistorySpan, ...]


def history(views: Views, station: str, known: int) -> StationHistory:
    """Return a station's history as known at a position. Raises LedgerError (`unknown-station`)."""
    found = record(views.log, f"station:{station}", known)
    if not found.entries:
        raise LedgerError("unknown-station", field="station", station=station, nearest="")
    return StationHistory(
        basis=_known(views.log, known),
        station=station,
        name=name_at(views, station, date.max, known) or "",
        entries=tuple(map(_entry, found.entries)),
        spans=tuple(_span(span) for span in spans(views, station, known)),
    )


def _known(log: Log, known: int) -> HistoryBasis:
    recorded = recorded_until(log, known) or ""
    return HistoryBasis(civil_day(Basis(date.min, known, recorded, zone_of(log))).on, known, recorded)


def _span(span: LevelSpan) -> HistorySpan:
    return HistorySpan(span.start, span.end, span.size, span.county, span.level, span.since, span.entry)


def _entry(kept: Kept) -> HistoryEntry:
    event = kept.event
    return HistoryEntry(
        position=kept.position,
        entry=kept.entry,
        topic=kept.topic,
        on=event.on,
        on_precision=event.on_precision,
        recorded_at=event.recorded_at,
        by=event.by,
        document=event.document,
        note=event.note,
        irregular=event.irregular,
        details=details(event),
        irregularities=event.irregularities,
        voided_by=kept.voided_by,
    )


def details(event: Event) -> dict[str, Any]:
    """Return an event's own fields in brief: of what is long or nested the keys, or the number."""
    own = {name: getattr(event, name) for name in event.__struct_fields__ if name not in _COMMON | _BULKY}
    return {name: _brief(value) for name, value in own.items() if value not in (None, (), {})}


def _brief(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted(value)
    if isinstance(value, tuple) and not all(isinstance(item, str) for item in value):
        return len(value)
    return value
