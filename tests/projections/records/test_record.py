"""The record of a stream as known at a position, and which entries have lost their ground."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from dingji_projections.records.grounds import lost
from dingji_projections.records.record import Record, record, rests_on
from projections.logs import KUNSHAN, Book

A = "320583100"
STREAM = f"station:{A}"
CASE = {"level": "benchmark", "round": "2024-promotion"}


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """An application, its recommendation, the certification on both, and its lodging."""
    with Book(tmp_path / "a.ledger") as book:
        book.register(A)
        book.add(A, "ApplicationSubmitted", "2024-04-01", **CASE)
        book.add(A, "RecommendationMade", "2024-05-01", tier="county", rests_on=(f"{A}@2",), **CASE)
        book.add(A, "LevelCertified", "2024-11-20", rests_on=(f"{A}@2", f"{A}@3"), **CASE)
        book.add(A, "CertificationLodged", "2024-12-01", certification=f"{A}@4")
        yield book


def void(book: Book, entry: str) -> str:
    return book.add(A, "EntryVoided", "2025-01-05", entry=entry, cause="recording-error", reason="x")


def read(book: Book, known: int | None = None) -> Record:
    return record(book.log, STREAM, book.log.head() if known is None else known)


def test_a_record_marks_what_was_voided_by_the_position_it_is_read_to(book: Book) -> None:
    void(book, f"{A}@3")
    assert [kept.voided_by for kept in read(book).entries] == [None, None, f"{A}@6", None, None, None]
    assert [kept.voided_by for kept in read(book, 5).entries] == [None] * 5
    assert read(book, 0).entries == ()


def test_a_void_of_what_comes_after_it_takes_nothing_away(book: Book) -> None:
    void(book, f"{A}@7")
    book.add(A, "SizeClassified", "2024-02-01", size="large")
    assert all(kept.voided_by is None for kept in read(book).entries)


def test_what_counts_comes_by_date(book: Book) -> None:
    book.add(A, "SizeClassified", "2024-02-01", size="large", by=KUNSHAN)
    void(book, f"{A}@2")
    counting = [kept.version for kept in read(book).counting(date(2024, 11, 20))]
    assert counting == [1, 6, 3, 4]
    assert [kept.version for kept in read(book).counting()] == [1, 6, 3, 4, 5, 7]


def test_an_entry_is_found_by_its_name(book: Book) -> None:
    found = read(book).named(f"{A}@4")
    assert found is not None
    assert (found.version, found.topic) == (4, "LevelCertified")
    assert rests_on(found.event) == (f"{A}@2", f"{A}@3")
    assert read(book).named(f"{A}@9") is None


def test_nothing_is_lost_while_every_ground_counts(book: Book) -> None:
    assert lost(read(book)) == {}


def test_what_rests_on_a_voided_entry_has_lost_its_ground_and_so_has_what_rests_on_that(book: Book) -> None:
    void(book, f"{A}@3")
    assert lost(read(book)) == {f"{A}@4": (f"{A}@3",), f"{A}@5": (f"{A}@3",)}


def test_what_is_voided_itself_is_not_listed_and_hands_on_what_it_had_lost(book: Book) -> None:
    void(book, f"{A}@2")
    void(book, f"{A}@4")
    assert lost(read(book)) == {f"{A}@3": (f"{A}@2",), f"{A}@5": (f"{A}@4", f"{A}@2")}


def test_a_ground_lost_in_another_stream_is_lost_to_all_that_rests_on_its_entry(book: Book) -> None:
    elsewhere = {f"{A}@2": ("round:r@1",)}
    assert lost(read(book), elsewhere) == dict.fromkeys((f"{A}@2", f"{A}@3", f"{A}@4", f"{A}@5"), ("round:r@1",))
    void(book, f"{A}@2")
    assert lost(read(book), elsewhere) == dict.fromkeys((f"{A}@3", f"{A}@4", f"{A}@5"), (f"{A}@2", "round:r@1"))


def test_a_ground_that_the_record_does_not_have_is_gone(book: Book) -> None:
    whole = read(book)
    torn = whole._replace(entries=tuple(kept for kept in whole.entries if kept.version != 3))
    assert lost(torn) == {f"{A}@4": (f"{A}@3",), f"{A}@5": (f"{A}@3",)}
