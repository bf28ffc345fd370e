"""The case of a benchmark: applying, recommending, certifying, refusing; rounds and their calendar (13, 14, 20, 23)."""

from __future__ import annotations

import pytest

from stories import (
    BACHENG,
    CITY,
    HUQIU,
    KUNSHAN,
    PROMOTION_24,
    REVIEW_25,
    YUSHAN,
    Record,
    Story,
    act,
    applies,
    certifies,
    opens,
    recommends,
    voids,
)


def step(do: str, on: str, by: str, **fields: object) -> Record:
    return act(do, on, by, **{"level": "benchmark", "round": PROMOTION_24} | fields)


def withdraws(on: str = "2024-04-15", **fields: object) -> Record:
    return step("withdraw", on, YUSHAN, **fields)


def declines(on: str = "2024-04-15", **fields: object) -> Record:
    return step("decline", on, KUNSHAN, **fields)


def refuses(on: str = "2024-11-20", **fields: object) -> Record:
    return step("refuse", on, CITY, **fields)


def assessed(story: Story) -> None:
    story.assessed("standard", "2024-10-01", CITY)
    story.assessed("benchmark", "2024-10-01", CITY)


# The route (rule 13)


def test_a_station_applies_its_county_recommends_the_city_certifies(story: Story) -> None:
    entry = story.benchmark()
    assert (story.level("2024-11-19"), story.level("2024-11-20")) == ("ungraded", "benchmark")
    # application, recommendation, and both assessments
    assert story.state(entry)["rests_on"] == [f"{YUSHAN}@{version}" for version in (2, 3, 7, 5)]


def test_without_an_application_nothing_follows(story: Story) -> None:
    story.given(opens(PROMOTION_24))
    assessed(story)
    for record in (recommends(), declines(), withdraws(), refuses()):
        story.tried(record).refused("no-application", field="station")
        story.tried(record | {"irregular": "已经发生"}).recorded("no-application")
    story.tried(certifies()).refused("no-application", "no-recommendation")
    story.tried(certifies(irregular="已发文")).recorded("no-application", "no-recommendation")


def test_without_a_recommendation_nothing_is_certified(story: Story) -> None:
    story.given(opens(PROMOTION_24), applies())
    assessed(story)
    story.tried(certifies()).refused("no-recommendation", field="station")
    story.tried(certifies(irregular="已发文")).recorded("no-recommendation")
    story.tried(refuses()).recorded()  # to refuse, no recommendation is asked for


def test_a_recommendation_that_came_without_an_application_is_one(story: Story) -> None:
    story.given(opens(PROMOTION_24))
    (recommendation,) = story.given(recommends(irregular="口头申报"))
    assessed(story)
    story.tried(certifies()).refused("no-application")
    entry = story.submit(certifies(irregular="已发文")).recorded("no-application").entry
    assert recommendation in story.state(entry)["rests_on"]


def test_a_decision_without_its_round_is_incomplete(story: Story) -> None:
    story.given(opens(PROMOTION_24), applies(), recommends())
    assessed(story)
    for record in (certifies(), refuses()):
        del record["round"]
        answer = story.tried(record).refused("missing-field", field="round")
        assert answer.says("missing-field")["name"] == "round"
    bare = certifies(irregular="已发文")
    del bare["round"]
    story.tried(bare).recorded("no-application", "no-recommendation", "no-assessment")
    bare = refuses(irregular="已发文")
    del bare["round"]
    assert story.tried(bare).recorded("no-application").says("no-application")["round"] == "—"


def test_a_case_of_another_station_is_not_this_ones(story: Story) -> None:
    story.given(opens(PROMOTION_24), applies(by=BACHENG, station=BACHENG))
    story.tried(recommends()).refused("no-application")
    story.tried(recommends(station=BACHENG)).recorded()


def test_a_step_is_judged_by_what_came_before_its_own_date(story: Story) -> None:
    story.given(opens(PROMOTION_24), applies("2024-04-10"))
    story.tried(recommends("2024-04-09")).refused("no-application")
    story.tried(recommends("2024-04-10")).recorded()


# One case a station, level and round (rule 14)


def test_while_a_case_is_open_there_is_no_other(story: Story) -> None:
    story.given(opens(PROMOTION_24), applies())
    answer = story.tried(applies("2024-04-02")).refused("already-applied", field="round")
    said = answer.says("already-applied")
    assert (said["station"], said["entry"]) == (YUSHAN, f"{YUSHAN}@2")
    assert (said["round"], said["level"]["en"]) == (PROMOTION_24, "benchmark")
    story.tried(applies("2024-04-02", irregular="重报")).recorded("already-applied")
    story.given(recommends())
    story.tried(applies("2024-05-02")).refused("already-applied")


