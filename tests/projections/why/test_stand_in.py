"""What a decision would rest on if a step behind it were gone."""

from __future__ import annotations

from projections.why.asking import Asker
from stories import (
    CITY,
    KUNSHAN,
    PROMOTION_24,
    REVIEW_25,
    Story,
    act,
    applies,
    certifies,
    opens,
    recognises,
    recommends,
    voids,
)


def test_the_assessment_that_would_stand_in(story: Story, asker: Asker) -> None:
    story.assessed("benchmark", "2024-02-01", CITY)  # before the round
    story.given(opens(PROMOTION_24), applies(), recommends())
    first = story.assessed("benchmark", "2024-09-01", CITY)
    story.assessed("benchmark", "2024-09-02", KUNSHAN)  # of another tier
    second = story.assessed("benchmark", "2024-10-01", CITY)
    story.assessed("standard", "2024-10-01", CITY)
    story.given(certifies())
    steps = {step.entry: step for step in asker.why().decision.steps}
    assert steps[second].instead == first
    story.given(voids(second))
    assert {step.entry: step.instead for step in asker.why().decision.steps}[second] is None  # it is gone itself


def test_nothing_before_the_round_stands_in(story: Story, asker: Asker) -> None:
    story.assessed("benchmark", "2024-02-01", CITY)
    story.given(opens(PROMOTION_24))
    story.assessed("standard", "2024-03-15", CITY)  # of what is to be reached too nothing is said
    story.benchmark()
    assert [step.instead for step in asker.why().decision.steps] == [None] * 5


def test_what_stands_in_for_the_assessments_of_a_review(story: Story, asker: Asker) -> None:
    story.given(recognises("benchmark", "2021-06-01"))
    story.assessed("standard", "2025-02-01", CITY)  # before the round
    story.given(opens(REVIEW_25))
    earlier = story.assessed("benchmark", "2025-05-01", CITY)
    story.assessed("benchmark", "2025-06-01", CITY)
    story.assessed("standard", "2025-06-01", CITY)
    story.given(act("uphold", "2025-06-02", CITY, round=REVIEW_25, reason="看过"))
    (upheld,) = asker.why().upheld
    told = {step.assessed.standard: step.instead for step in upheld.steps if step.assessed}
    assert told == {"benchmark": earlier, "standard": None}


def test_a_recommendation_made_again_while_the_case_is_open(story: Story, asker: Asker) -> None:
    story.given(opens(PROMOTION_24), applies())
    (first, second) = story.given(recommends(), recommends("2024-05-02"))
    story.assessed("benchmark", "2024-10-01", CITY)
    story.given(certifies())
    steps = {step.entry: step for step in asker.why().decision.steps}
    assert steps[second].instead == first
