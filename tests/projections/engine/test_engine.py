"""Views catch up, are rebuilt, and are thrown away: always to the same rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dingji.faults import IntegrityBroken
from dingji.state.timeline import FOREVER, RANK_OF_KIND
from dingji.store.log import Log
from dingji_projections.engine import engine, rebuild
from dingji_projections.engine.engine import Views
from dingji_projections.engine.projection import Projection
from dingji_projections.tables.levels import LevelRow, level_at, levels
from dingji_projections.tables.views import PROJECTIONS, views_of
from projections.logs import KUNSHAN, ORDER, RANKS, Book, Move, facts_of, moves, naive_rows, place_of_views

A, B = "320583100", "320583101"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with Book(tmp_path / "a.ledger") as book:
        yield book


def rows_of(views: Views, table: str) -> list[tuple[object, ...]]:
    return views.query(f"SELECT * FROM {table} ORDER BY 1,2,3,4", (), 0)  # noqa: S608


def naive_table(log: Log) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for stream in log.streams("station:"):
        station = stream.removeprefix("station:")
        for valid_from, valid_to, known_from, known_to, held in naive_rows(facts_of(log, station), log.head()):
            found.append((station, valid_from, known_from, valid_to, known_to, *held))
    return found


RANKED = ("LevelRecognised", "LevelCertified", "LevelDowngraded")


def naive_line(log: Log) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for stream in log.streams("station:"):
        station = stream.removeprefix("station:")
        facts = facts_of(log, station)
        voids = [(fact.target, fact.position) for fact in facts if fact.topic == "EntryVoided"]
        for fact in facts:
            if fact.topic in ORDER:
                until = min((position for target, position in voids if target == fact.version), default=FOREVER)
                rank = RANKS[fact.word] if fact.topic in RANKED else 0
                kind = RANK_OF_KIND[fact.topic]
                found.append((station, fact.version, fact.on, kind, fact.position, until, fact.word, rank))
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(moves(), min_size=1, max_size=12), min_size=1, max_size=5))
def test_catching_up_in_pieces_is_a_rebuild_is_the_naive_fold(pieces: list[list[Move]]) -> None:
    with TemporaryDirectory() as folder, Book(Path(folder, "a.ledger")) as book, views_of(book.log) as views:
        for piece in pieces:
            with book.together():
                for move in piece:
                    book.move(move)
            views.catch_up()
        in_pieces = views.digest()
        assert rows_of(views, "spans") == naive_table(book.log)
        assert rows_of(views, "line") == naive_line(book.log)
        views.rebuild()
        assert views.digest() == in_pieces
        place_of_views(book.log).unlink(missing_ok=True)
        with views_of(book.log) as afresh:
            afresh.catch_up()
            assert afresh.digest() == in_pieces


@settings(max_examples=25, deadline=None)
@given(st.lists(moves(6), min_size=1, max_size=40), st.integers(1, 4), st.integers(1, 30))
def test_passes_of_any_size_give_the_same_rows(made: list[Move], stations: int, held: int) -> None:
    with TemporaryDirectory() as folder, Book(Path(folder, "a.ledger")) as book, views_of(book.log) as views:
        with book.together():
            for move in made:
                book.move(move)
        views.catch_up()
        whole = views.digest()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rebuild, "STATIONS_A_PASS", stations)
            patch.setattr(rebuild, "HELD_A_PASS", held)
            patch.setattr(rebuild, "LOOK_EVERY", 2)
            views.rebuild()
        assert views.digest() == whole


@settings(max_examples=20, deadline=None)
@given(st.lists(moves(2, 5), min_size=1, max_size=15), st.lists(moves(2, 5), min_size=1, max_size=15))
def test_an_answer_as_known_then_never_changes(first: list[Move], later: list[Move]) -> None:
    with TemporaryDirectory() as folder, Book(Path(folder, "a.ledger")) as book, views_of(book.log) as views:
        answers: dict[tuple[int, date], list[LevelRow]] = {}
        for made in (first, later):
            with book.together():
                for move in made:
                    book.move(move)
            days = [date(2024, 1, day) for day in range(1, 8)]
            found = {(known, on): levels(views, on, known) for known in range(len(first) + 1) for on in days}
            assert all(found[key] == rows for key, rows in answers.items())
            answers = found


def test_a_query_sees_what_was_recorded_since(book: Book) -> None:
    with views_of(book.log) as views:
        book.register(A)
        assert level_at(views, A, date(2024, 1, 1), book.log.head()) is not None
        book.add(A, "LevelCertified", "2023-09-01", level="standard")
        held = level_at(views, A, date(2024, 1, 1), book.log.head())
        assert held
        assert held.level == "standard"
        assert views.position("spans") == 2


def test_an_empty_ledger(book: Book) -> None:
    with views_of(book.log) as views:
        assert views.catch_up() == 0
        assert views.rebuild() == 0
        assert levels(views, date(2024, 1, 1), 0) == []


def test_catching_up_twice_changes_nothing(book: Book) -> None:
    book.register(A)
    with views_of(book.log) as views, views_of(book.log) as other:
        views.catch_up()
        first = views.digest()
        other.catch_up()
        assert views.catch_up() == other.catch_up() == 1
        assert other.digest() == first


def test_a_gap_is_closed_in_bounded_batches(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BATCH", 3)
    with views_of(book.log) as views:
        for number in range(20):
            book.register(f"{KUNSHAN}{number:03}")
        reached: list[int] = []
        record = views._record

        def recording(projection: Projection, position: int) -> None:
            reached.append(position)
            record(projection, position)

        monkeypatch.setattr(views, "_record", recording)
        views.catch_up()
        assert reached[:: len(PROJECTIONS)] == [3, 6, 9, 12, 15, 18, 20]  # each time for all tables


def test_a_rebuild_says_how_far_it_is(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild, "LOOK_EVERY", 2)
    with book.together():
        for number in range(10):
            book.register(f"{KUNSHAN}{number:03}")
    said: list[tuple[int, int]] = []
    with views_of(book.log) as views:
        views.rebuild(lambda done, total: said.append((done, total)))
    assert said == sorted(said)
    assert said[-1] == (40, 40)  # ten stations in each of three tables, and once when all is compared
    assert len(said) > 12


def test_a_rebuild_never_goes_back(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    book.register(A)
    with views_of(book.log) as views, views_of(book.log) as other:
        views.catch_up()
        swap = views._swap

        def late_swap(*args: object) -> None:
            book.add(A, "LevelCertified", "2023-09-01", level="standard")  # while the rebuild was under way
            swap(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(views, "_swap", late_swap)
        views.rebuild(only="spans")
        assert views.position("spans") == 2
        assert [row.level for row in levels(other, date(2024, 1, 1), 2)] == ["standard"]


def test_another_log_in_the_same_place(book: Book, tmp_path: Path) -> None:
    book.register(A)
    with views_of(book.log) as views:
        views.catch_up()
    with Book(tmp_path / "b.ledger") as other:
        other.register(B)
        other.add(B, "LevelCertified", "2023-09-01", level="standard")
        place_of_views(book.log).rename(place_of_views(other.log))
        with views_of(other.log) as views:
            assert [row.station for row in levels(views, date(2024, 1, 1), 2)] == [B]


def test_a_log_restored_from_an_older_copy(book: Book, tmp_path: Path) -> None:
    book.register(A)
    book.add(A, "LevelCertified", "2023-09-01", level="standard")
    with views_of(book.log) as views:
        views.catch_up()
    with Book(tmp_path / "b.ledger") as older:
        older.register(A)
        place_of_views(book.log).rename(place_of_views(older.log))
        with views_of(older.log) as views:
            refused("log-inconsistent", lambda: levels(views, date(2024, 1, 1), 2))
            assert [row.level for row in levels(views, date(2024, 1, 1), 1)] == ["ungraded"]
            refused("log-inconsistent", views.rebuild)
            assert views.rebuild(anew=True) == 1
            assert [row.level for row in levels(views, date(2024, 1, 1), 1)] == ["ungraded"]
        older.add(A, "LevelCertified", "2023-09-02", level="benchmark")
        with views_of(older.log) as views:
            assert [row.level for row in levels(views, date(2024, 1, 1), 2)] == ["benchmark"]


def refused(code: str, ask: Callable[[], object]) -> None:
    with pytest.raises(IntegrityBroken, match=code):
        ask()


def test_an_older_form_is_upcast(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    from dingji.events import codec
    from dingji.events.events import EVENTS, SizeClassified
    from dingji_projections.engine import briefs

    book.register(A)
    book.add(A, "SizeClassified", "2023-01-01", size="large")

    class Newer(SizeClassified, frozen=True, kw_only=True, tag=2):
        """The form that a later program would have."""

    decoder = msgspec.json.Decoder(Newer)
    monkeypatch.setitem(EVENTS, "SizeClassified", Newer)
    monkeypatch.setitem(briefs._FORMS, "SizeClassified", 2)
    monkeypatch.setattr(codec, "_decoder", lambda topic: decoder)
    monkeypatch.setitem(codec.UPCASTERS, ("SizeClassified", 1), lambda state: {**state, "v": 2, "size": "grand"})
    with views_of(book.log) as views:
        assert [row.size for row in levels(views, date(2024, 1, 1), 2)] == ["grand"]


@pytest.mark.parametrize(
    ("state", "alone"),
    [
        (b'{"v":9,"on":"2024-01-01","recorded_at":"2024-01-02T00:00:00.000000Z"}', False),
        (b'{"v":9,"on":"2024-01-01"}', False),
        (b'{"v":1,"on":"2024-13-01","recorded_at":"2024-01-02T00:00:00.000000Z"}', True),
        (b'{"v":1,"on":"2024-01-01","recorded_at":"2024-13-02T00:00:00.000000Z"}', True),
        (b'{"v":1,"on":"2024-01-01","recorded_at":"2024-01-02"}', True),
        (b'{"v":1,"on":"2024-01-01","recorded_at":17}', True),
        (b'{"v":1,"x":' + b"[" * 1_000_000, True),
        (b'{"v":1,"x":' + b"1" * 5_000_000 + b"}", True),
        (b'{"v":1,"on":"2024-01-01","recorded_at":"2024-01-02T00:00:00.000000Z","county":"\xff"}', True),
        (b"", True),
    ],
)
def test_an_entry_that_nobody_can_read_is_passed_over_and_named(book: Book, state: bytes, alone: bool) -> None:
    from eventsourcing.persistence import StoredEvent

    book.register(B)
    book.now = datetime(2024, 1, 3, tzinfo=UTC)
    with book.log.writing() as writer:
        writer.append([StoredEvent(f"station:{A}", 1, "StationRegistered", state)])
    with views_of(book.log) as views:
        assert [row.station for row in levels(views, date(2024, 1, 1), 1)] == [B]
        refused("unreadable-entry", lambda: levels(views, date(2024, 1, 1), 2))
        refused("unreadable-entry", lambda: level_at(views, A, date(2024, 1, 1), 2))
        if alone:
            assert level_at(views, B, date(2024, 1, 1), 2)
            book.add(B, "LevelCertified", "2023-09-01", level="standard")
            held = level_at(views, B, date(2024, 1, 1), 3)
            assert held
            assert held.level == "standard"
        else:
            refused("unreadable-entry", lambda: level_at(views, B, date(2024, 1, 1), 2))
        with pytest.raises(IntegrityBroken) as raised:
            views.rebuild()
    fault = raised.value.fault
    assert (fault.args["entry"], fault.args["position"], fault.args["topic"]) == (f"{A}@1", 2, "StationRegistered")


def test_ranks_of_the_test_are_those_of_the_rows(book: Book) -> None:
    book.register(A)
    book.add(A, "LevelCertified", "2023-09-01", level="benchmark")
    with views_of(book.log) as views:
        held = level_at(views, A, date(2024, 1, 1), 2)
    assert held
    assert (held.rank, held.since, held.entry) == (RANKS["benchmark"], date(2023, 9, 1).toordinal(), 2)
