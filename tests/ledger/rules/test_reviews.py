"""Reviews: upholding, downgrading, and corrections from outside a round (rules 6, 17, 19, 20)."""

from __future__ import annotations

import pytest

from stories import (
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
    opens,
    recognises,
    voids,
)

EARLIER = ["earlier-level-reviewed"]


def upholds(on: str = "2025-07-01", **fields: object) -> Record:
    return act("uphold", on, CITY, **{"round": REVIEW_25, "reason": "复核"} | fields)


def downgrades(to: str, on: str = "2025-07-01", **fields: object) -> Record:
    return act("downgrade", on, CITY, **{"to": to, "round": REVIEW_25, "reason": "复核"} | fields)


def court(record: Record) -> Record:
    """Return the decision as one outside a round, on a court's judgment."""
    outside = record | {"ground": "court", "document": "（2025）苏05行终1号"}
    outside.pop("round", None)
    return outside


def review(story: Story, benchmark: str = "reached", standard: str = "reached") -> None:
    """Open the review of 2025 and let the city assess both standards in it."""
    story.given(opens(REVIEW_25))
    story.assessed("standard", "2025-06-01", CITY, standard)
    story.assessed("benchmark", "2025-06-01", CITY, benchmark)


# What a review rests on (rule 17)


def test_a_benchmark_that_reaches_both_attachments_is_upheld(story: Story) -> None:
    story.benchmark()
    review(story)
    entry = story.submit(upholds()).recorded().entry
    state = story.state(entry)
    assert (state["level"], len(state["rests_on"])) == ("benchmark", 2)
    assert story.level("2025-07-01") == "benchmark"


def test_a_benchmark_that_falls_short_falls_to_what_it_reaches(story: Story) -> None:
    story.benchmark()
    review(story, benchmark="not_reached")
    story.tried(downgrades("ungraded")).recorded("other-level")
    story.submit(downgrades("standard")).recorded()
    assert (story.level("2025-06-30"), story.level("2025-07-01")) == ("benchmark", "standard")


def test_a_benchmark_that_reaches_nothing_falls_to_ungraded(story: Story) -> None:
    story.benchmark()
    review(story, "not_reached", "not_reached")
    answer = story.tried(downgrades("standard")).recorded("other-level")
    assert answer.says("other-level")["expected"] == {"zh": "未定级", "en": "ungraded"}
    story.tried(downgrades("ungraded")).recorded()


def test_without_the_citys_assessments_in_the_round_nothing_is_reviewed(story: Story) -> None:
    story.benchmark()
    story.given(opens(REVIEW_25))
    for record in (upholds(), downgrades("standard")):
        story.tried(record).refused("no-assessment")
    story.tried(upholds(irregular="已发文")).recorded("no-assessment")
    story.assessed("benchmark", "2025-06-01", CITY)
    answer = story.tried(upholds()).refused("no-assessment")
    assert answer.says("no-assessment")["window"]["en"].endswith(", from 2025-03-01 to 2025-07-01")
    assert [fault.args["standard"]["en"] for fault in answer.receipt.faults] == ["standard"]  # both attachments
    story.assessed("standard", "2025-06-01", KUNSHAN)  # the county's is not the city's
    story.assessed("standard", "2025-02-28", CITY)  # before the round
    story.assessed("standard", "2025-07-02", CITY)  # after the decision
    story.tried(upholds()).refused("no-assessment")
    story.tried(upholds("2025-07-02")).recorded()


def test_a_standard_station_is_reviewed_by_its_own_attachment(story: Story) -> None:
    story.standard()
    story.given(opens(REVIEW_25))
    story.assessed("standard", "2025-06-01", CITY)
    story.tried(upholds()).recorded()
    story.tried(downgrades("ungraded")).recorded("downgrade-without-ground")
    story.assessed("standard", "2025-06-02", CITY, "not_reached")
    story.tried(upholds()).recorded("upheld-though-short")
    story.tried(downgrades("ungraded")).recorded()


