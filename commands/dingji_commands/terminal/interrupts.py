"""Ctrl-C while a file is recorded: it stops the reading of lines at once, and never falsifies what a commit did."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any


class Interrupts:
    """Holds Ctrl-C back from the moment all lines are read: then the commit is under way, and its answer is awaited."""

    def __init__(self) -> None:
        """Let Ctrl-C through."""
        self.held_back = False
        self._late = False

    def handle(self, *_: Any) -> None:
        """Take a Ctrl-C."""
        if not self._late:
            raise KeyboardInterrupt
        self.held_back = True

    def watched(self, lines: Iterable[Any]) -> Iterator[Any]:
        """Yield the lines; behind the last one Ctrl-C is held back."""
        yield from lines
        self._late = True


@contextmanager
def held_back_at_commit() -> Iterator[Interrupts]:
    """Watch a submission; a Ctrl-C that was held back is raised when it is over."""
    interrupts = Interrupts()
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        yield interrupts  # only the main thread may handle signals, and what runs in the background keeps ignoring them
        return
    before = signal.signal(signal.SIGINT, interrupts.handle)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, before)
    if interrupts.held_back:
        raise KeyboardInterrupt