@pytest.mark.parametrize("ending", [withdraws, declines, refuses])
def test_a_case_that_ended_goes_no_further_and_may_begin_again(story: Story, ending: object) -> None:
    assert callable(ending)
    story.given(opens(PROMOTION_24), applies(), ending("2024-05-15"))
    for record in (recommends("2024-06-01"), withdraws("2024-06-01"), declines("2024-06-01"), refuses("2024-06-01")):
        answer = story.tried(record).refused("case-ended", field="round")
        assert answer.says("case-ended")["entry"] == f"{YUSHAN}@3"
        story.tried(record | {"irregular": "后来又办"}).recorded("case-ended")
    assessed(story)
    story.tried(certifies()).refused("case-ended", "no-recommendation")
    answer = story.submit(applies("2024-06-02")).recorded("re-applied")
    assert answer.receipt.irregularities[0].field == "round"
    story.submit(recommends("2024-06-03")).recorded()
    story.submit(certifies()).recorded()


def test_a_certification_ends_the_case_too(story: Story) -> None:
    story.benchmark()
    story.tried(recommends("2024-12-01")).refused("case-ended")
    story.tried(withdraws("2024-12-01")).refused("case-ended")
    story.tried(refuses("2024-12-01")).refused("case-ended")
    story.tried(certifies("2024-12-01")).refused("case-ended", "not-a-promotion")
    story.tried(applies("2024-12-01")).recorded("re-applied")


def test_a_recommendation_of_an_ended_case_is_none_of_the_next(story: Story) -> None:
    story.given(opens(PROMOTION_24), applies(), recommends("2024-04-10"), withdraws("2024-04-15"))
    story.given(applies("2024-04-20"))
    assessed(story)
    story.tried(certifies()).refused("no-recommendation")


def test_a_voided_step_never_happened(story: Story) -> None:
    story.given(opens(PROMOTION_24))
    _, ending = story.given(applies(), withdraws("2024-04-15"))
    story.tried(recommends()).refused("case-ended")
    story.given(voids(ending, YUSHAN))
    (recommendation,) = story.given(recommends())
    story.given(voids(recommendation, KUNSHAN))
    assessed(story)
    story.tried(certifies()).refused("no-recommendation")


def test_an_application_voided_before_the_certification(story: Story) -> None:
    story.given(opens(PROMOTION_24))
    application, _ = story.given(applies(), recommends())
    assessed(story)
    story.submit(voids(application, YUSHAN)).recorded()  # nothing was decided on it yet
    story.tried(certifies()).refused("no-application")
    story.tried(applies("2024-06-01")).recorded()  # no second application: the first never happened


def test_an_application_voided_after_the_certification(story: Story) -> None:
    certified = story.benchmark()
    application = f"{YUSHAN}@2"
    answer = story.submit(voids(application, YUSHAN)).recorded("ground-removed", notes=["grounds-lost"])
    assert answer.says("ground-removed")["dependents"] == [certified]
    assert story.level("2024-11-20") == "benchmark"  # what rested on it stays recorded
    # Later steps see no application: not an ended case, none at all.
    story.tried(recommends("2024-12-01")).refused("no-application")
    story.tried(withdraws("2024-12-01")).refused("no-application")
    story.tried(applies("2024-12-01")).recorded()


def test_a_case_of_another_round_does_not_carry_over(story: Story) -> None:
    story.given(opens(PROMOTION_24), opens("2026-promotion"), applies(), recommends())
    later = {"round": "2026-promotion"}
    story.tried(recommends("2026-04-01", **later)).refused("no-application")
    story.tried(applies("2026-04-01", **later)).recorded()


# Rounds


def test_nothing_is_applied_for_or_recommended_before_the_round_opens(story: Story) -> None:
    story.given(opens(PROMOTION_24))
    story.tried(applies("2024-02-29")).refused("round-not-open", field="on")
    story.tried(applies("2024-02-29", irregular="提前")).recorded("round-not-open")
    story.tried(applies("2024-03-01")).recorded()
    story.tried(recommends("2024-02-29")).refused("round-not-open", "no-application")
    story.given(applies("2024-02-29", irregular="提前"))
    story.tried(recommends("2024-02-29", irregular="提前")).recorded("round-not-open")


