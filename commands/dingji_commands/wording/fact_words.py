"""What is stated of facts, in words: the fact, its value and who states it."""

from __future__ import annotations

from typing import Any, Final

from dingji_commands.terminal.layout import fitted, width
from dingji_commands.terminal.output import print_text
from dingji_commands.wording.labels import OfficeNames
from dingji_commands.wording.values import labels_of, value_text
from dingji_commands.wording.words import say
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.facts.fact_statements import FactRules
from dingji_projections.tables.names import name_at

SHORT: Final = 24
"""Columns of a value that stands in a table; a longer one stands below its row."""


class FactWords:
    """What is stated of one ledger's facts, in one language."""

    def __init__(self, views: Views, basis: Basis, fact_rules: FactRules, language: str) -> None:
        """Take what offices and stations are called from the basis, what facts are called from the dictionary."""
        self._views, self._basis, self._facts = views, basis, fact_rules.facts
        self.language = language
        self._offices = OfficeNames(views.log, basis.on, basis.known)
        self._stations: dict[str, str] = {}
        self._cut = False

    def fact(self, key: str) -> str:
        """Return a fact with its label and unit."""
        kind = self._facts.get(key)
        if kind is None:
            return key
        unit = say(self.language, "comma") + kind.unit[self.language] if kind.unit else ""
        return say(self.language, "fact-named", key=key, label=kind.label[self.language] + unit)

    def value(self, key: str, value: Any) -> tuple[Any, list[str]]:
        """Return a value as a cell, and as lines below it where it is too long for one."""
        kind = self._facts.get(key)
        shown = value_text(value, self.language, labels_of([kind] if kind else [], self.language))
        self._cut = self._cut or "…" in shown
        if width(shown) <= SHORT and not (isinstance(value, list) and value and isinstance(value[0], dict)):
            return shown, []
        if isinstance(value, list):
            return say(self.language, "items", count=len(value)), [shown]
        return "…", [shown]

    def print_cut(self) -> None:
        """Say that a value was cut, if one was."""
        if self._cut:
            print_text(fitted(say(self.language, "values-cut")))

    def station(self, code: str) -> str:
        """Return the name of a station, its code where it has none."""
        if code not in self._stations:
            self._stations[code] = name_at(self._views, code, self._basis.on, self._basis.known) or code
        return self._stations[code]

    def by(self, office: str, station: str, person: str | None = None) -> str:
        """Return who states something: an office, or the station itself; and the person."""
        name = self.station(station) if office == station else self._offices[office]
        return f"{name} {person}" if person else name

    def place(self, code: str, county: str | None) -> str:
        """Return a station with its name and county."""
        name = self.station(code)
        named = code if name == code else f"{code} {name}"
        return say(self.language, "station-of", station=named, county=self._offices[county]) if county else named
