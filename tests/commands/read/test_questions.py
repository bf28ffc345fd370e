"""Questions: levels on any date as known at any moment, one station's story, the rounds, the raw log."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from desk import CITY, COUNTY, STATION, Desk, classify


@pytest.fixture
def told(desk: Desk) -> Desk:
    """A desk with one station's story: recognised, classified twice, once by mistake."""
    recognise = {"do": "recognise", "station": STATION, "level": "high_standard", "under": "旧文件", "on": "2022-05-01"}
    desk.ok("submit", desk.file("a.jsonl", recognise | {"by": {"office": CITY}}, classify(), classify("320583101")))
    desk.ok(
        "void", "320583101@2", "--cause", "recording-error", "--reason", "录错", "--on", "2024-01-05", "--by", COUNTY
    )
    desk.ok("open-round", "2024-promotion", "--kind", "promotion", "--year", "2024", "--on", "2024-03-01", "--by", CITY)
    desk.ok(
        "apply", STATION, "--level", "benchmark", "--round", "2024-promotion", "--on", "2024-04-01", "--by", STATION
    )
    return desk


def levels(desk: Desk, *arguments: str) -> dict[str, str]:
    return {row["station"]: row["level"] for row in desk.json("levels", *arguments)["levels"]}


def test_levels_as_json(told: Desk) -> None:
    answer = told.json("levels", "--on", "2023-12-31", "--county", COUNTY)
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


def test_levels_on_a_date_as_known_at_a_moment(told: Desk) -> None:
    assert levels(told, "--on", "2022-04-30")[STATION] == "ungraded"
    assert levels(told, "--on", "2022-05-01")[STATION] == "high_standard"
    assert levels(told, "--on", "2022-05-01", "--known", "105")[STATION] == "ungraded"
    assert levels(told, "--on", "2190-01-01")[STATION] == "high_standard"
    assert levels(told, "--known", "2020-12-31") == {}
    assert levels(told, "--on", "2020-12-31") == {}
    assert len(levels(told, "--known", "2190-01-01T00:00:00+08:00")) == 93


def test_levels_of_one_level_by_code_or_by_label(told: Desk) -> None:
    assert levels(told, "--level", "high_standard") == {STATION: "high_standard"}
    assert levels(told, "--level", "高标所", "--lang", "zh") == {STATION: "high_standard"}
    assert levels(told, "--level", "benchmark") == {}


def test_levels_as_a_table_in_the_user_s_language(told: Desk) -> None:
    said = told.ok("levels", "--on", "2024-05-01", "--county", COUNTY, lang="zh").splitlines()
    assert said[0].split() == ["编号", "名称", "县级机构", "类型", "等级", "自", "记录"]
    assert said[1].split() == [STATION, "玉山镇", "昆山市", "中型", "高标所", "2022-05-01", "320583100@2"]
    assert "共 7 条。2024-05-01 的情况，按台账所知至第 111 条" in said[-1]
    columns = [line.index("2021-01-01".encode("gbk")) for line in (text.encode("gbk") for text in said[2:8])]
    assert len(set(columns)) == 1


def test_levels_as_csv(told: Desk) -> None:
    rows = list(csv.DictReader(io.StringIO(told.ok("levels", "--csv"))))
    assert len(rows) == 93
    assert rows[-1]["level"] == "ungraded"


def test_labels_need_no_plugin(told: Desk) -> None:
    done = told.process("levels", "--lang", "zh", env={"DINGJI_PLUGINS_OFF": "suzhou_2023_143"})
    assert "高标所".encode() in done.stdout


def test_the_history_of_a_station(told: Desk) -> None:
    answer = told.json("history", "320583101")
    assert [(entry["entry"], entry["topic"], entry["voided_by"]) for entry in answer["entries"]] == [
        ("320583101@1", "StationRegistered", None),
        ("320583101@2", "SizeClassified", "320583101@3"),
        ("320583101@3", "EntryVoided", None),
    ]
    assert [span["level"] for span in answer["spans"]] == ["ungraded"]
    said = told.ok("history", "320583101", lang="zh")
    assert "确定类型（已由 320583101@3 作废）" in said
    assert "原因 recording-error；理由 录错" in said
    assert "等级时段" in said


def test_a_history_as_known_earlier(told: Desk) -> None:
    assert len(told.json("history", "320583101", "--known", "108")["entries"]) == 2
    assert told.run("history", "320583101", "--known", "5").exit_code == 2


def test_one_station(told: Desk) -> None:
    answer = told.json("station", STATION, "--on", "2024-05-01")
    station = answer["station"]
    assert (station["name"], station["level"], station["size"]) == ("玉山镇", "high_standard", "medium")
    assert station["cases"][0]["awaits"] == {"verb": "recommend", "tier": "county", "office": COUNTY, "closed": None}
    said = told.ok("station", STATION, "--on", "2024-05-01", lang="zh")
    assert "未办结的申报" in said
    assert "推荐 昆山市" in said


