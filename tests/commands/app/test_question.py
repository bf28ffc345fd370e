"""What all questions share: the basis that they are asked against."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta, timezone

import pytest

from desk import CITY, STATION, Desk, classify


@pytest.mark.parametrize(
    "question",
    [
        ("lineage", "320583100"),
        ("late", "--station", "320583100"),
        ("cases", "--station", "320583100"),
        ("impact", "320583100@2"),
    ],
)
def test_a_station_is_not_asked_about_before_its_registration(storied: Desk, question: tuple[str, ...]) -> None:
    result = storied.run(*question, "--on", "2020-12-31")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("not-registered")
    assert storied.run(*question, "--on", "2021-01-01").exit_code == 0


@pytest.mark.parametrize("command", [["levels"], ["stations"], ["rounds"], ["conditions"], ["station", STATION]])
def test_the_same_basis_gives_the_same_bytes_later_and_on_a_copy(storied: Desk, command: list[str]) -> None:
    position = str(storied.head())
    forms: tuple[list[str], ...] = ([], ["--json"])
    before = [storied.ok(*command, "--basis", position, *form) for form in forms]
    copy = Desk(storied.folder / "elsewhere")
    copy.folder.mkdir()
    copy.ledger.write_bytes(storied.ledger.read_bytes())
    storied.ok("submit", storied.file("b.jsonl", classify("320583102"), classify("320583103", on="2021-05-05")))
    storied.ok(
        "enrol-office",
        "320599",
        "--name",
        "新区局",
        "--tier",
        "county",
        "--parent",
        CITY,
        "--on",
        "2022-01-01",
        "--by",
        CITY,
    )
    assert [storied.ok(*command, "--basis", position, *form) for form in forms] == before
    assert [copy.ok(*command, "--basis", position, *form) for form in forms] == before


def test_a_basis_is_on_the_day_of_its_last_entry_unless_a_date_is_given(storied: Desk) -> None:
    recorded = storied.json("levels", "--known", "50")["basis"]["recorded_until"]
    answer = storied.json("levels", "--basis", "50")["basis"]
    identity = storied.json("levels")["basis"]["ledger"]
    assert answer == {"ledger": identity, "on": civil_day(recorded), "known": 50, "recorded_until": recorded}
    assert storied.json("levels", "--basis", "50", "--on", "2022-01-01")["basis"]["on"] == "2022-01-01"
    assert storied.ok("history", STATION, "--basis", "108") == storied.ok("history", STATION, "--known", "108")


def civil_day(moment: str) -> str:
    return str(datetime.fromisoformat(moment).astimezone(timezone(timedelta(hours=8))).date())


def test_a_basis_that_is_none_is_a_wrong_use(storied: Desk) -> None:
    for wrong in (["--basis", "9999"], ["--basis", "soon"], ["--basis", "3", "--known", "3"]):
        result = storied.run("levels", *wrong)
        assert result.exit_code == 2, result.output
        assert "--basis" in result.output


# A date or moment that is not past


TODAY, TOMORROW, YESTERDAY = "2026-11-30", "2026-12-01", "2026-11-29"


@pytest.fixture
def on_a_day(storied: Desk, clock_at: Callable[[str], None]) -> Desk:
    """A desk whose ledger was made, and where it is now noon of a day."""
    clock_at(f"{TODAY}T12:00:00+08:00")
    return storied


def stamped(desk: Desk, moment: str) -> None:
    """Let the whole log look as if it was recorded at a moment, in UTC."""
    with closing(sqlite3.connect(desk.ledger)) as file, file:
        triggers = file.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            file.execute(f"DROP TRIGGER {name}")
        sql = "UPDATE stored_events SET state = CAST(json_set(CAST(state AS TEXT), '$.recorded_at', ?) AS BLOB)"
        file.execute(sql, (moment,))
        for _, trigger in triggers:
            file.execute(trigger)


@pytest.mark.parametrize("option", ["--known", "--basis"])
@pytest.mark.parametrize(
    "value", [TODAY, TOMORROW, "9999-12-31", f"{TODAY}T12:00:00+08:00", f"{TODAY}T04:00:00Z", f"{TODAY}T12:00:01+08:00"]
)
def test_what_is_not_past_is_the_head_and_said(on_a_day: Desk, option: str, value: str) -> None:
    head = on_a_day.head()
    for form in ([], ["--json"], ["--csv"]):
        result = on_a_day.run("levels", option, value, *form)
        assert result.exit_code == 0
        assert result.stderr == (
            f"{value} is not in the past: the ledger is read to its last position, {head}; "
            f"{option} {head} will give the same answer later.\n"
        )
    assert on_a_day.json("levels", option, value)["basis"]["known"] == head
    said = on_a_day.run("levels", option, value, lang="zh").stderr
    assert said == f"{value} 尚未到来，读取至台账最后一条（第 {head} 条）；以后用 {option} {head} 查询，结果不变。\n"


def test_what_is_past_or_a_position_is_what_it_was(on_a_day: Desk) -> None:
    stamped(on_a_day, "2026-11-29T02:00:00.000000Z")
    head = on_a_day.head()
    for value, known in (
        (YESTERDAY, head),
        ("2026-11-28", 0),
        (f"{TODAY}T11:59:59+08:00", head),
        ("2026-11-29T02:00:00Z", head),
        ("2026-11-29T01:59:59Z", 0),
        ("5", 5),
    ):
        result = on_a_day.run("levels", "--known", value, "--json")
        assert (json.loads(result.stdout)["basis"]["known"], result.stderr) == (known, ""), value


def test_the_basis_that_was_said_gives_the_answer_again(on_a_day: Desk) -> None:
    first = on_a_day.run("levels", "--basis", TODAY, "--csv")
    head = on_a_day.head()
    assert f"--basis {head} " in first.stderr
    on_a_day.ok("rename", STATION, "--name", "甲", "--on", "2026-11-01", "--by", CITY + "83", "--clock-behind", "r")
    again = on_a_day.run("levels", "--basis", str(head), "--csv")
    assert (again.stdout, again.stderr) == (first.stdout, "")
    assert on_a_day.run("levels", "--basis", TODAY, "--csv").stdout != first.stdout


def test_today_finds_what_was_recorded_after_an_entry_of_a_fast_clock(
    desk: Desk, clock_at: Callable[[str], None]
) -> None:
    stamped(desk, "2026-11-29T02:00:00.000000Z")
    for moment, name in (("2030-01-10T09:00:00+08:00", "甲"), ("2027-01-11T09:00:00+08:00", "乙")):
        clock_at(moment)
        desk.ok("rename", STATION, "--name", name, "--on", "2024-01-01", "--by", "320583", "--clock-behind", "r")
    assert desk.json("history", STATION, "--known", "2027-01-11")["name"] == "乙"
    assert desk.json("history", STATION, "--known", "2027-01-10")["name"] != "乙"


@pytest.mark.parametrize(
    "asked",
    [
        ("diff", "--on", "2023-01-01", "--on", "2024-01-01", "--known", TODAY),
        ("diff", "--on", "2023-01-01", "--on", "2024-01-01", "--basis", TODAY),
        ("diff", "--known", "5", "--known", TODAY),
        ("diff", "--known", TODAY, "--known", TODAY),
        ("late", "--basis", TODAY),
        ("acts", "--office", "320583", "--basis", TODAY),
        ("history", STATION, "--basis", TODAY),
        ("station", STATION, "--known", TODAY),
        ("stations", "--known", TODAY),
        ("rounds", "--known", TODAY),
        ("conditions", "--known", TODAY),
        ("cases", "--known", TODAY),
        ("conformance", "--known", TODAY),
        ("lineage", STATION, "--known", TODAY),
        ("why", STATION, "--known", TODAY),
        ("whynot", STATION, "standard", "--known", TODAY),
        ("impact", f"{STATION}@1", "--known", TODAY),
        ("recheck", "--all", "--basis", TODAY),
        ("replay", "--basis", TODAY),
        ("conflicts", "--basis", TODAY),
        ("facts", STATION, "--history", "--basis", TODAY),
        ("facts", "--swings", "--basis", TODAY),
        ("evidence", "reuse", "--basis", TODAY),
    ],
    ids=" ".join,
)
def test_every_question_says_it_once(on_a_day: Desk, asked: tuple[str, ...]) -> None:
    result = on_a_day.run(*asked)
    assert result.exit_code in {0, 1}, result.output  # conformance says that something is amiss
    assert result.stderr.count(f"{TODAY} is not in the past") == 1


def test_a_position_needs_no_clock(on_a_day: Desk, clock_at: Callable[[str], None]) -> None:
    clock_at("1969-12-31T23:00:00+00:00")
    on_a_day.ok("levels", "--basis", "5")
    on_a_day.ok("levels", "--known", "5", "--on", "2024-01-01")
    for asked in (["--known", "5"], ["--basis", "2024-01-01"]):
        result = on_a_day.run("levels", *asked)
        assert result.exit_code == 1
        assert result.stderr.startswith("clock-not-set")


# Times carry their offset


def test_every_table_shows_times_with_their_offset(storied: Desk) -> None:
    stamped(storied, "2026-11-29T20:00:00.123456Z")
    bare = re.compile(r"\d\d:\d\d:\d\d(?!\+08:00)")
    for asked in (
        ("levels",),
        ("history", STATION),
        ("late", "--days", "0"),
        ("acts", "--office", CITY),
        ("why", STATION, "--full"),
        ("whynot", STATION, "standard"),
        ("replay", "--station", STATION),
        ("cases",),
        ("rounds",),
        ("conformance",),
        ("lineage", STATION),
        ("facts", STATION, "--history"),
    ):
        for lang in ("zh", "en"):
            said = storied.run(*asked, lang=lang).output
            assert "2026-11-30" in said, asked  # the day in Suzhou
            assert not bare.search(said), (asked, said)
    assert "2026-11-30 04:00:00+08:00" in storied.ok("acts", "--office", CITY)


@pytest.mark.parametrize("asked", [("late", "--days", "0"), ("acts", "--office", CITY)])
def test_csv_has_times_to_the_microsecond_with_their_offset(storied: Desk, asked: tuple[str, ...]) -> None:
    stamped(storied, "2026-11-29T20:00:00.123456Z")
    rows = list(csv.DictReader(io.StringIO(storied.ok(*asked, "--csv"))))
    assert {row["recorded_at"] for row in rows} == {"2026-11-30T04:00:00.123456+08:00"}
    told = storied.json(*asked)["entries"]
    assert {one["recorded_at"] for one in told} == {"2026-11-29T20:00:00.123456Z"}
