"""Copying the log: the ledger of one moment, and the ledger itself left as it was."""

from __future__ import annotations

import os
import resource
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dingji.store import log as store
from dingji.store.log import Log, open_log
from ledger.store.log_acts import append, positions, refused


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
