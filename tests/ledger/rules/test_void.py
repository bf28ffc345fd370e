"""Voiding (NOTICE: the last rows of the table), and what it leaves."""

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
    grants_standard,
    opens,
    recognises,
    recommends,
    voids,
)


def court(to: str) -> Record:
    return act("downgrade", "2025-07-01", CITY, to=to, reason="判决", ground="court", document="1")


def test_a_void_removes_its_entry_for_every_date_from_its_own_position_on(story: Story) -> None:
    wrong, _ = story.given(recognises("benchmark"), recognises("standard", "2022-06-01"))
    known = story.log.head()
    answer = story.submit(voids(wrong, on="2022-01-01")).recorded("decision-voided")  # its own date has no effect
    assert answer.receipt.irregularities[0].field == "entry"
    for on, before, after in (
        ("2021-05-31", "ungraded", "ungraded"),
        ("2021-06-01", "benchmark", "ungraded"),
        ("2022-05-31", "benchmark", "ungraded"),
        ("2022-06-01", "standard", "standard"),
    ):
        assert (story.level(on, known), story.level(on)) == (before, after)


def test_some_entries_are_never_voided(story: Story) -> None:
    void = story.given(recognises("benchmark"), voids(f"{YUSHAN}@2"))[1]
    for entry in (f"{YUSHAN}@1", f"office:{KUNSHAN}@1", "notice:suzhou-2023-143@1", void):
        story.submit(voids(entry)).refused("not-voidable", field="entry")
        story.submit(voids(entry, irregular="急")).refused("not-voidable")


def test_an_entry_is_voided_once(story: Story) -> None:
    (entry,) = story.given(act("classify", "2022-01-01", KUNSHAN, size="large"))
    (void,) = story.given(voids(entry))
    answer = story.submit(voids(entry, note="再作废")).refused("already-voided", field="entry")
    assert answer.says("already-voided")["by"] == void


def test_what_is_not_there_is_not_voided(story: Story) -> None:
    for entry in (
        f"{YUSHAN}@2",
        f"{YUSHAN}@0",
        f"{YUSHAN}@01",
        f"{YUSHAN}@９",
        "320583999@1",
        YUSHAN,
        "@1",
        "round:2024-promotion@1",
        "tree:oak@1",
        "全部",
    ):
        story.submit(voids(entry)).refused("unknown-entry", field="entry")


def test_who_voids_is_an_office_that_exists(story: Story) -> None:
    (entry,) = story.given(act("classify", "2022-01-01", KUNSHAN, size="large"))
    story.tried(voids(entry, "320599")).refused("unknown-office", field="by.office")
    story.tried(voids(entry, HUQIU)).refused("wrong-authority", field="by.office")
    story.tried(voids(entry, YUSHAN)).refused("wrong-authority")
    story.tried(voids(entry, KUNSHAN, "2020-12-31")).refused("unknown-office")
    story.tried(voids(entry, on="2030-02-01")).refused("future-date")


def test_annulling_needs_a_document(story: Story) -> None:
    (entry,) = story.given(recognises("benchmark"))
    annulled = voids(entry, cause="annulled")
    answer = story.tried(annulled).refused("missing-field", field="document")
    assert answer.says("missing-field")["name"] == "document"
    story.submit(annulled | {"document": "苏司撤〔2025〕1号"}).recorded("decision-voided")
    story.tried(voids(entry, cause="regret")).refused("bad-value", field="cause")


@pytest.mark.parametrize("decision", ["recognise", "certify", "downgrade", "uphold"])
def test_a_decision_is_voided_by_the_city_alone(story: Story, decision: str) -> None:
    if decision == "certify":
        entry = story.standard()
    elif decision == "recognise":
        (entry,) = story.given(recognises("standard", by=KUNSHAN))
    else:
        story.given(recognises("standard", by=KUNSHAN))
        record = court("ungraded") if decision == "downgrade" else court("ungraded") | {"do": "uphold"}
        if decision == "uphold":
            del record["to"]
        (entry,) = story.given(record)
    story.tried(voids(entry, KUNSHAN)).refused("wrong-authority")
    assert "decision-voided" in story.submit(voids(entry)).irregularities


def test_a_refusal_is_voided_by_who_refused(story: Story) -> None:
    story.given(opens(PROMOTION_24), applies())
    (refusal,) = story.given(act("refuse", "2024-11-20", CITY, level="benchmark", round=PROMOTION_24))
    story.submit(voids(refusal)).recorded()
    story.tried(act("decline", "2024-11-21", KUNSHAN, level="benchmark", round=PROMOTION_24)).recorded()
    (own,) = story.given(act("refuse", "2024-06-15", KUNSHAN, level="standard"))
    story.submit(voids(own, KUNSHAN)).recorded()


