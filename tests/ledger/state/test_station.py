"""What a station's state answers of its entries."""

from __future__ import annotations

from datetime import date
from typing import Any

from dingji.intake.jsonl import Parsed, parse
from stories import CITY, HUQIU, KUNSHAN, YUSHAN, Record, Story, act, lines


def state(story: Story) -> Any:
    return story.held()[f"station:{YUSHAN}"]


def content(record: Record) -> str:
    parsed = parse(lines([record])[0].text)
    assert isinstance(parsed, Parsed)
    return parsed.content


def test_the_content_of_an_entry_leaves_out_an_id_of_its_own(story: Story) -> None:
    records = [
        act("rename", "2024-01-01", KUNSHAN, name="一"),
        act("rename", "2024-01-02", KUNSHAN, name="二", id="mine"),
        act("rename", "2024-01-03", KUNSHAN, name="三"),
    ]
    story.given(*records)
    assert [state(story).content(version) for version in (2, 3, 4)] == [content(record) for record in records]
    assert content(records[1]) == content(records[1] | {"id": "another"})


def test_it_was_registered_on_the_day_of_its_first_entry(story: Story) -> None:
    story.given(act("classify", "2024-01-01", KUNSHAN, size="large"), act("transfer", "2024-02-01", CITY, county=HUQIU))
    assert date.fromordinal(state(story).registered) == date(2021, 1, 1)


def test_what_is_served_goes_by_the_date_and_of_two_renamings_on_one_day_by_the_last_recorded(story: Story) -> None:
    story.given(
        act("rename", "2024-02-01", KUNSHAN, name="一", serves="town"),
        act("rename", "2024-02-01", KUNSHAN, name="二", serves="street"),
        act("rename", "2024-01-15", KUNSHAN, name="三", serves="street"),  # a late paper
        act("rename", "2024-01-20", KUNSHAN, name="四", serves="town"),
        act("rename", "2024-03-01", KUNSHAN, name="五"),  # says nothing of it
    )
    served = {
        "2020-12-31": "",
        "2021-01-01": "town",
        "2024-01-14": "town",
        "2024-01-15": "street",
        "2024-01-20": "town",
        "2024-02-01": "street",
        "2024-03-01": "street",
    }
    assert {on: state(story).serves(date.fromisoformat(on).toordinal()) for on in served} == served
