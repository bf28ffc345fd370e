"""Bars for long work, on a terminal and nowhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from dingji_commands.terminal.output import bare

LONG: Final = 64 << 20
"""Reading fewer bytes is over before a bar would help."""


@contextmanager
def bytes_bar(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Yield a callback for bytes read; a bar shows them on a terminal, if they are many."""
    if total < LONG:
        yield lambda _: None
        return
    done = 0

    def count(more: int) -> None:
        nonlocal done
        done += more
        report(done, total)

    with steps_bar(label) as report:
        yield count


@contextmanager
def steps_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a callback for (done, total) steps; a bar shows them on a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console  # costs 60 ms, for a terminal only
    from rich.progress import Progress

    with Progress(console=Console(file=bare(sys.stderr)), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
