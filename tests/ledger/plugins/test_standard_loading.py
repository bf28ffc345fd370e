"""A standard read from TOML: what it holds, and everything that can be wrong with it."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest

from checking import JUDGED, SPECS, STAFF, AtLeast, at_least, bench, dossier, known, parse, requirement, standard
from dingji.catalogue.notice import digest_of
from dingji.catalogue.parameters import BoolFact, CountFact, IntFact, Parameters, Threshold
from dingji.checks.assessment import assess
from dingji.checks.check import CheckSpec, Finding
from dingji.faults import LedgerError
from dingji.plugins.check_parameters import KnownNames
from dingji.plugins.plugin_code import contained, result_of
from dingji.plugins.standard_loading import load_standard
from dingji.terms import Outcome

READING = """
[[requirement.reading]]
id = "other"
text = { zh = "别的", en = "Other" }
"""

UNKNOWN = ("parameters", "unknown-fact")


def errors(data: dict[str, Any], names: KnownNames | None = None) -> list[tuple[str, str, str]]:
    """Return (id, key, why) of all that is wrong with a standard's data."""
    with pytest.raises(LedgerError) as caught:
        load_standard("basic.toml", data, "basic", names or known())
    assert caught.value.fault.code == "bad-catalogue"
    found = caught.value.fault.args["errors"]
    assert all(error["file"] == "basic.toml" and error["zh"] and error["en"] for error in found)
    return [(error["id"], error["key"], error["why"]) for error in found]


def test_a_standard_holds_its_parts_in_order() -> None:
    data = parse(requirement("R2", *STAFF), requirement("R1", *JUDGED), requirement("R1b", *JUDGED, indicator="R1"))
    whole = load_standard("basic.toml", data, "basic", known())
    assert [one.id for one in whole.requirements] == ["R2", "R1", "R1b"]
    assert [(one.id, one.row) for one in whole.indicators] == [("R2", 1), ("R1", 2)]
    assert (whole.code, whole.notice, whole.attachment) == ("basic", "test", 1)
    assert whole.digest == digest_of(data)
    assert whole.checks == {"at_least", "judged"}
    found = whole.requirement("R2")
    assert found is not None
    assert found.parameters == AtLeast(fact="staff", minimum={"large": 6, "medium": 4, "small": 2})
    assert whole.requirement("R9") is None


def test_what_can_be_judged_is_known_beforehand() -> None:
    ours = 'ours = { zh = "两次", en = "Twice" }'
    whole = standard(
        requirement("A1", *STAFF),
        requirement("A2", *JUDGED),
        requirement("A3", *STAFF, ours),
        requirement("A4", *STAFF, 'external = ["文件"]'),
        requirement("A5", *STAFF, READING, 'check = "judged"', "parameters = {}"),
        requirement("A6", *STAFF, 'condition = { fact = "rooms", more_than = 0 }'),
    )
    assert [one.id for one in whole.requirements if one.judgeable] == ["A2", "A3", "A4", "A5"]
    assert [one.id for one in whole.requirements if one.conditional] == ["A6"]


