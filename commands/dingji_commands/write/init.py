"""`dingji init`: a new ledger with its top office, its notice and, from a roster, its counties and stations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Final

from dingji.catalogue.notice import Notice
from dingji.intake.files import Line, Source
from dingji.intake.receipts import Receipts
from dingji.store.log import create_log
from dingji.terms import Status
from dingji.writer.ledger import Ledger
from dingji_commands.app import shell, wiring
from dingji_commands.app.errors import REFUSED
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.interrupts import held_back_at_commit
from dingji_commands.terminal.output import print_lines, print_text
from dingji_commands.wording.receipts import file_lines
from dingji_commands.wording.words import say
from dingji_commands.write.new_ledger import new_ledger, publish
from dingji_commands.write.roster import roster_lines
from dingji_projections.engine.entry_check import ledger_identity

DEMO: Final = "demo"
"""What stands for the roster that comes with the program."""

DEMO_ROSTER: Final = Path(__file__).with_name("suzhou-roster.csv")
"""That roster: 93 towns and sub-districts of Suzhou."""


@shell.command(
    "init",
    shell.option("--notice", default=wiring.DEFAULT_NOTICE, metavar="ID"),
    shell.option("--on", type=shell.DAY),
    shell.option("--roster", type=shell.FILE, metavar="FILE.csv|demo"),
)
def init(settings: Settings, notice: str, on: date | None, roster: str | None) -> int:
    """Create a ledger, whole or not at all."""
    installed = wiring.installed_notice(notice)
    with new_ledger(settings.ledger) as draft:
        receipts = _recorded(draft, installed, on or shell.today(installed.zone), roster)
        with receipts:
            if receipts.refused:
                print_lines(file_lines(receipts, settings.language))
                print_text(say(settings.language, "not-founded"))
                return REFUSED
            publish(draft, settings.ledger)
            settings.recorded = True
            _print_founded(receipts, installed, settings)
    return 0


def _recorded(draft: Path, notice: Notice, on: date, roster: str | None) -> Receipts:
    with ExitStack() as stack:
        lines: Iterator[Line] = iter(())
        if roster is not None:
            source = stack.enter_context(Source(str(DEMO_ROSTER) if roster == DEMO else roster))
            lines = roster_lines(source, notice, on)
        ledger = Ledger(stack.enter_context(create_log(draft)), wiring.plugins)
        interrupts = stack.enter_context(held_back_at_commit())
        return ledger.start_new(notice, on, interrupts.watched(lines))


def _print_founded(receipts: Receipts, notice: Notice, settings: Settings) -> None:
    language = settings.language
    title = notice.rules.title[language]
    print_text(say(language, "founded", path=settings.ledger, office=notice.rules.top.name, notice=title))
    offices = sum(1 for receipt in receipts if (receipt.entry or "").startswith("office:"))
    if stations := receipts.counts[Status.RECORDED] - offices:  # a row that stands twice is one station
        print_text(say(language, "founded-roster", counties=offices, stations=stations))
    with wiring.open_log(settings) as log:
        print_text(say(language, "founded-identity", identity=ledger_identity(log)))
    print_text(say(language, "founded-next"))
