"""`dingji lineage`, as an auditor reads it."""

from __future__ import annotations

import pytest

from desk import Desk


@pytest.mark.parametrize(("language", "word"), [("zh", "登记"), ("en", "registered")])
def test_a_station_of_the_demonstration(demo_desk: Desk, language: str, word: str) -> None:
    assert word in demo_desk.ok("lineage", "320583100", lang=language)
    answer = demo_desk.json("lineage", "320583100")
    assert answer["lineage"]["steps"][0]["topic"] == "StationRegistered"


def test_the_station_that_was_closed_names_what_followed(demo_desk: Desk) -> None:
    closed = [row for row in demo_desk.json("stations", "--closed", "--on", "2026-06-30")["stations"] if row["closed"]]
    assert closed
    answer = demo_desk.json("lineage", closed[0]["station"], "--on", "2026-06-30")["lineage"]
    assert answer["steps"][-1]["topic"] == "StationClosed"
    followed = [kin["into"] for kin in answer["successors"]]
    assert followed == answer["steps"][-1]["successors"]
    for station in followed:
        back = demo_desk.json("lineage", station, "--on", "2026-06-30")["lineage"]
        assert [kin["station"] for kin in back["predecessors"]] == [closed[0]["station"]]


def test_an_unknown_station_is_said(demo_desk: Desk) -> None:
    result = demo_desk.run("lineage", "320583999")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("unknown-station")
