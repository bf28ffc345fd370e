"""Writing the log: one lock, one order, nothing lost, nothing changed, on a full or failing disk too."""

from __future__ import annotations

import resource
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent

from dingji.faults import IntegrityBroken
from dingji.store.layout import GUARDS
from dingji.store.log import Log, create_log, open_log
from ledger.store.log_acts import append, enter, events, positions, python, refused


def test_what_is_written_is_on_disk(log: Log, path: Path, connections: list[sqlite3.Connection]) -> None:
    with log.writing():
        assert connections[-1].execute("PRAGMA synchronous").fetchone()[0] == 2
        assert connections[-1].execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    with open_log(path):
        assert connections[-1].execute("PRAGMA synchronous").fetchone()[0] == 2


@pytest.mark.parametrize("act", ["UPDATE stored_events SET topic='x'", "DELETE FROM stored_events WHERE rowid=2"])
def test_no_row_is_changed_or_removed(log: Log, path: Path, act: str) -> None:
    append(log, "station:1", 3)
    with closing(sqlite3.connect(path)) as other, pytest.raises(sqlite3.IntegrityError, match="never"):
        other.execute(act)
    assert [row.topic for row in log.scan()] == ["Noted"] * 3


def test_no_reading_connection_writes(log: Log, path: Path, connections: list[sqlite3.Connection]) -> None:
    with open_log(path), pytest.raises(sqlite3.OperationalError, match="readonly"):
        connections[-1].execute("INSERT INTO stored_events VALUES (NULL,'a',1,'t','s')")


def test_the_writer_sees_what_it_appended_and_readers_what_was_committed(log: Log, path: Path) -> None:
    append(log, "station:1", 1)
    with open_log(path) as reader, log.writing() as writer:
        writer.append(events("station:1", 20_000, first=2, state=b'{"id":"x"}'))  # more than SQLite's cache holds
        assert writer.head == 20_001
        assert len(writer.stream("station:1")) == len(list(writer.find(["Noted"], ["id"], "x"))) + 1 == 20_001
        assert writer.entry("station:1", 20_001) == writer.row(20_001)
        writer.append(events("station:2", 1))
        assert list(writer.streams("station:")) == ["station:1", "station:2"]
        for other in (log, reader):
            assert other.head() == len(other.stream("station:1")) == len(list(other.scan())) == 1
            assert list(other.streams("")) == ["station:1"]
    assert log.head() == 20_002


