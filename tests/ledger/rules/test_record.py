"""What is put on record: facts, evidence, judgements, assessments (rule 32)."""

from __future__ import annotations

import pytest

from stories import CITY, KUNSHAN, PROMOTION_24, REVIEW_25, YUSHAN, Answer, Record, Story, act, judgements, opens

PAPER = {"sha256": "0" * 64, "name": "合同", "supports": ["staff"]}


def reports(facts: Record, by: str = YUSHAN, **fields: object) -> Record:
    return act("report", "2024-06-01", by, facts=facts, **fields)


def judges(requirement: str, outcome: str = "met", by: str = CITY, on: str = "2024-06-01") -> Record:
    return act("judge", on, by, judgements={requirement: {"outcome": outcome, "reason": "看过"}})


# Facts


def test_a_fact_is_one_of_the_dictionary(story: Story) -> None:
    answer = story.submit(reports({"staf": 4, "staff": 4})).refused("unknown-fact", field="facts.staf")
    assert "staff" in answer.says("unknown-fact")["nearest"]["en"]


@pytest.mark.parametrize(
    ("facts", "good"),
    [
        ({"staff": 0}, True),
        ({"staff": 1000}, True),
        ({"staff": 1001}, False),
        ({"staff": -1}, False),
        ({"staff": "4"}, False),
        ({"staff": True}, False),
        ({"staff": [4]}, False),
        ({"hall": False}, True),
        ({"hall": 0}, False),
        ({"kind_of_hall": "round"}, True),
        ({"kind_of_hall": "oval"}, False),
        ({"staff": 4, "hall": 1, "kind_of_hall": 3}, False),
    ],
)
def test_a_facts_value_has_its_type_and_range(story: Story, facts: Record, good: bool) -> None:
    answer = story.submit(reports(facts))
    if good:
        answer.recorded()
    else:
        answer.refused("bad-value")
        wrong = {fault.field for fault in answer.receipt.faults}
        assert wrong <= {f"facts.{key}" for key in facts}


def test_a_report_states_something(story: Story) -> None:
    story.submit(reports({})).refused("bad-value", field="facts")
    story.submit(reports({}, evidence=[PAPER])).recorded()


def test_evidence_supports_facts_of_the_dictionary(story: Story) -> None:
    paper = PAPER | {"name": "另一份", "supports": ["staff", "stuff"]}
    answer = story.submit(reports({}, evidence=[PAPER, paper])).refused("unknown-fact", field="evidence[1].supports")
    assert "staff" in answer.says("unknown-fact")["nearest"]["en"]
    record = judges("S1.1.1a") | {"evidence": [paper]}
    story.submit(record).refused("unknown-fact", field="evidence[0].supports")


def doubled(answer: Answer) -> list[str | None]:
    """Return the fields of a refusal, all of them for standing in their lists before already."""
    assert {(fault.code, fault.args["why"]) for fault in answer.receipt.faults} == {("bad-value", "double")}
    return [fault.field for fault in answer.receipt.faults]


def test_a_paper_and_a_fact_it_supports_stand_once(story: Story) -> None:
    other = PAPER | {"name": "合同附件"}
    story.tried(reports({}, evidence=[PAPER, other, PAPER | {"sha256": "1" * 64}])).recorded()
    papers = [PAPER, other, PAPER | {"supports": []}, PAPER, other | {"supports": ["staff", "staff", "staff"]}]
    expected = ["evidence[4].supports[1]", "evidence[4].supports[2]", "evidence[2]", "evidence[3]", "evidence[4]"]
    assert doubled(story.submit(reports({}, evidence=papers))) == expected
    assert doubled(story.submit(judges("S1.1.1a") | {"evidence": [PAPER, PAPER]})) == ["evidence[1]"]
    spelt = [PAPER | {"name": "é"}, PAPER | {"name": " e\u0301"}]
    assert doubled(story.submit(reports({}, evidence=spelt))) == ["evidence[1]"]


def test_a_report_says_which_tier_stated_it(story: Story) -> None:
    for by, tier in ((YUSHAN, "station"), (KUNSHAN, "county"), (CITY, "city")):
        assert story.state(story.submit(reports({"staff": 4}, by)).recorded().entry)["tier"] == tier


# Judgements (rule 32)


def test_a_judgement_counts_only_where_the_check_asks_for_one(story: Story) -> None:
    story.submit(judges("S1.1.1a")).recorded()
    story.submit(judges("S1.1.2b")).refused("not-judgeable", field="judgements.S1.1.2b")
    answer = story.submit(judges("S1.1.1")).refused("unknown-requirement", field="judgements.S1.1.1")
    assert "S1.1.1a" in answer.says("unknown-requirement")["nearest"]["en"]


def test_not_applicable_is_judged_only_where_there_is_a_condition(story: Story) -> None:
    story.submit(judges("S1.1.2a", "not_applicable")).recorded()
    story.submit(judges("S1.1.1a", "not_applicable")).refused("bad-value", field="judgements.S1.1.1a.outcome")
    story.submit(judges("S1.1.1a", "perhaps")).refused("bad-value", field="judgements.S1.1.1a.outcome")


