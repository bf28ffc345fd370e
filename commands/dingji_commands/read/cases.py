"""`dingji cases`: what was applied for, who must act next and since when, or how it ended."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Any, Final

from dingji_commands.app import question, shell, wiring
from dingji_commands.app.question import BasisOptions
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.output import print_text
from dingji_commands.wording.labels import Labels, OfficeNames, step_names
from dingji_commands.wording.words import label, say, text
from dingji_projections.ask import lookups
from dingji_projections.ask.bounds import bounds
from dingji_projections.cases.cases import STATES, CaseFilter, CaseRow, CaseStanding, listed_cases
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views

SHOWN: Final = {
    "stalled": ("entry", "name", "county", "awaits", "days", "why", "steps"),
    "open": ("entry", "name", "county", "awaits", "days", "steps"),
    "ended": ("entry", "name", "county", "how", "ended_on", "steps"),
}
"""The columns of a table, by state."""
FIELDS: Final = (
    *("station", "name", "county", "level", "round", "state", "applied", "entry", "since", "days"),
    *("awaits", "office", "stalled", "ended", "ended_on", "ended_entry", "steps"),
)
"""The columns of CSV: `office` is the one that must act next, or that ended it."""


@question.question(
    "cases",
    shell.option("--round", metavar="ROUND"),
    shell.option("--office", metavar="CODE"),
    question.COUNTY,
    shell.option("--station", metavar="CODE"),
    shell.option("--days", type=shell.DAYS, metavar="N"),
    shell.flag("--open"),
    shell.flag("--stalled"),
    shell.flag("--ended"),
    question.LIMIT,
    question.JSON,
    question.CSV,
)
def cases(settings: Settings, asked: BasisOptions, *, days: int | None, limit: int | None, **which: Any) -> None:
    """List the cases."""
    form = question.form_of(settings, json=which.pop("json"), csv=which.pop("csv"))
    states = _states(**{name: which.pop(name) for name in ("open", "stalled", "ended")})
    wanted = CaseFilter(bounds().stalled_days if days is None else days, states=states, **which)
    with wiring.open_views(settings) as views:
        basis = asked.resolve(views.log, settings)
        _check(views, basis, wanted)
        found = listed_cases(views, basis, wiring.notice_rules(views.log, basis, settings, required=True), wanted)
        if form == "json":
            counts = Counter(case.state for case in found)
            totals = {"total": len(found), "states": {state: counts[state] for state in ("open", "stalled", "ended")}}
            question.print_json({"basis": basis.fields(), "days": wanted.days} | totals | {"cases": found[:limit]})
        elif form == "csv":
            question.print_csv(FIELDS, map(_cells, found[:limit]))
        else:
            _show(views, settings, basis, found, limit or bounds().shown)


def _states(*, open: bool, stalled: bool, ended: bool) -> frozenset[CaseStanding]:  # noqa: A002 (the option's name)
    """Return the states that are asked for: a case that stands still is open all the same."""
    asked = {"open": open, "stalled": open or stalled, "ended": ended}
    return frozenset(state for state in STATES if asked[state] or not any(asked.values()))


def _check(views: Views, basis: Basis, wanted: CaseFilter) -> None:
    """Refuse what the ledger never had, as known at the basis."""
    if wanted.round is not None:
        lookups.check_round(views.log, wanted.round, basis.known)
    if wanted.office is not None:
        lookups.check_submitter(views.log, wanted.office, basis)
    if wanted.county is not None:
        lookups.check_office(views.log, wanted.county, basis, "county")
    if wanted.station is not None:
        lookups.check_registered(views.log, wanted.station, basis)


def _cells(case: CaseRow) -> list[Any]:
    ended, awaits = case.ended, case.awaits
    own = [getattr(case, name) for name in FIELDS[:10]]
    end = (ended.how, ended.on, ended.entry) if ended else (None, None, None)
    steps = " ".join(step.entry for step in case.steps)
    return [*own, awaits and awaits.verb, case.office, " ".join(case.stalled), *end, steps]


def _show(views: Views, settings: Settings, basis: Basis, found: list[CaseRow], most: int) -> None:
    """Show cases by state, level and round, then how many there are of each state."""
    language, shown = settings.language, found[:most]
    table = CaseTable(views, settings, basis)
    sizes = Counter(map(_section, found))
    for section, cases in groupby(shown, _section):
        print_text(table.heading(section, sizes[section]))
        names = SHOWN[section[0]]
        rows = [[cells[name] for name in names] for cells in map(table.cells, cases)]
        question.print_table(names, rows, language)
        print_text()
    if len(shown) < len(found):
        question.print_sentence(say(language, "shown-of", shown=len(shown), total=len(found)))
    ends = Counter(text("how", case.ended.how, language) for case in found if case.ended)
    if ends:
        ended = say(language, "comma").join(f"{name} {count}" for name, count in ends.items())
        question.print_sentence(say(language, "counted-ends", ends=ended))
    question.print_basis(basis, settings, count=len(found))


def _section(case: CaseRow) -> tuple[CaseStanding, str, str]:
    return case.state, case.round, case.level


class CaseTable:
    """Cases as rows of a table, with the labels of their ledger."""

    def __init__(self, views: Views, settings: Settings, basis: Basis) -> None:
        self.language = settings.language
        self._labels = Labels(views.log, settings.language, basis.known)
        self._offices = OfficeNames(views.log, basis.on, basis.known)

    def heading(self, section: tuple[CaseStanding, str, str], count: int) -> str:
        """Return what stands above the cases of one state, round and level."""
        state, round_, level = section
        name = text("state", state, self.language)
        return say(
            self.language, "cases-of", state=name, level=self._labels.of("level", level), round=round_, count=count
        )

    def cells(self, case: CaseRow) -> dict[str, Any]:
        """Return what a table says of a case, by column."""
        return {
            "entry": case.entry,
            "name": case.name,
            "county": self._offices[case.county],
            "awaits": self._labels.next_step(case.awaits, self._office(case)) if case.awaits else None,
            "days": case.days,
            "why": say(self.language, "comma").join(self._why(case)),
            "how": self._how(case),
            "ended_on": case.ended and case.ended.on,
            "steps": step_names(case.steps, self.language),
        }

    def _why(self, case: CaseRow) -> list[str]:
        return [label("stalled", why, self.language) for why in case.stalled]

    def _how(self, case: CaseRow) -> str | None:
        return f"{text('how', case.ended.how, self.language)} {self._office(case)}" if case.ended else None

    def _office(self, case: CaseRow) -> str | None:
        if case.office is None:
            return None
        return case.name if case.office == case.station else self._offices[case.office]
