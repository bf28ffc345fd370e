"""The dictionary of facts: what each key holds, who may state it, and for how long a statement counts."""

from __future__ import annotations

import re
from typing import Any, Final, Literal

import msgspec

from dingji.faults import Text
from dingji.forms import Form, ValueFault, item_form
from dingji.problems import Problems, near, read_table
from dingji.submissions import LARGEST_INTEGER

RESERVED: Final = ("size", "serves")
"""What the ledger itself knows of a station, and findings name like facts."""

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

    def value_fault(self, value: Any) -> str | None:
        """Return why a value is wrong, a key of [why] in faults.toml, or None."""
        fault = self.form.fault(value)
        return fault[1] if fault else None


class Facts(dict[str, FactKind]):
    """A notice's facts by key, with the words for those who supply them."""

    suppliers: dict[str, Text]

    def nearest(self, key: str) -> list[str]:
        """Return up to three keys that look like a key."""
        return near(key, self)


class _FactTable(msgspec.Struct):
    """A [fact.…] table as it is written."""

    type: Literal["int", "bool", "date", "text", "enum", "list"]
    label: Text
    supplier: str
    station: bool
    fresh_months: int
    unit: Text | None = None
    values: tuple[str, ...] = ()
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


def load_facts(file: str, data: dict[str, Any]) -> Facts:
    """Return the dictionary of facts from parsed TOML. Raises LedgerError (`bad-catalogue`) with all that is wrong."""
    problems = Problems(file)
    facts = Facts()
    facts.suppliers = {}
    if written := read_table(_FactsFile, data, "", problems):
        for name, table in written.supplier.items():
            if supplier := read_table(_SupplierTable, table, f"supplier.{name}", problems):
                facts.suppliers[name] = supplier.label
        for key, table in written.fact.items():
            if kind := _fact(key, table, facts.suppliers, problems):
                facts[key] = kind
    problems.check()
    return facts


def _fact(key: str, table: Any, suppliers: dict[str, Text], problems: Problems) -> FactKind | None:
    name = f"fact.{key}"
    written = read_table(_FactTable, table, name, problems)
    if key in RESERVED:
        problems.add(name, "", "reserved-key", name=key)
    elif not KEY.fullmatch(key):
        problems.add(name, "", "bad-form", detail="a-z, 0-9, _")
    if written is None:
        return None
    problems.unknown(name, "supplier", "unknown-supplier", [written.supplier], suppliers)
    if written.fresh_months < 1 or written.minimum > written.maximum:
        problems.add(name, "", "bad-form", detail="fresh_months >= 1, minimum <= maximum")
    if not (form := _form(written)):
        problems.add(name, "items" if written.type == "list" else "values", "bad-form", detail=written.type)
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


def _form(written: _FactTable) -> Form | None:
    """Return the form of a fact's values, None where `values` or `items` don't go with its type."""
    if (written.type == "enum") != bool(written.values) or (written.type == "list") == (written.items is None):
        return None
    if written.type == "list":
        items = item_form(written.items)
        return items and Form("list", items=items)
    return Form(written.type, written.values, minimum=written.minimum, maximum=written.maximum)
