"""The moment that a file is recorded at, and computers whose clocks are behind."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from dingji.faults import IntegrityBroken, LedgerError
from dingji.moments import now
from ledger.writer.renamings import BAD, renames
from stories import CITY, DELTA, NOW, Answer, Record, Story, act, lines, worded

MINUTES_5, HOURS_24, INSTANT = timedelta(minutes=5), timedelta(hours=24), timedelta(microseconds=1)


def moments(story: Story) -> list[str]:
    return [json.loads(row.state)["recorded_at"] for row in story.log.scan()]


def stopped_by(story: Story, *records: Record, **manner: Any) -> dict[str, Any]:
    """Submit a file that is refused as a whole; return what is said of the clock."""
    head = story.log.head()
    with pytest.raises(LedgerError) as error:
        story.submit_file(*records, **manner)
    worded(error.value.fault)
    assert (error.value.fault.code, story.log.head()) == ("clock-behind", head)
    return error.value.fault.args


# One moment a file


def test_one_file_has_one_moment(story: Story) -> None:
    story.now = NOW + timedelta(microseconds=7)
    story.given(renames("a"), renames("b"))
    assert moments(story)[-2:] == ["2030-01-15T04:00:00.000007Z"] * 2


def test_a_moment_is_written_in_utc_whatever_the_clock_says(story: Story) -> None:
    story.now = datetime(2030, 6, 1, 1, 2, 3, tzinfo=timezone(timedelta(hours=8)))
    story.given(renames("a"))
    assert moments(story)[-1] == "2030-05-31T17:02:03.000000Z"


# A clock behind the last entry


@pytest.mark.parametrize("behind", [INSTANT, timedelta(minutes=1), MINUTES_5])
def test_up_to_five_minutes_behind_nothing_is_said(story: Story, behind: timedelta) -> None:
    story.now = NOW - behind
    story.submit(renames("a")).recorded()
    assert moments(story)[-1] == moments(story)[0]


@pytest.mark.parametrize("behind", [MINUTES_5 + INSTANT, timedelta(hours=8), HOURS_24])
def test_up_to_a_day_behind_the_entry_says_so(story: Story, behind: timedelta) -> None:
    story.now = NOW - behind
    said = story.submit(renames("a")).recorded("clock-behind").says("clock-behind")
    zone = timezone(timedelta(hours=8))
    assert said["clock"] == (NOW - behind).astimezone(zone).isoformat(" ", "seconds")
    assert said["last"] == "2030-01-15 12:00:00+08:00"
    assert moments(story)[-1] == moments(story)[0]


@pytest.mark.parametrize("behind", [HOURS_24 + INSTANT, timedelta(days=400), timedelta(days=20_000)])
def test_more_than_a_day_behind_a_file_is_refused_as_a_whole(story: Story, behind: timedelta) -> None:
    story.now = NOW - behind
    stopped_by(story, renames("a", "1950-01-01"), renames("b"))
    stopped_by(story, BAD, renames("b"), partial=True)
    stopped_by(story, renames("b"), dry_run=True)
    story.now = NOW
    story.submit(renames("a")).recorded()  # and nothing of it is remembered


def test_with_a_reason_it_is_recorded_and_the_reason_kept(story: Story) -> None:
    story.now = datetime(2024, 1, 11, 1, 2, 3, tzinfo=UTC)
    answer = story.submit(renames("a"), clock_behind=" 2030 was a test ").recorded("clock-behind")
    said = answer.says("clock-behind")
    assert (said["clock"], said["last"]) == ("2024-01-11 09:02:03+08:00", "2030-01-15 12:00:00+08:00")
    (kept,) = story.state(answer.entry)["irregularities"]
    assert kept["args"] == said
    assert "（原因：2030 was a test）" in worded(answer.receipt.irregularities[0])
    assert "(reason: 2030 was a test)" in worded(answer.receipt.irregularities[0])
    assert moments(story) == ["2030-01-15T04:00:00.000000Z"] * story.log.head()


def test_a_reason_that_was_not_needed_is_not_kept(story: Story) -> None:
    story.submit(renames("a"), clock_behind="to be sure").recorded()
    story.now = NOW - timedelta(minutes=4)
    story.submit(renames("b"), clock_behind="to be sure").recorded()
    story.now = NOW - timedelta(hours=4)
    said = story.submit(renames("c"), clock_behind="to be sure").recorded("clock-behind").says("clock-behind")
    assert "to be sure" in said["because"]["en"]


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("\u3000", "empty"),
        ("\u00a0\t", "empty"),
        ("a\x1b[0m", "control"),
        ("\udc80", "surrogate"),
        ("長" * 4001, "too-long"),
    ],
)
def test_a_reason_has_the_form_of_a_reason(story: Story, reason: str, why: str) -> None:
    with pytest.raises(LedgerError) as error:
        story.submit(renames("a"), clock_behind=reason)
    fault = error.value.fault
    assert (fault.code, fault.field, fault.args["why"]) == ("bad-value", "--clock-behind", why)
    worded(fault)
    story.submit(renames("a"), clock_behind="長" * 4000).recorded()


def test_one_entry_says_it_for_a_file(story: Story) -> None:
    story.now = NOW - timedelta(hours=1)
    refused, first, second = story.submit_file(BAD, renames("a"), renames("b"), partial=True)
    refused.refused("unknown-station")
    first.recorded("clock-behind")
    second.recorded()
    story.submit(renames("c")).recorded("clock-behind")  # another file


def test_a_dry_run_says_what_recording_would(story: Story) -> None:
    story.now = NOW - timedelta(hours=1)
    story.tried(renames("a")).recorded("clock-behind")
    story.now = NOW - timedelta(days=10)
    stopped_by(story, renames("a"), dry_run=True)
    with story.ledger.submit(lines([renames("a")]), dry_run=True, clock_behind="r") as receipts:
        (receipt,) = receipts
    Answer(receipt, tried=True).recorded("clock-behind")


def test_what_was_recorded_before_needs_no_clock(story: Story) -> None:
    story.given(renames("a"), renames("b"))

    def broken() -> datetime:
        raise LedgerError("clock-not-set", first=1970, last=9998)

    for clock in (lambda: NOW - timedelta(days=4000), broken):
        story.ledger.clock = clock
        for answer in story.submit_file(renames("a"), renames("b"), renames("a")):
            answer.expect("already-recorded")
        (bad,) = story.submit_file(renames("a", colour="red"))
        bad.refused("unknown-field")
        with pytest.raises(LedgerError):
            story.submit_file(renames("a"), renames("c"))


def test_the_next_file_is_held_against_the_moment_of_the_last_by_whoever_recorded_it(story: Story) -> None:
    other = story.reopen()
    story.now = NOW + timedelta(days=2)
    with other.submit(lines([renames("a")])) as receipts:
        assert receipts.committed
    other.log.close()
    story.now = NOW
    stopped_by(story, renames("b"))
    story.now = NOW + timedelta(days=1)
    story.submit(renames("b")).recorded("clock-behind")


# Today


def test_today_is_the_clocks_own_day(story: Story) -> None:
    story.now = datetime(2030, 1, 14, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Suzhou, a day before the last entry's
    story.submit(renames("a", "2030-01-14")).recorded("clock-behind")
    answer = story.submit(renames("b", "2030-01-15")).refused("future-date", field="on")
    assert answer.says("future-date")["today"] == "2030-01-14"


def test_one_entry_of_a_fast_clock_lets_nobody_enter_the_future(story: Story) -> None:
    story.now = datetime(2040, 1, 10, tzinfo=UTC)
    story.given(renames("a"))
    story.now = NOW
    answer = story.submit(renames("b", "2039-12-31"), clock_behind="2040 was wrong").refused("future-date")
    assert answer.says("future-date")["today"] == "2030-01-15"
    story.submit(renames("b", "2030-01-15"), clock_behind="2040 was wrong").recorded("clock-behind")


def test_another_citys_moments_carry_its_own_offset(tmp_path: Path) -> None:
    with Story(tmp_path, DELTA) as story:
        story.now = NOW - timedelta(hours=3)
        record = act("classify", "2025-06-02", "D10", size="m", station=story.setting.station)
        answer = story.submit(record, clock_behind="r").recorded("clock-behind")
        assert answer.says("clock-behind")["clock"] == "2030-01-14 20:00:00-05:00"


# Clocks and entries that say nothing


@pytest.mark.parametrize("text", ["1969-12-31T23:59:59+00:00", "9999-01-01T00:00:00+00:00"])
def test_a_clock_that_is_not_set_is_a_fault(clock_at: Callable[[str], None], text: str) -> None:
    clock_at(text)
    with pytest.raises(LedgerError) as error:
        now()
    assert error.value.fault.code == "clock-not-set"
    worded(error.value.fault)


@pytest.mark.parametrize("text", ["1970-01-01T00:00:00+00:00", "9998-12-31T23:59:59+00:00"])
def test_the_first_and_last_moments_of_a_clock(clock_at: Callable[[str], None], text: str) -> None:
    clock_at(text)
    assert now() == datetime.fromisoformat(text)


def test_a_clock_beyond_all_dates_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    class Beyond(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            raise OverflowError("timestamp too large to convert to C _PyTime_t")

    monkeypatch.setattr("dingji.moments.datetime", Beyond)
    with pytest.raises(LedgerError) as error:
        now()
    assert error.value.fault.code == "clock-not-set"


@pytest.mark.parametrize("moment", [None, 5, "yesterday", "2030-01-15T04:00:00"])
def test_a_last_entry_without_a_moment_is_named_and_nothing_recorded(story: Story, moment: Any) -> None:
    with closing(sqlite3.connect(story.path)) as file, file:
        triggers = file.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            file.execute(f"DROP TRIGGER {name}")
        position, text = file.execute("SELECT rowid, state FROM stored_events ORDER BY 1 DESC").fetchone()
        state = json.dumps(json.loads(text) | {"recorded_at": moment}).encode()
        file.execute("UPDATE stored_events SET state = ? WHERE rowid = ?", (state, position))
        for _, sql in triggers:
            file.execute(sql)
    ledger = story.reopen()
    with pytest.raises(IntegrityBroken) as error:
        ledger.submit(lines([act("rename", "2024-01-01", CITY, name="x")]))
    ledger.log.close()
    row = story.log.row(story.log.head())
    assert row is not None
    assert error.value.fault.code == "unreadable-entry"
    assert error.value.fault.args["position"] == row.position
