"""Size classes (rules 1 to 4)."""

from __future__ import annotations

import pytest

from stories import (
    CITY,
    KUNSHAN,
    PROMOTION_24,
    SIZES_24,
    YUSHAN,
    Record,
    Story,
    act,
    grants_standard,
    opens,
    recognises,
    voids,
)


def classifies(on: str, size: str, **fields: object) -> Record:
    return act("classify", on, KUNSHAN, size=size, **fields)


def test_a_size_is_one_of_the_notices_and_its_basis_is_recorded_not_computed(story: Story) -> None:
    story.submit(classifies("2023-10-01", "huge")).refused("bad-value", field="size")
    basis = {"population": 90000, "area_ha": 11700, "economy": "强"}
    answer = story.submit(classifies("2023-10-01", "small", basis=basis)).recorded()
    assert story.state(answer.entry)["basis"] == basis


def test_a_first_class_is_never_exceptional(story: Story) -> None:
    story.submit(classifies("2024-05-01", "large")).recorded()


def test_before_2024_the_counties_set_the_sizes(story: Story) -> None:
    story.given(classifies("2021-05-01", "large"))
    story.submit(classifies("2023-12-31", "small")).recorded()


def test_from_2024_a_change_outside_a_size_round_is_exceptional(story: Story) -> None:
    story.given(classifies("2021-05-01", "large"), opens(SIZES_24), opens(PROMOTION_24))
    change = classifies("2024-05-01", "medium")
    answer = story.tried(change).recorded("exceptional-size-change")
    assert answer.receipt.irregularities[0].field == "round"
    story.tried(change | {"on": "2024-01-01"}).recorded("exceptional-size-change")
    story.tried(change | {"round": PROMOTION_24}).recorded("exceptional-size-change")
    story.tried(change | {"round": SIZES_24}).recorded()
    story.tried(change | {"size": "large"}).recorded()
    assert story.tried(change).says("exceptional-size-change")["was"] == {"zh": "大型", "en": "large"}


def test_a_change_is_judged_against_the_class_of_its_date(story: Story) -> None:
    story.given(classifies("2024-06-01", "large"))
    story.submit(classifies("2024-05-01", "medium")).recorded()  # its first, though recorded second
    story.submit(classifies("2024-05-20", "large")).recorded("exceptional-size-change")


def test_two_classes_on_one_day_the_later_recorded_holds(story: Story) -> None:
    story.given(classifies("2024-06-01", "large"))
    story.submit(classifies("2024-06-01", "small")).recorded("exceptional-size-change")
    assert story.state(story.assessed("standard", "2024-06-01", CITY))["size"] == "small"


def test_a_size_round_is_known_and_open(story: Story) -> None:
    story.given(opens(SIZES_24))
    story.tried(classifies("2024-05-01", "large", round="2029-size")).refused("unknown-round", field="round")
    story.tried(classifies("2024-02-01", "large", round=SIZES_24)).refused("round-not-open", field="on")
    story.tried(classifies("2024-02-01", "large", round=SIZES_24, irregular="早做")).recorded("round-not-open")
    story.given(act("close_round", "2024-12-01", CITY, round=SIZES_24))
    story.tried(classifies("2024-12-01", "large", round=SIZES_24)).recorded()
    story.tried(classifies("2024-12-02", "large", round=SIZES_24)).recorded("after-close")


@pytest.mark.parametrize(
    ("year", "codes"), [(2024, ()), (2029, ()), (2025, ("out-of-calendar",)), (2019, ("out-of-calendar",))]
)
def test_size_rounds_come_every_fifth_year(story: Story, year: int, codes: tuple[str, ...]) -> None:
    on = max(f"{year}-03-01", "2023-09-01")
    story.submit(act("open_round", on, CITY, round=f"{year}-size", kind="size", year=year)).recorded(*codes)


def test_a_level_survives_a_change_of_class_and_a_new_assessment_uses_the_new(story: Story) -> None:
    story.given(recognises("standard"), classifies("2021-05-01", "large"))
    story.given(classifies("2024-05-01", "small", irregular="特殊"))
    assert story.level("2024-05-01") == "standard"
    assert story.state(story.assessed("standard", "2024-04-30", CITY))["size"] == "large"
    assert story.state(story.assessed("standard", "2024-05-01", CITY))["size"] == "small"


def test_voiding_the_class_that_an_assessment_used_removes_a_ground(story: Story) -> None:
    (size,) = story.given(classifies("2021-05-01", "large"))
    story.assessed("standard", "2024-06-01", KUNSHAN)
    certified = story.submit(grants_standard()).recorded(notes=["calendar-unclear"]).entry
    answer = story.submit(voids(size, KUNSHAN)).recorded("ground-removed", notes=["grounds-lost"])
    assert answer.says("ground-removed")["dependents"] == [certified]
    assert story.level("2024-06-15") == "standard"


def test_voiding_a_class_leaves_the_one_before(story: Story) -> None:
    _, later = story.given(classifies("2021-05-01", "large"), classifies("2022-05-01", "small"))
    story.given(voids(later, KUNSHAN))
    assert story.state(story.assessed("standard", "2024-06-01", CITY))["size"] == "large"
    assert story.state(f"{YUSHAN}@3")["size"] == "small"  # it stays recorded
