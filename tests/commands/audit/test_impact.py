"""`dingji impact`: what rests on an entry, and what its void would change."""

from __future__ import annotations

import pytest

from desk import CITY, COUNTY, STATION, Desk
from dingji_projections.ask import bounds

ROUND = "2024-promotion"
VOID = ("--cause", "recording-error", "--reason", "录错", "--by", CITY, "--on", "2025-01-05")


def test_what_rests_on_an_application(audited: Desk) -> None:
    answer = audited.json("impact", f"{STATION}@2", "--on", "2024-06-01")
    assert list(answer) == ["basis", "entry", "topic", "on", "voidable", "voided_by", "if_voided", "rests", "holds"]
    assert [one["path"] for one in answer["rests"]["entries"]] == [
        [f"{STATION}@2", f"{STATION}@3"],
        [f"{STATION}@2", f"{STATION}@4"],
    ]
    assert answer["rests"]["topics"] == {"LevelCertified": 1, "RecommendationMade": 1}
    assert (answer["holds"]["count"], answer["holds"]["kinds"]) == (2, {"case": 1, "steps": 1})
    case, steps = answer["holds"]["answers"]
    assert "after" not in case
    assert (case["what"], case["about"]) == ("case", f"benchmark {ROUND}")
    assert [step["verb"] for step in steps["before"][0]["steps"]] == ["apply", "recommend"]
    said = audited.ok("impact", f"{STATION}@2", "--on", "2024-06-01", lang="zh")
    assert "基于它的记录：2 条（认定 1，推荐 1）" in said
    assert "因它而成立的：" in said
    assert f"标杆所 {ROUND}" in said


def test_what_the_void_of_a_certification_would_change(audited: Desk) -> None:
    answer = audited.json("impact", f"{STATION}@4", "--if-voided")
    changed = {
        change["what"]: (change["from"], change["before"], change["after"]) for change in answer["changes"]["answers"]
    }
    assert changed["level"] == ("2024-11-20", "benchmark", "ungraded")
    said = audited.ok("impact", f"{STATION}@4", "--if-voided", lang="zh").splitlines()
    (level,) = (line for line in said if line.startswith("等级 "))
    assert level.split() == ["等级", STATION, "2024-11-20", "-", "标杆所", "未定级"]


def test_the_void_of_a_withdrawal_and_of_an_upholding_is_seen(demo_desk: Desk) -> None:
    said = demo_desk.ok("impact", "320509105@5", "--if-voided", lang="zh")
    assert "申报@4 撤回申报@5；申报@6 推荐@7 认定@14  申报@4 申报@6 推荐@7 认定@14" in said
    said = demo_desk.ok("impact", "320506004@8", "--if-voided")
    assert [line.split() for line in said.splitlines() if line.startswith("upheld")] == [
        ["upheld", "by", "320506004", "2023-12-08", "-", "320506004@8", "-"]
    ]


def test_an_office_that_closes_passes_its_cases_on(audited: Desk) -> None:
    about = ("--level", "benchmark", "--round", ROUND, "--by", "320583101")
    audited.ok("apply", "320583101", *about, "--on", "2024-10-01")
    audited.ok("close-office", COUNTY, "--successor", "320505", "--on", "2024-12-01", "--by", CITY)
    answer = audited.json("impact", f"office:{COUNTY}@2", "--if-voided", "--on", "2025-01-01")
    (moved,) = [change for change in answer["changes"]["answers"] if change["what"] == "case"]
    assert moved["about"] == f"320583101 benchmark {ROUND}"
    assert (moved["before"]["awaits"]["office"], moved["after"]["awaits"]["office"]) == ("320505", COUNTY)
    said = audited.ok("impact", f"office:{COUNTY}@2", "--if-voided", "--on", "2025-01-01", lang="zh")
    (line,) = [line for line in said.splitlines() if line.startswith("申报 ")]
    assert line.split()[1:] == [
        *("320583101", "标杆所", ROUND, "-", "-"),
        *("推荐", "虎丘区", "推荐", "昆山市"),
    ]
    assert "case" not in audited.json("impact", f"office:{COUNTY}@2", "--on", "2024-09-01")["holds"]["kinds"]


