"""`dingji simulate`, as whoever drafts a standard runs it."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from desk import Desk
from terminals import terminal

ON = "2026-06-30"


def draft(folder: Path) -> str:
    text = resources.files("dingji_plugins.suzhou_2023_143").joinpath("standard.toml").read_text("utf-8")
    stricter = text.replace("large = 10, medium = 6, small = 4", "large = 12, medium = 9, small = 9")
    assert stricter != text
    path = folder / "draft.toml"
    path.write_text(stricter, "utf-8")
    return str(path)


def test_a_draft_of_the_standard_is_tried_on_all_stations(demo_desk: Desk) -> None:
    before = demo_desk.ledger.read_bytes()
    answer = demo_desk.json("simulate", draft(demo_desk.folder), "--on", ON)
    assert answer["standards"] == ["standard"]
    assert answer["before"] == "installed"
    assert sum(answer["summary"].values()) == len(answer["stations"]) == 92
    losing = [one for one in answer["stations"] if one["change"] == "loses"]
    assert len(losing) == answer["summary"]["loses"] > 0
    assert all(one["to"] == "ungraded" and one["short"] for one in losing)
    assert list(answer["lacking"].values()) == sorted(answer["lacking"].values(), reverse=True)
    assert demo_desk.ledger.read_bytes() == before


@pytest.mark.parametrize(("language", "word"), [("zh", "会失去"), ("en", "Would lose")])
def test_it_is_told_in_words(demo_desk: Desk, language: str, word: str) -> None:
    told = demo_desk.ok("simulate", draft(demo_desk.folder), "--on", ON, "--county", "320583", lang=language)
    assert word in told
    assert "320583100" in told
    assert "320505001" not in told


def test_what_is_installed_of_a_plugin(demo_desk: Desk) -> None:
    answer = demo_desk.json("simulate", "--plugin", "dingji", "--on", ON, "--county", "320583")
    assert set(answer["standards"]) == {"benchmark", "standard"}
    assert answer["before"] == "recorded"


def test_a_wrong_question_is_said(demo_desk: Desk) -> None:
    bad = demo_desk.folder / "bad.toml"
    bad.write_text('standard = "standard"\nnonsense = 1\n', "utf-8")
    head = demo_desk.head()
    for arguments, code in (
        ([], "--plugin"),
        ([str(bad), "--plugin", "dingji"], "--plugin"),
        ([str(bad)], "bad-catalogue"),
        (["nothing.toml"], "unreadable-file"),
        (["--plugin", "nobody"], "unknown-plugin"),
        ([str(bad), "--county", "999999"], "unknown-office"),
    ):
        result = demo_desk.run("simulate", *arguments)
        assert (result.exit_code, result.stdout) == (2, ""), arguments
        assert code in result.stderr
    assert "nonsense" in demo_desk.run("simulate", str(bad)).stderr
    assert demo_desk.head() == head


DRAFT = """standard = "standard"
attachment = 2
title = { zh = "草案", en = "A draft" }
[[area]]
id = "A"
title = { zh = "主项", en = "Area" }
[[criterion]]
id = "C"
area = "A"
title = { zh = "分项", en = "Criterion" }
[[indicator]]
id = "R"
row = 1
criterion = "C"
title = { zh = "指标", en = "Indicator" }
[[requirement]]
id = "R1"
indicator = "R"
cells = [1]
title = { zh = "人员", en = "Staff" }
text = { zh = "人员不少于五名。", en = "At least five staff." }
sizes = ["large", "medium", "huge"]
check = "at_lest"
parameters = { fact = "full_time_stuff", minimum = 5 }
"""
ERRORS = {
    "zh": [
        "R1.sizes: 通知没有类型“huge”",
        "R1.check: 没有检查“at_lest”（相近：at_least、sum_at_least、at_most）",
        "R1.parameters: 事实字典里没有“full_time_stuff”（相近：full_time_staff）",
    ],
    "en": [
        "R1.sizes: the notice has no size huge",
        "R1.check: there is no check at_lest (near: at_least, sum_at_least, at_most)",
        "R1.parameters: the dictionary of facts has no full_time_stuff (near: full_time_staff)",
    ],
}


@pytest.mark.parametrize("language", ERRORS)
def test_each_error_of_a_draft_stands_in_a_line_of_its_own(demo_desk: Desk, language: str) -> None:
    bad = demo_desk.folder / "bad.toml"
    bad.write_text(DRAFT, "utf-8")
    first, *lines, hint = demo_desk.run("simulate", str(bad), lang=language).stderr.splitlines()
    assert first.startswith("bad-catalogue")
    assert "bad.toml" in first
    assert lines == [f"  {error}" for error in ERRORS[language]]
    assert hint.startswith("→ ")


def test_on_a_terminal_they_are_broken_between_words(demo_desk: Desk) -> None:
    bad = demo_desk.folder / "bad.toml"
    bad.write_text(DRAFT, "utf-8")
    with terminal(demo_desk, "simulate", str(bad), columns=60) as screen:
        assert screen.ended() == 2
        lines = screen.lines()
    assert max(map(len, lines)) <= 60
    assert [line for line in lines if re.match(r"  \S", line)] == [
        "  R1.sizes: the notice has no size huge",
        "  R1.check: there is no check at_lest (near: at_least,",
        "  R1.parameters: the dictionary of facts has no",
    ]
    assert sum(line.startswith("    ") for line in lines) == 2


def test_what_is_no_toml_is_said_once(demo_desk: Desk) -> None:
    bad = demo_desk.folder / "bad"
    bad.write_text("root:x:0\n", "utf-8")
    said = demo_desk.run("simulate", str(bad)).stderr
    assert said.startswith("bad-catalogue: the data of a standard or of the facts are wrong (bad):\n  not readable as")


def test_a_draft_without_its_code_is_told_all_else_that_is_wrong(demo_desk: Desk) -> None:
    bad = demo_desk.folder / "nameless.toml"
    bad.write_text('[[requirement]]\nid = "x"\ncheck = "at_lest"\n[[area]]\nid = "A"\n', "utf-8")
    result = demo_desk.run("simulate", str(bad))
    assert result.exit_code == 2
    for told in ("standard: the key is missing", "x.indicator: the key is missing", "A.title: the key is missing"):
        assert told in result.stderr
