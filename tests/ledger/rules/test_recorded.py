"""What is recorded of a submission: all that it says, and the entries that it rests on."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from dingji.events.submissions import VERBS
from stories import (
    BACHENG,
    CITY,
    HUQIU,
    KUNSHAN,
    PROMOTION_24,
    REVIEW_25,
    SIZES_24,
    YUSHAN,
    Record,
    Story,
    act,
    applies,
    certifies,
    digest_of,
    enrol,
    opens,
    recognises,
    register,
    voids,
)

PAPER = {"sha256": "0" * 64, "name": "名册", "supports": ["staff"]}
CASE = {"level": "benchmark", "round": PROMOTION_24}
BESIDE: Record = {
    "id": "mine",
    "document": "苏司〔2024〕1号",
    "note": "补录",
    "irregular": "已发文",
    "on_precision": "month",
}
"""What any submission may say besides; it stands on the last day of a month then."""
STREAM = {"do", "station"}
"""What says nothing of the entry but the kind of entry and the stream."""


def nothing(_: Story) -> None:
    pass


def with_application(story: Story) -> None:
    story.given(opens(PROMOTION_24), applies())


def with_certification(story: Story) -> None:
    story.standard("2024-04-15")


class Row(NamedTuple):
    """A submission, what has to be recorded before it, and what of it names its stream besides."""

    record: Record
    before: Callable[[Story], object] = nothing
    stream: tuple[str, ...] = ()


ROWS = {
    "register": Row(register("320583110", KUNSHAN, CITY, "2024-05-31", "street")),
    "rename": Row(act("rename", "2024-05-31", KUNSHAN, name="新所", serves="street")),
    "transfer": Row(act("transfer", "2024-05-31", CITY, county=HUQIU)),
    "close": Row(act("close", "2024-05-31", CITY, successors=[BACHENG])),
    "classify": Row(
        act("classify", "2024-05-31", KUNSHAN, size="large", round=SIZES_24, basis={"population": 90000}),
        lambda story: story.given(opens(SIZES_24)),
    ),
    "report": Row(act("report", "2024-05-31", f"{KUNSHAN}/p1", facts={"staff": 4}, evidence=[PAPER])),
    "judge": Row(
        act("judge", "2024-05-31", CITY, judgements={"S1.1.1a": {"outcome": "met", "reason": "看过"}}, evidence=[PAPER])
    ),
    "apply": Row(act("apply", "2024-05-31", YUSHAN, **CASE), lambda story: story.given(opens(PROMOTION_24))),
    "withdraw": Row(act("withdraw", "2024-05-31", YUSHAN, **CASE), with_application),
    "recommend": Row(act("recommend", "2024-05-31", KUNSHAN, reason="够格", **CASE), with_application),
    "decline": Row(act("decline", "2024-05-31", KUNSHAN, reason="不够", **CASE), with_application),
    "refuse": Row(act("refuse", "2024-05-31", CITY, reason="不够", **CASE), with_application),
    "certify": Row(certifies("2024-05-31", reason="够格"), with_application),
    "lodge": Row(act("lodge", "2024-05-31", KUNSHAN, certification=f"{YUSHAN}@4"), with_certification),
    "uphold": Row(
        act("uphold", "2025-05-31", CITY, round=REVIEW_25, reason="复核", ground="court"),
        lambda story: story.given(recognises("benchmark"), opens(REVIEW_25)),
    ),
    "downgrade": Row(
        act("downgrade", "2025-05-31", CITY, round=REVIEW_25, reason="复核", ground="court", to="standard"),
        lambda story: story.given(recognises("benchmark"), opens(REVIEW_25)),
    ),
    "recognise": Row(recognises("benchmark", "2022-05-31")),
    "void": Row(
        voids(f"{YUSHAN}@2", CITY, "2024-05-31", cause="annulled"), lambda story: story.given(recognises("benchmark"))
    ),
    "open_round": Row(opens(PROMOTION_24, on="2024-05-31"), stream=("round",)),
    "close_round": Row(
        act("close_round", "2024-05-31", CITY, round=PROMOTION_24),
        lambda story: story.given(opens(PROMOTION_24)),
        ("round",),
    ),
    "enrol_office": Row(enrol("320590", "county", CITY, CITY, "2024-05-31"), stream=("office",)),
    "rename_office": Row(act("rename_office", "2024-05-31", CITY, office=KUNSHAN, name="新局"), stream=("office",)),
    "close_office": Row(act("close_office", "2024-05-31", CITY, office=KUNSHAN, successor=HUQIU), stream=("office",)),
    "adopt_reading": Row(act("adopt_reading", "2024-05-31", CITY, requirement="S1.1.2b", reading="six")),
}


def test_no_verb_is_left_out() -> None:
    assert set(VERBS) - set(ROWS) == {"assess", "adopt_notice"}  # what they record comes from the ledger


@pytest.mark.parametrize("verb", ROWS)
def test_all_that_is_submitted_is_recorded(story: Story, verb: str) -> None:
    record, before, stream = ROWS[verb]
    before(story)
    whole = record | BESIDE
    answer = story.submit(whole)
    assert answer.status == "recorded", answer.faults
    state = story.state(answer.entry)
    said = {field: value for field, value in whole.items() if field not in STREAM | set(stream)}
    assert {field: state.get(field) for field in said} == said
    assert state["content"] == digest_of(whole)
    assert state["recorded_at"] == "2030-01-15T04:00:00.000000Z"


def test_a_step_of_a_case_rests_on_its_application(story: Story) -> None:
    story.given(opens(PROMOTION_24), applies())
    for do, by in (("recommend", KUNSHAN), ("withdraw", YUSHAN)):
        (entry,) = story.given(act(do, "2024-05-31", by, **CASE))
        assert story.state(entry)["rests_on"] == [f"{YUSHAN}@2"]
    (again,) = story.given(applies("2024-06-01"))
    for do, by in (("decline", KUNSHAN), ("refuse", CITY)):
        (entry,) = story.given(act(do, "2024-06-02", by, irregular="又", **CASE))
        assert story.state(entry)["rests_on"] == [again]


def test_a_review_says_which_level_it_was_about_and_rests_on_its_assessments(story: Story) -> None:
    story.given(recognises("benchmark"), opens(REVIEW_25))
    standard = story.assessed("standard", "2025-06-01", CITY)
    benchmark = story.assessed("benchmark", "2025-06-01", CITY, "not_reached")
    decided = {"round": REVIEW_25, "reason": "复核"}
    (upheld,) = story.given(act("uphold", "2025-06-02", CITY, **decided))
    assert story.state(upheld)["level"] == "benchmark"
    (lowered,) = story.given(act("downgrade", "2025-06-03", CITY, to="standard", **decided))
    assert story.state(lowered)["held"] == "benchmark"
    for entry in (upheld, lowered):
        assert story.state(entry)["rests_on"] == [benchmark, standard]
