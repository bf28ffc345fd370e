"""`dingji report`: facts given by options, or by a sheet that a clerk filled in, with its papers."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from dingji.evidence.papers import DIGEST, Papers
from dingji.evidence.references import references
from dingji.faults import Fault, LedgerError
from dingji.intake.fact_sheet import SheetRow, read_sheet
from dingji.intake.files import Source
from dingji.store.log import Log
from dingji_commands.app import question, shell, wiring
from dingji_commands.app.settings import Settings
from dingji_commands.write import attach, verbs
from dingji_commands.write.recording import RecordingOptions

STATING: Final = ("facts", "evidence")


def _parameters() -> list[click.Parameter]:
    """Return the verb's parameters, with the sheet behind its own."""
    params = verbs.parameters("report")
    place = next(place for place, param in enumerate(params) if param.name == "on")
    return [*params[:place], shell.option("--from", "table", type=shell.FILE, metavar="FILE.csv"), *params[place:]]


@shell.command("report", *_parameters())
def report(settings: Settings, table: str | None, **options: Any) -> int:
    """Report facts: those of the options, or those of a sheet."""
    if table is None:
        return verbs.perform(settings, "report", options)
    if any(options.pop(name) for name in STATING):
        raise shell.usage_error(settings.language, "table-alone")
    return _report(settings, table, options)


def _report(settings: Settings, table: str, options: dict[str, Any]) -> int:
    """Take a sheet's papers in and report what it states; show all that is wrong with it, or the receipt."""
    manner = RecordingOptions(dry_run=options["dry_run"], json=options["json"])
    with attach.receiving(settings, manner) as intake:
        with wiring.open_log(settings) as log, Source(table, sys.stdin.buffer if sys.stdin else None) as source:
            facts = wiring.plugins().facts(
                wiring.notice_in_force(log, question.BasisOptions(options["on"]).resolve(log, settings))
            )
            stated, located = read_sheet(source, facts)
            faults = [(found.line, found.fault) for found in located]
            sheet = _SheetEvidence(stated, Path(os.path.dirname(table) if table != "-" else ""))
            known, unknown = sheet.known(log, Papers(settings.ledger))
        if not stated and not faults:
            raise LedgerError("empty-file", path=table)
        taken, wrong = attach.take(settings, intake, sheet.handed())
        faults += unknown + [(each.line, _in_column(fault)) for each, fault in wrong]
        if faults:
            return attach.print_faults(settings, faults, json=manner.json, table=True)
        values = {each.key: each.value for each in stated if each.value is not None}
        return attach.report(settings, options, values, attach.together([*known, *taken]), intake)


def _in_column(fault: Fault) -> Fault:
    return msgspec.structs.replace(fault, field="evidence")


class _SheetEvidence:
    """The evidence that a sheet names: papers beside it, and papers that are kept already, by digest."""

    def __init__(self, stated: list[SheetRow], folder: Path) -> None:
        self.named = [(each.line, each.key, paper) for each in stated for paper in each.evidence]
        self.folder = folder

    def handed(self) -> list[attach.HandedFile]:
        """Return the files that are to be taken in."""
        return [
            attach.HandedFile(paper, (key,), self.folder, line)
            for line, key, paper in self.named
            if not _is_digest(paper)
        ]

    def known(self, log: Log, papers: Papers) -> tuple[list[attach.TakenPaper], list[tuple[int, Fault]]]:
        """Return the papers named by digest, under the names that they had, and those that nobody knows."""
        asked = [(line, key, paper.lower()) for line, key, paper in self.named if _is_digest(paper)]
        found = references(log, among={paper for *_, paper in asked}) if asked else []
        names = {each.sha256: each.name for each in found}
        taken: list[attach.TakenPaper] = []
        unknown: list[tuple[int, Fault]] = []
        for line, key, paper in asked:
            if paper in names:
                taken.append(attach.TakenPaper(paper, names[paper], (key,), papers.size(paper)))
            else:
                unknown.append((line, Fault(code="unknown-paper", field="evidence", args={"sha256": paper})))
        return taken, unknown


def _is_digest(paper: str) -> bool:
    return DIGEST.fullmatch(paper.lower()) is not None
