"""`dingji evidence reuse`, as an auditor reads it."""

from __future__ import annotations

import pytest

from desk import Desk


@pytest.mark.parametrize(("language", "word"), [("zh", "材料"), ("en", "Paper")])
def test_papers_of_the_demonstration_that_serve_twice(demo_desk: Desk, language: str, word: str) -> None:
    told = demo_desk.ok("evidence", "reuse", lang=language)
    answer = demo_desk.json("evidence", "reuse", "--limit", "2")
    assert word in told
    assert answer["total"] > 2 == len(answer["papers"])
    assert all(len(paper["stations"]) > 1 or len(paper["rounds"]) > 1 for paper in answer["papers"])
    assert answer["papers"][0]["sha256"][:12] in told
    assert str(answer["total"]) in told


def test_the_entries_are_named_below_their_paper(demo_desk: Desk) -> None:
    answer = demo_desk.json("evidence", "reuse")
    told = demo_desk.ok("evidence", "reuse")
    words = " ".join(told.split())
    for paper in answer["papers"]:
        entries = [use["entry"] for use in paper["uses"]]
        more = f", and {len(entries) - 12} more (see --json)" if len(entries) > 12 else ""
        assert f"entries: {', '.join(entries[:12])}{more}" in words
    assert any(len(paper["uses"]) > 3 for paper in answer["papers"])


def test_of_very_many_entries_the_first(demo_desk: Desk) -> None:
    paper = demo_desk.folder / "shared.txt"
    paper.write_text("one for all", "utf-8")
    stations = [one["station"] for one in demo_desk.json("levels", "--county", "320581")["levels"]]
    for station in stations:
        given = ("--supports", "full_time_staff", "--on", "2026-06-12", "--by", "320581")
        demo_desk.ok("evidence", "add", str(paper), "--station", station, *given)
    told = " ".join(demo_desk.ok("evidence", "reuse", "--limit", "1").split())
    assert len(stations) == 14
    assert "and 2 more (see --json)" in told
    assert told.count("32058") == 12


def test_before_anything_was_reported_there_is_none(demo_desk: Desk) -> None:
    answer = demo_desk.json("evidence", "reuse", "--on", "2020-01-01")
    assert (answer["total"], answer["papers"]) == (0, [])
