"""Rows that the log cannot have written: read as far as they can be shown, named, and never loaded whole."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.persistence import StoredEvent

from dingji.events.row import Row, Unreadable, unreadable
from dingji.faults import IntegrityBroken, LedgerError
from dingji.store.layout import GUARDS
from dingji.store.log import Log, create_log, open_log
from dingji.store.rows import MOST_STATE, MOST_TEXT

HUGE = 100_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger of 60 entries, 30 of each of two stations in turn."""
    path = tmp_path / "dingji.ledger"
    with create_log(path) as log, log.writing() as writer:
        writer.append([StoredEvent(f"station:{n % 2}", 1 + n // 2, "Noted", b'{"id":"x"}') for n in range(60)])
    return path


def tamper(path: Path, column: str, value: str, position: int = 7) -> None:
    """Put a value of SQL into a row, with the guards put back."""
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("DROP TRIGGER entries_never_change")
        other.execute(f"UPDATE stored_events SET {column}={value} WHERE rowid=?", (position,))  # noqa: S608
        other.execute(GUARDS["entries_never_change"])


def marked(rows: Any) -> dict[int, tuple[str, int | None, bytes]]:
    return {
        row.position: (row.state.why, row.state.size, row.state.start)
        for row in rows
        if isinstance(row.state, Unreadable)
    }


STATES = [
    ("'{}'", ("wrong-type", 2, b"{}")),
    ("5", ("wrong-type", None, b"5")),
    ("1.5", ("wrong-type", None, b"1.5")),
    (f"zeroblob({HUGE})", ("entry-bytes", HUGE, bytes(2000))),
    (f"zeroblob({MOST_STATE + 1})", ("entry-bytes", MOST_STATE + 1, bytes(2000))),
    (f"CAST(zeroblob({HUGE}) AS TEXT)", ("entry-bytes", HUGE, bytes(2000))),
]


@pytest.mark.parametrize(("value", "mark"), STATES)
def test_a_state_that_is_no_state_is_marked_in_every_read(path: Path, value: str, mark: tuple[Any, ...]) -> None:
    tamper(path, "state", value)
    with open_log(path) as log:
        reads: list[Callable[[], list[Row]]] = [
            lambda: list(log.scan()),
            lambda: list(log.scan(topics=["Noted"], first="station:0", last="station:0")),
            lambda: log.stream("station:0"),
            lambda: [row for row in [log.row(7)] if row],
            lambda: [row for row in [log.entry("station:0", 4)] if row],
            lambda: list(log.find(["Noted"], ["id"], "other")),  # it may be what is looked for
        ]
        for read in reads:
            started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            found = read()
            assert marked(found) == {7: mark}
            assert [row.stream for row in found if row.position == 7] == ["station:0"]
            assert time.monotonic() - started < 1
            assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # KiB
        assert [len(read()) for read in reads] == [60, 30, 30, 1, 1, 1]
        assert [row.position for row in log.scan()] == list(range(1, 61))


def test_a_state_of_the_greatest_length_is_read_and_written(path: Path) -> None:
    state = b"x" * MOST_STATE
    with open_log(path) as log:
        with log.writing() as writer:
            writer.append([StoredEvent("station:3", 1, "Noted", state)])
        assert [row.state == state for row in log.stream("station:3")] == [True]
        with pytest.raises(LedgerError) as caught, log.writing() as writer:
            writer.append([StoredEvent("station:3", 2, "Noted", state + b"x")])
        assert (caught.value.fault.code, caught.value.fault.args["why"]) == ("too-large", "state-bytes")
        assert log.head() == 61


TEXTS = [
    ("topic", "x'4e6f746564'", ("wrong-type", 10, b'{"id":"x"}'), "Noted"),
    ("topic", "CAST(x'4eff' AS TEXT)", ("not-utf8", 10, b'{"id":"x"}'), "N\\xff"),
    ("topic", f"CAST(zeroblob({HUGE}) AS TEXT)", ("entry-bytes", 10, b'{"id":"x"}'), "\0" * 2000),
    ("topic", f"CAST(zeroblob({MOST_TEXT + 1}) AS TEXT)", ("entry-bytes", 10, b'{"id":"x"}'), "\0" * 2000),
    ("topic", "5", None, "5"),
    ("originator_version", "'four'", ("wrong-type", 10, b'{"id":"x"}'), "Noted"),
    ("originator_version", "4.5", ("wrong-type", 10, b'{"id":"x"}'), "Noted"),
]


@pytest.mark.parametrize(("column", "value", "mark", "topic"), TEXTS)
def test_the_other_columns_are_looked_at_too(
    path: Path, column: str, value: str, mark: tuple[Any, ...] | None, topic: str
) -> None:
    tamper(path, column, value)
    with open_log(path) as log:
        found = list(log.scan())
        assert [row.position for row in found] == list(range(1, 61))
        assert found[6].topic == topic
        assert marked(found) == marked(log.stream("station:0")) == ({7: mark} if mark else {})
        assert len(list(log.scan(topics=["Noted"]))) in {59, 60}


STREAMS = [
    ("x'ff'", False),
    ("CAST('station:1' || x'ff' AS TEXT)", True),
    (f"CAST(zeroblob({HUGE // 4}) AS TEXT)", False),
    (f"'station:1' || CAST(zeroblob({HUGE // 4}) AS TEXT)", True),
]


@pytest.mark.parametrize(("value", "among"), STREAMS)
def test_a_stream_without_a_name(path: Path, value: str, among: bool) -> None:
    tamper(path, "originator_id", value)
    with open_log(path) as log:
        assert list(marked(log.scan())) == [7]
        assert len(log.stream("station:1")) == 30
        if not among:
            assert list(log.streams("station:")) == ["station:0", "station:1"]
            return
        with pytest.raises(IntegrityBroken) as caught:
            list(log.streams("station:"))
        assert (caught.value.fault.code, caught.value.fault.args["position"]) == ("unreadable-entry", 7)


@pytest.mark.parametrize("state", [b"{oops", b"", b"\xff", b"[" * 100_000, b"9" * 100_000, b'{"id":"\xff"}'])
def test_find_passes_on_what_is_no_json(path: Path, state: bytes) -> None:
    tamper(path, "state", f"x'{state.hex()}'")
    with open_log(path) as log:
        found = list(log.find(["Noted"], ["id"], "y"))
        assert [row.position for row in found if row.state == state] in ([7], [])
        assert len(list(log.find(["Noted"], ["id"], "x"))) in {59, 60}
        assert {row.state for row in found} <= {state}


def test_many_such_rows_are_read_in_little_time(path: Path) -> None:
    with open_log(path) as log, log.writing() as writer:
        writer.append([StoredEvent("station:2", version, "Noted", b"{}") for version in range(1, 20_001)])
    tamper(path, "topic", "CAST(x'ff' AS TEXT)", 20_000)
    for position in range(100, 200):
        tamper(path, "state", "'{}'", position)
    with open_log(path) as log:
        started = time.monotonic()
        assert len(list(log.scan())) == 20_060
        assert list(marked(log.scan(topics=["Noted"]))) == list(range(100, 200))
        assert time.monotonic() - started < 2


def test_memory_stays_flat_under_a_limit(path: Path) -> None:
    for position in (7, 8, 9, 40):
        tamper(path, "state", f"zeroblob({HUGE})", position)
    script = """if True:
        import resource, sys; from pathlib import Path; from dingji.store.log import open_log
        resource.setrlimit(resource.RLIMIT_AS, (256 << 20, 256 << 20))
        with open_log(Path(sys.argv[1]), readonly=True) as log:
            print(sum(1 for row in log.scan()), sum(1 for row in log.stream("station:0")))
    """
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["60", "30"]


def test_an_unreadable_entry_is_named(path: Path) -> None:
    tamper(path, "state", f"zeroblob({HUGE})")
    with open_log(path) as log:
        row = log.row(7)
        assert row
        fault = unreadable(row, "").fault
    assert (fault.code, fault.args["entry"], fault.args["position"]) == ("unreadable-entry", "0@4", 7)
    assert "100000000 bytes" in fault.message["en"]
    assert "16 MiB" in fault.message["zh"]


def test_rows_pending_in_a_transaction_are_read_as_ever(path: Path) -> None:
    tamper(path, "state", "'{}'")
    with open_log(path) as log, log.writing() as writer:
        writer.append([StoredEvent("station:0", 31, "Noted", b"{}")])
        assert list(marked(writer.stream("station:0"))) == [7]
        assert _last(log) == 60


def _last(log: Log) -> int:
    return max(row.position for row in log.scan())
