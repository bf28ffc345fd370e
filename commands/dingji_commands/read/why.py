"""`dingji why`: the derivation of a station's level, as a tree folded to a screen, whole, or as JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from dingji_commands.app import question, shell, wiring
from dingji_commands.app.question import BasisOptions
from dingji_commands.app.settings import Settings
from dingji_commands.read.why_tree import DerivationTree
from dingji_commands.terminal.tree import print_tree
from dingji_commands.wording.fault_words import fault_fields
from dingji_commands.wording.names import Names
from dingji_commands.wording.words import label
from dingji_projections.ask.governing_notice import governing_notice
from dingji_projections.why.derivation import DerivedAct, Why
from dingji_projections.why.why import why as why_at


@question.question("why", shell.argument("station"), shell.flag("--full"), question.JSON)
def why(settings: Settings, asked: BasisOptions, *, station: str, full: bool, json: bool) -> None:
    """Show why a station is at its level."""
    with wiring.open_views(settings) as views:
        basis = asked.resolve(views.log, settings)
        notice_rules = wiring.notice_rules(views.log, basis, settings)
        found = why_at(views, wiring.plugins(), basis, notice_rules, station)
        if json:
            question.print_json({"basis": basis.fields(), "why": _fields(found, settings.language)})
            return

        notice = governing_notice(views.log, basis)
        names = Names(views, basis, settings.language, wiring.plugins(), notice, whole=full)
        root = DerivationTree(names).tree(found)
        print_tree(root, full=full, more=label("why", "more", names.language), folded=names.say("folded"))
        question.print_basis(basis, settings)


def _fields(found: Why, language: str) -> dict[str, Any]:
    """Return a derivation as JSON shows it, irregularities with their words."""
    fields: dict[str, Any] = msgspec.to_builtins(found)
    acts = [found.decision, *found.upheld, *([found.lodging] if found.lodging else [])]
    plain = [fields["decision"], *fields["upheld"], *([fields["lodging"]] if found.lodging else [])]
    for act, own in zip(acts, plain, strict=True):
        _add_words(act, own, language)
    return fields


def _add_words(act: DerivedAct, plain: dict[str, Any], language: str) -> None:
    plain["irregularities"] = [fault_fields(fault, language) for fault in act.irregularities]
    for step, below in zip(act.steps, plain["steps"], strict=True):
        _add_words(step, below, language)
