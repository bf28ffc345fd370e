"""Founding a ledger: its notice and its roster at once, or nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dingji.faults import LedgerError
from dingji.store.log import create_log
from dingji.writer.ledger import Ledger
from ledger.writer.renamings import BAD, renames
from stories import NOW, Story, lines, worded


def test_founding_is_all_or_nothing(tmp_path: Path, story: Story) -> None:
    with create_log(tmp_path / "new.ledger") as log:
        new = Ledger(log, lambda: story.plugins, clock=lambda: NOW)
        with new.start_new(story.notice, date(2021, 1, 1), lines([BAD])) as receipts:
            assert not receipts.committed
        assert log.head() == 0
        with new.start_new(story.notice, date(2021, 1, 1), []) as receipts:
            assert receipts.committed
        assert [row.topic for row in log.scan()] == ["OfficeEnrolled", "NoticeAdopted"]


def test_founding_in_the_future_is_refused(tmp_path: Path, story: Story) -> None:
    with create_log(tmp_path / "new.ledger") as log:
        new = Ledger(log, lambda: story.plugins, clock=lambda: NOW)
        with pytest.raises(LedgerError) as error:
            new.start_new(story.notice, date(2030, 1, 16), [])
        assert error.value.fault.code == "future-date"
        assert log.head() == 0


def test_a_log_without_a_notice_is_no_ledger_yet(tmp_path: Path, story: Story) -> None:
    with create_log(tmp_path / "new.ledger") as log:
        with pytest.raises(LedgerError) as error:
            Ledger(log, lambda: story.plugins, clock=lambda: NOW).submit(lines([renames("a")]))
        assert error.value.fault.code == "not-a-ledger"
        worded(error.value.fault)
