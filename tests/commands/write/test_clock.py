"""A computer whose clock was fast, or is slow: what is recorded, what is refused, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from desk import CITY, COUNTY, STATION, Desk, classify
from dingji.events.submissions import VERBS
from dingji_commands.write import verbs

ClockAt = Callable[[str], None]

FAST, RIGHT = "2030-01-10T09:00:00+08:00", "2024-01-11T09:00:00+08:00"


@pytest.fixture
def poisoned(bare_desk: Desk, clock_at: ClockAt) -> Desk:
    """A desk at which one entry was recorded by a clock six years fast; now it is right."""
    clock_at("2024-01-10T09:00:00+08:00")
    bare_desk.ok("init", "--roster", "demo", "--on", "2021-01-01")
    clock_at(FAST)
    bare_desk.ok("rename", STATION, "--name", "甲", "--on", "2024-01-01", "--by", COUNTY)
    clock_at(RIGHT)
    return bare_desk


def renamed(desk: Desk, name: str, *more: str, on: str = "2024-01-02", lang: str = "en") -> tuple[int, str]:
    """Rename the station; return the exit code and all that is said."""
    result = desk.run("rename", STATION, "--name", name, "--on", on, "--by", COUNTY, *more, lang=lang)
    return result.exit_code, " ".join(result.output.split())


def test_after_an_entry_of_a_fast_clock_the_next_is_refused_with_what_to_do(poisoned: Desk) -> None:
    head = poisoned.head()
    code, said = renamed(poisoned, "乙")
    assert code == 1
    assert "clock-behind" in said
    assert "2024-01-11 09:00:00+08:00" in said
    assert "2030-01-10 09:00:00+08:00" in said
    assert "--clock-behind REASON" in said
    code, said = renamed(poisoned, "乙", lang="zh")
    assert (code, poisoned.head()) == (1, head)
    assert "计算机时钟为 2024-01-11 09:00:00+08:00，早于台账最后一条的录入时刻 2030-01-10 09:00:00+08:00" in said
    assert "--clock-behind" in said


def test_with_the_reason_it_is_recorded_and_today_is_today(poisoned: Desk) -> None:
    why = ("--clock-behind", "2030 was a wrong clock")
    code, said = renamed(poisoned, "乙", *why)
    assert code == 0
    assert "irregular clock-behind" in said
    assert "(reason: 2030 was a wrong clock)" in said
    code, said = renamed(poisoned, "丙", *why, on="2029-12-31")
    assert code == 1
    assert "future-date" in said
    assert "today is 2024-01-11" in said
    assert renamed(poisoned, "乙") == (0, f"Recorded before as {STATION}@3 (position {poisoned.head()})")
    (kept,) = [json.loads(line) for line in poisoned.ok("events", "--json").splitlines()][-1]["state"]["irregularities"]
    assert kept["args"]["clock"] == "2024-01-11 09:00:00+08:00"


def test_a_file_is_refused_whole_and_recorded_with_one_word_of_it(poisoned: Desk) -> None:
    file = poisoned.file("a.jsonl", classify(), classify("320583101"), classify("320583999"))
    head = poisoned.head()
    for more in ([], ["--partial"], ["--dry-run"], ["--json"]):
        result = poisoned.run("submit", file, *more)
        assert (result.exit_code, result.stdout, poisoned.head()) == (1, "", head)
        assert result.stderr.count("clock-behind") == 2  # the code, and the option
    assert not Path(f"{file[:-6]}.rejected.jsonl").exists()
    receipts = poisoned.receipts("submit", file, "--partial", "--clock-behind", "r")
    assert [[one["code"] for one in receipt["irregularities"]] for receipt in receipts] == [["clock-behind"], [], []]
    again = poisoned.receipts("submit", poisoned.file("b.jsonl", classify(), classify("320583101")))
    assert [one["status"] for one in again] == ["already-recorded"] * 2


@pytest.mark.parametrize("blank", ["", "  ", "\u3000"])
def test_a_blank_is_no_reason(poisoned: Desk, blank: str) -> None:
    code, said = renamed(poisoned, "乙", "--clock-behind", blank)
    assert code == 1
    assert "bad-value" in said
    assert "--clock-behind" in said


def test_every_command_that_records_takes_the_reason(poisoned: Desk) -> None:
    for verb in VERBS:
        assert "clock_behind" in {param.name for param in verbs.parameters(verb)}, verb
    for command in (["submit"], ["assess"], ["report"], ["evidence", "add"], ["void"]):
        assert "--clock-behind" in poisoned.ok(*command, "--help")
        assert "24 小时" in poisoned.ok(*command, "--help", "--lang", "zh")


def test_each_way_of_recording_hands_the_reason_on(poisoned: Desk, tmp_path: Path) -> None:
    why = ("--clock-behind", "the clock was wrong")
    paper, sheet = tmp_path / "paper.txt", tmp_path / "sheet.csv"
    paper.write_text("a paper", "utf-8")
    poisoned.ok("facts", "template", STATION, "--standard", "standard", "--output", str(sheet))
    key, *rest = sheet.read_text("utf-8-sig").splitlines()[1].split(",")
    del rest
    for command in (
        ("report", STATION, "--fact", "full_time_staff=7", "--on", "2024-01-03", "--by", STATION),
        ("evidence", "add", str(paper), "--station", STATION, "--supports", key, "--on", "2024-01-04", "--by", STATION),
        ("assess", STATION, "--standard", "standard", "--on", "2024-01-05", "--by", CITY),
        ("void", f"{STATION}@2", "--cause", "recording-error", "--reason", "x", "--on", "2024-01-06", "--by", COUNTY),
    ):
        refused = poisoned.run(*command)
        assert (refused.exit_code, refused.stdout) == (1, ""), command
        assert "clock-behind: " in refused.stderr, command
        if command[0] == "void":
            assert poisoned.run(*command, "--dry-run").exit_code == 1
            assert "clock-behind" in poisoned.ok(*command, "--dry-run", *why)
        assert "clock-behind" in poisoned.ok(*command, *why), command


def test_looking_needs_no_reason(poisoned: Desk) -> None:
    poisoned.ok("assess", STATION, "--standard", "standard", "--dry-run")
    poisoned.ok("history", STATION)


def test_an_assessment_without_a_date_is_of_the_clocks_day(poisoned: Desk) -> None:
    done = poisoned.json("assess", STATION, "--standard", "standard", "--by", CITY, "--clock-behind", "r")
    assert done["assessment"]["on"] == "2024-01-11"


@pytest.mark.parametrize("moment", ["1969-07-20T20:17:40+00:00", "9999-06-01T00:00:00+00:00"])
def test_a_clock_that_is_not_set_is_a_fault_of_the_computer(desk: Desk, clock_at: ClockAt, moment: str) -> None:
    clock_at(moment)
    for command in (
        ("levels",),
        ("rename", STATION, "--name", "甲", "--on", "2024-01-01", "--by", COUNTY),
        ("--ledger", str(desk.folder / "new.ledger"), "init"),
    ):
        result = desk.run(*command)
        assert (result.exit_code, result.stdout) == (1, ""), command
        assert result.stderr.startswith("clock-not-set: "), command
    desk.ok("levels", "--on", "2024-01-01")
    assert not (desk.folder / "new.ledger").exists()


# The demonstration, whose last entry is of 2026


def test_the_demonstration_is_made_whatever_the_clock_shows(bare_desk: Desk, clock_at: ClockAt) -> None:
    clock_at(RIGHT)
    assert "320583100" in bare_desk.ok("demo")
    code, said = renamed(bare_desk, "甲")
    assert code == 1
    assert "2026-06-30" in said
    code, said = renamed(bare_desk, "甲", "--clock-behind", "the demonstration ends later")
    assert code == 0
    assert "irregular clock-behind" in said


def test_why_and_conformance_say_that_the_clock_was_behind(poisoned: Desk) -> None:
    recognise = (
        "recognise",
        STATION,
        "--level",
        "high_standard",
        "--under",
        "旧文件",
        "--on",
        "2022-05-01",
        "--by",
        CITY,
    )
    poisoned.ok(*recognise, "--clock-behind", "r")
    why = " ".join(poisoned.ok("why", STATION, "--on", "2023-01-01", "--full").split())
    assert "not kept, and recorded so: the clock was not behind the entries before it clock-behind" in why
    assert "clock-behind" in poisoned.ok("history", STATION)
    (decision,) = json.loads(poisoned.run("conformance", "--json").stdout)["decisions"]
    assert (decision["verdict"], decision["codes"]) == ("irregular", ["clock-behind"])
