"""What a question is asked against: the date it is about, and the position up to which the ledger is read."""

from __future__ import annotations

import json  # not orjson: a question alone should not pay for loading it
import re
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, Final, NamedTuple

from dingji.events.row import recorded_at
from dingji.moments import civil_date, moment_text
from dingji.store.log import Log
from dingji_projections.engine.checked_log import sound_until
from dingji_projections.engine.entry_check import UNREADABLE, read_as_plain_json

ZONE: Final = timezone(timedelta(hours=8))
"""The zone whose days are meant when a notice says nothing else."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


class Basis(NamedTuple):
    """The two coordinates of an answer; `recorded_until` is when the last entry that it knows was recorded."""

    on: date
    known: int
    recorded_until: str | None
    zone: timezone = ZONE

    def fields(self) -> dict[str, Any]:
        """Return the basis as JSON shows it."""
        return {"on": self.on, "known": self.known, "recorded_until": self.recorded_until}

    def undated(self) -> dict[str, Any]:
        """Return the basis of an answer about all dates: `on` is the day of the last entry, None before the first."""
        return civil_day(self).fields() | ({} if self.recorded_until else {"on": None})


def zone_of(log: Log) -> timezone:
    """Return the zone of the notice that was adopted first, as its adoption states it."""
    adopted = [row for stream in log.streams("notice:") if (row := log.entry(stream, 1)) is not None]
    first = min(adopted, default=None)
    if first is None:
        return ZONE
    with read_as_plain_json(first):
        return timezone(timedelta(hours=json.loads(first.state)["utc_offset_hours"]))


def basis(log: Log, *, on: date, known: str | None = None, zone: timezone = ZONE) -> Basis:
    """Read what a user gave as `--known`.

    Raises LedgerError (`bad-value`) for what is no such thing, and IntegrityBroken where the log cannot be believed as
    far as that.
    """
    position = log.head() if known is None else position_of(log, known, zone)
    return Basis(on, position, recorded_until(log, position), zone)


def civil_day(basis: Basis) -> Basis:
    """Return the basis on the day of its last entry: nothing in it then depends on when it is asked."""
    if basis.recorded_until is None:
        return basis
    return basis._replace(on=civil_date(basis.recorded_until, basis.zone))


def position_of(log: Log, text: str, zone: timezone = ZONE) -> int:
    """Return the position that a number, the end of a day in `zone`, or a moment means.

    Raises LedgerError (`bad-value`), as `moment_named` does.
    """
    moment = moment_named(text, zone)
    if moment is not None:
        return position_at(log, moment)
    until, damage = sound_until(log)
    if len(text.lstrip("0")) <= len(str(until)) and int(text) <= until:
        return int(text)
    if damage is not None:
        raise damage.error()
    raise _bad("position-range")


def moment_named(text: str, zone: timezone = ZONE) -> datetime | None:
    """Return the moment that a text names, of a day its end in `zone`; None for a position, all digits.

    Raises LedgerError (`bad-value`) for what is none of these.
    """
    if text.isascii() and text.isdigit():
        return None
    try:
        if _DATE.fullmatch(text):
            moment = datetime.combine(date.fromisoformat(text), time.max, zone)
        elif _MOMENT.fullmatch(text):
            moment = datetime.fromisoformat(text.upper())
        else:
            raise _bad("known-form")
        moment_text(moment)  # some moments of the first and the last day of all are none in UTC
    except (ValueError, OverflowError):
        raise _bad("known-form") from None
    return moment


def position_at(log: Log, moment: datetime) -> int:
    """Return the greatest position recorded at a moment or before: times never decrease along the log."""
    until = moment_text(moment)
    head, damage = sound_until(log)
    low, high = 0, head
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if (recorded_until(log, middle) or "") <= until else (low, middle - 1)
    if low == head and damage is not None:
        raise damage.error()
    return low


def recorded_until(log: Log, position: int) -> str | None:
    """Return when the last readable entry up to a position was recorded, None before the first."""
    while position:
        try:
            row = log.row(position)
            if row is None:
                return None
            return recorded_at(row)
        except Exception as error:
            if getattr(getattr(error, "fault", None), "code", None) != UNREADABLE:
                raise
            position -= 1
    return None


def _bad(why: str) -> Exception:
    from dingji.faults import LedgerError

    return LedgerError("bad-value", field="known", name="known", why=why)
