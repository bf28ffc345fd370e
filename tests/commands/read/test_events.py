"""`dingji events` and `dingji rebuild`."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing

import pytest

from desk import Desk
from dingji.store.layout import GUARDS
from dingji.store.log import open_log
from dingji_projections.tables.views import views_of


def test_the_raw_log(storied: Desk) -> None:
    lines = [json.loads(line) for line in storied.ok("events", "--json").splitlines()]
    assert [line["position"] for line in lines] == list(range(1, 112))
    assert list(lines[0]) == ["position", "stream", "version", "topic", "recorded_at", "state"]
    assert lines[105]["state"]["level"] == "high_standard"
    assert [line.split()[0] for line in storied.ok("events", "--from", "110").splitlines()] == ["110", "111"]
    assert storied.ok("events", "--from", "3", "--until", "3").count("\n") == 1
    assert storied.ok("events", "--from", "999") == ""


def test_a_rebuild_says_the_digest_that_daily_catching_up_gives(storied: Desk) -> None:
    storied.ok("levels")
    with open_log(storied.ledger, readonly=True) as log, views_of(log) as views:
        digest = views.digest()
    assert storied.json("rebuild") == {"position": 111, "digest": digest}
    assert digest in storied.ok("rebuild", lang="zh")


def tamper(desk: Desk, position: int, column: str, value: str) -> None:
    """Put a value of SQL into a row, with the guard put back."""
    with closing(sqlite3.connect(desk.ledger)) as other, other:
        other.execute("DROP TRIGGER entries_never_change")
        other.execute(f"UPDATE stored_events SET {column}={value} WHERE rowid=?", (position,))  # noqa: S608
        other.execute(GUARDS["entries_never_change"])


DAMAGED = [
    ("state", "CAST('{oops' AS BLOB)", "{oops", 5),
    ("state", "'{}'", "{}", 2),
    ("state", "7", "7", None),
    ("state", "x'7b22\xff\x1b'".replace("\xff\x1b", "ff1b"), '{"\\xff\\x1b', 4),
    ("state", "CAST('{\"v\":1}' AS BLOB)", '{"v":1}', 7),
    ("state", "zeroblob(100000000)", "\\x00" * 2000, 100_000_000),
    ("state", "CAST(replace(hex(zeroblob(500000)), '00', '[[') AS BLOB)", "[" * 2000, 1_000_000),
    ("state", "CAST('{\"a\":' || replace(hex(zeroblob(2500000)), '00', '99') || '}' AS BLOB)", None, 5_000_006),
    ("state", 'CAST(replace(state, \'"recorded_at":"\', \'"recorded_at":"on \') AS BLOB)', None, None),
    ("topic", "'LevelSuspended'", None, None),
    ("topic", "x'ff'", None, None),
    ("topic", "'a' || char(27) || ']0;own' || char(7)", None, None),
]


@pytest.mark.parametrize(("column", "value", "raw", "size"), DAMAGED)
def test_an_entry_that_cannot_be_read_is_printed_raw_and_named(
    storied: Desk, column: str, value: str, raw: str | None, size: int | None
) -> None:
    tamper(storied, 20, column, value)
    named = r"entry \S+@\d+ of the ledger, position 20, cannot"
    result = storied.run("events", "--json")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 3
    assert [fault["code"] for fault in json.loads(result.stderr)["faults"]] == ["unreadable-entry"]
    assert re.search(named, " ".join(json.loads(result.stderr)["faults"][0]["message"].split()))
    assert [line["position"] for line in lines] == list(range(1, 112))
    assert [line["position"] for line in lines if line.get("unreadable")] == [20]
    marked = lines[19]
    assert list(marked) == ["position", "stream", "version", "topic", "unreadable", "why", "size", "raw"]
    assert raw is None or marked["raw"] == raw
    assert size is None or marked["size"] == size
    assert marked["why"]
    plain = storied.run("events", "--from", "20", "--until", "21", lang="zh")
    assert plain.exit_code == 3
    assert [line.split()[0] for line in plain.stdout.splitlines()] == ["20", "21"]
    assert "无法读取" in plain.stdout
    assert "\x1b" not in result.stdout + plain.stdout
    assert storied.run("events", "--from", "21").exit_code == 0


@pytest.mark.parametrize(("column", "value", "raw", "size"), DAMAGED)
def test_nothing_is_recorded_on_such_an_entry_and_it_is_named(
    storied: Desk, column: str, value: str, raw: str | None, size: int | None
) -> None:
    with open_log(storied.ledger, readonly=True) as log:
        entry = log.row(106)
        assert entry
    station = entry.stream.partition(":")[2]
    tamper(storied, entry.position, column, value)
    rename = ("--name", "甲", "--on", "2024-06-01", "--by", "3205")
    result = storied.run("rename", station, *rename)
    if "recorded_at" in value:  # of which nothing that is decided depends
        assert result.exit_code == 0
        return
    assert result.exit_code == 3
    said = " ".join(result.stderr.split())
    assert f"unreadable-entry: entry {station}@{entry.version} of the ledger, position 106, cannot be read" in said
    assert storied.run("rename", "320506103", *rename).exit_code == 0


def test_a_report_that_cannot_be_read_may_name_a_paper(storied: Desk) -> None:
    tamper(storied, 106, "topic", "'FactsReported'")
    for value in ("CAST('{oops' AS BLOB)", "'{}'"):
        tamper(storied, 106, "state", value)
        result = storied.run("evidence", "verify")
        assert (result.exit_code, result.stderr.split(":")[0]) == (3, "unreadable-entry")


def test_a_state_of_two_lines_is_printed_on_one(storied: Desk) -> None:
    tamper(storied, 20, "state", "CAST(replace(state, ',', ',' || char(10)) AS BLOB)")
    assert [json.loads(line)["position"] for line in storied.ok("events", "--json").splitlines()] == list(range(1, 112))
    assert storied.ok("events").count("\n") == 111
