"""What a question names: the streams that it means, or the fault that there are none as known at a position."""

from __future__ import annotations

from datetime import date

from dingji.events import codec
from dingji.faults import LedgerError
from dingji.store.log import Log
from dingji.texts import nearest_text
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.tables.levels import everywhere

COUNTY_DIGITS = 6
"""Stations whose codes begin alike are those that an unknown code may have meant."""


def check_station(log: Log, station: str, known: int) -> str:
    """Return the stream of a station. Raises LedgerError (`unknown-station`)."""
    stream = f"station:{station}"
    if not _exists(log, stream, known):
        beside = _known(log, stream[: len("station:") + COUNTY_DIGITS], known)
        raise LedgerError("unknown-station", field="station", station=station, nearest=nearest_text(station, beside))
    return stream


def check_registered(log: Log, station: str, basis: Basis) -> str:
    """Return the stream of a station that is registered by the basis' date.

    Raises LedgerError (`unknown-station`, `not-registered`).
    """
    stream = check_station(log, station, basis.known)
    registered = registered_on(log, station)
    if basis.on < registered:
        words = {"station": station, "on": str(basis.on), "registered": str(registered)}
        raise LedgerError("not-registered", field="on", **words)
    return stream


def registered_on(log: Log, station: str) -> date:
    """Return the day of a station's registration: no window reaches before it (rule 30)."""
    first = log.entry(f"station:{station}", 1)
    return codec.read_row(first, codec.decode_brief).on if first else date.min


def check_office(log: Log, office: str, basis: Basis, field: str = "office") -> str:
    """Return the stream of an office, in being on the basis' date or not. Raises LedgerError (`unknown-office`)."""
    stream = f"office:{office}"
    if not _exists(log, stream, basis.known):
        raise LedgerError("unknown-office", field=field, office=office, on=str(basis.on))
    return stream


def check_round(log: Log, round_: str, known: int) -> str:
    """Return the stream of a round, its opening voided or not. Raises LedgerError (`unknown-round`)."""
    stream = f"round:{round_}"
    if not _exists(log, stream, known):
        nearest = nearest_text(round_, _known(log, "round:", known))
        raise LedgerError("unknown-round", field="round", round=round_, nearest=nearest)
    return stream


def check_submitter(log: Log, code: str, basis: Basis) -> None:
    """See that an office, or a station acting for itself, exists. Raises LedgerError (`unknown-office`)."""
    if not _exists(log, f"station:{code}", basis.known):
        check_office(log, code, basis)


def streams_of(
    views: Views, basis: Basis, *, station: str | None = None, county: str | None = None
) -> list[str] | None:
    """Return the streams of one station, or of a county's office and its stations on the date; None for all."""
    if station is not None:
        return [check_registered(views.log, station, basis)]
    if county is None:
        return None
    stream = check_office(views.log, county, basis, "county")
    sql = everywhere("station", " AND county=:county")
    values = {"day": basis.on.toordinal(), "known": basis.known, "county": county}
    return [stream, *sorted(f"station:{code}" for (code,) in views.query(sql, values, basis.known))]


def _known(log: Log, prefix: str, known: int) -> list[str]:
    return [name.partition(":")[2] for name in log.streams(prefix) if _exists(log, name, known)]


def _exists(log: Log, stream: str, known: int) -> bool:
    first = log.entry(stream, 1)
    return first is not None and first.position <= known
