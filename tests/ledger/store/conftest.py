"""Logs to be tried, and the connections to them."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dingji.store.log import Log, create_log, open_log
from ledger.store.log_acts import NOBODY, append


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "dingji.ledger"


@pytest.fixture
def log(path: Path) -> Iterator[Log]:
    with create_log(path) as log:
        yield log


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
