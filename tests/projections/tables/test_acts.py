"""The acts: whose ground is lost and since when, however the log was read."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dingji.state.timeline import FOREVER
from dingji_projections.engine.engine import Views
from dingji_projections.records.grounds import lost
from dingji_projections.records.record import Record, record
from dingji_projections.tables.acts import ACTS
from dingji_projections.tables.views import views_of
from projections.dependent_acts import MOVES, A, Move, make, write
from projections.logs import Book


def lost_acts(views: Views, known: int) -> set[str]:
    rows = views.query(
        "SELECT version FROM acts WHERE station=? AND known_from<=? AND known_to>? AND lost<=?",
        (A, known, known, known),
        known,
    )
    return {f"{A}@{version}" for (version,) in rows}


def void_of(kept: Record, root: str) -> int:
    """Return the position of the void that took a ground."""
    named = kept.named(root)
    void = kept.void_of(named) if named is not None else None
    assert void is not None
    return void.position


def naive(book: Book, known: int) -> set[str]:
    """Return the acts that have lost ground by the record as known at a position."""
    kept = record(book.log, f"station:{A}", known)
    return {entry for entry in lost(kept) if (named := kept.named(entry)) is not None and named.topic in ACTS.topics}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MOVES)
def test_what_lost_its_ground_is_what_the_record_says_at_every_position(moves: list[Move]) -> None:
    with TemporaryDirectory() as folder, Book(Path(folder, "a.ledger")) as book, views_of(book.log) as views:
        write(book, moves)
        for known in range(1, book.log.head() + 1):
            assert lost_acts(views, known) == naive(book, known)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MOVES)
def test_the_ground_named_is_the_one_that_was_gone_first_of_those_that_the_record_names(moves: list[Move]) -> None:
    with TemporaryDirectory() as folder, Book(Path(folder, "a.ledger")) as book, views_of(book.log) as views:
        write(book, moves)
        for known in range(1, book.log.head() + 1):
            kept = record(book.log, f"station:{A}", known)
            roots = lost(kept)
            for version, ground in views.query(
                "SELECT version,ground FROM acts WHERE known_from<=? AND known_to>? AND lost<=?", (known,) * 3, known
            ):
                assert f"{A}@{ground}" == min(roots[f"{A}@{version}"], key=lambda root: void_of(kept, root))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MOVES, st.lists(MOVES, max_size=4))
def test_the_acts_caught_up_in_pieces_are_those_of_a_rebuild(first: list[Move], pieces: list[list[Move]]) -> None:
    with TemporaryDirectory() as folder, Book(Path(folder, "a.ledger")) as book, views_of(book.log) as views:
        write(book, first)
        for piece in pieces:
            views.catch_up()
            for move in piece:
                make(book, move)
        views.catch_up()
        in_pieces = views.digest()
        views.rebuild()
        assert views.digest() == in_pieces


def test_a_ground_is_lost_from_its_first_void_on(tmp_path: Path) -> None:
    with Book(tmp_path / "a.ledger") as book, views_of(book.log) as views:
        book.register(A)
        facts = book.add(A, "FactsReported", date(2024, 1, 2), facts={"a": 1}, tier="city")
        about = {"level": "benchmark", "round": "r1"}
        first = book.add(A, "RecommendationMade", date(2024, 1, 3), **about, tier="county", rests_on=(facts,))
        last = book.add(A, "LevelCertified", date(2024, 1, 4), **about, rests_on=(first,))
        book.add(A, "EntryVoided", date(2024, 1, 5), entry=facts, cause="x", reason="x")
        book.add(A, "EntryVoided", date(2024, 1, 6), entry=first, cause="x", reason="x")
        (row,) = views.query("SELECT version,lost,ground FROM acts WHERE verb='certify'", (), 6)
        assert row == (4, 5, 2)
        assert lost_acts(views, 4) == set()
        assert lost_acts(views, 5) == {first, last}
        assert lost_acts(views, 6) == {last}


def test_a_ground_of_another_station_was_never_there(tmp_path: Path) -> None:
    with Book(tmp_path / "a.ledger") as book, views_of(book.log) as views:
        book.register(A)
        about = {"level": "benchmark", "round": "r1"}
        book.add(A, "RecommendationMade", date(2024, 1, 3), **about, tier="county", rests_on=("320505001@1",))
        assert views.query("SELECT lost,ground FROM acts", (), 2) == [(2, "320505001@1")]
        assert lost(record(book.log, f"station:{A}", 2)) == {f"{A}@2": ("320505001@1",)}


def test_a_void_takes_away_nothing_that_is_recorded_after_it(tmp_path: Path) -> None:
    with Book(tmp_path / "a.ledger") as book, views_of(book.log) as views:
        book.register(A)
        book.add(A, "EntryVoided", date(2024, 1, 2), entry=f"{A}@3", cause="x", reason="x")
        about = {"level": "benchmark", "round": "r1"}
        first = book.add(A, "RecommendationMade", date(2024, 1, 3), **about, tier="county")
        book.add(A, "LevelCertified", date(2024, 1, 4), **about, rests_on=(first,))
        rows = views.query("SELECT version,known_to,lost FROM acts WHERE verb<>'void' ORDER BY version", (), 4)
        assert rows == [(3, FOREVER, None), (4, FOREVER, None)]
        assert lost_acts(views, 4) == naive(book, 4) == set()
