"""What rests on an entry: every later entry that names it, or what it founded, and whatever rests on that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Final

import msgspec

from dingji.events import codec
from dingji.events.events import ReadingAdopted
from dingji.events.row import Row
from dingji.store.log import Log
from dingji.terms import entry_name, entry_place
from dingji_projections.engine.briefs import ActBrief, act_brief, assessment_brief
from dingji_projections.engine.projection import ASSESSED, STREAMS, VOIDED
from dingji_projections.records.opening import openings
from dingji_projections.records.readings import chosen_readings, readings_used
from dingji_projections.records.record import Kept, Record, record, rests_on
from dingji_projections.records.voids import voided_entry

MOST_LISTED: Final = 20_000
"""Entries that are listed with their paths; of more, only how many they are."""

LOOK_EVERY: Final = 10_000
"""Entries read between two reports."""

FOUNDING: Final = {"StationRegistered": STREAMS, "OfficeEnrolled": "office:", "RoundOpened": "round:"}
"""The topics on which rests what is done of the same thing later, each with how its stream begins."""


class Dependent(msgspec.Struct, frozen=True):
    """One entry that rests on another; `path` leads from that one to this."""

    entry: str
    position: int
    topic: str
    on: date
    office: str
    path: tuple[str, ...]


class Dependents(msgspec.Struct, frozen=True):
    """All that rests on one entry, in the order of recording: how many, of which topics, and the first of them."""

    count: int
    topics: dict[str, int]
    listed: tuple[Dependent, ...]


def dependents(
    log: Log, stream: str, kept: Kept, known: int, report: Callable[[int, int], None] = lambda done, total: None
) -> Dependents:
    """Find what rests on an entry as known at a position; what rests on more than a station's asks for a whole pass."""
    search = _Search(log, stream, kept, known)
    if stream.startswith(STREAMS):
        search.look(log.stream(stream, upto=known))
        return search.found()
    # What names a round rests on the opening that counts, though it were recorded before that one.
    after = 0 if kept.topic == "RoundOpened" else kept.position
    for number, row in enumerate(log.scan(after, upto=known)):
        search.look((row,))
        if number % LOOK_EVERY == 0:
            report(row.position, known)
    report(known, known)
    return search.found()


class _Search:
    """One pass over the log in the order of recording: an entry rests on earlier ones.

    The rules' own pass (`dingji.rules.void.dependents`) is another one: it finds what loses its ground now, by what
    entries of one station name. Here an entry also rests on what founded its station, office or round, what rests on it
    through a voided one is found too, and the path to each is kept.
    """

    def __init__(self, log: Log, stream: str, kept: Kept, known: int) -> None:
        self._log, self._known, self._seed = log, known, kept
        self._count: Counter[str] = Counter()
        self._listed: list[Dependent] = []
        self._paths: dict[str, tuple[str, ...]] = {}
        self._gone: dict[str, int] = {}
        """Stream to its versions found, a bit each: an office may have done what fills half of the log."""
        self._founded: dict[str, str] = {}
        """Stream to the entry that founded what it is about."""
        self._uses = _uses_adopted(log, record(log, stream, known), kept, known)
        self._voided = self._voids(log, stream, known)
        self._hold(stream, kept.version, kept.topic, kept.entry)

    def _voids(self, log: Log, stream: str, known: int) -> set[str]:
        own = stream.startswith(STREAMS)
        rows = log.stream(stream, upto=known) if own else log.scan(upto=known, topics={VOIDED})
        voids = (row for row in rows if row.topic == VOIDED)
        return {gone for row in voids if (gone := voided_entry(row, codec.read_row(row, act_brief).entry))}

    def look(self, rows: Iterable[Row]) -> None:
        """Look at the next entries."""
        for row in rows:
            name = entry_name(row.stream, row.version)
            if name == self._seed.entry:
                continue
            brief = codec.read_row(row, act_brief)
            cause = self._cause(row, brief)
            if cause is None:
                continue
            path = (*self._paths.get(cause, (self._seed.entry,)), name)
            if len(self._paths) < MOST_LISTED:
                self._paths[name] = path
            if name in self._voided:  # what rests on it has lost this ground too (`records.grounds`)
                self._gone[row.stream] = self._gone.get(row.stream, 0) | 1 << row.version
                continue
            self._hold(row.stream, row.version, row.topic, name)
            self._count[row.topic] += 1
            if len(self._listed) < MOST_LISTED:
                self._listed.append(Dependent(name, row.position, row.topic, brief.on, brief.by.office, path))

    def _cause(self, row: Row, brief: ActBrief) -> str | None:
        """Return the entry found before on which this one rests."""
        for founded in (row.stream, f"office:{brief.by.office}", f"round:{brief.round}"):
            if founded in self._founded:
                return self._founded[founded]
        for ground in rests_on(brief):
            place = entry_place(ground)
            if place and place[1] and self._gone.get(place[0], 0) >> place[1] & 1:
                return ground
        return self._seed.entry if self._uses(row) else None

    def _hold(self, stream: str, version: int, topic: str, name: str) -> None:
        self._gone[stream] = self._gone.get(stream, 0) | 1 << version
        if topic in FOUNDING and (topic != "RoundOpened" or self._only_opening(stream)):
            self._founded[stream] = name

    def _only_opening(self, stream: str) -> bool:
        found = openings(record(self._log, stream, self._known))
        return sum(kept.voided_by is None for kept in found) == 1

    def found(self) -> Dependents:
        """Return all that was found."""
        return Dependents(self._count.total(), dict(sorted(self._count.items())), tuple(self._listed))


def _uses_adopted(log: Log, adopted: Record, kept: Kept, known: int) -> Callable[[Row], bool]:
    """Return the test whether an entry used a notice's data, or a reading, as this one adopted them."""
    if isinstance(kept.event, ReadingAdopted):
        return _uses_reading(log, adopted.stream, kept, known)
    if kept.topic != "NoticeAdopted":
        return lambda row: False
    rivals = [other for other in adopted.counting() if other.topic == kept.topic]

    def uses(row: Row) -> bool:
        if row.topic != ASSESSED:
            return row.stream == adopted.stream and row.topic == "ReadingAdopted"
        if f"notice:{codec.read_row(row, assessment_brief).notice}" != adopted.stream:
            return False
        earlier = [one for one in rivals if one.position < row.position]
        return max(earlier, key=lambda one: one.position, default=None) == kept  # what was recorded last

    return uses


def _uses_reading(log: Log, stream: str, kept: Kept, known: int) -> Callable[[Row], bool]:
    event: Any = kept.event
    chosen = {event.requirement: chosen_readings(record(log, stream, known))[event.requirement]}

    def uses(row: Row) -> bool:
        return row.topic == ASSESSED and any(
            each.entry == kept.entry for each in readings_used(row, stream.partition(":")[2], chosen)
        )

    return uses
