"""What an office's state answers of its entries."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

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
