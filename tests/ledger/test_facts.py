"""The dictionary of facts: what a value may be, and what is wrong with a dictionary."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from checking import FACTS, some_facts
from dingji.facts import load_facts
from dingji.faults import LedgerError, reasons

MEETING = {"date": "2024-02-29", "kind": "members", "topics": ["x"], "present": 3}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("staff", 0),
        ("staff", 2**53 - 1),
        ("sign", False),
        ("branch", "joint"),
        ("opened", "2024-02-29"),
        ("duties", []),
        ("duties", ["visits", "daily", "visits"]),
        ("meetings", [MEETING, MEETING]),
        ("meetings", [MEETING | {"topics": []}]),
        ("mediators", [2, 2, 0]),
    ],
)
def test_a_good_value_has_no_fault(key: str, value: Any) -> None:
    assert some_facts()[key].value_fault(value) is None


@pytest.mark.parametrize(
    ("key", "value", "place", "why"),
    [
        ("staff", True, "", "wrong-type"),
        ("staff", "3", "", "wrong-type"),
        ("staff", 3.0, "", "float"),
        ("staff", -1, "", "out-of-range"),
        ("staff", 2**53, "", "out-of-range"),
        ("staff", None, "", "wrong-type"),
        ("sign", 1, "", "wrong-type"),
        ("sign", "true", "", "wrong-type"),
        ("branch", "own ", "", "not-allowed"),
        ("branch", ["own"], "", "wrong-type"),
        ("opened", "2023-02-29", "", "date-form"),
        ("opened", "20240229", "", "date-form"),
        ("opened", "2024-W01-1", "", "date-form"),
        ("opened", "２０２４-01-01", "", "date-form"),
        ("opened", 20240229, "", "wrong-type"),
        ("duties", "daily", "", "wrong-type"),
        ("duties", ["daily", "other"], "[2]", "not-allowed"),
        ("mediators", [2, True], "[2]", "wrong-type"),
        ("mediators", {"a": 1}, "", "wrong-type"),
        ("meetings", [MEETING, MEETING | {"date": "soon"}], "[2].date", "date-form"),
        ("meetings", [MEETING | {"topics": [""]}], "[1].topics[1]", "empty"),
        ("meetings", [MEETING | {"topics": ["x" * 2001]}], "[1].topics[1]", "too-long"),
        ("meetings", [MEETING | {"more": 1}], "[1].more", "record-unknown"),
        ("meetings", [{"date": "2024-02-29"}], "[1].kind", "record-lacks"),
        ("meetings", ["members"], "[1]", "wrong-type"),
    ],
)
def test_a_fault_says_where_and_why(key: str, value: Any, place: str, why: str) -> None:
    kind = some_facts()[key]
    assert kind.fault(value) == (place, why)
    assert kind.value_fault(value) == why
    assert why in reasons() or why in {"record-unknown", "record-lacks"}


def test_a_range_of_its_own_is_kept() -> None:
    bounded = FACTS.replace(
        "fresh_months = 12\n\n[fact.rooms]", "fresh_months = 12\nminimum = 1\nmaximum = 9\n\n[fact.rooms]"
    )
    kind = some_facts(bounded)["staff"]
    assert [kind.value_fault(value) for value in (0, 1, 9, 10)] == ["out-of-range", None, None, "out-of-range"]


def test_lists_are_sets_except_lists_of_numbers() -> None:
    facts = some_facts()
    assert facts["duties"].form.same(["daily", "visits", "daily"], ["visits", "daily"])
    assert not facts["duties"].form.same(["daily"], ["visits"])
    assert facts["mediators"].form.same([1, 2, 2], [2, 1, 2])
    assert not facts["mediators"].form.same([1, 2], [1, 2, 2])
    first, second = MEETING | {"topics": ["a", "b"]}, MEETING | {"topics": ["b", "a"], "present": 4}
    assert facts["meetings"].form.same([first, second], [second, first, first])
    assert facts["meetings"].form.same([first], [MEETING | {"topics": ["b", "a"]}])
    assert not facts["meetings"].form.same([first], [second])
    assert not facts["staff"].form.same(1, 2)


def test_near_keys_are_suggested() -> None:
    assert some_facts().nearest("stafff") == ["staff"]
    assert some_facts().nearest("quite different") == []


def test_suppliers_have_words() -> None:
    assert some_facts().suppliers["county"]["zh"] == "县局"


def wrong(old: str, new: str) -> list[tuple[str, str, str]]:
    assert old in FACTS
    with pytest.raises(LedgerError) as caught:
        load_facts("facts.toml", tomllib.loads(FACTS.replace(old, new)))
    assert caught.value.fault.code == "bad-catalogue"
    assert caught.value.fault.args["file"] == "facts.toml"
    return [(error["id"], error["key"], error["why"]) for error in caught.value.fault.args["errors"]]


@pytest.mark.parametrize(
    ("old", "new", "errors"),
    [
        ('type = "bool"', 'type = "boolean"', [("fact.sign", "type", "bad-form")]),
        ('values = ["own", "joint", "none"]', "", [("fact.branch", "values", "bad-form")]),
        ('items = "int"', 'items = "float"', [("fact.mediators", "items", "bad-form")]),
        (
            'topics = { items = "text" }',
            'topics = { item = "text", items = "int" }',
            [("fact.meetings", "items", "bad-form")],
        ),
        ('items = ["daily", "visits"]', "items = []", [("fact.duties", "items", "bad-form")]),
        ('items = "int"', 'items = "int"\nvalues = ["a"]', [("fact.mediators", "items", "bad-form")]),
        (
            'unit = { zh = "人", en = "persons" }',
            'unit = { zh = "人" }',
            [("fact.staff", "unit", "missing-translation")],
        ),
        ('en = "Sign"', 'en = " "', [("fact.sign", "label", "missing-translation")]),
        ('supplier = "county"', 'supplier = "county"\ncolour = "red"', [("fact.staff", "", "unknown-key")]),
        ('supplier = "county"', 'supplier = "country"', [("fact.staff", "supplier", "unknown-supplier")]),
        ("[fact.staff]", "[fact.size]", [("fact.size", "", "reserved-key")]),
        ("[fact.staff]", '[fact."Staff!"]', [("fact.Staff!", "", "bad-form")]),
        ("fresh_months = 12\n\n[fact.rooms]", "fresh_months = 0\n\n[fact.rooms]", [("fact.staff", "", "bad-form")]),
        ("fresh_months = 12\n\n[fact.rooms]", "\n[fact.rooms]", [("fact.staff", "fresh_months", "missing-key")]),
    ],
)
def test_a_wrong_dictionary_is_refused(old: str, new: str, errors: list[tuple[str, str, str]]) -> None:
    assert wrong(old, new) == errors


def test_all_that_is_wrong_is_said_at_once() -> None:
    text = FACTS.replace('supplier = "county"', 'supplier = "country"').replace('type = "bool"', 'type = "boolean"')
    with pytest.raises(LedgerError) as caught:
        load_facts("facts.toml", tomllib.loads(text + "\n[other]\n"))
    errors = caught.value.fault.args["errors"]
    assert {error["why"] for error in errors} == {"unknown-key"}  # the file's own form comes first
    with pytest.raises(LedgerError) as caught:
        load_facts("facts.toml", tomllib.loads(text))
    errors = caught.value.fault.args["errors"]
    assert {error["id"] for error in errors} == {"fact.staff", "fact.sign"}
    assert all(error["file"] == "facts.toml" and error["zh"] and error["en"] for error in errors)
    assert any("county" in error["en"] for error in errors)  # what is near is named
