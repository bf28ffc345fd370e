"""Whatever is submitted, in whatever order, is recorded or refused with its faults: nothing makes the ledger raise."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dingji.state.state_cache import fold
from dingji.writer import session
from fuzz.submissions import DATES, FILES
from older import as_written
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


BLANKS = st.sampled_from(["", "", "", " ", "\u3000", "\u2800", "\u3164", "\xa0"])


def with_blanks(data: st.DataObject, value: Any) -> Any:
    """Return a record with blanks about some of its free words and names; a few texts have nothing else."""
    if isinstance(value, dict):
        return {key: with_blanks(data, item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_blanks(data, item) for item in value]
    if value != "?":
        return value
    return data.draw(BLANKS) + data.draw(st.sampled_from(["?", "?", "e\u0301", "\u3000"])) + data.draw(BLANKS)


@pytest.mark.parametrize("setting", [SUZHOU, DELTA], ids=["suzhou", "delta"])
@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_what_an_older_version_recorded_is_found_whatever_its_form(setting: Setting, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder, Story(Path(folder), setting) as story:
        recorded = []
        with mock.patch.object(session, "parse_ahead", as_written):
            for record in with_blanks(data, data.draw(FILES[setting.id])):
                answer = story.submit(record)
                if answer.status == "recorded":
                    recorded.append((record, answer.entry))
        head = story.log.head()
        for record, entry in recorded:
            answer = story.submit(record)
            assert (answer.status, answer.entry) == ("already-recorded", entry), record
        assert story.log.head() == head
