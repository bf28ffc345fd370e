"""The one way in: hands lines to the ledger and tells what became of them, for files and for single verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Final

import click
import orjson

from dingji.intake.files import Line
from dingji.intake.receipts import Receipts
from dingji.terms import Status
from dingji_commands.app import wiring
from dingji_commands.app.errors import REFUSED
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.interrupts import held_back_at_commit
from dingji_commands.terminal.output import print_lines
from dingji_commands.wording.receipts import receipt_lines

Told = Callable[["Receipts"], None]
Progress = AbstractContextManager[Callable[[int], None] | None]
"""Shows how far the reading is, until nothing more is read."""

NO_PROGRESS: Final[Progress] = nullcontext()


@dataclass(frozen=True, slots=True)
class Manner:
    """How lines are recorded and told."""

    partial: bool = False
    dry_run: bool = False
    json: bool = False


def record(
    settings: Settings,
    lines: Iterable[Line],
    manner: Manner,
    tell: Told,
    *,
    progress: Progress = NO_PROGRESS,
    finish: Told = lambda _: None,
) -> int:
    """Submit the lines, `finish` before anything is told, tell the receipts, and return the exit code."""
    with wiring.open_ledger(settings) as ledger, held_back_at_commit() as interrupts, progress as report:
        receipts = ledger.submit(
            interrupts.watched(lines), partial=manner.partial, dry_run=manner.dry_run, progress=report
        )
        settings.recorded = receipts.counts[Status.RECORDED] > 0
    with receipts:
        finish(receipts)
        if manner.json:
            tell_json(receipts, settings.language)
        else:
            tell(receipts)
        return REFUSED if receipts.refused else 0


def tell_json(receipts: Receipts, language: str) -> None:
    """Write one receipt a line, in file order."""
    line = partial(orjson.dumps, option=orjson.OPT_APPEND_NEWLINE)
    print_lines(line(receipt.render(language)) for receipt in receipts)


def record_one(settings: Settings, text: bytes, manner: Manner) -> int:
    """Submit one submission and tell its receipt."""

    def tell(receipts: Receipts) -> None:
        for receipt in receipts:
            click.echo("\n".join(receipt_lines(receipt, settings.language)))

    return record(settings, [Line(1, text)], manner, tell)