@pytest.mark.parametrize("interruption", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_nothing_is_kept_after_an_exception(log: Log, interruption: type[BaseException]) -> None:
    append(log, "station:1", 3)

    def interrupted() -> None:
        with log.writing() as writer:
            writer.append(events("station:2", 5000))
            raise interruption

    with pytest.raises(interruption):
        interrupted()
    assert positions(log) == [1, 2, 3]
    append(log, "station:3", 1)
    assert positions(log) == [1, 2, 3, 4]  # and no gap


def test_nothing_is_kept_after_a_rollback(log: Log) -> None:
    with log.writing() as writer:
        writer.append(events("station:1", 3))
        writer.rollback()
        with pytest.raises(RuntimeError, match="over"):
            writer.append(events("station:1", 3))
    with pytest.raises(RuntimeError, match="over"):
        writer.append(events("station:1", 3))
    assert log.head() == 0
    append(log, "station:1", 1)
    assert positions(log) == [1]


@pytest.mark.parametrize("clashing", [events("station:1", 1), events("station:2", 2) + events("station:1", 1)])
def test_a_version_is_taken_once(log: Log, clashing: list[StoredEvent]) -> None:
    append(log, "station:1", 1)
    with log.writing() as writer:
        writer.append(events("station:3", 1))
        with pytest.raises(IntegrityError):
            writer.append(clashing)
        with pytest.raises(RuntimeError, match="over"):  # else the first rows of the batch would be committed
            writer.append(events("station:3", 1, first=2))
    assert positions(log) == [1]


def test_one_transaction_at_a_time(log: Log) -> None:
    with log.writing() as writer:
        with pytest.raises(RuntimeError, match="is being written"):
            enter(log)
        writer.append(events("station:1", 1))
    assert log.head() == 1


def test_rows_taken_off_the_end_are_noticed(log: Log, path: Path) -> None:
    append(log, "station:1", 3)
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("DROP TRIGGER entries_never_go")
        other.execute("DELETE FROM stored_events WHERE rowid=3")
        other.execute(GUARDS["entries_never_go"])
    with pytest.raises(IntegrityBroken):
        append(log, "station:1", 1, first=3)
    assert positions(log) == [1, 2]


@pytest.mark.parametrize("wait", [0.0, 0.3])
def test_the_wait_for_the_lock_is_bounded(log: Log, path: Path, wait: float) -> None:
    enter(log)
    with open_log(path) as other, other.writing():
        started = time.monotonic()
        assert refused("ledger-busy", lambda: enter(log, wait)) == {"seconds": wait}
        assert wait <= time.monotonic() - started < wait + 2
    enter(log, 0.0)


def test_processes_write_in_turn(log: Log, path: Path) -> None:
    script = """if True:
        import sys; from pathlib import Path
        from dingji.store.log import open_log; from eventsourcing.persistence import StoredEvent
        with open_log(Path(sys.argv[1])) as log:
            for number in range(50):
                with log.writing() as writer:
                    version = len(writer.stream("shared")) + 1
                    assert writer.head == 2 * version - 2
                    mine = StoredEvent(f"process:{sys.argv[2]}", number + 1, "Noted", b"{}")
                    writer.append([StoredEvent("shared", version, "Noted", sys.argv[2].encode()), mine])
    """
    processes = [python(script, path, number) for number in range(4)]
    for process in processes:
        with process:
            assert process.wait() == 0
    assert positions(log) == list(range(1, 401))
    assert [row.version for row in log.stream("shared")] == list(range(1, 201))
    for number in range(4):
        assert [row.version for row in log.stream(f"process:{number}")] == list(range(1, 51))
        assert len([row for row in log.stream("shared") if row.state == str(number).encode()]) == 50


def test_a_killed_process_leaves_nothing_of_its_transaction(log: Log, path: Path) -> None:
    append(log, "station:1", 3)
    script = """if True:
        import sys, time; from pathlib import Path
        from dingji.store.log import open_log; from eventsourcing.persistence import StoredEvent
        with open_log(Path(sys.argv[1])) as log, log.writing() as writer:
            writer.append([StoredEvent("station:2", version, "Noted", b"x" * 500) for version in range(20_000)])
            print("appended", flush=True)
            time.sleep(60)
    """
    with python(script, path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "appended\n"
        assert Path(f"{path}-wal").stat().st_size > 2_000_000  # much of it had reached the file beside
        refused("ledger-busy", lambda: enter(log, 0.0))
        process.send_signal(signal.SIGKILL)
    assert positions(log) == [1, 2, 3]
    append(log, "station:2", 1)
    with open_log(path) as again:
        assert positions(again) == [1, 2, 3, 4]


# Full and failing disks


def test_a_full_disk(log: Log, connections: list[sqlite3.Connection]) -> None:
    append(log, "station:1", 1)

    def fill() -> None:
        with log.writing() as writer:
            connections[-1].execute("PRAGMA max_page_count=20")
            writer.append(events("station:2", 1000, state=b"x" * 500))

    assert refused("ledger-not-writable", fill)["why"] == "disk-full"
    assert positions(log) == [1]


def test_a_failing_disk(log: Log) -> None:
    append(log, "station:1", 1)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fail() -> None:
        with log.writing() as writer:
            writer.append(events("station:2", 100, state=b"x" * 5000))
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))

    try:
        assert refused("ledger-not-writable", fail)["why"] == "io-error"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert positions(log) == [1]
    append(log, "station:1", 1, first=2)


def test_a_damaged_file(path: Path) -> None:
    with create_log(path) as log:
        append(log, "station:1", 2000, state=b"x" * 200)
    with path.open("r+b") as file:
        file.seek(50_000)
        file.write(b"\xff" * 50_000)
    with open_log(path) as log, pytest.raises(IntegrityBroken, match="damaged-ledger"):
        positions(log)
