"""The dictionary of facts: what a value may be, and what is wrong with a dictionary."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from checking import FACTS, some_facts
from dingji.catalogue.facts import load_facts
from dingji.faults import LedgerError, reasons

MEETING = {"date": "2024-02-29", "kind": "members", "topics": ["x"], "month": 2, "present": 3}


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
    assert some_facts()[key].fault(value) is None


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
        ("meetings", [MEETING | {"month": 0}], "[1].month", "out-of-range"),
        ("meetings", [MEETING, MEETING | {"month": 13}], "[2].month", "out-of-range"),
        ("meetings", [MEETING | {"kind": "党课"}], "[1].kind", "not-allowed"),
        ("opened", "1949-09-30", "", "out-of-range"),
        ("opened", "9999-12-31", "", "out-of-range"),
    ],
)
def test_a_fault_says_where_and_why(key: str, value: Any, place: str, why: str) -> None:
    kind = some_facts()[key]
    assert kind.fault(value) == (place, why)
    assert kind.refusal(value) is not None
    assert why in reasons() or why in {"record-unknown", "record-lacks"}


@pytest.mark.parametrize(
    ("key", "value", "place", "zh", "en"),
    [
        ("branch", "full", "", "own（独立支部）", "own (its own), joint (a joint one), none (no branch)"),
        ("duties", ["daily", "x"], "[2]", "daily（日常管理）、visits（走访）", "daily (daily work), visits (visits)"),
        ("meetings", [MEETING | {"month": 13}], "[1].month", "1 至 12", "between 1 and 12"),
        ("opened", "2101-01-01", "", "1949-10-01 至 2100-12-31", "between 1949-10-01 and 2100-12-31"),
    ],
)
def test_a_refusal_names_what_would_be_right(key: str, value: Any, place: str, zh: str, en: str) -> None:
    refusal = some_facts()[key].refusal(value)
    assert refusal is not None
    assert refusal[0] == place
    assert zh in refusal[1]["zh"]
    assert en in refusal[1]["en"]


def test_codes_have_words_and_words_have_codes() -> None:
    facts = some_facts()
    assert facts["branch"].word("joint") == {"zh": "联合支部", "en": "a joint one"}
    assert facts["duties"].word("visits")["zh"] == "走访"
    assert facts["meetings"].word("lesson", "kind")["en"] == "a lesson"
    for key, value, field in (("branch", "full", None), ("meetings", "x", "topics"), ("staff", 3, None)):
        assert facts[key].word(value, field) == value
    form = facts["branch"].form
    for said in ("joint", "联合支部", "A Joint One"):
        assert form.code(said) == "joint"
    assert form.code("full") == "full"


def test_a_range_of_its_own_is_kept() -> None:
    bounded = FACTS.replace(
        "fresh_months = 12\n\n[fact.rooms]", "fresh_months = 12\nminimum = 1\nmaximum = 9\n\n[fact.rooms]"
    )
    kind = some_facts(bounded)["staff"]
    assert [kind.fault(value) for value in (0, 1, 9, 10)] == [("", "out-of-range"), None, None, ("", "out-of-range")]


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
        ('type = "enum"\nvalues.own', 'type = "text"\nvalues.own', [("fact.branch", "values", "bad-form")]),
        ('type = "text"', 'type = "enum"', [("fact.motto", "values", "bad-form")]),
        ('en = "its own"', 'en = ""', [("fact.branch", "values.own", "missing-translation")]),
        (', en = "a lesson"', "", [("form.meeting", "values.lesson", "missing-translation")]),
        ('zh = "走访"', 'zh = "日常管理"', [("form.duty", "values.visits", "duplicate-label")]),
        ('en = "visits"', 'en = "Daily"', [("form.duty", "values.visits", "duplicate-label")]),
        ("values.daily", 'values."Daily!"', [("form.duty", "values.Daily!", "bad-form")]),
        ("minimum = 1\nmaximum = 12", "minimum = 13\nmaximum = 12", [("form.month", "minimum", "bad-form")]),
        ("[form.month]", "[form.date]", [("form.date", "", "bad-form"), ("fact.meetings", "items", "unknown-form")]),
        (
            'type = "int"\nminimum = 1',
            'type = "bool"\nvalues.yes = { zh = "是", en = "yes" }\nminimum = 1',
            [("form.month", "values", "bad-form")],
        ),
        ('month = "month"', 'month = "moon"', [("fact.meetings", "items", "unknown-form")]),
        ('items = "int"', 'items = "float"', [("fact.mediators", "items", "unknown-form")]),
        ('topics = { items = "text" }', 'topics = ["text"]', [("fact.meetings", "items", "bad-form")]),
        (
            'topics = { items = "text" }',
            'topics = { item = "text", items = "int" }',
            [("fact.meetings", "items", "bad-form")],
        ),
        ('items = "duty"', "items = []", [("fact.duties", "items", "bad-form")]),
        (
            'items = "int"',
            'items = "int"\nvalues.a = { zh = "甲", en = "a" }',
            [("fact.mediators", "items", "bad-form")],
        ),
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
        (
            "fresh_months = 12\n\n[fact.rooms]",
            "fresh_months = 0\n\n[fact.rooms]",
            [("fact.staff", "fresh_months", "bad-form")],
        ),
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
