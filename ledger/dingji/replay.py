"""A station's state from its stored entries, put together at once: what `station.evolve` gives entry by entry."""

from __future__ import annotations

from collections.abc import Iterable

from dingji import codec
from dingji.events import EntryVoided
from dingji.faults import IntegrityBroken
from dingji.reads import Row
from dingji.station import NAMING, STEPS, Called, Mark, Station, line_entry, mark_of, voided_version
from dingji.timeline import LEVEL_TOPICS, Entry, Line

VOID = EntryVoided.__name__


def replay(code: str, rows: Iterable[Row]) -> Station | None:
    """Return the station that its rows give, None for none (hot path of every cold submission and of a full cache).

    Raises IntegrityBroken for a version gap or an entry that cannot be read.
    """
    stream = f"station:{code}"
    marks: list[Mark] = []
    ids: dict[str, int] = {}
    voided: dict[int, int] = {}
    entries: list[Entry] = []
    names: list[Called] = []
    for _, _, version, topic, state in rows:
        if version != len(marks) + 1:
            raise IntegrityBroken("log-inconsistent", stream=stream, version=version)
        told = codec.decode_brief(topic, state)
        marks.append(mark := mark_of(version, topic, told))
        ids[told.id] = version
        if topic in LEVEL_TOPICS and (entry := line_entry(version, topic, told)) is not None:
            entries.append(entry)
        if topic in NAMING:
            names.append(Called(mark.on, version, told.name, told.serves))
        elif topic == VOID:
            voided[voided_version(told)] = version
    # A void that names an entry after itself has no effect on it, as when it was evolved.
    gone = {version for version, by in voided.items() if version < by}
    kept = [mark for mark in marks if mark.version not in gone]
    station = Station(
        stream=stream,
        version=len(marks),
        ids=ids,
        voided=voided,
        code=code,
        marks=tuple(marks),
        line=Line.of(entry for entry in entries if entry.version not in gone),
        steps=tuple(mark for mark in kept if mark.topic in STEPS),
        assessments=tuple(mark for mark in kept if mark.topic == "AssessmentRecorded"),
        names=tuple(called for called in names if called.version not in gone),
    )
    return station if marks else None
