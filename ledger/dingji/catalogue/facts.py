"""The dictionary of facts: what each key holds, who may state it, and for how long a statement counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, Literal, NamedTuple

import msgspec

from dingji.catalogue.data_faults import DataFaults, read_table
from dingji.catalogue.value_types import FIRST_DAY, LAST_DAY, SCALARS, Form, ValueFault, item_form
from dingji.events.submissions import LARGEST_INTEGER
from dingji.faults import reasons
from dingji.texts import LANGUAGES, Text, fill, is_text, near

RESERVED: Final = ("size", "serves")
"""What the ledger itself knows of a station; findings name these like facts."""

ANSWERS: Final = {"true", "false"}
"""The answers that a form of yes and no labels."""

RANGES: Final = {"int": None, "date": (FIRST_DAY, LAST_DAY)}
"""The types with a range: None if each form has its own."""

KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")


class FactKind(msgspec.Struct, frozen=True, kw_only=True):
    """One fact of the dictionary."""

    key: str
    label: Text
    unit: Text | None
    supplier: str
    station: bool
    """Whether the station's own statement counts; else one of its county or above must confirm it."""
    fresh_months: int
    form: Form

    @property
    def type(self) -> str:
        """The type of its values: int, bool, date, text, enum or list."""
        return self.form.type

    def fault(self, value: Any) -> ValueFault | None:
        """Return where and why a value is wrong, or None."""
        return self.form.fault(value)

    def refusal(self, value: Any) -> tuple[str, Any] | None:
        """Return where a value is wrong, and why in words that name what would be right, or None."""
        if not (fault := self.form.fault(value)):
            return None
        return fault.place, _explained(fault.why, self.form.at(fault.place))

    def word(self, value: Any, field: str | None = None) -> Any:
        """Return the label of a value, of an item of it or of a field of its records; what has none as it is."""
        form = self.form.items.fields.get(field or "") if self.form.items else None
        return (form or self.form).word(value)


class Facts(dict[str, FactKind]):
    """A notice's facts by key, with the words for those who supply them."""

    suppliers: dict[str, Text]

    def nearest(self, key: str) -> list[str]:
        """Return up to three keys that look like a key."""
        return near(key, self)


class _FormTable(msgspec.Struct):
    """A [form.…] table as it is written, and the part of a [fact.…] table that is alike."""

    type: Literal["int", "enum", "bool"]
    values: dict[str, Any] = {}
    minimum: int = 0
    maximum: int = LARGEST_INTEGER


class _FactTable(msgspec.Struct):
    """A [fact.…] table as it is written."""

    type: Literal["int", "bool", "date", "text", "enum", "list"]
    label: Text
    supplier: str
    station: bool
    fresh_months: int
    unit: Text | None = None
    values: dict[str, Any] = {}
    items: Any = None
    minimum: int = 0
    maximum: int = LARGEST_INTEGER


class _SupplierTable(msgspec.Struct):
    """A [supplier.…] table as it is written."""

    label: Text


class _FactsFile(msgspec.Struct):
    """The dictionary's file as it is written."""

    fact: dict[str, Any]
    supplier: dict[str, Any]
    form: dict[str, Any] = {}


def load_facts(file: str, data: dict[str, Any]) -> Facts:
    """Return the dictionary of facts from parsed TOML. Raises LedgerError (`bad-catalogue`) with all that is wrong."""
    problems = DataFaults(file)
    facts = Facts()
    facts.suppliers = {}
    if written := read_table(_FactsFile, data, "", problems):
        for name, table in written.supplier.items():
            if supplier := read_table(_SupplierTable, table, f"supplier.{name}", problems):
                facts.suppliers[name] = supplier.label
        forms = {name: form for name, table in written.form.items() if (form := _named_form(name, table, problems))}
        shelf = _Shelf(facts.suppliers, forms, frozenset(written.form))
        for key, table in written.fact.items():
            if kind := _fact(key, table, shelf, problems):
                facts[key] = kind
    problems.check()
    return facts


class _Shelf(NamedTuple):
    """What the facts of a dictionary may name."""

    suppliers: dict[str, Text]
    forms: dict[str, Form]
    named: frozenset[str]
    """The names of all forms, wrong ones included."""