def test_a_reading_replaces_what_it_names_and_keeps_the_rest() -> None:
    lines = (
        'sizes = ["large"]',
        *STAFF,
        "window_months = 36",
        'facts = ["rooms"]',
        READING,
        'sizes = ["large", "small"]',
    )
    (found,) = standard(requirement("R", *lines)).requirements
    other = found.reading("other")
    assert other is not None
    assert (other.id, other.sizes, other.window_months, other.text["en"]) == ("R", ("large", "small"), 36, "Other")
    assert (other.parameters, other.facts, other.check) == (found.parameters, ("rooms",), "at_least")
    assert found.reading("default") is found
    assert found.reading("none") is None


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        (('check = "at_leest"',), [("R", "check", "unknown-check")]),
        (('check = "judged"', 'facts = ["staf"]'), [("R", "facts", "unknown-fact")]),
        (('check = "judged"', 'sizes = ["huge"]'), [("R", "sizes", "unknown-size")]),
        (('check = "judged"', "sizes = []"), [("R", "sizes", "no-sizes")]),
        (('check = "judged"', 'modality = "should"'), [("R", "modality", "bad-form")]),
        (('check = "judged"', 'doubt = { zh = "疑" }'), [("R", "doubt", "missing-translation")]),
        (('check = "judged"', "colour = 1"), [("R", "", "unknown-key")]),
        (("ours = 1",), [("R", "check", "missing-key"), ("R", "ours", "bad-form")]),
        (('check = "judged"', "parameters = { fact = 1 }"), [("R", "parameters", "unknown-parameter")]),
        (('check = "at_least"', 'parameters = { fact = "staff" }'), [("R", "parameters", "missing-parameter")]),
        (
            ('check = "at_least"', 'parameters = { fact = "staff", minimum = 1.5 }'),
            [("R", "parameters", "bad-parameter")],
        ),
        (('check = "at_least"', 'parameters = { fact = "stuff", minimum = 1 }'), [("R", "parameters", "unknown-fact")]),
        (
            ('check = "at_least"', 'parameters = { fact = "sign", minimum = 1 }'),
            [("R", "parameters", "wrong-fact-type")],
        ),
        (
            ('check = "at_least"', 'parameters = { fact = "staff", minimum = { large = 1, huge = 2, small = 1 } }'),
            [("R", "parameters", "unknown-size"), ("R", "parameters", "missing-size")],
        ),
        (
            (
                'check = "at_least"',
                'sizes = ["large"]',
                'parameters = { fact = "staff", minimum = { large = { town = 1 } } }',
            ),
            [("R", "parameters", "missing-size")],
        ),
        (
            (
                'check = "at_least"',
                'sizes = ["large"]',
                'parameters = { fact = "staff", minimum = { large = { village = 1 } } }',
            ),
            [("R", "parameters", "unknown-place")] + [("R", "parameters", "missing-size")] * 2,
        ),
    ],
)
def test_a_wrong_requirement_is_refused(lines: tuple[str, ...], wrong: list[tuple[str, str, str]]) -> None:
    assert errors(parse(requirement("R", *lines))) == wrong


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("{ }", "bad-condition"),
        ('{ fact = "rooms" }', "bad-condition"),
        ('{ fact = "rooms", more_than = 0, at_most = 3 }', "bad-condition"),
        ("{ more_than = 0 }", "bad-condition"),
        ('{ fact = "rooms", more_than = 0, any = [{ fact = "rooms", more_than = 0 }] }', "bad-condition"),
        ('{ any = [{ fact = "rooms", more_than = 0 }, { }] }', "bad-condition"),
        ('{ fact = "room", more_than = 0 }', "unknown-fact"),
        ('{ fact = "sign", more_than = 0 }', "bad-comparison"),
        ('{ fact = "rooms", contains = "x" }', "bad-comparison"),
        ('{ fact = "duties", contains = "nothing" }', "bad-form"),
        ('{ fact = "duties", contains_any = ["daily", "nothing"] }', "bad-form"),
        ('{ fact = "branch", is = "mine" }', "bad-form"),
        ('{ fact = "rooms", more = 0 }', "bad-form"),
        ('{ fact = "opened", at_least = 3 }', "bad-form"),
    ],
)
def test_a_wrong_condition_is_refused(condition: str, why: str) -> None:
    assert errors(parse(requirement("R", *JUDGED, f"condition = {condition}"))) == [("R", "condition", why)]


def test_a_wrong_reading_is_refused_by_its_name() -> None:
    reading = '[[requirement.reading]]\nid = "{id}"\ntext = {{ zh = "别", en = "Other" }}\n{more}\n'
    lines = [
        *STAFF,
        reading.format(id="one", more='sizes = ["huge"]'),
        reading.format(id="one", more='check = "none"'),
        reading.format(id="default", more=""),
        reading.format(id="two", more="colour = 1"),
        reading.format(id="three", more='parameters = { fact = "staff", minimum = { large = 1, small = 1 } }'),
    ]
    assert set(errors(parse(requirement("R", *lines)))) == {
        ("R.one", "sizes", "unknown-size"),
        ("R.one", "parameters", "missing-size"),
        ("R.reading[2]", "id", "duplicate-id"),
        ("R.one", "check", "unknown-check"),
        ("R.reading[3]", "id", "duplicate-id"),
        ("R.reading[4]", "", "unknown-key"),
        ("R.three", "parameters", "missing-size"),
    }


def test_a_reading_must_have_numbers_for_the_sizes_that_it_adds() -> None:
    lines = ('sizes = ["large"]', 'check = "at_least"', 'parameters = { fact = "staff", minimum = { large = 1 } }')
    assert errors(parse(requirement("R", *lines, READING, 'sizes = ["large", "medium"]'))) == [
        ("R.other", "parameters", "missing-size")
    ]


