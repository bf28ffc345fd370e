"""Values of facts and findings in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from dingji.catalogue.facts import FactKind
from dingji_commands.wording.words import say

SHOWN_DIGITS: Final = 12
"""Digits of a digest that a person is shown."""

LONGEST: Final = 80
"""Characters of a measured value that are shown; JSON has it whole."""


def says(value: Any) -> bool:
    """Return whether a value holds anything: the parts of a combined check may all be unknown."""
    if isinstance(value, dict):
        return any(says(inner) for inner in value.values())
    if isinstance(value, list | tuple) and value:
        return any(says(inner) for inner in value)
    return value is not None


def labels_of(kinds: Iterable[FactKind], language: str) -> dict[str, str]:
    """Return the label of every code that some facts can hold."""
    return {
        code: label[language] for kind in kinds for form in kind.form.parts() for code, label in form.values.items()
    }


def value_text(value: Any, language: str, codes: Mapping[str, str], longest: int | None = LONGEST) -> str:
    """Return a value in words: yes or no, the label of a code, a list's items in a row, a record's fields by name.

    It is cut at `longest` characters; None leaves it whole.
    """
    if value is None:
        return "—"
    if isinstance(value, bool):
        return say(language, "yes" if value else "no")
    if isinstance(value, dict):
        parts = (f"{key} {value_text(inner, language, codes, longest)}" for key, inner in value.items())
        shown = say(language, "comma").join(parts)
    elif isinstance(value, list | tuple):
        shown = say(language, "comma").join(value_text(inner, language, codes, longest) for inner in value) or "—"
    else:
        shown = codes.get(value, value) if isinstance(value, str) else str(value)
    return shown if longest is None or len(shown) <= longest else f"{shown[:longest]}…"


def short_digest(digest: str) -> str:
    """Return the beginning of a digest, as people are shown it; JSON has it whole."""
    return f"{digest[:SHOWN_DIGITS]}…"
