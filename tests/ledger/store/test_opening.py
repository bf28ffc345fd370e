"""Opening and creating a log: nothing but a ledger is opened, and nothing is created over another file."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dingji.store import log as store
from dingji.store.log import Log, create_log, open_log
from dingji.store.sqlite import LedgerApplication, LedgerRecorder
from ledger.store.log_acts import append, refused


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


def test_a_ledger_that_another_program_keeps_to_itself(log: Log, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(log, "station:1", 1)
    log.close()
    monkeypatch.setattr(store, "READ_WAIT_SECONDS", 0.1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        assert refused("ledger-locked", lambda: open_log(path)) == {"path": str(path)}
