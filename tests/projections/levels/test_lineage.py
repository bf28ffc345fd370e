"""A station's lineage: its steps, those before it, those after it, and its county's office."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from dingji.faults import LedgerError
from dingji_projections.engine.basis import Basis
from dingji_projections.levels.lineage import Lineage, lineage
from projections.logs import CITY, HUQIU, KUNSHAN, Book

A, B, C = "320583100", "320583101", "320583102"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """A is closed into B, and B into C, which another county takes over; the office of the first county is closed."""
    with Book(tmp_path / "a.ledger") as book:
        for county in (KUNSHAN, HUQIU):
            book.add(f"office:{county}", "OfficeEnrolled", "2020-01-01", name="县局", tier="county", parent=CITY)
        for code in (A, B, C):
            book.register(code)
        book.add(A, "StationRenamed", "2021-01-01", name="甲所", serves="street")
        book.add(A, "StationClosed", "2022-01-01", successors=(B,))
        book.add(B, "StationClosed", "2023-01-01", successors=(C,))
        book.add(C, "StationTransferred", "2023-06-01", county=HUQIU)
        book.add(f"office:{KUNSHAN}", "OfficeClosed", "2024-01-01", successor=HUQIU)
        yield book


def of(book: Book, station: str, on: str = "2025-01-01", known: int | None = None) -> Lineage:
    basis = Basis(date.fromisoformat(on), book.log.head() if known is None else known, None)
    return lineage(book.log, station, basis)


def test_the_steps_come_by_date_with_the_end_of_the_county_s_office(book: Book) -> None:
    steps = [(step.topic, step.name, step.county, step.successors) for step in of(book, A).steps]
    assert steps == [
        ("StationRegistered", f"{A}所", KUNSHAN, ()),
        ("StationRenamed", "甲所", None, ()),
        ("StationClosed", None, None, (B,)),
        ("OfficeClosed", None, None, (HUQIU,)),
    ]
    assert [step.topic for step in of(book, A, on="2021-06-01").steps] == ["StationRegistered", "StationRenamed"]


def test_kin_are_followed_in_both_directions(book: Book) -> None:
    assert [(kin.station, kin.into) for kin in of(book, A).successors] == [(A, B), (B, C)]
    assert [(kin.station, kin.into) for kin in of(book, C).predecessors] == [(B, C), (A, B)]
    assert of(book, A).predecessors == of(book, C).successors == ()
    assert of(book, C, on="2022-06-01").predecessors == ()


def test_a_voided_closing_is_none_from_the_void_on(book: Book) -> None:
    known = book.log.head()
    book.add(B, "EntryVoided", "2025-01-01", entry=f"{B}@2", cause="recording-error", reason="x")
    assert [kin.station for kin in of(book, C).predecessors] == []
    assert [kin.station for kin in of(book, C, known=known).predecessors] == [B, A]


def test_a_circle_of_closings_ends(book: Book) -> None:
    book.add(C, "StationClosed", "2024-06-01", successors=(A,))
    assert {kin.station for kin in of(book, A).predecessors} == {A, B, C}


def test_a_station_that_nobody_knows_is_refused(book: Book) -> None:
    with pytest.raises(LedgerError) as refused:
        of(book, "320583999")
    assert refused.value.fault.code == "unknown-station"