def test_downgraded_though_reached(story: Story) -> None:
    story.benchmark()
    review(story)
    answer = story.submit(downgrades("standard")).recorded("downgrade-without-ground")
    assert answer.says("downgrade-without-ground")["standard"]["zh"] == "标杆所"
    assert story.level("2025-07-01") == "standard"
    head = int(answer.entry.rpartition("@")[2])
    assert story.state(answer.entry)["rests_on"] == [f"{YUSHAN}@{head - 1}", f"{YUSHAN}@{head - 3}"]


def test_upheld_though_short(story: Story) -> None:
    story.benchmark()
    review(story, benchmark="not_reached")
    story.submit(upholds()).recorded("upheld-though-short")
    assert story.level("2025-07-01") == "benchmark"


def test_what_is_undetermined_grounds_neither(story: Story) -> None:
    story.given(recognises("benchmark"))
    review(story, benchmark="undetermined")
    story.tried(upholds()).recorded("review-undetermined", notes=EARLIER)
    story.tried(downgrades("standard")).recorded("review-undetermined", notes=EARLIER)


def test_where_no_level_is_held_there_is_nothing_to_review(story: Story) -> None:
    review(story)
    story.tried(upholds()).refused("nothing-to-review", field="station")
    story.tried(downgrades("ungraded")).refused("nothing-to-review")
    story.tried(upholds(irregular="已发文")).refused("nothing-to-review")
    story.given(recognises("standard"), recognises("ungraded", "2022-06-01"))
    story.tried(upholds()).refused("nothing-to-review")


def test_a_review_is_judged_against_what_is_held_on_its_date(story: Story) -> None:
    story.given(opens(REVIEW_23, on="2023-09-01"))
    story.benchmark()
    story.assessed("standard", "2023-10-01", CITY)
    story.tried(upholds("2023-11-01", round=REVIEW_23)).refused("nothing-to-review")


# The fall (rule 19)


def test_a_downgrade_goes_down(story: Story) -> None:
    story.standard()
    story.given(opens(REVIEW_25))
    story.assessed("standard", "2025-06-01", CITY, "not_reached")
    for to in ("standard", "benchmark"):
        answer = story.tried(downgrades(to))
        assert "not-a-downgrade" in answer.faults
        assert "not-a-downgrade" in story.tried(downgrades(to, irregular="已发文")).faults
    story.tried(downgrades("golden")).refused("bad-value", field="to")


def test_to_high_standard_falls_only_who_has_held_it(story: Story) -> None:
    story.benchmark()
    review(story, benchmark="not_reached")
    story.tried(downgrades("high_standard")).refused("never-held", field="to")
    story.tried(downgrades("high_standard", irregular="已发文")).recorded("never-held", "other-level")
    story.given(recognises("high_standard", "2022-06-01"))
    story.tried(downgrades("high_standard")).recorded("other-level")


def test_what_was_held_later_was_not_held_before(story: Story) -> None:
    story.given(recognises("benchmark", "2021-06-01"))
    review(story, benchmark="not_reached")
    story.given(recognises("high_standard", "2025-08-01", irregular="补认"))
    story.tried(downgrades("high_standard")).refused("never-held")
    story.tried(downgrades("high_standard", irregular="已发文")).recorded("never-held", "other-level", notes=EARLIER)


def test_high_standard_is_reviewed_on_reason_and_evidence(story: Story) -> None:
    story.given(recognises("high_standard"), opens(REVIEW_25))
    story.tried(upholds()).recorded()  # it has no attachment
    story.tried(downgrades("standard")).refused("no-assessment")
    story.assessed("standard", "2025-06-01", CITY)
    story.tried(downgrades("standard")).recorded()
    answer = story.tried(downgrades("ungraded")).recorded("other-level")
    assert answer.receipt.irregularities[0].field == "to"
    story.assessed("standard", "2025-06-02", CITY, "not_reached")
    story.tried(downgrades("standard")).recorded("other-level")
    story.tried(downgrades("ungraded")).recorded()


