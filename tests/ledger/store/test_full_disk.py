"""A ledger on a full disk: it is read, and who wants to write is told."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from eventsourcing.persistence import StoredEvent

from dingji.faults import LedgerError
from dingji.store.log import Log, create_log, open_log
from disks import fill_up, small_disk


def append(log: Log, first: int, count: int) -> None:
    with log.writing() as writer:
        writer.append([StoredEvent("station:1", version, "Noted", b"{}") for version in range(first, first + count)])


@pytest.mark.parametrize("readonly", [True, False])
def test_a_ledger_on_a_full_disk_is_read(tmp_path: Path, readonly: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ledger"
    with small_disk() as disk:
        with create_log(path) as log:
            append(log, 1, 2)
        shutil.copy(path, disk / "closed")
        with open_log(path) as log:
            append(log, 3, 1)
            for ending in ("", "-wal"):
                shutil.copy(f"{path}{ending}", disk / f"torn{ending}")
        fill_up(disk)
        with open_log(disk / "closed", readonly=readonly) as log:
            assert log.head() == len(list(log.scan())) == 2
            with pytest.raises(LedgerError) as refused:
                append(log, 3, 1)
            assert refused.value.fault.code == "ledger-not-writable"
        # Here the third row stands in a write-ahead log that cannot be read where it is.
        with open_log(disk / "torn", readonly=readonly) as log:
            assert log.is_copy
            assert log.head() == len(list(log.scan())) == 3
        monkeypatch.setattr(tempfile, "tempdir", str(disk))
        with pytest.raises(LedgerError) as refused:
            open_log(disk / "torn", readonly=readonly)
        assert refused.value.fault.code == "no-room-for-copy"
