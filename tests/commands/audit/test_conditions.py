"""`dingji conditions`: what is amiss on a date."""

from __future__ import annotations

from desk import COUNTY, STATION, Desk


def test_standing_conditions(storied: Desk) -> None:
    for number, station in enumerate(("320583101", "320583102"), 1):
        storied.ok("classify", station, "--size", "small", "--on", "2023-09-02", "--by", COUNTY, "--id", f"x{number}")
    (low, *_) = storied.json("conditions", "--county", COUNTY)["conditions"]
    assert (low["code"], low["office"]) == ("size-share-low", COUNTY)
    assert "size-share-low" in storied.ok("conditions", lang="zh")
    assert storied.json("conditions", "--on", "2020-01-01")["conditions"] == []


def test_without_the_notice_a_station_is_shown_with_a_warning(audited: Desk) -> None:
    for question in (("station", STATION), ("conditions",), ("why", STATION)):
        done = audited.process(*question, env={"DINGJI_PLUGINS_OFF": "suzhou_2023_143"})
        assert done.returncode == 0
        assert "suzhou-2023-143 is not installed" in done.stderr.decode()
