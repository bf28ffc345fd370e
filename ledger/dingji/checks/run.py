"""Runs one check: whatever it raises, or returns that is not a finding, becomes an error that names its owner."""

from __future__ import annotations

from typing import Any, Final

from dingji.catalogue.standard import Requirement
from dingji.checks.check import Check, Finding
from dingji.checks.dossier import Dossier
from dingji.checks.reasons import SAY
from dingji.events.submissions import LARGEST_INTEGER
from dingji.terms import Outcome
from dingji.texts import LANGUAGES
from dingji.traces import clean, in_brief

DEEPEST: Final = 4
TEXT_KEYS: Final = frozenset(LANGUAGES)


class TookTooLong(BaseException):
    """Raised in a check whose time is up, by whoever limits the time; its own `except Exception` does not catch it."""


def run(requirement: Requirement, view: Dossier, check: Check | None) -> Finding:
    """Return a check's finding, or an error in its place: a check is never skipped."""
    if check is None:
        return Finding(Outcome.ERROR, reason=SAY("no-check", check=requirement.check))
    try:
        finding, wrong = _answered(check, requirement, view)
    except TookTooLong:
        return _error("too-long", requirement, check)
    except (Exception, SystemExit) as error:  # whatever a plugin raises is its finding
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next  # without this module's own places
        return _error("raised", requirement, check, trace=in_brief(error))
    return _error("nonsense", requirement, check, detail=wrong) if wrong else finding


def _answered(check: Check, requirement: Requirement, view: Dossier) -> tuple[Finding, str | None]:
    """Return what a check answers, and why that is not a finding."""
    finding = check.function(requirement, view)
    return finding, _nonsense(finding, requirement)


ANSWERED: Final = _answered.__code__
"""By a call of this, whoever limits the time tells one run of a check from the next."""


def _error(phrase: str, requirement: Requirement, check: Check, **words: str) -> Finding:
    owner = f"{check.owner.distribution} {check.owner.version}"
    return Finding(Outcome.ERROR, reason=SAY(phrase, check=requirement.check, owner=owner, **words))


def _nonsense(finding: Any, requirement: Requirement) -> str | None:
    """Return why a check's answer is not a finding, None if it is one."""
    if not isinstance(finding, Finding):
        return type(finding).__name__
    if type(finding.outcome) is not Outcome or finding.outcome is Outcome.ERROR:
        return f"outcome = {clean(repr(finding.outcome))}"
    if finding.outcome is Outcome.NEEDS_JUDGEMENT and not requirement.judges:
        return "needs_judgement, registered without judges=True"
    if not (_is_plain(finding.measured) and _is_plain(finding.required)):
        return "measured, required: plain data without floats"
    if finding.reason is not None and not _is_reason(finding.reason):
        return "reason: {zh, en}"
    return None


def _is_reason(reason: Any) -> bool:
    """Return whether a value is a text in the languages of the house and no other, all of which can be encoded."""
    if not isinstance(reason, dict) or reason.keys() != TEXT_KEYS:
        return False
    for text in reason.values():
        if not isinstance(text, str) or not text or text.isspace() or not (text.isascii() or clean(text) == text):
            return False
    return True


def _is_plain(value: Any, depth: int = DEEPEST) -> bool:
    """Return whether a value can stand in an event: no floats, no objects, no great depth (hot path)."""
    if isinstance(value, str):
        return value.isascii() or clean(value) == value
    if value is None or isinstance(value, int):
        return value is None or abs(value) <= LARGEST_INTEGER
    if depth == 0 or not isinstance(value, list | tuple | dict):
        return False
    if isinstance(value, dict):
        return all(map(_is_string, value)) and _is_plain(list(value.values()), depth)
    for item in value:  # noqa: SIM110  (a generator takes twice as long)
        if not _is_plain(item, depth - 1):
            return False
    return True


def _is_string(value: Any) -> bool:
    return isinstance(value, str)
