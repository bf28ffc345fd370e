"""The state of a station: a brief of every entry, its case steps, its assessments and its line of levels.

`evolve` folds one event, `replay` stored rows at once; the rules that judge a submission against this state stand in
`dingji.rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from sys import intern
from typing import Any

import msgspec

from dingji.events import codec
from dingji.events.events import (
    ApplicationSubmitted,
    ApplicationWithdrawn,
    CertificationRefused,
    EntryVoided,
    Event,
    LevelCertified,
    RecommendationDeclined,
    RecommendationMade,
    StationRegistered,
    StationRenamed,
    topic_of,
)
from dingji.events.row import Row, unreadable
from dingji.faults import IntegrityBroken, inconsistent
from dingji.state.stream import Stream, next_version
from dingji.state.timeline import LEVEL_TOPICS, RANK_OF_KIND, Entry, LevelLine, Standing, entry_of
from dingji.terms import Verdict, entry_name, voided_version


class Mark(msgspec.Struct, frozen=True, gc=False):
    """One entry in brief: what later decisions ask of it."""

    version: int
    topic: str
    on: int
    office: str
    person: str | None
    content: str | None
    level: str = ""
    round: str | None = None
    tier: str = ""
    standard: str = ""
    verdict: Verdict | None = None
    short: tuple[str, ...] = ()
    rests: tuple[str, ...] = ()


class Called(msgspec.Struct, frozen=True, gc=False):
    """A name, and the kind of place served where the entry gives one."""

    on: int
    version: int
    name: str
    serves: str | None


class Station(Stream, frozen=True, kw_only=True):
    """A station as known now. Dates are ordinals, as in `timeline`."""

    code: str
    marks: tuple[Mark, ...] = ()
    line: LevelLine = LevelLine()
    steps: tuple[Mark, ...] = ()
    assessments: tuple[Mark, ...] = ()
    names: tuple[Called, ...] = ()

    @property
    def registered(self) -> int:
        """The date of registration."""
        return self.line.entries[0].on

    def content(self, version: int) -> str:
        """Return the content digest of an entry."""
        mark = self.marks[version - 1]
        return mark.content or next(id_ for id_, at in self.ids.items() if at == version)

    def topic(self, version: int) -> str:
        """Return the topic of an entry."""
        return self.marks[version - 1].topic

    def office(self, version: int) -> str:
        """Return the office that submitted an entry."""
        return self.marks[version - 1].office

    def standing(self, on: int) -> Standing | None:
        """Return what holds at the end of a date, None before registration and after closing."""
        return self.line.at(on)

    def serves(self, on: int) -> str:
        """Return the kind of place served on a date."""
        known = [called for called in self.names if called.on <= on and called.serves]
        return max(known, key=lambda called: (called.on, called.version)).serves or "" if known else ""

    def counting(self) -> list[Mark]:
        """Return the marks of the entries that count, in the order of recording."""
        return [mark for mark in self.marks if mark.version not in self.voided]


STEPS = frozenset(
    topic.__name__
    for topic in (
        ApplicationSubmitted,
        ApplicationWithdrawn,
        RecommendationMade,
        RecommendationDeclined,
        LevelCertified,
        CertificationRefused,
    )
)
"""The topics that move a case."""


def _step(event: Any) -> tuple[Any, ...]:
    return event.level, event.round, "", "", None, (), event.rests_on


DETAILS: dict[str, Callable[[Any], tuple[Any, ...]]] = {
    **dict.fromkeys(STEPS | {"LevelUpheld"}, _step),
    "RecommendationMade": lambda event: (event.level, event.round, event.tier, "", None, (), event.rests_on),
    "LevelDowngraded": lambda event: (event.to, event.round, "", "", None, (), event.rests_on),
    "LevelRecognised": lambda event: (event.level,),
    "SizeClassified": lambda event: ("", event.round),
    "CertificationLodged": lambda event: ("", None, "", "", None, (), (event.certification,)),
    "AssessmentRecorded": lambda event: (
        *("", None, event.tier, event.standard),
        *(event.verdict, tuple(map(intern, event.short)), event.rests_on),
    ),
}
"""What a mark says beyond who and when, by topic: its fields from `level` on."""


def mark_of(version: int, topic: str, event: Any) -> Mark:
    """Return an event, whole or in brief, as a mark (hot path); words that come again and again are kept once."""
    by = event.by
    person = intern(by.person) if by.person else by.person
    on, office, detail = event.on.toordinal(), intern(by.office), DETAILS.get(topic)
    if detail is None:
        return Mark(version, topic, on, office, person, event.content)
    return Mark(version, topic, on, office, person, event.content, *detail(event))


WORD: dict[str, Callable[[Any], tuple[str, int]]] = {
    "StationRegistered": lambda event: (event.county, 0),
    "StationTransferred": lambda event: (event.county, 0),
    "SizeClassified": lambda event: (event.size, 0),
    "LevelRecognised": lambda event: (event.level, event.rank),
    "LevelCertified": lambda event: (event.level, event.rank),
    "LevelDowngraded": lambda event: (event.to, event.rank),
    "StationClosed": lambda event: ("", 0),
}
"""What an entry of the line says, by topic: its word and rank."""


def line_entry(version: int, topic: str, event: Any) -> Entry | None:
    """Return an event as an entry of the line of levels, None where it is none."""
    found = WORD.get(topic)
    if found is None:
        return None
    word, rank = found(event)
    return entry_of((event.on.toordinal(), RANK_OF_KIND[topic], version, intern(word), rank))


NAMING = frozenset({"StationRegistered", "StationRenamed"})
"""The topics that name a station."""


def evolve(station: Station | None, version: int, event: Event, code: str) -> Station:
    """Return the station after one event more (hot path). Raises IntegrityBroken for a version gap."""
    if station is None:
        station = Station(stream=f"station:{code}", code=code)
    next_version(station, station.stream, version)
    if type(event) is EntryVoided:
        station = _without(station, event, version)
    topic = topic_of(event)
    mark = mark_of(version, topic, event)
    grown: dict[str, Any] = {}
    if (entry := line_entry(version, topic, event)) is not None:
        grown["line"] = station.line.insert(entry)
    if topic in STEPS:
        grown["steps"] = (*station.steps, mark)
    elif topic == "AssessmentRecorded":
        grown["assessments"] = (*station.assessments, mark)
    elif type(event) is StationRegistered or type(event) is StationRenamed:
        grown["names"] = (*station.names, Called(mark.on, version, event.name, event.serves))
    ids = station.ids.copy()
    ids[event.id] = version
    marks = station.marks + (mark,)  # noqa: RUF005  (half the time of unpacking into a new one)
    if not grown:
        return msgspec.structs.replace(station, version=version, ids=ids, marks=marks)
    return msgspec.structs.replace(station, version=version, ids=ids, marks=marks, **grown)


def _without(station: Station, event: EntryVoided, version: int) -> Station:
    """Return the station without the entry that a void names."""
    gone = voided_version(station.stream, version, event.entry)
    if not gone or gone in station.voided:
        return station
    return msgspec.structs.replace(
        station,
        voided={**station.voided, gone: version},
        line=station.line.remove(gone),
        steps=tuple(mark for mark in station.steps if mark.version != gone),
        assessments=tuple(mark for mark in station.assessments if mark.version != gone),
        names=tuple(called for called in station.names if called.version != gone),
    )


VOID = EntryVoided.__name__


def replay(code: str, rows: Iterable[Row]) -> Station | None:
    """Return the station that its rows give: what `evolve` gives entry by entry; None for none.

    Hot path of every cold submission and of a full cache.

    Raises IntegrityBroken for a version gap or an entry that cannot be read.
    """
    stream = f"station:{code}"
    marks: list[Mark] = []
    ids: dict[str, int] = {}
    voided: dict[int, int] = {}
    entries: list[Entry] = []
    names: list[Called] = []
    for row in rows:
        _, _, version, topic, state = row
        if version != len(marks) + 1:
            raise inconsistent("version-order", entry=entry_name(stream, version))
        try:
            brief = codec.decode_brief(topic, state)
        except IntegrityBroken as error:
            raise unreadable(row, error.fault.args["why"]) from None
        marks.append(mark := mark_of(version, topic, brief))
        ids[brief.id] = version
        if topic in LEVEL_TOPICS and (entry := line_entry(version, topic, brief)) is not None:
            entries.append(entry)
        if topic in NAMING:
            names.append(Called(mark.on, version, brief.name, brief.serves))
        elif topic == VOID and (gone := voided_version(stream, version, brief.entry)):
            voided.setdefault(gone, version)
    kept = [mark for mark in marks if mark.version not in voided]
    station = Station(
        stream=stream,
        version=len(marks),
        ids=ids,
        voided=voided,
        code=code,
        marks=tuple(marks),
        line=LevelLine.of(entry for entry in entries if entry.version not in voided),
        steps=tuple(mark for mark in kept if mark.topic in STEPS),
        assessments=tuple(mark for mark in kept if mark.topic == "AssessmentRecorded"),
        names=tuple(called for called in names if called.version not in voided),
    )
    return station if marks else None
