"""`dingji submit`: a file of submissions, JSON Lines or CSV, recorded as one transaction."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import click

from dingji.faults import LedgerError
from dingji.intake.csv_table import table_lines
from dingji.intake.files import Line, Source
from dingji.intake.receipts import Receipts
from dingji.terms import Status
from dingji_commands.app import shell
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.output import print_lines, print_text
from dingji_commands.terminal.progress import steps_bar
from dingji_commands.wording.receipts import file_lines
from dingji_commands.wording.words import say
from dingji_commands.write.recording import CLOCK_BEHIND, Printer, RecordingOptions, record
from dingji_commands.write.rejects import Rejects

LONG_FILE: Final = 256 << 10
"""Bytes from which on a terminal is shown how far the reading is."""


@shell.command(
    "submit",
    shell.argument("file", type=shell.FILE, metavar="FILE|-"),
    shell.flag("--partial"),
    CLOCK_BEHIND,
    shell.flag("--dry-run"),
    shell.flag("--json"),
    shell.option("--format", type=click.Choice(["jsonl", "csv"])),
)
def submit(
    settings: Settings,
    file: str,
    *,
    format: str | None,  # noqa: A002  (the option's name)
    **options: Any,
) -> int:
    """Submit a file."""
    manner = RecordingOptions(**options)
    with Source(file, _standard_input()) as source:
        rejects = Rejects(file, settings.language)
        if manner.partial and not manner.dry_run:
            rejects.require_place()
        return record(
            settings,
            _lines(source, format),
            manner,
            lambda receipts: _print_summary(receipts, manner, settings),
            progress=_progress(source, settings),
            finish=_finish(rejects, file, manner),
        )


def _finish(rejects: Rejects, file: str, manner: RecordingOptions) -> Printer:
    """Return what becomes of the refused lines, and of those that an earlier run left beside the same file.

    What standard input was the last time nobody knows: only another `--partial` takes its lines away.
    """
    if manner.dry_run:
        return _nothing
    if manner.partial:
        return rejects.write
    return _nothing if file == "-" else rejects.remove


def _nothing(_: Receipts) -> None:
    """Leave all as it is."""


def _standard_input() -> IO[bytes] | None:
    return sys.stdin.buffer if sys.stdin is not None else None


def _lines(source: Source, format_: str | None) -> Iterator[Line]:
    """Yield the lines of a source. Raises LedgerError (`empty-file`) when there was none."""
    is_table = format_ == "csv" if format_ else Path(source.name).suffix.lower() == ".csv"
    line = None
    for line in table_lines(source) if is_table else source.lines():
        yield line
    if line is None:
        raise LedgerError("empty-file", path=source.name)


@contextmanager
def _progress(source: Source, settings: Settings) -> Iterator[Callable[[int], None] | None]:
    """Show a bar on a terminal while a long file is read."""
    if source.size < LONG_FILE:
        yield None
        return
    with steps_bar(say(settings.language, "reading-file")) as report:
        yield lambda _: report(source.read, source.size)


def _print_summary(receipts: Receipts, manner: RecordingOptions, settings: Settings) -> None:
    """Print what became of the lines, how many of each, and what to do next."""
    language = settings.language
    counts = [(f"count-{status.value}", receipts.counts[status]) for status in Status]
    parts = [
        say(language, key, count=count) for key, count in [*counts, ("count-irregular", receipts.irregular)] if count
    ]
    total = say(language, "count-lines", count=receipts.counts.total())
    summary = total + say(language, "comma").join(parts) + say(language, _next_step(receipts, manner))
    print_lines(file_lines(receipts, language))
    print_text(summary)


def _next_step(receipts: Receipts, manner: RecordingOptions) -> str:
    if manner.dry_run:
        return "next-dry-run"
    if receipts.refused:
        return "next-refused-partial" if manner.partial else "next-refused"
    return "next-recorded"
