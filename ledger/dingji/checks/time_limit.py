"""A limit on the time that a plugin's code may take: a check beyond it is stopped, and its finding is an error.

The timer is the system's, so the limit stands outside what is pure: whoever runs a plugin's code puts one round it. The
code is stopped wherever it is in Python; what waits within compiled code is stopped as soon as it comes back.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Final

from dingji.checks.run import ANSWERED, TookTooLong

SECONDS: Final = 2.0
"""How long a check may take. All 231 requirements of a station take some milliseconds."""


class _Watch:
    """Looks twice within the limit which call is running; one that it finds twice has had its time."""

    def __init__(self, call: CodeType) -> None:
        self._call = call
        self._seen: FrameType | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Look, as the handler of a signal; each run is known by the frame of its call."""
        while frame is not None and frame.f_code is not self._call:
            frame = frame.f_back
        before, self._seen = self._seen, frame
        if frame is not None and frame is before:
            self._seen = None
            raise TookTooLong


@contextmanager
def limited(seconds: float = SECONDS, call: CodeType = ANSWERED) -> Iterator[None]:
    """Stop each check, or each call of another function, that takes longer; raises TookTooLong in it.

    Nothing is limited where the system has no timers, somebody else uses them, or this is not the main thread.
    """
    if not _available():
        yield
        return
    before = signal.signal(signal.SIGALRM, _Watch(call))
    signal.setitimer(signal.ITIMER_REAL, seconds / 2, seconds / 2)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before if before is not None else signal.SIG_DFL)  # None: not Python's own


def _available() -> bool:
    """Return whether there is a timer that nobody uses, and this is the thread that may handle signals."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        return False
    return signal.getitimer(signal.ITIMER_REAL)[0] == 0
