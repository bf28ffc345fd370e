"""Logs that may only be read: where they are, or as a temporary copy."""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import partial
from pathlib import Path

import pytest

from dingji.store import temporary_copy
from dingji.store.log import Log, open_log
from ledger.store.log_acts import NOBODY, append, enter, refused


def test_a_readonly_log_is_read_while_it_is_written(log: Log, path: Path) -> None:
    append(log, "station:1", 1)
    before = path.read_bytes()
    with open_log(path, readonly=True) as reader:
        append(log, "station:1", 1, first=2)
        assert reader.head() == 2
        assert refused("ledger-not-writable", lambda: enter(reader)) == {"path": str(path), "why": "read-only"}
    assert path.read_bytes() == before


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
    assert asked == {
        "path": str(archive / "torn"),
        "folder": tempfile.gettempdir(),
        "size": 3,
    }  # with what SQLite needs beside it
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
