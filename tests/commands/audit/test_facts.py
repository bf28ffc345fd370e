"""`dingji facts … --history` and `--swings`, as an auditor runs them; the dictionary is in author/test_facts.py."""

from __future__ import annotations

import json

import pytest

from desk import COUNTY, STATION, Desk

STAFF = "full_time_staff"


def test_every_value_of_one_fact(demo_desk: Desk) -> None:
    before = demo_desk.ledger.read_bytes()
    answer = demo_desk.json("facts", STATION, STAFF, "--history", "--basis", "936")
    assert list(answer) == ["basis", "station", "name", "facts"]
    assert answer["basis"]["on"] == "2026-06-30"
    (one,) = answer["facts"]
    assert (one["fact"], one["state"], one["in_force"]) == (STAFF, "in_force", f"{STATION}@32")
    assert [(each["on"], each["office"], each["value"], each["standing"]) for each in one["entries"]] == [
        ("2023-10-12", STATION, 12, "unconfirmed"),
        ("2023-11-13", COUNTY, 8, "superseded"),
        ("2024-09-12", COUNTY, 17, "superseded"),
        ("2025-09-11", COUNTY, 10, "superseded"),
        ("2026-06-11", COUNTY, 11, "in_force"),
    ]
    assert all(each["person"] and each["recorded_at"] and each["states"] for each in one["entries"])
    assert [len(each["evidence"]) for each in one["entries"]] == [0, 1, 1, 1, 1]
    assert demo_desk.ledger.read_bytes() == before


def test_all_facts_of_a_station_as_known_before(demo_desk: Desk) -> None:
    asked = ("facts", STATION, "--history", "--on", "2024-12-31", "--known", "700")
    facts = {one["fact"]: one for one in demo_desk.json(*asked)["facts"]}
    assert len(facts) > 100
    assert facts[STAFF]["in_force"] == f"{STATION}@16"
    told = demo_desk.ok(*asked)
    assert all(key in told for key in facts)
    demo_desk.ok("report", STATION, "--fact", f"{STAFF}=3", "--on", "2024-10-01", "--by", COUNTY)
    assert demo_desk.ok(*asked) == told
    assert facts[STAFF] != demo_desk.json("facts", STATION, STAFF, "--history")["facts"][0]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ["玉山镇", "未经上级确认", "已被取代", "有效", "佐证 模拟材料", "已由 320583100@40 作废", "日期在后"]),
        ("en", ["玉山镇", "not confirmed", "superseded", "in force", "evidence 模拟材料", "voided by", "dated later"]),
    ],
)
def test_a_history_in_words(demo_desk: Desk, language: str, words: list[str]) -> None:
    demo_desk.ok("report", STATION, "--fact", f"{STAFF}=99", "--on", "2026-06-20", "--by", COUNTY)
    demo_desk.ok(
        *("void", f"{STATION}@39", "--cause", "recording-error", "--reason", "x", "--on", "2026-06-21", "--by", COUNTY)
    )
    told = demo_desk.ok("facts", STATION, STAFF, "--history", "--on", "2026-01-01", lang=language)
    for word in (*words, "2023-10-12", f"{STATION}@5", "320583-03"):
        assert word in told
    assert max(map(len, told.splitlines())) <= 100


def test_a_fact_that_nobody_stated(demo_desk: Desk) -> None:
    known = ("--history", "--known", "100")
    assert demo_desk.json("facts", STATION, STAFF, *known)["facts"] == [
        {"fact": STAFF, "state": "missing", "in_force": None, "entries": []},
    ]
    told = demo_desk.ok("facts", STATION, STAFF, *known)
    assert f"{STAFF} (" in told
    assert "not reported" in told


@pytest.mark.parametrize(("language", "cut"), [("zh", "未列 {} 个"), ("en", "Left out: {};")])
def test_of_many_values_the_last_ones(demo_desk: Desk, language: str, cut: str) -> None:
    asked = ("facts", STATION, "--history", "--on", "2026-06-30")
    facts = demo_desk.json(*asked)["facts"]
    assert demo_desk.json(*asked, "--limit", "1")["facts"] == facts
    kept = {
        (one["fact"], each["entry"])
        for one in facts
        for place, each in enumerate(reversed(one["entries"]))
        if place == 0 or each["standing"] == "in_force"
    }
    whole = demo_desk.ok(*asked, lang=language)
    told = demo_desk.ok(*asked, "--limit", "1", lang=language)
    rows = [line for line in told.splitlines() if f" {STATION}@" in line]
    assert len(rows) == len(kept)
    total = sum(len(one["entries"]) for one in facts)
    assert cut.format(total - len(kept)) in told
    assert cut.format(0) not in whole
    assert "--limit" not in whole
    assert told.splitlines()[-1] == whole.splitlines()[-1]
    assert "“…”" in told


def test_one_fact_with_room_for_all_its_values(demo_desk: Desk) -> None:
    asked = ("facts", STATION, STAFF, "--history", "--on", "2026-06-30")
    assert demo_desk.ok(*asked, "--limit", "5") == demo_desk.ok(*asked)
    cut = demo_desk.ok(*asked, "--limit", "2")
    assert f"{STATION}@32" in cut
    assert f"{STATION}@5" not in cut
    earlier = demo_desk.ok("facts", STATION, STAFF, "--history", "--on", "2024-10-01", "--limit", "1")
    assert [line.rsplit("  ")[-1] for line in earlier.splitlines() if f" {STATION}@" in line] == [
        *("in force", "dated later"),
    ]


