"""The one way in: hands lines to the ledger and shows their receipts, for files and for single verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Final

from dingji.intake.files import Line
from dingji.intake.receipts import Receipts
from dingji.terms import Status
from dingji_commands.app import shell, wiring
from dingji_commands.app.errors import REFUSED
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.interrupts import held_back_at_commit
from dingji_commands.terminal.output import print_lines
from dingji_commands.terminal.table import json_bytes
from dingji_commands.wording.receipts import receipt_lines

Printer = Callable[["Receipts"], None]
ProgressShown = AbstractContextManager[Callable[[int], None] | None]
"""Shows how far the reading is, until nothing more is read."""

NO_PROGRESS: Final[ProgressShown] = nullcontext()

CLOCK_BEHIND: Final = shell.option("--clock-behind", metavar="REASON")
"""The option of every command that records."""


@dataclass(frozen=True, slots=True)
class RecordingOptions:
    """How lines are recorded, and in which form their receipts are shown."""

    partial: bool = False
    dry_run: bool = False
    json: bool = False
    clock_behind: str | None = None
    """The reason to record by a clock that is far behind the last entry."""


def record(
    settings: Settings,
    lines: Iterable[Line],
    manner: RecordingOptions,
    show: Printer,
    *,
    progress: ProgressShown = NO_PROGRESS,
    finish: Printer = lambda _: None,
) -> int:
    """Submit the lines, `finish` before anything is shown, show the receipts, and return the exit code."""
    with wiring.open_ledger(settings) as ledger, held_back_at_commit() as interrupts, progress as report:
        receipts = ledger.submit(
            interrupts.watched(lines),
            partial=manner.partial,
            dry_run=manner.dry_run,
            clock_behind=manner.clock_behind,
            progress=report,
        )
        settings.recorded = receipts.counts[Status.RECORDED] > 0
    with receipts:
        finish(receipts)
        if manner.json:
            print_receipts_json(receipts, settings.language)
        else:
            show(receipts)
        return REFUSED if receipts.refused else 0


def print_receipts_json(receipts: Receipts, language: str) -> None:
    """Write one receipt a line, in file order."""
    print_lines(json_bytes(receipt.render(language)) for receipt in receipts)


def record_one(settings: Settings, text: bytes, manner: RecordingOptions) -> int:
    """Submit one submission and show its receipt."""

    def show(receipts: Receipts) -> None:
        for receipt in receipts:
            print_lines(receipt_lines(receipt, settings.language))

    return record(settings, [Line(1, text)], manner, show)