def test_a_tree_that_does_not_hang_together_is_refused() -> None:
    data = parse(requirement("R1", *JUDGED), requirement("R2", *JUDGED), requirement("R3", *JUDGED))
    data["criterion"][0]["area"] = "Z"
    data["indicator"][0]["criterion"] = "Z.1"
    data["indicator"][1]["row"] = 7
    data["requirement"][0]["indicator"] = "R9"
    data["requirement"][1]["indicator"] = "R3"
    data["requirement"][2]["indicator"] = "R2"
    assert set(errors(data)) == {
        ("A.1", "area", "unknown-area"),
        ("R1", "criterion", "unknown-criterion"),
        ("R2", "row", "bad-row"),
        ("R1", "indicator", "unknown-indicator"),
        ("R3", "indicator", "out-of-order"),
        ("R1", "", "no-requirement"),
    }


def test_duplicate_ids_are_refused() -> None:
    data = parse(requirement("R1", *JUDGED), requirement("R2", *JUDGED))
    data["requirement"][1] |= {"id": "R1"}
    data["area"] *= 2
    assert set(errors(data)) == {("R1", "id", "duplicate-id"), ("A", "id", "duplicate-id")}


def test_a_file_of_another_form_is_refused() -> None:
    data = parse(requirement("R1", *JUDGED))
    assert ("", "standard", "wrong-code") in errors(data | {"standard": "other"})
    assert ("", "area", "bad-form") in errors(data | {"area": 3})
    assert ("", "", "unknown-key") in errors(data | {"level": "x"})
    assert ("", "requirement", "missing-key") in errors(
        {key: value for key, value in data.items() if key != "requirement"}
    )
    assert ("requirement[1]", "", "bad-form") in errors(data | {"requirement": [3]})


def test_every_error_is_collected() -> None:
    data = parse(
        requirement("R1", 'check = "x"'), requirement("R2", *JUDGED, "colour = 1"), requirement("R3", "sizes = []")
    )
    assert {id_ for id_, _, _ in errors(data)} == {"R1", "R2", "R3"}


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        (('check = "at_lest"', 'parameters = { fact = "stuff", minimum = 1 }'), [("check", "unknown-check"), UNKNOWN]),
        (
            ('check = "all_off"', 'parameters = { parts = [{ fact = "stuff" }, { facts = ["rooms", "stuff", "x"] }] }'),
            [("check", "unknown-check"), UNKNOWN, UNKNOWN],
        ),
        (
            ('check = "at_least"', 'parameters = { fact = "stuff", minimun = 1 }'),
            [("parameters", "unknown-parameter"), ("parameters", "missing-parameter"), UNKNOWN],
        ),
        (
            ('check = "at_least"', 'parameters = { fact = "stuff", minimum = true }'),
            [("parameters", "bad-parameter"), UNKNOWN],
        ),
        (
            (*JUDGED, "colour = 1", 'condition = { fact = "stuff", more_than = 1 }', 'facts = ["rooms", "x"]'),
            [("", "unknown-key"), ("facts", "unknown-fact"), ("condition", "unknown-fact")],
        ),
    ],
)
def test_unknown_facts_are_found_where_nothing_else_can_be_looked_at(
    lines: tuple[str, ...], wrong: list[tuple[str, str]]
) -> None:
    found = errors(parse(requirement("R", *lines)))
    assert sorted(found) == sorted(("R", key, why) for key, why in wrong)


def test_of_a_check_whose_plugin_is_missing_no_parameter_is_judged() -> None:
    gone = requirement("R1", 'check = "gone"', 'parameters = { fact = "its own" }')
    assert load_standard("basic.toml", parse(gone), "basic", known(strict=False)).checks == {"gone"}


def test_without_its_plugin_a_check_is_missed_and_its_finding_is_an_error() -> None:
    whole = load_standard("basic.toml", parse(requirement("R1", 'check = "gone"')), "basic", known(strict=False))
    (finding,) = assess(whole, dossier(), bench()).findings
    assert finding.outcome is Outcome.ERROR
    assert finding.reason is not None
    assert "gone" in finding.reason["en"]


class Inner(Parameters, frozen=True):
    """Parameters within parameters."""

    parts: tuple[IntFact, ...]


