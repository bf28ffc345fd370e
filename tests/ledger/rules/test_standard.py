"""Certifying standard, lodging it, and the assessments behind certifications (rules 11, 12, 15, 16)."""

from __future__ import annotations

import pytest

from stories import (
    BACHENG,
    CITY,
    HUQIU,
    KUNSHAN,
    PROMOTION_24,
    REVIEW_23,
    REVIEW_25,
    YUSHAN,
    Record,
    Story,
    act,
    applies,
    certifies,
    grants_standard,
    opens,
    recognises,
    recommends,
    voids,
)

UNCLEAR = ["calendar-unclear"]


def grant(story: Story, record: Record, *irregularities: str) -> None:
    story.tried(record).recorded(*irregularities, notes=UNCLEAR)


# The county certifies (rule 11)


def test_the_county_certifies_standard_without_an_application_as_of_its_date(story: Story) -> None:
    story.assessed("standard", "2024-06-01", KUNSHAN)
    entry = story.submit(grants_standard("2024-06-15")).recorded(notes=UNCLEAR).entry
    assert (story.level("2024-06-14"), story.level("2024-06-15")) == ("ungraded", "standard")
    assert story.state(entry)["rests_on"] == [f"{YUSHAN}@3"]


def test_standard_is_not_applied_for(story: Story) -> None:
    story.given(opens(PROMOTION_24))
    for do, by in (("apply", YUSHAN), ("withdraw", YUSHAN), ("recommend", KUNSHAN), ("decline", KUNSHAN)):
        record = act(do, "2024-06-15", by, level="standard", round=PROMOTION_24)
        story.tried(record).refused("no-application-route", field="level")
        story.tried(record | {"round": "2022-x"}).refused("no-application-route", "unknown-round")
        story.tried(record | {"irregular": "来过"}).refused("no-application-route")
        story.tried(record | {"level": "golden"}).refused("bad-value", field="level")
    story.tried(applies(level="high_standard")).refused("no-application-route")


def test_a_county_may_say_in_which_round_it_certified(story: Story) -> None:
    story.given(opens(REVIEW_23, on="2023-09-01"))
    story.assessed("standard", "2024-06-01", KUNSHAN)
    grant(story, grants_standard(round=REVIEW_23))
    story.given(opens(REVIEW_25))
    grant(story, grants_standard("2025-04-01", round=REVIEW_25))  # the assessment may be older than the round
    story.tried(grants_standard(round=PROMOTION_24)).refused("unknown-round")


def test_a_county_refuses_standard_with_or_without_an_assessment(story: Story) -> None:
    entry = story.submit(act("refuse", "2024-06-15", KUNSHAN, level="standard", reason="人手不足")).recorded().entry
    assert story.state(entry)["reason"] == "人手不足"
    assert story.level("2024-06-15") == "ungraded"


def test_a_backdated_certification_before_a_recorded_downgrade(story: Story) -> None:
    story.given(recognises("high_standard"), opens(REVIEW_23, on="2023-09-01"))
    story.assessed("standard", "2023-10-01", CITY, "not_reached")
    story.given(act("downgrade", "2023-11-01", CITY, to="ungraded", reason="复核", round=REVIEW_23))
    known = story.log.head()
    story.given(recognises("benchmark", "2022-01-01"))  # a late paper: judged against what sorts before it
    assert story.level("2023-10-31", known) == "high_standard"
    assert story.level("2023-10-31") == "benchmark"
    assert story.level("2023-11-01") == "ungraded"  # the downgrade stands, to what it names
    story.assessed("standard", "2023-09-15", KUNSHAN)
    story.submit(grants_standard("2023-10-31")).refused("not-a-promotion")
    story.submit(grants_standard("2023-11-01")).refused("not-a-promotion")  # certified sorts before downgraded
    story.submit(grants_standard("2023-11-02")).recorded(notes=UNCLEAR)
    assert story.level("2023-11-02") == "standard"


