"""The case of one level in one round, as a station's steps leave it on a date."""

from __future__ import annotations

from dingji.state.case import CaseState, case_of, latest_assessment
from dingji.state.station import Mark, Station

APPLIED, RECOMMENDED, CERTIFIED = "ApplicationSubmitted", "RecommendationMade", "LevelCertified"


def step(version: int, topic: str, on: int, level: str = "high", round_: str = "r1", tier: str = "") -> Mark:
    return Mark(version, topic, on, "", None, None, level=level, round=round_, tier=tier)


def case(*steps: Mark, on: int = 99) -> CaseState:
    return case_of(Station(stream="station:1", code="1", steps=steps), "high", "r1", on)


def test_a_case_is_of_one_level_in_one_round() -> None:
    applied = step(2, APPLIED, 10)
    others = step(3, CERTIFIED, 11, level="low"), step(4, CERTIFIED, 11, round_="r2")
    assert case(applied, *others) == CaseState(applied)


def test_steps_count_in_the_order_of_their_dates_and_then_as_recorded() -> None:
    applied, recommended, certified = step(4, APPLIED, 10), step(2, RECOMMENDED, 20, tier="c"), step(3, CERTIFIED, 30)
    assert case(recommended, certified, applied) == CaseState(applied, {"c": recommended}, certified)
    again = step(5, APPLIED, 30)
    assert case(recommended, certified, applied, again) == CaseState(again)


def test_a_step_after_the_date_has_not_happened() -> None:
    applied, recommended = step(2, APPLIED, 10), step(3, RECOMMENDED, 20, tier="c")
    assert case(applied, recommended, on=9) == CaseState()
    assert case(applied, recommended, on=19) == CaseState(applied)
    assert case(applied, recommended, on=20) == CaseState(applied, {"c": recommended})


def test_what_ends_a_case_needs_an_application() -> None:
    assert case(step(2, CERTIFIED, 10)) == CaseState()


def test_the_latest_assessment_lies_within_both_days_and_is_of_the_tier() -> None:
    def assessed(version: int, on: int, standard: str = "s", tier: str = "city") -> Mark:
        return Mark(version, "AssessmentRecorded", on, "", None, None, standard=standard, tier=tier)

    first, last, same_day = assessed(2, 10), assessed(4, 20), assessed(3, 20)
    others = assessed(5, 15, standard="t"), assessed(6, 15, tier="county")
    station = Station(stream="station:1", code="1", assessments=(first, last, same_day, *others))
    assert latest_assessment(station, "s", ("city",), 10, 20) == last
    assert latest_assessment(station, "s", ("city",), 10, 19) == first
    assert latest_assessment(station, "s", ("city",), 11, 19) is None
