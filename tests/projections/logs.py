"""Logs written directly, entry by entry, past every rule: what the projections must be able to read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, Self

import orjson
from eventsourcing.persistence import StoredEvent
from hypothesis import strategies as st

from dingji.events import codec
from dingji.events.events import EVENTS
from dingji.events.submissions import By
from dingji.state.timeline import FOREVER
from dingji.store.log import Log, create_log
from dingji.terms import entry_name, entry_place
from dingji_projections.engine import view_file

CITY, KUNSHAN, HUQIU = "3205", "320583", "320505"
RANKS = {"ungraded": 0, "standard": 1, "high_standard": 2, "benchmark": 3}
START = datetime(2024, 1, 1, tzinfo=UTC)


class Book:
    """A new log, and what comes next in it."""

    def __init__(self, path: Path) -> None:
        self.log: Log = create_log(path)
        self.now = START
        self._versions: dict[str, int] = {}
        self._waiting: list[StoredEvent] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.log.close()

    def add(self, stream: str, topic: str, on: str | date, **fields: Any) -> str:
        """Append one entry, an instant after the last, and return its name."""
        if ":" not in stream:
            stream = f"station:{stream}"
        if "level" in fields or "to" in fields:
            level = fields.get("level") or fields["to"]
            if "rank" in EVENTS[topic].__struct_fields__:
                fields.setdefault("rank", RANKS[level])
        version = self._versions.get(stream, 0) + 1
        self.now += timedelta(seconds=1)
        common: dict[str, Any] = {
            "on": date.fromisoformat(on) if isinstance(on, str) else on,
            "by": By(office=fields.pop("by", CITY)),
            "recorded_at": self.now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "id": f"{stream}-{version}",
        }
        event = EVENTS[topic](**common, **fields)
        self._waiting.append(StoredEvent(stream, version, topic, codec.encode(event)))
        self._versions[stream] = version
        if not self._held:
            self._write()
        return entry_name(stream, version)

    _held = False

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write what is added meanwhile as one transaction."""
        self._held = True
        yield
        self._held = False
        self._write()

    def _write(self) -> None:
        with self.log.writing() as writer:
            writer.append(self._waiting)
        self._waiting.clear()

    def register(self, station: str, on: str = "2020-01-01", county: str = KUNSHAN, name: str = "") -> str:
        """Append a station's registration."""
        fields = {"name": name or f"{station}所", "county": county, "serves": "town"}
        return self.add(station, "StationRegistered", on, **fields)

    def move(self, move: Move) -> str:
        """Append what a move of `moves` stands for."""
        on = date.fromordinal(move.on)
        station = f"{KUNSHAN}{100 + move.station}"
        stream = f"station:{station}"
        if stream not in self._versions:
            return self.register(station, on.isoformat(), move.word)
        if move.topic == "EntryVoided":
            number = move.target % self._versions[stream] + 1
            return self.add(stream, move.topic, on, entry=f"{station}@{number}", cause="recording-error", reason="x")
        return self.add(stream, move.topic, on, **_fields(move))


class Move(NamedTuple):
    """One drawn act: a station's first is its registration, whatever its topic."""

    station: int
    topic: str
    on: int
    word: str
    target: int


_WORDS = {
    "StationTransferred": ("c1", "c2"),
    "SizeClassified": ("large", "small"),
    "LevelRecognised": tuple(RANKS),
    "LevelCertified": ("standard", "high_standard", "benchmark"),
    "LevelDowngraded": ("ungraded", "standard", "high_standard"),
    "StationRenamed": ("n1", "n2"),
    "StationClosed": ("",),
    "LevelUpheld": ("standard",),
    "ApplicationSubmitted": ("benchmark",),
    "CertificationLodged": ("",),
    "EntryVoided": ("",),
}
_DAY = date(2024, 1, 1).toordinal()


def _fields(move: Move) -> dict[str, Any]:
    topic, word = move.topic, move.word
    if topic == "StationRenamed":
        return {"name": word, "serves": "street" if move.target % 2 else None}
    own: dict[str, dict[str, Any]] = {
        "StationTransferred": {"county": word},
        "SizeClassified": {"size": word},
        "LevelDowngraded": {"to": word, "held": "benchmark", "reason": "x", "round": "r1"},
        "LevelRecognised": {"level": word, "under": "x"},
        "LevelUpheld": {"level": word, "reason": "x", "round": "r1"},
        "ApplicationSubmitted": {"level": word, "round": "r1"},
        "CertificationLodged": {"certification": f"{KUNSHAN}{100 + move.station}@{move.target % 9 + 1}"},
        "StationClosed": {},
    }
    return own.get(topic) or ({} if topic == "StationClosed" else {"level": word})


