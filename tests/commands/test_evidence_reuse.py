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


def test_before_anything_was_reported_there_is_none(demo_desk: Desk) -> None:
    answer = demo_desk.json("evidence", "reuse", "--on", "2020-01-01")
    assert (answer["total"], answer["papers"]) == (0, [])