def test_a_case_at_the_same_desk_shows_its_date(audited: Desk) -> None:
    about = ("--level", "benchmark", "--round", ROUND, "--on", "2024-10-01", "--by", "320583101")
    audited.ok("apply", "320583101", *about)
    again = audited.receipts("apply", "320583101", *about[:4], "--on", "2024-10-05", *about[6:], "--irregular", "补录")
    said = audited.ok("impact", again[0]["entry"], "--if-voided", "--on", "2025-01-01", lang="zh")
    assert "推荐 昆山市，自 2024-10-05  推荐 昆山市，自 2024-10-01" in said


def test_json_lists_the_first_answers_and_counts_all(demo_desk: Desk) -> None:
    changes = demo_desk.json("impact", "round:2024-promotion@1", "--if-voided")["changes"]
    assert changes["count"] == len(changes["answers"]) == sum(changes["kinds"].values())
    bounds_of = bounds.bounds()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dingji_commands.audit.impact.bounds", lambda: bounds_of._replace(shown=3))
        fewer = demo_desk.json("impact", "round:2024-promotion@1", "--if-voided")["changes"]
    assert fewer == changes | {"answers": changes["answers"][:3]}


def test_an_impact_records_nothing_and_is_the_same_whenever_it_is_asked(audited: Desk) -> None:
    question = ("impact", f"{STATION}@2", "--if-voided", "--basis", "110", "--json")
    head, before = audited.head(), audited.ok(*question)
    digest = audited.ok("rebuild")
    assert audited.head() == head
    audited.ok("void", f"{STATION}@2", *VOID)
    assert audited.ok(*question) == before
    assert audited.ok("rebuild") != digest


def test_a_void_is_foreseen_before_it_is_recorded(audited: Desk) -> None:
    head = audited.head()
    (receipt,) = audited.receipts("void", f" {STATION}@3\u3000", *VOID, "--dry-run")
    assert receipt["status"] == "not-recorded"
    assert [note["code"] for note in receipt["notes"]] == ["grounds-lost"]
    assert [one["entry"] for one in receipt["impact"]["rests"]["entries"]] == [f"{STATION}@4"]
    assert receipt["impact"]["basis"]["known"] == head
    told = [change["after"] for change in receipt["impact"]["changes"]["answers"] if change["what"] == "condition"]
    assert [one["code"] for one in told] == ["ground-lost"]
    said = audited.ok("void", f"{STATION}@3", *VOID, "--dry-run", lang="zh")
    assert said.index("可以录入，未录入") < said.index("基于它的记录：1 条（认定 1）")
    assert audited.head() == head
    real = audited.ok("void", f"{STATION}@3", *VOID)
    assert "dingji conditions" in real
    assert "Entries that rest on it" not in real
    assert "Voided by 320583100@5" in audited.ok("impact", f"{STATION}@3")


def test_a_void_that_is_refused_foresees_nothing(audited: Desk) -> None:
    refused = audited.run("void", f"{STATION}@1", *VOID, "--dry-run")
    assert refused.exit_code == 1
    assert "not-voidable" in refused.stdout
    (receipt,) = audited.receipts("void", "320583199@1", *VOID, "--dry-run")
    assert receipt["status"] == "refused"
    assert "impact" not in receipt


def test_what_nobody_may_void(audited: Desk) -> None:
    said = audited.ok("impact", f"office:{COUNTY}@1", "--if-voided", lang="zh")
    assert "这类记录不能作废" in said
    assert "基于它的记录：" in said
    assert "no answer would be another one" in audited.ok("impact", "320583102@1")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["impact", "320583100@99"], "unknown-entry"),
        (["impact", "nonsense"], "unknown-entry"),
        (["impact", "0320583100@2"], "unknown-entry"),
    ],
)
def test_what_is_asked_wrongly_is_a_wrong_use(audited: Desk, arguments: list[str], code: str) -> None:
    for lang in ("zh", "en"):
        result = audited.run(*arguments, lang=lang)
        assert (result.exit_code, result.stdout) == (2, "")
        assert code in result.stderr