def test_a_certification_before_a_recorded_downgrade_is_lowered_by_it(story: Story) -> None:
    story.given(recognises("standard"), opens(REVIEW_23, on="2023-09-01"))
    story.assessed("standard", "2023-10-01", CITY, "not_reached")
    story.given(act("downgrade", "2024-02-01", CITY, to="ungraded", reason="复核", round=REVIEW_23))
    story.given(
        opens(PROMOTION_24, on="2023-11-01", round="2024-early"),
        *(record | {"round": "2024-early"} for record in (applies("2023-11-02"), recommends("2023-11-03"))),
    )
    story.assessed("benchmark", "2023-12-01", CITY)
    story.submit(certifies("2023-12-20", round="2024-early")).recorded("standard-not-also-reached")
    assert [story.level(on) for on in ("2023-12-19", "2023-12-20", "2024-02-01")] == [
        "standard",
        "benchmark",
        "ungraded",
    ]


# What certifying rests on (rule 15)


def test_without_an_assessment_of_the_deciding_tier_nothing_is_certified(story: Story) -> None:
    answer = story.tried(grants_standard()).refused("no-assessment", field="station")
    assert answer.says("no-assessment")["window"] == {
        "zh": "须由县级市（区）司法局评定，不晚于 2024-06-15",
        "en": "by the county-level justice bureau, not after 2024-06-15",
    }
    grant(story, grants_standard(irregular="已发文"), "no-assessment")
    story.assessed("standard", "2024-06-01", CITY)  # the city's is not the county's
    story.assessed("standard", "2024-06-01", YUSHAN)
    story.tried(grants_standard()).refused("no-assessment")
    story.assessed("standard", "2024-06-16", KUNSHAN)  # later than the decision
    story.tried(grants_standard()).refused("no-assessment")
    grant(story, grants_standard("2024-06-16"))


def test_what_falls_short_is_named(story: Story) -> None:
    story.assessed("standard", "2024-06-01", KUNSHAN, "undetermined")
    answer = story.tried(grants_standard()).refused("standard-undetermined")
    assert answer.says("standard-undetermined")["short"] == ["S1.1.1b"]
    grant(story, grants_standard(irregular="已发文"), "standard-undetermined")
    story.assessed("standard", "2024-06-02", KUNSHAN, "not_reached")
    answer = story.tried(grants_standard()).refused("standard-not-reached", field="level")
    assert answer.says("standard-not-reached")["short"] == ["S1.1.1b"]
    grant(story, grants_standard(irregular="已发文"), "standard-not-reached")
    entry = story.submit(grants_standard(irregular="已发文")).entry
    assert [code["code"] for code in story.state(entry)["irregularities"]] == ["standard-not-reached"]


def test_the_latest_assessment_by_the_decisions_date_counts_not_the_last_recorded(story: Story) -> None:
    story.assessed("standard", "2024-06-10", KUNSHAN)
    story.assessed("standard", "2024-06-05", KUNSHAN, "not_reached")
    grant(story, grants_standard())
    story.tried(grants_standard("2024-06-09")).refused("standard-not-reached")
    story.assessed("standard", "2024-06-10", KUNSHAN, "not_reached")  # of one day the later recorded
    story.tried(grants_standard()).refused("standard-not-reached")


@pytest.mark.parametrize(("assessed", "old"), [("2023-09-30", True), ("2023-10-01", False)])
def test_twelve_months_are_ours_so_an_older_assessment_is_marked(story: Story, assessed: str, old: bool) -> None:
    story.assessed("standard", assessed, KUNSHAN)
    answer = story.tried(grants_standard("2024-09-30")).recorded(*(["assessment-old"] if old else []), notes=UNCLEAR)
    assert [one.field for one in answer.receipt.irregularities] == (["on"] if old else [])


def test_a_voided_assessment_is_none(story: Story) -> None:
    older = story.assessed("standard", "2024-06-01", KUNSHAN)
    newer = story.assessed("standard", "2024-06-02", KUNSHAN, "not_reached")
    story.given(voids(newer, KUNSHAN))
    grant(story, grants_standard())
    story.given(voids(older, KUNSHAN))
    story.tried(grants_standard()).refused("no-assessment")


def test_an_assessment_of_another_standard_does_not_count(story: Story) -> None:
    story.assessed("benchmark", "2024-06-01", KUNSHAN)
    story.tried(grants_standard()).refused("no-assessment")


