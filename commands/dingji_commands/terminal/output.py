"""The border of output: what is written to either stream passes here, and nothing in it steers a terminal.

Values become visible where they enter a sentence, a cell, a branch or a line: only there an end of a line that is
theirs can be told from ours, and only visible text can be counted in columns. What slips through is stopped by the
streams themselves, which let nothing by but the ends of our lines. We colour nothing, so there is no sequence of ours
to tell from a forged one; rich alone draws with such, on the `bare` stream, and is given visible text.
"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TextIO

import click

from dingji.harmless import visible, visible_json, visible_lines

BLOCK: Final = 1 << 16
"""Bytes, or characters, written at once: a flush a line would take longer than making the line."""


def print_lines(lines: Iterable[bytes] | Iterable[str], *, err: bool = False) -> None:
    """Write lines, in memory that does not grow with them: texts, each one line, or bytes that end as lines do."""
    held: list[Any] = []
    size = 0
    for line in lines:
        held.append(line if isinstance(line, bytes) else f"{visible(line)}\n")
        size += len(line)
        if size > BLOCK:
            click.echo(held[0][:0].join(held), nl=False, err=err)
            held, size = [], 0
    if held:
        click.echo(held[0][:0].join(held), nl=False, err=err)


def print_text(text: str = "", *, err: bool = False) -> None:
    """Write a text of ours, whose words are visible already: it may be of several lines."""
    click.echo(visible_lines(text), err=err)


def print_file(content: bytes) -> None:
    """Write the bytes of a file, without the byte-order mark on a terminal; its cells are already visible."""
    mark = codecs.BOM_UTF8 if sys.stdout.isatty() else b""
    click.echo(content.removeprefix(mark), file=bare(sys.stdout), nl=False)


class VisibleText:
    """A text stream that makes everything written to it visible, and otherwise acts as the stream it wraps."""

    def __init__(self, stream: Any) -> None:
        """Stand in front of a stream."""
        self.bare = stream

    def write(self, text: str) -> int:
        """Write a text, its lines as they are."""
        self.bare.write(visible_lines(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write texts one after the other."""
        for line in lines:
            self.write(line)

    @property
    def buffer(self) -> VisibleBytes:
        """The stream of bytes below it."""
        return VisibleBytes(self.bare.buffer)

    def __getattr__(self, name: str) -> Any:
        """Answer as the stream itself."""
        return getattr(self.bare, name)


class VisibleBytes:
    """The same for bytes; each write must end on a whole character."""

    def __init__(self, stream: Any) -> None:
        """Stand in front of a stream."""
        self._stream = stream

    def write(self, data: bytes) -> int:
        """Write lines, of JSON or not."""
        self._stream.write(visible_json(bytes(data)))
        return len(data)

    def __getattr__(self, name: str) -> Any:
        """Answer as the stream itself."""
        return getattr(self._stream, name)


@contextmanager
def visible_streams() -> Iterator[None]:
    """Let nothing be written to standard output and error that is not visible."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (VisibleText(stream) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def bare(stream: TextIO) -> TextIO:
    """Return the stream behind the border, for what draws on a terminal; it must be given visible text."""
    found: TextIO = getattr(stream, "bare", stream)
    return found
