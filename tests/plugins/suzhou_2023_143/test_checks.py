"""The checks of 苏司〔2023〕143号's own, each by itself."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checking import said
from dingji.terms import Outcome
from dingji_plugins.suzhou_2023_143 import checks
from trials import NIL, OURS, Trials, check, nil

MET, NOT_MET = Outcome.MET, Outcome.NOT_MET
UNDETERMINED, NEEDS_JUDGEMENT = Outcome.UNDETERMINED, Outcome.NEEDS_JUDGEMENT

TRIALS = Trials(
    workers="int",
    persons="int",
    ratio="int",
    duty=[{"from": "date", "to": "date", "on_duty": "int", "due": "int"}],
    talks=[{"date": "date", "groups": {"items": "text"}}],
    issues=[{"raised_on": "date", "raised": "int", "answered": "int"}],
    years=[{"year": "year", "raised": "int"}],
    nil=[NIL],
)

RATIO = check("ratio_if_set", 'workers = "workers", persons = "persons", persons_per_worker = "ratio"')
DUTY = check("rate_raised", 'fact = "duty", part = "on_duty", whole = "due"')
TALKS = check("each_followed", 'fact = "talks", by = "issues", count = "raised", nil = "nil"', "window_months = 12")


def found(lines: tuple[str, ...], **case: Any) -> Any:
    settings = {key: case.pop(key) for key in ("on", "registered") if key in case}
    return TRIALS.found(lines, case, **settings)


class TestRatioIfSet:
    """Row 7 of attachment 1: no ratio is known for follow-up care."""

    def test_while_no_document_sets_it_an_assessor_judges(self) -> None:
        finding = found(RATIO, workers=1, persons=9)
        assert (finding.outcome, finding.lacking) == (NEEDS_JUDGEMENT, {})
        assert "9 in charge, 1 found" in said(finding)
        assert found(RATIO).outcome is NEEDS_JUDGEMENT

    @pytest.mark.parametrize(
        ("persons", "workers", "required", "outcome"),
        [(0, 0, 0, MET), (20, 1, 1, MET), (21, 1, 2, NOT_MET), (21, 2, 2, MET), (1, 0, 1, NOT_MET)],
    )
    def test_once_it_is_set_it_counts(self, persons: int, workers: int, required: int, outcome: Outcome) -> None:
        finding = found(RATIO, workers=workers, persons=persons, ratio=20)
        assert (finding.outcome, finding.measured, finding.required) == (outcome, workers, required)

    def test_then_the_numbers_must_be_known(self) -> None:
        assert found(RATIO, ratio=20).lacking == {"workers": "missing", "persons": "missing"}
        assert found(RATIO, ratio=0, workers=1, persons=1).outcome is UNDETERMINED


def duty(first: str, last: str, on_duty: int, due: int) -> dict[str, Any]:
    return {"from": first, "to": last, "on_duty": on_duty, "due": due}


BEFORE = duty("2023-01-01", "2023-12-31", 5, 10)


class TestRateRaised:
    """Row 46 of attachment 2: more on duty in the key hours of non-working days than before."""

    @pytest.mark.parametrize(
        ("on_duty", "due", "outcome"),
        [(5, 10, NOT_MET), (6, 10, MET), (4, 10, NOT_MET), (3, 6, NOT_MET), (4, 7, MET), (10, 10, MET)],
    )
    def test_against_the_period_before(self, on_duty: int, due: int, outcome: Outcome) -> None:
        assert found(DUTY, duty=[BEFORE, duty("2024-01-01", "2024-06-30", on_duty, due)]).outcome is outcome

    def test_short_of_it_is_left_to_judgement_where_the_measure_is_ours(self) -> None:
        finding = found((*DUTY, OURS), duty=[BEFORE, duty("2024-01-01", "2024-06-30", 5, 10)])
        assert finding.outcome is NEEDS_JUDGEMENT
        assert "2023-01-01 to 2023-12-31: 5 of 10." in said(finding)

    @pytest.mark.parametrize(("on_duty", "outcome"), [(9, NEEDS_JUDGEMENT), (10, MET)])
    def test_a_first_period_is_enough_only_if_full(self, on_duty: int, outcome: Outcome) -> None:
        assert found(DUTY, duty=[duty("2024-01-01", "2024-06-30", on_duty, 10)]).outcome is outcome

    def test_full_duty_is_enough_even_after_full_duty(self) -> None:
        full = [duty("2023-01-01", "2023-12-31", 5, 5), duty("2024-01-01", "2024-03-31", 5, 5)]
        assert found(DUTY, duty=full).outcome is MET

    def test_a_period_that_is_not_over_does_not_count(self) -> None:
        running = duty("2024-04-01", "2024-07-01", 9, 10)
        assert found(DUTY, duty=[BEFORE, running]).outcome is NEEDS_JUDGEMENT
        assert found(DUTY, duty=[BEFORE, running], on=date(2024, 7, 1)).outcome is MET

    def test_nothing_on_record(self) -> None:
        assert found(DUTY, duty=[]).outcome is NOT_MET
        assert found(DUTY).lacking == {"duty": "missing"}

    def test_no_rate_without_anyone_due(self) -> None:
        assert found(DUTY, duty=[BEFORE, duty("2024-01-01", "2024-06-30", 0, 0)]).outcome is UNDETERMINED
        assert found(DUTY, duty=[duty("2023-01-01", "2023-12-31", 0, 0), duty("2024-01-01", "2024-06-30", 1, 2)]
                     ).outcome is UNDETERMINED  # fmt: skip


def talk(day: str) -> dict[str, Any]:
    return {"date": day, "groups": ["deputy"]}


def issue(day: str, raised: int = 1) -> dict[str, Any]:
    return {"raised_on": day, "raised": raised, "answered": 0}


class TestEachFollowed:
    """Row 48 of attachment 2: each talk brings something, or a statement that nobody raised anything."""

    @pytest.mark.parametrize(
        ("issues", "outcome"),
        [
            ([issue("2024-01-10"), issue("2024-03-10", 4)], MET),
            ([issue("2024-01-10")], NOT_MET),
            ([issue("2024-01-10"), issue("2024-03-10", 0)], NOT_MET),
            ([issue("2024-01-10"), issue("2024-03-11")], NOT_MET),
        ],
    )
    def test_an_issue_on_each_day(self, issues: list[Any], outcome: Outcome) -> None:
        finding = found(TALKS, talks=[talk("2024-01-10"), talk("2024-03-10")], issues=issues, nil=[])
        assert finding.outcome is outcome
        assert finding.required == 2
        assert ("2024-03-10" in said(finding)) is (outcome is NOT_MET)

    @pytest.mark.parametrize(
        ("span", "outcome"),
        [
            (nil("2024-03-10", "2024-03-10"), MET),
            (nil("2024-03-11", "2024-06-30"), NOT_MET),
            (nil("2023-07-01", "2024-03-09"), NOT_MET),
            (nil("2024-03-10", "2024-03-10", of="S"), NOT_MET),
        ],
    )
    def test_a_nil_statement_for_the_day(self, span: dict[str, str], outcome: Outcome) -> None:
        assert found(TALKS, talks=[talk("2024-03-10")], issues=[], nil=[span]).outcome is outcome

    @pytest.mark.parametrize(
        ("day", "outcome"), [("2023-06-30", MET), ("2023-07-01", NOT_MET), ("2024-06-30", NOT_MET)]
    )
    def test_only_talks_in_the_window_count(self, day: str, outcome: Outcome) -> None:
        talks = [talk("2024-01-10"), talk(day)]
        assert found(TALKS, talks=talks, issues=[issue("2024-01-10")], nil=[]).outcome is outcome

    def test_without_any_talk_nothing_was_asked(self) -> None:
        assert found(TALKS, talks=[], issues=[]).outcome is NOT_MET

    def test_what_is_not_known_is_named(self) -> None:
        assert found(TALKS).lacking == {"talks": "missing", "issues": "missing"}
        assert found(TALKS, talks=[talk("2024-01-10")], issues=[]).lacking == {"nil": "missing"}
        assert found(TALKS, talks=[talk("2024-01-10")], issues=[issue("2024-01-10")]).outcome is MET


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (
            check("ratio_if_set", 'workers = "workers", persons = "persons", persons_per_worker = 15'),
            "persons_per_worker",
        ),
        (check("rate_raised", 'fact = "duty", part = "on", whole = "due"'), "no field on"),
        (check("rate_raised", 'fact = "talks", part = "date", whole = "date"'), "no field from"),
        (check("each_followed", 'fact = "talks", by = "issues", count = "raise"'), "no field raise"),
        (check("each_followed", 'fact = "talks", by = "years", count = "raised"'), "have no dates"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(lines: tuple[str, ...], why: str) -> None:
    assert why in TRIALS.refused(*lines)


def test_every_text_has_both_languages() -> None:
    assert all(set(text) == {"zh", "en"} for text in checks.SAY.templates.values())


DAYS = st.sampled_from(["2024-01-10", "2024-02-10", "2024-03-10"])


@given(st.lists(DAYS, max_size=3), st.lists(DAYS, max_size=3), st.lists(DAYS, max_size=3), st.booleans())
def test_more_issues_never_turn_met_into_not_met(
    days: list[str], had: list[str], more: list[str], stated: bool
) -> None:
    given = {"talks": [talk(day) for day in days]} | ({"nil": [nil("2024-02-01", "2024-02-28")]} if stated else {})
    if found(TALKS, **given, issues=[issue(day) for day in had]).outcome is MET:
        assert found(TALKS, **given, issues=[issue(day) for day in had + more]).outcome is MET


@given(st.integers(0, 9), st.integers(1, 9), st.integers(0, 9), st.integers(1, 9), st.integers(0, 9))
def test_more_on_duty_never_turns_met_into_not_met(before: int, due: int, now: int, due_now: int, more: int) -> None:
    first = duty("2023-01-01", "2023-12-31", before, due)

    def after(number: int) -> Outcome:
        outcome: Outcome = found(DUTY, duty=[first, duty("2024-01-01", "2024-06-30", number, due_now)]).outcome
        return outcome

    if after(now) is MET:
        assert after(now + more) is MET


@given(
    st.lists(st.builds(duty, DAYS, DAYS, st.integers(0, 3), st.integers(1, 3)), max_size=4),
    st.lists(st.builds(talk, DAYS), max_size=4),
    st.lists(st.builds(issue, DAYS, st.integers(0, 1)), max_size=4),
    st.integers(0, 9),
)
def test_the_order_of_records_means_nothing(duties: list[Any], talks: list[Any], issues: list[Any], seed: int) -> None:
    shuffle = random.Random(seed)
    for lines, lists in ((DUTY, {"duty": duties}), (TALKS, {"talks": talks, "issues": issues, "nil": []})):
        mixed = {key: shuffle.sample(held, len(held)) for key, held in lists.items()}
        one, other = found(lines, **lists), found(lines, **mixed)
        assert (one.outcome, one.measured, one.reason) == (other.outcome, other.measured, other.reason)
