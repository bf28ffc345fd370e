"""`dingji diff`, as an auditor runs it."""

from __future__ import annotations

from typing import Any

import pytest

from desk import Desk
from dingji_projections.ask import bounds

MOVED = "320507005"


def stations(desk: Desk, *arguments: str) -> dict[str, Any]:
    return {each["station"]: each for each in desk.json("diff", *arguments)["stations"]}


def test_two_dates_of_the_demonstration_agree_with_its_levels(demo_desk: Desk) -> None:
    dates = ("2023-12-31", "2024-12-31")
    before = demo_desk.ledger.read_bytes()
    answer = demo_desk.json("diff", "--on", dates[0], "--on", dates[1])
    assert [answer["basis"][side]["on"] for side in ("from", "to")] == list(dates)
    there = [
        {
            row["station"]: (row["county"], row["size"], row["level"])
            for row in demo_desk.json("levels", "--on", on)["levels"]
        }
        for on in dates
    ]
    differing = {code for code in {*there[0], *there[1]} if there[0].get(code) != there[1].get(code)}
    found = {each["station"]: each for each in answer["stations"]}
    assert found.keys() == differing
    assert len(found) > 20
    moved = found[MOVED]
    assert moved["changes"] == ["county", "level"]
    assert (moved["before"]["county"], moved["after"]["county"]) == ("320507", "320508")
    assert [(cause["topic"], cause["effect"]) for cause in moved["causes"]] == [
        ("LevelCertified", "in"),
        ("StationTransferred", "in"),
    ]
    assert demo_desk.ledger.read_bytes() == before


def test_a_county_is_asked_about_from_both_sides_of_a_transfer(demo_desk: Desk) -> None:
    dates = ("--on", "2023-12-31", "--on", "2024-12-31")
    for county in ("320507", "320508"):
        assert MOVED in stations(demo_desk, *dates, "--county", county)
    assert MOVED not in stations(demo_desk, *dates, "--county", "320583")


def test_what_was_learnt_between_two_moments(demo_desk: Desk) -> None:
    found = stations(demo_desk, "--known", "2025-01-01", "--known", "2026-01-01", "--on", "2025-06-01")
    back = stations(demo_desk, "--known", "2026-01-01", "--known", "2025-01-01", "--on", "2025-06-01")
    assert found.keys() == back.keys() != set()
    for code, each in found.items():
        assert (each["before"], each["after"]) == (back[code]["after"], back[code]["before"])
        assert {cause["effect"] for cause in each["causes"]} == {"in"}
        assert {cause["effect"] for cause in back[code]["causes"]} == {"out"}


def test_a_void_between_two_moments_is_named(demo_desk: Desk) -> None:
    head = demo_desk.head()
    held = [row for row in demo_desk.json("levels", "--on", "2025-12-31")["levels"] if row["level"] == "benchmark"]
    entry = held[0]["entry"]
    demo_desk.ok("void", entry, "--cause", "recording-error", "--reason", "x", "--by", "3205", "--on", "2025-12-31")
    found = stations(demo_desk, "--known", str(head), "--known", str(head + 1), "--on", "2025-12-31")
    (cause,) = found[held[0]["station"]]["causes"]
    assert (cause["entry"], cause["effect"]) == (entry, "out")
    assert cause["voided_by"].startswith(f"{held[0]['station']}@")
    said = demo_desk.ok("diff", "--known", str(head), "--known", str(head + 1), "--on", "2025-12-31")
    assert f"voided by {cause['voided_by']}" in said
    said = demo_desk.ok("diff", "--known", str(head + 1), "--known", str(head), "--on", "2025-12-31")
    assert f"not yet voided by {cause['voided_by']}" in said


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "等级 高标所→标杆所"), ("en", "Level high-standard → benchmark")]
)
def test_it_is_told_in_words(demo_desk: Desk, language: str, words: str) -> None:
    said = demo_desk.ok("diff", "--on", "2023-12-31", "--on", "2024-12-31", lang=language)
    assert words in said
    assert "320583100@22" in said
    same = demo_desk.ok("diff", "--on", "2024-12-31", "--on", "2024-12-31", lang=language)
    assert len(same.splitlines()) == 3


def test_what_appears_and_what_is_gone(demo_desk: Desk) -> None:
    assert {
        tuple(each["changes"]) for each in stations(demo_desk, "--on", "2000-01-01", "--on", "2021-02-01").values()
    } == {("appeared",)}
    said = demo_desk.ok("diff", "--on", "2025-06-01", "--on", "2000-01-01")
    assert "gone (was benchmark, large)" in said
    assert "without 320583100@1" in said


def test_a_basis_fixes_the_answer(demo_desk: Desk) -> None:
    asked = ("diff", "--on", "2024-01-01", "--on", "2024-12-31", "--basis", "700")
    before = demo_desk.ok(*asked, "--json")
    demo_desk.ok("classify", "320583100", "--size", "small", "--on", "2024-02-01", "--by", "320583")
    assert demo_desk.ok(*asked, "--json") == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "twice"),
        (["--on", "2024-01-01"], "twice"),
        (["--on", "2024-01-01", "--on", "2024-01-02", "--on", "2024-01-03"], "twice"),
        (["--known", "1", "--known", "2", "--known", "3", "--on", "2024-01-01", "--on", "2024-01-02"], "twice"),
        (["--known", "1", "--known", "99999999"], "99999999"),
        (["--known", "1", "--known", "2", "--basis", "2"], "--basis"),
        (["--on", "2024-01-01", "--on", "2024-13-01"], "2024-13-01"),
        (["--on", "2024-01-01", "--on", "2024-12-31", "--county", "999"], "unknown-office"),
    ],
)
def test_a_wrong_question_is_said(demo_desk: Desk, arguments: list[str], said: str) -> None:
    result = demo_desk.run("diff", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_a_long_table_is_cut_and_says_so(demo_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    few = bounds.bounds()._replace(shown=3)
    monkeypatch.setattr("dingji_commands.audit.diff.bounds", lambda: few)
    told = demo_desk.ok("diff", "--on", "2021-12-31", "--on", "2026-06-30")
    (more,) = [line for line in told.splitlines() if "--json" in line]
    total = len(demo_desk.json("diff", "--on", "2021-12-31", "--on", "2026-06-30")["stations"])
    assert str(total - few.shown) in more
    assert sum(line.startswith("3205") for line in told.splitlines()) == few.shown
