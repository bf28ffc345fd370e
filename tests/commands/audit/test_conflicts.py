"""`dingji conflicts`, as an auditor runs it."""

from __future__ import annotations

import csv
import io

import pytest

from desk import COUNTY, STATION, Desk

STAFF = f"{STATION}@39"


@pytest.fixture
def at_odds(demo_desk: Desk) -> Desk:
    """The demonstration, and a station that afterwards states another number of staff than its county."""
    stated = ("--fact", "full_time_staff=9", "--on", "2026-06-12", "--by", STATION)
    demo_desk.ok("report", STATION, *stated)
    return demo_desk


def test_two_offices_that_state_different_staff(at_odds: Desk) -> None:
    before = at_odds.ledger.read_bytes()
    answer = at_odds.json("conflicts")
    (one,) = answer["conflicts"]
    assert (answer["total"], answer["stations"]) == (1, 1)
    assert (one["station"], one["county"], one["fact"], one["seen_by"]) == (STATION, COUNTY, "full_time_staff", [])
    assert [
        (said["office"], said["tier"], said["value"], said["counts"], said["why"]) for said in one["statements"]
    ] == [
        (COUNTY, "county", 11, True, "confirmed"),
        (STATION, "station", 9, False, "unconfirmed"),
    ]
    assert one["statements"][1]["entry"] == STAFF
    assert at_odds.json("conflicts", "--basis", "936")["conflicts"] == []
    assert at_odds.json("conflicts", "--on", "2026-06-11")["total"] == 0
    assert at_odds.ledger.read_bytes() == before


def test_the_same_basis_gives_the_same_bytes(at_odds: Desk) -> None:
    asked = ("conflicts", "--known", "937", "--on", "2026-07-01")
    told = {form: at_odds.ok(*asked, *form) for form in ((), ("--json",), ("--csv",))}
    at_odds.ok("report", STATION, "--fact", "full_time_staff=9", "--on", "2026-06-20", "--by", COUNTY)
    assert at_odds.json("conflicts")["total"] == 0
    assert {form: at_odds.ok(*asked, *form) for form in told} == told


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "zh",
            [
                "为准：经上级确认",
                "经昆山市司法局确认；较晚（2026-06-12）的说法是玉山镇自己报的",
                "不计：未经上级确认",
                "没有评定指出过",
                "共 1 项，涉及 1 个所",
            ],
        ),
        (
            "en",
            [
                "counts: confirmed\n",
                "confirmed by 昆山市司法局; the later word (2026-06-12) is 玉山镇's own",
                "does not: not confirmed",
                "no assessment has",
                "differently: 1 (stations: 1)",
            ],
        ),
    ],
)
def test_a_disagreement_in_words(at_odds: Desk, language: str, words: list[str]) -> None:
    told = at_odds.ok("conflicts", "--county", COUNTY, "--on", "2026-07-01", lang=language)
    for word in (*words, STATION, "full_time_staff", STAFF, "2026-06-12"):
        assert word in told
    assert max(map(len, told.splitlines())) <= 100
    assert STAFF not in at_odds.ok("conflicts", "--county", "320505", lang=language)


def test_an_assessment_that_pointed_it_out_is_named(at_odds: Desk) -> None:
    at_odds.ok("assess", STATION, "--standard", "standard", "--on", "2026-06-13", "--by", COUNTY)
    (one,) = at_odds.json("conflicts")["conflicts"]
    assert one["seen_by"] == [f"{STATION}@40"]
    assert f"pointed out by the assessment {STATION}@40" in at_odds.ok("conflicts")


def test_a_long_value_stands_below_and_a_long_list_is_cut(at_odds: Desk) -> None:
    fields = 'expert_fields=["mediation", "publicity"]'
    at_odds.ok("report", STATION, "--fact", fields, "--on", "2026-06-20", "--by", COUNTY)
    whole = at_odds.ok("conflicts", "--on", "2026-07-01").splitlines()
    assert "  7 of them" in "\n".join(whole)
    assert "Values that end in “…” are cut" in "\n".join(whole)
    assert "are cut" not in at_odds.ok("conflicts", "--on", "2026-06-15")
    assert any(line.startswith("      rule of law, legality review, supervision of law enf") for line in whole)
    told = at_odds.ok("conflicts", "--limit", "1")
    assert "Only 1 of 2" in told
    assert "expert_fields" not in told
    answer = at_odds.json("conflicts", "--limit", "1")
    assert (answer["total"], len(answer["conflicts"])) == (2, 1)


def test_conflicts_as_csv(at_odds: Desk) -> None:
    rows = list(csv.DictReader(io.StringIO(at_odds.ok("conflicts", "--csv"))))
    assert [(row["station"], row["fact"], row["office"], row["value"], row["counts"]) for row in rows] == [
        (STATION, "full_time_staff", COUNTY, "11", "True"),
        (STATION, "full_time_staff", STATION, "9", "False"),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--station", "320583999"], "unknown-station"),
        (["--station", STATION, "--on", "2019-01-01"], "not-registered"),
        (["--county", "320599"], "unknown-office"),
        (["--station", STATION, "--county", COUNTY], "not both"),
        (["--json", "--csv"], "--csv"),
        (["--limit", "0"], "0"),
        (["--known", "1", "--basis", "1"], "--basis"),
    ],
)
def test_a_wrong_question_is_said(demo_desk: Desk, arguments: list[str], said: str) -> None:
    result = demo_desk.run("conflicts", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
