"""Reads the parameters that a requirement gives its check, and checks every code that they name."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

import msgspec
from msgspec import inspect

from dingji.catalogue.conditions import OPERATORS, Condition
from dingji.catalogue.data_faults import DataFaults
from dingji.catalogue.facts import Facts
from dingji.catalogue.parameters import Parameters
from dingji.catalogue.value_types import Form
from dingji.checks.check import CheckSpec
from dingji.plugins.plugin_code import PluginCodeFailed, result_of
from dingji.texts import Text, is_text
from dingji.traces import one_line

FACTS: Final = frozenset({"fact", "facts"})
"""The keys under which known checks name facts in their parameters."""
MOST_WRONG: Final = 100
"""Things that parameters may say are wrong with them."""


class KnownNames(msgspec.Struct, frozen=True):
    """The names that a catalogue may use. `strict` is off if a plugin is missing: then an unknown check may be its."""

    notice: str
    sizes: dict[str, Text]
    places: tuple[str, ...]
    tiers: tuple[str, ...]
    facts: Facts
    checks: Mapping[str, CheckSpec]
    strict: bool = True


class RequirementPlace(msgspec.Struct, frozen=True):
    """The requirement that is being read: its name in messages, and its sizes."""

    name: str
    sizes: tuple[str, ...]


def read_parameters(
    written: dict[str, Any], check: CheckSpec, place: RequirementPlace, known: KnownNames, problems: DataFaults
) -> Any:
    """Return parameters as the check's own type; all that is wrong with them is written down."""
    fields = {field.encode_name: field.required for field in getattr(_info(check.parameters), "fields", ())}
    words = {"check": check.name}
    if wrong := [name for name in written if name not in fields]:
        for name in wrong:
            problems.unknown_in(place.name, "parameters", "unknown-parameter", name, fields, **words)
    lacking = [name for name, required in fields.items() if required and name not in written]
    for name in lacking:
        problems.add(place.name, "parameters", "missing-parameter", name=name, **words)
    if wrong or lacking:
        check_written(written, "parameters", place, known, problems)
        return None
    try:
        parameters: Any = result_of(msgspec.convert, written, check.parameters)
    except (msgspec.ValidationError, PluginCodeFailed) as error:
        _add_failure(error, check, place, problems)
        check_written(written, "parameters", place, known, problems)
        return None
    for code, value in _codes(_info(check.parameters), parameters):
        _check_code(code, value, place, known, problems)
    try:
        for wrong_with in result_of(_wrong, parameters, known.facts):
            problems.add(place.name, "parameters", "bad-parameter", detail=wrong_with, **words)
    except (msgspec.ValidationError, PluginCodeFailed) as error:
        _add_failure(error, check, place, problems)
    return parameters


def may_judge(check: CheckSpec, parameters: Any, place: RequirementPlace, problems: DataFaults) -> bool:
    """Return whether a check may ask for a judgement with these parameters, as their own type answers."""
    try:
        return result_of(lambda: bool(check.asks(parameters)))
    except (msgspec.ValidationError, PluginCodeFailed) as error:
        _add_failure(error, check, place, problems)
        return False


def _wrong(parameters: Any, facts: Facts) -> list[Text | str]:
    """Return what parameters say is wrong with themselves."""
    wrong = islice(parameters.wrong(facts), MOST_WRONG) if isinstance(parameters, Parameters) else ()
    return [each if is_text(each) else one_line(repr(each)) for each in wrong]


def _add_failure(error: Exception, check: CheckSpec, place: RequirementPlace, problems: DataFaults) -> None:
    """Write down that parameters are not of the check's own type, or that the code of that type failed."""
    detail = error.detail if isinstance(error, PluginCodeFailed) else one_line(str(error))
    if detail is None:
        problems.add(place.name, "parameters", "slow-parameter", check=check.name)
    else:
        problems.add(place.name, "parameters", "bad-parameter", check=check.name, detail=detail)


@functools.cache
def _info(parameters: type) -> inspect.Type:
    return inspect.type_info(parameters)


