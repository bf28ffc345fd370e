"""Stock checks made of others: all_of, any_of, judged; and what all stock checks have in common."""

from __future__ import annotations

import itertools
import random
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checking import bench, dossier, said
from dingji.terms import Outcome
from dingji_plugins import stock
from dingji_plugins.stock import composed, dated_entries
from dingji_plugins.stock.base import check_name
from dingji_plugins.stock.record_fields import SAY as RECORD_PHRASES
from trials import OURS, SPECS, Trials, check

MET, NOT_MET, NOT_APPLICABLE = Outcome.MET, Outcome.NOT_MET, Outcome.NOT_APPLICABLE
UNDETERMINED, NEEDS_JUDGEMENT = Outcome.UNDETERMINED, Outcome.NEEDS_JUDGEMENT

TRIALS = Trials(
    staff="int",
    quota="int",
    hall="bool",
    counter="bool",
    branch=("own", "joint", "none"),
    duties=[["leave", "warning", "reports", "plan"]],
    asked=[["leave", "warning", "reports", "plan"]],
    rooms=["text"],
    ranks=[{"year": "year", "rank": "int", "stations": "int"}],
    days=["date"],
)


def found(lines: tuple[str, ...], **case: Any) -> Any:
    settings = {key: case.pop(key) for key in ("evidence", "on", "registered", "size") if key in case}
    return TRIALS.found(lines, case, **settings)


BOTH = '{ check = "present", fact = "hall" }, { check = "present", fact = "counter" }'
ALL = check("all_of", f"parts = [{BOTH}]")
ANY = check("any_of", f"parts = [{BOTH}]")
PAPERS = ["hall", "counter"]


STATES = {"met": MET, "not_met": NOT_MET, "undetermined": UNDETERMINED, "needs_judgement": NEEDS_JUDGEMENT}
FOLDED = {
    "met": '{ check = "at_least", fact = "staff", minimum = 0 }',
    "not_met": '{ check = "at_least", fact = "staff", minimum = 9 }',
    "undetermined": '{ check = "at_least", fact = "quota", minimum = 1 }',
    "needs_judgement": '{ check = "judged" }',
    "left_out": '{ check = "judged", when = { fact = "staff", more_than = 9 } }',
}


