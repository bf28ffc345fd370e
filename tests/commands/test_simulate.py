"""`dingji simulate`, as whoever drafts a standard runs it."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from desk import Desk

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
