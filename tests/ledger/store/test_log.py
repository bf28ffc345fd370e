"""The log: one lock, one order, nothing lost, nothing changed; readable wherever its file is."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dingji.events.row import Row
from dingji.faults import IntegrityBroken, LedgerError
from dingji.store import log as store
from dingji.store import reads, temporary_copy
from dingji.store.layout import GUARDS
from dingji.store.log import Log, create_log, open_log
from dingji.store.sqlite import LedgerApplication, LedgerRecorder

SOURCES = str(Path(store.__file__).parents[1])
NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "dingji.ledger"


@pytest.fixture
def log(path: Path) -> Iterator[Log]:
    with create_log(path) as log:
        yield log


def events(stream: str, count: int, first: int = 1, topic: str = "Noted", state: bytes = b"{}") -> list[StoredEvent]:
    return [StoredEvent(stream, version, topic, state) for version in range(first, first + count)]


def append(log: Log, *args: Any, **kwargs: Any) -> None:
    with log.writing() as writer:
        writer.append(events(*args, **kwargs))


def positions(log: Log) -> list[int]:
    return [row.position for row in log.scan()]


def refused(code: str, act: Callable[[], Any]) -> dict[str, Any]:
    with pytest.raises(LedgerError) as caught:
        act()
    assert caught.value.fault.code == code
    return caught.value.fault.args


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[sqlite3.Connection]:
    """Every connection that is opened from now on, in order."""
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def noted(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        opened.append(connect(*args, **kwargs))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", noted)
    return opened


def enter(log: Log, wait_seconds: float = 60.0) -> None:
    with log.writing(wait_seconds):
        pass


def python(script: str, *args: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, args)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": SOURCES})


def test_the_environment_of_the_process_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SQLITE_DBNAME", "LEDGERAPPLICATION_SQLITE_DBNAME"):
        monkeypatch.setenv(name, str(path.with_name("elsewhere")))
    monkeypatch.setenv("PERSISTENCE_MODULE", "eventsourcing.popo")
    monkeypatch.setenv("ORIGINATOR_ID_TYPE", "uuid")
    monkeypatch.setenv("COMPRESSOR_TOPIC", "eventsourcing.compressor:ZlibCompressor")
    monkeypatch.setenv("CREATE_TABLE", "no")
    with create_log(path) as log, LedgerApplication(path) as application:
        append(log, "station:1", 1)
        assert [event.originator_id for event in application.recorder.select_events("station:1")] == ["station:1"]
        assert "PERSISTENCE_MODULE" not in application.env
    assert os.listdir(path.parent) == [path.name]


# Reading


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


# Writing


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


# Opening


def test_what_is_no_ledger(path: Path, tmp_path: Path) -> None:
    assert refused("no-ledger", lambda: open_log(path)) == {"path": str(path)}
    refused("no-ledger", lambda: open_log(path / "below"))
    refused("not-a-ledger", lambda: open_log(tmp_path))
    os.mkfifo(tmp_path / "fifo")
    refused("not-a-ledger", lambda: open_log(tmp_path / "fifo"))
    for content in (b"", b"short", b"station,on\n" * 500, b"SQLite format 3\0" + bytes(84)):
        path.write_bytes(content)
        assert refused("not-a-ledger", lambda: open_log(path)) == {"path": str(path)}
        refused("not-a-ledger", lambda: open_log(path, readonly=True))
        assert path.read_bytes() == content
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE stored_events (a)")
    refused("not-a-ledger", lambda: open_log(path))


@pytest.mark.parametrize(("version", "code"), [(-1, "not-a-ledger"), (0, "not-a-ledger"), (2, "newer-ledger")])
def test_a_ledger_of_an_unknown_layout(path: Path, version: int, code: str) -> None:
    create_log(path).close()
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA user_version={version}")
    refused(code, lambda: open_log(path))


def test_a_name_may_hold_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("定级 台账", "a?mode=memory", "b#c%20d", ":memory:", "file:e"):
        with create_log(Path(name)) as log:
            monkeypatch.chdir("/")
            append(log, "station:1", 1)
            monkeypatch.chdir(tmp_path)
        with open_log(Path(name)) as log:
            assert log.head() == 1
    Path("link").symlink_to("定级 台账")
    with open_log(Path("link")) as log:
        append(log, "station:1", 1, first=2)
        assert log.head() == 2


def test_a_readonly_log_is_read_while_it_is_written(log: Log, path: Path) -> None:
    append(log, "station:1", 1)
    before = path.read_bytes()
    with open_log(path, readonly=True) as reader:
        append(log, "station:1", 1, first=2)
        assert reader.head() == 2
        assert refused("ledger-not-writable", lambda: enter(reader)) == {"path": str(path), "why": "read-only"}
    assert path.read_bytes() == before


@pytest.fixture
def archive(path: Path) -> Iterator[Path]:
    """A ledger of 3 rows of which a user who owns nothing may read every file, and write none."""
    folder = Path(tempfile.mkdtemp(prefix="dingji-archive-"))
    with create_log(path) as log:
        append(log, "station:1", 2)
    shutil.copy(path, folder / "closed")
    with open_log(path) as log:
        append(log, "station:1", 1, first=3)
        for name in ("live", "live-wal", "live-shm"):
            shutil.copy(f"{path}{name.removeprefix('live')}", folder / name)
        for name in ("torn", "torn-wal"):
            shutil.copy(f"{path}{name.removeprefix('torn')}", folder / name)
    for file in folder.iterdir():
        file.chmod(0o444)
    folder.chmod(0o555)
    root = os.geteuid() == 0
    if root:  # whom file modes do not bind
        os.seteuid(NOBODY)
    yield folder
    if root:
        os.seteuid(0)
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("readonly", [True, False])
def test_a_ledger_in_a_read_only_folder_is_read(archive: Path, readonly: bool) -> None:
    for name, head in (("closed", 2), ("live", 3)):
        with open_log(archive / name, readonly=readonly) as log:
            assert log.head() == len(list(log.scan())) == head
            for _ in range(2):
                assert refused("ledger-not-writable", partial(enter, log))["why"] == "read-only"
        assert not log.is_copy
    # Here the third row stands in a write-ahead log that cannot be read where it is.
    before = set(Path(tempfile.gettempdir()).glob("dingji-*"))
    with open_log(archive / "torn", readonly=readonly) as log:
        assert log.is_copy
        assert log.head() == len(list(log.scan())) == 3
        assert log.path == archive / "torn"
        assert refused("ledger-not-writable", partial(enter, log))["why"] == "read-only"
    assert set(Path(tempfile.gettempdir()).glob("dingji-*")) == before
    assert len(os.listdir(archive)) == 6


def test_a_copy_without_room(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used = shutil.disk_usage(archive)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: used._replace(free=1 << 20))
    asked = refused("no-room-for-copy", lambda: open_log(archive / "torn"))
    assert asked == {"path": str(archive / "torn"), "folder": tempfile.gettempdir(), "size": 1}
    monkeypatch.undo()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(temporary_copy, "_copy", full)
    refused("no-room-for-copy", lambda: open_log(archive / "torn"))


def test_a_copy_of_what_others_write(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(100))
    monkeypatch.setattr(temporary_copy, "_sizes_and_times", lambda _: [(1, next(moments))] * 2)
    refused("ledger-locked", lambda: open_log(archive / "torn"))


def test_a_write_ahead_log_that_is_no_file(archive: Path) -> None:
    if os.getuid():
        pytest.skip("only root writes in the folder of the fixture")
    os.seteuid(0)
    (archive / "torn-wal").unlink()
    (archive / "torn-wal").symlink_to("/dev/zero")
    os.seteuid(NOBODY)
    with open_log(archive / "torn") as log:  # a device has no size: there is nothing to read in it
        assert log.head() == 2


def test_a_readonly_log_leaves_even_a_torn_ledger_as_it_is(archive: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copy(archive / "torn", folder))
        wal = Path(shutil.copy(archive / "torn-wal", folder))
        for file in (path, wal):
            file.chmod(0o644)
        before = path.read_bytes()
        with open_log(path, readonly=True) as log:
            assert log.head() == 3
        assert path.read_bytes() == before


def test_a_read_only_file_in_a_writable_folder(archive: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copy(archive / "closed", folder))
        with open_log(path) as log:
            assert log.head() == 2
            assert refused("ledger-not-writable", lambda: enter(log))["why"] == "read-only"


def test_a_file_that_may_not_be_read(archive: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copy(archive / "closed", folder))
        path.chmod(0)
        assert refused("ledger-not-readable", lambda: open_log(path)) == {"path": str(path), "why": "no-access"}
        path.chmod(0o444)
        Path(folder).chmod(0)
        assert refused("ledger-not-readable", lambda: open_log(path))["why"] == "no-access"
        Path(folder).chmod(0o700)


def test_a_ledger_that_another_program_keeps_to_itself(log: Log, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(log, "station:1", 1)
    log.close()
    monkeypatch.setattr(store, "READ_WAIT_SECONDS", 0.1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        assert refused("ledger-locked", lambda: open_log(path)) == {"path": str(path)}


# Copying


def test_a_copy_is_the_ledger_of_one_moment(log: Log, path: Path, tmp_path: Path) -> None:
    append(log, "station:1", 20_000, state=b"x" * 300)
    copy = tmp_path / "copy"
    steps: list[tuple[int, int]] = []

    def report(done: int, total: int) -> None:
        if not steps:
            with open_log(path) as other:  # somebody records while the copy is made
                append(other, "station:2", 500)
        steps.append((done, total))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "COPIED_PAGES", 100)
        assert log.copy_to(copy, report) == (20_000, 20_000)
    assert len(steps) > 5
    assert steps[-1][0] == steps[-1][1]
    assert log.head() == 20_500
    assert sorted(os.listdir(tmp_path)) == ["copy", "dingji.ledger", "dingji.ledger-shm", "dingji.ledger-wal"]
    before = copy.read_bytes()
    with open_log(copy, readonly=True) as copied:
        assert [row.stream for row in copied.scan()] == ["station:1"] * 20_000
    assert copy.read_bytes() == before
    with open_log(copy) as copied, closing(sqlite3.connect(copy)) as other:
        assert other.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        append(copied, "station:2", 1)
        assert copied.head() == 20_001


def test_an_interrupted_copy_leaves_the_ledger_as_it_was(log: Log, path: Path) -> None:
    append(log, "station:1", 3)

    def report(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        log.copy_to(path.with_name("copy"), report)
    append(log, "station:1", 1, first=4)
    assert positions(log) == [1, 2, 3, 4]


def test_a_copy_on_a_full_disk(log: Log, path: Path) -> None:
    append(log, "station:1", 2000, state=b"x" * 500)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        asked = refused("ledger-not-writable", lambda: log.copy_to(path.with_name("copy")))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert asked["path"] == str(path.with_name("copy"))
    assert log.head() == 2000


# Creating


def test_a_ledger_is_never_created_over_something(path: Path, tmp_path: Path) -> None:
    refused("ledger-exists", lambda: create_log(tmp_path))
    path.symlink_to(tmp_path / "nowhere")
    refused("ledger-exists", lambda: create_log(path))
    path.unlink()
    create_log(path).close()
    before = path.read_bytes()
    assert refused("ledger-exists", lambda: create_log(path)) == {"path": str(path)}
    assert path.read_bytes() == before
    path.unlink()
    Path(f"{path}-wal").write_bytes(b"what a killed ledger left")
    assert refused("ledger-exists", lambda: create_log(path)) == {"path": f"{path}-wal"}


def test_of_two_that_create_it_one_does(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(draft: Path, path: Path) -> None:
        path.write_text("the other's")
        raise FileExistsError(17, "File exists", str(draft), None, str(path))

    monkeypatch.setattr(os, "link", link)
    assert refused("ledger-exists", lambda: create_log(path)) == {"path": str(path)}
    assert path.read_text() == "the other's"
    assert os.listdir(path.parent) == [path.name]


def test_a_file_system_without_hard_links(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)
    with create_log(path) as log:
        append(log, "station:1", 1)
    refused("ledger-exists", lambda: create_log(path))
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize(("owner", "name"), [(LedgerRecorder, "create_table"), (os, "fsync")])
def test_a_failed_creation_leaves_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch, owner: object, name: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(owner, name, fail)
    assert refused("ledger-not-writable", lambda: create_log(path)) == {"path": str(path), "why": "disk-full"}
    assert os.listdir(path.parent) == []


def test_where_nothing_can_be_created(archive: Path) -> None:
    assert refused("ledger-not-writable", lambda: create_log(archive / "new"))["why"] == "no-access"
    assert refused("ledger-not-writable", lambda: create_log(archive / "no" / "new"))["why"] == "no-folder"