def moves(stations: int = 3, days: int = 8, topics: tuple[str, ...] = tuple(_WORDS)) -> st.SearchStrategy[Move]:
    """Draw moves on few stations and few days, so that they meet."""
    return st.sampled_from(topics).flatmap(
        lambda topic: st.builds(
            Move,
            station=st.integers(0, stations - 1),
            topic=st.just(topic),
            on=st.integers(_DAY, _DAY + days - 1),
            word=st.sampled_from(_WORDS[topic]),
            target=st.integers(0, 40),
        )
    )


class Fact(NamedTuple):
    """An entry as the naive fold reads it; a void names its target's version."""

    position: int
    version: int
    topic: str
    on: int
    word: str
    target: int


def facts_of(log: Log, station: str) -> list[Fact]:
    """Return the entries of a station as the naive fold reads them."""
    facts = []
    for row in log.stream(f"station:{station}"):
        state = orjson.loads(row.state)
        word = state.get("level") or state.get("to") or state.get("size") or state.get("county") or ""
        place = entry_place(state.get("entry", ""))
        on = date.fromisoformat(state["on"]).toordinal()
        facts.append(Fact(row.position, row.version, row.topic, on, word, place[1] if place else 0))
    return facts


ORDER = (
    "StationRegistered",
    "StationTransferred",
    "SizeClassified",
    "LevelRecognised",
    "LevelCertified",
    "LevelDowngraded",
    "StationClosed",
)

Held = tuple[str, str | None, str, int, int, int]


def naive_at(facts: list[Fact], on: int, known: int) -> Held | None:
    """Fold what counts on a date as known at a position, one by one, from nothing."""
    gone = {fact.target for fact in facts if fact.topic == "EntryVoided" and fact.position <= known}
    counting = [
        fact
        for fact in facts
        if fact.position <= known and fact.version not in gone and fact.on <= on and fact.topic in ORDER
    ]
    held: Held | None = None
    for fact in sorted(counting, key=lambda fact: (fact.on, ORDER.index(fact.topic), fact.version)):
        held = _naive_step(held, fact)
    return held


def _naive_step(held: Held | None, fact: Fact) -> Held | None:
    if fact.topic == "StationRegistered":
        return fact.word, None, "ungraded", 0, fact.on, fact.version
    if held is None or fact.topic == "StationClosed":
        return None
    county, size, level, rank, since, entry = held
    if fact.topic == "StationTransferred":
        return fact.word, size, level, rank, since, entry
    if fact.topic == "SizeClassified":
        return county, fact.word, level, rank, since, entry
    to = RANKS[fact.word]
    changed = {"LevelRecognised": fact.word != level, "LevelCertified": to > rank, "LevelDowngraded": to < rank}
    return (county, size, fact.word, to, fact.on, fact.version) if changed[fact.topic] else held


def naive_spans(facts: list[Fact], known: int) -> set[tuple[int, int, Held]]:
    """Return the longest spans of one station as known at a position."""
    days = sorted({fact.on for fact in facts})
    found: list[tuple[int, int, Held]] = []
    for day, end in zip(days, [*days[1:], FOREVER], strict=True):
        held = naive_at(facts, day, known)
        if held is None:
            continue
        if found and found[-1][1:] == (day, held):
            found[-1] = (found[-1][0], end, held)
        else:
            found.append((day, end, held))
    return set(found)


def naive_rows(facts: list[Fact], head: int) -> list[tuple[int, int, int, int, Held]]:
    """Return every (valid_from, valid_to, known_from, known_to, held): a span for as long as it was known."""
    rows, known = [], dict[tuple[int, int, Held], int]()
    for position in range(1, head + 1):
        now = naive_spans(facts, position)
        over = [span for span in known if span not in now]
        rows += [(*span[:2], known.pop(span), position, span[2]) for span in over]
        for span in now:
            known.setdefault(span, position)
    rows += [(*span[:2], since, FOREVER, span[2]) for span, since in known.items()]
    return sorted(rows, key=lambda row: (row[0], row[2]))


def place_of_views(log: Log) -> Path:
    """Return where the views of a log are kept, its folder made."""
    place = view_file.views_path(log)
    assert place is not None
    return place
