"""`dingji evidence reuse`: papers that serve two stations, or two rounds."""

from __future__ import annotations

from typing import Final

from dingji.evidence.papers import Papers
from dingji_commands.app import question, wiring
from dingji_commands.app.question import BasisOptions
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.progress import steps_bar
from dingji_commands.terminal.table import NotedRow
from dingji_commands.wording.values import short_digest
from dingji_commands.wording.words import say
from dingji_projections.ask.bounds import bounds
from dingji_projections.facts.shared_papers import SharedPaper, shared_papers

FIELDS: Final = ("paper", "title", "stations", "rounds")
NAMED: Final = 12
"""Entries of a paper that are named; of more, how many they are: JSON has them all."""


@question.question("evidence reuse", question.LIMIT, question.JSON)
def evidence_reuse(settings: Settings, asked: BasisOptions, *, limit: int | None, json: bool) -> None:
    """List the papers that serve twice."""
    with wiring.open_checked_log(settings) as log:
        Papers(settings.ledger).sweep()
        basis = asked.resolve(log, settings)
        with steps_bar(say(settings.language, "reading-log")) as progress:
            found = shared_papers(log, basis, progress)
        shown = found[: limit or bounds().shown]
        if json:
            question.print_json({"basis": basis.fields(), "total": len(found), "papers": shown})
            return
        if shown:
            rows = [_row(one, settings.language) for one in shown]
            question.print_noted(FIELDS, rows, settings.language)
        if len(shown) < len(found):
            question.print_sentence(say(settings.language, "shown-of", shown=len(shown), total=len(found)))
        question.print_basis(basis, settings, count=len(found))


def _row(one: SharedPaper, language: str) -> NotedRow:
    """Return a paper with how many stations it serves, and below it the entries that name them."""
    named = say(language, "comma").join(use.entry for use in one.uses[:NAMED])
    if len(one.uses) > NAMED:
        named = say(language, "entries-more", entries=named, count=len(one.uses) - NAMED)
    cells = (short_digest(one.sha256), one.uses[0].name or None, len(one.stations), one.rounds)
    return NotedRow(cells, below=[say(language, "entries-named", entries=named)])
