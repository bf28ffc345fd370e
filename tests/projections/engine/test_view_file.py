"""The file of the views: where it stands, and what is done where it is damaged, forged or has no room."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from dingji.faults import LedgerError
from dingji_projections.engine import view_file
from dingji_projections.engine.projection import Projection
from dingji_projections.tables.levels import levels
from dingji_projections.tables.views import views_of
from projections.logs import KUNSHAN, Book, place_of_views

A, B = "320583100", "320583101"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with Book(tmp_path / "a.ledger") as book:
        yield book


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
