"""What is checked of an entry when it is first read, and its checksum."""

from __future__ import annotations

from collections import defaultdict
from hashlib import sha256
from pathlib import Path

import orjson
import pytest

from dingji.events import codec
from dingji.events.row import Row
from dingji_projections.engine.entry_check import EntrySums, ReadStretch, checked
from projections.logs import Book

STATION = "320583100"


@pytest.fixture
def rows(tmp_path: Path) -> list[Row]:
    with Book(tmp_path / "a.ledger") as book:
        book.register(STATION)
        book.add(STATION, "LevelCertified", "2023-09-01", level="standard")
        book.register("320583101")
        return list(book.log.scan())


def read(rows: list[Row]) -> ReadStretch:
    return checked(rows, 0, "", defaultdict(int), defaultdict(int))


def said(rows: list[Row]) -> tuple[int, str, str]:
    end = read(rows).end
    assert end
    return end.position, end.code, end.why


def test_a_sum_is_of_the_frame_that_proofs_are_made_over(rows: list[Row]) -> None:
    sums = [sha256(codec.frame(*row[1:])).digest()[:8] for row in rows]
    assert read(rows).sums == sums
    assert [EntrySums().of(row) for row in rows] == sums


@pytest.mark.parametrize("field", ["document", "note", "recorded_at", "round", "id"])
def test_a_state_is_read_whole_though_no_table_needs_it(rows: list[Row], field: str) -> None:
    first, second, third = rows
    wrong = second._replace(state=orjson.dumps(orjson.loads(second.state) | {field: 7}))
    assert [damage.position for damage in read([first, wrong, third]).unreadable] == [2]


def test_a_log_in_order(rows: list[Row]) -> None:
    stretch = read(rows)
    assert (stretch.position, stretch.unreadable, stretch.end) == (3, [], None)


def test_places_out_of_order(rows: list[Row]) -> None:
    first, second, third = rows
    assert said([first, third]) == (2, "log-inconsistent", "hole")
    assert said([second]) == (1, "log-inconsistent", "hole")
    assert said([first, second._replace(version=3)]) == (2, "log-inconsistent", "version-order")
    assert said([first, second._replace(version=1)]) == (2, "log-inconsistent", "version-order")
    assert said([first, second._replace(topic="LevelSuspended")]) == (2, "unreadable-entry", "unknown-topic")
    assert said([first, second, third._replace(state=first.state.replace(b"2024", b"2023"))])[2] == "time-back"


def test_a_state_that_cannot_be_read_is_passed_over(rows: list[Row]) -> None:
    first, second, third = rows
    for state in (b"{}", second.state.replace(b'"rank":1', b'"rank":1' + b"0" * 30), second.state[:-1]):
        stretch = read([first, second._replace(state=state), third])
        assert [damage.position for damage in stretch.unreadable] == [2]
        assert (stretch.position, stretch.end, stretch.sums[1]) == (3, None, bytes(8))
