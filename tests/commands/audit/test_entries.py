"""`dingji late` and `dingji acts`, as an auditor runs them."""

from __future__ import annotations

import csv
import io

import pytest

from desk import Desk


def test_what_came_late_in_the_demonstration(demo_desk: Desk) -> None:
    before = demo_desk.ledger.read_bytes()
    answer = demo_desk.json("late")
    assert list(answer["basis"]) == ["ledger", "on", "known", "recorded_until"]
    assert answer["days"] == 30
    assert answer["total"] == len(answer["entries"]) > 200
    days = [each["days"] for each in answer["entries"]]
    assert days == sorted(days, reverse=True)
    assert days[-1] > 30
    assert (
        demo_desk.json("late", "--days", "0")["total"]
        > answer["total"]
        > demo_desk.json("late", "--days", "400")["total"]
    )
    assert demo_desk.ledger.read_bytes() == before


def test_the_same_basis_gives_the_same_bytes(demo_desk: Desk) -> None:
    asked = ("late", "--basis", "700", "--json", "--days", "1")
    before = demo_desk.ok(*asked)
    demo_desk.ok("classify", "320583100", "--size", "small", "--on", "2024-02-01", "--by", "320583")
    assert demo_desk.ok(*asked) == before


def test_one_station_in_words(demo_desk: Desk) -> None:
    for language, word in (("zh", "登记"), ("en", "registered")):
        said = demo_desk.ok("late", "--station", "320583101", lang=language).splitlines()
        assert said[1].split()[:2] == ["976", "320583101@1"]
        assert word in said[1]
        assert "2023-09-04 09:08:00" in said[1]
    shown = demo_desk.ok("late", "--limit", "2").splitlines()
    assert shown[-2].startswith("Only 2 of ")
    assert len(shown) == 5


def test_all_that_an_office_a_person_or_a_station_did(demo_desk: Desk) -> None:
    office = demo_desk.json("acts", "--office", "320583")
    person = demo_desk.json("acts", "--person", "320583-01")
    assert {each["office"] for each in office["entries"]} == {"320583"}
    assert {each["person"] for each in person["entries"]} == {"320583-01"}
    assert 0 < person["total"] < office["total"]
    positions = [each["position"] for each in office["entries"]]
    assert positions == sorted(positions)
    assert demo_desk.json("acts", "--office", "3205", "--person", "320583-01")["total"] == 0
    own = demo_desk.json("acts", "--office", "320583100")["entries"]
    assert {each["entry"].partition("@")[0] for each in own} == {"320583100"}
    rows = list(csv.DictReader(io.StringIO(demo_desk.ok("acts", "--office", "320583", "--csv"))))
    assert [row["entry"] for row in rows] == [each["entry"] for each in office["entries"]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["acts"], "--office"),
        (["acts", "--office", "999"], "unknown-office"),
        (["acts", "--office", "320583", "--known", "1"], "unknown-office"),
        (["acts", "--office", "320583", "--json", "--csv"], "--csv"),
        (["late", "--station", "320583999"], "unknown-station"),
        (["late", "--county", "320599"], "unknown-office"),
        (["late", "--days", "-1"], "-1"),
        (["late", "--limit", "0"], "0"),
    ],
)
def test_a_wrong_question_is_said(demo_desk: Desk, arguments: list[str], said: str) -> None:
    result = demo_desk.run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