def _codes(info: inspect.Type, value: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield every value whose type marks it as a code (a fact, a size …) or a threshold, with the mark."""
    if isinstance(info, inspect.Metadata) and info.extra and "code" in info.extra:
        yield info.extra, value
    for inner, held in _parts(info, value):
        if held is not None:
            yield from _codes(inner, held)


def _parts(info: inspect.Type, value: Any) -> Iterator[tuple[inspect.Type, Any]]:
    """Yield the parts of a value, each with its type."""
    if isinstance(info, inspect.Metadata):
        yield info.type, value
    elif isinstance(info, inspect.UnionType):
        yield from ((option, value) for option in info.types)
    elif isinstance(info, inspect.StructType):
        if isinstance(value, info.cls):
            yield from ((field.type, getattr(value, field.name)) for field in info.fields)
    elif isinstance(info, inspect.TypedDictType):
        yield from ((field.type, value.get(field.encode_name)) for field in info.fields)
    elif isinstance(info, inspect.ListType | inspect.VarTupleType) and isinstance(value, list | tuple):
        yield from ((info.item_type, item) for item in value)


def _check_code(
    code: dict[str, Any], value: Any, place: RequirementPlace, known: KnownNames, problems: DataFaults
) -> None:
    kind = code["code"]
    if kind == "threshold":
        _check_threshold(value, place, known, problems)
    elif kind == "condition":
        check_condition(value, "parameters", place, known, problems)
    elif kind == "fact":
        check_facts([value], "parameters", place, known, problems)
        wanted, fact = code.get("of", ()), known.facts.get(value)
        if wanted and fact and fact.form.name not in wanted:
            words = {"name": value, "type": fact.form.name, "wanted": list(wanted)}
            problems.add(place.name, "parameters", "wrong-fact-type", **words)
    else:
        names = {"size": known.sizes, "place": known.places, "tier": known.tiers}[kind]
        problems.unknown(place.name, "parameters", f"unknown-{kind}", [value], names)


def _check_threshold(value: Any, place: RequirementPlace, known: KnownNames, problems: DataFaults) -> None:
    """Write down unknown sizes and places, and each size and kind of place that has no number."""
    if isinstance(value, int):
        return
    problems.unknown(place.name, "parameters", "unknown-size", value, known.sizes)
    for size in place.sizes:
        if size not in value:
            problems.add(place.name, "parameters", "missing-size", name=size)
    for size, numbers in value.items():
        if isinstance(numbers, dict):
            problems.unknown(place.name, "parameters", "unknown-place", numbers, known.places)
            for kind in known.places:
                if kind not in numbers:
                    problems.add(place.name, "parameters", "missing-size", name=f"{size}.{kind}")


def fact_keys(parameters: Any) -> Iterator[str]:
    """Yield the keys of the facts that a requirement's parameters name."""
    form: type = type(parameters)
    for code, value in _codes(_info(form), parameters):
        if code["code"] == "fact":
            yield value
        elif code["code"] == "condition":
            yield from (leaf.fact for leaf in value.leaves() if leaf.fact)


def check_facts(keys: list[str], key: str, place: RequirementPlace, known: KnownNames, problems: DataFaults) -> None:
    """Write down each fact that the dictionary does not have."""
    problems.unknown(place.name, key, "unknown-fact", keys, known.facts)


def check_written(written: Any, key: str, place: RequirementPlace, known: KnownNames, problems: DataFaults) -> None:
    """Write down the unknown facts in parameters that could not be read: all names under `fact` or `facts`."""
    check_facts(list(dict.fromkeys(_facts_written(written))), key, place, known, problems)


def _facts_written(value: Any, under: str = "") -> Iterator[str]:
    """Yield the names written under a key `fact` or `facts`, however deep."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _facts_written(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _facts_written(inner, under)
    elif under in FACTS and isinstance(value, str):
        yield value


def check_condition(
    condition: Condition, key: str, place: RequirementPlace, known: KnownNames, problems: DataFaults
) -> None:
    """Write down a condition that is not exactly one thing, its unknown facts, and comparisons that make no sense."""
    if not condition.is_sound():
        problems.add(place.name, key, "bad-condition")
        return
    for part in condition.any_ + condition.all_:
        check_condition(part, key, place, known, problems)
    if condition.fact is None:
        return
    check_facts([condition.fact], key, place, known, problems)
    ((operator, wanted),) = condition.comparisons().items()
    if fact := known.facts.get(condition.fact):
        words = {"name": fact.key, "type": fact.form.name, "operator": operator}
        if fact.form.name not in OPERATORS[operator].types:
            problems.add(place.name, key, "bad-comparison", **words)
        elif operator != "empty" and (wrong := _wanted_fault(fact.form, wanted)):
            problems.add(place.name, key, "bad-form", detail=wrong)


def _wanted_fault(form: Form, wanted: Any) -> str | None:
    """Return why a fact could not hold the value that it is compared with, None if it could."""
    form = form.items or form
    faults = (form.fault(one) for one in (wanted if isinstance(wanted, tuple) else (wanted,)))
    return next((fault.why for fault in faults if fault), None)
