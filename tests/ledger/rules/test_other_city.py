"""Another notice, data only: four levels, five sizes, three tiers of office, a calendar of three years."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stories import DELTA, Record, Story, act, enrol, recognises, register, voids

GOV, P1, P2, D10, D11, D20 = "GOV", "P1", "P2", "D10", "D11", "D20"
ABC, XYZ = "D10-abc", "D20-xyz"
AWARD, SURVEY, MEASURE = "2026-award", "2025-survey", "2027-measure"


@pytest.fixture
def delta(tmp_path: Path) -> Iterator[Story]:
    with Story(tmp_path, DELTA) as story:
        yield story


def opening(round_: str, **fields: object) -> Record:
    year, _, kind = round_.partition("-")
    return act("open_round", f"{year}-03-01", GOV, **{"round": round_, "kind": kind, "year": int(year)} | fields)


def about(do: str, on: str, by: str, **fields: object) -> Record:
    return act(do, on, by, **{"station": ABC} | fields)


def case(do: str, on: str, by: str, level: str = "gold", **fields: object) -> Record:
    return about(do, on, by, **{"level": level, "round": AWARD} | fields)


def assessed(story: Story, on: str = "2026-06-01", **verdicts: str) -> None:
    story.given(*(_ for _ in [about("classify", "2025-02-01", D10, size="xl")] if not _sized(story)))
    for standard, verdict in verdicts.items():
        story.assessed(standard, on, {"basic": D10, "plus": P1, "best": GOV}[standard], verdict)


def _sized(story: Story) -> bool:
    return any(row.topic == "SizeClassified" for row in story.log.stream(f"station:{ABC}"))


def test_the_top_office_is_of_the_tier_whose_code_it_has(delta: Story) -> None:
    assert delta.state("office:GOV@1")["tier"] == "province"
    assert delta.state(f"{ABC}@1")["county"] == D10


def test_gold_is_applied_for_recommended_twice_and_certified_by_the_province(delta: Story) -> None:
    delta.given(opening(AWARD))
    assessed(delta, best="reached", plus="reached", basic="reached")
    delta.tried(case("recommend", "2026-04-01", D10)).refused("no-application")
    delta.given(case("apply", "2026-04-01", ABC))
    answer = delta.tried(case("recommend", "2026-05-01", P1)).refused("no-recommendation")
    assert len(answer.receipt.faults) == 1
    delta.tried(case("recommend", "2026-05-01", D11)).refused("not-own-county")
    delta.tried(case("recommend", "2026-05-01", P2)).refused("not-own-county", "no-recommendation")
    delta.tried(case("recommend", "2026-05-01", GOV)).refused("wrong-authority")
    delta.given(case("recommend", "2026-05-01", D10))
    delta.tried(case("certify", "2026-07-01", GOV)).refused("no-recommendation")
    delta.given(case("recommend", "2026-05-15", P1))
    delta.tried(case("certify", "2026-07-01", P1)).refused("wrong-authority")
    entry = delta.submit(case("certify", "2026-07-01", GOV)).recorded().entry
    assert len(delta.state(entry)["rests_on"]) == 6  # application, two recommendations, three assessments
    assert (delta.level("2026-06-30"), delta.level("2026-07-01")) == ("ungraded", "gold")
    assert delta.state(entry)["rank"] == 3


def test_what_lies_below_gold_is_looked_for_by_whoever_may_decide_it(delta: Story) -> None:
    delta.given(opening(AWARD), case("apply", "2026-04-01", ABC))
    delta.given(case("recommend", "2026-05-01", D10), case("recommend", "2026-05-02", P1))
    assessed(delta, best="reached", plus="reached")
    answer = delta.tried(case("certify", "2026-07-01", GOV)).recorded("standard-not-also-reached")
    assert answer.says("standard-not-also-reached")["standard"]["en"] == "bronze"


def test_for_gold_a_silver_that_is_bound_to_its_round_counts_as_long_as_a_judgement(delta: Story) -> None:
    delta.given(opening(AWARD), case("apply", "2026-04-01", ABC))
    delta.given(case("recommend", "2026-05-01", D10), case("recommend", "2026-05-02", P1))
    assessed(delta, "2025-03-01", plus="reached")  # sixteen of eighteen months ago, and before the round
    assessed(delta, best="reached", basic="reached")
    delta.tried(case("certify", "2026-07-01", GOV)).recorded()


def test_two_tiers_that_recommend_on_one_day_say_two_things(delta: Story) -> None:
    delta.given(opening(AWARD), case("apply", "2026-04-01", ABC))
    first, second = case("recommend", "2026-05-01", D10), case("recommend", "2026-05-01", P1)
    entries = [delta.submit(record).recorded().entry for record in (first, second)]
    for record, entry in zip((first, second), entries, strict=True):
        answer = delta.submit(record | {"note": "补"}).recorded(notes=["looks-like"])
        assert answer.says("looks-like") == {"entry": entry}


def test_silver_is_applied_for_and_certified_without_a_recommendation(delta: Story) -> None:
    delta.given(opening(AWARD), case("apply", "2026-04-01", ABC, level="silver"))
    assessed(delta, plus="reached", basic="reached")
    delta.tried(case("recommend", "2026-04-02", D10, level="silver")).recorded()  # not asked for, and no harm
    certified = delta.submit(case("certify", "2026-07-01", P1, level="silver")).recorded().entry
    delta.tried(about("lodge", "2026-07-02", D10, certification=certified)).refused("wrong-authority")
    delta.tried(about("lodge", "2026-07-02", P2, certification=certified)).refused("not-own-county")
    delta.submit(about("lodge", "2026-07-02", P1, certification=certified)).recorded()


def test_bronze_is_certified_by_the_district_on_an_assessment_of_six_months(delta: Story) -> None:
    assessed(delta, "2025-03-31", basic="reached")
    bronze = {"level": "bronze"}
    answer = delta.tried(about("certify", "2025-10-01", D10, **bronze)).refused("no-assessment")  # R here, not W
    assert answer.says("no-assessment")["window"]["en"] == "by the district, from 2025-04-02 to 2025-10-01"
    certified = delta.submit(about("certify", "2025-09-30", D10, **bronze)).recorded().entry
    delta.submit(about("lodge", "2025-10-01", D10, certification=certified)).recorded()
    assert delta.level("2025-09-30") == "bronze"


def test_nothing_is_decided_before_this_notice(delta: Story) -> None:
    delta.submit(about("assess", "2025-01-31", D10, standard="basic")).refused("no-notice-in-force")
    delta.submit(about("assess", "2025-02-01", D10, standard="basic")).recorded()


def test_the_day_is_that_of_the_delta(tmp_path: Path) -> None:
    with Story(tmp_path, DELTA, clock=datetime(2026, 6, 2, 4, 59, tzinfo=UTC)) as story:  # 1 June, 23:59 there
        story.tried(about("classify", "2026-06-02", D10, size="m")).refused("future-date")
        story.now = datetime(2026, 6, 2, 5, tzinfo=UTC)
        story.tried(about("classify", "2026-06-02", D10, size="m")).recorded()


def test_codes_have_the_form_of_their_tier(delta: Story) -> None:
    delta.tried(register("D10-xyz", D10, D10, "2025-03-01", "port")).recorded()
    for code in ("D10-XYZ", "D10xyz", "320583100"):
        delta.tried(register(code, D10, D10, "2025-03-01", "port")).refused("bad-value", field="station")
    delta.tried(register("D10-xyz", D10, D10, "2025-03-01", "town")).refused("bad-value", field="serves")
    delta.tried(register("D10-xyz", P1, P1, "2025-03-01", "port")).refused("bad-value", field="county")
    delta.tried(enrol("P3", "prefecture", GOV, GOV, "2025-03-01")).recorded()
    delta.tried(enrol("P33", "prefecture", GOV, GOV, "2025-03-01")).refused("bad-value", field="office")
    delta.tried(enrol("D12", "district", P1, P1, "2025-03-01")).recorded()
    delta.tried(enrol("P3", "prefecture", D10, GOV, "2025-03-01")).refused("bad-value", field="parent")


def test_rounds_come_every_third_year(delta: Story) -> None:
    for year, kind, codes in (
        (2025, "survey", []),
        (2028, "survey", []),
        (2026, "survey", ["out-of-calendar"]),
        (2029, "award", []),
        (2028, "award", ["out-of-calendar"]),
    ):
        delta.tried(opening(f"{year}-{kind}")).recorded(*codes)
    delta.tried(opening("2025-review")).refused("bad-value", field="kind")
    delta.tried(opening(SURVEY) | {"by": {"office": P1}}).refused("wrong-authority")


def test_five_sizes_are_fine_tuned_from_2027(delta: Story) -> None:
    delta.given(about("classify", "2025-03-01", D10, size="xs"), opening(MEASURE))
    delta.tried(about("classify", "2026-12-31", D10, size="m")).recorded()
    delta.tried(about("classify", "2027-04-01", D10, size="m")).recorded("exceptional-size-change")
    delta.tried(about("classify", "2027-04-01", D10, size="m", round=MEASURE)).recorded()
    delta.tried(about("classify", "2027-04-01", D10, size="large")).refused("bad-value", field="size")
    delta.tried(about("classify", "2027-04-01", P1, size="m")).refused("wrong-authority")


def test_a_size_decides_what_is_asked(delta: Story) -> None:
    entry = delta.submit(about("assess", "2026-01-01", D10, standard="basic")).recorded().entry
    assert delta.state(entry)["verdict"] == "undetermined"
    delta.given(about("classify", "2025-03-01", D10, size="s"))
    judged = {"Basic.1.1a": {"outcome": "met", "reason": "yes"}}
    delta.given(about("judge", "2025-12-01", D10, judgements=judged))
    entry = delta.submit(about("assess", "2026-01-01", D10, standard="basic", id="again")).recorded().entry
    assert delta.state(entry)["verdict"] == "reached"


def test_heritage_is_recognised_only_and_falls_to_what_is_reached(delta: Story) -> None:
    delta.tried(about("certify", "2026-07-01", GOV, level="heritage")).refused("level-not-granted")
    delta.given(recognises("heritage", "2025-01-15", GOV, station=ABC), opening(SURVEY))
    falls = {"reason": "review", "round": SURVEY}
    delta.tried(about("downgrade", "2025-07-01", P1, to="silver", **falls)).refused("no-assessment")
    about_size = about("classify", "2025-02-15", D10, size="l")
    delta.given(about_size)
    for standard, verdict in (("best", "not_reached"), ("plus", "reached"), ("basic", "reached")):
        delta.assessed(standard, "2025-06-01", P1, verdict)
    delta.tried(about("downgrade", "2025-07-01", GOV, to="silver", **falls)).refused("wrong-authority")
    delta.tried(about("downgrade", "2025-07-01", P2, to="silver", **falls)).refused("not-own-county")
    delta.tried(about("downgrade", "2025-07-01", P1, to="gold", **falls)).recorded("other-level")
    delta.tried(about("downgrade", "2025-07-01", P1, to="bronze", **falls)).recorded("other-level")
    delta.submit(about("downgrade", "2025-07-01", P1, to="silver", **falls)).recorded()
    assert (delta.level("2025-06-30"), delta.level("2025-07-01")) == ("heritage", "silver")


def test_gold_is_no_promotion_for_heritage(delta: Story) -> None:
    delta.given(recognises("heritage", "2025-01-15", GOV, station=ABC), opening(AWARD))
    delta.given(case("apply", "2026-04-01", ABC), case("recommend", "2026-05-01", D10))
    delta.given(case("recommend", "2026-05-02", P1))
    assessed(delta, best="reached", plus="reached", basic="reached")
    delta.submit(case("certify", "2026-07-01", GOV)).refused("not-a-promotion")


def test_who_certified_and_not_who_is_above_it_takes_a_level_back(delta: Story) -> None:
    assessed(delta, "2025-03-31", basic="reached")
    delta.given(about("certify", "2025-04-01", D10, level="bronze"))
    back = {"to": "ungraded", "reason": "?", "irregular": "happened"}
    delta.tried(about("downgrade", "2025-07-01", GOV, **back)).refused("wrong-authority")
    delta.tried(about("downgrade", "2025-07-01", D10, **back)).recorded(
        "self-revocation", "no-assessment", "outside-round"
    )


def test_this_notice_says_what_is_voided_and_by_whom(delta: Story) -> None:
    (refusal,) = delta.given(about("refuse", "2025-07-01", D10, level="bronze"))
    delta.tried(voids(refusal, D10)).refused("wrong-authority")
    delta.submit(voids(refusal, GOV)).recorded("decision-voided")
    (size,) = delta.given(about("classify", "2025-03-01", D10, size="s"))
    delta.tried(voids(size, P1)).refused("wrong-authority")
    delta.submit(voids(size, D10)).recorded()


def test_one_person_recommends_at_one_step_and_certifies(delta: Story) -> None:
    delta.given(opening(AWARD), case("apply", "2026-04-01", ABC))
    delta.given(case("recommend", "2026-05-01", f"{D10}/a"), case("recommend", "2026-05-02", f"{P1}/b"))
    assessed(delta, best="reached", plus="reached", basic="reached")
    delta.tried(case("certify", "2026-07-01", f"{GOV}/c")).recorded()
    for person in "ab":
        delta.tried(case("certify", "2026-07-01", f"{GOV}/{person}")).recorded("same-person")
    delta.given(case("recommend", "2026-05-03", f"{P1}/a"))
    answer = delta.tried(case("certify", "2026-07-01", f"{GOV}/a")).recorded("same-person")
    assert len(answer.receipt.irregularities) == 1  # said once, however often that person recommended


def test_a_station_moves_between_prefectures(delta: Story) -> None:
    delta.tried(about("transfer", "2026-01-01", D10, county=D20)).refused("wrong-authority")
    delta.given(about("transfer", "2026-01-01", P1, county=D20))
    delta.tried(about("close", "2026-02-01", P1)).refused("not-own-county")
    delta.tried(about("close", "2026-01-01", P1)).recorded()
    delta.tried(about("close", "2026-02-01", P2)).recorded()
    assert delta.level("2026-02-01", station=XYZ) == "ungraded"


def test_clauses_are_the_notices_own(delta: Story) -> None:
    delta.given(opening(AWARD), case("apply", "2026-04-01", ABC))
    answer = delta.tried(case("certify", "2026-07-01", GOV))
    clauses = {fault.code: fault.clause for fault in answer.receipt.faults}
    assert clauses == {"no-recommendation": "§4", "no-assessment": None}
