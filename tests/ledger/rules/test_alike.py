"""What says the same as an entry that counts, but for its note, is recorded with a note that names that entry."""

from __future__ import annotations

import pytest

from stories import (
    BACHENG,
    CITY,
    KUNSHAN,
    PROMOTION_24,
    REVIEW_25,
    Answer,
    Record,
    Story,
    act,
    applies,
    opens,
    recognises,
    recommends,
    voids,
)

ON = "2024-05-01"
ABOUT = {"level": "benchmark", "round": PROMOTION_24}
LATER: dict[str, Record] = {
    "recommend": recommends(),
    "refuse": act("refuse", ON, CITY, **ABOUT, irregular="已经发生"),
    "decline": act("decline", ON, KUNSHAN, **ABOUT, irregular="已经发生"),
    "apply": applies(irregular="已经发生"),
    "withdraw": act("withdraw", ON, "320583100", **ABOUT, irregular="已经发生"),
    "uphold": act("uphold", "2025-09-01", CITY, round=REVIEW_25, reason="好", irregular="已经发生"),
    "recognise": recognises("benchmark"),
}
"""Acts that may come twice on a day."""


def alike(answer: Answer) -> list[str]:
    """Return the entries that a recorded act is said to look like."""
    assert answer.status == "recorded", answer.faults
    return [note.args["entry"] for note in answer.receipt.notes if note.code == "looks-like"]


@pytest.mark.parametrize("verb", LATER)
def test_the_same_with_another_note_names_the_first(story: Story, verb: str) -> None:
    record = LATER[verb]
    if verb == "uphold":
        story.given(recognises("benchmark"), opens(REVIEW_25))
    else:
        story.given(opens(PROMOTION_24), applies(**({"on": "2024-03-15"} if verb == "apply" else {})))
    first = story.submit(record)
    assert alike(first) == []
    assert alike(story.submit(record | {"note": "补"})) == [first.entry]
    assert alike(story.submit(record | {"note": "再补", "document": "苏司〔2024〕1号"})) == [first.entry]


def test_a_note_is_no_fault_and_not_stored(story: Story) -> None:
    story.given(recognises("standard"))
    answer = story.submit(recognises("standard", note="补")).recorded(notes=["looks-like"])
    assert "irregularities" not in story.state(answer.entry)
    assert answer.receipt.notes[0].render("zh")["message"] == "与 320583100@2 同一事项、同一等级、同一日期"


def test_within_one_file_too_and_in_a_dry_run(story: Story) -> None:
    both = [recognises("standard"), recognises("standard", note="补")]
    for dry_run in (True, False):
        first, second = story.submit_file(*both, dry_run=dry_run)
        assert (first.notes, second.notes) == (set(), {"looks-like"})
        assert second.says("looks-like") == {"entry": "320583100@2"}


def test_another_level_date_station_or_verb_is_another(story: Story) -> None:
    story.given(recognises("standard"))
    for other in (
        recognises("benchmark"),
        recognises("standard", "2021-06-02"),
        recognises("standard", station=BACHENG),
        recognises("ungraded"),
    ):
        assert alike(story.submit(other)) == []


def test_what_was_voided_looks_like_nothing(story: Story) -> None:
    (first,) = story.given(recognises("standard"))
    story.given(voids(first))
    (second,) = story.given(recognises("standard", note="补"))
    assert alike(story.submit(recognises("standard", note="再补"))) == [second]


def test_another_office_says_the_same_all_the_same(story: Story) -> None:
    (first,) = story.given(recognises("standard", by=KUNSHAN))
    assert alike(story.submit(recognises("standard", by=CITY))) == [first]


def test_a_downgrade_is_known_by_the_level_it_leads_to(story: Story) -> None:
    story.given(recognises("benchmark"), opens(REVIEW_25))
    falls = act("downgrade", "2025-09-01", CITY, round=REVIEW_25, reason="差", to="standard", irregular="已经发生")
    (first,) = story.given(falls)
    story.given(recognises("benchmark", "2021-07-01"))
    story.submit(falls | {"note": "补"}).refused("not-a-downgrade")
    assert alike(story.submit(falls | {"to": "ungraded"})) == []
    assert first == "320583100@3"
