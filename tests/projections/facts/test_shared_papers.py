"""Papers that serve two stations, or two rounds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from dingji.events.submissions import Evidence
from dingji_projections.engine.basis import Basis
from dingji_projections.facts.shared_papers import shared_papers
from projections.logs import Book

A, B = "320583100", "320583101"
FIRST, SECOND, LONE = ("1" * 64, "2" * 64, "3" * 64)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """One paper for two stations, one for two rounds of one station, and one that serves once."""
    with Book(tmp_path / "a.ledger") as book:
        book.add("round:2023-review", "RoundOpened", "2023-09-01", kind="review", year=2023)
        book.add("round:2023-review", "RoundClosed", "2023-12-31")
        book.add("round:2024-promotion", "RoundOpened", "2024-03-01", kind="promotion", year=2024)
        book.register(A)
        book.register(B)
        report(book, A, "2023-10-01", FIRST, SECOND, LONE)
        report(book, B, "2023-10-02", FIRST)
        report(book, A, "2024-04-01", SECOND)
        yield book


def report(book: Book, station: str, on: str, *digests: str) -> str:
    papers = tuple(Evidence(sha256=digest, name="名册", supports=["staff"]) for digest in digests)
    return book.add(station, "FactsReported", on, facts={"staff": 3}, evidence=papers, tier="county")


def found(book: Book, on: str = "2025-01-01", known: int | None = None) -> dict[str, tuple[tuple[str, ...], ...]]:
    basis = Basis(date.fromisoformat(on), book.log.head() if known is None else known, None)
    return {one.sha256: (one.stations, one.rounds) for one in shared_papers(book.log, basis)}


def test_a_paper_for_two_stations_or_two_rounds_is_found(book: Book) -> None:
    assert found(book) == {
        FIRST: ((A, B), ("2023-review",)),
        SECOND: ((A,), ("2023-review", "2024-promotion")),
    }


def test_what_is_dated_later_or_not_known_yet_does_not_count(book: Book) -> None:
    assert set(found(book, on="2023-12-31")) == {FIRST}
    assert set(found(book, known=book.log.head() - 1)) == {FIRST}
    assert found(book, on="2023-10-01") == {}


def test_what_was_voided_does_not_count(book: Book) -> None:
    known = book.log.head()
    book.add(B, "EntryVoided", "2024-05-01", entry=f"{B}@2", cause="recording-error", reason="x")
    assert set(found(book)) == {SECOND}
    assert set(found(book, known=known)) == {FIRST, SECOND}


def test_the_same_paper_twice_in_one_round_is_no_reuse(book: Book) -> None:
    report(book, A, "2023-10-05", LONE)
    assert LONE not in found(book)
