"""`dingji facts STATION [KEY] --history`: what was stated of facts, by whom, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import Final

from msgspec.structs import replace

from dingji.moments import civil_date
from dingji_commands.app import question, wiring
from dingji_commands.app.question import BasisOptions
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.output import print_lines
from dingji_commands.terminal.table import NotedRow
from dingji_commands.wording.fact_words import FactWords
from dingji_commands.wording.values import SHOWN_DIGITS
from dingji_commands.wording.words import say, text
from dingji_projections.ask.lookups import check_registered
from dingji_projections.facts.history import FactEntry, FactHistory, fact_histories

FIELDS: Final = ("on", "stated", "by", "entry", "recorded_at", "standing")


def fact_history(
    settings: Settings, asked: BasisOptions, station: str, key: str | None, *, limit: int | None, json: bool
) -> None:
    """Show the history of one fact of a station, or of all; of each the last values, where a limit is given."""
    with wiring.open_views(settings) as views:
        basis = asked.resolve(views.log, settings)
        fact_rules = wiring.fact_rules(views.log, basis)
        fact_rules.check_station(station)
        check_registered(views.log, station, basis)
        found = fact_histories(views.log, station, basis, fact_rules, key)
        words = FactWords(views, basis, fact_rules, settings.language)
        if json:
            own = {"station": station, "name": words.station(station), "facts": found}
            question.print_json({"basis": basis.fields()} | own)
            return
        print_lines([words.place(station, None)])
        rows = [row for one in found for row in _rows(station, _last(one, limit), words, basis.zone)]
        if rows:
            question.print_noted(FIELDS, rows, settings.language)
        for one in found:
            if not one.entries:
                print_lines([_heading(one, words)])
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
            civil_date(stated.recorded_at, zone),
            text("standing", stated.standing, words.language),
        )
        above = [] if place else ["", _heading(one, words)]
        yield NotedRow(cells, above, [*below, *_details(stated, words.language)])


def _details(stated: FactEntry, language: str) -> Iterator[str]:
    """Yield who stated it, the papers given with it, and what took it away."""
    papers = [
        say(language, "paper-given", name=paper.name, digest=paper.sha256[:SHOWN_DIGITS]) for paper in stated.evidence
    ]
    given = say(language, "papers-given", papers=say(language, "comma").join(papers)) if papers else None
    voided = say(language, "voided-entry", by=stated.voided_by) if stated.voided_by else None
    if parts := [part for part in (stated.person, given, voided) if part]:
        yield say(language, "semicolon").join(parts)
