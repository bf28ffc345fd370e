"""One requirement, as JSON shows it and as a page for a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from dingji.catalogue.facts import RESERVED, Facts
from dingji.catalogue.standard import Requirement, Standard
from dingji.dates import window
from dingji.plugins.check_parameters import fact_keys
from dingji_commands.terminal.layout import definitions, terminal_columns
from dingji_commands.wording.words import label, say


def brief(requirement: Requirement) -> dict[str, Any]:
    """Return a requirement as `standards show STANDARD --json` lists it."""
    return {
        "id": requirement.id,
        "title": requirement.title,
        "text": requirement.text,
        "applies_to": list(requirement.sizes),
        "modality": requirement.modality,
        "check": requirement.check,
        "parameters": given(requirement.parameters),
        "ambiguous": bool(requirement.readings or requirement.doubt),
    }


def requirement_fields(requirement: Requirement, standard: Standard, on: date | None) -> dict[str, Any]:
    """Return all that is known of a requirement."""
    indicator = next(one for one in standard.indicators if one.id == requirement.indicator)
    criterion = next(one for one in standard.criteria if one.id == indicator.criterion)
    place = {"row": indicator.row, "area": criterion.area, "criterion": criterion.id, "indicator": indicator.id}
    window = window_days(requirement, on)
    return (
        brief(requirement)
        | place
        | {
            "condition": plain(requirement.condition),
            "window_months": requirement.window_months,
            "window": list(window) if window else None,
            "judgeable": requirement.judgeable,
            "ours": requirement.ours,
            "doubt": requirement.doubt,
            "external": list(requirement.external),
            "facts": list(facts_of(requirement)),
            "readings": {id_: brief(reading) for id_, reading in requirement.readings.items()},
        }
    )


def plain(value: Any) -> Any:
    """Return parameters or a condition as plain data, without what is not set."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return plain(msgspec.to_builtins(value)) if isinstance(value, msgspec.Struct) else value


def given(parameters: Any) -> Any:
    """Return a check's parameters as plain data; what is left at its default is left out."""
    values = plain(parameters)
    if not isinstance(parameters, msgspec.Struct):
        return values
    fields = {field.encode_name: field for field in msgspec.structs.fields(parameters)}
    return {
        name: values[name] for name, field in fields.items() if name in values and not _is_default(field, values[name])
    }


def window_days(requirement: Requirement, on: date | None) -> tuple[str, str] | None:
    """Return the first and the last day of a requirement's window on a date."""
    if on is None or requirement.window_months is None:
        return None
    found = window(on, requirement.window_months)
    return found.first.isoformat(), found.last.isoformat()


def facts_of(requirement: Requirement) -> dict[str, None]:
    """Return the facts that a requirement names, under any reading, in order."""
    keys: dict[str, None] = {}
    for reading in (requirement, *requirement.readings.values()):
        conditions = reading.condition.leaves() if reading.condition else ()
        named = [leaf.fact for leaf in conditions if leaf.fact]
        keys.update(dict.fromkeys([*fact_keys(reading.parameters), *named, *reading.facts]))
    return {key: None for key in keys if key not in RESERVED}


def requirement_lines(
    requirement: Requirement, standard: Standard, facts: Facts, on: date | None, language: str
) -> list[str]:
    """Return a requirement as a page."""
    title = f"{requirement.id} {requirement.title[language]}"
    rows = [(label("part", name, language), line) for name, line in _parts(requirement, standard, on, language)]
    lines = [title, *definitions(rows, terminal_columns())]
    if named := facts_of(requirement):
        named_facts = [(key, _fact(facts, key, language)) for key in named if key in facts]
        lines += ["", say(language, "facts-asked"), *definitions(named_facts, terminal_columns(), widest=36)]
    return lines


def _fact(facts: Facts, key: str, language: str) -> str:
    kind = facts[key]
    unit = f" ({kind.unit[language]})" if kind.unit else ""
    supplier = facts.suppliers[kind.supplier][language]
    return say(language, "fact-asked", label=f"{kind.label[language]}{unit}", supplier=supplier)


def _parts(requirement: Requirement, standard: Standard, on: date | None, language: str) -> Iterator[tuple[str, str]]:
    indicator = next(one for one in standard.indicators if one.id == requirement.indicator)
    criterion = next(one for one in standard.criteria if one.id == indicator.criterion)
    area = next(one for one in standard.areas if one.id == criterion.area)
    place = [standard.code, say(language, "attachment-row", number=standard.attachment, row=indicator.row)]
    place += [f"{area.id} {area.title[language]}", f"{criterion.id} {criterion.title[language]}"]
    yield "place", " · ".join([*place, indicator.title[language]])
    yield from _own_parts(requirement, standard, on, language)
    if requirement.ours:
        yield "ours", requirement.ours[language]
    if requirement.doubt:
        yield "doubt", requirement.doubt[language]
    if requirement.external:
        yield "external", say(language, "comma").join(requirement.external)
    yield "judged", say(language, "can-be-judged" if requirement.judgeable else "cannot-be-judged")
    for id_, reading in requirement.readings.items():
        own = dict(_own_parts(requirement, standard, on, language))
        parts = [line for part, line in _own_parts(reading, standard, on, language) if own.get(part) != line]
        yield "reading", "\n".join([id_, *parts])


def _own_parts(
    requirement: Requirement, standard: Standard, on: date | None, language: str
) -> Iterator[tuple[str, str]]:
    """Return what differs from reading to reading."""
    yield "text", requirement.text[language]
    yield "sizes", say(language, "comma").join(standard.sizes[size][language] for size in requirement.sizes)
    yield "modality", label("modality", requirement.modality, language)
    yield "check", check_line(requirement, standard, language)
    if requirement.condition:
        yield "condition", _compact(plain(requirement.condition), standard, language)
    if requirement.window_months:
        days = window_days(requirement, on)
        dated = say(language, "window-days", first=days[0], last=days[1]) if days else ""
        yield "window", say(language, "window", months=requirement.window_months) + dated


def check_line(requirement: Requirement, standard: Standard, language: str) -> str:
    """Return a requirement's check and what it is given, in one line."""
    parameters = _compact(given(requirement.parameters), standard, language)
    return say(language, "colon").join([requirement.check, parameters]) if parameters else requirement.check


def _is_default(field: msgspec.structs.FieldInfo, value: Any) -> bool:
    default = field.default
    if default is msgspec.NODEFAULT and field.default_factory is not msgspec.NODEFAULT:
        default = field.default_factory()
    return default is not msgspec.NODEFAULT and bool(plain(msgspec.to_builtins(default)) == value)


def _compact(value: Any, standard: Standard, language: str) -> str:
    """Return plain data in one line, sizes by their labels."""
    if isinstance(value, dict):
        named = [(standard.sizes.get(key, {}).get(language, key), inner) for key, inner in value.items()]
        parts = [f"{name} {_inner(inner, standard, language)}" for name, inner in named]
        return say(language, "comma").join(parts)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_inner(inner, standard, language) for inner in value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _inner(value: Any, standard: Standard, language: str) -> str:
    compact = _compact(value, standard, language)
    return f"{{{compact}}}" if isinstance(value, dict) else compact