class TestFolding:
    """all_of, any_of."""

    @pytest.mark.parametrize("parts", list(itertools.combinations_with_replacement(FOLDED, 2)))
    def test_the_order_of_outcomes(self, parts: tuple[str, str]) -> None:
        orders = {
            "all_of": ("not_met", "undetermined", "needs_judgement", "met"),
            "any_of": ("met", "undetermined", "needs_judgement", "not_met"),
        }
        for name, order in orders.items():
            for two in (parts, parts[::-1]):
                finding = found(check(name, f"parts = [{', '.join(FOLDED[part] for part in two)}]"), staff=0)
                expected = next((STATES[one] for one in order if one in parts), NOT_APPLICABLE)
                assert finding.outcome is expected

    def test_all_that_is_unknown_is_named(self) -> None:
        assert found(ALL).lacking == {"hall": "missing", "counter": "missing"}
        assert found(ALL, hall=True).lacking == {"hall": "unsupported", "counter": "missing"}
        assert found(ANY, counter=False).lacking == {"hall": "missing"}

    def test_all_need_their_papers(self) -> None:
        assert found(ALL, hall=True, counter=True, evidence=PAPERS[:1]).lacking == {"counter": "unsupported"}
        assert found(ALL, hall=True, counter=True, evidence=PAPERS).outcome is MET
        assert found(ANY, hall=True, counter=False, evidence=PAPERS).outcome is MET

    def test_the_reasons_are_those_of_the_parts_that_decide(self) -> None:
        finding = found(ALL, hall=True, counter=False, evidence=PAPERS)
        assert (finding.outcome, finding.measured, finding.required) == (NOT_MET, [True, False], [True, True])
        assert said(finding) == "counter: Declared not to be so."

    def test_a_part_says_what_it_is_about(self) -> None:
        parts = '{ check = "recorded", fact = "ranks", where = { year = 2022, rank = 1 } }'
        assert "ranks (2022, 1): " in said(found(check("any_of", f"parts = [{parts}]"), ranks=[]))

    def test_what_has_no_paper_in_one_part_has_none_in_another(self) -> None:
        parts = '{ check = "present", fact = "hall" }, { check = "judged", facts = ["hall"] }'
        assert found(check("all_of", f"parts = [{parts}]"), hall=True).lacking == {"hall": "unsupported"}

    @pytest.mark.parametrize(("when", "outcome"), [(8, NOT_MET), (7, MET), (None, UNDETERMINED)])
    def test_a_part_is_left_out_where_its_case_is_not_given(self, when: int | None, outcome: Outcome) -> None:
        lines = check(
            "all_of",
            'parts = [{ check = "present", fact = "hall" }, '
            '{ check = "present", fact = "counter", when = { fact = "staff", more_than = 7 } }]',
        )
        facts = {"hall": True, "counter": False} | ({} if when is None else {"staff": when})
        finding = found(lines, evidence=PAPERS, **facts)
        assert finding.outcome is outcome
        assert finding.lacking == ({"staff": "missing"} if when is None else {})

    def test_parts_may_be_made_of_parts(self) -> None:
        one = '{ check = "any_of", parts = [{ check = "at_least", fact = "staff", minimum = 2 }, ' + BOTH + "] }"
        lines = check("all_of", f'parts = [{one}, {{ check = "at_most", fact = "staff", maximum = 3 }}]')
        assert [found(lines, staff=staff, hall=False, counter=False).outcome for staff in (1, 2, 3, 4)] == [
            NOT_MET, MET, MET, NOT_MET
        ]  # fmt: skip

    def test_it_can_be_judged_only_if_a_part_can(self) -> None:
        judged = check("all_of", f'parts = [{BOTH}, {{ check = "judged" }}]')
        for lines, judgeable in ((ALL, False), (ANY, False), (judged, True), ((*ALL, OURS), True)):
            assert TRIALS.standard(*lines).requirements[0].judgeable is judgeable

    @pytest.mark.parametrize(
        ("parts", "why"),
        [
            ("", "length >= 1"),
            ('{ check = "presnt", fact = "hall" }', "presnt"),
            ('{ fact = "hall" }', "check"),
            ('{ check = "present", fact = "hal" }', "hal"),
            ('{ check = "present", fact = "staff" }', "staff is of type int"),
            ('{ check = "at_least", fact = "staff", minimum = { large = 1 } }', "medium"),
            ('{ check = "recorded", fact = "days", where = { x = 1 } }', "no field x"),
            ('{ check = "present", fact = "hall", when = { fact = "staf", more_than = 1 } }', "staf"),
            ('{ check = "present", fact = "hall", when = { fact = "staff" } }', "condition"),
            ('{ check = "present", fact = "hall", when = { fact = "hall", more_than = 1 } }', "more_than"),
            ('{ check = "present", fact = "hall", other = 1 }', "other"),
        ],
    )
    def test_parts_that_make_no_sense_are_refused(self, parts: str, why: str) -> None:
        assert why in TRIALS.refused(*check("all_of", f"parts = [{parts}]"))


class TestJudged:
    """An assessor decides."""

    PROPOSAL = 'proposal = { check = "rank", fact = "ranks", numerator = 1, denominator = 3, years = 1 }'

    @pytest.mark.parametrize(("rank", "word"), [(3, "(met)"), (4, "(not met)"), (10, "(undetermined)")])
    def test_a_proposal_is_shown_and_decides_nothing(self, rank: int, word: str) -> None:
        finding = found(check("judged", self.PROPOSAL), ranks=[{"year": 2023, "rank": rank, "stations": 9}])
        assert finding.outcome is NEEDS_JUDGEMENT
        assert word in said(finding)

    def test_a_proposal_without_its_facts(self) -> None:
        finding = found(check("judged", self.PROPOSAL))
        assert (finding.outcome, finding.lacking) == (NEEDS_JUDGEMENT, {})
        assert "undetermined" in said(finding)

    def test_facts_are_said(self) -> None:
        lines = check("judged", 'facts = ["staff", "hall", "rooms", "branch", "quota"]')
        finding = found(lines, staff=0, hall=True, rooms=["a"], branch="own")
        assert "staff: 0. hall: yes. rooms: 1 on record. branch: <own>." in said(finding)
        assert "quota" not in said(finding)

    def test_a_proposal_has_no_condition_of_its_own(self) -> None:
        proposal = 'proposal = { check = "present", fact = "hall", when = { fact = "staff", more_than = 1 } }'
        assert "when is for parts" in TRIALS.refused(*check("judged", proposal))


@pytest.mark.parametrize(("duties", "outcome"), [(["leave"], MET), ([], NOT_APPLICABLE), (None, UNDETERMINED)])
def test_a_condition_that_a_list_is_not_empty(duties: list[str] | None, outcome: Outcome) -> None:
    lines = check("at_least", 'fact = "staff", minimum = 0', 'condition = { fact = "duties", empty = false }')
    given: dict[str, Any] = {} if duties is None else {"duties": duties}
    finding = found(lines, staff=1, **given)
    assert finding.outcome is outcome
    assert "duties" in said(finding) or outcome is MET