def test_what_is_dated_after_the_close_is_marked(story: Story) -> None:
    story.given(opens(PROMOTION_24), act("close_round", "2024-12-31", CITY, round=PROMOTION_24))
    story.tried(applies("2024-12-31")).recorded()
    late = story.submit(applies("2025-01-01")).recorded("after-close")
    assert late.receipt.irregularities[0].field == "on"
    for record in (recommends("2025-01-02"), declines("2025-01-02"), withdraws("2025-01-02"), refuses("2025-01-02")):
        story.tried(record).recorded("after-close")
    story.given(recommends("2025-01-02"))
    story.assessed("standard", "2025-01-03", CITY)
    story.assessed("benchmark", "2025-01-03", CITY)
    story.tried(certifies("2025-01-04")).recorded("after-close")


def test_a_round_is_opened_once_under_an_id_of_its_own(story: Story) -> None:
    story.given(opens(PROMOTION_24))
    story.tried(opens(PROMOTION_24, on="2024-04-01")).refused("round-exists", field="round")
    for id_ in ("2024 promotion", "2024-晋升", "-2024", "A", "round:1", "x" * 65):
        answer = story.tried(opens(PROMOTION_24, round=id_))
        assert ("bad-value", "round") in {(fault.code, fault.field) for fault in answer.receipt.faults}
    story.tried(opens(PROMOTION_24, round="2024-second", kind="picnic")).refused("bad-value", field="kind")
    story.tried(opens(PROMOTION_24, round="2024-second")).recorded()


def test_a_step_of_a_station_that_is_unknown_is_refused_for_that_alone(story: Story) -> None:
    story.given(opens(PROMOTION_24))
    unknown = {"station": "320583999"}
    story.tried(applies(by="320583999", **unknown)).refused("unknown-station")
    for record in (recommends(), declines(), withdraws() | {"by": {"office": "320583999"}}, certifies(), refuses()):
        story.tried(record | unknown).refused("unknown-station")


def test_an_unknown_round_is_named_with_what_is_near(story: Story) -> None:
    story.given(opens(PROMOTION_24))
    answer = story.tried(applies(round="2024-promotoin")).refused("unknown-round", field="round")
    assert PROMOTION_24 in answer.says("unknown-round")["nearest"]["en"]
    story.tried(recommends(round="2023-x")).refused("unknown-round", field="round")
    story.tried(certifies(round="2023-x")).refused("unknown-round")
    story.tried(certifies(round="2023-x", irregular="已发文")).refused("unknown-round")
    story.tried(refuses(round="2023-x")).refused("unknown-round")


def test_a_round_is_closed_once_and_not_before_it_opened(story: Story) -> None:
    closing = act("close_round", "2024-12-31", CITY, round=PROMOTION_24)
    story.tried(closing).refused("unknown-round")
    story.given(opens(PROMOTION_24))
    story.tried(closing | {"on": "2024-02-29"}).refused("bad-value", field="on")
    story.tried(closing | {"on": "2024-03-01"}).recorded()
    (closed,) = story.given(closing)
    story.tried(closing | {"note": "再关"}).refused("bad-value", field="round")
    story.given(voids(closed))
    story.tried(applies("2025-06-01")).recorded()
    story.submit(closing | {"note": "再关"}).recorded()


def test_a_round_whose_opening_is_voided_is_unknown_until_it_is_opened_again(story: Story) -> None:
    (opened,) = story.given(opens(PROMOTION_24))
    story.given(voids(opened))
    story.tried(applies()).refused("unknown-round")
    story.tried(act("close_round", "2024-12-31", CITY, round=PROMOTION_24)).refused("unknown-round")
    story.given(opens(PROMOTION_24, on="2024-05-01"))
    story.tried(applies()).refused("round-not-open")
    story.tried(applies("2024-05-01")).recorded()


def test_voiding_the_opening_of_a_round_names_what_was_decided_in_it(story: Story) -> None:
    certified = story.benchmark()
    other = story.benchmark(BACHENG)
    story.given(voids(other))
    answer = story.submit(voids(f"round:{PROMOTION_24}@1")).recorded("ground-removed", notes=["grounds-lost"])
    assert answer.says("ground-removed")["dependents"] == [certified]


# The calendar (rule 20)


