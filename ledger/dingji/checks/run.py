"""Runs one check: whatever it raises, or returns that is not a finding, becomes an error that names its owner."""

from __future__ import annotations

from enum import Enum
from types import NoneType
from typing import Any, Final

import msgspec

from dingji.catalogue.standard import Requirement
from dingji.characters import SURROGATE, is_blank
from dingji.checks.check import UNDETERMINED, Check, Finding
from dingji.checks.dossier import Dossier
from dingji.checks.reasons import SAY
from dingji.events.submissions import LARGEST_INTEGER
from dingji.terms import Outcome
from dingji.texts import LANGUAGES
from dingji.traces import in_brief, one_line

DEEPEST: Final = 4
LARGEST: Final = 64 << 10
"""How large the figures and the reason of one finding may be: bytes of JSON, or characters of text."""
TEXT_KEYS: Final = frozenset(LANGUAGES)
SMALL: Final = frozenset({int, bool, NoneType})
"""The types of a figure that is never large."""
ENCODER: Final = msgspec.json.Encoder()


class TookTooLong(BaseException):
    """Raised in a check whose time is up, by whoever limits the time; its own `except Exception` does not catch it."""


class PersonInterrupted(KeyboardInterrupt):
    """A person pressed Ctrl-C while a plugin's code ran. Any other KeyboardInterrupt in it is the plugin's own."""


def run(requirement: Requirement, view: Dossier, check: Check | None) -> Finding:
    """Return a check's finding, or an error in its place: a check is never skipped."""
    if check is None:
        return Finding(Outcome.ERROR, reason=SAY("no-check", check=requirement.check))
    try:
        return _answered(check, requirement, view)
    except TookTooLong:
        return _error("too-long", requirement, check)


def _answered(check: Check, requirement: Requirement, view: Dossier) -> Finding:
    """Return what a check answers, or an error where that is no finding; all code of a plugin's runs in here."""
    try:
        finding = check.function(requirement, view)
        wrong = None if finding is UNDETERMINED else _nonsense(finding, requirement)  # many are (hot path)
    except (TookTooLong, PersonInterrupted):
        raise
    except BaseException as error:  # whatever a plugin raises is its finding: KeyboardInterrupt and GeneratorExit too
        return _error("raised", requirement, check, trace=in_brief(error))
    return _error("nonsense", requirement, check, detail=wrong) if wrong else finding


ANSWERED: Final = _answered.__code__
"""By a call of this, whoever limits the time tells one run of a check from the next."""


def _error(phrase: str, requirement: Requirement, check: Check, **words: str) -> Finding:
    owner = f"{check.owner.distribution} {check.owner.version}"
    return Finding(Outcome.ERROR, reason=SAY(phrase, check=requirement.check, owner=owner, **words))


def _nonsense(finding: Any, requirement: Requirement) -> str | None:
    """Return why a check's answer is not a finding, None if it is one."""
    if type(finding) is not Finding:  # a subclass could answer something else each time that it is asked
        return one_line(type(finding).__name__)
    if type(finding.outcome) is not Outcome or finding.outcome is Outcome.ERROR:
        return f"outcome = {one_line(repr(finding.outcome))}"
    if finding.outcome is Outcome.NEEDS_JUDGEMENT and not requirement.judges:
        return "needs_judgement, registered without judges=True"
    if not (_is_plain(finding.measured) and _is_plain(finding.required)):
        return "measured, required: plain data without floats"
    if finding.reason is not None and not _is_reason(finding.reason):
        return "reason: {zh, en}"
    size = _size(finding)
    return f"measured, required, reason: {size:,} > {LARGEST:,}" if size > LARGEST else None


def _size(finding: Finding) -> int:
    """Return how large the figures and the reason of a finding are, once they are known to be plain (hot path)."""
    figures = finding.measured, finding.required
    size = 0 if type(figures[0]) in SMALL and type(figures[1]) in SMALL else len(ENCODER.encode(figures))
    if finding.reason is not None:
        for text in finding.reason.values():
            size += len(text)
    return size


def _is_reason(reason: Any) -> bool:
    """Return whether a value is a text in the languages of the house and no other, all of which can be encoded."""
    if not isinstance(reason, dict) or reason.keys() != TEXT_KEYS:
        return False
    return all(type(text) is str and not is_blank(text) and not SURROGATE.search(text) for text in reason.values())


def _is_plain(value: Any, depth: int = DEEPEST) -> bool:
    """Return whether a value can stand in an event: no floats, no objects, no great depth (hot path)."""
    if type(value) is str:
        return SURROGATE.search(value) is None
    if type(value) in SMALL:
        return value is None or abs(value) <= LARGEST_INTEGER
    if depth == 0 or not isinstance(value, list | tuple | dict):
        return isinstance(value, Enum) and _is_plain(value.value, depth)
    if isinstance(value, dict):
        return all(map(_is_string, value)) and _is_plain(list(value.values()), depth)
    for item in value:  # noqa: SIM110  (a generator takes twice as long)
        if not _is_plain(item, depth - 1):
            return False
    return True


def _is_string(value: Any) -> bool:
    return isinstance(value, str)
