"""What all questions share: the basis that they are asked against."""

from __future__ import annotations

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
    assert answer == {"on": civil_day(recorded), "known": 50, "recorded_until": recorded}
    assert storied.json("levels", "--basis", "50", "--on", "2022-01-01")["basis"]["on"] == "2022-01-01"
    assert storied.ok("history", STATION, "--basis", "108") == storied.ok("history", STATION, "--known", "108")


def civil_day(moment: str) -> str:
    return str(datetime.fromisoformat(moment).astimezone(timezone(timedelta(hours=8))).date())


def test_a_basis_that_is_none_is_a_wrong_use(storied: Desk) -> None:
    for wrong in (["--basis", "9999"], ["--basis", "soon"], ["--basis", "3", "--known", "3"]):
        result = storied.run("levels", *wrong)
        assert result.exit_code == 2, result.output
        assert "--basis" in result.output