def test_a_void_names_every_decision_that_rested_on_the_entry(story: Story) -> None:
    (report,) = story.given(act("report", "2024-05-01", YUSHAN, facts={"staff": 5}))
    assessment = story.assessed("standard", "2024-06-01", KUNSHAN)
    assert report in story.state(assessment)["rests_on"]
    first = story.submit(grants_standard()).recorded(notes=["calendar-unclear"]).entry
    story.given(act("lodge", "2024-07-01", KUNSHAN, certification=first))
    for entry in (report, assessment):
        answer = story.tried(voids(entry)).recorded("ground-removed", notes=["grounds-lost"])
        assert answer.receipt.irregularities[0].field == "entry"
        assert answer.says("ground-removed")["dependents"] == [first]
    story.given(voids(first))
    story.tried(voids(report)).recorded()  # the decision does not count either


def test_a_void_of_a_recommendation_after_the_certification(story: Story) -> None:
    certified = story.benchmark()
    answer = story.submit(voids(f"{YUSHAN}@3", KUNSHAN)).recorded("ground-removed", notes=["grounds-lost"])
    assert answer.says("ground-removed")["dependents"] == [certified]
    story.tried(recommends("2024-06-01")).recorded()  # before the certification, and needed again


def test_a_void_of_a_reading_names_the_decisions_whose_assessments_used_it(story: Story) -> None:
    six = {"requirement": "S1.1.2b", "reading": "six"}
    first, second = story.given(
        act("adopt_reading", "2024-01-01", CITY, **six), act("adopt_reading", "2024-07-01", CITY, **six)
    )
    story.given(act("report", "2024-05-01", YUSHAN, facts={"staff": 9}))
    certified = story.standard("2024-06-15")
    story.given(act("lodge", "2024-07-01", KUNSHAN, certification=certified))  # no decision
    answer = story.tried(voids(first)).recorded("ground-removed", notes=["grounds-lost"])
    assert answer.says("ground-removed")["dependents"] == [certified]
    story.tried(voids(second)).recorded()  # nothing was assessed by it
    story.given(voids(certified))
    story.tried(voids(first)).recorded()  # the decision does not count either


def test_a_void_of_a_reading_takes_no_ground_that_was_gone_before(story: Story) -> None:
    reading = {"requirement": "S1.1.2b", "reading": "six"}
    (adopted,) = story.given(act("adopt_reading", "2024-01-01", CITY, **reading))
    story.given(act("report", "2024-05-01", YUSHAN, facts={"staff": 9}))
    certified = story.standard("2024-06-15")
    (assessment,) = story.state(certified)["rests_on"]
    story.submit(voids(assessment, KUNSHAN)).recorded("ground-removed", notes=["grounds-lost"])
    story.tried(voids(adopted)).recorded()


def test_the_void_of_a_certification_reopens_its_case(story: Story) -> None:
    certified = story.benchmark()
    story.given(voids(certified))
    assert story.level("2024-11-20") == "ungraded"
    story.tried(act("certify", "2024-11-25", CITY, level="benchmark", round=PROMOTION_24)).recorded()


def test_the_void_of_a_judgement_or_a_report_leaves_the_assessment_and_changes_the_next(story: Story) -> None:
    story.assessed("standard", "2024-06-01", KUNSHAN)
    judgement = f"{YUSHAN}@2"
    story.given(voids(judgement))
    again = story.submit(act("assess", "2024-06-02", KUNSHAN, standard="standard")).recorded().entry
    assert story.state(f"{YUSHAN}@3")["verdict"] == "reached"
    assert story.state(again)["verdict"] == "undetermined"


def test_a_void_in_another_stations_stream_touches_this_one_not(story: Story) -> None:
    (other,) = story.given(recognises("benchmark", station=BACHENG))
    story.given(recognises("benchmark"))
    story.given(voids(other))
    assert (story.level("2021-06-01"), story.level("2021-06-01", station=BACHENG)) == ("benchmark", "ungraded")


def test_renaming_and_classes_are_voided_by_who_submitted_them(story: Story) -> None:
    renamed, _ = story.given(
        act("rename", "2022-01-01", KUNSHAN, name="新", serves="street"),
        act("rename_office", "2022-01-01", CITY, office=KUNSHAN, name="新"),
    )
    story.submit(voids(renamed, KUNSHAN)).recorded()
    assert story.state(story.assessed("standard", "2024-06-01", KUNSHAN))["serves"] == "town"
    story.tried(voids(f"office:{KUNSHAN}@2", KUNSHAN)).refused("wrong-authority")
    story.submit(voids(f"office:{KUNSHAN}@2")).recorded()


def test_a_review_decided_in_a_round_whose_closing_is_voided(story: Story) -> None:
    story.given(recognises("benchmark"), opens(REVIEW_25))
    story.given(court("standard") | {"do": "downgrade", "round": REVIEW_25, "irregular": "已发文"})
    (closed,) = story.given(act("close_round", "2025-12-31", CITY, round=REVIEW_25))
    story.submit(voids(closed)).recorded()  # the opening is what it rests on