def test_only_a_list_can_be_empty() -> None:
    condition = 'condition = { fact = "staff", empty = true }'
    assert "empty" in TRIALS.refused(*check("at_least", 'fact = "staff", minimum = 0', condition))


def test_every_stock_check_says_its_parameters_its_outcomes_and_an_example() -> None:
    for name, spec in SPECS.items():
        documented = spec.parameters.__doc__ or ""
        assert documented.startswith(f"`{name}`: "), name
        assert "xample" in documented or "xamples" in documented, name
        assert "met" in documented or "needs_judgement" in documented, name
        assert spec.function.__doc__, name
    for text in RECORD_PHRASES.templates.values():
        assert set(text) == {"zh", "en"}


def test_every_stock_check_can_be_a_part() -> None:
    stocked = {check_name(parameters.__name__) for parameters in composed.FUNCTIONS}
    assert stocked == SPECS.keys() - {"ratio_if_set", "rate_raised", "each_followed"}
    assert set(composed.AnyPart.__args__) == set(composed.FUNCTIONS)


def test_judging_is_declared() -> None:
    judging = {name for name, one in bench(SPECS).items() if one.judges}
    assert judging == {
        "all_of", "any_of", "judged", "none_within", "every_period", "ratio_if_set", "rate_raised"
    }  # fmt: skip
    assert dated_entries.NoneWithin in stock.JUDGING


def test_a_window_reaches_before_the_registration_only_when_asked() -> None:
    new = dossier(registered=date(2024, 1, 1))
    assert (new.window(12).first, new.window(12, since_registration=False).first) == (
        date(2024, 1, 1),
        date(2023, 7, 1),
    )


KEYS = st.sampled_from(["staff", "quota", "hall", "counter", "branch", "duties", "asked"])
GIVEN = st.fixed_dictionaries({
    "staff": st.integers(0, 4),
    "quota": st.integers(0, 4),
    "hall": st.booleans(),
    "counter": st.booleans(),
    "branch": st.sampled_from(["own", "joint", "none"]),
    "duties": st.lists(st.sampled_from(["leave", "warning", "reports", "plan"])),
    "asked": st.lists(st.sampled_from(["leave", "warning"])),
})  # fmt: skip
PARTS = st.sampled_from([
    '{ check = "at_least", fact = "staff", minimum = 2 }',
    '{ check = "covers", part = "staff", whole = "quota", within = true }',
    '{ check = "present", fact = "hall" }',
    '{ check = "one_of", fact = "branch", values = ["own"] }',
    '{ check = "holds", fact = "duties", items = ["leave", "warning"], limited_to = { fact = "asked" } }',
    '{ check = "holds", fact = "duties", minimum = 2, evidence = true }',
    '{ check = "at_most", fact = "staff", maximum = 2, when = { fact = "counter", is = true } }',
])  # fmt: skip


@given(GIVEN, st.lists(PARTS, min_size=1, max_size=3), st.sampled_from(["all_of", "any_of"]), st.sets(KEYS))
def test_what_is_not_known_never_reaches(given: dict[str, Any], parts: list[str], name: str, hidden: set[str]) -> None:
    lines = check(name, f"parts = [{', '.join(parts)}]")
    whole = found(lines, **given, evidence=["hall", "duties"]).outcome
    known = {key: value for key, value in given.items() if key not in hidden}
    part = found(lines, **known, evidence=["hall", "duties"]).outcome
    assert part in {whole, UNDETERMINED}
    bare = found(lines, **given).outcome
    assert bare in {whole, UNDETERMINED}


@given(GIVEN, st.lists(PARTS, min_size=1, max_size=4), st.sampled_from(["all_of", "any_of"]), st.integers(0, 9))
def test_the_order_of_parts_and_of_items_decides_nothing(
    given: dict[str, Any], parts: list[str], name: str, seed: int
) -> None:
    shuffle = random.Random(seed)
    lines = check(name, f"parts = [{', '.join(parts)}]")
    other = check(name, f"parts = [{', '.join(shuffle.sample(parts, len(parts)))}]")
    assert found(lines, **given).outcome is found(other, **given).outcome
    mixed = given | {"duties": shuffle.sample(given["duties"], len(given["duties"]))}
    one, two = found(lines, **given), found(lines, **mixed)
    assert (one.outcome, one.measured, one.reason) == (two.outcome, two.measured, two.reason)