def test_all_stations(told: Desk) -> None:
    assert len(told.json("stations")["stations"]) == 93
    assert len(told.json("stations", "--county", COUNTY)["stations"]) == 7
    told.ok("close", STATION, "--on", "2024-06-01", "--by", COUNTY)
    assert len(told.json("stations")["stations"]) == 92
    assert len(told.json("stations", "--closed")["stations"]) == 93
    assert "昆山市" in told.ok("stations", lang="zh")
    assert told.ok("stations", "--csv").count("\n") == 93


def test_rounds(told: Desk) -> None:
    (row,) = told.json("rounds")["rounds"]
    assert (row["round"], row["kind"], row["opened"], row["applications"]) == (
        "2024-promotion",
        "promotion",
        "2024-03-01",
        1,
    )
    assert "等级晋升" in told.ok("rounds", lang="zh")
    assert told.ok("rounds", "--csv").startswith("round,kind,year,")


@pytest.mark.parametrize(
    "question",
    [
        ("lineage", "320583100"),
        ("late", "--station", "320583100"),
        ("cases", "--station", "320583100"),
        ("impact", "320583100@2"),
    ],
)
def test_a_station_is_not_asked_about_before_its_registration(told: Desk, question: tuple[str, ...]) -> None:
    result = told.run(*question, "--on", "2020-12-31")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("not-registered")
    assert told.run(*question, "--on", "2021-01-01").exit_code == 0


def test_standing_conditions(told: Desk) -> None:
    for number, station in enumerate(("320583101", "320583102"), 1):
        told.ok("classify", station, "--size", "small", "--on", "2023-09-02", "--by", COUNTY, "--id", f"x{number}")
    (low, *_) = told.json("conditions", "--county", COUNTY)["conditions"]
    assert (low["code"], low["office"]) == ("size-share-low", COUNTY)
    assert "size-share-low" in told.ok("conditions", lang="zh")
    assert told.json("conditions", "--on", "2020-01-01")["conditions"] == []


def test_the_raw_log(told: Desk) -> None:
    lines = [json.loads(line) for line in told.ok("events", "--json").splitlines()]
    assert [line["position"] for line in lines] == list(range(1, 112))
    assert list(lines[0]) == ["position", "stream", "version", "topic", "recorded_at", "state"]
    assert lines[105]["state"]["level"] == "high_standard"
    assert [line.split()[0] for line in told.ok("events", "--from", "110").splitlines()] == ["110", "111"]
    assert told.ok("events", "--from", "3", "--until", "3").count("\n") == 1
    assert told.ok("events", "--from", "999") == ""


def test_a_rebuild_says_the_digest_that_daily_catching_up_gives(told: Desk) -> None:
    told.ok("levels")
    from dingji.store.log import open_log
    from dingji_projections.tables.views import views_of

    with open_log(told.ledger, readonly=True) as log, views_of(log) as views:
        digest = views.digest()
    assert told.json("rebuild") == {"position": 111, "digest": digest}
    assert digest in told.ok("rebuild", lang="zh")


def test_views_are_made_again_when_they_are_gone(told: Desk) -> None:
    before = told.ok("levels")
    Path(f"{told.ledger}.views").unlink()
    assert told.ok("levels") == before


@pytest.mark.parametrize("command", [["levels"], ["stations"], ["rounds"], ["conditions"], ["station", STATION]])
def test_the_same_basis_gives_the_same_bytes_later_and_on_a_copy(told: Desk, command: list[str]) -> None:
    position = str(told.head())
    forms: tuple[list[str], ...] = ([], ["--json"])
    before = [told.ok(*command, "--basis", position, *form) for form in forms]
    copy = Desk(told.folder / "elsewhere")
    copy.folder.mkdir()
    copy.ledger.write_bytes(told.ledger.read_bytes())
    told.ok("submit", told.file("b.jsonl", classify("320583102"), classify("320583103", on="2021-05-05")))
    told.ok(
        "enrol-office",
        "320599",
        "--name",
        "新区局",
        "--tier",
        "county",
        "--parent",
        CITY,
        "--on",
        "2022-01-01",
        "--by",
        CITY,
    )
    assert [told.ok(*command, "--basis", position, *form) for form in forms] == before
    assert [copy.ok(*command, "--basis", position, *form) for form in forms] == before


def test_a_basis_is_on_the_day_of_its_last_entry_unless_a_date_is_given(told: Desk) -> None:
    recorded = told.json("levels", "--known", "50")["basis"]["recorded_until"]
    answer = told.json("levels", "--basis", "50")["basis"]
    assert answer == {"on": civil_day(recorded), "known": 50, "recorded_until": recorded}
    assert told.json("levels", "--basis", "50", "--on", "2022-01-01")["basis"]["on"] == "2022-01-01"
    assert told.ok("history", STATION, "--basis", "108") == told.ok("history", STATION, "--known", "108")


def civil_day(moment: str) -> str:
    return str(datetime.fromisoformat(moment).astimezone(timezone(timedelta(hours=8))).date())


def test_a_basis_that_is_none_is_a_wrong_use(told: Desk) -> None:
    for wrong in (["--basis", "9999"], ["--basis", "soon"], ["--basis", "3", "--known", "3"]):
        result = told.run("levels", *wrong)
        assert result.exit_code == 2, result.output
        assert "--basis" in result.output
