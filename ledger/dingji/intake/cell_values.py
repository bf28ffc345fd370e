"""Cells of a spreadsheet, as a clerk fills them in, read as the values of facts."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from dingji.catalogue.value_types import Form
from dingji.intake.csv_table import unique_keys

YES: Final = frozenset({"true", "yes", "是", "有", "1"})
NO: Final = frozenset({"false", "no", "否", "无", "0"})
NONE: Final = frozenset({"none", "无", "没有", "[]"})
"""What a clerk writes for an empty list; an empty cell is no statement at all."""

_NUMBER: Final = re.compile(r"-?(\d{1,18}|\d{1,3}(,\d{3}){1,5})", re.ASCII)
_DAY: Final = re.compile(r"(?P<year>\d{4})(?:-|/|\.|年)(?P<month>\d{1,2})(?:-|/|\.|月)(?P<day>\d{1,2})日?", re.ASCII)
_ITEMS: Final = re.compile(r"[;；\n]")
_PARTS: Final = re.compile(r"[|｜+]")

Value = tuple[Any, str | None]
"""(value, None), or (None, why): a key of [why]."""


def value_of(form: Form, cell: str) -> Value:
    """Return the value of a cell that is not empty, by its fact's form; the form still has to check the value."""
    if form.items:
        return _list(form.items, cell)
    return _scalar(form, cell)


def _scalar(form: Form, cell: str) -> Value:
    if form.type == "int":
        return (int(cell.replace(",", "")), None) if _NUMBER.fullmatch(cell) else (None, "int-form")
    if form.type == "bool":
        answer = form.code(cell).casefold()
        return (answer in YES, None) if answer in YES | NO else (None, "bool-form")
    if form.type == "date" and (parts := _DAY.fullmatch(cell)):
        return f"{parts['year']}-{int(parts['month']):02}-{int(parts['day']):02}", None
    return form.code(cell), None


def _list(items: Form, cell: str) -> Value:
    if cell.casefold() in NONE:
        return [], None
    if cell.startswith("["):
        try:
            return json.loads(cell, object_pairs_hook=unique_keys), None
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
    """Return a record written as `name=value, name=value`; a comma inside a value does not separate fields."""
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
