"""`dingji replay`: the log played forward, each entry with what it changed, and a running count of the levels."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from dingji_commands.app import question, shell, wiring
from dingji_commands.app.shell import language_in
from dingji_commands.terminal.layout import pad, terminal_columns, width, wrap
from dingji_commands.terminal.output import print_lines
from dingji_commands.wording.labels import Labels, OfficeNames
from dingji_commands.wording.words import say, text

if TYPE_CHECKING:
    from dingji.store.log import Log
    from dingji_commands.app.question import Asked
    from dingji_commands.app.settings import Settings
    from dingji_projections.engine.basis import Basis
    from dingji_projections.engine.engine import Views
    from dingji_projections.levels.changes import Change, Held
    from dingji_projections.levels.replay import Played, Scope, Tally


FASTEST = 10_000
"""Entries a second: more than any terminal shows."""


class Manner(NamedTuple):
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
    asked: Asked,
    *,
    start: date | None,
    until: date | None,
    station: str | None,
    county: str | None,
    **manner: bool | int | None,
) -> None:
    """Play the log forward."""
    from dingji_projections.levels.replay import Tally
    from dingji_projections.levels.replay import replay as played

    how = _manner(settings, Manner(**manner))  # type: ignore[arg-type]  # they are the options' own
    with wiring.open_views(settings) as views:
        basis = asked.of(views.log, settings)
        scope = _scope(views, basis, (start, until), station, county)
        tally = Tally(views, scope)
        found = played(views, scope, tally)
        if how.json:
            head = {"basis": basis.undated(), "from": scope.after + 1, "until": scope.until, "counts": tally.counts}
            print_lines(_json(head, found))
            return
        scribe = Scribe(views.log, basis, scope, tally, settings.language)
        _tell(scribe, found, how)
        question.print_basis(basis, settings, dated=False)


def _tell(scribe: Scribe, found: Iterator[Played], how: Manner) -> None:
    """Play it on the terminal, or line by line; then say how many stations hold each level in the end."""
    from dingji_commands.terminal.table import show

    counties = None
    if sys.stdout.isatty():
        from dingji_commands.read.replay_screen import Screen, play

        screen = Screen(scribe)
        play(screen, found, step=how.step, speed=how.speed)
        click.echo(screen.reached())
        counties = screen.counties
    else:
        print_lines(f"{line}\n".encode(errors="backslashreplace") for each in found for line in scribe.lines(each))
        click.echo()
    show(scribe.headers(), scribe.table(counties), sys.stdout)


def _manner(settings: Settings, how: Manner) -> Manner:
    """Refuse options that do not go together, and steps where nobody can press a key."""
    wrong = None
    if how.step and how.speed is not None:
        wrong = "step-or-speed"
    elif how.json and (how.step or how.speed is not None):
        wrong = "json-at-once"
    elif how.step and not (sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()):
        wrong = "step-terminal"
    if wrong is not None:
        raise click.UsageError(say(settings.language, wrong), click.get_current_context())
    return how


def _scope(
    views: Views, basis: Basis, days: tuple[date | None, date | None], station: str | None, county: str | None
) -> Scope:
    """Return what is to be played. Raises LedgerError (`unknown-station`, `unknown-office`) for what never was."""
    from dingji.faults import LedgerError
    from dingji_projections.engine.basis import position_of
    from dingji_projections.levels.replay import Scope

    log, (start, until) = views.log, days
    if start is not None and until is not None and start > until:
        raise click.UsageError(say(language_in(context := click.get_current_context()), "from-until"), context)
    registered = log.entry(f"station:{station}", 1)
    if station is not None and (registered is None or registered.position > basis.known):
        raise LedgerError("unknown-station", field="station", station=station, nearest="")
    question.check_county(log, county, None)
    before = 0
    if start is not None and start > date.min:
        before = position_of(log, str(start - timedelta(days=1)), basis.zone)
    last = basis.known if until is None else min(basis.known, position_of(log, str(until), basis.zone))
    return Scope(min(before, last), last, station, county)


def _json(head: dict[str, object], found: Iterator[Played]) -> Iterator[bytes]:
    from dingji_commands.terminal.table import json_bytes

    yield json_bytes(head)  # before the first entry is played: the counts are those of the opening
    yield from map(json_bytes, found)


ENTRY_WIDTH: Final = 14
INDENT: Final = 6


class Scribe:
    """Puts entries and counts into words."""

    def __init__(self, log: Log, basis: Basis, scope: Scope, tally: Tally, language: str) -> None:
        """Speak a language, with the labels and names that the basis knows."""
        self.scope, self.tally, self.language, self.zone = scope, tally, language, basis.zone
        self._labels = Labels(log, language, basis.known)
        self._offices = OfficeNames(log, date.max, basis.known)
        self._topics = {topic: text("event", topic, language) or topic for topic in _topics()}
        self._topic_width = max(map(width, self._topics.values()))

    def lines(self, played: Played) -> Iterator[str]:
        """Yield the line of an entry, and below it what it changed."""
        recorded = question.civil(played.recorded_at, self.zone)[:10]
        position = f"{played.position:>{len(str(self.scope.until))}}"
        topic = pad(self.topic(played), self._topic_width)
        yield f"{position}  {recorded}  {pad(played.entry, ENTRY_WIDTH)}  {topic}  {played.on}"
        for told in self.told(played):
            yield from (" " * INDENT + part for part in wrap(told, terminal_columns() - INDENT))

    def topic(self, played: Played) -> str:
        """Return what an entry is."""
        return self._topics.get(played.topic, played.topic)

    def told(self, played: Played) -> list[str]:
        """Return what an entry changed, stretch by stretch, then the counts that it changed."""
        language = self.language
        told = []
        for change in played.changes:
            key = "stretch-on" if change.end is None else "stretch"
            when = say(language, key, start=change.start, end=change.end)
            told.append(when + self.change(change))
        for county, levels in played.counts.items():
            told.append(say(language, "colon").join([self._offices[county], self._counted(levels)]))
        return told

    def change(self, change: Change) -> str:
        """Return what differs over one stretch."""
        was, now, language = change.before, change.after, self.language
        if was is None:
            return say(language, "comma").join(self._parts(now))
        if now is None:
            return say(language, "station-gone")
        pairs = zip(self._parts(was), self._parts(now), strict=True)
        return say(language, "comma").join(f"{old} → {new}" for old, new in pairs if old != new)

    def _parts(self, held: Held | None) -> list[str]:
        if held is None:
            return []
        size = self._labels.of("size", held.size) if held.size else say(self.language, "no-size")
        return [self._offices[held.county], size, self._labels.of("level", held.level)]

    def _counted(self, levels: dict[str, int]) -> str:
        counted = [f"{self._level(code)} {levels[code]}" for code in self._levels() if levels.get(code)]
        return say(self.language, "comma").join(counted) or "0"

    def _level(self, code: str) -> str:
        return str(self._labels.of("level", code))

    def _levels(self) -> list[str]:
        """Return the levels met so far, the highest first."""
        ranks = self.tally.ranks
        return sorted(ranks, key=lambda level: (-ranks[level], level))

    def headers(self) -> list[str]:
        """Return the headers of the table of counts."""
        return [text("header", "county", self.language) or "", *map(self._level, self._levels())]

    def table(self, counties: list[str] | None = None) -> list[list[Any]]:
        """Return how many stations of each county hold each level, then of all; of `counties` only, if given."""
        codes, counts = self._levels(), self.tally.counts
        shown = sorted(counts) if counties is None else counties
        rows = [[self._offices[county], *(counts[county].get(code, 0) for code in codes)] for county in shown]
        total = [sum(levels.get(code, 0) for levels in counts.values()) for code in codes]
        return [*rows, [say(self.language, "all-counties"), *total]]


def _topics() -> list[str]:
    from dingji.events.events import EVENTS

    return list(EVENTS)
