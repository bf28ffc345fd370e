"""`dingji why`, as an auditor reads it: folded, whole, as JSON, and what it says of what is not there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from msgspec import structs

from desk import Desk
from dingji_commands.terminal.tree import ROWS

VOID = ("--on", "2026-06-30", "--by", "3205", "--cause", "recording-error", "--reason", "录错")
STATION, ON = "320506100", ("--on", "2026-06-30")


def test_a_tree_folded_to_a_screen_and_whole(demo_desk: Desk) -> None:
    folded = demo_desk.ok("why", STATION, *ON, lang="zh").splitlines()
    assert folded[0] == f"{STATION} 甪直镇（吴中区司法局，中型）　2026-06-30 为标准所"
    assert len(folded) <= ROWS
    assert any("（另 " in line for line in folded)
    whole = demo_desk.ok("why", STATION, *ON, "--full", lang="zh")
    assert "（另 " not in whole
    for told in (
        "模拟文号：苏司〔2025〕核字第3号",  # the document
        "符合 · 当日轮次已开启（三） round-not-open",  # a rule with its clause
        "104 项要求：未达到 1，达到 101，不适用 2",
        "B1.3.1d 未达到：法律顾问切实履职",
        "评判 未达到：法律顾问履职不到位",
        "佐证 模拟材料：党建材料汇编",
        "通知由 notice:suzhou-2023-143@1",
    ):
        assert told in whole.replace("\n", ""), told


def test_english(demo_desk: Desk) -> None:
    told = demo_desk.ok("why", STATION, *ON)
    assert told.startswith(f"{STATION} 甪直镇 (吴中区司法局, medium): standard on 2026-06-30\n")
    assert f"without {STATION}@18: benchmark" in told


def test_json_names_every_part(demo_desk: Desk) -> None:
    found = demo_desk.json("why", STATION, *ON)
    assert found["basis"]["on"] == "2026-06-30"
    why = found["why"]
    assert (why["level"], why["since"], why["entry"]) == ("standard", "2025-11-28", f"{STATION}@18")
    assessed = why["decision"]["steps"][0]["assessed"]
    assert len(assessed["catalogue"]) == 64
    assert {owner["distribution"] for owner in assessed["checks"].values()} == {"dingji"}
    papers = {paper["sha256"] for one in assessed["findings"] for fact in one["facts"] for paper in fact["papers"]}
    assert papers
    assert all(len(digest) == 64 for digest in papers)
    assert all(one["supported"] for one in assessed["findings"])


def test_the_same_basis_gives_the_same_bytes_on_a_copy_that_went_on(demo_desk: Desk, tmp_path: Path) -> None:
    before = demo_desk.ok("why", STATION, "--basis", "700", "--json")
    other = Desk(tmp_path / "copy")
    other.folder.mkdir()
    shutil.copy(demo_desk.ledger, other.ledger)
    other.ok(
        "void", f"{STATION}@18", "--on", "2026-06-30", "--by", "3205", "--cause", "recording-error", "--reason", "录错"
    )
    assert other.ok("why", STATION, "--basis", "700", "--json") == before


def test_what_is_amiss_is_said(demo_desk: Desk) -> None:
    demo_desk.ok("void", f"{STATION}@16", *VOID)
    told = demo_desk.ok("why", STATION, lang="zh")
    assert f"【失去依据：{STATION}@16】" in told
    assert "已作废、否则会计入的记录：1 条" in told
    demo_desk.ok("void", f"{STATION}@18", *VOID)
    assert "若计入，则为标准所" in demo_desk.ok("why", STATION, lang="zh").replace("\n", "")
    irregular = demo_desk.ok("why", "320576051", *ON, "--full", lang="zh")
    assert "异常 same-person（三）" in irregular
    assert "不符合（已记录在案） · 推荐与认定不是同一人经办" in irregular.replace("\n", "").replace("│", "").replace(
        "  ", ""
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("320583999",), "unknown-station"),
        (("320583100", "--on", "2020-01-01"), "not-registered"),
        (("320583100", "--basis", "3"), "unknown-station"),
    ],
)
def test_there_is_nothing_to_say_why_of(demo_desk: Desk, arguments: tuple[str, ...], code: str) -> None:
    result = demo_desk.run("why", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(code)


def test_a_closed_station(demo_desk: Desk) -> None:
    closed = next(row for row in demo_desk.json("stations", "--closed", *ON)["stations"] if row["closed"])
    result = demo_desk.run("why", closed["station"], *ON)
    assert result.exit_code == 2
    assert result.stderr.startswith("station-closed")


def test_a_screen_shows_why_a_downgrade_was_made_and_what_a_void_took(demo_desk: Desk) -> None:
    told = demo_desk.ok("why", STATION, *ON, lang="zh")
    assert "B1.3.1d 未达到：法律顾问切实履职" in told  # of 104 requirements the one that fell short
    assert "达到 101，不适用 2　（另 " in told
    demo_desk.ok("void", "320508022@6", *VOID)
    assert "失去依据 · 有县级机构推荐在先（三） no-recommendation" in demo_desk.ok("why", "320508022", *ON, lang="zh")


def test_the_whole_tree_cuts_nothing(demo_desk: Desk) -> None:
    whole = demo_desk.ok("why", STATION, *ON, "--full", lang="zh")
    assert "…" not in whole
    found = demo_desk.json("why", STATION, *ON)["why"]["decision"]["steps"][0]["assessed"]
    assert found["catalogue"] in whole.replace("\n", "").replace("│", "").replace(" ", "")


def test_a_level_recognised_before_the_notice(demo_desk: Desk) -> None:
    told = demo_desk.ok("why", "320583101", "--on", "2023-08-01", lang="zh")
    assert "符合 · 生效日期早于通知施行（二） level-not-granted" in told


def test_a_certification_that_waits_to_be_lodged(demo_desk: Desk) -> None:
    waiting = demo_desk.json("conditions", *ON)["conditions"]
    station = next(one["station"] for one in waiting if one["code"] == "unlodged")
    assert "尚未备案，已 " in demo_desk.ok("why", station, *ON, lang="zh")


def test_titles_of_other_data_are_marked(demo_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from dingji_commands.wording import names as naming

    assert "与当时的数据不同" not in demo_desk.ok("why", STATION, *ON, "--full", lang="zh")
    standard = naming.Names.standard

    def other(self: naming.Names, notice: str, code: str) -> object:
        found = standard(self, notice, code)
        return structs.replace(found, digest="0") if found else None

    monkeypatch.setattr(naming.Names, "standard", other)
    assert "与当时的数据不同" in demo_desk.ok("why", STATION, *ON, "--full", lang="zh")
    monkeypatch.setattr(naming.Names, "standard", lambda *_: None)
    told = demo_desk.ok("why", STATION, *ON, "--full", lang="zh")
    assert "没有安装这一标准，只列编号" in told
    assert "B1.3.1d 未达到\n" in told
