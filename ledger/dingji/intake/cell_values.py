"""What a clerk writes into a cell of a spreadsheet, read as the value of a fact's form."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from dingji.catalogue.value_types import Form

YES: Final = frozenset({"true", "yes", "是", "有", "1"})
NO: Final = frozenset({"false", "no", "否", "无", "0"})
NONE: Final = frozenset({"none", "无", "没有", "[]"})
"""What says that a list has nothing in it: an empty cell says nothing at all."""

_NUMBER: Final = re.compile(r"-?(\d{1,18}|\d{1,3}(,\d{3}){1,5})", re.ASCII)
_DAY: Final = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?", re.ASCII)
_ITEMS: Final = re.compile(r"[;；\n]")
_PARTS: Final = re.compile(r"[|｜+]")

Value = tuple[Any, str | None]
"""(value, None), or (None, why): a key of [why]."""


def value_of(form: Form, cell: str) -> Value:
    """Return what a cell that is not empty says, by its fact's form; the form itself still judges the value."""
    if form.items:
        return _list(form.items, cell)
    return _scalar(form, cell)


def _scalar(form: Form, cell: str) -> Value:
    if form.type == "int":
        return (int(cell.replace(",", "")), None) if _NUMBER.fullmatch(cell) else (None, "int-form")
    if form.type == "bool":
        said = form.code(cell).casefold()
        return (said in YES, None) if said in YES | NO else (None, "bool-form")
    if form.type == "date" and (day := _DAY.fullmatch(cell)):
        return f"{day[1]}-{int(day[2]):02}-{int(day[3]):02}", None
    return form.code(cell), None


def _list(items: Form, cell: str) -> Value:
    if cell.casefold() in NONE:
        return [], None
    if cell.startswith("["):
        try:
            return json.loads(cell, object_pairs_hook=_object), None
        except (ValueError, RecursionError):
            return None, "list-form"
    return _each(items, [part.strip() for part in _ITEMS.split(cell) if part.strip()])


def _each(form: Form, parts: list[str]) -> Value:
    values = []
    for part in parts:
        value, why = _record(form, part) if form.fields else _scalar(form, part)
        if why is not None:
            return None, why
        values.append(value)
    return values, None


def _record(form: Form, part: str) -> Value:
    """Return a record written as `name=value, name=value`; a comma inside a value is no border between fields."""
    names = "|".join(map(re.escape, form.fields))
    record: dict[str, Any] = {}
    for field in re.split(rf"[,，]\s*(?=(?:{names})\s*[=＝])", part):
        name, equals, text = field.replace("＝", "=", 1).partition("=")
        name, text = name.strip(), text.strip()
        if not equals or name not in form.fields or name in record:
            return None, "record-form"
        inner = form.fields[name]
        value, why = _each(inner.items, _PARTS.split(text)) if inner.items else _scalar(inner, text)
        if why is not None:
            return None, why
        record[name] = value
    return record, None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        raise ValueError("a key stands twice")
    return read
