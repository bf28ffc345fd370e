"""How a value of a fact is written into a cell of a table: its form, codes and bounds, in words."""

from __future__ import annotations

from typing import Final

from dingji.catalogue.facts import code_and_label
from dingji.catalogue.value_types import Form
from dingji_commands.wording.words import filled

LARGEST: Final = 2**53 - 1
"""The bound of a number that has none of its own."""


def hint(form: Form, language: str) -> str:
    """Return in words how a value is written into a cell."""
    if form.items:
        return _hint("list", language, item=hint(form.items, language))
    if form.fields:
        return ", ".join(f"{name}={_field_hint(inner, language)}" for name, inner in form.fields.items())
    if form.values:
        return _hint("enum", language, values=" / ".join(codes(form, language)))
    return _hint(form.type, language) + bounds(form, language)


def _field_hint(form: Form, language: str) -> str:
    if form.items:
        return _hint("inner", language, item=_field_hint(form.items, language))
    if form.values:
        return "/".join(codes(form, language))
    return _hint("day" if form.type == "date" else form.type, language) + bounds(form, language)


def codes(form: Form, language: str) -> list[str]:
    """Return the codes that a form can hold, each with its label."""
    return [code_and_label(code, label)[language] for code, label in form.values.items()]


def bounds(form: Form, language: str) -> str:
    """Return the range of a number, nothing where it has none."""
    if form.type != "int" or form.maximum == LARGEST:
        return ""
    return _hint("range", language, first=str(form.minimum), last=str(form.maximum))


def _hint(name: str, language: str, **words: str) -> str:
    return filled("hint", name, language, **words)
