"""`dingji init`: a new ledger with its top office, its notice and, from a roster, its counties and stations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any, Final

import click
import orjson

from dingji.catalogue.notice import Notice
from dingji.faults import Fault, LedgerError
from dingji.intake.csv_table import table_lines
from dingji.intake.files import Line, Source
from dingji.intake.receipts import Receipts
from dingji.store.log import create_log
from dingji.texts import nearest_text
from dingji.writer.ledger import Ledger
from dingji_commands.app import shell, wiring
from dingji_commands.app.errors import REFUSED
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.interrupts import held_back_at_commit
from dingji_commands.wording.receipts import file_lines
from dingji_commands.wording.words import both, say
from dingji_commands.write.new_ledger import new_ledger, publish

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
    with new_ledger(settings.ledger) as draft:
        receipts = _found(draft, installed, on or shell.today(installed.zone), roster)
        with receipts:
            if receipts.refused:
                click.echo("\n".join([*file_lines(receipts, settings.language), say(settings.language, "not-founded")]))
                return REFUSED
            publish(draft, settings.ledger)
            settings.recorded = True
            _tell(receipts, installed, settings)
    return 0


def _found(draft: Path, notice: Notice, on: date, roster: str | None) -> Receipts:
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
    return Path(__file__).parents[1] / "demo" / "suzhou-roster.csv"


def _tell(receipts: Receipts, notice: Notice, settings: Settings) -> None:
    language = settings.language
    title = notice.rules.title[language]
    click.echo(say(language, "founded", path=settings.ledger, office=notice.rules.top.name, notice=title))
    offices = sum(1 for receipt in receipts if (receipt.entry or "").startswith("office:"))
    if stations := receipts.counts.total() - offices:
        click.echo(say(language, "founded-roster", counties=offices, stations=stations))
    click.echo(say(language, "founded-next"))


COLUMNS: Final = ("station", "name", "serves", "county", "county_name")


def roster_lines(source: Source, notice: Notice, on: date) -> Iterator[Line]:
    """Yield the submissions of a roster, each with the number of its row. Raises LedgerError (`empty-file`)."""
    counties: dict[str, str] = {}
    line = None
    for line in table_lines(source):
        row = {} if line.fault else orjson.loads(line.text)
        fault = line.fault or row_fault(row, counties)
        if fault:
            yield Line(line.number, line.text, fault)
            continue
        if row["county"] not in counties:
            counties[row["county"]] = row["county_name"]
            yield _line(line.number, _county(row, notice), notice, on)
        yield _line(line.number, {"do": "register"} | {name: row[name] for name in COLUMNS[:4]}, notice, on)
    if line is None:
        raise LedgerError("empty-file", path=source.name)


def row_fault(row: dict[str, Any], counties: dict[str, str]) -> Fault | None:
    """Return what is wrong with a row as a row, beside the counties before it; the rest is for the ledger to judge."""
    for name in COLUMNS:
        if name not in row:
            return Fault(code="missing-field", field=name, args={"name": name, "verb": _verb(name)})
    for name in row:
        if name not in COLUMNS:
            args = {"name": name, "verb": "register", "nearest": nearest_text(name, list(COLUMNS))}
            return Fault(code="unknown-field", field=name, args=args)
    earlier = counties.get(row["county"], row["county_name"])
    if row["county_name"] != earlier:
        why = both("other-county-name", county=row["county"], earlier=earlier)
        return Fault(code="bad-value", field="county_name", args={"name": "county_name", "why": why})
    return None


def _verb(column: str) -> str:
    return "enrol_office" if column == "county_name" else "register"


def _county(row: dict[str, Any], notice: Notice) -> dict[str, Any]:
    tier, top = notice.rules.stations.county_tier, notice.rules.top.office
    return {"do": "enrol_office", "office": row["county"], "name": row["county_name"], "tier": tier, "parent": top}


def _line(number: int, record: dict[str, Any], notice: Notice, on: date) -> Line:
    shared = {"on": on.isoformat(), "by": {"office": notice.rules.top.office}}
    return Line(number, orjson.dumps(record | shared))
