"""`dingji facts`: the dictionary of what can be reported; and of a ledger, what became of the facts of its stations."""

from __future__ import annotations

from typing import Any, Final

import click
import msgspec

from dingji.catalogue.facts import FactKind, Facts
from dingji_commands.app import question, shell, wiring
from dingji_commands.app.question import BasisOptions
from dingji_commands.app.settings import Settings
from dingji_commands.audit.fact_history import fact_history
from dingji_commands.audit.swings import SwingScope
from dingji_commands.audit.swings import swings as swung
from dingji_commands.terminal.layout import definitions, terminal_columns
from dingji_commands.terminal.output import print_lines
from dingji_commands.wording.cell_hints import bounds, codes, hint
from dingji_commands.wording.words import say

LEDGER: Final = ("on", "known", "basis", "fact", "limit")
"""What is asked of a ledger only."""

SWINGS: Final = ("county", "months")
"""What is asked about swings only."""


@shell.command(
    "facts",
    shell.argument("key", required=False, metavar="[KEY|STATION]"),
    shell.argument("fact", required=False, metavar="[KEY]"),
    shell.flag("--history"),
    shell.flag("--swings"),
    question.ON,
    question.KNOWN,
    question.BASIS,
    question.COUNTY,
    shell.option("--months", type=click.IntRange(min=1, max=1200), metavar="N"),
    question.LIMIT,
    shell.option("--notice", metavar="ID"),
    shell.flag("--json"),
)
def facts(settings: Settings, *, history: bool, swings: bool, json: bool, **given: Any) -> None:
    """List the facts that can be reported, or say what became of those of a ledger."""
    _check(settings, history, swings, given)
    if not (history or swings):
        _dictionary(settings, given["key"], given["notice"] or wiring.DEFAULT_NOTICE, json=json)
        return
    settings.asking = True
    asked = BasisOptions(given["on"], given["known"], given["basis"])
    if history:
        fact_history(settings, asked, given["key"], given["fact"], limit=given["limit"], json=json)
    else:
        swung(
            settings,
            asked,
            SwingScope(given["key"], given["fact"], *(given[name] for name in (*SWINGS, "limit"))),
            json=json,
        )


def _check(settings: Settings, history: bool, swings: bool, given: dict[str, Any]) -> None:
    """Refuse what does not go together, each with what would."""
    of_ledger = [name for name in (*LEDGER, *SWINGS) if given[name] is not None]
    wrong = {
        "history-or-swings": history and swings,
        "history-or-dictionary": bool(of_ledger) and not (history or swings),
        "notice-of-ledger": (history or swings) and given["notice"] is not None,
        "history-station": history and given["key"] is None,
        "swings-alone": history and any(given[name] is not None for name in SWINGS),
        "station-or-county": swings and given["key"] is not None and given["county"] is not None,
    }
    if key := next((key for key, amiss in wrong.items() if amiss), None):
        raise shell.usage_error(settings.language, key)


def _dictionary(settings: Settings, key: str | None, notice: str, *, json: bool) -> None:
    found = wiring.plugins().facts(wiring.installed_notice(notice))
    if key is not None and key not in found:
        near = ", ".join(found.nearest(key))
        why = "no-such-name-near" if near else "no-such-fact"
        raise shell.bad_parameter(settings.language, why, "KEY", name=key, near=near)
    chosen = [found[key]] if key is not None else list(found.values())
    if json:
        question.print_json({"facts": [_fact(fact) for fact in chosen]})
    else:
        print_lines(_fact_lines(chosen, found, settings.language))


def _fact(fact: FactKind) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(fact)
    return fields


def _fact_lines(chosen: list[FactKind], found: Facts, language: str) -> list[str]:
    rows = []
    for fact in chosen:
        unit = f" ({fact.unit[language]})" if fact.unit else ""
        supplier = found.suppliers[fact.supplier][language]
        words = {
            "type": fact.form.name + bounds(fact.form, language),
            "months": fact.fresh_months,
            "supplier": supplier,
        }
        values = say(language, "fact-values", values=", ".join(codes(fact.form, language))) if fact.form.values else ""
        confirmed = "" if fact.station else say(language, "fact-confirmed")
        items = say(language, "fact-items", item=hint(fact.form.items, language)) if fact.form.items else ""
        sentence = say(language, "fact", label=f"{fact.label[language]}{unit}", **words)
        rows.append((fact.key, sentence + values + items + confirmed))
    return definitions(rows, terminal_columns(), widest=44)
