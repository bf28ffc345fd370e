"""Rows of the writing side: a file imported, one submission made durable."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.raw import Entry, RawLog
from bench.story import MixStory
from bench.table import Row, race, rate, timed
from bench.world import World, discard, entries_of, import_file, ledger_on, lines_of
from dingji.intake.files import Line
from dingji.store.log import open_log
from dingji.writer.ledger import Ledger

ON = "2026-06-01"


@dataclass(frozen=True, slots=True)
class Imported:
    """A story that was imported: its ledger, and its entries in the raw table."""

    story: MixStory
    ledger: Path
    entries: list[Entry]
    raw: RawLog


def imports(world: World, times: int) -> tuple[Imported, Row]:
    """Import the everyday story into fresh ledgers, by turns with the raw insert; keep the last of each."""
    story = world.story("everyday")
    file = world.written(story, "everyday.jsonl")
    kept: dict[str, Any] = {}

    def ours() -> float:
        if "ledger" in kept:
            discard(kept["ledger"])
        kept["ledger"] = world.found(story, "everyday.dingji")
        with open_log(kept["ledger"]) as log:
            seconds = import_file(ledger_on(log, world.plugins), file)
        kept.setdefault("entries", entries_of(kept["ledger"]))
        return seconds

    def raw() -> float:
        if "raw" in kept:
            kept["raw"].close()
            discard(world.folder / "raw.db")
        kept["raw"] = RawLog(world.folder / "raw.db")
        seconds: float = kept["raw"].bulk(kept["entries"])
        return seconds

    fast, slow = race(times, ours, raw)
    imported = Imported(story, kept["ledger"], kept["entries"], kept["raw"])
    verbs = ", ".join(f"{verb} {count:,}" for verb, count in story.counts.most_common())
    print(f"{story.counts.total():,} events over {story.stations:,} stations: {verbs}\n")
    return imported, rate("import of a file (parse, validate, decide, store)", story.events, fast, slow, 0.15)


def submissions(world: World, imported: Imported, times: int) -> Iterator[Row]:
    """Submit single reports about stations of some forty entries, each on disk before the next."""
    stations = sorted({entry[0] for entry in imported.entries if entry[0].startswith("station:")})
    random.Random(7).shuffle(stations)
    with open_log(imported.ledger) as log:
        ledger = ledger_on(log, world.plugins)
        seconds = [_turn(ledger, imported, stations[turn % len(stations)], turn) for turn in range(times + 5)]
    raw, cold, warm = (sorted(column)[len(column) // 2] for column in zip(*seconds[5:], strict=True))
    yield rate("one durable submission, its station not held in memory", 1, cold, raw, 0.25)
    yield rate("one durable submission, its station held", 1, warm, raw, 0.4)


def _turn(ledger: Ledger, imported: Imported, stream: str, turn: int) -> tuple[float, float, float]:
    """Insert one raw row, then submit twice: the first time the station's entries have to be read."""
    first, second = (_report(stream, f"{turn}-{part}") for part in "ab")
    raw = imported.raw.one((stream, 1_000_000 + turn, "FactsReported", imported.entries[-1][3]))
    ledger.states.drop(stream)
    return raw, timed(lambda: submit(ledger, first)), timed(lambda: submit(ledger, second))


def _report(stream: str, id_: str) -> list[Line]:
    station = stream.removeprefix("station:")
    stated = {"facts": {"full_time_staff": 5, "special_post_staff": 3}}
    return lines_of([{"do": "report", "station": station, "on": ON, "by": {"office": station}, "id": id_, **stated}])


def submit(ledger: Ledger, lines: list[Line]) -> None:
    with ledger.submit(lines) as receipts:
        assert receipts.committed
