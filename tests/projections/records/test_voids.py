"""What a void takes away is the same whoever reads it: the record, the tables, and the passes over the whole log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from dingji.events.submissions import Evidence
from dingji.terms import voided_version
from dingji_projections.audit.submitted import acts_of
from dingji_projections.engine.basis import Basis
from dingji_projections.facts.shared_papers import shared_papers
from dingji_projections.records.record import record
from dingji_projections.records.voids import void_at
from dingji_projections.tables.names import names
from dingji_projections.tables.views import views_of
from projections.logs import KUNSHAN, Book

A, B = "320583100", "320583101"
PAPER = (Evidence(sha256="a" * 64, name="x", supports=["b"]),)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """Two stations, each renamed, which then hand in the same paper."""
    with Book(tmp_path / "a.ledger") as book:
        for station in (A, B):
            book.register(station)
            book.add(station, "StationRenamed", "2024-01-01", name="新名")
            book.add(station, "FactsReported", "2024-01-02", facts={}, evidence=PAPER, tier="county")
        yield book


def void(book: Book, stream: str, entry: str) -> str:
    return book.add(stream, "EntryVoided", "2024-02-01", entry=entry, cause="x", reason="x")


@pytest.mark.parametrize(
    ("named", "version"),
    [(f"{A}@2", 2), (f"station:{A}@2", 2), (f"{A}@5", 0), (f"{A}@6", 0), (f"{B}@2", 0), ("x", 0), (None, 0)],
)
def test_a_void_takes_away_an_earlier_entry_of_its_own_stream(named: str | None, version: int) -> None:
    assert voided_version(f"station:{A}", 5, named) == version


@pytest.mark.parametrize("entry", [f"{B}@2", f"{B}@3", f"{A}@9"])
def test_a_void_of_what_is_not_its_own_takes_nothing_away_for_anybody(book: Book, entry: str) -> None:
    void(book, A, entry)
    known = book.log.head()
    basis = Basis(date(2024, 3, 1), known, None)
    for station in (A, B):
        assert all(kept.voided_by is None for kept in record(book.log, f"station:{station}", known).entries)
    with views_of(book.log) as views:
        assert [[each.name for each in names(views, code, known)] for code in (A, B)] == [
            [f"{code}所", "新名"] for code in (A, B)
        ]
    found = acts_of(book.log, basis, (None, None), 100, lambda done, total: None)
    assert all(each.voided_by is None for each in found.entries)
    assert [one.stations for one in shared_papers(book.log, basis)] == [(A, B)]


def test_of_two_voids_of_one_entry_the_first_counts(book: Book) -> None:
    first = void(book, A, f"{A}@2")
    between = book.log.head()
    void(book, A, f"{A}@2")
    known = book.log.head()
    assert record(book.log, f"station:{A}", known).entries[1].voided_by == first
    with views_of(book.log) as views:
        assert [each.name for each in names(views, A, between)] == [f"{A}所"]
        (until,) = views.query("SELECT known_to FROM names WHERE station=? AND version=2", (A,), known)
    assert void_at(book.log, until[0], known) == first
    assert void_at(book.log, until[0], until[0] - 1) is None
    found = acts_of(book.log, Basis(date(2024, 3, 1), known, None), (None, None), 100, lambda done, total: None)
    assert {each.entry: each.voided_by for each in found.entries}[f"{A}@2"] == first


def test_an_entry_by_another_office_is_voided_like_any_other(book: Book) -> None:
    gone = void(book, B, book.add(B, "StationRenamed", "2024-01-03", name="又名", by=KUNSHAN))
    kept = record(book.log, f"station:{B}", book.log.head())
    assert [kept.named(gone)] == [kept.void_of(each) for each in kept.entries if each.voided_by]
