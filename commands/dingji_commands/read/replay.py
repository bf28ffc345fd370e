"""`dingji replay`: the log played forward, each entry with what it changed, and a running count of the levels."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import click

from dingji.faults import LedgerError
from dingji_commands.app import question, shell, wiring
from dingji_commands.app.question import BasisOptions
from dingji_commands.app.settings import Settings
from dingji_commands.read.replay_lines import ReplayLines
from dingji_commands.terminal.output import print_lines, print_text
from dingji_commands.terminal.table import json_bytes, show
from dingji_projections.engine.basis import Basis, position_of
from dingji_projections.engine.engine import Views
from dingji_projections.levels.replay import Played, ReplayScope, Tally
from dingji_projections.levels.replay import replay as replayed

FASTEST = 10_000
"""Entries a second: more than any terminal shows."""


class Pace(NamedTuple):
    """How the log is played: as JSON, key by key, or at so many entries a second."""

    json: bool
    step: bool
    speed: int | None


@question.question(
    "replay",
    shell.option("--from", "start", type=shell.DAY),
    shell.option("--until", type=shell.DAY),
    shell.option("--station", metavar="CODE"),
    question.COUNTY,
    shell.option("--speed", type=click.IntRange(min=1, max=FASTEST), metavar="N"),
    shell.flag("--step"),
    question.JSON,
    dated=False,
)
def replay(
    settings: Settings,
    asked: BasisOptions,
    *,
    start: date | None,
    until: date | None,
    station: str | None,
    county: str | None,
    **manner: bool | int | None,
) -> None:
    """Play the log forward."""
    how = _checked_pace(settings, Pace(**manner))  # type: ignore[arg-type]  # they are the options' own
    with wiring.open_views(settings) as views:
        basis = asked.resolve(views.log, settings)
        scope = _scope(settings, views, basis, (start, until), station, county)
        tally = Tally(views, scope)
        found = replayed(views, scope, tally)
        if how.json:
            head = {"basis": basis.undated(), "from": scope.after + 1, "until": scope.until, "counts": tally.counts}
            print_lines(_json(head, found))
            return
        lines = ReplayLines(views.log, basis, scope, tally, settings.language)
        _play(lines, found, how)
        question.print_basis(basis, settings, dated=False)


def _play(lines: ReplayLines, found: Iterator[Played], how: Pace) -> None:
    """Play it on the terminal, or line by line; then say how many stations hold each level in the end."""
    counties = None
    if sys.stdout.isatty():
        from dingji_commands.read.replay_screen import Screen, play  # with rich, for a terminal only

        screen = Screen(lines)
        play(screen, found, step=how.step, speed=how.speed)
        print_text(screen.reached())
        counties = screen.counties
    else:
        print_lines(line for each in found for line in lines.entry_lines(each))
        print_text()
    show(lines.headers(), lines.table(counties), sys.stdout)


def _checked_pace(settings: Settings, how: Pace) -> Pace:
    """Refuse options that do not go together, and steps where nobody can press a key."""
    wrong = None
    if how.step and how.speed is not None:
        wrong = "step-or-speed"
    elif how.json and (how.step or how.speed is not None):
        wrong = "json-at-once"
    elif how.step and not (sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()):
        wrong = "step-terminal"
    if wrong is not None:
        raise shell.usage_error(settings.language, wrong)
    return how


def _scope(
    settings: Settings,
    views: Views,
    basis: Basis,
    days: tuple[date | None, date | None],
    station: str | None,
    county: str | None,
) -> ReplayScope:
    """Return what is to be played. Raises LedgerError (`unknown-station`, `unknown-office`) for what never was."""
    log, (start, until) = views.log, days
    if start is not None and until is not None and start > until:
        raise shell.usage_error(settings.language, "from-until")
    registered = log.entry(f"station:{station}", 1)
    if station is not None and (registered is None or registered.position > basis.known):
        raise LedgerError("unknown-station", field="station", station=station, nearest="")
    question.check_county(log, county, None)
    before = 0
    if start is not None and start > date.min:
        before = position_of(log, str(start - timedelta(days=1)), basis.zone)
    last = basis.known if until is None else min(basis.known, position_of(log, str(until), basis.zone))
    return ReplayScope(min(before, last), last, station, county)


def _json(head: dict[str, object], found: Iterator[Played]) -> Iterator[bytes]:
    yield json_bytes(head)  # before the first entry is played: the counts are those of the opening
    yield from map(json_bytes, found)
