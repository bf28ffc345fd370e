"""What came late, and what an office or a person did, against a naive reading of the log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dingji.faults import LedgerError
from dingji.store.log import Log
from dingji.terms import entry_name
from dingji_projections.ask.lookups import check_office, check_station, check_submitter, streams_of
from dingji_projections.audit.submitted import LateLimit, acts_of, late
from dingji_projections.engine.basis import Basis
from dingji_projections.tables.views import views_of
from projections.logs import CITY, HUQIU, KUNSHAN, Book, Move, moves

A, B = "320583100", "320505003"
DAY = date(2024, 1, 1)


def quiet(done: int, total: int) -> None:
    assert 0 <= done <= total


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with Book(tmp_path / "a.ledger") as book:
        book.add(f"office:{KUNSHAN}", "OfficeEnrolled", "2020-01-01", name="昆山", tier="county", parent=CITY)
        book.register(A, "2020-01-01", KUNSHAN)
        book.register(B, "2020-01-01", HUQIU)
        book.add(A, "SizeClassified", "2023-12-02", size="large", by=KUNSHAN)
        book.add(A, "EntryVoided", "2024-01-01", entry=f"{A}@2", cause="recording-error", reason="x", by=KUNSHAN)
        book.add(A, "ApplicationSubmitted", "2024-01-01", level="benchmark", round="r1", by=A)
        book.add("round:r1", "RoundOpened", "2024-01-01", kind="promotion", year=2024)
        yield book


def at(log: Log, on: date = date(2024, 2, 1), known: int | None = None) -> Basis:
    return Basis(on, log.head() if known is None else known, None)


def test_the_latest_come_first_and_voids_are_marked(book: Book) -> None:
    found = late(book.log, at(book.log), None, LateLimit(29, 10), quiet)
    assert [(each.entry, each.days) for each in found.entries] == [
        (f"office:{KUNSHAN}@1", 1461),
        (f"{A}@1", 1461),
        (f"{B}@1", 1461),
        (f"{A}@2", 30),
    ]
    assert found.entries[-1].voided_by == f"{A}@3"
    assert late(book.log, at(book.log), None, LateLimit(30, 10), quiet).total == 3
    earlier = late(book.log, at(book.log, known=4), None, LateLimit(29, 10), quiet)
    assert earlier.entries[-1].voided_by is None
    assert late(book.log, at(book.log, date(2020, 1, 1)), None, LateLimit(0, 10), quiet).total == 3


def test_days_are_those_of_the_ledger_s_zone(book: Book) -> None:
    book.now = datetime.fromisoformat("2024-03-09T15:59:58+00:00")
    book.add(A, "LevelUpheld", "2024-03-09", level="ungraded", reason="x")
    book.add(A, "LevelUpheld", "2024-03-09", level="ungraded", reason="x")
    entries = acts_of(book.log, at(book.log, date(2024, 3, 9)), (CITY, None), 2, quiet).entries
    assert [each.days for each in entries] == [0, 1]


def test_one_station_and_one_county(book: Book) -> None:
    with views_of(book.log) as views:

        def entries(**which: str) -> list[str]:
            streams = streams_of(views, at(book.log), **which)
            return [each.entry for each in late(book.log, at(book.log), streams, LateLimit(0, 10), quiet).entries]

        assert entries(station=B) == [f"{B}@1"]
        assert entries(county=KUNSHAN) == [f"office:{KUNSHAN}@1", f"{A}@1", f"{A}@2"]


def test_who_did_what(book: Book) -> None:
    found = acts_of(book.log, at(book.log), (KUNSHAN, None), 10, quiet)
    assert [each.entry for each in found.entries] == [f"{A}@2", f"{A}@3"]
    last = acts_of(book.log, at(book.log), (KUNSHAN, None), 1, quiet)
    assert (last.total, [each.entry for each in last.entries]) == (2, [f"{A}@3"])
    assert [each.entry for each in acts_of(book.log, at(book.log), (A, None), 10, quiet).entries] == [f"{A}@4"]
    assert acts_of(book.log, at(book.log), (None, "nobody"), 10, quiet).total == 0


@settings(max_examples=30, deadline=None)
@given(st.lists(moves(2), min_size=1, max_size=25), st.integers(-2, 6), st.integers(1, 6), st.integers(0, 30))
def test_late_is_the_naive_reading(made: list[Move], days: int, limit: int, known: int) -> None:
    with TemporaryDirectory() as folder, Book(Path(folder, "a.ledger")) as book:
        book.now = datetime.combine(DAY + timedelta(days=5), datetime.min.time(), book.now.tzinfo)
        for move in made:
            book.now += timedelta(hours=5)
            book.move(move)
        basis = at(book.log, DAY + timedelta(days=4), min(known, book.log.head()))
        naive = []
        for row in book.log.scan(upto=basis.known):
            state = orjson.loads(row.state)
            recorded = datetime.fromisoformat(state["recorded_at"]) + timedelta(hours=8)
            lag = (recorded.date() - date.fromisoformat(state["on"])).days
            if lag > days and state["on"] <= str(basis.on):
                naive.append((-lag, row.position, entry_name(row.stream, row.version)))
        found = late(book.log, basis, None, LateLimit(days, limit), quiet)
        assert found.total == len(naive)
        assert [each.entry for each in found.entries] == [name for *_, name in sorted(naive)[:limit]]


def test_what_is_named_must_be_known(book: Book) -> None:
    log = book.log
    assert check_station(log, A, 7) == f"station:{A}"
    check_submitter(log, A, at(log))
    check_submitter(log, KUNSHAN, at(log))
    faults = []
    for ask in (
        lambda: check_station(log, "320583101", 7),
        lambda: check_station(log, A, 1),
        lambda: check_office(log, HUQIU, at(log)),
        lambda: check_submitter(log, HUQIU, at(log)),
    ):
        with pytest.raises(LedgerError) as raised:
            ask()
        faults.append((raised.value.fault.code, str(raised.value.fault.args.get("nearest", ""))))
    assert [code for code, _ in faults] == ["unknown-station"] * 2 + ["unknown-office"] * 2
    assert A in faults[0][1]
