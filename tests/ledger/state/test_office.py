"""What an office's state answers of its entries."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dingji.state.office import line_above
from stories import CITY, HUQIU, KUNSHAN, Story, act


def office(story: Story) -> Any:
    return story.held()[f"office:{KUNSHAN}"]


@pytest.mark.parametrize("later", ["2024-08-01", "2024-06-02"])
def test_an_office_closed_twice_is_closed_from_the_earlier_day_in_favour_of_whom_that_names(
    story: Story, later: str
) -> None:
    closing = act("close_office", "2024-06-01", CITY, office=KUNSHAN, successor=HUQIU)
    story.given(closing | {"on": later, "successor": None}, closing)  # a paper of an earlier day comes late
    assert (office(story).closed, office(story).successor) == (date(2024, 6, 1), HUQIU)
    assert [office(story).exists(date(2024, month, day)) for month, day in ((5, 31), (6, 1))] == [True, False]


def offices(story: Story) -> Any:
    """Return what finds an office among those that the ledger holds."""
    held = story.held()
    return lambda code: held.get(f"office:{code}")


def above(story: Story, code: str, on: str) -> list[str]:
    return list(line_above(offices(story), code, date.fromisoformat(on)))


def test_above_an_office_stand_the_tiers_over_it(story: Story) -> None:
    story.given(act("rename_office", "2024-01-01", CITY, office=KUNSHAN, name="局"))  # so that it is held
    assert above(story, KUNSHAN, "2024-01-01") == [KUNSHAN, CITY]
    assert above(story, CITY, "2024-01-01") == [CITY]
    assert above(story, "320599", "2024-01-01") == ["320599"]  # nobody knows it


def test_from_its_closing_on_a_successor_stands_above_an_office(story: Story) -> None:
    story.given(act("close_office", "2024-06-01", CITY, office=KUNSHAN, successor=HUQIU))
    assert above(story, KUNSHAN, "2024-05-31") == [KUNSHAN, CITY]
    assert above(story, KUNSHAN, "2024-06-01") == [KUNSHAN, HUQIU, CITY]


def test_an_office_closed_without_a_successor_leaves_its_stations_to_the_tier_above(story: Story) -> None:
    story.given(act("close_office", "2024-06-01", CITY, office=KUNSHAN))
    assert above(story, KUNSHAN, "2024-06-01") == [KUNSHAN, CITY]


def test_an_office_that_succeeds_the_one_above_it_stands_there_once(story: Story) -> None:
    story.given(act("rename_office", "2024-01-01", CITY, office=KUNSHAN, name="局"))
    story.given(act("close_office", "2024-06-01", CITY, office=CITY, successor=KUNSHAN))
    assert above(story, CITY, "2024-06-01") == [CITY, KUNSHAN]
    assert above(story, KUNSHAN, "2024-06-01") == [KUNSHAN, CITY]


def test_offices_that_succeed_each_other_stand_below_the_city_all_the_same(story: Story) -> None:
    story.given(
        act("close_office", "2024-06-02", CITY, office=KUNSHAN, successor=HUQIU),
        act("close_office", "2024-06-01", CITY, office=HUQIU, successor=KUNSHAN),
    )
    assert above(story, KUNSHAN, "2024-06-02") == [KUNSHAN, HUQIU, CITY]
    assert above(story, HUQIU, "2024-06-01") == [HUQIU, KUNSHAN, CITY]


def test_an_office_acts_under_its_last_name_from_its_enrolment_on(story: Story) -> None:
    story.given(act("rename_office", "2024-01-01", CITY, office=KUNSHAN, name="局"))
    found = office(story)
    assert (found.name, found.tier, found.parent, found.closed) == ("局", "county", CITY, None)
    assert [found.exists(date(year, 1, 1)) for year in (2020, 2021)] == [False, True]