@pytest.mark.parametrize(("on", "counts"), [("2023-11-20", False), ("2023-11-21", True)])
def test_for_a_benchmark_a_standard_reached_before_the_round_counts_for_twelve_months(
    story: Story, on: str, counts: bool
) -> None:
    story.given(opens(PROMOTION_24), applies(), recommends())
    story.assessed("standard", on, CITY)
    story.assessed("benchmark", "2024-10-01", CITY)
    answer = story.tried(certifies("2024-11-20")).recorded(*([] if counts else ["standard-not-also-reached"]))
    assert [one.field for one in answer.receipt.irregularities] == ([] if counts else ["level"])


def test_the_assessment_of_a_benchmark_lies_in_the_round(story: Story) -> None:
    story.given(opens(PROMOTION_24), applies(), recommends())
    story.assessed("standard", "2024-02-28", CITY)
    story.assessed("benchmark", "2024-02-29", CITY)
    answer = story.tried(certifies()).refused("no-assessment")
    assert answer.says("no-assessment")["window"] == {
        "zh": "须由市司法局评定，日期在 2024-03-01 至 2024-11-20",
        "en": "by the municipal justice bureau, from 2024-03-01 to 2024-11-20",
    }
    story.tried(certifies(irregular="已发文")).recorded("no-assessment")
    story.assessed("benchmark", "2024-03-01", CITY)
    story.tried(certifies()).recorded()
    story.tried(certifies("2025-01-20")).recorded()  # its date may fall in the next calendar year


def test_a_benchmark_rests_on_the_citys_assessment(story: Story) -> None:
    story.given(opens(PROMOTION_24), applies(), recommends())
    story.assessed("benchmark", "2024-10-01", KUNSHAN, "undetermined")
    story.tried(certifies()).refused("no-assessment")
    story.assessed("benchmark", "2024-10-01", CITY, "undetermined")
    story.tried(certifies()).refused("standard-undetermined")
    story.tried(certifies(irregular="已发文")).recorded("standard-undetermined", "standard-not-also-reached")
    story.assessed("benchmark", "2024-10-02", CITY, "not_reached")
    story.tried(certifies()).refused("standard-not-reached")
    story.tried(certifies(irregular="已发文")).recorded("standard-not-reached", "standard-not-also-reached")


# A promotion (rule 16)


@pytest.mark.parametrize("held", ["standard", "high_standard", "benchmark"])
def test_what_is_held_already_or_more_is_not_certified(story: Story, held: str) -> None:
    story.given(recognises(held))
    story.assessed("standard", "2024-06-01", KUNSHAN)
    story.tried(grants_standard()).refused("not-a-promotion", field="level")
    story.tried(grants_standard(irregular="已发文")).refused("not-a-promotion")
    assert story.level("2024-06-15") == held


def test_a_standard_certified_for_a_benchmark_station(story: Story) -> None:
    story.benchmark()
    story.assessed("standard", "2024-12-01", KUNSHAN)
    answer = story.submit(grants_standard("2024-12-15")).refused("not-a-promotion")
    assert answer.says("not-a-promotion")["held"] == {"zh": "标杆所", "en": "benchmark"}


def test_certified_never_lowers_even_when_a_higher_level_is_learnt_of_later(story: Story) -> None:
    story.standard("2024-06-15")
    story.given(recognises("benchmark", "2022-01-01"))
    assert story.level("2024-06-15") == "benchmark"


def test_two_certifications_of_one_day_the_second_is_none(story: Story) -> None:
    story.standard("2024-06-15")
    story.submit(grants_standard("2024-06-15", note="再发")).refused("not-a-promotion")


def test_two_decisions_of_one_day_count_by_kind_not_by_the_order_of_recording(story: Story) -> None:
    story.given(recognises("benchmark"), opens(REVIEW_25))
    story.assessed("standard", "2025-06-15", KUNSHAN)
    story.assessed("standard", "2025-06-15", CITY)
    story.assessed("benchmark", "2025-06-15", CITY, "not_reached")
    down = act("downgrade", "2025-07-01", CITY, to="ungraded", reason="复核", round=REVIEW_25)
    story.submit(down).recorded("other-level", notes=["earlier-level-reviewed"])
    # A certification of the same day sorts before the downgrade: it meets the benchmark that was held that morning.
    story.submit(grants_standard("2025-07-01")).refused("not-a-promotion")
    story.given(recognises("standard", "2025-07-01", irregular="补认"))
    assert story.level("2025-07-01") == "ungraded"
    story.submit(grants_standard("2025-07-02")).recorded(notes=UNCLEAR)


