"""A view of the log: the log cut off at a position with rows of its own behind it, whatever is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from eventsourcing.persistence import StoredEvent
from hypothesis import given, settings
from hypothesis import strategies as st

from dingji.events.row import Row
from dingji.faults import LedgerError
from dingji.store.log import Log, create_log
from dingji.store.log_view import LogView

STREAMS = ("station:1", "station:10", "station:2", "round:2024")
TOPICS = ("Named", "Noted")
STATES = (b"{}", b'{"a":{"b":"x"}}', b'{"a":"x"}', b'{"a":{"b":["x"]}}', b'{"a":{"b":1}}')

Written = tuple[str, str, bytes]
"""A stream, a topic, a state."""

WRITTEN = st.lists(st.tuples(st.sampled_from(STREAMS), st.sampled_from(TOPICS), st.sampled_from(STATES)), max_size=12)


def write(log: Log, entries: list[Written]) -> None:
    events: list[StoredEvent] = []
    for stream, topic, state in entries:
        version = len(log.stream(stream)) + sum(event.originator_id == stream for event in events) + 1
        events.append(StoredEvent(stream, version, topic, state))
    with log.writing() as writer:
        writer.append(events)


def answers(log: Log, last: int) -> dict[str, Any]:
    """Return everything that a log can be asked, under a name each."""
    bounds = (None, *range(-1, last + 2))
    found: dict[str, Any] = {"head": log.head()}
    for stream in (*STREAMS, "station:9"):
        found |= {f"stream {stream} {upto}": log.stream(stream, upto=upto) for upto in bounds}
        found |= {f"entry {stream} {version}": log.entry(stream, version) for version in range(last + 2)}
    found |= {f"row {position}": log.row(position) for position in range(last + 2)}
    found |= {f"streams {prefix}": list(log.streams(prefix)) for prefix in ("", "station:", "station:1", "office:")}
    for upto in bounds:
        found |= {f"scan {after} {upto}": list(log.scan(after, upto=upto)) for after in range(last + 1)}
        within: dict[str, Any] = {"topics": ["Noted"], "first": "station:", "last": "station:10"}
        found[f"scan within {upto}"] = list(log.scan(upto=upto, **within))
        found[f"find {upto}"] = list(log.find(TOPICS, ["a", "b"], "x", upto=upto))
        found[f"find named {upto}"] = list(log.find(["Named"], ["a"], "x", upto=upto))
    return found


@settings(max_examples=40, deadline=None)
@given(WRITTEN, WRITTEN, WRITTEN)
def test_a_view_is_the_log_cut_off_at_a_position_plus_the_rows(
    before: list[Written], behind: list[Written], extra: list[Written]
) -> None:
    with (
        TemporaryDirectory() as folder,
        create_log(Path(folder) / "expected.ledger") as expected,
        create_log(Path(folder) / "whole.ledger") as log,
    ):
        write(expected, before + extra)
        write(log, before)
        write(log, behind)
        view = LogView(log, len(before), list(expected.scan(len(before))))
        last = len(before + extra)
        assert answers(view, last) == answers(expected, last)
        assert answers(LogView(view, last), last) == answers(expected, last)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with create_log(tmp_path / "dingji.ledger") as log:
        write(log, [("station:1", "Noted", b'{"id":"y"}')] * 5)
        yield log


def test_a_row_may_stand_at_the_very_position_up_to_which_the_log_is_read(log: Log) -> None:
    extra = Row(3, "station:1", 4, "Named", b'{"id":"x"}')
    view = LogView(log, 3, [extra])
    recorded = log.stream("station:1", upto=3)
    assert view.stream("station:1", upto=3) == view.stream("station:1") == list(view.scan()) == [*recorded, extra]
    assert view.stream("station:1", upto=2) == list(view.scan(upto=2)) == recorded[:2]
    assert list(view.scan(3)) == []
    assert view.entry("station:1", 4) == extra
    assert view.row(3) == recorded[-1]
    assert view.head() == 3
    assert list(view.find(["Named", "Noted"], ["id"], "x", upto=3)) == [extra]


def test_a_view_beyond_the_head_does_not_grow_the_log(log: Log) -> None:
    assert LogView(log, 9).head() == 5
    assert LogView(log, 9).path == log.path
    assert len(LogView(log, 9).stream("station:1")) == 5


def test_nothing_can_be_written_to_a_view_and_closing_it_leaves_the_log_open(log: Log) -> None:
    with LogView(log, 3) as view, pytest.raises(LedgerError) as raised:
        view.writing()
    assert raised.value.fault.code == "ledger-not-writable"
    assert log.head() == 5
