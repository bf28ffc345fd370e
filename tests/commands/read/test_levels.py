"""`dingji levels`: on any date, as known at any moment."""

from __future__ import annotations

import csv
import io

from desk import COUNTY, STATION, Desk
from dingji.store.log import open_log
from projections.logs import place_of_views


def levels(desk: Desk, *arguments: str) -> dict[str, str]:
    return {row["station"]: row["level"] for row in desk.json("levels", *arguments)["levels"]}


def test_levels_as_json(storied: Desk) -> None:
    answer = storied.json("levels", "--on", "2023-12-31", "--county", COUNTY)
    assert list(answer) == ["basis", "levels"]
    assert (answer["basis"]["on"], answer["basis"]["known"]) == ("2023-12-31", 111)
    assert answer["basis"]["recorded_until"].endswith("Z")
    assert answer["levels"][0] == {
        "station": STATION,
        "name": "玉山镇",
        "county": COUNTY,
        "size": "medium",
        "level": "high_standard",
        "since": "2022-05-01",
        "entry": "320583100@2",
    }
    codes = [row["station"] for row in answer["levels"]]
    assert codes == sorted(codes)
    assert len(codes) == 7


def test_levels_on_a_date_as_known_at_a_moment(storied: Desk) -> None:
    assert levels(storied, "--on", "2022-04-30")[STATION] == "ungraded"
    assert levels(storied, "--on", "2022-05-01")[STATION] == "high_standard"
    assert levels(storied, "--on", "2022-05-01", "--known", "105")[STATION] == "ungraded"
    assert levels(storied, "--on", "2190-01-01")[STATION] == "high_standard"
    assert levels(storied, "--known", "2020-12-31") == {}
    assert levels(storied, "--on", "2020-12-31") == {}
    assert len(levels(storied, "--known", "2190-01-01T00:00:00+08:00")) == 93


def test_levels_of_one_level_by_code_or_by_label(storied: Desk) -> None:
    assert levels(storied, "--level", "high_standard") == {STATION: "high_standard"}
    assert levels(storied, "--level", "高标所", "--lang", "zh") == {STATION: "high_standard"}
    assert levels(storied, "--level", "benchmark") == {}


def test_levels_as_a_table_in_the_user_s_language(storied: Desk) -> None:
    said = storied.ok("levels", "--on", "2024-05-01", "--county", COUNTY, lang="zh").splitlines()
    assert said[0].split() == ["编号", "名称", "县级机构", "类型", "等级", "自", "记录"]
    assert said[1].split() == [STATION, "玉山镇", "昆山市", "中型", "高标所", "2022-05-01", "320583100@2"]
    assert "共 7 条。2024-05-01 的情况，按台账所知至第 111 条" in said[-1]
    columns = [line.index("2021-01-01".encode("gbk")) for line in (text.encode("gbk") for text in said[2:8])]
    assert len(set(columns)) == 1


def test_levels_as_csv(storied: Desk) -> None:
    rows = list(csv.DictReader(io.StringIO(storied.ok("levels", "--csv"))))
    assert len(rows) == 93
    assert rows[-1]["level"] == "ungraded"


def test_labels_need_no_plugin(storied: Desk) -> None:
    done = storied.process("levels", "--lang", "zh", env={"DINGJI_PLUGINS_OFF": "suzhou_2023_143"})
    assert "高标所".encode() in done.stdout


def test_views_are_made_again_when_they_are_gone(storied: Desk) -> None:
    before = storied.ok("levels")
    with open_log(storied.ledger, readonly=True) as log:
        place_of_views(log).unlink()
    assert storied.ok("levels") == before
