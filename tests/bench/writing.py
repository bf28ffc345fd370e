"""Rows of the writing side: a file imported, one submission made durable, assessments."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.raw import Entry, RawLog
from bench.story import CITY, Story, Submission
from bench.table import Row, duration, per_second, race, rate, timed
from bench.world import World, discard, entries_of, import_file, ledger_on, lines_of
from dingji import assessing, assessment
from dingji.files import Line
from dingji.ledger import Ledger
from dingji.store import open_log
from dingji_commands.national_world import value_of

ON = "2026-06-01"


@dataclass(frozen=True, slots=True)
class Imported:
    """A story that was imported: its ledger, and its entries in the raw table."""

    story: Story
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
    return raw, timed(lambda: _submit(ledger, first)), timed(lambda: _submit(ledger, second))


def _report(stream: str, id_: str) -> list[Line]:
    station = stream.removeprefix("station:")
    stated = {"facts": {"full_time_staff": 5, "special_post_staff": 3}}
    return lines_of([{"do": "report", "station": station, "on": ON, "by": {"office": station}, "id": id_, **stated}])


def _submit(ledger: Ledger, lines: list[Line]) -> None:
    with ledger.submit(lines) as receipts:
        assert receipts.committed


def assessments(world: World, stations: int) -> Iterator[Row]:
    """Assess stations about which every fact of the dictionary was reported, on both standards, as one file."""
    story = world.story("everyday", stations / round(5000 * world.scale))
    ledger_path = world.found(story, "assessed.dingji")
    codes = [f"{county}000" for county in story.counties[:stations]]
    with open_log(ledger_path) as log:
        ledger = ledger_on(log, world.plugins)
        _submit(ledger, lines_of(_dossiers(world, codes)))
        lines = lines_of(
            {"do": "assess", "station": code, "standard": standard, "on": ON, "by": {"office": CITY}}
            for code in codes
            for standard in world.notice.standard_files
        )
        checks: list[float] = []
        whole = _with_checks_timed(lambda: _submit(ledger, lines), checks)
    size = sum(len(entry[3]) for entry in entries_of(ledger_path) if entry[2] == "AssessmentRecorded") / len(lines)
    yield Row("assessment recorded, all facts reported", duration(whole / len(lines)), per_second(len(lines) / whole))
    yield Row("  of which its checks alone", duration(sum(checks) / len(lines)), f"{size / 1024:.0f} KiB")


def _dossiers(world: World, codes: list[str]) -> Iterator[Submission]:
    rng = random.Random(11)
    by = {"by": {"office": CITY}}
    for number, code in enumerate(codes):
        county = code[:6]
        about = {"station": code, **by}
        named = {"name": f"第{number}司法所", "county": county, "serves": "town"}
        yield {"do": "register", "on": "2021-01-04", **named, **about}
        yield {"do": "classify", "size": "medium", "on": "2021-02-01", **about}
        facts = {fact.key: value_of(fact.form, rng) for fact in world.plugins.facts(world.notice).values()}
        yield {"do": "report", "facts": facts, "on": "2026-05-20", **about}


def _with_checks_timed(work: Any, checks: list[float]) -> float:
    """Return the seconds of some work; what its checks took is added to `checks`."""
    assess = assessment.assess

    def watched(*args: Any, **kwargs: Any) -> Any:
        found: list[Any] = []
        checks.append(timed(lambda: found.append(assess(*args, **kwargs))))
        return found[0]

    vars(assessing)["assess"] = watched
    try:
        return timed(work)
    finally:
        vars(assessing)["assess"] = assess