def _named_form(name: str, table: Any, problems: DataFaults) -> Form | None:
    place = f"form.{name}"
    written = read_table(_FormTable, table, place, problems)
    if not KEY.fullmatch(name) or name in (*SCALARS, "enum", "list"):
        problems.add(place, "", "bad-form", detail="a-z, 0-9, _; int, bool, date, text, enum, list are taken")
    return _form(place, written, None, problems) if written else None


def _fact(key: str, table: Any, shelf: _Shelf, problems: DataFaults) -> FactKind | None:
    name = f"fact.{key}"
    written = read_table(_FactTable, table, name, problems)
    if key in RESERVED:
        problems.add(name, "", "reserved-key", name=key)
    elif not KEY.fullmatch(key):
        problems.add(name, "", "bad-form", detail="a-z, 0-9, _")
    if written is None:
        return None
    problems.unknown(name, "supplier", "unknown-supplier", [written.supplier], shelf.suppliers)
    if written.fresh_months < 1:
        problems.add(name, "fresh_months", "bad-form", detail="fresh_months >= 1")
    if not (form := _form(name, written, shelf, problems)):
        return None
    return FactKind(
        key=key,
        label=written.label,
        unit=written.unit,
        supplier=written.supplier,
        station=written.station,
        fresh_months=written.fresh_months,
        form=form,
    )


def _form(name: str, written: _FactTable | _FormTable, shelf: _Shelf | None, problems: DataFaults) -> Form | None:
    """Return the form of a fact's values, None where `values`, `items` or a range don't go with its type."""
    items = written.items if isinstance(written, _FactTable) else None
    if written.minimum > written.maximum:
        problems.add(name, "minimum", "bad-form", detail="minimum <= maximum")
    answers = isinstance(written, _FormTable) and written.type == "bool" and written.values.keys() == ANSWERS
    if (written.type == "enum" or answers) != bool(written.values) or (written.type == "list") == (items is None):
        problems.add(name, "items" if written.type == "list" else "values", "bad-form", detail=written.type)
        return None
    if shelf and items is not None:
        return _list_form(name, items, shelf, problems)
    _check_values(name, written.values, problems)
    return Form(written.type, written.values, minimum=written.minimum, maximum=written.maximum)


def _list_form(name: str, written: Any, shelf: _Shelf, problems: DataFaults) -> Form | None:
    """Return the form of a list; every name in it must be a type or a form."""
    before = len(problems)
    problems.unknown(name, "items", "unknown-form", sorted(set(_named(written))), {*SCALARS, *shelf.named})
    items = item_form(written, shelf.forms) if len(problems) == before else None
    if items is None:
        if len(problems) == before and shelf.named == shelf.forms.keys():
            problems.add(name, "items", "bad-form", detail="list")
        return None
    return Form("list", items=items)


def _named(written: Any) -> Iterator[str]:
    """Yield the types and forms that `items` names."""
    if isinstance(written, str):
        yield written
    elif isinstance(written, dict):
        for inner in written.values():
            yield from _named(inner)


def _check_values(name: str, values: dict[str, Any], problems: DataFaults) -> None:
    """Write down malformed codes, and labels that lack a language or appear twice, for a clerk may write either."""
    taken: set[str] = set()
    for code, label in values.items():
        place = f"values.{code}"
        if not KEY.fullmatch(code):
            problems.add(name, place, "bad-form", detail="a-z, 0-9, _")
        if not is_text(label) or label.keys() != set(LANGUAGES):
            problems.add(name, place, "missing-translation", languages=list(LANGUAGES))
            continue
        words = {code, *(word.casefold() for word in label.values())}
        for word in sorted(words & taken):
            problems.add(name, place, "duplicate-label", name=word)
        taken |= words


def _explained(why: str, form: Form) -> Any:
    """Return why a value is wrong, with what would be right if the form says so; else the key of [why]."""
    if why == "not-allowed" and form.values:
        values = [code_and_label(code, label) for code, label in form.values.items()]
        return fill(reasons()["one-of"], values=values)
    if why == "out-of-range" and form.type in RANGES:
        first, last = RANGES[form.type] or (form.minimum, form.maximum)
        return fill(reasons()["within"], first=first, last=last)
    return why


def code_and_label(code: str, label: Text) -> Text:
    """Return a code with its label, as someone sees it who has to write one of them."""
    return fill(reasons()["code-label"], code=code, label=label)
