"""Assessing: shown without leave, recorded by an office, and told requirement by requirement."""

from __future__ import annotations

import json
import re

from desk import CITY, COUNTY, STATION, Desk

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


def test_findings_are_told_by_area_and_row(desk: Desk) -> None:
    desk.ok("classify", STATION, "--size", "small", "--on", "2023-09-01", "--by", COUNTY)
    said = desk.ok(*ASSESS, "--dry-run", lang="zh")
    assert said.startswith("320583100 · 标准所 · 小型 · 2024-06-01\n结论：尚不能确定\n127 项要求 · ")
    assert said.count(" 行 · ") == 6
    assert len(re.findall(r"^  S\d\.\d\.\d+ ", said, re.MULTILINE)) == 58


def test_what_falls_short_comes_first_with_what_it_rests_on(desk: Desk) -> None:
    desk.ok("classify", STATION, "--size", "small", "--on", "2023-09-01", "--by", COUNTY)
    facts = ["--fact", "special_post_staff=1", "--fact", "special_post_staff_diverted=0"]
    desk.ok("report", STATION, *facts, "--on", "2024-06-01", "--by", COUNTY)
    said = desk.ok(*ASSESS, "--dry-run")
    rows = re.findall(r"^  (S1\.\d\.\d+) +(not met|undetermined|to be judged|met) ", said, re.MULTILINE)
    assert rows[0] == ("S1.1.2", "not met")
    assert rows[-1] == ("S1.1.3", "met")
    assert "measured 1; required 2" in said
    assert f"rests on {STATION}@3 (2024-06-01, {COUNTY}): special_post_staff (" in said
    assert "lacks separately_established (" in said
    assert "doubt: This row has two cells" in said


def test_no_window_that_is_told_reaches_before_the_registration(desk: Desk) -> None:
    arguments = ["assess", STATION, "--standard", "standard", "--dry-run", "--all", "--on"]
    early = re.findall(r"window (\S+) to", desk.ok(*arguments, "2022-06-01"))
    assert "2021-01-01" in early
    assert min(early) == "2021-01-01"
    assert min(re.findall(r"window (\S+) to", desk.ok(*arguments, "2025-06-01"))) == "2022-06-02"


def test_offices_that_disagree_and_what_the_station_alone_states_are_named(desk: Desk) -> None:
    desk.ok("classify", STATION, "--size", "medium", "--on", "2023-09-01", "--by", COUNTY)
    desk.ok("report", STATION, "--fact", "special_post_staff=3", "--on", "2024-03-01", "--by", CITY)
    desk.ok("report", STATION, "--fact", "special_post_staff=2", "--on", "2024-03-02", "--by", COUNTY)
    desk.ok("report", STATION, "--fact", "special_post_staff_diverted=0", "--on", "2024-03-02", "--by", STATION)
    said = " ".join(desk.ok(*ASSESS, "--dry-run", "--all").split())
    assert f"stated differently, special_post_staff: {STATION}@3 (2024-03-01, {CITY})" in said
    assert "under the reading default: met; under large-and-medium it would be: not met" in said
    assert "not confirmed by an office above" in said


def test_what_is_folded_is_unfolded_on_request(desk: Desk) -> None:
    desk.ok("classify", STATION, "--size", "small", "--on", "2023-09-01", "--by", COUNTY)
    folded, whole = desk.ok(*ASSESS, "--dry-run"), desk.ok(*ASSESS, "--dry-run", "--all")
    assert "    S2.1.2a does not apply" in whole
    assert "    S2.1.2a" not in folded
    assert "--all" in folded
    assert "--all" not in whole


def test_an_assessment_is_recorded_by_an_office(desk: Desk) -> None:
    said = desk.ok(*ASSESS, "--by", COUNTY)
    assert said.startswith("Recorded as 320583100@2 (position 106)")
    assert "Verdict: undetermined" in said
    assert desk.head() == 106


def test_blanks_about_what_is_assessed_say_nothing(desk: Desk) -> None:
    blank = [f"{each}\u3000" if each in {STATION, "standard"} else each for each in ASSESS]
    assert desk.ok(*blank, "--dry-run") == desk.ok(*ASSESS, "--dry-run")
    assert f"{STATION} " in desk.ok(*blank, "--by", COUNTY)


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


def test_the_days_of_a_window_are_told(desk: Desk) -> None:
    said = desk.ok("assess", STATION, "--standard", "benchmark", "--on", "2024-06-01", "--dry-run")
    assert "window 2021-06-02 to 2024-06-01" in said
