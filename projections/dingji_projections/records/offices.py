"""Offices as known at a position: the state of one, and what it is called on a date."""

from __future__ import annotations

import json  # not the codec: a list of levels alone should not pay for loading it
from typing import TYPE_CHECKING

from dingji.terms import voided_version

if TYPE_CHECKING:  # `dingji levels` names offices, and may not pay for msgspec
    from datetime import date

    from dingji.state.office import Office
    from dingji.store.log import Log


def office_known(log: Log, code: str, known: int) -> Office | None:
    """Return an office as known at a position, None where it is not enrolled."""
    from dingji.events import codec
    from dingji.state.office import evolve

    office: Office | None = None
    for row in log.stream(f"office:{code}", upto=known):
        office = evolve(office, row.version, codec.decode_row(row), code)
    return office


def office_name(log: Log, code: str, on: date, known: int) -> str | None:
    """Return the name of an office on a date as known at a position, None where it has none."""
    stream = f"office:{code}"
    events = [(row.version, json.loads(row.state)) for row in log.stream(stream, upto=known)]
    gone = {voided_version(stream, version, event.get("entry")) for version, event in events}
    named = [
        (event["on"], version, event["name"])
        for version, event in events
        if "name" in event and event["on"] <= on.isoformat() and version not in gone
    ]
    return max(named)[-1] if named else None