@pytest.mark.parametrize(
    ("kind", "year", "codes"),
    [
        ("promotion", 2024, ()),
        ("promotion", 2026, ()),
        ("promotion", 2025, ("out-of-calendar",)),
        ("promotion", 2022, ("out-of-calendar",)),
        ("review", 2023, ()),
        ("review", 2029, ()),
        ("review", 2024, ("out-of-calendar",)),
    ],
)
def test_reviews_and_promotions_come_in_turn(story: Story, kind: str, year: int, codes: tuple[str, ...]) -> None:
    on = max(f"{year}-03-01", "2023-09-01")
    answer = story.submit(act("open_round", on, CITY, round=f"{year}-{kind}", kind=kind, year=year)).recorded(*codes)
    assert [one.field for one in answer.receipt.irregularities] == ["year"] * len(codes)


def test_a_benchmark_is_certified_in_a_promotion_round(story: Story) -> None:
    story.given(opens(REVIEW_25))
    in_review = {"round": REVIEW_25}
    story.tried(applies("2025-04-01", **in_review)).refused("wrong-round-kind", field="round")
    story.given(applies("2025-04-01", irregular="误入", **in_review))
    story.given(recommends("2025-05-01", irregular="误入", **in_review))
    story.assessed("standard", "2025-06-01", CITY)
    story.assessed("benchmark", "2025-06-01", CITY)
    story.tried(certifies("2025-07-01", **in_review)).refused("wrong-round-kind")
    story.tried(certifies("2025-07-01", irregular="误入", **in_review)).recorded("wrong-round-kind")


def test_a_lower_standard_assessed_in_the_round_counts_however_long_the_round_takes(story: Story) -> None:
    story.given(opens(PROMOTION_24), applies(), recommends("2024-04-05"))
    story.assessed("standard", "2024-04-10", CITY)
    story.assessed("benchmark", "2024-04-10", CITY)
    story.tried(certifies("2025-06-01")).recorded()


# The same person (rule 23)


def test_one_person_recommends_and_certifies(story: Story) -> None:
    story.given(opens(PROMOTION_24), applies(by=f"{YUSHAN}/p1"), recommends(by=f"{KUNSHAN}/p1"))
    assessed(story)
    story.tried(certifies(by=f"{CITY}/p2")).recorded()
    answer = story.tried(certifies(by=f"{CITY}/p1")).recorded("same-person")
    assert answer.says("same-person") == {"person": "p1", "entry": f"{YUSHAN}@3"}
    assert answer.receipt.irregularities[0].field == "by.person"


def test_one_person_certifies_and_the_recommendation_comes_late(story: Story) -> None:
    story.given(opens(PROMOTION_24), applies())
    assessed(story)
    story.given(certifies(by=f"{CITY}/p1", irregular="先认定"))
    story.tried(recommends("2024-11-01", by=f"{KUNSHAN}/p1")).recorded("same-person")
    story.tried(recommends("2024-11-01", by=f"{KUNSHAN}/p2")).recorded()
    story.tried(recommends("2024-11-01")).recorded()


def test_who_certified_in_another_round_may_recommend_in_this_one(story: Story) -> None:
    later = {"round": "2026-promotion"}
    story.given(opens(PROMOTION_24), opens("2026-promotion"), applies())
    assessed(story)
    story.given(certifies(by=f"{CITY}/p1", irregular="先认定"), applies("2026-04-01", **later))
    story.tried(recommends("2026-05-01", by=f"{KUNSHAN}/p1", **later)).recorded()


def test_one_person_assesses_for_two_tiers(story: Story) -> None:
    story.assessed("standard", "2024-06-01", f"{KUNSHAN}/p1")
    assess = {"standard": "standard"}
    story.tried(act("assess", "2024-06-02", f"{CITY}/p1", **assess)).recorded("same-person")
    story.tried(act("assess", "2024-06-02", f"{CITY}/p2", **assess)).recorded()
    story.tried(act("assess", "2024-06-02", f"{KUNSHAN}/p1", **assess)).recorded()
    story.tried(act("assess", "2024-06-02", f"{CITY}/p1", standard="benchmark")).recorded()


def test_a_transfer_between_counties_and_then_a_recommendation_by_the_old_one(story: Story) -> None:
    story.given(opens(PROMOTION_24), applies("2024-04-01"))
    story.given(act("transfer", "2024-04-20", CITY, county=HUQIU))
    story.submit(recommends("2024-05-01", KUNSHAN)).refused("not-own-county", field="by.office")
    story.submit(recommends("2024-05-01", KUNSHAN, irregular="旧局")).refused("not-own-county")
    story.submit(recommends("2024-04-19", KUNSHAN)).recorded()
