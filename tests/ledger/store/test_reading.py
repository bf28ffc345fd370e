"""Reading the log: by stream, position, prefix and text, in bounded memory, each by its index."""

from __future__ import annotations

import sqlite3
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dingji.events.row import Row
from dingji.store import reads
from dingji.store.log import Log, create_log, open_log
from ledger.store.log_acts import append, events, positions, python


def test_an_empty_log(log: Log) -> None:
    assert log.head() == 0
    assert log.stream("station:1") == list(log.scan()) == []
    assert list(log.streams("")) == []
    assert log.row(1) is None
    assert log.entry("station:1", 1) is None


def test_rows_by_stream_position_and_entry(log: Log) -> None:
    with log.writing() as writer:
        assert writer.append(events("station:1", 2)) == 1
        assert writer.append(events("station:2", 1, topic="Named", state=b'{"name":"\xe5\xba\x84"}')) == 3
        assert writer.append([]) == 4
        assert writer.append(events("station:1", 1, first=3)) == 4
        assert writer.head == 4
    named = Row(3, "station:2", 1, "Named", b'{"name":"\xe5\xba\x84"}')
    assert log.head() == 4
    assert log.row(3) == log.entry("station:2", 1) == named
    assert [row.position for row in log.stream("station:1")] == [1, 2, 4]
    assert [row.version for row in log.stream("station:1", upto=3)] == [1, 2]
    assert log.entry("station:2", 2) is None


TOPICS, STREAMS = ["Named", "Noted"], [f"station:{code}" for code in ("3205", "320583", "320583100", "庄")]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    with create_log(tmp_path_factory.mktemp("mixed") / "dingji.ledger") as log:
        for number in range(40):
            append(log, STREAMS[number % 3 + number % 2], 1, first=number, topic=TOPICS[number % 5 == 0])
        yield log


BOUND = st.none() | st.integers(-1, 45)
NAME = st.none() | st.sampled_from([*STREAMS, "", "station:4"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, 45), BOUND, st.none() | st.lists(st.sampled_from(TOPICS)), NAME, NAME, st.integers(1, 50))
def test_a_scan_is_the_whole_log_filtered(  # noqa: PLR0917 - hypothesis hands them over in order
    mixed: Log, after: int, upto: int | None, topics: list[str] | None, first: str | None, last: str | None, size: int
) -> None:
    expected = [
        row
        for row in map(mixed.row, range(1, 41))
        if row
        and after < row.position <= (40 if upto is None else upto)
        and (topics is None or row.topic in topics)
        and (first or "") <= row.stream <= ("\U0010ffff" if last is None else last)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reads, "BATCH_ROWS", size)
        assert list(mixed.scan(after, upto=upto, topics=topics, first=first, last=last)) == expected


def test_a_scan_ends_where_the_log_ended_when_it_began(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "BATCH_ROWS", 7)
    append(log, "station:1", 20)
    scan = log.scan()
    seen = []
    for row in scan:
        append(log, "station:2", 1, first=row.position)
        assert log.head() == 20 + row.position  # what is read beside a scan is of this moment
        seen.append(row.position)
    assert seen == list(range(1, 21))
    assert positions(log) == list(range(1, 41))


def test_a_batch_is_bounded_in_bytes_too(log: Log) -> None:
    append(log, "station:1", 100, state=b"x" * (1 << 20))
    tracemalloc.start()
    try:
        assert sum(len(row.state) for row in log.scan()) == 100 << 20
        assert tracemalloc.get_traced_memory()[1] < 50 << 20
    finally:
        tracemalloc.stop()


def test_streams_by_prefix(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "BATCH_ROWS", 1)
    names = [
        "office:3205",
        "round:2024",
        "station:1",
        "station:1 a",
        "station:10",
        "station:2",
        "station:庄",
        "stations",
    ]
    for name in names:
        append(log, name, 3)
    assert list(log.streams("")) == names
    assert list(log.streams("station:")) == names[2:7]
    assert list(log.streams("station:1")) == names[2:5]
    assert list(log.streams("notice:")) == []


def test_find_by_a_text_at_the_top_level(log: Log) -> None:
    states = ['{"a":{"id":"x"},"id":"y"}', '{"id":1}', '{"id":"1"}', '{"id":{"1":2}}', '{"id":"“\\"\\n"}', "{}"]
    for version, state in enumerate(states, start=1):
        append(log, "station:1", 1, first=version, state=state.encode())
    append(log, "station:1", 1, first=9, topic="Named", state=b'{"id":"y"}')

    def found(value: str, *topics: str, **bounds: int) -> list[int]:
        return [row.position for row in log.find(topics or ["Noted"], ["id"], value, **bounds)]

    assert found("y") == [1]
    assert found("y", "Noted", "Named") == [1, 7]
    assert found("y", "Noted", "Named", upto=6) == [1]
    assert found("x") == []
    assert found("1") == [3]
    assert found('{"1":2}') == []
    assert found('“"\n') == [5]


INDEX = "INDEX sqlite_autoindex_stored_events_1"


@pytest.mark.parametrize(
    ("read", "plan"),
    [
        (lambda log: log.head(), ""),
        (lambda log: log.row(1), " USING INTEGER PRIMARY KEY (rowid=?)"),
        (lambda log: log.entry("a", 1), f" USING COVERING {INDEX} (originator_id=? AND originator_version=?)"),
        (lambda log: log.stream("a", upto=9), f" USING COVERING {INDEX} (originator_id=?)"),
        (
            lambda log: list(log.scan(upto=9, topics=["Noted"], first="a", last="z")),
            " USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
        ),
        (lambda log: list(log.streams("a")), f" USING COVERING {INDEX} (originator_id>? AND originator_id<?)"),
    ],
)
def test_every_read_takes_its_index(
    log: Log, connections: list[sqlite3.Connection], read: Callable[[Log], Any], plan: str
) -> None:
    append(log, "station:1", 3)
    with open_log(log.path) as reader:
        asked: list[str] = []
        connections[-1].set_trace_callback(asked.append)
        read(reader)
        connections[-1].set_trace_callback(None)
        steps = [row[3] for sql in asked for row in connections[-1].execute(f"EXPLAIN QUERY PLAN {sql}")]
    found = {step for step in steps if "stored_events" in step}
    found = {step.replace("SEARCH i ", "SEARCH stored_events ") for step in found}
    assert found == {f"SEARCH stored_events{plan}"} | (found & {"SEARCH stored_events"})  # a scan looks up the head too
    assert not [step for step in steps if "B-TREE" in step]  # nothing is sorted


def test_reading_does_not_import_the_library(log: Log, path: Path) -> None:
    append(log, "station:1", 3)
    script = """if True:
        import sys; from pathlib import Path; from dingji.store.log import open_log
        with open_log(Path(sys.argv[1])) as log:
            assert len(list(log.scan())) == log.head() == len(log.stream("station:1")) == 3
        assert not {"eventsourcing", "msgspec"} & set(sys.modules)
    """
    with python(script, path) as process:
        assert process.wait() == 0
