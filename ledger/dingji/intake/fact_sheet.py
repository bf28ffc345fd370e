"""The sheet on which a clerk states facts: the facts that a standard asks for, and the values that were filled in."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from dingji.catalogue.facts import RESERVED, FactKind, Facts
from dingji.catalogue.standard import Requirement, Standard
from dingji.faults import Fault, LedgerError
from dingji.harmless import harmless, unmarked, visible
from dingji.intake.cell_values import value_of
from dingji.intake.csv_table import csv_reader, csv_text
from dingji.intake.files import Source
from dingji.plugins.check_parameters import fact_keys
from dingji.texts import nearest_text

COLUMNS: Final = ("key", "label", "unit", "hint", "supplier", "value", "evidence")

_SEPARATOR: Final = re.compile(r"[;；\n]")


class SheetRow(NamedTuple):
    """A row that is filled in: its line and fact, the value (None if only evidence is given), the evidence."""

    line: int
    key: str
    value: Any
    evidence: tuple[str, ...]


class SheetFault(NamedTuple):
    """What is wrong with one cell; the fault's field is the column."""

    line: int
    fault: Fault


def facts_used(standard: Standard, size: str | None, facts: Facts) -> list[FactKind]:
    """Return the facts that a standard's requirements of a size (None: of any) rest on, under every reading."""
    keys: dict[str, None] = {}
    for requirement in standard.requirements:
        for reading in (requirement, *requirement.readings.values()):
            if size is None or size in reading.sizes:
                keys.update(dict.fromkeys(_keys(reading)))
    return [facts[key] for key in keys if key not in RESERVED and key in facts]


def _keys(requirement: Requirement) -> Iterator[str]:
    if requirement.condition:
        yield from (leaf.fact for leaf in requirement.condition.leaves() if leaf.fact)
    yield from fact_keys(requirement.parameters)
    yield from requirement.facts


def sheet_bytes(rows: Iterable[tuple[str, ...]]) -> bytes:
    """Return rows under COLUMNS as a CSV file that a spreadsheet opens without changing it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([harmless(visible(cell)) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def read_sheet(source: Source, facts: Facts) -> tuple[list[SheetRow], list[SheetFault]]:
    """Return the rows that are filled in, and all that is wrong with them, by line and column.

    Raises LedgerError (`unreadable-file` for text that is not CSV or not UTF-8, `missing-column`).
    """
    stated: list[SheetRow] = []
    faults: list[SheetFault] = []
    seen: dict[str, int] = {}
    for line, cells in _rows(source):
        key, value, evidence = cells.get("key", ""), cells.get("value", ""), cells.get("evidence", "")
        if not value and not evidence:
            continue
        read, found = _value(key, value, facts)
        if key in seen:
            found = [Fault(code="fact-twice", field="key", args={"key": key, "line": seen[key]})]
        seen.setdefault(key, line)
        faults += [SheetFault(line, fault) for fault in found]
        papers = tuple(part.strip() for part in _SEPARATOR.split(evidence) if part.strip())
        stated.append(SheetRow(line, key, read, papers))
    return stated, faults


def _value(key: str, cell: str, facts: Facts) -> tuple[Any, list[Fault]]:
    kind = facts.get(key)
    if kind is None:
        return None, [_unknown(key, facts)]
    if not cell:
        return None, []
    value, why = value_of(kind.form, cell)
    place = ""
    if why is None and (refusal := kind.refusal(value)):
        place, why = refusal
    if why is None:
        return value, []
    return None, [Fault(code="bad-value", field="value", args={"name": f"{key}{place}", "why": why})]


def _unknown(key: str, facts: Facts) -> Fault:
    return Fault(code="unknown-fact", field="key", args={"name": key, "nearest": nearest_text(key, list(facts))})


def _rows(source: Source) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows under the header, each with its first line's number."""
    text = csv_text(source)
    first, _, _ = text.partition("\n")
    reader = csv_reader(text, max(",;\t", key=first.count))  # spreadsheets of some countries write semicolons
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        for name in ("key", "value"):
            if header.count(name) != 1:
                raise LedgerError("missing-column", path=source.name, name=name)
        line = reader.line_num + 1
        for row in reader:
            yield line, {name: unmarked(cell.strip()) for name, cell in zip(header, row, strict=False)}
            line = reader.line_num + 1
    except csv.Error as error:
        raise LedgerError("unreadable-file", path=source.name, why=f"CSV: {error}") from None
