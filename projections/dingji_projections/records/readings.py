"""Readings that were adopted, and which assessments used them: by the one in force when an assessment was recorded."""

from __future__ import annotations

from collections.abc import Iterator

from dingji.events import codec
from dingji.events.events import AssessmentRecorded, ReadingAdopted
from dingji.events.row import Row
from dingji.state.notice_state import Chosen, used
from dingji.state.timeline import FOREVER
from dingji.store.log import Log
from dingji.terms import entry_name
from dingji_projections.engine.briefs import assessment_brief
from dingji_projections.engine.projection import ASSESSED
from dingji_projections.records.record import Record, record

Choices = dict[str, list[Chosen]]
"""Requirement to the readings of it that were ever chosen."""


def chosen_readings(notice: Record) -> Choices:
    """Return the readings ever chosen by a notice's record, each until the position of its void."""
    found: Choices = {}
    for kept in notice.entries:
        if isinstance(kept.event, ReadingAdopted):
            void = notice.void_of(kept)
            chosen = Chosen(kept.event.on, kept.version, kept.entry, kept.position, void.position if void else FOREVER)
            found.setdefault(kept.event.requirement, []).append(chosen)
    return found


def reading_used(choices: Choices, requirement: str, event: AssessmentRecorded) -> Chosen | None:
    """Return the chosen reading that an assessment used of a requirement, None where it was made under the default."""
    return used(choices.get(requirement, ()), event.on, event.read_to + 1)


def readings_used(row: Row, notice: str, choices: Choices) -> Iterator[Chosen]:
    """Yield the adopted readings of a notice that a stored assessment used."""
    event = codec.read_row(row, assessment_brief)
    if event.notice == notice:
        for requirement in choices.keys() & event.readings:
            if (last := used(choices[requirement], event.on, row.position)) is not None:
                yield last


def readings_lost(log: Log, known: int, station: str | None = None) -> dict[str, dict[str, Chosen]]:
    """Return the assessments that used a reading voided since, by stream and entry, each with the first voided.

    Where no reading was ever voided this costs nothing; else the assessments of the whole log, or of one station, are
    looked at.
    """
    found: dict[str, dict[str, Chosen]] = {}
    for notice in log.streams("notice:"):
        choices = chosen_readings(record(log, notice, known))
        voided = {key: chosen for key, chosen in choices.items() if any(each.until <= known for each in chosen)}
        if not voided:
            continue
        rows = log.stream(station, upto=known) if station else log.scan(upto=known, topics={ASSESSED})
        for row in rows:
            gone = _first_gone(row, notice.partition(":")[2], voided, known) if row.topic == ASSESSED else None
            if gone is not None:
                found.setdefault(row.stream, {})[entry_name(row.stream, row.version)] = gone
    return found


def _first_gone(row: Row, notice: str, voided: Choices, known: int) -> Chosen | None:
    gone = [each for each in readings_used(row, notice, voided) if each.until <= known]
    return min(gone, key=lambda each: each.until, default=None)
