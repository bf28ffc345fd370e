"""How a fact's value is written into a cell, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dingji_commands.words import text

if TYPE_CHECKING:
    from dingji.forms import Form


def hint(form: Form, language: str) -> str:
    """Return in words how a value is written into a cell."""
    if form.items:
        return _hint("list", language, item=hint(form.items, language))
    if form.fields:
        return ", ".join(f"{name}={_field_hint(inner, language)}" for name, inner in form.fields.items())
    return _hint(form.type, language, values=" / ".join(form.values))


def _field_hint(form: Form, language: str) -> str:
    if form.items:
        return _hint("inner", language, item=_field_hint(form.items, language))
    return "/".join(form.values) or _hint("day" if form.type == "date" else form.type, language)


def _hint(name: str, language: str, **words: str) -> str:
    return (text("hint", name, language) or name).format_map(words)
