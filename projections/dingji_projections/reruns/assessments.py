"""Where recorded assessments stand in the log: one by name, those of a station or a round, or all."""

from __future__ import annotations

from datetime import date

from dingji.events import codec
from dingji.events.row import Row
from dingji.events.vocabulary import DECISIONS
from dingji.faults import LedgerError
from dingji.state.state_cache import fold
from dingji.store.log import Log
from dingji.terms import entry_name, entry_place
from dingji_projections.ask.lookups import check_round, check_station
from dingji_projections.engine.briefs import Stored, reader
from dingji_projections.engine.projection import ASSESSED
from dingji_projections.records.record import rests_on

_dated = reader(Stored)


def assessment(log: Log, entry: str, known: int) -> list[int]:
    """Return the position of the assessment of that name. Raises LedgerError (`unknown-entry`, `not-assessment`)."""
    place = entry_place(entry)
    row = log.entry(*place) if place else None
    if row is None or row.position > known:
        raise LedgerError("unknown-entry", field="entry", entry=entry)
    if row.topic != ASSESSED:
        raise LedgerError("not-assessment", field="entry", entry=entry)
    return [row.position]


def assessments(log: Log, known: int) -> list[int]:
    """Return the positions of all assessments recorded by a position."""
    return [row.position for row in log.scan(upto=known, topics={ASSESSED})]


def assessments_of(log: Log, station: str, known: int) -> list[int]:
    """Return the positions of a station's assessments. Raises LedgerError (`unknown-station`)."""
    rows = log.stream(check_station(log, station, known), upto=known)
    return [row.position for row in rows if row.topic == ASSESSED]


def assessments_in(log: Log, round_: str, known: int) -> list[int]:
    """Return the positions of the assessments made while a round ran, and of those that its decisions rest on.

    Raises LedgerError (`unknown-round`).
    """
    stream = check_round(log, round_, known)
    found = fold(stream, log.stream(stream, upto=known))
    grounds = {
        ground
        for row in log.find(DECISIONS, ("round",), round_, upto=known)
        for ground in rests_on(codec.decode_row(row))
    }
    return [
        row.position
        for row in log.scan(upto=known, topics={ASSESSED})
        if entry_name(row.stream, row.version) in grounds or found.runs(_day(row))
    ]


def _day(row: Row) -> date:
    return codec.read_row(row, _dated).on
