"""A terminal of the test's own, in which a command runs: keys are pressed, the screen's bytes are read."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from desk import DINGJI, Desk

PATIENCE = 20.0


class Terminal:
    """A running command, and the two ends of its terminal."""

    def __init__(self, desk: Desk, arguments: tuple[str, ...], columns: int, lines: int) -> None:
        self._outer, self.inner = pty.openpty()
        fcntl.ioctl(self.inner, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.before = termios.tcgetattr(self.inner)
        self.seen = b""
        self.process = subprocess.Popen(
            [DINGJI, *arguments],
            env=desk.environment({"TERM": "xterm", "COLUMNS": str(columns), "LINES": str(lines)}),
            stdin=self.inner,
            stdout=self.inner,
            stderr=self.inner,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 (there are no threads)
        )

    def wait_for(self, words: str) -> Self:
        """Read until some words are on the screen."""
        return self._read(lambda: words.encode() in self.seen, words)

    def press(self, keys: str) -> Self:
        """Press keys; what was on the screen before is forgotten."""
        self.seen = b""
        os.write(self._outer, keys.encode())
        return self

    def ended(self) -> int:
        """Wait for the end; return the exit code."""
        self._read(lambda: self.process.poll() is not None, "the end")
        return self.process.wait(PATIENCE)

    def settings(self) -> list[Any]:
        """Return how the terminal is set."""
        return termios.tcgetattr(self.inner)

    def lines(self) -> list[str]:
        """Return the lines that were written, without what moves the cursor or colours them."""
        plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.seen.decode())
        return plain.replace("\r\n", "\n").replace("\r", "\n").splitlines()

    def _read(self, done: Any, what: str) -> Self:
        deadline = time.monotonic() + PATIENCE
        while True:
            over = done()  # what was written before the end is still read
            while select.select([self._outer], [], [], 0.02)[0]:
                self.seen += os.read(self._outer, 1 << 16)
            if over:
                return self
            assert time.monotonic() < deadline, f"waited for {what}, saw {self.seen.decode(errors='replace')[-2000:]}"

    def close(self) -> None:
        """End what still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        os.close(self._outer)
        os.close(self.inner)


@contextmanager
def terminal(desk: Desk, *arguments: str, columns: int = 100, lines: int = 30) -> Iterator[Terminal]:
    """Run a command in a terminal of that size."""
    opened = Terminal(desk, arguments, columns, lines)
    try:
        yield opened
    finally:
        opened.close()
