"""The words that a ledger's own log has for its codes, so that an answer needs no plugin: levels, sizes, offices."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, tzinfo
from typing import TYPE_CHECKING, Any, Final

from dingji.store.log import Log
from dingji_commands.wording.words import label, say, text
from dingji_projections.engine.basis import zone_of
from dingji_projections.engine.entry_check import read_as_plain_json
from dingji_projections.records.offices import office_name

if TYPE_CHECKING:
    from dingji_projections.cases.cases import AwaitedStep, TakenStep

_KINDS: Final = {
    "level": "level",
    "to": "level",
    "held": "level",
    "standard": "level",
    "size": "size",
    "serves": "place",
    "tier": "tier",
    "kind": "round",
}
"""The fields that hold a code of the notice, each with the kind of its words; a standard is called by its level."""

_OFFICES: Final = frozenset({"county", "office", "parent", "successor"})

Words = dict[str, dict[str, dict[str, str]]]


def adopted_words(log: Log, known: int | None = None) -> Words:
    """Return the words of every notice adopted by a position, by kind and code; those adopted last win."""
    found = (row for stream in log.streams("notice:") for row in log.stream(stream, upto=known))
    rows = [row for row in found if row.topic == "NoticeAdopted"]
    words: Words = {}
    for row in sorted(rows):
        with read_as_plain_json(row):
            for kind, labels in json.loads(row.state)["words"].items():
                words.setdefault(kind, {}).update(labels)
    return words


class OfficeNames(dict[str, str]):
    """The names of offices, each read when it is first asked for; an office without one stands for itself."""

    def __init__(self, log: Log, on: date, known: int) -> None:
        """Name them as on a date, as known at a position."""
        super().__init__()
        self._log, self._on, self._known = log, on, known

    def __missing__(self, code: str) -> str:
        """Read one name."""
        name = self[code] = office_name(self._log, code, self._on, self._known) or code
        return name


def step_names(steps: Iterable[TakenStep], language: str) -> str:
    """Return the steps of a case, each with the version of its entry."""
    return " ".join(f"{text('verb', step.verb, language)}@{step.entry.rpartition('@')[2]}" for step in steps)


class Labels:
    """The labels of one ledger in one language; a code without a label stands for itself."""

    def __init__(self, log: Log, language: str, known: int | None = None) -> None:
        """Read them from a log, up to a position, when the first is asked for."""
        self._log, self.language, self._known = log, language, known
        self._words: Words | None = None

    @property
    def zone(self) -> tzinfo:
        """The zone in which the ledger's days are meant."""
        return zone_of(self._log)

    def codes(self, kind: str) -> dict[str, str]:
        """Return every code of a kind with its label."""
        return {code: label.get(self.language, code) for code, label in self._read().get(kind, {}).items()}

    def names(self, kind: str) -> dict[str, set[str]]:
        """Return every code of a kind with its labels in all languages, in lower case."""
        return {
            code: {name.casefold() for name in label.values()} for code, label in self._read().get(kind, {}).items()
        }

    def _read(self) -> Words:
        if self._words is None:
            self._words = adopted_words(self._log, self._known)
        return self._words

    def of(self, kind: str, code: Any) -> Any:
        """Return the label of a code."""
        return self.codes(kind).get(code, code)

    def next_step(self, awaits: AwaitedStep, office: str | None) -> str:
        """Return the step that a case waits for, and the name of the office that takes it, or of its tier."""
        verb = label("verb", awaits.verb, self.language)
        step = f"{verb} {office or self.of('tier', awaits.tier)}"
        return say(self.language, "desk-closed", desk=step) if awaits.closed else step

    def fields(self, fields: dict[str, Any], offices: OfficeNames | None = None) -> dict[str, Any]:
        """Return fields with labels in place of the codes that have one; an office's is its name."""
        return {name: self._label(name, value, offices) for name, value in fields.items()}

    def _label(self, name: str, value: Any, offices: OfficeNames | None) -> Any:
        if value is None or not isinstance(value, str):
            return value
        if name in _OFFICES:
            return value if offices is None else offices[value]
        if name in {"verdict", "verb"}:
            return text(name, value, self.language) or value
        return self.of(_KINDS[name], value) if name in _KINDS else value
