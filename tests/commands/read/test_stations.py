"""`dingji stations` and `dingji station`."""

from __future__ import annotations

from desk import COUNTY, STATION, Desk


def test_one_station(storied: Desk) -> None:
    answer = storied.json("station", STATION, "--on", "2024-05-01")
    station = answer["station"]
    assert (station["name"], station["level"], station["size"]) == ("玉山镇", "high_standard", "medium")
    assert station["cases"][0]["awaits"] == {"verb": "recommend", "tier": "county", "office": COUNTY, "closed": None}
    said = storied.ok("station", STATION, "--on", "2024-05-01", lang="zh")
    assert "未办结的申报" in said
    assert "推荐 昆山市" in said


def test_all_stations(storied: Desk) -> None:
    assert len(storied.json("stations")["stations"]) == 93
    assert len(storied.json("stations", "--county", COUNTY)["stations"]) == 7
    storied.ok("close", STATION, "--on", "2024-06-01", "--by", COUNTY)
    assert len(storied.json("stations")["stations"]) == 92
    assert len(storied.json("stations", "--closed")["stations"]) == 93
    assert "昆山市" in storied.ok("stations", lang="zh")
    assert storied.ok("stations", "--csv").count("\n") == 93
