"""`dingji standards verify`, and the official wording beside ours: both from a text that the user has."""

from __future__ import annotations

from itertools import dropwhile
from typing import Any

from dingji.catalogue.notice import Notice
from dingji.catalogue.official_text import Compared, bare, compared, read_text
from dingji.catalogue.standard import Standard
from dingji.faults import LedgerError
from dingji_commands.app import question, shell, wiring
from dingji_commands.app.errors import REFUSED
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.layout import definitions, terminal_columns
from dingji_commands.terminal.output import print_lines, print_text
from dingji_commands.wording.words import say, text


@shell.command(
    "standards verify",
    shell.argument("notice_file", type=shell.FILE, metavar="NOTICE_FILE"),
    shell.option("--notice", default=wiring.DEFAULT_NOTICE, metavar="ID"),
    question.JSON,
)
def standards_verify(settings: Settings, notice_file: str, notice: str, *, json: bool) -> int:
    """Hold the official text against the catalogue, row by row; exit with 1 where they differ."""
    installed, official = wiring.installed_notice(notice), read_text(notice_file)
    standards = [wiring.plugins().standard(installed, code) for code in installed.standard_files]
    found = [(standard, compared(official, notice_file, installed, standard)) for standard in standards]
    sound = all(row.result == "ok" for _, rows in found for row in rows)
    if json:
        shown = [{"standard": one.code, "attachment": one.attachment, "rows": _rows(one, rows)} for one, rows in found]
        question.print_json({"notice": notice, "file": notice_file, "ok": sound, "standards": shown})
    else:
        lines = [line for one, rows in found for line in _lines(one, rows, settings.language)]
        print_lines(lines)
        print_text(say(settings.language, "wording-same" if sound else "wording-differs"))
    return 0 if sound else REFUSED


def _rows(standard: Standard, rows: list[Compared]) -> list[dict[str, Any]]:
    names = {indicator.row: indicator.id for indicator in standard.indicators}
    return [{"row": row.row, "indicator": names.get(row.row), "result": row.result} for row in rows]


def _lines(standard: Standard, rows: list[Compared], language: str) -> list[str]:
    titles = {one.row: f"{one.id} {one.title[language]}" for one in standard.indicators}
    number = say(language, "attachment", number=standard.attachment)
    same = say(language, "rows-same", same=sum(row.result == "ok" for row in rows), count=len(rows))
    lines = [(_row(row, language), titles.get(row.row, "")) for row in rows]
    return [f"{number} {standard.title[language]} · {same}", *definitions(lines, terminal_columns()), ""]


def _row(row: Compared, language: str) -> str:
    return f"{say(language, 'row', row=row.row)} {text('wording', row.result, language)}"


class Official:
    """The official wording of a standard's rows, from the file that the user gives."""

    def __init__(self, path: str, notice: Notice, standard: Standard) -> None:
        """Read it. Raises LedgerError (`unreadable-file`, `no-attachment`, `unknown-standard`)."""
        if standard.code not in notice.standard_files:  # contributed to the notice, which says nothing of it
            raise LedgerError("unknown-standard", standard=standard.code)
        self._rows = {row.row: row for row in compared(read_text(path), path, notice, standard)}

    def fields(self, row: int) -> dict[str, Any]:
        """Return a row's cells, and whether they are those that the catalogue follows."""
        found = self._rows[row]
        return {"cells": [_bare(cell) for cell in found.cells], "result": found.result}

    def line(self, row: int, language: str) -> str:
        """Return a row's cells in one line, with a warning where the catalogue follows another text."""
        found = self._rows[row]
        cells = " | ".join(cell or "—" for cell in dropwhile(lambda cell: not cell, map(_bare, found.cells)))
        warning = "" if found.result == "ok" else say(language, "official-differs")
        return say(language, "official", cells=cells) + warning


def _bare(cell: str) -> str:
    return bare(cell)
