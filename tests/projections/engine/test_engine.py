"""Views catch up, are rebuilt, and are thrown away: always to the same rows."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dingji.faults import IntegrityBroken, LedgerError
from dingji.state.timeline import FOREVER, RANK_OF_KIND
from dingji.store.log import Log
from dingji_projections.engine import engine, rebuild, view_file
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


def break_middle(path: Path) -> None:
    """Spoil every page but the first, which holds the marks."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))


def break_all(path: Path) -> None:
    path.write_bytes(b"\xa5" * 10_000)


def break_off(path: Path) -> None:
    os.truncate(path, 5000)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def old_format(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=99")
        connection.execute("DROP TABLE spans")


@pytest.mark.parametrize("spoil", [break_middle, break_all, break_off, empty, old_format, Path.unlink])
def test_spoilt_views_are_built_again(book: Book, spoil: object) -> None:
    with book.together():
        for number in range(300):
            book.register(f"{KUNSHAN}{number:03}")
    with views_of(book.log) as views:
        views.catch_up()
        whole = views.digest()
    spoil(place_of_views(book.log))  # type: ignore[operator]
    with views_of(book.log) as views:
        assert len(levels(views, date(2024, 1, 1), 300)) == 300
        assert views.digest() == whole


def test_views_spoilt_while_they_are_open(book: Book) -> None:
    with book.together():
        for number in range(300):
            book.register(f"{KUNSHAN}{number:03}")
    with views_of(book.log) as views:
        views.catch_up()
    with views_of(book.log) as views:
        views.catch_up()
        break_middle(place_of_views(book.log))
        assert len(levels(views, date(2024, 1, 1), 300)) == 300


def forged_view(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE spans RENAME TO forged")
        connection.execute("CREATE VIEW spans AS SELECT * FROM forged")


def forged_trigger(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TRIGGER t AFTER INSERT ON spans BEGIN UPDATE spans SET level='benchmark'; END")


def malformed(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute("UPDATE sqlite_schema SET sql='CREATE TABLE' WHERE name='spans'")
        connection.commit()


def unsupported_format(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[47] = 9  # the schema's format number, of which SQLite knows 1 to 4
    path.write_bytes(content)


def of_another_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (x)")


@pytest.mark.parametrize("forge", [forged_view, forged_trigger, malformed, unsupported_format, of_another_program])
def test_what_is_not_as_we_lay_it_out_is_made_anew(book: Book, forge: Callable[[Path], None]) -> None:
    book.register(A)
    with views_of(book.log) as views:
        views.catch_up()
    forge(place_of_views(book.log))
    with views_of(book.log) as views:
        assert [row.level for row in levels(views, date(2024, 1, 1), 1)] == ["ungraded"]


def test_no_link_is_followed(book: Book, tmp_path: Path) -> None:
    book.register(A)
    before = book.log.path.read_bytes()
    place_of_views(book.log).symlink_to(book.log.path)
    with views_of(book.log) as views:
        assert [row.station for row in levels(views, date(2024, 1, 1), 1)] == [A]
    assert book.log.path.read_bytes() == before
    assert stat.S_ISREG(place_of_views(book.log).lstat().st_mode)


def test_views_are_their_makers_alone_and_nothing_is_put_beside_the_ledger(book: Book) -> None:
    book.register(A)
    with views_of(book.log) as views:
        views.catch_up()
    place = place_of_views(book.log)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (place.parent, place.parent.parent)] == [0o700] * 2
    assert not Path(f"{book.log.path}.views").exists()


def test_views_beside_a_ledger_are_not_believed(book: Book) -> None:
    book.register(A)
    with views_of(book.log) as views:
        views.catch_up()
    beside = Path(f"{book.log.path}.views")
    place_of_views(book.log).replace(beside)
    with closing(sqlite3.connect(beside)) as connection, connection:
        connection.execute("UPDATE spans SET level='benchmark'")
    with views_of(book.log) as views:
        assert [row.level for row in levels(views, date(2024, 1, 1), 1)] == ["ungraded"]
    assert view_file.remove_beside(book.log.path)
    assert not view_file.remove_beside(book.log.path)


def test_what_stands_beside_a_ledger_and_is_not_ours_is_left(book: Book) -> None:
    beside = Path(f"{book.log.path}.views")
    beside.write_text("a text of somebody's")
    assert not view_file.remove_beside(book.log.path)
    assert beside.exists()


def wide_open(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)


def a_link(folder: Path) -> None:
    folder.with_name("elsewhere").mkdir()
    folder.symlink_to(folder.with_name("elsewhere"))


def a_file(folder: Path) -> None:
    folder.write_text("")


@pytest.mark.parametrize("spoil", [wide_open, a_link, a_file])
def test_a_cache_folder_that_others_can_reach_is_not_used(
    book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Path], None]
) -> None:
    book.register(A)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir()
    spoil(tmp_path / "cache" / "dingji")
    with views_of(book.log) as views:
        assert [row.station for row in levels(views, date(2024, 1, 1), 1)] == [A]
        assert not views.are_kept
    assert not [*tmp_path.rglob("views")]


def test_a_relative_cache_home_does_not_count(book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book.register(A)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    with views_of(book.log) as views:
        views.catch_up()
        assert views.are_kept
    assert [*tmp_path.joinpath("home/.cache/dingji").glob("*/views")]
    assert not (tmp_path / "here").exists()


def test_without_room_for_views_a_question_is_answered(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    book.register(A)
    monkeypatch.setattr(view_file, "_make", _refused)
    with views_of(book.log) as views:
        assert [row.station for row in levels(views, date(2024, 1, 1), 1)] == [A]
        assert not views.are_kept
        assert views.rebuild() == 1


def test_views_that_another_process_holds_are_busy(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    book.register(A)
    with views_of(book.log) as views:
        views.catch_up()
    book.register(B)
    monkeypatch.setattr(view_file, "WAIT_SECONDS", 0.0)
    with closing(sqlite3.connect(place_of_views(book.log), isolation_level=None)) as other, views_of(book.log) as views:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match="views-busy"):
            views.catch_up()


def test_a_temporary_file_that_fills_up_leaves_the_memory(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    with book.together():
        for number in range(300):
            book.register(f"{KUNSHAN}{number:03}")
    connect = view_file.connect

    def small(place: Path | None, projections: tuple[Projection, ...]) -> sqlite3.Connection:
        made = connect(place, projections)
        pages = made.execute("PRAGMA page_count").fetchone()[0]
        made.execute(f"PRAGMA max_page_count={pages + 2}")  # as a disk that is nearly full
        return made

    monkeypatch.setattr(view_file, "connect", small)
    with views_of(book.log) as views:
        assert len(levels(views, date(2024, 1, 1), 300)) == 300
        assert not views.are_kept
        assert views.rebuild() == 300


@pytest.mark.parametrize("value", ["x'ff'", "'nine'", "NULL"])
def test_no_other_types_stand_in_the_views(book: Book, value: str) -> None:
    book.register(A)
    with views_of(book.log) as views:
        views.catch_up()
    with closing(sqlite3.connect(place_of_views(book.log))) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(f"UPDATE spans SET valid_from={value}")  # noqa: S608 (our own words)


def test_a_ledger_without_an_entry_keeps_no_views(book: Book) -> None:
    assert view_file.views_path(book.log) is None
    with views_of(book.log) as views:
        assert levels(views, date(2024, 1, 1), 0) == []


def _refused(*_: object) -> None:
    with closing(sqlite3.connect("file:/nowhere/at/all?mode=rw", uri=True)) as connection:
        connection.execute("SELECT 1")


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
