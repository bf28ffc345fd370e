"""`dingji history`: the entries of one station, and the spans of its level."""

from __future__ import annotations

from desk import Desk


def test_the_history_of_a_station(storied: Desk) -> None:
    answer = storied.json("history", "320583101")
    assert [(entry["entry"], entry["topic"], entry["voided_by"]) for entry in answer["entries"]] == [
        ("320583101@1", "StationRegistered", None),
        ("320583101@2", "SizeClassified", "320583101@3"),
        ("320583101@3", "EntryVoided", None),
    ]
    assert [span["level"] for span in answer["spans"]] == ["ungraded"]
    said = storied.ok("history", "320583101", lang="zh")
    assert "确定类型（已由 320583101@3 作废）" in said
    assert "原因 recording-error；理由 录错" in said
    assert "等级时段" in said


def test_a_history_as_known_earlier(storied: Desk) -> None:
    assert len(storied.json("history", "320583101", "--known", "108")["entries"]) == 2
    assert storied.run("history", "320583101", "--known", "5").exit_code == 2
