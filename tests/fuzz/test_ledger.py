"""Whatever is submitted, in whatever order, is recorded or refused with its faults: nothing makes the ledger raise."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dingji.state.state_cache import fold
from fuzz.submissions import DATES, FILES
from stories import DELTA, SUZHOU, Setting, Story


@pytest.mark.parametrize("setting", [SUZHOU, DELTA], ids=["suzhou", "delta"])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_nothing_makes_the_ledger_raise(setting: Setting, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder, Story(Path(folder), setting) as story:
        for number, kind in enumerate(story.notice.rounds):
            opening = {"do": "open_round", "round": f"{kind}-1", "kind": kind, "year": 2024 + number}
            story.given(opening | {"on": DATES[setting.id][3], "by": {"office": story.notice.rules.top.office}})
        for record in data.draw(FILES[setting.id]):
            answer = story.submit(record)
            assert answer.status in {"recorded", "refused", "already-recorded"}
            assert (answer.status == "refused") == bool(answer.faults)
            if answer.status == "recorded":
                assert story.submit(record).status == "already-recorded"
        assert story.held()
        for stream, state in story.held().items():
            assert state == fold(stream, story.log.stream(stream))
        positions = [row.position for row in story.log.scan()]
        assert positions == list(range(1, len(positions) + 1))
