"""A roster as submissions: its counties as offices, its rows as stations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import orjson

from dingji.catalogue.notice import Notice
from dingji.faults import Fault, LedgerError
from dingji.intake.csv_table import table_lines
from dingji.intake.files import Line, Source
from dingji.texts import nearest_text
from dingji_commands.wording.words import both

COLUMNS: Final = ("station", "name", "serves", "county", "county_name")


def roster_lines(source: Source, notice: Notice, on: date) -> Iterator[Line]:
    """Yield the submissions of a roster, each with the number of its row. Raises LedgerError (`empty-file`)."""
    counties: dict[str, str] = {}
    line = None
    for line in table_lines(source):
        row = {} if line.fault else orjson.loads(line.text)
        fault = line.fault or row_fault(row, counties)
        if fault:
            yield Line(line.number, line.text, fault)
            continue
        if row["county"] not in counties:
            counties[row["county"]] = row["county_name"]
            yield _line(line.number, _county(row, notice), notice, on)
        yield _line(line.number, {"do": "register"} | {name: row[name] for name in COLUMNS[:4]}, notice, on)
    if line is None:
        raise LedgerError("empty-file", path=source.name)


def row_fault(row: dict[str, Any], counties: dict[str, str]) -> Fault | None:
    """Return what is wrong with a row as a row, beside the counties before it; the rest is for the ledger to judge."""
    for name in COLUMNS:
        if name not in row:
            return Fault(code="missing-field", field=name, args={"name": name, "verb": _verb(name)})
    for name in row:
        if name not in COLUMNS:
            args = {"name": name, "verb": "register", "nearest": nearest_text(name, list(COLUMNS))}
            return Fault(code="unknown-field", field=name, args=args)
    earlier = counties.get(row["county"], row["county_name"])
    if row["county_name"] != earlier:
        why = both("other-county-name", county=row["county"], earlier=earlier)
        return Fault(code="bad-value", field="county_name", args={"name": "county_name", "why": why})
    return None


def _verb(column: str) -> str:
    return "enrol_office" if column == "county_name" else "register"


def _county(row: dict[str, Any], notice: Notice) -> dict[str, Any]:
    tier, top = notice.rules.stations.county_tier, notice.rules.top.office
    return {"do": "enrol_office", "office": row["county"], "name": row["county_name"], "tier": tier, "parent": top}


def _line(number: int, record: dict[str, Any], notice: Notice, on: date) -> Line:
    shared = {"on": on.isoformat(), "by": {"office": notice.rules.top.office}}
    return Line(number, orjson.dumps(record | shared))
