"""What a station's state answers of its entries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from dingji.events import codec
from dingji.faults import IntegrityBroken
from dingji.state.station import evolve, replay
from stories import (
    CITY,
    HUQIU,
    KUNSHAN,
    PROMOTION_24,
    SIZES_24,
    YUSHAN,
    Story,
    act,
    digest_of,
    opens,
    recognises,
    voids,
)


def state(story: Story) -> Any:
    return story.held()[f"station:{YUSHAN}"]


def test_the_content_of_an_entry_leaves_out_an_id_of_its_own(story: Story) -> None:
    records = [
        act("rename", "2024-01-01", KUNSHAN, name="一"),
        act("rename", "2024-01-02", KUNSHAN, name="二", id="mine"),
        act("rename", "2024-01-03", KUNSHAN, name="三"),
    ]
    story.given(*records)
    assert [state(story).content(version) for version in (2, 3, 4)] == [digest_of(record) for record in records]
    assert digest_of(records[1]) == digest_of(records[1] | {"id": "another"})


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


def test_a_mark_says_what_later_decisions_ask_of_its_entry(story: Story) -> None:
    story.given(opens(SIZES_24), act("classify", "2024-05-31", f"{KUNSHAN}/p1", size="large", round=SIZES_24))
    story.given(recognises("standard"))
    certified = story.benchmark()
    judged, assessed = f"{YUSHAN}@8", f"{YUSHAN}@9"
    down = act("downgrade", "2025-06-01", CITY, to="standard", reason="判决", ground="court", document="1")
    (lowered,) = story.given(down)
    marks = {f"{YUSHAN}@{mark.version}": mark for mark in state(story).marks}
    assert [mark.topic for mark in marks.values()][:3] == ["StationRegistered", "SizeClassified", "LevelRecognised"]
    size, recognised, applied, recommended = (marks[f"{YUSHAN}@{version}"] for version in (2, 3, 4, 5))
    assert (size.office, size.person, size.round, size.level) == (KUNSHAN, "p1", SIZES_24, "")
    assert (recognised.level, recognised.round, recognised.rests) == ("standard", None, ())
    assert (applied.office, applied.person, applied.level, applied.round) == (YUSHAN, None, "benchmark", PROMOTION_24)
    assert (applied.tier, applied.standard, applied.verdict, applied.short) == ("", "", None, ())
    assert (recommended.tier, recommended.rests) == ("county", (f"{YUSHAN}@4",))
    assert date.fromordinal(recommended.on) == date(2024, 5, 1)
    found = marks[assessed]
    assert (found.level, found.round, found.tier, found.standard) == ("", None, "city", "benchmark")
    assert (found.verdict, found.short, found.rests) == ("reached", (), (judged, f"{YUSHAN}@2"))
    assert marks[certified].rests == (f"{YUSHAN}@4", f"{YUSHAN}@5", assessed, f"{YUSHAN}@7")
    assert (marks[lowered].level, marks[lowered].round) == ("standard", None)
    short = story.assessed("standard", "2025-07-01", CITY, "not_reached")
    assert (state(story).marks[-1].verdict, state(story).marks[-1].short) == ("not_reached", ("S1.1.1b",))
    assert [f"{YUSHAN}@{mark.version}" for mark in state(story).assessments] == [f"{YUSHAN}@7", assessed, short]


def test_a_lodging_rests_on_its_certification(story: Story) -> None:
    certified = story.standard()
    story.given(act("lodge", "2024-07-01", KUNSHAN, certification=certified))
    assert state(story).marks[-1].rests == (certified,)


def test_a_state_that_grew_is_the_one_that_its_log_gives(story: Story) -> None:
    def both() -> Any:
        read = replay(YUSHAN, story.log.stream(f"station:{YUSHAN}"))
        assert state(story) == read
        return read

    story.given(act("rename", "2024-01-01", KUNSHAN, name="新", serves="street"), recognises("standard"))
    story.benchmark()
    assert len(both().steps) == 3
    story.given(act("withdraw", "2024-12-01", YUSHAN, level="benchmark", round=PROMOTION_24, irregular="又"))
    story.given(voids(f"{YUSHAN}@2"), voids(f"{YUSHAN}@3"))
    assert [called.name for called in both().names] == [f"{YUSHAN} 所"]
    story.given(voids(f"{YUSHAN}@5"), voids(f"{YUSHAN}@7"))  # a recommendation and an assessment
    assert [mark.topic for mark in both().steps] == ["ApplicationSubmitted", "LevelCertified", "ApplicationWithdrawn"]
    assert [mark.version for mark in both().assessments] == [9]
    story.given(act("transfer", "2025-01-01", CITY, county=HUQIU), act("close", "2025-06-01", CITY))
    assert both().standing(date(2025, 6, 1).toordinal()) is None
    assert both().standing(date(2025, 5, 31).toordinal()).county == HUQIU
    assert both().voided == {2: 12, 3: 13, 5: 14, 7: 15}
    assert [mark.version for mark in both().counting()] == [1, 4, 6, *range(8, 18)]
    assert [both().topic(version) for version in (1, 12)] == ["StationRegistered", "EntryVoided"]
    assert [both().office(version) for version in (4, 5, 6)] == [YUSHAN, KUNSHAN, CITY]
    assert both().entry(4) == f"{YUSHAN}@4"


def test_a_gap_in_a_stream_is_found_by_either_fold(story: Story) -> None:
    story.given(act("rename", "2024-01-01", KUNSHAN, name="一"), act("rename", "2024-01-02", KUNSHAN, name="二"))
    rows = story.log.stream(f"station:{YUSHAN}")
    assert replay(YUSHAN, []) is None
    before = replay(YUSHAN, rows[:1])
    last = codec.decode(rows[2].topic, rows[2].state)
    folds: list[Callable[[], object]] = [
        lambda: replay(YUSHAN, [rows[0], rows[2]]),
        lambda: evolve(before, 3, last, YUSHAN),
    ]
    for fold in folds:
        with pytest.raises(IntegrityBroken) as broken:
            fold()
        assert broken.value.fault.code == "log-inconsistent"
        assert broken.value.fault.args["entry"] == f"{YUSHAN}@3"
        assert broken.value.fault.args["why"] == "version-order"
