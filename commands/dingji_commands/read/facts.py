"""`dingji facts`: the dictionary of what can be reported; and of a ledger, what became of the facts of its stations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import Any, Final

import click
import msgspec
from msgspec.structs import replace

from dingji.catalogue.facts import FactKind, Facts
from dingji_commands.app import question, shell, wiring
from dingji_commands.app.question import Asked
from dingji_commands.app.settings import Settings
from dingji_commands.read.swings import Which
from dingji_commands.read.swings import swings as swung
from dingji_commands.terminal.layout import definitions, terminal_columns
from dingji_commands.terminal.table import NotedRow
from dingji_commands.wording.fact_words import FactWords, bounds, codes, hint
from dingji_commands.wording.findings import SHOWN_DIGITS
from dingji_commands.wording.words import say, text
from dingji_projections.ask.lookups import check_registered
from dingji_projections.facts.history import FactHistory, Stated, fact_histories

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
    asked = Asked(given["on"], given["known"], given["basis"])
    if history:
        fact_history(settings, asked, given["key"], given["fact"], limit=given["limit"], json=json)
    else:
        swung(
            settings,
            asked,
            Which(given["key"], given["fact"], *(given[name] for name in (*SWINGS, "limit"))),
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
        click.echo("\n".join(_fact_lines(chosen, found, settings.language)))


def _fact(fact: FactKind) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(fact)
    return told


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
        told = say(language, "fact", label=f"{fact.label[language]}{unit}", **words)
        rows.append((fact.key, told + values + items + confirmed))
    return definitions(rows, terminal_columns(), widest=44)


FIELDS: Final = ("on", "stated", "by", "entry", "recorded_at", "standing")


def fact_history(
    settings: Settings, asked: Asked, station: str, key: str | None, *, limit: int | None, json: bool
) -> None:
    """Show the history of one fact of a station, or of all; of each the last values, where a limit is given."""
    with wiring.open_views(settings) as views:
        basis = asked.of(views.log, settings)
        word = wiring.word_of(views.log, basis)
        word.check_station(station)
        check_registered(views.log, station, basis)
        found = fact_histories(views.log, station, basis, word, key)
        words = FactWords(views, basis, word, settings.language)
        if json:
            told = {"station": station, "name": words.station(station), "facts": found}
            question.print_json({"basis": basis.fields()} | told)
            return
        click.echo(words.place(station, None))
        rows = [row for one in found for row in _rows(station, _last(one, limit), words, basis.zone)]
        if rows:
            question.print_noted(FIELDS, rows, settings.language)
        for one in found:
            if not one.entries:
                click.echo(_heading(one, words))
        total = sum(len(one.entries) for one in found)
        if len(rows) < total:
            question.print_sentence(say(settings.language, "values-left-out", limit=limit, count=total - len(rows)))
        words.print_cut()
        question.print_basis(basis, settings, count=total)


def _last(one: FactHistory, limit: int | None) -> FactHistory:
    """Return a fact with its last values only, and the one in force."""
    if limit is None or len(one.entries) <= limit:
        return one
    in_force = [each for each in one.entries[:-limit] if each.standing == "in_force"]
    return replace(one, entries=(*in_force, *one.entries[-limit:]))


def _heading(one: FactHistory, words: FactWords) -> str:
    """Return the fact, and why it is not known where it is not."""
    if one.state == "in_force":
        return words.fact(one.fact)
    why = text("lacking", one.state, words.language) or text("standing", one.state, words.language)
    return f"{words.fact(one.fact)}{say(words.language, 'colon')}{why}"


def _rows(station: str, one: FactHistory, words: FactWords, zone: tzinfo) -> Iterator[NotedRow]:
    for place, stated in enumerate(one.entries):
        value, below = words.value(one.fact, stated.value) if stated.states else (None, [])
        precision = "" if stated.on_precision == "day" else say(words.language, f"precision-{stated.on_precision}")
        cells = (
            f"{stated.on}{precision}",
            value,
            words.by(stated.office, station),
            stated.entry,
            question.civil(stated.recorded_at, zone)[:10],
            text("standing", stated.standing, words.language),
        )
        above = [] if place else ["", _heading(one, words)]
        yield NotedRow(cells, above, [*below, *_details(stated, words.language)])


def _details(stated: Stated, language: str) -> Iterator[str]:
    """Yield who stated it, the papers given with it, and what took it away."""
    papers = [
        say(language, "paper-given", name=paper.name, digest=paper.sha256[:SHOWN_DIGITS]) for paper in stated.evidence
    ]
    given = say(language, "papers-given", papers=say(language, "comma").join(papers)) if papers else None
    voided = say(language, "voided-entry", by=stated.voided_by) if stated.voided_by else None
    if told := [part for part in (stated.person, given, voided) if part]:
        yield say(language, "semicolon").join(told)
