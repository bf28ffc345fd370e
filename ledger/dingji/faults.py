"""What can be wrong: coded faults as values, and the errors that no submission can mend."""

from __future__ import annotations

import functools
import tomllib
from datetime import date
from importlib import resources
from typing import Any, Final

import msgspec

from dingji.harmless import visible
from dingji.texts import LANGUAGES, SEPARATORS, Text, fill, sentence

MOST_LISTED: Final = 12
"""Items that a message names before it only counts."""

MOST_LINES: Final = 200
"""Items that a message names in lines of their own."""

MORE: Final[Text] = {"zh": " 等 {count} 项", "en": " … ({count} in all)"}
"""What follows the first items of a long list."""


class FaultKind(msgspec.Struct, frozen=True):
    """One entry of faults.toml: what a code says and how to mend it."""

    message: Text
    hint: Text
    irregular: bool = False
    """Whether `irregular: <reason>` records the act all the same (rules marked (i))."""
    lines: str | None = None
    """The argument whose items stand in lines of their own: whoever mends them goes through them one by one."""


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something wrong with one field of one submission, or of the act that it records."""

    code: str
    field: str | None = None
    clause: str | None = None
    args: dict[str, Any] = {}

    def render(self, language: str) -> dict[str, Any]:
        """Return the fault as receipts show it, in `language` ("zh" or "en"); what its message quotes is visible."""
        kind = fault_kinds()[self.code]
        words = {name: _word(value, language, lines=name == kind.lines) for name, value in self.args.items()}
        return {
            "code": self.code,
            "field": self.field,
            "clause": self.clause,
            "message": sentence(kind.message[language], language, words, gaps=True),
            "hint": sentence(kind.hint[language], language, words, gaps=True),
        }

    def argument(self, name: str, language: str) -> str:
        """Return one argument of the message in words."""
        return str(_word(self.args[name], language))

    @property
    def message(self) -> Text:
        """The message in every language."""
        return {language: self.render(language)["message"] for language in LANGUAGES}


class LedgerError(Exception):
    """What stops a whole command: carries one fault. The base of every error the ledger raises."""

    def __init__(self, code: str, *, field: str | None = None, **args: Any) -> None:
        super().__init__(code)
        self.fault = Fault(code=code, field=field, args=args)


class IntegrityBroken(LedgerError):
    """The ledger's own bytes contradict each other: exit code 3."""


def inconsistent(why: str, *, position: int = 0, entry: str = "") -> IntegrityBroken:
    """Return the error of a log that contradicts itself at a position, at an entry, or at both."""
    place: Text | str = entry
    if position:
        place = fill(reasons()["at-entry" if entry else "at-position"], position=position, entry=entry)
    return IntegrityBroken("log-inconsistent", place=place, position=position, entry=entry, why=why)


def _word(value: Any, language: str, *, lines: bool = False) -> Any:
    """Return an argument in one language: a {zh, en} text, a key of [why], or a list of either."""
    if isinstance(value, dict):
        return visible(str(value.get(language) or next(iter(value.values()), "")))
    if isinstance(value, list | tuple):
        return _listed([str(_word(item, language)) for item in value], language, lines=lines)
    if isinstance(value, str):
        return visible(reasons().get(value, {language: value})[language])
    return value if isinstance(value, int | date) else visible(str(value))


def _listed(items: list[str], language: str, *, lines: bool) -> str:
    """Join the items of a message; of a long list the first, and how many there are."""
    start, joint = ("\n  ", "\n  ") if lines else ("", SEPARATORS[language])
    most = MOST_LINES if lines else MOST_LISTED
    more = sentence(MORE[language], language, {"count": len(items)}) if len(items) > most else ""
    return start + joint.join(items[:most]) + more


@functools.cache
def _data() -> dict[str, Any]:
    text = resources.files("dingji").joinpath("faults.toml").read_text("utf-8")
    return tomllib.loads(text)


@functools.cache
def fault_kinds() -> dict[str, FaultKind]:
    """Return every code that a fault, irregularity or note can carry."""
    return msgspec.convert(_data()["fault"], dict[str, FaultKind])


@functools.cache
def reasons() -> dict[str, Text]:
    """Return the short reasons that `bad-value` and its like insert as {why}."""
    return msgspec.convert(_data()["why"], dict[str, Text])
