"""Loads a standard from parsed TOML: everything in it is checked, and all that is wrong is reported at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec

from dingji.catalogue.conditions import Condition
from dingji.catalogue.data_faults import DataFaults, read_table, read_tables
from dingji.catalogue.notice import digest_of
from dingji.catalogue.parameters import Parameters
from dingji.catalogue.standard import DEFAULT_READING, Area, Criterion, Indicator, Modality, Requirement, Standard
from dingji.checks.check import CheckSpec
from dingji.plugins.check_parameters import (
    KnownNames,
    RequirementPlace,
    check_condition,
    check_facts,
    check_written,
    may_judge,
    read_parameters,
)
from dingji.texts import Text


class _StandardTable(msgspec.Struct):
    """A standard's file as it is written."""

    standard: str
    attachment: int
    title: Text
    area: list[Any]
    criterion: list[Any]
    indicator: list[Any]
    requirement: list[Any]


class _ReadingTable(msgspec.Struct):
    """A [[requirement.reading]] table as it is written: its keys replace those of the requirement."""

    id: str
    text: Text
    check: str | None = None
    parameters: dict[str, Any] | None = None
    sizes: tuple[str, ...] | None = None
    window_months: int | None = None
    condition: Condition | None = None


class _RequirementTable(msgspec.Struct):
    """A [[requirement]] table as it is written."""

    id: str
    indicator: str
    cells: tuple[int, ...]
    title: Text
    text: Text
    sizes: tuple[str, ...]
    check: str
    modality: Modality = "must"
    parameters: dict[str, Any] = {}
    facts: tuple[str, ...] = ()
    ours: Text | None = None
    doubt: Text | None = None
    external: tuple[str, ...] = ()
    window_months: int | None = None
    condition: Condition | None = None
    reading: list[Any] = []


def load_standard(
    file: str, data: dict[str, Any], code: str, known: KnownNames, beside: Collection[str] = ()
) -> Standard:
    """Return a standard from parsed TOML. Raises LedgerError (`bad-catalogue`) with all that is wrong.

    `beside` are the requirements of other standards, whose ids are taken.
    """
    problems = DataFaults(file)
    written = read_table(_StandardTable, data, "", problems)
    parts: dict[str, Any] = {
        "areas": tuple(read_tables(Area, data, "area", problems)),
        "criteria": tuple(read_tables(Criterion, data, "criterion", problems)),
        "indicators": tuple(read_tables(Indicator, data, "indicator", problems)),
    }
    tables = read_tables(_RequirementTable, data, "requirement", problems)
    if written:
        _check_tree(data, problems)
        _check_unread(data["requirement"], {table.id for table in tables}, known, problems)
    requirements = tuple(_requirement(table, known, problems) for table in tables)
    for taken in [requirement.id for requirement in requirements if requirement.id in beside]:
        problems.add(taken, "id", "taken-id", name=taken)
    if written and written.standard != code:
        problems.add("", "standard", "wrong-code", expected=code)
    problems.check()
    assert written is not None  # noqa: S101  # a file that is not one is a problem, raised above
    return Standard(
        code=code,
        notice=known.notice,
        attachment=written.attachment,
        title=written.title,
        sizes=known.sizes,
        **parts,
        requirements=requirements,
        digest=digest_of(data),
    )


def _check_tree(data: dict[str, Any], problems: DataFaults) -> None:
    """Write down parts with an unknown parent, rows without requirements, and what is out of order.

    It goes by what is written, wrong tables included, so that one fault is not reported as two.
    """
    areas, criteria, indicators, requirements = (
        [(str(table.get("id")), table) for table in data[kind] if isinstance(table, dict)]
        for kind in ("area", "criterion", "indicator", "requirement")
    )
    for parent, tables, known in (
        ("area", criteria, areas),
        ("criterion", indicators, criteria),
        ("indicator", requirements, indicators),
    ):
        ids = [id_ for id_, _ in known]
        for name, table in tables:
            problems.unknown(name, parent, f"unknown-{parent}", [str(table[parent])] if parent in table else [], ids)
    for expected, (name, table) in enumerate(indicators, 1):
        if table.get("row") != expected:
            problems.add(name, "row", "bad-row", expected=expected)
    _check_order([id_ for id_, _ in indicators], requirements, problems)


def _check_unread(written: list[Any], read: set[str], known: KnownNames, problems: DataFaults) -> None:
    """Write down the unknown facts of requirements that could not be read at all."""
    for table in written:
        if isinstance(table, dict) and isinstance(id_ := table.get("id"), str) and id_ not in read:
            for key, value in table.items():
                check_written({key: value}, key, RequirementPlace(id_, ()), known, problems)


def _check_order(indicators: list[str], requirements: list[tuple[str, dict[str, Any]]], problems: DataFaults) -> None:
    order = {id_: place for place, id_ in enumerate(indicators)}
    of = [(name, str(table.get("indicator"))) for name, table in requirements]
    reached = 0
    for name, indicator in of:
        place = order.get(indicator, reached)
        if place < reached:
            problems.add(name, "indicator", "out-of-order", indicator=indicator)
        reached = max(reached, place)
    for empty in sorted(order.keys() - {indicator for _, indicator in of}):
        problems.add(empty, "", "no-requirement")


def _requirement(table: _RequirementTable, known: KnownNames, problems: DataFaults) -> Requirement:
    readings: dict[str, Requirement] = {}
    for number, written in enumerate(table.reading, 1):
        name = f"{table.id}.reading[{number}]"
        reading = read_table(_ReadingTable, written, name, problems)
        if reading is None:
            continue
        if reading.id == DEFAULT_READING or reading.id in readings:
            problems.add(name, "id", "duplicate-id", name=reading.id)
        changed = {key: value for key, value in msgspec.structs.asdict(reading).items() if value is not None}
        own = {**msgspec.structs.asdict(table), **changed, "id": table.id, "reading": []}
        readings[reading.id] = _under(_RequirementTable(**own), f"{table.id}.{reading.id}", known, problems)
    return msgspec.structs.replace(_under(table, table.id, known, problems), readings=readings)


def _under(table: _RequirementTable, name: str, known: KnownNames, problems: DataFaults) -> Requirement:
    """Return a requirement under one reading."""
    place = RequirementPlace(name, table.sizes)
    if not table.sizes:
        problems.add(name, "sizes", "no-sizes")
    problems.unknown(name, "sizes", "unknown-size", table.sizes, known.sizes)
    check_facts(list(table.facts), "facts", place, known, problems)
    if table.condition:
        check_condition(table.condition, "condition", place, known, problems)
    check = known.checks.get(table.check)
    own = msgspec.structs.asdict(table)
    del own["reading"]
    own["parameters"] = _parameters(table, check, place, known, problems)
    judges = check is not None and may_judge(check, own["parameters"], place, problems)
    own |= {"judges": judges, "every_size": set(table.sizes) == set(known.sizes)}
    return Requirement(**own)


def _parameters(
    table: _RequirementTable, check: CheckSpec | None, place: RequirementPlace, known: KnownNames, problems: DataFaults
) -> Any:
    if check:
        return read_parameters(table.parameters, check, place, known, problems)
    if known.strict:
        problems.unknown(place.name, "check", "unknown-check", [table.check], known.checks)
        check_written(table.parameters, "parameters", place, known, problems)
    return Parameters()
