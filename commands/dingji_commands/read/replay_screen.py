"""`dingji replay` on a terminal: a live table of the last entries and the counts, paced by a clock or by keys."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from time import monotonic, sleep
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from dingji.harmless import visible
from dingji.moments import shown
from dingji_commands.read.replay_lines import ReplayLines
from dingji_commands.terminal.keys import Read, keys
from dingji_commands.terminal.layout import wrap
from dingji_commands.terminal.output import bare
from dingji_commands.wording.words import label, say
from dingji_projections.levels.replay import Played

SPEED: Final = 20
"""Entries a second where the user names no speed."""
FRAMES: Final = 15
"""Screens drawn a second, at most."""
COUNTIES: Final = 6
"""Counties whose counts are shown: those that changed last."""
CHANGED: Final = 4
"""Lines that say what the last entry changed."""
FRAME: Final = 11
"""Lines that are neither entries nor counts: title, headings, gaps, what changed, keys."""
FEWEST: Final = 3
QUIT: Final = {"q", "Q", ""}
ONWARD: Final = {" ", "\n", "\r"}
COLUMNS: Final = ("position", "on", "entry", "topic")


class Screen:
    """What is to be seen after each entry."""

    def __init__(self, lines: ReplayLines) -> None:
        """Begin without an entry, at the counts of the opening."""
        self.lines = lines
        self._last: deque[Played] = deque(maxlen=200)
        self.counties = sorted(lines.tally.counts)[:COUNTIES]

    def add(self, played: Played) -> None:
        """Take in an entry."""
        self._last.append(played)
        changed = list(played.counts)
        self.counties = [*changed, *(county for county in self.counties if county not in changed)][:COUNTIES]

    def drawn(self, console: Console, keys_line: str) -> RenderableType:
        """Return the screen, as high and wide as the terminal is now."""
        room = max(FEWEST, console.height - FRAME - CHANGED - len(self.counties))
        changes = [line for each in self._changes() for line in wrap(visible(each), console.width - 1)][:CHANGED]
        changes += [""] * (CHANGED - len(changes))
        return Group(
            self._title(), self._entries(room), *map(Text, changes), self._table(), Text(keys_line, style="dim")
        )

    def _title(self) -> RenderableType:
        return Text(self.reached(), style="bold")

    def reached(self) -> str:
        """Return how far the log has been played."""
        lines = self.lines
        if not self._last:
            return say(lines.language, "replay-nothing")
        last = self._last[-1]
        recorded = shown(last.recorded_at, lines.zone)
        words = {"position": last.position, "until": lines.scope.until, "recorded": recorded}
        return say(lines.language, "replay-reached", **words)

    def _changes(self) -> list[str]:
        return self.lines.changes(self._last[-1]) if self._last else []

    def _entries(self, room: int) -> RenderableType:
        """Return the last entries; what each changed is cut to the width, the last one's stands whole below."""
        lines = self.lines
        shown = Table(box=SIMPLE_HEAD, pad_edge=False, expand=True)
        for name in COLUMNS:
            shown.add_column(Text(label("header", name, lines.language)), no_wrap=True)
        shown.add_column(Text(say(lines.language, "changed")), no_wrap=True, overflow="ellipsis", ratio=1)
        for played in list(self._last)[-room:]:
            changed = say(lines.language, "semicolon").join(map(lines.change, played.changes))
            style = "bold" if played.changes else None
            cells = (str(played.position), str(played.on), played.entry, lines.topic(played), changed)
            shown.add_row(*(Text(visible(cell)) for cell in cells), style=style)
        for _ in range(room - len(self._last)):
            shown.add_row()
        return shown

    def _table(self) -> RenderableType:
        lines = self.lines
        shown = Table(box=SIMPLE_HEAD, pad_edge=False)
        for place, header in enumerate(lines.headers()):
            shown.add_column(Text(visible(header)), justify="right" if place else "left")
        for row in lines.table(self.counties):
            shown.add_row(*(Text(visible(str(cell))) for cell in row))
        return shown


def play(screen: Screen, found: Iterator[Played], *, step: bool, speed: int | None) -> None:
    """Show entry after entry until the last, or until somebody quits by key or Ctrl-C."""
    console = Console(file=bare(sys.stdout))
    attended = sys.stdin is not None and sys.stdin.isatty()
    keys_line = say(screen.lines.language, "keys-step" if step else "keys-play" if attended else "keys-none")
    with (
        keys() if attended else nullcontext(_unattended) as read,
        Live(console=console, screen=True, auto_refresh=False) as live,
        suppress(KeyboardInterrupt),
    ):

        def draw() -> None:
            live.update(screen.drawn(console, keys_line), refresh=True)

        if step:
            _step(screen, found, read, draw)
        else:
            _run(screen, found, read, draw, 1 / (speed or SPEED))


def _step(screen: Screen, found: Iterator[Played], read: Read, draw: Callable[[], None]) -> None:
    """Go on from entry to entry by key."""
    for played in found:
        screen.add(played)
        draw()
        while (key := read(None)) not in ONWARD:
            if key in QUIT:
                return


def _run(screen: Screen, found: Iterator[Played], read: Read, draw: Callable[[], None], pause: float) -> None:
    """Go on by the clock, `pause` seconds an entry; a key holds it, and lets it go on."""
    due = monotonic()
    drawn = 0.0
    for played in found:
        screen.add(played)
        now = monotonic()
        if now - drawn >= 1 / FRAMES:
            draw()
            drawn = now
        due = max(due + pause, now - 1 / FRAMES)  # what a slow terminal has missed is not made up for
        key = read(max(0.0, due - monotonic()))
        if key in ONWARD:
            draw()
            while (key := read(None)) not in ONWARD | QUIT:
                pass
            due = monotonic()
        if key in QUIT:
            return
    draw()


def _unattended(seconds: float | None) -> str | None:
    """Wait as for a key where nobody can press one."""
    sleep(seconds or 0)
    return None
