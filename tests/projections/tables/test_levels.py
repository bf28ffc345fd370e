"""The list of levels, one station's spans, and its history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import orjson
import pytest

from dingji.faults import Fault, LedgerError
from dingji_commands.terminal.table import json_bytes
from dingji_projections.engine.engine import Views
from dingji_projections.levels.history import history
from dingji_projections.tables.levels import LevelRow, held, level_at, levels, spans
from dingji_projections.tables.views import views_of
from projections.logs import HUQIU, KUNSHAN, Book

A, B, C = "320583100", "320583101", "320505003"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """Three stations; B moves and is renamed; A's certification is voided in the end; C closes."""
    with Book(tmp_path / "a.ledger") as book:
        book.register(B, "2020-01-01", KUNSHAN, "巴城所")
        book.register(A, "2020-01-01", KUNSHAN, "玉山所")
        book.register(C, "2020-06-01", HUQIU, "枫桥所")
        book.add(A, "SizeClassified", "2021-01-01", size="large")
        book.add(A, "LevelCertified", "2023-09-01", level="standard", round="r1", by=KUNSHAN)
        book.add(B, "StationTransferred", "2022-01-01", county=HUQIU)
        book.add(B, "StationRenamed", "2023-01-01", name="新巴城所", serves="street")
        book.add(C, "StationClosed", "2024-01-01")
        book.add(A, "EntryVoided", "2023-09-01", entry=f"{A}@3", cause="recording-error", reason="误录")
        yield book


@pytest.fixture
def views(book: Book) -> Iterator[Views]:
    with views_of(book.log) as views:
        yield views


def brief(rows: list[LevelRow]) -> list[tuple[str, str, str, str | None, str]]:
    return [row[:5] for row in rows]


def test_levels_as_known_now(views: Views) -> None:
    assert brief(levels(views, date(2023, 12, 31), 9)) == [
        (C, "枫桥所", HUQIU, None, "ungraded"),
        (A, "玉山所", KUNSHAN, "large", "ungraded"),
        (B, "新巴城所", HUQIU, None, "ungraded"),
    ]


def test_levels_as_known_before_the_void(views: Views) -> None:
    row = levels(views, date(2023, 9, 1), 8)[1]
    assert orjson.loads(json_bytes(row)) == {
        "station": A,
        "name": "玉山所",
        "county": KUNSHAN,
        "size": "large",
        "level": "standard",
        "since": "2023-09-01",
        "entry": f"{A}@3",
    }
    assert levels(views, date(2023, 8, 31), 8)[1].entry == f"{A}@1"


def test_a_station_is_listed_from_its_registration_to_its_closing(views: Views) -> None:
    def codes(on: date, known: int = 9) -> list[str]:
        return [row.station for row in levels(views, on, known)]

    assert codes(date(2019, 12, 31)) == []
    assert codes(date(2020, 1, 1)) == [A, B]
    assert codes(date(2020, 1, 1), 1) == [B]
    assert codes(date(2020, 1, 1), 0) == []
    assert codes(date(2023, 12, 31)) == [C, A, B]
    assert codes(date(2024, 1, 1)) == [A, B]
    assert codes(date(2024, 1, 1), 7) == [C, A, B]


def test_names_are_those_of_the_date_and_of_what_was_known(views: Views) -> None:
    assert levels(views, date(2022, 12, 31), 9)[-1].name == "巴城所"
    assert levels(views, date(2023, 1, 1), 9)[-1].name == "新巴城所"
    assert levels(views, date(2023, 1, 1), 6)[-1].name == "巴城所"


def test_levels_of_a_county_and_of_a_level(views: Views) -> None:
    assert [row.station for row in levels(views, date(2021, 12, 31), 9, county=KUNSHAN)] == [A, B]
    assert [row.station for row in levels(views, date(2022, 1, 1), 9, county=KUNSHAN)] == [A]
    assert [row.station for row in levels(views, date(2023, 9, 1), 8, level="standard")] == [A]
    assert levels(views, date(2023, 9, 1), 8, county=HUQIU, level="standard") == []


def test_one_station_agrees_with_the_list(views: Views) -> None:
    for known in range(10):
        for on in (date(2019, 1, 1), date(2020, 6, 1), date(2023, 9, 1), date(2024, 1, 1)):
            listed = {row.station: (*row[2:5], *row[5:]) for row in levels(views, on, known)}
            for station in (A, B, C):
                found = level_at(views, station, on, known)
                assert listed.get(station) == (found and (*found[:3], *found[4:]))
            assert held(views, on, known) == {row.station: row.level for row in levels(views, on, known)}


def test_spans(views: Views) -> None:
    assert [(span.start, span.end, span.size, span.level, span.entry) for span in spans(views, A, 8)] == [
        (date(2020, 1, 1), date(2021, 1, 1), None, "ungraded", f"{A}@1"),
        (date(2021, 1, 1), date(2023, 9, 1), "large", "ungraded", f"{A}@1"),
        (date(2023, 9, 1), None, "large", "standard", f"{A}@3"),
    ]
    assert spans(views, C, 9)[-1].end == date(2024, 1, 1)
    assert spans(views, "nobody", 9) == []


def test_history(views: Views) -> None:
    found = history(views, A, 9)
    assert [(entry.entry, entry.topic, entry.voided_by) for entry in found.entries] == [
        (f"{A}@1", "StationRegistered", None),
        (f"{A}@2", "SizeClassified", None),
        (f"{A}@3", "LevelCertified", f"{A}@4"),
        (f"{A}@4", "EntryVoided", None),
    ]
    certified = found.entries[2]
    assert certified.details == {"level": "standard", "rank": 1, "round": "r1"}
    assert (certified.position, certified.by.office) == (5, KUNSHAN)
    told = orjson.loads(json_bytes(found))
    identity = told["basis"].pop("ledger")
    assert len(identity) == 16
    assert told["basis"] == {"on": "2024-01-01", "known": 9, "recorded_until": "2024-01-01T00:00:09.000000Z"}
    assert (told["station"], told["name"]) == (A, "玉山所")
    assert told["spans"] == [
        {
            "from": "2020-01-01",
            "to": "2021-01-01",
            "size": None,
            "county": KUNSHAN,
            "level": "ungraded",
            "since": "2020-01-01",
            "entry": f"{A}@1",
        },
        {
            "from": "2021-01-01",
            "to": None,
            "size": "large",
            "county": KUNSHAN,
            "level": "ungraded",
            "since": "2020-01-01",
            "entry": f"{A}@1",
        },
    ]


def test_history_as_known_before_the_void(views: Views) -> None:
    found = history(views, A, 8)
    assert [entry.voided_by for entry in found.entries] == [None, None, None]
    assert found.spans[-1].level == "standard"


def test_details_give_the_keys_of_what_is_long(book: Book, views: Views) -> None:
    fault = Fault("after-close", field="on", args={"round": "r1"})
    book.add(A, "FactsReported", "2024-01-01", facts={"b": 1, "a": [1, 2]}, tier="county", irregularities=(fault,))
    entry = history(views, A, 10).entries[-1]
    assert entry.details == {"facts": ["a", "b"], "tier": "county"}
    assert entry.irregularities == (fault,)


@pytest.mark.parametrize(("station", "known"), [("nobody", 9), (A, 1), ("", 9)])
def test_history_of_an_unknown_station(views: Views, station: str, known: int) -> None:
    with pytest.raises(LedgerError) as raised:
        history(views, station, known)
    assert raised.value.fault.code == "unknown-station"