class Outer(Parameters, frozen=True):
    """Parameters of every kind."""

    floor: Threshold
    inner: Inner | None = None
    maybe: BoolFact | None = None
    counts: tuple[CountFact, ...] = ()


def nothing(requirement: Any, dossier: Any) -> Finding:
    return Finding(Outcome.MET)


@pytest.mark.parametrize(
    ("given", "whys"),
    [
        ('{ floor = 1, inner = { parts = ["staff", "rooms"] }, maybe = "sign", counts = ["staff", "mediators"] }', []),
        ('{ floor = 1, inner = { parts = ["staff", "sign"] } }', ["wrong-fact-type"]),
        (
            '{ floor = 1, maybe = "staff", counts = ["duties", "x"] }',
            ["wrong-fact-type", "wrong-fact-type", "unknown-fact"],
        ),
        ('{ floor = 1, inner = { parts = [], total = "staff" } }', ["bad-parameter"]),
    ],
)
def test_codes_are_found_wherever_they_stand_in_the_parameters(given: str, whys: list[str]) -> None:
    names = known({**SPECS, "own": CheckSpec("own", nothing, Outer)})
    data = parse(requirement("R", 'check = "own"', f"parameters = {given}"))
    if not whys:
        load_standard("basic.toml", data, "basic", names)
        return
    assert [why for _, _, why in errors(data, names)] == whys


def test_parameters_may_be_a_typed_dict() -> None:
    from typing import TypedDict

    class Loose(TypedDict):
        fact: IntFact

    names = known({**SPECS, "own": CheckSpec("own", nothing, Loose)})
    good = parse(requirement("R", 'check = "own"', 'parameters = { fact = "staff" }'))
    (found,) = load_standard("basic.toml", good, "basic", names).requirements
    assert found.parameters == {"fact": "staff"}
    assert errors(parse(requirement("R", 'check = "own"', 'parameters = { fact = "sign", more = 1 }')), names) == [
        ("R", "parameters", "unknown-parameter")
    ]
    assert errors(parse(requirement("R", 'check = "own"', 'parameters = { fact = "sign" }')), names) == [
        ("R", "parameters", "wrong-fact-type")
    ]


def test_a_requirement_cannot_be_changed() -> None:
    (found,) = standard(requirement("R", *STAFF)).requirements
    with pytest.raises(AttributeError):
        found.id = "other"  # type: ignore[misc]
    assert msgspec.structs.replace(found, id="other").id == "other"


class Slips(Parameters, frozen=True):
    """Parameters whose own code goes wrong."""

    how: str

    def wrong(self, facts: Any) -> Any:
        """Return what is wrong, or go wrong."""
        if self.how == "raises":
            raise KeyboardInterrupt
        if self.how == "hangs":
            while True:
                pass
        return {"endless": itertools.count(), "none": None, "odd": [5, "\x1b[2J"]}[self.how]


class Undecided(Parameters, frozen=True):
    """Parameters that cannot say whether they may ask for a judgement."""

    @property
    def may_judge(self) -> bool:
        """Raise."""
        raise ValueError("undecided")


class Unmade(Parameters, frozen=True):
    """Parameters that cannot be made."""

    def __post_init__(self) -> None:
        raise RuntimeError("unmade")


@pytest.mark.parametrize(
    ("form", "written", "word"),
    [
        (Slips, '{ how = "raises" }', "KeyboardInterrupt"),
        (Slips, '{ how = "hangs" }', "too long"),
        (Slips, '{ how = "endless" }', "0"),
        (Slips, '{ how = "none" }', "TypeError"),
        (Slips, '{ how = "odd" }', r"\x1b"),
        (Undecided, "{}", "undecided"),
        (Unmade, "{}", "unmade"),
    ],
)
def test_parameters_whose_own_code_goes_wrong_are_located(form: type, written: str, word: str) -> None:
    specs = {"own": CheckSpec("own", at_least, form, judges=True)}
    data = parse(requirement("R", 'check = "own"', f"parameters = {written}"))
    with pytest.raises(LedgerError) as caught, contained(0.2, result_of.__code__):
        load_standard("basic.toml", data, "basic", known(specs))
    found = caught.value.fault.args["errors"]
    assert {(one["id"], one["key"]) for one in found} == {("R", "parameters")}
    assert len(found) <= 100
    assert word in found[0]["en"] + found[-1]["en"]
    assert all(one["en"].isprintable() for one in found)
