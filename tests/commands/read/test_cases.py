"""`dingji cases`, as an auditor and a clerk run it."""

from __future__ import annotations

import csv
import io

import pytest

from desk import CITY, Desk

MID = ("--on", "2026-06-30")


def test_every_case_of_the_demonstration(demo_desk: Desk) -> None:
    before = demo_desk.ledger.read_bytes()
    answer = demo_desk.json("cases", *MID)
    assert list(answer) == ["basis", "days", "total", "states", "cases"]
    assert (answer["days"], answer["total"], answer["states"]) == (180, 27, {"open": 8, "stalled": 0, "ended": 19})
    first, last = answer["cases"][0], answer["cases"][-1]
    assert (first["state"], first["entry"], first["days"]) == ("open", "320506001@9", 77)
    assert first["awaits"] == {"verb": "recommend", "tier": "county", "office": "320506", "closed": None}
    assert last["ended"] == {"how": "declined", "entry": "320506104@10", "on": "2026-05-12", "office": "320506"}
    assert [(step["verb"], step["entry"]) for step in last["steps"]] == [
        ("apply", "320506104@9"),
        ("decline", "320506104@10"),
    ]
    assert demo_desk.ledger.read_bytes() == before


def test_a_case_stands_still_once_nothing_has_happened_for_long(demo_desk: Desk) -> None:
    later = demo_desk.json("cases", "--on", "2026-12-31", "--stalled")
    assert (later["total"], later["states"]["stalled"]) == (8, 8)
    assert {tuple(case["stalled"]) for case in later["cases"]} == {("idle",)}
    assert demo_desk.json("cases", *MID, "--stalled", "--days", "76")["total"] == 1
    assert demo_desk.json("cases", *MID, "--open", "--days", "76")["total"] == 8
    assert demo_desk.json("cases", *MID, "--open", "--ended")["total"] == 27
    assert demo_desk.json("cases", *MID, "--ended")["total"] == 19


def test_at_whose_desk(demo_desk: Desk) -> None:
    own = demo_desk.json("cases", *MID, "--office", "320506")["cases"]
    assert [(case["state"], case["station"]) for case in own] == [
        ("open", "320506001"),
        ("ended", "320506010"),
        ("ended", "320506104"),
    ]
    desks = {case["awaits"]["office"] for case in demo_desk.json("cases", *MID, "--office", CITY, "--open")["cases"]}
    assert desks == {CITY}
    assert demo_desk.json("cases", *MID, "--office", "320509105")["total"] == 1
    assert demo_desk.json("cases", *MID, "--county", "320583", "--round", "2024-promotion")["total"] == 3
    assert demo_desk.json("cases", *MID, "--station", "320508021")["total"] == 2


def test_the_cases_in_words(demo_desk: Desk) -> None:
    said = demo_desk.ok("cases", *MID, "--round", "2026-promotion", lang="zh")
    assert "办理中：标杆所 2026-promotion，8 项" in said
    assert "推荐 吴中区司法局" in said
    assert "办结方式：已认定 2，不予推荐 1。" in said
    english = demo_desk.ok("cases", "--on", "2026-12-31", "--stalled").splitlines()
    assert english[0] == "Stalled: benchmark, 2026-promotion: 8"
    assert english[1].split() == ["Entry", "Name", "County", "Awaits", "Days", "Why", "Steps"]
    assert english[2].split()[-3:] == ["261", "idle", "apply@9"]
    short = demo_desk.ok("cases", *MID, "--limit", "2").splitlines()
    assert short[0].endswith(": 8")
    assert "Only 2 of 27 are listed; --limit lists more." in short
    assert demo_desk.ok("cases", "--on", "2020-01-01").startswith("0 in all")


def test_the_cases_as_a_sheet(demo_desk: Desk) -> None:
    rows = list(csv.DictReader(io.StringIO(demo_desk.ok("cases", *MID, "--csv"))))
    assert len(rows) == 27
    assert (rows[0]["awaits"], rows[0]["office"], rows[0]["days"], rows[0]["ended"]) == (
        "recommend",
        "320506",
        "77",
        "",
    )
    assert (rows[-1]["ended"], rows[-1]["ended_on"], rows[-1]["steps"]) == (
        *("declined", "2026-05-12", "320506104@9 320506104@10"),
    )
    assert demo_desk.ok("cases", *MID, "--csv", "--limit", "3").count("\n") == 4


def test_the_same_basis_gives_the_same_bytes(demo_desk: Desk) -> None:
    asked = ("cases", "--basis", "936", "--json")
    before = demo_desk.ok(*asked)
    withdrawal = ("--level", "benchmark", "--round", "2026-promotion", "--on", "2026-06-30", "--by", "320506001")
    demo_desk.ok("withdraw", "320506001", *withdrawal)
    demo_desk.ok("close-office", "320581", "--on", "2026-06-01", "--by", CITY)
    assert demo_desk.ok(*asked) == before
    (case,) = demo_desk.json("cases", *MID, "--office", "320581", "--open")["cases"]
    assert (case["stalled"], case["awaits"]["closed"]) == (["office-closed"], "2026-06-01")
    assert "无承办机构" in demo_desk.ok("cases", *MID, "--stalled", lang="zh")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--round", "2024-promotoin"], "is it 2024-promotion, 2026-promotion"),
        (["--round", "2024-promotion", "--known", "3"], "unknown-round"),
        (["--office", "999"], "unknown-office"),
        (["--county", "320599"], "unknown-office"),
        (["--station", "320583999"], "unknown-station"),
        (["--days", "-1"], "-1"),
        (["--limit", "0"], "0"),
        (["--json", "--csv"], "--csv"),
    ],
)
def test_a_wrong_question_is_said(demo_desk: Desk, arguments: list[str], said: str) -> None:
    result = demo_desk.run("cases", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