@pytest.fixture
def lent(demo_desk: Desk) -> Desk:
    """The demonstration, with staff lent to a station for an assessment in June 2026."""
    for number, on in ((12, "2026-06-20"), (19, "2026-06-21")):
        demo_desk.ok("report", STATION, "--fact", f"{STAFF}={number}", "--on", on, "--by", COUNTY)
    demo_desk.ok("assess", STATION, "--standard", "standard", "--on", "2026-06-22", "--by", COUNTY)
    demo_desk.ok("report", STATION, "--fact", f"{STAFF}=12", "--on", "2026-06-29", "--by", COUNTY)
    return demo_desk


def test_staff_that_was_lent_for_an_assessment(lent: Desk) -> None:
    asked = ("facts", STATION, STAFF, "--swings", "--months", "1")
    answer = lent.json(*asked)
    (one,) = answer["swings"]
    assert (answer["months"], answer["total"], answer["assessments"]) == (1, 1, 1)
    assert (one["fact"], one["assessment"], one["standard"]) == (STAFF, f"{STATION}@41", "standard")
    assert [(one[when]["value"], one[when]["entry"]) for when in ("before", "at", "after")] == [
        *((12, f"{STATION}@39"), (19, f"{STATION}@40"), (12, f"{STATION}@42")),
    ]
    assert "S3.1.3" in one["requirements"]
    assert lent.json(*asked, "--on", "2026-06-28")["total"] == 0
    assert lent.json(*asked, "--known", "939")["total"] == 0
    assert lent.json("facts", STAFF, "--swings", "--months", "1")["swings"] == [one]
    county = lent.json("facts", "--swings", "--county", COUNTY, "--months", "1")
    assert one in county["swings"]
    assert lent.json("facts", "--swings", "--county", "320505", "--months", "1")["total"] == 0


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ["评定 320583100@41：2026-06-22，标准所，昆山市司法局", "之前", "评定时", "之后", "共 1 项"]),
        ("en", ["assessment 320583100@41: 2026-06-22, standard", "before", "assessed", "after", "a number of ours"]),
    ],
)
def test_a_swing_in_words(lent: Desk, language: str, words: list[str]) -> None:
    told = lent.ok("facts", STATION, STAFF, "--swings", "--months", "1", lang=language)
    for word in (*words, f"{STATION}@40", "S3.1.3"):
        assert word in told
    cut = lent.ok("facts", STATION, "--swings", "--months", "13", "--limit", "1", lang=language)
    assert "--limit" in cut


def test_within_a_year_unless_told_otherwise(lent: Desk) -> None:
    year = lent.json("facts", "--swings")
    assert year["months"] == 12
    assert year["total"] == lent.json("facts", "--swings", "--months", "12")["total"]
    assert 1 < year["total"] < lent.json("facts", "--swings", "--months", "13")["total"]
    stations = [(one["station"], int(one["assessment"].partition("@")[2])) for one in year["swings"]]
    assert stations == sorted(stations)


def test_the_same_basis_gives_the_same_bytes(lent: Desk) -> None:
    asked = ("facts", STATION, "--swings", "--known", "940", "--on", "2026-06-30")
    before = [lent.ok(*asked), lent.ok(*asked, "--json")]
    lent.ok("report", STATION, "--fact", f"{STAFF}=2", "--on", "2026-06-25", "--by", COUNTY)
    assert [lent.ok(*asked), lent.ok(*asked, "--json")] == before


def test_without_either_the_dictionary_is_shown_as_before(demo_desk: Desk) -> None:
    (fact,) = json.loads(demo_desk.ok("facts", STAFF, "--json", "--notice", "suzhou-2023-143"))["facts"]
    assert fact["key"] == STAFF
    assert demo_desk.ok("facts", STAFF).startswith(f"  {STAFF}")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--history"], "Name a station"),
        ([STATION, "--history", "--swings"], "not both"),
        ([STAFF, STAFF], "--history or --swings"),
        ([STAFF, "--on", "2024-01-01"], "--history or --swings"),
        (["--basis", "900"], "--history or --swings"),
        (["--county", COUNTY], "--history or --swings"),
        ([STATION, "--history", "--notice", "suzhou-2023-143"], "--notice"),
        ([STATION, "--history", "--county", COUNTY], "go with --swings"),
        ([STATION, "--history", "--months", "3"], "go with --swings"),
        ([STATION, "--swings", "--county", COUNTY], "not both"),
        (["--swings", "--months", "0"], "0"),
        (["--swings", "--known", "1", "--basis", "1"], "--basis"),
        (["320583999", "--history"], "is it 320583108"),
        (["320583999", "--swings"], "unknown-station"),
        (["--swings", "--county", "320599"], "unknown-office"),
        ([STAFF, "--history"], f"→ Name a station before it: dingji facts STATION {STAFF} --history."),
        ([STAFF, STATION, "--swings"], "fact-for-station"),
        (["nope", "--swings"], "no-station-or-fact: station: nope is neither"),
        (["full_time_staf", "--history"], "is it full_time_staff?"),
        ([STATION], "of a station, add --history or --swings"),
        ([STAFF, "--limit", "3"], "--history or --swings"),
        ([STATION, "full_time_staf", "--history"], "is it full_time_staff?"),
        ([STATION, "full_time_staf", "--swings"], "is it full_time_staff?"),
        ([STATION, "--history", "--on", "2020-01-01"], "not-registered"),
        ([STATION, "--swings", "--on", "2020-01-01"], "not-registered"),
    ],
)
def test_a_wrong_question_is_said(demo_desk: Desk, arguments: list[str], said: str) -> None:
    result = demo_desk.run("facts", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
