"""Single keys from a terminal: it is set back as it was, whatever ends the reading."""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

Read = Callable[[float | None], str | None]
"""Wait so many seconds for a key (None: for ever); the key, None when none came, "" when none can come any more."""

ENDING: Final = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def keys() -> Iterator[Read]:
    """Lend the keys of standard input, which must be a terminal; nothing typed is echoed meanwhile."""
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    with _ended_by_exception():
        try:
            tty.setcbreak(descriptor)
            yield lambda seconds: _key(descriptor, seconds)
        finally:
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _key(descriptor: int, seconds: float | None) -> str | None:
    ready, _, _ = select.select([descriptor], [], [], seconds)
    return os.read(descriptor, 1).decode(errors="replace") if ready else None


@contextmanager
def _ended_by_exception() -> Iterator[None]:
    """Let signals that end a process end it by an exception, so that what must be set back is."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may handle signals
        return
    heeded = [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]  # `nohup` has one ignored
    before = {number: signal.signal(number, _end) for number in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)
