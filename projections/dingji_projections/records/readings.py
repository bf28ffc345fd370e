"""Readings that were adopted, and which assessments used them: by the one in force when an assessment was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dingji.events.events import ReadingAdopted
from dingji.events.row import Row
from dingji.state.notice_state import Adoption, Chosen, used
from dingji.state.state_cache import fold
from dingji.store.log import Log
from dingji.terms import entry_name
from dingji_projections.engine.briefs import assessed

ASSESSED: Final = "AssessmentRecorded"

Choices = dict[str, list[Chosen]]
"""Requirement to the readings of it that were ever chosen."""


def choices(log: Log, stream: str, known: int, *, voided: bool = False) -> Choices:
    """Return the readings chosen of a notice, or those of requirements of which one is `voided`."""
    rows = log.stream(stream, upto=known)
    adoption: Adoption | None = fold(stream, rows) if rows else None
    if adoption is None or (voided and not adoption.voided):
        return {}
    positions = {row.version: row.position for row in rows}
    read = {event.requirement for event in adoption.events if isinstance(event, ReadingAdopted)}
    found = {each: adoption.chosen(each, positions.__getitem__) for each in sorted(read)}
    return {each: chosen for each, chosen in found.items() if not voided or any(one.until <= known for one in chosen)}


def used_by(row: Row, notice: str, choices: Choices) -> Iterator[Chosen]:
    """Yield the adopted readings of a notice that an assessment used."""
    told = assessed(row.topic, row.state)
    if told.notice == notice:
        for requirement in choices.keys() & told.readings:
            if (last := used(choices[requirement], told.on, row.position)) is not None:
                yield last


def unread(log: Log, known: int, station: str | None = None) -> dict[str, dict[str, Chosen]]:
    """Return the assessments that used a reading voided since, by stream and entry, each with the first voided.

    Where no reading was ever voided this costs nothing; else the assessments of the whole log, or of one station, are
    looked at.
    """
    found: dict[str, dict[str, Chosen]] = {}
    for notice in log.streams("notice:"):
        voided = choices(log, notice, known, voided=True)
        if not voided:
            continue
        rows = log.stream(station, upto=known) if station else log.scan(upto=known, topics={ASSESSED})
        for row in rows:
            gone = _first_gone(row, notice.partition(":")[2], voided, known) if row.topic == ASSESSED else None
            if gone is not None:
                found.setdefault(row.stream, {})[entry_name(row.stream, row.version)] = gone
    return found


def _first_gone(row: Row, notice: str, voided: Choices, known: int) -> Chosen | None:
    gone = [each for each in used_by(row, notice, voided) if each.until <= known]
    return min(gone, key=lambda each: each.until, default=None)
