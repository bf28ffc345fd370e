"""`dingji whynot`, as a clerk reads it: what to do next, in the user's words."""

from __future__ import annotations

import pytest

from desk import Desk

ON = ("--on", "2026-06-30")


def test_a_station_that_may_be_certified(demo_desk: Desk) -> None:
    told = demo_desk.ok("whynot", "320583100", "标杆所", *ON, lang="zh")
    assert told.startswith("320583100 玉山镇（昆山市司法局，大型）　2026-06-30 为标准所；距标杆所：\n")
    assert "各项条件都已具备，2026-06-30 即可由苏州市司法局认定（certify）" in told
    found = demo_desk.json("whynot", "320583100", "benchmark", *ON)["whynot"]
    assert found["faults"] == []
    assert [step["state"] for step in found["steps"]] == ["done"] * 5 + ["next"]


def test_a_station_that_has_the_way_before_it(demo_desk: Desk) -> None:
    told = demo_desk.ok("whynot", "320583101", "benchmark", *ON)
    assert "can be done now: application · 巴城镇" in told
    assert "a certification now would be refused; reasons: 3" in told
    assert "no-application (三)" in told
    assert "(+" in told
    whole = demo_desk.ok("whynot", "320583101", "benchmark", *ON, "--full")
    assert "(+" not in whole
    assert "→ have the assessing office judge it (judge)" in whole


def test_json_has_every_requirement_with_what_it_lacks(demo_desk: Desk) -> None:
    found = demo_desk.json("whynot", "320583101", "benchmark", *ON)["whynot"]
    blocking, other = found["standards"]
    assert (blocking["standard"], blocking["blocking"], other["blocking"]) == ("benchmark", True, False)
    assert len(blocking["short"]) == sum(
        count for outcome, count in blocking["outcomes"].items() if outcome not in {"met", "not_applicable"}
    )
    assert any(one["lacking"] for one in blocking["short"])


def test_who_holds_it_is_told_so(demo_desk: Desk) -> None:
    assert "已是标准所（320583100@29），不低于标准所" in demo_desk.ok("whynot", "320583100", "standard", *ON, lang="zh")
    assert demo_desk.json("whynot", "320583100", "standard", *ON)["whynot"]["holds"]


def test_a_level_is_called_by_any_of_its_names(demo_desk: Desk) -> None:
    told = {name: demo_desk.json("whynot", "320583101", name, *ON) for name in ("benchmark", "标杆所", "Benchmark")}
    assert told["benchmark"] == told["标杆所"] == told["Benchmark"]


def test_a_level_that_is_granted_no_more(demo_desk: Desk) -> None:
    told = demo_desk.ok("whynot", "320506100", "high_standard", *ON, lang="zh")
    assert "通知不再认定高标所；认定的有：标准所，标杆所" in told
    before = demo_desk.ok("whynot", "320506004", "high_standard", "--on", "2022-01-01", lang="zh")
    assert "通知不再认定" not in before
    assert "no-notice-in-force" in before


def test_without_a_round(demo_desk: Desk) -> None:
    told = demo_desk.ok("whynot", "320583101", "benchmark", "--on", "2023-12-01", lang="zh")
    assert "no-round-open（三）" in told
    assert "下一次在 2024 年" in told


def test_the_same_basis_gives_the_same_bytes(demo_desk: Desk) -> None:
    before = demo_desk.ok("whynot", "320583101", "benchmark", "--basis", "700", "--json")
    demo_desk.ok("rename", "320583101", "--on", "2026-06-30", "--by", "320583", "--name", "新名")
    assert demo_desk.ok("whynot", "320583101", "benchmark", "--basis", "700", "--json") == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("320583999", "benchmark"), "unknown-station"),
        (("320583100", "gold"), "there is no level gold"),
        (("320583100", "benchmark", "--on", "2020-01-01"), "not-registered"),
    ],
)
def test_what_there_is_no_way_for(demo_desk: Desk, arguments: tuple[str, ...], told: str) -> None:
    result = demo_desk.run("whynot", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr
