"""Offices as known at a position: the state of one, and what it is called on a date."""

from __future__ import annotations

import json  # not the codec: a list of levels alone should not pay for loading it
from typing import TYPE_CHECKING

from dingji.terms import voided_version
from dingji_projections.engine.entry_check import read_as_plain_json

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
    gone: set[int] = set()
    named: list[tuple[str, int, str]] = []
    for row in log.stream(stream, upto=known):
        with read_as_plain_json(row):
            event = json.loads(row.state)
            gone.add(voided_version(stream, row.version, event.get("entry")))
            if "name" in event and event["on"] <= on.isoformat():
                named.append((event["on"], row.version, event["name"]))
    counting = [one for one in named if one[1] not in gone]
    return max(counting)[-1] if counting else None
