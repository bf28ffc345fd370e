"""Which entries refer to which papers, as read from the log."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Final

import msgspec

from dingji.events import codec
from dingji.events.events import EntryVoided, FactsReported, RequirementsJudged
from dingji.events.row import Row
from dingji.store.log import Log
from dingji.terms import entry_name

TOPICS: Final = ("FactsReported", "RequirementsJudged", "EntryVoided")
_NAMED: Final = b'"evidence"'
_ESCAPE: Final = b"\\u"  # by which a forged entry may name its papers


class Reference(msgspec.Struct, frozen=True):
    """One entry that refers to a paper, by the name that it had, for what it supports."""

    sha256: str
    name: str
    supports: tuple[str, ...]
    entry: str
    position: int
    on: date
    by: str
    voided: bool = False


def digests(log: Log) -> set[str]:
    """Return every digest that any entry refers to, voided ones among them."""
    return {paper.sha256 for row in log.scan(topics=TOPICS[:2]) for paper in _references(row)}


def references(log: Log, *, station: str | None = None, among: Collection[str] | None = None) -> list[Reference]:
    """Return the references that one station's entries make, or all entries, to any paper or to some, oldest first."""
    rows = log.scan(topics=TOPICS) if station is None else log.stream(f"station:{station}")
    found: list[Reference] = []
    voided: set[str] = set()
    for row in rows:
        if row.topic == EntryVoided.__name__:
            event = codec.decode_row(row)
            if isinstance(event, EntryVoided):
                voided.add(event.entry)
        elif row.topic in TOPICS:
            found += [reference for reference in _references(row) if among is None or reference.sha256 in among]
    return [
        msgspec.structs.replace(reference, voided=True) if reference.entry in voided else reference
        for reference in found
    ]


def _references(row: Row) -> Iterator[Reference]:
    if _NAMED not in row.state and _ESCAPE not in row.state:  # most entries have no paper
        codec.read_row(row, codec.decode_brief)  # says what cannot be read, in half the time
        return
    event = codec.decode_row(row)
    if not isinstance(event, FactsReported | RequirementsJudged):
        return
    entry = entry_name(row.stream, row.version)
    for paper in event.evidence:
        supports = tuple(paper.supports)
        yield Reference(paper.sha256, paper.name, supports, entry, row.position, event.on, event.by.office)
