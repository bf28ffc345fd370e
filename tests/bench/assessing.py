"""Rows of assessing: the checks of one station, an assessment recorded, the stations of a country read from the log."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from statistics import median

from bench.national.world import value_of
from bench.reading import STATIONS
from bench.story import CITY, Submission
from bench.table import Row, below, duration, per_second, timed
from bench.world import World, discard, entries_of, ledger_on, lines_of
from bench.writing import ON, submit
from dingji.checks.dossier import Dossier
from dingji.plugins.manager import Plugins
from dingji.state.state_cache import fold
from dingji.store.log import Log, open_log
from dingji.writer import assess_station
from dingji_projections.reruns.affected import affected

LEAST = 150
"""Stations a second against both standards, on one core, their facts read from the log."""
MOST_SECONDS = 0.005
"""For all checks of one station, its facts in hand."""


def assessments(world: World, stations: int, turns: int) -> Iterator[Row]:
    """Assess stations about which every fact of the dictionary was reported, on both standards."""
    ledger = _reported(world, stations)
    with open_log(ledger) as log:
        yield _checks(world, log, turns)
        yield _country(world, log, stations)
    yield from _recorded(world, ledger, stations)


def _reported(world: World, stations: int) -> Path:
    """Found a ledger in which every fact is reported of each station, with a paper for all of them."""
    story = world.story("everyday", stations / round(5000 * world.scale))
    path = world.found(story, "assessed.dingji")
    with open_log(path) as log:
        submit(ledger_on(log, world.plugins), lines_of(_dossiers(world, _codes(story.counties, stations))))
    return path


def _codes(counties: tuple[str, ...], stations: int) -> list[str]:
    """Return the codes of stations, so many in each county."""
    return [f"{counties[number % len(counties)]}{number // len(counties):03d}" for number in range(stations)]


def _dossiers(world: World, codes: list[str]) -> Iterator[Submission]:
    rng = random.Random(11)
    by = {"by": {"office": CITY}}
    for number, code in enumerate(codes):
        about = {"station": code, **by}
        named = {"name": f"第{number}司法所", "county": code[:6], "serves": "town"}
        yield {"do": "register", "on": "2021-01-04", **named, **about}
        yield {"do": "classify", "size": "medium", "on": "2021-02-01", **about}
        facts = {fact.key: value_of(fact.form, rng) for fact in world.plugins.facts(world.notice).values()}
        paper = {"sha256": f"{rng.getrandbits(256):064x}", "name": "汇编.pdf", "supports": list(facts)}
        yield {"do": "report", "facts": facts, "evidence": [paper], "on": "2026-05-20", **about}


def _checks(world: World, log: Log, turns: int) -> Row:
    """Call every check of both standards on one station, with nothing of the engine's round it."""
    plugins = world.plugins
    standards = [plugins.standard(world.notice, code) for code in world.notice.standard_files]
    asked = [(standard.requirements, plugins.checks_for(standard)) for standard in standards]
    seconds = []
    for stream in _streams(log, turns):
        held = _dossier(plugins, log, stream, world)
        calls = [(checks[one.check].function, one, held.view()) for ones, checks in asked for one in ones]
        seconds.append(timed(lambda calls=calls: [check(one, view) for check, one, view in calls]))  # type: ignore[misc]
    number = sum(len(ones) for ones, _ in asked)
    return below(f"checks of all {number} requirements of one station, facts in hand", median(seconds), MOST_SECONDS)


def _streams(log: Log, turns: int) -> list[str]:
    streams = list(log.streams("station:"))
    return [streams[turn % len(streams)] for turn in range(turns)]


def _dossier(plugins: Plugins, log: Log, stream: str, world: World) -> Dossier:
    """Return the dossier of a station as an assessment is given it."""
    rows = log.stream(stream)
    question = assess_station.Question(
        notice=world.notice, station=fold(stream, rows), on=date.fromisoformat(ON), rows=rows, rounds=[], readings={}
    )
    return assess_station.dossier_of(plugins, question, next(iter(world.notice.standard_files)))


def _country(world: World, log: Log, stations: int) -> Row:
    """Ask which verdicts other readings would turn: it assesses every station on both standards, from the log."""
    on = date.fromisoformat(ON)
    least = median(timed(lambda: list(affected(log, world.plugins, on))) for _ in range(3))
    rate = stations / least
    took = f"{STATIONS / rate:.0f} s for {STATIONS:,}"
    return Row("stations on both standards, from the log", per_second(rate), took, "", f">= {LEAST}/s", rate >= LEAST)


def _recorded(world: World, ledger_path: Path, stations: int) -> Iterator[Row]:
    with open_log(ledger_path) as log:
        ledger = ledger_on(log, world.plugins)
        lines = lines_of(
            {
                "do": "assess",
                "station": stream.removeprefix("station:"),
                "standard": code,
                "on": ON,
                "by": {"office": CITY},
            }
            for stream in log.streams("station:")
            for code in world.notice.standard_files
        )
        whole = timed(lambda: submit(ledger, lines))
    size = sum(len(entry[3]) for entry in entries_of(ledger_path) if entry[2] == "AssessmentRecorded") / len(lines)
    discard(ledger_path)
    yield Row("assessment recorded, all facts reported", duration(whole / len(lines)), per_second(len(lines) / whole))
    yield Row("  its size in the log", f"{size / 1024:.0f} KiB")
