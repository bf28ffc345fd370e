"""A nation's history: over any roster, accepted by the rules, marked as simulated, the same every time."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench.national import build as build_module
from bench.national.acts import FIELDS_MAKERS
from bench.national.build import build
from bench.national.data import load_national
from dingji.events.row import Row
from dingji.faults import LedgerError
from dingji.plugins.manager import load_plugins
from dingji.store.log import Log, open_log
from dingji_projections.engine.basis import ZONE

HEADER = "station,name,county,county_name,city"
ENDINGS = ("镇", "街道", "乡", "农场", "街道办事处")
PLACES = 4 * 50
TOPICS_WITHOUT_A_PART = {"ReadingAdopted", "OfficeRenamed", "OfficeClosed"}
"""Offices and readings stay as they are: the story is about stations."""


def roster(rows: int = PLACES) -> str:
    """Return a roster of four counties in two cities, one of which is the top office's own."""
    lines = [HEADER]
    for number in range(rows):
        county = ("110101", "110102", "320583", "320584")[number % 4]
        name = f"{'甲乙丙丁'[number % 4]}{number}号{ENDINGS[number % len(ENDINGS)]}"
        lines.append(f"{county}{number:03d},{name},{county},第{county}县,{county[:4]}")
    return "\n".join([lines[0], *sorted(lines[1:])]) + "\n"


def built(folder: Path) -> Path:
    """Build over the roster, packed, as a file from elsewhere often is."""
    packed = folder / "roster.csv.gz"
    packed.write_bytes(gzip.compress(roster().encode()))
    path = folder / "national.ledger"
    build(path, packed, load_plugins())
    return path


Entries = list[tuple[Row, dict[str, Any]]]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    with open_log(built(tmp_path_factory.mktemp("national")), readonly=True) as log:
        yield log


@pytest.fixture(scope="module")
def entries(log: Log) -> Entries:
    return [(row, json.loads(row.state)) for row in log.scan()]


def test_every_station_has_ten_years_of_history(entries: Entries) -> None:
    stations = Counter(row.stream for row, _ in entries if row.stream.startswith("station:"))
    assert len(stations) == PLACES
    assert 110 < sum(stations.values()) / PLACES < 130
    years = Counter(state["on"][:4] for row, state in entries if row.stream.startswith("station:"))
    assert sorted(years) == [str(year) for year in range(2016, 2027)]


def test_every_kind_of_entry_about_stations_has_a_part(entries: Entries) -> None:
    from dingji.events.events import EVENTS

    assert {row.topic for row, _ in entries} == EVENTS.keys() - TOPICS_WITHOUT_A_PART


def test_every_kind_of_act_is_used() -> None:
    assert FIELDS_MAKERS.keys() | {"rename"} == {campaign.do for campaign in load_national().campaign}


def test_every_note_says_that_it_is_simulated(entries: Entries) -> None:
    assert entries[0][0].topic == "OfficeEnrolled"  # the top office and the notice are real
    assert entries[1][0].topic == "NoticeAdopted"
    assert [row for row, state in entries[2:] if not state["note"].startswith("模拟数据：")] == []
    documents = [state["document"] for _, state in entries[2:] if state.get("document")]
    assert documents
    assert all(document.startswith("模拟文号：") for document in documents)


def test_one_top_office_is_over_every_county(entries: Entries) -> None:
    parents = {row.stream: state.get("parent") for row, state in entries if row.topic == "OfficeEnrolled"}
    assert parents.pop("office:3205") is None
    assert set(parents.values()) == {"3205"}
    assert len(parents) == 4


def test_what_a_station_serves_is_told_by_its_name(entries: Entries) -> None:
    serving = {state["name"]: state["serves"] for row, state in entries if row.topic == "StationRegistered"}
    assert {name[-2:] for name, serves in serving.items() if serves == "street"} == {"街道", "事处"}
    assert any(name.endswith("农场") and serves == "town" for name, serves in serving.items())


def test_decisions_rest_on_assessments_or_say_why_not(entries: Entries) -> None:
    decided = [state for row, state in entries if row.topic in {"LevelCertified", "LevelUpheld", "LevelDowngraded"}]
    on_paper = [state for state in decided if state.get("irregular")]
    proper = [state for state in decided if not state.get("irregular") and state.get("rests_on")]
    assert on_paper
    assert proper
    codes = {fault["code"] for state in decided for fault in state.get("irregularities", ()) if state in proper}
    assert codes == set()


def test_papers_are_late_but_nothing_is_recorded_before_it_happened(entries: Entries) -> None:
    days = [
        (datetime.fromisoformat(state["recorded_at"]).astimezone(ZONE).date() - date.fromisoformat(state["on"])).days
        for row, state in entries
        if row.topic not in {"StationRegistered", "NoticeAdopted"}
    ]
    assert min(days) >= 0
    assert max(days) > 365


def test_two_builds_are_the_same_row_by_row(tmp_path: Path, log: Log) -> None:
    with open_log(built(tmp_path), readonly=True) as again:
        assert list(again.scan()) == list(log.scan())


def test_the_first_stations_of_a_plain_roster(tmp_path: Path) -> None:
    plain = tmp_path / "roster.csv"
    plain.write_text(roster(12), "utf-8")
    build(tmp_path / "few.ledger", plain, load_plugins(), 8)
    with open_log(tmp_path / "few.ledger", readonly=True) as few:
        assert sum(row.topic == "StationRegistered" for row in few.scan()) == 8


def test_an_act_that_the_rules_refuse_leaves_no_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    national = load_national()
    wrong = msgspec.structs.replace(national, round=national.round[1:])  # nobody opens the first review
    monkeypatch.setattr(build_module, "load_national", lambda: wrong)
    with pytest.raises(LedgerError) as refused:
        built(tmp_path)
    assert refused.value.fault.code == "unknown-round"