def test_a_review_never_promotes(story: Story) -> None:
    story.given(recognises("high_standard"))
    review(story)
    assert "not-a-downgrade" in story.tried(downgrades("benchmark")).faults


def test_a_level_under_an_earlier_document_keeps_its_name_and_is_reviewed_by_these(story: Story) -> None:
    story.given(recognises("benchmark"))
    review(story, benchmark="not_reached")
    story.tried(upholds()).recorded("upheld-though-short", notes=EARLIER)
    story.submit(downgrades("standard")).recorded(notes=EARLIER)
    # The level held now was set by a downgrade under this notice.
    story.tried(upholds("2025-07-02")).recorded()


def test_downgraded_never_raises_when_an_earlier_fall_is_learnt_of_late(story: Story) -> None:
    story.benchmark()
    review(story, benchmark="not_reached")
    story.given(downgrades("standard"))
    story.given(court(downgrades("ungraded", "2025-06-15")))
    assert [story.level(on) for on in ("2025-06-14", "2025-06-15", "2025-07-01")] == [
        "benchmark",
        "ungraded",
        "ungraded",
    ]


# The round (rule 20)


def test_a_review_belongs_to_a_review_round(story: Story) -> None:
    story.benchmark()
    story.assessed("standard", "2025-06-01", CITY)
    story.assessed("benchmark", "2025-06-01", CITY)
    in_promotion = upholds(round=PROMOTION_24)
    story.tried(in_promotion).refused("wrong-round-kind", field="round")
    story.tried(in_promotion | {"irregular": "误入"}).recorded("wrong-round-kind")
    story.tried(downgrades("standard", round=PROMOTION_24)).refused("wrong-round-kind")
    story.tried(upholds(round="2029-review")).refused("unknown-round")
    bare = upholds()
    del bare["round"]
    answer = story.tried(bare).refused("missing-field", field="round")
    assert answer.says("missing-field")["name"] == "round"
    story.tried(bare | {"irregular": "已发文"}).recorded("outside-round", "no-assessment")


def test_a_review_before_its_round_and_after_it(story: Story) -> None:
    story.standard()
    story.given(opens(REVIEW_25), act("close_round", "2025-12-31", CITY, round=REVIEW_25))
    story.assessed("standard", "2025-06-01", CITY)
    story.tried(upholds("2025-02-28")).refused("round-not-open", "no-assessment")
    story.tried(upholds("2026-01-10")).recorded("after-close")  # the next calendar year


@pytest.mark.parametrize("ground", ["court", "reconsideration", "discipline"])
def test_a_decision_from_outside_corrects_a_level_outside_a_round(story: Story, ground: str) -> None:
    story.benchmark()
    outside = court(downgrades("standard")) | {"ground": ground}
    answer = story.submit(outside).recorded("outside-round")
    assert answer.receipt.irregularities[0].field == "round"
    entry = answer.entry
    assert story.state(entry)["ground"] == ground
    assert story.level("2025-07-01") == "standard"


def test_a_decision_from_outside_has_a_document(story: Story) -> None:
    story.benchmark()
    bare = court(downgrades("standard"))
    del bare["document"]
    answer = story.tried(bare).refused("missing-field", field="document")
    assert answer.says("missing-field")["name"] == "document"
    story.tried(court(upholds())).recorded("outside-round")


def test_a_decision_from_outside_needs_no_assessment_if_it_is_irregular_besides(story: Story) -> None:
    story.benchmark()
    story.tried(court(upholds(irregular="已发文"))).recorded("outside-round")
    story.tried(court(downgrades("standard", irregular="已发文"))).recorded("outside-round")


def test_a_decision_that_names_its_round_belongs_to_it_whatever_its_ground(story: Story) -> None:
    story.benchmark()
    story.given(opens(REVIEW_25))
    both = court(downgrades("standard")) | {"round": REVIEW_25}
    story.tried(both).refused("no-assessment")
    story.tried(both | {"round": PROMOTION_24}).refused("wrong-round-kind")


