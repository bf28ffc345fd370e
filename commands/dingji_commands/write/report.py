"""`dingji facts template` and `dingji report STATION --from FILE.csv`: a sheet that a clerk fills in."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from dingji.catalogue.facts import FactKind, Facts
from dingji.catalogue.notice import Notice
from dingji.evidence.files import why_of
from dingji.evidence.papers import DIGEST, Papers
from dingji.evidence.references import references
from dingji.faults import Fault, LedgerError
from dingji.intake.fact_sheet import Stated, facts_used, read_sheet, sheet_bytes
from dingji.intake.files import Source
from dingji.state.state_cache import fold
from dingji.store.log import Log
from dingji_commands.app import question, shell, wiring
from dingji_commands.app.settings import Settings
from dingji_commands.wording.fact_words import hint
from dingji_commands.wording.words import say
from dingji_commands.write import attach, verbs
from dingji_commands.write.recording import Manner


@shell.command(
    "facts template",
    shell.argument("station"),
    shell.option("--standard", metavar="CODE", required=True),
    question.ON,
    shell.option("--output", metavar="FILE.csv"),
)
def facts_template(settings: Settings, station: str, standard: str, on: date | None, output: str | None) -> None:
    """Write the sheet of the facts that a standard asks of a station."""
    day = on or shell.today()
    with wiring.open_log(settings) as log:
        notice = _notice(log, settings, day)
        size = _size(log, station, day)
    facts = wiring.plugins().facts(notice)
    used = facts_used(wiring.plugins().standard(notice, standard), size, facts)
    sheet = sheet_bytes(_row(fact, facts, settings.language) for fact in used)
    if output is not None:
        _write(output, sheet)
    if size is None:
        click.echo(say(settings.language, "sheet-no-size", station=station), err=True)
    if output is None:
        click.echo(sheet, nl=False)
        return
    click.echo(say(settings.language, "sheet-written", path=output, count=len(used), station=station))


def _notice(log: Log, settings: Settings, on: date) -> Notice:
    return wiring.installed_notice(wiring.governing_notice(log, question.Asked(on, None, None).of(log, settings)))


def _size(log: Log, station: str, on: date) -> str | None:
    """Return the station's size class. Raises LedgerError (`unknown-station`, `not-registered`)."""
    state = fold(f"station:{station}", log.stream(f"station:{station}"))
    if state is None:
        raise LedgerError("unknown-station", field="station", station=station, nearest="")
    standing = state.standing(on.toordinal())
    if standing is None and on.toordinal() < state.registered:
        registered = str(date.fromordinal(state.registered))
        raise LedgerError("not-registered", field="on", station=station, on=str(on), registered=registered)
    return standing.size if standing else None


def _row(fact: FactKind, facts: Facts, language: str) -> tuple[str, ...]:
    unit = fact.unit[language] if fact.unit else ""
    supplier = facts.suppliers[fact.supplier][language]
    return fact.key, fact.label[language], unit, hint(fact.form, language), supplier, "", ""


def _write(path: str, sheet: bytes) -> None:
    """Write a file that is not there yet. Raises LedgerError (`file-exists`)."""
    try:
        with Path(path).open("xb") as file:
            file.write(sheet)
    except FileExistsError:
        raise LedgerError("file-exists", path=path, why="exists") from None
    except (OSError, ValueError) as error:
        raise LedgerError("file-exists", path=path, why=why_of(error)) from None


STATING: Final = ("facts", "evidence")


def _parameters() -> list[click.Parameter]:
    """Return the verb's parameters, with the sheet behind its own."""
    params = verbs.parameters("report")
    place = next(place for place, param in enumerate(params) if param.name == "on")
    return [*params[:place], shell.option("--from", "table", metavar="FILE.csv"), *params[place:]]


@shell.command("report", *_parameters())
def report(settings: Settings, table: str | None, **options: Any) -> int:
    """Report facts: those of the options, or those of a sheet."""
    if table is None:
        return verbs.perform(settings, "report", options)
    if any(options.pop(name) for name in STATING):
        raise shell.usage_error(settings.language, "table-alone")
    return _report(settings, table, options)


def _report(settings: Settings, table: str, options: dict[str, Any]) -> int:
    """Take a sheet's papers in and report what it states; told is all that is wrong with it, or the receipt."""
    manner = Manner(dry_run=options["dry_run"], json=options["json"])
    with attach.receiving(settings, manner) as desk:
        with wiring.open_log(settings) as log, Source(table, sys.stdin.buffer if sys.stdin else None) as source:
            facts = wiring.plugins().facts(_notice(log, settings, options["on"]))
            stated, located = read_sheet(source, facts)
            faults = [(found.line, found.fault) for found in located]
            sheet = _Sheet(stated, Path(os.path.dirname(table) if table != "-" else ""))
            known, unknown = sheet.known(log, Papers(settings.ledger))
        if not stated and not faults:
            raise LedgerError("empty-file", path=table)
        taken, wrong = attach.take(settings, desk, sheet.handed())
        faults += unknown + [(each.line, _in_column(fault)) for each, fault in wrong]
        if faults:
            return attach.tell_faults(settings, faults, json=manner.json, table=True)
        values = {each.key: each.value for each in stated if each.value is not None}
        return attach.report(settings, options, values, attach.together([*known, *taken]), desk)


def _in_column(fault: Fault) -> Fault:
    return msgspec.structs.replace(fault, field="evidence")


class _Sheet:
    """The evidence that a sheet names: papers beside it, and papers that are kept already, by digest."""

    def __init__(self, stated: list[Stated], folder: Path) -> None:
        self.named = [(each.line, each.key, paper) for each in stated for paper in each.evidence]
        self.folder = folder

    def handed(self) -> list[attach.Handed]:
        """Return the files that are to be taken in."""
        return [
            attach.Handed(paper, (key,), self.folder, line) for line, key, paper in self.named if not _is_digest(paper)
        ]

    def known(self, log: Log, papers: Papers) -> tuple[list[attach.Taken], list[tuple[int, Fault]]]:
        """Return the papers named by digest, under the names that they had, and those that nobody knows."""
        asked = [(line, key, paper.lower()) for line, key, paper in self.named if _is_digest(paper)]
        found = references(log, among={paper for *_, paper in asked}) if asked else []
        names = {each.sha256: each.name for each in found}
        taken: list[attach.Taken] = []
        unknown: list[tuple[int, Fault]] = []
        for line, key, paper in asked:
            if paper in names:
                taken.append(attach.Taken(paper, names[paper], (key,), papers.size(paper)))
            else:
                unknown.append((line, Fault(code="unknown-paper", field="evidence", args={"sha256": paper})))
        return taken, unknown


def _is_digest(paper: str) -> bool:
    return DIGEST.fullmatch(paper.lower()) is not None
