"""Stock checks of entries in time: recorded, none_within, every_period."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checking import said
from dingji.terms import Outcome
from trials import NIL, OURS, Trials, check, nil

MET, NOT_MET, NOT_APPLICABLE = Outcome.MET, Outcome.NOT_MET, Outcome.NOT_APPLICABLE
UNDETERMINED, NEEDS_JUDGEMENT = Outcome.UNDETERMINED, Outcome.NEEDS_JUDGEMENT
KINDS = ["contract", "decision", "document", "other"]

TRIALS = Trials(
    days=["date"],
    reviews=[{"date": "date", "type": KINDS, "by": "text"}],
    talks=[{"date": "date", "groups": {"items": ["deputy", "public"]}}],
    months=[{"year": "year", "month": "month", "acts": "int"}],
    years=[{"year": "year", "village": "text"}],
    funds=[{"year": "year", "budgeted": "int"}],
    contracts=[{"from": "date", "to": "date", "with": "text"}],
    agreements=[{"partner": ["court", "police"], "covers": {"items": ["a", "b", "c"]}}],
    stations=[{"station": "text", "size": ["large", "medium", "small"]}],
    awards=[{"date": "date", "level": ["county", "city", "province"], "department": "bool"}],
    nil=[NIL],
    staff="int",
)  # fmt: skip

YEAR = "window_months = 12"
ONE = check("recorded", 'fact = "days"', YEAR)
TWO = check("recorded", 'fact = "days", minimum = 2, days = true', YEAR)


def found(lines: tuple[str, ...], **case: Any) -> Any:
    settings = {key: case.pop(key) for key in ("evidence", "on", "registered", "size", "stated") if key in case}
    return TRIALS.found(lines, case, **settings)


def review(day: str, kind: str = "contract") -> dict[str, str]:
    return {"date": day, "type": kind, "by": "x"}


class TestRecorded:
    """At least n entries in a window."""

    @pytest.mark.parametrize(
        ("day", "outcome"),
        [
            ("2023-06-30", NOT_MET),  # (2023-06-30, 2024-06-30]
            ("2023-07-01", MET),
            ("2024-06-30", MET),
            ("2024-07-01", NOT_MET),
        ],
    )
    def test_the_first_and_the_last_day_of_the_window(self, day: str, outcome: Outcome) -> None:
        finding = found(ONE, days=[day])
        assert (finding.outcome, finding.measured, finding.required) == (outcome, int(outcome is MET), 1)
        assert "2023-07-01 to 2024-06-30" in said(finding)

    def test_what_a_last_day_of_february_has_a_year_before_it(self) -> None:
        on = date(2024, 2, 29)
        assert found(ONE, days=["2023-02-28"], on=on).outcome is NOT_MET
        assert found(ONE, days=["2023-03-01"], on=on).outcome is MET

    def test_no_day_before_the_registration(self) -> None:
        for day, outcome in (("2024-03-09", NOT_MET), ("2024-03-10", MET)):
            finding = found(ONE, days=[day], registered=date(2024, 3, 10))
            assert finding.outcome is outcome
            assert "2024-03-10 to 2024-06-30" in said(finding)

    def test_without_a_window_all_since_the_registration_counts(self) -> None:
        lines = check("recorded", 'fact = "days"')
        assert found(lines, days=["2011-01-01"]).outcome is MET
        assert found(lines, days=["2009-12-31"]).outcome is NOT_MET
        assert found(lines, days=["2024-07-01"]).outcome is NOT_MET

    @pytest.mark.parametrize(
        ("days", "measured", "outcome"),
        [
            ([], 0, NOT_MET),
            (["2024-01-01"], 1, NOT_MET),
            (["2024-01-01", "2024-01-01"], 1, NOT_MET),
            (["2024-01-01", "2024-01-02"], 2, MET),
            (["2024-01-01", "2024-01-02", "2024-01-03"], 3, MET),
        ],
    )
    def test_as_many_as_asked_on_different_days(self, days: list[str], measured: int, outcome: Outcome) -> None:
        finding = found(TWO, days=days)
        assert (finding.outcome, finding.measured, finding.required) == (outcome, measured, 2)

    def test_two_on_one_day_are_two_entries_and_one_day(self) -> None:
        reviews = [review("2024-01-01"), review("2024-01-01", "decision")]
        for days, outcome in (("true", NOT_MET), ("false", MET)):
            lines = check("recorded", f'fact = "reviews", minimum = 2, days = {days}', YEAR)
            assert found(lines, reviews=reviews).outcome is outcome

    def test_equal_entries_count_once(self) -> None:
        lines = check("recorded", 'fact = "reviews", minimum = 2', YEAR)
        assert found(lines, reviews=[review("2024-01-01"), dict(reversed(review("2024-01-01").items()))]).measured == 1

    def test_what_is_ours_is_left_to_judgement(self) -> None:
        finding = found((*ONE, OURS), days=[])
        assert (finding.outcome, finding.measured) == (NEEDS_JUDGEMENT, 0)
        assert "the measure" in said(finding)
        assert found((*ONE, OURS), days=["2024-01-01"]).outcome is MET

    def test_a_list_that_is_not_known_is_undetermined(self) -> None:
        finding = found(ONE)
        assert (finding.outcome, finding.lacking) == (UNDETERMINED, {"days": "missing"})

    def test_a_minimum_by_size(self) -> None:
        lines = check("recorded", 'fact = "days", minimum = { large = 3, medium = 2, small = 1 }', YEAR)
        days = ["2024-01-01", "2024-01-02"]
        assert [found(lines, days=days, size=size).outcome for size in ("large", "medium", "small")] == [
            NOT_MET, MET, MET
        ]  # fmt: skip
        assert found(lines, days=days, size=None).lacking == {"size": "missing"}

    def test_with_evidence_asked_for_it_needs_a_paper(self) -> None:
        lines = check("recorded", 'fact = "days", evidence = true', YEAR)
        bare = found(lines, days=["2024-01-01"])
        assert (bare.outcome, bare.lacking, bare.measured) == (UNDETERMINED, {"days": "unsupported"}, 1)
        assert found(lines, days=["2024-01-01"], evidence=["days"]).outcome is MET
        assert found(lines, days=[]).outcome is NOT_MET  # that there is none needs no paper


class TestFilters:
    """Which entries count."""

    @pytest.mark.parametrize(
        ("where", "outcome"),
        [
            ('level = "city"', NOT_MET),
            ('level = "county"', MET),
            ('level = ["city", "county"]', MET),
            ('level = "county", department = false', NOT_MET),
            ('level = "county", department = true', MET),
        ],
    )
    def test_fields_have_a_value_or_one_of_several(self, where: str, outcome: Outcome) -> None:
        lines = check("recorded", f'fact = "awards", where = {{ {where} }}', YEAR)
        awards = [{"date": "2024-01-01", "level": "county", "department": True}]
        assert found(lines, awards=awards).outcome is outcome

    @pytest.mark.parametrize(
        ("covers", "outcome"),
        [
            ([["a", "b", "c"]], MET),
            ([["c", "a", "b"], []], MET),
            ([["a"], ["b", "c"]], NOT_MET),
            ([["a", "b"]], NOT_MET),
        ],
    )
    def test_a_list_field_holds_all_of_them(self, covers: list[list[str]], outcome: Outcome) -> None:
        lines = check("recorded", 'fact = "agreements", where = { partner = "court", covers = ["a", "b", "c"] }')
        agreements = [{"partner": "court", "covers": own} for own in covers]
        agreements.append({"partner": "police", "covers": ["a", "b", "c"]})
        finding = found(lines, agreements=agreements)
        assert finding.outcome is outcome
        assert said(finding).startswith("On record:")  # no window where entries have no time

    def test_one_of_each_kind(self) -> None:
        lines = check(
            "recorded",
            'fact = "reviews", each = { field = "type", values = [["decision", "other"], "contract"] }',
            YEAR,
        )
        reviews = [review("2024-01-01"), review("2024-02-01", "other")]
        assert found(lines, reviews=reviews).outcome is MET
        finding = found(lines, reviews=[review("2024-01-01"), review("2023-06-30", "decision")])
        assert finding.outcome is NOT_MET
        assert "Lacking: <decision>/<other>." in said(finding)

    def test_kinds_in_a_list_field_may_lie_in_several_entries(self) -> None:
        lines = check(
            "recorded",
            'fact = "talks", minimum = 2, days = true, each = { field = "groups", values = ["deputy", "public"] }',
            YEAR,
        )
        apart = [{"date": "2024-01-01", "groups": ["deputy"]}, {"date": "2024-02-01", "groups": ["public"]}]
        assert found(lines, talks=apart).outcome is MET
        assert found(lines, talks=[{"date": "2024-01-01", "groups": ["deputy", "public"]}]).outcome is NOT_MET

    def test_kinds_that_another_list_has(self) -> None:
        lines = check(
            "recorded",
            'fact = "talks", each = { field = "groups", values = ["deputy", "public"], '
            'limited_to = { fact = "stations", field = "station" } }',
            YEAR,
        )
        talks = [{"date": "2024-01-01", "groups": ["public"]}]
        for held, outcome in (("public", MET), ("deputy", NOT_MET), ("x", MET)):
            assert found(lines, talks=talks, stations=[{"station": held, "size": "small"}]).outcome is outcome
        assert found(lines, talks=talks).lacking == {"stations": "missing"}


class TestTime:
    """Windows of every form, entries of every fineness."""

    @pytest.mark.parametrize(
        ("year", "month", "outcome"),
        [(2023, 6, NOT_MET), (2023, 7, MET), (2024, 6, MET), (2024, 7, NOT_MET)],
    )
    def test_a_month_counts_by_its_first_day(self, year: int, month: int, outcome: Outcome) -> None:
        lines = check("recorded", 'fact = "months", count = "acts"', YEAR)
        for on in (date(2024, 6, 30), date(2024, 6, 2)):
            assert found(lines, months=[{"year": year, "month": month, "acts": 1}], on=on).outcome is outcome

    def test_the_month_of_registration_counts(self) -> None:
        lines = check("recorded", 'fact = "months", count = "acts"', YEAR)
        for month, outcome in ((2, NOT_MET), (3, MET)):
            months = [{"year": 2024, "month": month, "acts": 1}]
            assert found(lines, months=months, registered=date(2024, 3, 10)).outcome is outcome

    @pytest.mark.parametrize(("acts", "outcome"), [([0], NOT_MET), ([0, 0], NOT_MET), ([0, 1], MET), ([], NOT_MET)])
    def test_a_count_is_added_up(self, acts: list[int], outcome: Outcome) -> None:
        lines = check("recorded", 'fact = "months", count = "acts"', YEAR)
        months = [{"year": 2024, "month": month, "acts": number} for month, number in enumerate(acts, 1)]
        assert found(lines, months=months).outcome is outcome

    @pytest.mark.parametrize(
        ("over", "years"),
        [
            ("years = 1", {2023}),
            ("years = 3", {2021, 2022, 2023}),
            ("years = 3, current = true", {2021, 2022, 2023, 2024}),
            ("since = 2022-01-01", {2022, 2023, 2024}),
        ],
    )
    def test_years(self, over: str, years: set[int]) -> None:
        lines = check("recorded", f'fact = "years", over = {{ {over} }}')
        if over.startswith("since"):
            lines = check("recorded", f'fact = "months", count = "acts", over = {{ {over} }}')
        for year in range(2019, 2026):
            given = {"years": [{"year": year, "village": "x"}], "months": [{"year": year, "month": 1, "acts": 1}]}
            assert (found(lines, **given).outcome is MET) is (year in years)

    def test_the_year_of_registration_counts(self) -> None:
        lines = check("recorded", 'fact = "years", over = { years = 3 }')
        for year, outcome in ((2021, NOT_MET), (2022, MET)):
            years = [{"year": year, "village": "x"}]
            assert found(lines, years=years, registered=date(2022, 5, 1)).outcome is outcome

    def test_days_within_years(self) -> None:
        lines = check("recorded", 'fact = "days", over = { years = 1 }')
        for day, outcome in (
            ("2022-12-31", NOT_MET), ("2023-01-01", MET), ("2023-12-31", MET), ("2024-01-01", NOT_MET)
        ):  # fmt: skip
            assert found(lines, days=[day]).outcome is outcome

    def test_the_latest_on_record(self) -> None:
        lines = check("recorded", 'fact = "funds", count = "budgeted", over = { latest = true }')
        before, latest = {"year": 2022, "budgeted": 5}, {"year": 2023, "budgeted": 0}
        assert found(lines, funds=[before, latest]).outcome is NOT_MET
        assert found(lines, funds=[before]).outcome is MET
        assert found(lines, funds=[]).outcome is NOT_MET

    @pytest.mark.parametrize(
        ("first", "last", "outcome"),
        [
            ("2024-06-30", "2024-06-30", MET),
            ("2024-01-01", "2024-06-29", NOT_MET),
            ("2024-07-01", "2024-12-31", NOT_MET),
            ("2023-07-01", "2025-06-30", MET),
        ],
    )
    def test_in_force_on_the_day(self, first: str, last: str, outcome: Outcome) -> None:
        lines = check("recorded", 'fact = "contracts", over = { in_force = true }')
        finding = found(lines, contracts=[{"from": first, "to": last, "with": "x"}])
        assert finding.outcome is outcome
        assert "2024-06-30" in said(finding)


REVIEWED = check(
    "recorded", 'fact = "reviews", each = { field = "type", values = ["contract", "decision"] }, nil = "nil"', YEAR
)


class TestNilStatements:
    """That whatever has no entry did not arise."""

    @pytest.mark.parametrize(
        ("spans", "outcome"),
        [
            ([("2023-07-01", "2024-06-30")], MET),
            ([("2023-06-01", "2024-03-31")], MET),  # it may end three months before, as long as it is fresh
            ([("2023-07-02", "2024-06-30")], NOT_MET),
            ([("2023-07-01", "2024-03-30")], NOT_MET),
            ([("2023-07-01", "2023-12-31"), ("2024-01-01", "2024-06-30")], MET),
            ([("2023-07-01", "2023-12-31"), ("2024-01-02", "2024-06-30")], NOT_MET),
            ([("2023-01-01", "2024-02-01"), ("2023-07-01", "2023-08-01"), ("2024-02-01", "2024-06-30")], MET),
            ([("2021-01-01", "2021-12-31"), ("2023-07-01", "2024-06-30")], MET),
            ([], NOT_MET),
        ],
    )
    def test_they_reach_over_the_window(self, spans: list[tuple[str, str]], outcome: Outcome) -> None:
        stated = [nil(*span) for span in spans]
        for given_in in (stated, stated[::-1]):
            finding = found(REVIEWED, reviews=[review("2024-01-01")], nil=given_in)
            assert finding.outcome is outcome
            assert "Lacking: <decision>." in said(finding)

    def test_those_for_another_requirement_say_nothing(self) -> None:
        assert found(REVIEWED, reviews=[], nil=[nil("2023-07-01", "2024-06-30", of="S")]).outcome is NOT_MET

    def test_from_the_registration_on_is_enough(self) -> None:
        for first, outcome in (("2024-02-01", MET), ("2024-02-02", NOT_MET)):
            finding = found(REVIEWED, reviews=[], nil=[nil(first, "2024-06-30")], registered=date(2024, 2, 1))
            assert finding.outcome is outcome

    def test_a_short_window_needs_a_statement_too(self) -> None:
        lines = check("recorded", 'fact = "days", over = { months = 1 }, nil = "nil"')
        assert found(lines, days=[], nil=[]).outcome is NOT_MET
        assert found(lines, days=[], nil=[nil("2024-05-31", "2024-06-30")]).outcome is MET

    def test_with_all_kinds_on_record_nobody_asks_for_one(self) -> None:
        finding = found(REVIEWED, reviews=[review("2024-01-01"), review("2024-01-01", "decision")])
        assert (finding.outcome, set(finding.facts)) == (MET, {"reviews"})

    def test_where_one_would_matter_and_is_not_known_it_is_undetermined(self) -> None:
        finding = found(REVIEWED, reviews=[])
        assert (finding.outcome, finding.lacking) == (UNDETERMINED, {"nil": "missing"})
        stale = found(REVIEWED, reviews=[], nil=[nil("2023-07-01", "2024-06-30")], stated=date(2024, 3, 30))
        assert stale.lacking == {"nil": "stale"}

    def test_the_list_itself_must_be_known(self) -> None:
        finding = found(REVIEWED, nil=[nil("2023-07-01", "2024-06-30")])
        assert (finding.outcome, finding.lacking) == (UNDETERMINED, {"reviews": "missing"})


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (check("recorded", 'fact = "staff"'), "staff is of type int"),
        (check("recorded", 'fact = "reviews", where = { kind = "contract" }'), "no field kind"),
        (check("recorded", 'fact = "reviews", where = { type = "contrct" }'), "cannot be contrct"),
        (check("recorded", 'fact = "days", where = { type = "contract" }'), "no field type"),
        (check("recorded", 'fact = "reviews", each = { field = "type", values = ["x"] }'), "cannot be x"),
        (check("recorded", 'fact = "reviews", each = { field = "tpe", values = ["x"] }'), "no field tpe"),
        (check("recorded", 'fact = "months", count = "act"'), "no field act"),
        (check("recorded", 'fact = "months", count = "acts", days = true'), "exclude each other"),
        (check("recorded", 'fact = "days", over = { months = 12, years = 1 }'), "over is one of"),
        (check("recorded", 'fact = "days", over = { }'), "over is one of"),
        (check("recorded", 'fact = "days", over = { months = 1, current = true }'), "over is one of"),
        (check("recorded", 'fact = "days", over = { months = 0 }'), ">= 1"),
        (check("recorded", 'fact = "days", over = { in_force = true }'), "no field from"),
        (check("recorded", 'fact = "years", over = { months = 12 }'), "have no dates"),
        (check("recorded", 'fact = "agreements", over = { months = 12 }'), "have no dates"),
        (check("recorded", 'fact = "days", when = { fact = "staff", more_than = 0 }'), "when is for parts"),
        (check("recorded", 'fact = "days", nil = "nul"'), "no nul"),
        (check("none_within", 'fact = "days", older = "maybe"'), "maybe"),
        (check("every_period", 'fact = "years", period = "month"'), "have no dates"),
        (check("every_period", 'fact = "days", period = "week"'), "week"),
    ],
)  # fmt: skip
def test_parameters_that_make_no_sense_are_refused(lines: tuple[str, ...], why: str) -> None:
    assert why in TRIALS.refused(*lines)


DAY = st.dates(date(2022, 1, 1), date(2024, 12, 31)).map(str)
REVIEWS = st.lists(st.builds(review, DAY, st.sampled_from(KINDS)), max_size=8)
LINES = st.sampled_from([
    TWO,
    check("recorded", 'fact = "reviews", minimum = 2', YEAR),
    REVIEWED,
    check("every_period", 'fact = "reviews", period = "quarter", last = 2'),
    check("recorded", 'fact = "reviews", over = { latest = true }'),
])  # fmt: skip


@given(LINES, REVIEWS, REVIEWS, st.booleans())
def test_more_entries_never_turn_met_into_not_met(
    lines: tuple[str, ...], first: list[Any], more: list[Any], stated: bool
) -> None:
    given: dict[str, Any] = {"nil": [nil("2023-07-01", "2024-06-30")]} if stated else {}
    given |= {"reviews": first, "days": [one["date"] for one in first]}
    if found(lines, **given).outcome is MET:
        given |= {"reviews": first + more, "days": [one["date"] for one in first + more]}
        assert found(lines, **given).outcome is MET
        assert found(lines, **given, evidence=given).outcome is MET


@given(LINES, REVIEWS, st.integers(0, 9))
def test_the_order_of_entries_means_nothing(lines: tuple[str, ...], reviews: list[Any], seed: int) -> None:
    shuffled = random.Random(seed).sample(reviews, len(reviews))
    stated = [nil("2024-01-01", "2024-06-30"), nil("2023-07-01", "2023-12-31")]
    one = found(lines, reviews=reviews, days=[one["date"] for one in reviews], nil=stated)
    other = found(lines, reviews=shuffled, days=[one["date"] for one in shuffled], nil=stated[::-1])
    assert (one.outcome, one.measured, one.required, one.reason) == (
        other.outcome, other.measured, other.required, other.reason
    )  # fmt: skip


@given(REVIEWS, st.sets(st.sampled_from(["reviews", "days", "nil"])), LINES)
def test_what_is_not_known_never_reaches(reviews: list[Any], hidden: set[str], lines: tuple[str, ...]) -> None:
    given = {"reviews": reviews, "days": [one["date"] for one in reviews], "nil": [nil("2023-07-01", "2024-06-30")]}
    whole = found(lines, **given).outcome
    part = found(lines, **{key: value for key, value in given.items() if key not in hidden}).outcome
    assert part in {whole, UNDETERMINED}
