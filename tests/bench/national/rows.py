"""Rows on a nation's ledger: ten simulated years of every station, and the auditor's questions about it.

The roster is the file that DINGJI_BENCH_ROSTER names, else one of the same shape made up here. DINGJI_BENCH_NATIONAL
may name a ledger that stands already, for it takes some ten minutes to write one.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

from bench.national.build import build
from bench.process import held
from bench.raw import scan
from bench.reading import STATIONS
from bench.table import Row, below, duration, per_second, race, rate, timed
from bench.world import World, discard
from dingji.plugins.manager import Plugins
from dingji.store.log import open_log
from dingji_projections.ask.bounds import bounds
from dingji_projections.ask.notice_rules import NoticeRules
from dingji_projections.audit.conformance import conformance
from dingji_projections.audit.scope import AuditScope
from dingji_projections.cases.cases import CaseFilter, listed_cases
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.levels.diff import diff
from dingji_projections.levels.replay import ReplayScope, Tally, replay
from dingji_projections.tables.views import views_of
from dingji_projections.why.why import why

COUNTIES: Final = 2_978
A_CITY: Final = 9
"""Counties of a city, about."""
ENDINGS: Final = ("镇", "镇", "乡", "街道")
MOST_MIB: Final = 500


@dataclass(frozen=True, slots=True)
class Nation:
    """What the questions are asked of: the views of the ledger, its head, some counties, and some assessed stations."""

    views: Views
    head: int
    counties: list[str]
    assessed: list[str]
    notice_rules: NoticeRules
    plugins: Plugins


def _replay(nation: Nation, turn: int) -> int:
    scope = ReplayScope(0, nation.head, county=nation.counties[turn % len(nation.counties)])
    return sum(1 for _ in replay(nation.views, scope, Tally(nation.views, scope)))


def _diff(nation: Nation, turn: int) -> int:
    one, other = (Basis(on, nation.head, None) for on in DATES[turn % len(DATES)])
    return len(diff(nation.views, one, other))


LAST: Final = date(2026, 6, 30)
"""The day up to which the history goes, about."""


def _round(nation: Nation, turn: int) -> str:
    rounds = sorted(stream.partition(":")[2] for stream in nation.views.log.streams("round:"))
    return rounds[turn % len(rounds)]


def _conformance(nation: Nation, turn: int) -> int:
    basis, scope = Basis(LAST, nation.head, None), AuditScope(round=_round(nation, turn))
    return len(conformance(nation.views, basis, nation.notice_rules, scope).decisions)


def _cases(nation: Nation, turn: int) -> int:
    basis, wanted = Basis(LAST, nation.head, None), CaseFilter(bounds().stalled_days, round=_round(nation, turn))
    return len(listed_cases(nation.views, basis, nation.notice_rules, wanted))


def _why(nation: Nation, turn: int) -> int:
    found = why(
        nation.views,
        nation.plugins,
        Basis(LAST, nation.head, None),
        nation.notice_rules,
        nation.assessed[turn % len(nation.assessed)],
    )
    return len(found.acts())


FIRST: Final = date(2016, 12, 31)
"""Nearly ten years before `LAST`: between them three of four stations become another level or size."""

DATES: Final = (
    *((FIRST, LAST), (LAST, FIRST)),
    *((date(year - 1, 12, 31), date(year, 12, 31)) for year in (2022, 2023, 2024, 2025)),
)
"""The dates that are compared: those furthest apart first, both ways; then the ends of years with those before."""

QUESTIONS: Final[tuple[tuple[str, float, Callable[[Nation, int], object]], ...]] = (
    ("`why` of one station", 0.05, _why),
    ("`replay` of one county", 1.0, _replay),
    ("`diff` of two dates", 0.5, _diff),
    ("`conformance` of one round", 10.0, _conformance),
    ("`cases` of one round", 2.0, _cases),
)
"""The questions with a budget of their own: what is asked, the seconds it may take, and the asking, turn by turn."""


def rows(world: World, times: int) -> Iterator[Row]:
    """Build the ledger, or take the one that is named; then ask, and rebuild its views beside a raw scan."""
    path = world.folder / "national.dingji"
    named = os.environ.get("DINGJI_BENCH_NATIONAL")
    if named:
        path.symlink_to(Path(named).resolve())  # so that its views stand in our own folder
    else:
        yield _built(world, path)
    with open_log(path, readonly=True) as log, views_of(log) as views:
        first = timed(views.catch_up)
        head = log.head()
        yield Row(f"views of {head:,} events, when first asked", duration(first), per_second(head / first))
        yield from _questions(
            Nation(
                views,
                head,
                _counties(views, head),
                _assessed(views, head),
                NoticeRules.of(world.notice.rules),
                world.plugins,
            ),
            max(3, times * 3),
        )
        ours, raw = race(times, lambda: timed(views.rebuild), lambda: scan(path))
        tables = ", ".join(projection.table for projection in views.projections)
        yield rate(f"rebuild of all views ({tables})", head, ours, raw, 0.3)
    held_mib = held("rebuild", path)
    yield Row("  its memory", f"{held_mib:,.0f} MiB", "", "", f"< {MOST_MIB} MiB", held_mib < MOST_MIB)
    discard(path)


def _questions(nation: Nation, times: int) -> Iterator[Row]:
    for work, most, ask in QUESTIONS:
        seconds = sorted(timed(partial(ask, nation, turn)) for turn in range(times))
        yield below(f"  {work}, the slowest of {times}", seconds[-1], most)


def _built(world: World, path: Path) -> Row:
    roster = os.environ.get("DINGJI_BENCH_ROSTER") or str(_made_up(world.folder / "roster.csv"))
    stations = max(20, round(STATIONS * world.scale / 10 if world.scale < 1 else STATIONS))
    seconds = timed(lambda: build(path, Path(roster), world.plugins, stations))
    with open_log(path, readonly=True) as log:
        head = log.head()
    return Row(f"a nation's history written, {stations:,} stations", duration(seconds), per_second(head / seconds))


def _made_up(path: Path) -> Path:
    """Write a roster of as many stations, counties and cities as the country has."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["station", "name", "county", "county_name", "city"])
        for number in range(STATIONS):
            place = number * COUNTIES // STATIONS
            county = f"{1101 + place // A_CITY}{place % A_CITY + 1:02d}"
            name = f"第{number}号{ENDINGS[number % len(ENDINGS)]}"
            writer.writerow([f"{county}{number % 100 + 100}", name, county, f"第{place}县", county[:4]])
    return path


def _counties(views: Views, head: int) -> list[str]:
    """Return counties of all over the country."""
    found = views.query("SELECT county,count(DISTINCT station) FROM spans GROUP BY county ORDER BY 1", (), head)
    largest = max(found, key=lambda row: row[1])[0]
    return [largest, *(county for county, _ in found[:: max(1, len(found) // 8)])]


def _assessed(views: Views, head: int) -> list[str]:
    """Return stations with the most full assessments behind them: nothing has more to derive."""
    sql = "SELECT station,count(*) FROM acts WHERE verb='assess' GROUP BY station ORDER BY 2 DESC,1 LIMIT 20"
    return [station for station, _ in views.query(sql, (), head)]
