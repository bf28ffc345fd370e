"""What `dingji demo` prints of the ledger that it wrote: levels by year and county, one story, what to try next."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import click

from dingji_commands.app import question, wiring
from dingji_commands.demo.cast import UNGRADED, counties, read_roster
from dingji_commands.demo.data import Demo, load_demo
from dingji_commands.wording.labels import Labels
from dingji_commands.wording.words import say, text

if TYPE_CHECKING:
    from dingji_commands.app.settings import Settings
    from dingji_projections.engine.engine import Views
    from dingji_projections.levels.history import HistoryEntry

Held = Counter[tuple[str, str]]
"""How many stations of each county hold each level."""


def show(settings: Settings) -> None:
    """Print it."""
    demo, language = load_demo(), settings.language

    def tell(key: str, **words: object) -> None:
        click.echo(demo.say[key][language].format_map(words))

    with wiring.open_views(settings) as views:
        labels = Labels(views.log, language)
        tell("written", path=settings.ledger, count=views.log.head(), until=demo.shown_on[-1])
        _show_levels(views, demo, labels, language, tell)
        tell("story", station=demo.protagonist)
        _show_story(views, demo, labels, language)
    tell("next")
    for one in demo.next:
        click.echo(f"  {one.command.format(path=shlex.quote(str(settings.ledger)))}\n      {one.what[language]}")


def _show_levels(views: Views, demo: Demo, labels: Labels, language: str, tell: Callable[..., None]) -> None:
    """Print how many stations hold each level at the end of each year: of the city, then of each county."""
    from dingji_commands.terminal.table import show as print_table

    order = wiring.installed_notice(demo.notice).rules.level[::-1]
    codes = [*(level.id for level in order), UNGRADED]
    found = {on: _held(views, on) for on in demo.shown_on}
    tell("levels")
    levels = [labels.of("level", code) for code in codes]
    whole = [[on, *(_count(held, code) for code in codes)] for on, held in found.items()]
    print_table([demo.say["date"][language], *levels], whole, sys.stdout)
    tell("counties", levels="/".join(levels))
    parts = [
        [name, *("/".join(str(_count(held, code, county)) for code in codes) for held in found.values())]
        for county, name in counties(read_roster(demo)).items()
    ]
    print_table([demo.say["county"][language], *(f"{on:%Y-%m}" for on in found)], parts, sys.stdout)


def _held(views: Views, on: date) -> Held:
    from dingji_projections.tables.levels import levels

    return Counter((row.county, row.level) for row in levels(views, on, views.log.head()))


def _count(held: Held, code: str, county: str | None = None) -> int:
    return sum(number for (where, level), number in held.items() if level == code and county in {None, where})


def _show_story(views: Views, demo: Demo, labels: Labels, language: str) -> None:
    """Print what happened to the protagonist, without the files behind it."""
    from dingji_projections.levels.history import history

    found = history(views, demo.protagonist, views.log.head())
    rows = [
        (
            entry.on,
            question.civil(entry.recorded_at, labels.zone)[:10],
            _topic(entry, language),
            _told(entry, demo, labels, language),
        )
        for entry in found.entries
        if entry.topic not in demo.left_out
    ]
    question.print_table(["on", "recorded_at", "topic", "details"], rows, language)


def _topic(entry: HistoryEntry, language: str) -> str:
    topic = text("event", entry.topic, language) or entry.topic
    return say(language, "voided-by", topic=topic, by=entry.voided_by) if entry.voided_by else topic


def _told(entry: HistoryEntry, demo: Demo, labels: Labels, language: str) -> str:
    told = labels.fields(entry.details)
    words = [text("say", str(told[name]), language) or told[name] for name in demo.told if name in told]
    return say(language, "comma").join(map(str, words))
