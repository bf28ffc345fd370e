"""What a fact's value looks like, and what is wrong with one that does not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final, Literal, NamedTuple, cast

import msgspec

from dingji.characters import is_blank
from dingji.events.submissions import LARGEST_INTEGER
from dingji.texts import Text

SCALARS: Final = ("int", "bool", "date", "text")
PYTHON_TYPES: Final[dict[str, type]] = {"int": int, "bool": bool}
"""The types that are not kept as text."""
LONGEST_TEXT: Final = 2000
FIRST_DAY: Final = "1949-10-01"
LAST_DAY: Final = "2100-12-31"

DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_STEPS: Final = re.compile(r"\[(\d+)\]|\.(\w+)")


class ValueFault(NamedTuple):
    """What is wrong with a value: where, such as `[2].date` (empty for all of it), and why, a key of [why]."""

    place: str
    why: str


class Form(msgspec.Struct, frozen=True):
    """What a value looks like: a scalar, one of `values`, a list of `items`, or a record of `fields`."""

    type: Literal["int", "bool", "date", "text", "enum", "list", "record"]
    values: dict[str, Text] = {}
    """The codes of an enum, each with its label; of a bool `true` and `false`, where they have labels of their own."""
    items: Form | None = None
    fields: dict[str, Form] = {}
    minimum: int = 0
    maximum: int = LARGEST_INTEGER

    @property
    def name(self) -> str:
        """The type in one word; a list with that of its items: `list[int]`."""
        return f"list[{self.items.type}]" if self.items else self.type

    def word(self, value: Any) -> Any:
        """Return the label of a code that this form, or a list of it, can hold; any other value as it is."""
        values = (self.items or self).values
        code = str(value).lower() if isinstance(value, bool) else value
        return values.get(code, value) if values and isinstance(code, str) else value

    def parts(self) -> Iterator[Form]:
        """Yield this form, and those of its items and fields."""
        yield self
        for form in (*([self.items] if self.items else []), *self.fields.values()):
            yield from form.parts()

    def code(self, text: str) -> str:
        """Return the code that a text names by its label, in either language; any other text as it is."""
        wanted = text.casefold()
        named = (code for code, label in self.values.items() if wanted in map(str.casefold, label.values()))
        return text if text in self.values else next(named, text)

    def at(self, place: str) -> Form:
        """Return the form of a part of a value, by the place that a fault names."""
        form = self
        for item, field in _STEPS.findall(place):
            form = (form.items if item else form.fields.get(field)) or form
        return form

    def fault(self, value: Any, place: str = "") -> ValueFault | None:
        """Return the first thing that is wrong with a value, or None (hot path: most facts are numbers and answers)."""
        if type(value) is PYTHON_TYPES.get(self.type) and self.minimum <= value <= self.maximum:  # type: ignore[operator]
            return None
        if self.items:
            return _list_fault(self.items, value, place)
        if self.fields:
            return _record_fault(self.fields, value, place)
        why = self._scalar_fault(value)
        return ValueFault(place, why) if why else None

    def _scalar_fault(self, value: Any) -> str | None:
        if self.type == "int" and isinstance(value, float):
            return "float"
        if type(value) is not PYTHON_TYPES.get(self.type, str):  # a bool is an int to isinstance
            return "wrong-type"
        if self.type == "int":
            return None if self.minimum <= cast(int, value) <= self.maximum else "out-of-range"
        return self._text_fault(value) if isinstance(value, str) else None

    def _text_fault(self, value: str) -> str | None:
        if self.type == "enum":
            return None if value in self.values else "not-allowed"
        if self.type == "date":
            return _day_fault(value)
        return "empty" if is_blank(value) else "too-long" if len(value) > LONGEST_TEXT else None

    def same(self, one: Any, other: Any) -> bool:
        """Return whether two values say the same: lists are sets, except lists of numbers, which keep equal ones."""
        if one == other or self.items is None:
            return bool(one == other)
        if self.items.type == "int":
            return sorted(one) == sorted(other)
        return bool(_as_set(one) == _as_set(other))


def item_form(written: Any, named: Mapping[str, Form]) -> Form | None:
    """Return the form of a list's items: a type, a form by name, or a record of these and lists of these; None else."""
    if not isinstance(written, dict):
        return _plain_form(written, named)
    fields = {name: form for name, inner in written.items() if (form := _field_form(inner, named))}
    return Form("record", fields=fields) if fields and len(fields) == len(written) else None


def _field_form(written: Any, named: Mapping[str, Form]) -> Form | None:
    if isinstance(written, dict) and written.keys() == {"items"}:
        items = _plain_form(written["items"], named)
        return Form("list", items=items) if items else None
    return _plain_form(written, named)


def _plain_form(written: Any, named: Mapping[str, Form]) -> Form | None:
    if not isinstance(written, str):
        return None
    return Form(written) if written in SCALARS else named.get(written)  # type: ignore[arg-type]  # one of SCALARS


def _list_fault(items: Form, value: Any, place: str) -> ValueFault | None:
    if not isinstance(value, list | tuple):
        return ValueFault(place, "wrong-type")
    faults = (items.fault(item, f"{place}[{number}]") for number, item in enumerate(value, 1))
    return next((fault for fault in faults if fault), None)


def _record_fault(fields: dict[str, Form], value: Any, place: str) -> ValueFault | None:
    if not isinstance(value, dict):
        return ValueFault(place, "wrong-type")
    for name, form in fields.items():
        if name not in value:
            return ValueFault(f"{place}.{name}", "record-lacks")
        if fault := form.fault(value[name], f"{place}.{name}"):
            return fault
    unknown = next((name for name in value if name not in fields), None)
    return ValueFault(f"{place}.{unknown}", "record-unknown") if unknown is not None else None


def _day_fault(value: str) -> str | None:
    try:
        date.fromisoformat(value if DAY.fullmatch(value) else "")
    except ValueError:
        return "date-form"
    return None if FIRST_DAY <= value <= LAST_DAY else "out-of-range"


def _as_set(value: Any) -> Any:
    """Return a value with its lists as sets, fit to be compared."""
    if isinstance(value, list | tuple):
        return frozenset(_as_set(item) for item in value)
    if isinstance(value, dict):
        return frozenset((key, _as_set(item)) for key, item in value.items())
    return value
