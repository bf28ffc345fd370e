"""Assessing: shown without leave, recorded by an office, and told requirement by requirement."""

from __future__ import annotations

import json

from desk import COUNTY, STATION, Desk

ASSESS = ["assess", STATION, "--standard", "standard", "--on", "2024-06-01"]


def test_findings_are_shown_without_an_office(desk: Desk) -> None:
    shown = desk.json(*ASSESS, "--dry-run")
    assert {key: shown[key] for key in ("station", "standard", "on", "size", "verdict")} == {
        "station": STATION,
        "standard": "standard",
        "on": "2024-06-01",
        "size": None,
        "verdict": "undetermined",
    }
    keys = ["requirement", "outcome", "measured", "required", "reason", "facts", "evidence", "reading_matters"]
    assert all(list(finding) == keys for finding in shown["findings"])
    assert len(shown["findings"]) > 100
    assert desk.head() == 105


def test_findings_are_told_by_outcome(desk: Desk) -> None:
    desk.ok("classify", STATION, "--size", "small", "--on", "2023-09-01", "--by", COUNTY)
    said = desk.ok(*ASSESS, "--dry-run", lang="zh")
    assert said.startswith("320583100 · 标准所 · 小型 · 2024-06-01\n结论：尚不能确定\n")
    for part in ("尚不能确定（", "须评判（", "不适用 ", "S3.1.3 "):
        assert part in said


def test_an_assessment_is_recorded_by_an_office(desk: Desk) -> None:
    said = desk.ok(*ASSESS, "--by", COUNTY)
    assert said.startswith("Recorded as 320583100@2 (position 106)")
    assert "Verdict: undetermined" in said
    assert desk.head() == 106


def test_a_recorded_assessment_as_json_is_its_receipt_with_the_findings(desk: Desk) -> None:
    told = desk.json(*ASSESS, "--by", COUNTY)
    assert (told["status"], told["entry"]) == ("recorded", "320583100@2")
    assert told["assessment"] == desk.json(*ASSESS, "--dry-run")


def test_a_refused_assessment_has_no_findings(desk: Desk) -> None:
    result = desk.run(*ASSESS, "--by", "320584", "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["status"], "assessment" in told) == (1, "refused", False)


def test_without_an_office_nothing_can_be_recorded(desk: Desk) -> None:
    result = desk.run(*ASSESS, lang="zh")
    assert (result.exit_code, desk.head()) == (2, 105)
    assert "--dry-run" in result.stderr


def test_today_is_assessed_unless_another_day_is_named(desk: Desk) -> None:
    shown = desk.json("assess", STATION, "--standard", "standard", "--dry-run")
    assert shown["on"] == desk.json("levels")["basis"]["on"]


def test_what_cannot_be_assessed_is_said(desk: Desk) -> None:
    for arguments, code in (
        (["assess", "320583999", "--standard", "standard"], "unknown-station"),
        (["assess", STATION, "--standard", "golden"], "unknown-standard"),
        (["assess", STATION, "--standard", "standard", "--on", "2020-01-01"], "not-registered"),
    ):
        result = desk.run(*arguments, "--dry-run")
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith(code)