# Lodging (rule 12)


def lodges(entry: str, on: str = "2024-07-01", by: str = KUNSHAN, **fields: object) -> Record:
    return act("lodge", on, by, certification=entry, **fields)


def test_a_certification_is_lodged_once_by_the_county_that_certified(story: Story) -> None:
    certified = story.standard()
    story.tried(lodges(certified, by=HUQIU)).refused("not-own-county", field="by.office")
    story.submit(lodges(certified)).recorded()
    answer = story.submit(lodges(certified, "2024-08-01")).refused("already-lodged", field="certification")
    assert answer.says("already-lodged")["lodging"] == f"{YUSHAN}@5"
    assert story.level("2024-06-30") == "standard"  # from the county's decision, not from the lodging


def test_lodging_follows_the_certification(story: Story) -> None:
    certified = story.standard("2024-06-15")
    story.tried(lodges(certified, "2024-06-14")).refused("bad-value", field="on")
    story.tried(lodges(certified, "2024-06-15")).recorded()
    story.tried(lodges(certified, "2029-06-15")).recorded()  # no deadline


def test_each_certification_is_lodged_on_its_own(story: Story) -> None:
    first = story.standard()
    story.given(lodges(first))
    story.given(act("downgrade", "2024-08-01", CITY, to="ungraded", reason="判决", ground="court", document="1"))
    second = story.standard("2024-09-01")
    story.tried(lodges(second, "2024-09-02")).recorded()


def test_after_a_transfer_the_county_that_certified_still_lodges(story: Story) -> None:
    certified = story.standard("2024-06-15")
    story.given(act("transfer", "2024-06-20", CITY, county=HUQIU))
    story.tried(lodges(certified, by=HUQIU)).refused("not-own-county")
    story.tried(lodges(certified)).recorded()


def test_only_a_standard_certification_that_counts_is_lodged(story: Story) -> None:
    benchmark = story.benchmark()
    story.tried(lodges(benchmark, "2024-12-01")).refused("not-certified", field="certification")
    story.tried(lodges(f"{YUSHAN}@1")).refused("not-certified")
    (recognised,) = story.given(recognises("standard", station=BACHENG))  # of a level that is lodged, not certified
    story.tried(lodges(recognised, station=BACHENG)).refused("not-certified")
    story.tried(lodges(f"{YUSHAN}@99")).refused("unknown-entry", field="certification")
    story.tried(lodges("nothing")).refused("unknown-entry")
    story.tried(lodges("nothing", by=CITY)).refused("unknown-entry", "wrong-authority")
    story.tried(lodges(f"{BACHENG}@1")).refused("bad-value", field="certification")
    story.tried(lodges(f"round:{PROMOTION_24}@1")).refused("bad-value")


def test_a_voided_certification_is_not_lodged_and_a_voided_lodging_is_none(story: Story) -> None:
    certified = story.standard()
    (lodging,) = story.given(lodges(certified))
    story.given(voids(lodging, KUNSHAN))
    story.submit(lodges(certified, note="重报")).recorded()
    story.given(voids(certified))
    story.submit(lodges(certified, "2024-09-01")).refused("not-certified")


def test_an_entry_has_one_name(story: Story) -> None:
    certified = story.standard()
    for name in (f"station:{certified}", certified.replace("@", "@0"), certified.replace("@", " @")):
        story.tried(lodges(name)).refused("unknown-entry")
        story.tried(voids(name)).refused("unknown-entry")


def test_a_lodging_of_an_unknown_station_is_refused_with_all_that_is_wrong(story: Story) -> None:
    certified = story.standard()
    answer = story.tried(act("lodge", "2024-07-01", KUNSHAN, station="320583999", certification=certified))
    answer.refused("unknown-station", "bad-value")


def test_what_was_recognised_as_ungraded_has_the_lowest_rank(story: Story) -> None:
    (entry,) = story.given(recognises("ungraded"))
    assert story.state(entry)["rank"] == 0