def verdict(story: Story, standard: str, on: str, by: str) -> str:
    entry = story.submit(act("assess", on, by, standard=standard, note=str(story.log.head()))).recorded().entry
    return str(story.state(entry)["verdict"])


def test_whose_judgement_counts_is_the_deciding_tier_or_higher_whoever_assesses(story: Story) -> None:
    def judged(by: str, on: str, standard: str) -> None:
        story.given(act("judge", on, by, judgements=judgements(standard, "reached")))

    judged(YUSHAN, "2024-06-01", "standard")
    assert verdict(story, "standard", "2024-06-01", CITY) == "undetermined"  # of itself: shown, and does not count
    judged(KUNSHAN, "2024-06-02", "standard")
    assert verdict(story, "standard", "2024-06-02", YUSHAN) == "reached"
    story.given(opens(PROMOTION_24))
    judged(KUNSHAN, "2024-06-02", "benchmark")
    assert verdict(story, "benchmark", "2024-06-02", CITY) == "undetermined"
    judged(CITY, "2024-06-03", "benchmark")
    assert verdict(story, "benchmark", "2024-06-03", KUNSHAN) == "reached"


def test_the_latest_judgement_counts_by_its_date_then_by_recording(story: Story) -> None:
    story.given(act("judge", "2024-06-02", CITY, judgements=judgements("standard", "reached")))
    story.given(judges("S1.1.1a", "not_met", on="2024-06-01"))
    assert verdict(story, "standard", "2024-06-02", CITY) == "reached"
    story.given(judges("S1.1.1a", "not_met", on="2024-06-02"))
    assert verdict(story, "standard", "2024-06-02", CITY) == "not_reached"
    assert verdict(story, "standard", "2024-05-31", CITY) == "undetermined"


@pytest.mark.parametrize(("on", "counts"), [("2025-05-31", True), ("2025-06-01", False)])
def test_a_judgement_counts_for_twelve_months(story: Story, on: str, counts: bool) -> None:
    story.given(act("judge", "2024-06-01", CITY, judgements=judgements("standard", "reached")))
    assert verdict(story, "standard", on, CITY) == ("reached" if counts else "undetermined")


def test_a_judgement_of_a_benchmark_counts_in_its_round(story: Story) -> None:
    story.given(act("judge", "2024-02-28", CITY, judgements=judgements("benchmark", "reached")))
    assert verdict(story, "benchmark", "2024-02-29", CITY) == "reached"
    story.given(opens(PROMOTION_24))
    assert verdict(story, "benchmark", "2024-03-01", CITY) == "undetermined"
    story.given(act("close_round", "2024-12-31", CITY, round=PROMOTION_24))
    assert verdict(story, "benchmark", "2024-12-31", CITY) == "undetermined"  # its last day belongs to it
    assert verdict(story, "benchmark", "2025-01-01", CITY) == "reached"


# Assessments


def test_an_assessment_is_of_a_standard_of_the_notice(story: Story) -> None:
    story.submit(act("assess", "2024-06-01", CITY, standard="golden")).refused("unknown-standard", field="standard")


def test_an_assessment_records_all_that_is_needed_to_run_it_again(story: Story) -> None:
    story.given(act("classify", "2024-01-01", KUNSHAN, size="medium"), reports({"staff": 5, "hall": True}))
    head = story.log.head()
    state = story.state(story.assessed("standard", "2024-06-01", f"{KUNSHAN}/p1"))
    assert state["read_to"] == head + 1
    assert (state["tier"], state["size"], state["serves"]) == ("county", "medium", "town")
    assert state["readings"] == {"S1.1.2b": "default"}
    assert set(state["checks"]) == {"judged", "at_least"}
    assert state["rests_on"] == [f"{YUSHAN}@3", f"{YUSHAN}@4", f"{YUSHAN}@2"]
    assert [finding["outcome"] for finding in state["findings"]] == ["met", "met", "undetermined", "met"]


def test_the_same_assessment_again_is_the_first_unless_it_has_an_id_of_its_own(story: Story) -> None:
    assess = act("assess", "2024-06-01", KUNSHAN, standard="standard")
    first = story.submit(assess).recorded().entry
    assert story.submit(assess).expect("already-recorded").entry == first
    story.given(act("judge", "2024-06-01", CITY, judgements=judgements("standard", "reached")))
    assert story.submit(assess).expect("already-recorded", notes=["assessed-before"]).entry == first
    again = story.submit(assess | {"id": "second"}).recorded().entry
    assert (story.state(first)["verdict"], story.state(again)["verdict"]) == ("undetermined", "reached")


def test_what_a_preview_finds_an_assessment_records(story: Story) -> None:
    from datetime import date

    story.given(opens(REVIEW_25), reports({"staff": 5}))
    found = story.ledger.preview(YUSHAN, "standard", date(2024, 6, 1))
    assert (found["verdict"], found["short"]) == ("undetermined", ("S1.1.1a", "S1.1.1b"))