def test_a_decision_from_outside_still_goes_down_from_a_level(story: Story) -> None:
    story.tried(court(downgrades("ungraded"))).refused("nothing-to-review")
    story.standard()
    story.tried(court(downgrades("standard"))).refused("not-a-downgrade", field="to")
    story.tried(court(downgrades("high_standard"))).refused("not-a-downgrade", "never-held")


def test_a_level_that_a_downgrade_of_the_same_day_gave_was_held(story: Story) -> None:
    story.benchmark()
    story.submit(court(downgrades("high_standard")) | {"irregular": "已发文"}).recorded("outside-round", "never-held")
    story.tried(court(downgrades("high_standard", note="再次"))).refused("not-a-downgrade")
    story.tried(court(downgrades("high_standard", "2025-06-30"))).refused("never-held")


# Who takes a level back (rule 17)


def test_a_county_takes_back_its_own_standard_only_as_something_irregular(story: Story) -> None:
    story.standard()
    story.given(opens(REVIEW_25))
    story.assessed("standard", "2025-06-01", CITY, "not_reached")
    by_county = downgrades("ungraded") | {"by": {"office": KUNSHAN}}
    story.tried(by_county).refused("self-revocation")
    story.tried(by_county | {"by": {"office": HUQIU}}).refused("wrong-authority")
    story.tried(by_county | {"by": {"office": HUQIU}, "irregular": "已发文"}).refused("wrong-authority")
    story.submit(by_county | {"irregular": "已发文"}).recorded("self-revocation")
    assert story.level("2025-07-01") == "ungraded"


def test_a_county_does_not_review_its_own_standard(story: Story) -> None:
    story.standard()
    story.given(opens(REVIEW_25))
    story.assessed("standard", "2025-06-01", CITY)
    story.tried(upholds() | {"by": {"office": KUNSHAN}}).refused("wrong-authority", field="by.office")


def test_a_station_that_is_unknown_is_not_reviewed(story: Story) -> None:
    story.given(opens(REVIEW_25))
    unknown = {"station": "320583999"}
    story.tried(upholds() | unknown).refused("unknown-station")
    story.tried(downgrades("standard") | unknown).refused("unknown-station")
    story.tried(downgrades("high_standard") | unknown).refused("unknown-station", "never-held")
    story.tried(downgrades("ungraded") | unknown | {"by": {"office": KUNSHAN}}).refused(
        "unknown-station", "wrong-authority"
    )


def test_from_a_station_without_a_level_a_county_takes_nothing_back(story: Story) -> None:
    story.given(opens(REVIEW_25))
    by_county = downgrades("ungraded") | {"by": {"office": KUNSHAN}}
    story.tried(by_county).refused("wrong-authority", "nothing-to-review")
    story.given(recognises("standard", by=KUNSHAN), recognises("ungraded", "2022-06-01"))
    story.tried(by_county).refused("wrong-authority", "nothing-to-review")


def test_what_the_city_lowered_is_not_the_countys_to_take_back(story: Story) -> None:
    story.benchmark()
    review(story, benchmark="not_reached")
    story.given(downgrades("standard", "2025-06-15"))
    by_county = downgrades("ungraded") | {"by": {"office": KUNSHAN}}
    assert "wrong-authority" in story.tried(by_county | {"irregular": "已发文"}).faults


def test_a_voided_downgrade_gives_the_level_back(story: Story) -> None:
    story.benchmark()
    review(story, benchmark="not_reached")
    (down,) = story.given(downgrades("standard"))
    known = story.log.head()
    story.submit(voids(down)).recorded("decision-voided")
    assert (story.level("2025-07-01", known), story.level("2025-07-01")) == ("standard", "benchmark")
    assert story.state(f"{YUSHAN}@{down.rpartition('@')[2]}")["to"] == "standard"
