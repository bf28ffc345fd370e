"""What `dingji demo` prints of the ledger that it wrote: levels by year and county, one story, what to try next."""

from __future__ import annotations

import csv
import shlex
import sys
from collections import Counter
from datetime import date
from typing import Final

from dingji.moments import civil_date
from dingji.terms import UNGRADED
from dingji_commands.app import question, wiring
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.output import print_lines, print_text
from dingji_commands.terminal.table import show as print_table
from dingji_commands.wording.labels import Labels
from dingji_commands.wording.words import filled, label, say, text
from dingji_commands.write.init import DEMO_ROSTER
from dingji_projections.engine.engine import Views
from dingji_projections.levels.history import HistoryEntry, history
from dingji_projections.tables.levels import levels as levels_at

DATES: Final = (*(date(year, 12, 31) for year in range(2021, 2026)), date(2026, 6, 30))
"""The ends of the years whose levels are shown, and of the story."""

PROTAGONIST: Final = "320583100"
"""The station whose story is shown: 玉山镇司法所."""
LEFT_OUT: Final = {"FactsReported", "RequirementsJudged"}
DETAILS: Final = ("name", "size", "standard", "verdict", "level", "to", "entry", "reason")
"""What its story shows of an entry."""

TO_TRY: Final = {
    "ledger": "export DINGJI_LEDGER={path}",
    "levels": "dingji levels --on 2023-12-31",
    "known": "dingji levels --on 2023-12-31 --known 2024-01-31",
    "station": "dingji station 320583100 --on 2026-06-30",
    "assess": "dingji assess 320583100 --standard benchmark --on 2025-09-18 --dry-run",
    "rounds": "dingji rounds",
    "plugins": "dingji plugins",
}
"""Commands to try, by the word that says what each shows."""

LevelCounts = Counter[tuple[str, str]]
"""How many stations of each county hold each level."""


def print_summary(settings: Settings) -> None:
    """Print what a new ledger of the demonstration says."""
    language = settings.language
    with wiring.open_views(settings) as views:
        views.forget()  # of another demonstration that stood here: it began with the same entries
        labels = Labels(views.log, language)
        _say(language, "written", path=settings.ledger, count=views.log.head(), until=DATES[-1])
        _show_levels(views, labels, language)
        _say(language, "story", station=PROTAGONIST)
        _show_story(views, labels, language)
    _say(language, "next")
    for name, command in TO_TRY.items():
        shown = command.format(path=shlex.quote(str(settings.ledger)))
        print_lines([f"  {shown}", f"      {text('try', name, language)}"])


def _say(language: str, key: str, **words: object) -> None:
    print_text(filled("demo", key, language, **words))


def _show_levels(views: Views, labels: Labels, language: str) -> None:
    """Print how many stations hold each level at the end of each year: of the city, then of each county."""
    order = wiring.installed_notice(wiring.DEFAULT_NOTICE).rules.level[::-1]
    codes = [*(level.id for level in order), UNGRADED]
    found = {on: _level_counts(views, on) for on in DATES}
    _say(language, "levels")
    levels = [labels.of("level", code) for code in codes]
    whole = [[on, *(_count(held, code) for code in codes)] for on, held in found.items()]
    print_table([label("demo", "date", language), *levels], whole, sys.stdout)
    _say(language, "counties", levels="/".join(levels))
    parts = [
        [name, *("/".join(str(_count(held, code, county)) for code in codes) for held in found.values())]
        for county, name in _counties().items()
    ]
    print_table([label("demo", "county", language), *(f"{on:%Y-%m}" for on in found)], parts, sys.stdout)


def _counties() -> dict[str, str]:
    """Return the names of the roster's counties, by code in order."""
    rows = csv.DictReader(DEMO_ROSTER.read_text("utf-8").splitlines())
    return dict(sorted({row["county"]: row["county_name"] for row in rows}.items()))


def _level_counts(views: Views, on: date) -> LevelCounts:
    return Counter((row.county, row.level) for row in levels_at(views, on, views.log.head()))


def _count(held: LevelCounts, code: str, county: str | None = None) -> int:
    return sum(number for (where, level), number in held.items() if level == code and county in {None, where})


def _show_story(views: Views, labels: Labels, language: str) -> None:
    """Print what happened to the protagonist, without the files behind it."""
    found = history(views, PROTAGONIST, views.log.head())
    rows = [
        (
            entry.on,
            civil_date(entry.recorded_at, labels.zone),
            _topic(entry, language),
            _details(entry, labels, language),
        )
        for entry in found.entries
        if entry.topic not in LEFT_OUT
    ]
    question.print_table(["on", "recorded_at", "topic", "details"], rows, language)


def _topic(entry: HistoryEntry, language: str) -> str:
    topic = text("event", entry.topic, language) or entry.topic
    return say(language, "voided-by", topic=topic, by=entry.voided_by) if entry.voided_by else topic


def _details(entry: HistoryEntry, labels: Labels, language: str) -> str:
    labelled = labels.fields(entry.details)
    words = [text("say", str(labelled[name]), language) or labelled[name] for name in DETAILS if name in labelled]
    return say(language, "comma").join(map(str, words))
