"""What entries rest on in the streams of rounds and notices, and what of it is gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dingji.events.events import AssessmentRecorded
from dingji.terms import Verdict
from dingji_projections.records.grounds import adoption, lost_elsewhere
from dingji_projections.records.record import Record, record
from projections.logs import Book

A = "320583100"
NOTICE = "notice:n"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """A notice adopted at 1 and again at 3, and a reading adopted at 2."""
    with Book(tmp_path / "a.ledger") as book:
        adopt(book)
        book.add(NOTICE, "ReadingAdopted", "2024-01-01", requirement="R1", reading="six")
        adopt(book)
        yield book


def adopt(book: Book) -> str:
    fields: dict[str, Any] = {"notice": "n", "in_force": date(2024, 1, 1), "utc_offset_hours": 8, "digest": "0" * 64}
    return book.add(NOTICE, "NoticeAdopted", "2024-01-01", parts={}, words={}, **fields)


def void(book: Book, entry: str) -> str:
    return book.add(NOTICE, "EntryVoided", "2024-02-01", entry=entry, cause="recording-error", reason="x")


def assessed(book: Book, read_to: int, **readings: str) -> AssessmentRecorded:
    """Record an assessment by the notice as it stood at a position; return it as it is read."""
    fields: dict[str, Any] = {
        "standard": "s",
        "notice": "n",
        "catalogue": "c",
        "verdict": Verdict.REACHED,
        "checks": {},
    }
    fields |= {"findings": (), "serves": "town", "tier": "city", "readings": readings, "read_to": read_to}
    entry = book.add(A, "AssessmentRecorded", "2024-06-01", **fields)
    kept = record(book.log, f"station:{A}", book.log.head()).named(entry)
    assert kept is not None
    assert isinstance(kept.event, AssessmentRecorded)
    return kept.event


def notice(book: Book) -> Record:
    return record(book.log, NOTICE, book.log.head())


def adopted_by(book: Book, read_to: int) -> str | None:
    found = adoption(assessed(book, read_to), notice(book))
    return found.entry if found else None


def gone(book: Book, event: AssessmentRecorded) -> list[str]:
    return [*lost_elsewhere(event, {}, {"n": notice(book)})]


def test_an_assessment_is_made_by_the_last_adoption_that_it_could_know(book: Book) -> None:
    assert [adopted_by(book, position) for position in range(4)] == [None, f"{NOTICE}@1", f"{NOTICE}@1", f"{NOTICE}@3"]
    void(book, f"{NOTICE}@3")
    assert adopted_by(book, 3) == f"{NOTICE}@1"


def test_an_adoption_that_is_voided_or_came_later_is_gone(book: Book) -> None:
    event = assessed(book, 2)
    assert gone(book, event) == []
    void(book, f"{NOTICE}@1")
    assert gone(book, event) == [NOTICE]
    assert [*lost_elsewhere(event, {}, {})] == [NOTICE]


def test_a_reading_that_nobody_adopted_is_gone_unless_it_is_the_default(book: Book) -> None:
    assert gone(book, assessed(book, 3, R1="six", R2="default")) == []
    assert gone(book, assessed(book, 3, R2="six")) == [NOTICE]


def test_a_reading_that_is_voided_is_gone(book: Book) -> None:
    event = assessed(book, 3, R1="six")
    void(book, f"{NOTICE}@2")
    assert gone(book, event) == [f"{NOTICE}@2"]


def test_the_opening_of_a_round_is_gone_when_it_is_voided_or_was_never_there(book: Book) -> None:
    certified = book.add(A, "LevelCertified", "2024-06-01", level="standard", round="r")
    kept = record(book.log, f"station:{A}", book.log.head()).named(certified)
    assert kept is not None

    def lost_now() -> list[str]:
        return [*lost_elsewhere(kept.event, {"r": record(book.log, "round:r", book.log.head())}, {})]

    assert lost_now() == [*lost_elsewhere(kept.event, {}, {})] == ["round:r"]
    opened = book.add("round:r", "RoundOpened", "2024-01-01", kind="promotion", year=2024)
    assert lost_now() == []
    book.add("round:r", "EntryVoided", "2024-02-01", entry=opened, cause="recording-error", reason="x")
    assert lost_now() == [opened]
