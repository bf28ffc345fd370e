"""Stock checks of counts and places on record: entries_cover, rank."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checking import said
from dingji.terms import Outcome
from trials import NIL, Trials, check, nil

MET, NOT_MET, NOT_APPLICABLE = Outcome.MET, Outcome.NOT_MET, Outcome.NOT_APPLICABLE
UNDETERMINED = Outcome.UNDETERMINED

TRIALS = Trials(
    disputes=[{"year": "year", "month": "month", "arisen": "int", "settled": "int"}],
    suits=[{"year": "year", "cases": "int", "joined": "int"}],
    issues=[{"raised_on": "date", "raised": "int", "acted_on": "int", "answered": "int"}],
    recruits=[{"recruited_on": "date", "recruited": "int", "with_degree": "int"}],
    ranks=[{"business": "text", "year": "year", "rank": "int", "stations": "int"}],
    nil=[NIL],
    staff="int",
)

DISPUTES = check(
    "entries_cover",
    'fact = "disputes", whole = "arisen", parts = ["settled"], within = true, nil = "nil"',
    "window_months = 12",
)
SUITS = check(
    "entries_cover",
    'fact = "suits", whole = "cases", parts = ["joined"], minimum = 1, within = true, '
    'over = { years = 3, current = true }, none = "not_applicable"',
)
ISSUES = check(
    "entries_cover",
    'fact = "issues", whole = "raised", parts = ["acted_on", "answered"], over = { open_days = 30 }, none = "met"',
)
RECRUITS = check(
    "entries_cover",
    'fact = "recruits", whole = "recruited", parts = ["with_degree"], within = true, '
    'over = { since = 2023-08-23 }, none = "not_applicable"',
)


def found(lines: tuple[str, ...], **case: Any) -> Any:
    settings = {key: case.pop(key) for key in ("evidence", "on", "registered") if key in case}
    return TRIALS.found(lines, case, **settings)


def dispute(month: int, arisen: int, settled: int, year: int = 2024) -> dict[str, int]:
    return {"year": year, "month": month, "arisen": arisen, "settled": settled}


def suits(**years: tuple[int, int]) -> list[dict[str, int]]:
    return [{"year": int(year[1:]), "cases": cases, "joined": joined} for year, (cases, joined) in years.items()]


def issue(day: str, raised: int = 2, acted_on: int = 2, answered: int = 2) -> dict[str, Any]:
    return {"raised_on": day, "raised": raised, "acted_on": acted_on, "answered": answered}


class TestAllThatArose:
    """Of what arose, all was dealt with."""

    @pytest.mark.parametrize(
        ("entries", "outcome"),
        [
            ([dispute(1, 2, 2)], MET),
            ([dispute(1, 2, 2), dispute(2, 0, 0)], MET),
            ([dispute(1, 2, 1)], NOT_MET),
            ([dispute(1, 2, 2), dispute(2, 1, 0)], NOT_MET),
            ([dispute(1, 2, 3)], UNDETERMINED),
            ([dispute(6, 2, 0, year=2023), dispute(1, 2, 2)], MET),
            ([dispute(7, 2, 0, year=2023), dispute(1, 2, 2)], NOT_MET),
        ],
    )
    def test_in_every_record_of_the_window(self, entries: list[Any], outcome: Outcome) -> None:
        assert found(DISPUTES, disputes=entries).outcome is outcome

    def test_what_was_counted_is_said(self) -> None:
        finding = found(DISPUTES, disputes=[dispute(1, 2, 2), dispute(2, 3, 1)])
        assert (finding.measured, finding.required) == ({"arisen": 5, "settled": 3}, 5)
        assert "2023-07-01 to 2024-06-30: 5 in all, 3 dealt with" in said(finding)

    @pytest.mark.parametrize("entries", [[], [dispute(1, 0, 0)]])
    def test_where_nothing_arose_a_statement_has_to_say_so(self, entries: list[Any]) -> None:
        assert found(DISPUTES, disputes=entries).lacking == {"nil": "missing"}
        assert found(DISPUTES, disputes=entries, nil=[]).outcome is NOT_MET
        assert found(DISPUTES, disputes=entries, nil=[nil("2023-07-01", "2024-06-01")]).outcome is MET

    def test_it_asks_for_no_statement_otherwise(self) -> None:
        assert set(found(DISPUTES, disputes=[dispute(1, 2, 2)]).facts) == {"disputes"}

    def test_an_unknown_list_is_undetermined(self) -> None:
        assert found(DISPUTES).lacking == {"disputes": "missing"}

    @pytest.mark.parametrize(
        ("day", "outcome"), [("2023-08-22", NOT_APPLICABLE), ("2023-08-23", NOT_MET), ("2024-06-30", NOT_MET)]
    )
    def test_from_a_day_on(self, day: str, outcome: Outcome) -> None:
        recruits = [{"recruited_on": day, "recruited": 2, "with_degree": 1}]
        assert found(RECRUITS, recruits=recruits).outcome is outcome
        assert found(RECRUITS, recruits=[]).outcome is NOT_APPLICABLE

    @pytest.mark.parametrize(("day", "outcome"), [("2024-05-31", NOT_MET), ("2024-06-01", MET)])
    def test_the_last_days_may_be_open(self, day: str, outcome: Outcome) -> None:
        assert found(ISSUES, issues=[issue(day, answered=1)]).outcome is outcome
        assert found(ISSUES, issues=[issue(day)]).outcome is MET

    @pytest.mark.parametrize(("acted_on", "answered", "outcome"), [(2, 2, MET), (2, 1, NOT_MET), (1, 2, NOT_MET)])
    def test_every_part_reaches_the_whole(self, acted_on: int, answered: int, outcome: Outcome) -> None:
        assert found(ISSUES, issues=[issue("2024-01-01", 2, acted_on, answered)]).outcome is outcome


class TestEnoughOfWhatArose:
    """At least so many, over years."""

    NONE = (0, 0)

    @pytest.mark.parametrize(
        ("years", "outcome"),
        [
            ({"y2021": (2, 0), "y2022": NONE, "y2023": (1, 1), "y2024": NONE}, MET),
            ({"y2021": (2, 0), "y2022": NONE, "y2023": (1, 0), "y2024": NONE}, NOT_MET),
            ({"y2021": NONE, "y2022": NONE, "y2023": NONE, "y2024": NONE}, NOT_APPLICABLE),
            ({"y2023": (1, 1)}, MET),
            ({"y2023": (1, 0)}, UNDETERMINED),
            ({"y2021": NONE, "y2022": NONE, "y2023": NONE}, UNDETERMINED),
            ({"y2020": (1, 1), "y2021": NONE, "y2022": NONE, "y2023": NONE, "y2024": NONE}, NOT_APPLICABLE),
            ({"y2020": (1, 1), "y2021": (1, 0), "y2022": NONE, "y2023": NONE, "y2024": NONE}, NOT_MET),
            ({}, UNDETERMINED),
        ],
    )
    def test_one_case_joined(self, years: dict[str, tuple[int, int]], outcome: Outcome) -> None:
        assert found(SUITS, suits=suits(**years)).outcome is outcome

    def test_the_years_without_a_record_are_named(self) -> None:
        assert "Years without a record: 2021, 2022, 2024." in said(found(SUITS, suits=suits(y2023=(1, 0))))

    def test_no_year_before_the_registration_is_asked_for(self) -> None:
        years = suits(y2023=(0, 0), y2024=(0, 0))
        assert found(SUITS, suits=years, registered=date(2023, 2, 1)).outcome is NOT_APPLICABLE
        assert found(SUITS, suits=years, registered=date(2022, 12, 31)).outcome is UNDETERMINED


RANK = check("rank", 'fact = "ranks", numerator = 1, denominator = 2, years = 1')


def place(rank: int, stations: int, year: int = 2023, business: str = "a") -> dict[str, Any]:
    return {"business": business, "year": year, "rank": rank, "stations": stations}


class TestRank:
    """Places high enough."""

    @pytest.mark.parametrize(
        ("rank", "stations", "outcome"),
        [
            (5, 10, MET), (6, 10, NOT_MET), (5, 9, MET), (6, 9, NOT_MET), (1, 1, MET), (2, 2, NOT_MET),
            (0, 9, UNDETERMINED), (10, 9, UNDETERMINED),
        ],
    )  # fmt: skip
    def test_a_fraction_of_the_stations_rounded_up(self, rank: int, stations: int, outcome: Outcome) -> None:
        assert found(RANK, ranks=[place(rank, stations)]).outcome is outcome

    def test_every_place_counts(self) -> None:
        finding = found(RANK, ranks=[place(1, 10), place(8, 10, business="b"), place(9, 10, year=2022)])
        assert (finding.outcome, finding.measured, finding.required) == (NOT_MET, 1, 2)
        assert "Places below that: 8/10." in said(finding)

    def test_a_year_without_a_place_leaves_it_open(self) -> None:
        lines = check("rank", 'fact = "ranks", numerator = 1, denominator = 3, years = 3')
        two = [place(1, 9, 2021), place(3, 9, 2023)]
        assert "2022" in said(found(lines, ranks=two))
        assert found(lines, ranks=two).outcome is UNDETERMINED
        assert found(lines, ranks=[*two, place(3, 9, 2022)]).outcome is MET
        assert found(lines, ranks=[*two, place(4, 9, 2022)]).outcome is NOT_MET
        assert found(lines, ranks=[place(4, 9, 2022)]).outcome is NOT_MET
        assert found(lines, ranks=two[1:], registered=date(2023, 1, 1)).outcome is MET

    def test_before_a_year_is_over_it_is_undetermined(self) -> None:
        assert found(RANK, ranks=[], registered=date(2024, 1, 1)).outcome is UNDETERMINED
        assert found(RANK, ranks=[]).outcome is UNDETERMINED
        assert found(RANK).lacking == {"ranks": "missing"}


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (check("entries_cover", 'fact = "staff", whole = "a", parts = ["b"]'), "of type int"),
        (check("entries_cover", 'fact = "suits", whole = "case", parts = ["joined"]'), "no field case"),
        (check("entries_cover", 'fact = "suits", whole = "cases", parts = ["join"]'), "no field join"),
        (check("entries_cover", 'fact = "suits", whole = "cases", parts = []'), "length >= 1"),
        (check("entries_cover", 'fact = "suits", whole = "cases", parts = ["joined"], none = "nil"'), "nil"),
        (check("entries_cover", 'fact = "suits", whole = "cases", parts = ["joined"], minimum = 0'), ">= 1"),
        (check("rank", 'fact = "suits", numerator = 1, denominator = 2, years = 1'), "no field rank"),
        (check("rank", 'fact = "ranks", numerator = 1, denominator = 0, years = 1'), ">= 1"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(lines: tuple[str, ...], why: str) -> None:
    assert why in TRIALS.refused(*lines)


COUNTS = st.integers(0, 3)
DISPUTED = st.lists(st.builds(dispute, st.integers(1, 12), COUNTS, COUNTS, st.integers(2022, 2024)), max_size=5)


@given(DISPUTED, st.integers(0, 4), st.integers(1, 3))
def test_settling_more_never_turns_met_into_not_met(entries: list[Any], which: int, more: int) -> None:
    lines = check("entries_cover", 'fact = "disputes", whole = "arisen", parts = ["settled"]', "window_months = 12")
    grown = [dict(one) for one in entries]
    if entries:
        grown[which % len(grown)]["settled"] += more
    if found(lines, disputes=entries).outcome is MET:
        assert found(lines, disputes=grown).outcome is MET
    before, after = found(DISPUTES, disputes=entries, nil=[]), found(DISPUTES, disputes=grown, nil=[])
    assert (before.outcome, after.outcome) != (MET, NOT_MET)


@given(st.lists(st.builds(place, st.integers(1, 9), st.just(9), st.integers(2020, 2024)), max_size=6), st.data())
def test_a_better_place_never_turns_met_into_not_met(places: list[Any], data: Any) -> None:
    lines = check("rank", 'fact = "ranks", numerator = 1, denominator = 2, years = 3')
    better = [one | {"rank": data.draw(st.integers(1, one["rank"]))} for one in places]
    if found(lines, ranks=places).outcome is MET:
        assert found(lines, ranks=better).outcome is MET


@given(DISPUTED, st.integers(0, 9), st.lists(st.builds(place, st.integers(1, 9), st.just(9)), max_size=4))
def test_the_order_of_records_means_nothing(entries: list[Any], seed: int, places: list[Any]) -> None:
    shuffle = random.Random(seed)
    one = [found(DISPUTES, disputes=entries, nil=[]), found(RANK, ranks=places)]
    shuffle.shuffle(entries)
    shuffle.shuffle(places)
    other = [found(DISPUTES, disputes=entries, nil=[]), found(RANK, ranks=places)]
    assert [(a.outcome, a.measured, a.required, a.reason) for a in one] == [
        (b.outcome, b.measured, b.required, b.reason) for b in other
    ]
