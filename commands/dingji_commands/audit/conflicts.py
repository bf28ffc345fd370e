"""`dingji conflicts`: facts on which offices disagree, which statement counts, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from dingji_commands.app import question, shell, wiring
from dingji_commands.app.question import BasisOptions
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.progress import steps_bar
from dingji_commands.terminal.table import NotedRow
from dingji_commands.wording.fact_words import FactWords
from dingji_commands.wording.words import say, text
from dingji_projections.ask.bounds import bounds
from dingji_projections.facts.conflicts import Conflict, ConflictsFound
from dingji_projections.facts.conflicts import conflicts as conflicts_at
from dingji_projections.facts.fact_statements import stations_asked

FIELDS: Final = ("stated", "by", "on", "entry", "counts")
CSV: Final = ("entry", "position", "on", "office", "tier", "value", "counts", "why")


@question.question(
    "conflicts",
    question.COUNTY,
    shell.option("--station", metavar="CODE"),
    question.LIMIT,
    question.JSON,
    question.CSV,
)
def conflicts(
    settings: Settings, asked: BasisOptions, *, limit: int | None, json: bool, csv: bool, **which: Any
) -> None:
    """List the facts on which offices disagree."""
    form = question.form_of(settings, json=json, csv=csv)
    if None not in which.values():
        raise shell.usage_error(settings.language, "station-or-county")
    with wiring.open_views(settings) as views:
        basis = asked.resolve(views.log, settings)
        stations = stations_asked(views, basis, **which)
        fact_rules = wiring.fact_rules(views.log, basis)
        with steps_bar(say(settings.language, "looking-through")) as progress:
            found = conflicts_at(views.log, basis, fact_rules, stations, limit or bounds().shown, progress)
        if form == "json":
            question.print_json({"basis": basis.fields()} | found._asdict())
            return
        if form == "csv":
            question.print_csv(("station", "county", "fact", *CSV, "seen_by"), _csv_rows(found))
            return
        _show(found, FactWords(views, basis, fact_rules, settings.language))
        question.print_basis(basis, settings)


def _csv_rows(found: ConflictsFound) -> Iterator[tuple[Any, ...]]:
    for one in found.conflicts:
        for statement in one.statements:
            own = (getattr(statement, name) for name in CSV)
            yield one.station, one.county, one.fact, *own, " ".join(one.seen_by) or None


def _show(found: ConflictsFound, words: FactWords) -> None:
    """Show the conflicts station by station, a line for each office, and how many they are."""
    rows = [row for place, one in enumerate(found.conflicts) for row in _rows(place, one, found, words)]
    if rows:
        question.print_noted(FIELDS, rows, words.language)
    shown = len(found.conflicts)
    if found.total > shown:
        question.print_sentence(say(words.language, "shown-of", shown=shown, total=found.total))
    words.print_cut()
    question.print_sentence(say(words.language, "conflicts-of", count=found.total, stations=found.stations))


def _rows(place: int, one: Conflict, found: ConflictsFound, words: FactWords) -> Iterator[NotedRow]:
    language = words.language
    above = [words.fact(one.fact)]
    if place == 0 or found.conflicts[place - 1].station != one.station:
        above = ["", words.place(one.station, one.county), *above]
    seen = say(language, "comma").join(one.seen_by)
    last = say(language, "conflict-seen", entries=seen) if seen else say(language, "conflict-unseen")
    first = one.statements[0]
    for statement in one.statements:
        value, below = words.value(one.fact, statement.value)
        why = text("counts", statement.why, language)
        by = words.by(statement.office, one.station)
        if statement.why == "confirmed":
            below.append(_confirmed(one, words))
        if statement is one.statements[-1]:
            below.append(last)
        cells = (value, by, statement.on, statement.entry, why)
        yield NotedRow(cells, above if statement is first else (), below)


def _confirmed(one: Conflict, words: FactWords) -> str:
    """Say who confirms the value that counts, and whose later word does not."""
    first, *_, later = one.statements
    office, other = (words.by(statement.office, one.station) for statement in (first, later))
    return say(words.language, "conflict-confirmed", office=office, other=other, on=later.on)
