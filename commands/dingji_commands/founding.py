"""`dingji init`: a new ledger with its top office, its notice and, from a roster, its counties and stations."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from dingji_commands import shell, wiring
from dingji_commands.boundary import REFUSED
from dingji_commands.interrupts import held_back_at_commit
from dingji_commands.telling import file_lines
from dingji_commands.words import say

if TYPE_CHECKING:
    from dingji.files import Line
    from dingji.notice import Notice
    from dingji.receipts import Receipts
    from dingji_commands.settings import Settings

DEMO: Final = "demo"
"""What stands for the roster that comes with the program."""


@shell.command(
    "init",
    shell.option("--notice", default=wiring.DEFAULT_NOTICE, metavar="ID"),
    shell.option("--on", type=shell.DAY),
    shell.option("--roster", metavar="FILE.csv|demo"),
)
def init(settings: Settings, notice: str, on: date | None, roster: str | None) -> int:
    """Create a ledger, whole or not at all."""
    installed = wiring.installed_notice(notice)
    with _new(settings.ledger) as draft:
        receipts = _found(draft, installed, on or shell.today(), roster)
        with receipts:
            if receipts.refused:
                click.echo("\n".join([*file_lines(receipts, settings.language), say(settings.language, "not-founded")]))
                return REFUSED
            _publish(draft, settings.ledger)
            settings.recorded = True
            _tell(receipts, installed, settings)
    return 0


def _found(draft: Path, notice: Notice, on: date, roster: str | None) -> Receipts:
    from dingji.files import Source
    from dingji.ledger import Ledger
    from dingji.store import create_log
    from dingji_commands.roster import roster_lines

    with ExitStack() as stack:
        lines: Iterator[Line] = iter(())
        if roster is not None:
            source = stack.enter_context(Source(str(_demo()) if roster == DEMO else roster))
            lines = roster_lines(source, notice, on)
        ledger = Ledger(stack.enter_context(create_log(draft)), wiring.plugins)
        interrupts = stack.enter_context(held_back_at_commit())
        return ledger.found(notice, on, interrupts.watched(lines))


def _demo() -> Path:
    """Return the demonstration roster: 93 towns and sub-districts of Suzhou."""
    return Path(__file__).with_name("data") / "suzhou-roster.csv"


@contextmanager
def _new(path: Path) -> Iterator[Path]:
    """Lend a place for a ledger that is not finished, in the folder where it will stand.

    Raises LedgerError (`ledger-exists`, `ledger-not-writable`).
    """
    from dingji.faults import LedgerError

    for taken in (path, Path(f"{path}-wal"), Path(f"{path}-journal")):
        # What SQLite left of a ledger that was here would be replayed into the new one.
        if os.path.lexists(taken) and (taken == path or taken.stat().st_size):
            raise LedgerError("ledger-exists", path=str(taken))
    try:
        folder = tempfile.TemporaryDirectory(prefix=".dingji-", dir=path.parent)
    except OSError as error:
        why = "no-folder" if isinstance(error, FileNotFoundError | NotADirectoryError) else "no-access"
        raise LedgerError("ledger-not-writable", path=str(path), why=why) from None
    with folder as name:
        yield Path(name, "ledger")


def _publish(draft: Path, path: Path) -> None:
    """Give a finished ledger its name, unless something else took it meanwhile."""
    from dingji.faults import LedgerError

    try:
        os.link(draft, path)
    except FileExistsError:
        raise LedgerError("ledger-exists", path=str(path)) from None
    except OSError:  # a file system without hard links
        draft.rename(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _tell(receipts: Receipts, notice: Notice, settings: Settings) -> None:
    language = settings.language
    title = notice.rules.title[language]
    click.echo(say(language, "founded", path=settings.ledger, office=notice.rules.top.name, notice=title))
    offices = sum(1 for receipt in receipts if (receipt.entry or "").startswith("office:"))
    if stations := receipts.counts.total() - offices:
        click.echo(say(language, "founded-roster", counties=offices, stations=stations))
    click.echo(say(language, "founded-next"))
