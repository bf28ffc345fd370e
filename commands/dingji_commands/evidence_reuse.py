"""`dingji evidence reuse`: papers that serve two stations, or two rounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dingji_commands import asking, wiring
from dingji_commands.bars import steps_bar
from dingji_commands.entries import LIMIT
from dingji_commands.words import say

if TYPE_CHECKING:
    from dingji_commands.asking import Asked
    from dingji_commands.settings import Settings
    from dingji_projections.reuse import Reused

FIELDS: Final = ("paper", "title", "stations", "rounds", "entries")
SHOWN_DIGITS: Final = 12
NAMED: Final = 3
"""Stations and entries that are named in a row; of more, only how many: JSON has them all."""


@asking.question("evidence reuse", LIMIT, asking.JSON)
def evidence_reuse(settings: Settings, asked: Asked, *, limit: int | None, json: bool) -> None:
    """List the papers that serve twice."""
    from dingji_projections.bounds import bounds
    from dingji_projections.reuse import reused

    with wiring.open_log(settings) as log:
        basis = asked.of(log, settings)
        with steps_bar(settings, "reading-log") as progress:
            found = reused(log, basis, progress)
        shown = found[: limit or bounds().shown]
        if json:
            asking.print_json({"basis": basis.fields(), "total": len(found), "papers": shown})
            return
        if shown:
            asking.print_table(FIELDS, [_row(one, settings.language) for one in shown], settings.language)
        if len(shown) < len(found):
            asking.tell(say(settings.language, "shown-of", shown=len(shown), total=len(found)))
        asking.print_basis(basis, settings, count=len(found))


def _row(one: Reused, language: str) -> tuple[Any, ...]:
    entries = [use.entry for use in one.uses]
    name = one.uses[0].name or None
    some = (_some(list(one.stations), language), list(one.rounds), _some(entries, language))
    return f"{one.sha256[:SHOWN_DIGITS]}…", name, *some


def _some(names: list[str], language: str) -> Any:
    return names if len(names) <= NAMED else say(language, "items", count=len(names))
