"""`dingji facts [STATION] [KEY] --swings`: facts that rose before an assessment and fell after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from dingji.faults import LedgerError
from dingji.texts import nearest_text
from dingji_commands.app import question, wiring
from dingji_commands.app.question import BasisOptions
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.progress import steps_bar
from dingji_commands.terminal.table import NotedRow
from dingji_commands.wording.fact_words import FactWords
from dingji_commands.wording.labels import Labels
from dingji_commands.wording.words import say, text
from dingji_projections.ask.bounds import bounds
from dingji_projections.facts.fact_statements import FactRules, stations_asked
from dingji_projections.facts.swings import MeasuredValue, Swing, SwingFilter, SwingsFound
from dingji_projections.facts.swings import swings as swings_at

FIELDS: Final = ("when", "stated", "by", "on", "entry")


class SwingScope(NamedTuple):
    """What is asked for: a station, one of its facts, a county; months that are near, and how many are listed."""

    station: str | None
    key: str | None
    county: str | None
    months: int | None
    limit: int | None

    def read(self, fact_rules: FactRules) -> SwingScope:
        """Return it with a lone fact in its place: no station is called as a fact is. Raises LedgerError."""
        if self.key is None and self.station in fact_rules.facts:
            return self._replace(station=None, key=self.station)
        if self.station is not None:
            fact_rules.check_station(self.station)
        if self.key is not None and self.key not in fact_rules.facts:
            raise LedgerError(
                "unknown-fact", field="key", name=self.key, nearest=nearest_text(self.key, [*fact_rules.facts])
            )
        return self


def swings(settings: Settings, asked: BasisOptions, which: SwingScope, *, json: bool) -> None:
    """List the swings of a station, of a county's stations, or of all."""
    with wiring.open_views(settings) as views:
        basis = asked.resolve(views.log, settings)
        fact_rules = wiring.fact_rules(views.log, basis)
        which = which.read(fact_rules)
        stations = stations_asked(views, basis, station=which.station, county=which.county)
        wanted = SwingFilter(which.months or bounds().swing_months, which.limit or bounds().shown, which.key)
        with steps_bar(say(settings.language, "looking-through")) as progress:
            found = swings_at(views, basis, fact_rules, stations, wanted, progress)
        if json:
            question.print_json({"basis": basis.fields(), "months": wanted.months} | found._asdict())
            return
        _show(
            found,
            FactWords(views, basis, fact_rules, settings.language),
            Labels(views.log, settings.language, basis.known),
        )
        counts = {"count": found.total, "assessments": found.assessments, "months": wanted.months}
        question.print_sentence(say(settings.language, "swings-of", **counts))
        question.print_basis(basis, settings)


def _show(found: SwingsFound, words: FactWords, labels: Labels) -> None:
    """Show the swings assessment by assessment: of each fact a line before, one at the assessment and one after."""
    rows: list[NotedRow] = []
    last: Swing | None = None
    for one in found.swings:
        above = [words.fact(one.fact)]
        if last is None or last.assessment != one.assessment:
            level = labels.of("level", one.standard)
            assessment = {"entry": one.assessment, "on": one.assessed, "standard": level}
            heading = say(words.language, "swing-assessment", by=words.by(one.office, one.station), **assessment)
            place = [words.place(one.station, one.county)] if last is None or last.station != one.station else []
            above = ["", *place, heading, *above]
        rows += _rows(one, above, words)
        last = one
    if rows:
        question.print_noted(FIELDS, rows, words.language)
    if found.total > len(found.swings):
        question.print_sentence(say(words.language, "shown-of", shown=len(found.swings), total=found.total))


def _rows(one: Swing, above: list[str], words: FactWords) -> Iterator[NotedRow]:
    language = words.language
    requirements = say(language, "comma").join(one.requirements)
    for when in ("before", "at", "after"):
        held: MeasuredValue = getattr(one, when)
        cells = (text("when", when, language), _value(one, held, words), words.by(held.office, one.station))
        below = [say(language, "voided-entry", by=held.voided_by)] if held.voided_by else []
        if when == "after":
            below.append(say(language, "swing-requirements", requirements=requirements))
        yield NotedRow((*cells, held.on, held.entry), above if when == "before" else (), below)


def _value(one: Swing, held: MeasuredValue, words: FactWords) -> Any:
    if one.measure == "items":
        return say(words.language, "items", count=held.value)
    return words.value(one.fact, held.value)[0]
