"""Views among several processes: killed at any moment, catching up at once, and where nothing may be written."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from dingji.store.log import open_log
from dingji_projections.engine.engine import Views
from dingji_projections.tables.levels import levels
from dingji_projections.tables.views import views_of
from projections.logs import KUNSHAN, Book, place_of_views

ROOT = Path(__file__).parents[3]
START = """
import sys, time
from pathlib import Path
from dingji.store.log import open_log
from dingji_projections.engine import engine, rebuild
from dingji_projections.engine.engine import Views
from dingji_projections.tables.views import views_of

def stop(*_):
    print("here", flush=True)
    time.sleep(60)

def stopping(function, when=0):
    calls = []
    def wrapped(*args, **kwargs):
        function(*args, **kwargs)
        calls.append(1)
        if len(calls) > when:
            stop()
    return wrapped

"""
OPEN = """
log = open_log(Path(sys.argv[1]))
views = views_of(log)
"""
NOBODY = """
import hashlib, os, orjson, urllib.parse, dingji.events.codec, dingji_projections.engine.briefs
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
"""


def python(code: str, path: Path, before: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", START + before + OPEN + code, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": f"{ROOT}/ledger:{ROOT}/projections"},
        cwd="/",
    )


def killed(code: str, path: Path) -> None:
    """Run the code until it says where it is, then kill it."""
    with python(code, path) as child:
        assert child.stdout
        assert child.stdout.readline() == "here\n"
        child.send_signal(signal.SIGKILL)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with Book(tmp_path / "a.ledger") as book:
        fill(book, 400)
        yield book


def fill(book: Book, stations: int, first: int = 0) -> None:
    with book.together():
        for number in range(first, first + stations):
            station = f"{KUNSHAN}{number:04}"
            book.register(station)
            book.add(station, "SizeClassified", "2021-01-01", size="large")


@contextmanager
def sound(book: Book) -> Iterator[Views]:
    """Open the views and find them whole: what a fresh fold of the log gives."""
    with closing(sqlite3.connect(place_of_views(book.log))) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with views_of(book.log) as views:
        yield views
        views.catch_up()
        found = views.digest()
        views.rebuild()
        assert views.digest() == found


@pytest.mark.parametrize(
    "where",
    [
        "rebuild.LOOK_EVERY = 50; views.rebuild(stop)",
        "views._swap = stopping(views._swap); views.rebuild()",
        "views._swap = stopping(views._swap, 1); views.rebuild()",
        "views._record = stopping(views._record); views.rebuild()",
    ],
)
def test_a_rebuild_that_is_killed_leaves_the_old_rows(book: Book, where: str) -> None:
    with views_of(book.log) as views:
        views.catch_up()
        before = views.digest()
    killed(where, book.log.path)
    assert not list(book.log.path.parent.glob("*.new"))
    with views_of(book.log) as views:
        assert views.digest() == before
        assert views.position("spans") == book.log.head()
    with sound(book):
        pass


@pytest.mark.parametrize("table", ["spans", "names", "acts"])
def test_a_catch_up_that_is_killed_takes_in_all_of_a_batch_or_nothing(book: Book, table: str) -> None:
    with views_of(book.log) as views:
        before = views.catch_up()
    fill(book, 10, 400)
    number = ["spans", "names", "acts"].index(table)
    killed(f"views._record = stopping(views._record, {number}); views.catch_up()", book.log.path)
    with sound(book) as views:
        assert views.position(table) == before


def test_the_first_building_that_is_killed(book: Book) -> None:
    killed("views._record = stopping(views._record); views.catch_up()", book.log.path)
    with sound(book) as views:
        assert len(levels(views, date(2024, 1, 1), book.log.head())) == 400


def test_processes_that_catch_up_at_once_double_nothing(book: Book) -> None:
    code = """
print("here", flush=True)
while views.catch_up() < 2000:
    pass
views.rebuild(only="spans")
print(views.digest())
"""
    children = [python(code, book.log.path) for _ in range(3)]
    for child in children:
        assert child.stdout
        child.stdout.readline()
    for number in range(60):
        fill(book, 10, 400 + 10 * number)
    said = [child.communicate(timeout=120)[0] for child in children]
    assert [child.returncode for child in children] == [0, 0, 0]
    with sound(book) as views:
        assert len(set(said)) == 1
        assert len(levels(views, date(2024, 1, 1), 2000)) == 1000


def test_processes_that_make_the_views_at_once(book: Book) -> None:
    children = [python("views.catch_up(); print(views.digest())", book.log.path) for _ in range(4)]
    said = [child.communicate(timeout=120)[0] for child in children]
    assert [child.returncode for child in children] == [0, 0, 0, 0]
    assert len(set(said)) == 1
    with sound(book):
        pass


def test_a_reader_without_rights_leaves_nothing_behind() -> None:
    """Where the tests run as root, the reader is nobody: root may write everywhere."""
    with TemporaryDirectory() as folder:
        with Book(Path(folder, "a.ledger")) as book:
            fill(book, 5)
        Path(folder).chmod(0o555)
        book.log.path.chmod(0o444)
        code = "print(views.catch_up(), views.rebuild(), len(views.digest()))"
        with python(code, book.log.path, NOBODY) as child:
            said = child.communicate(timeout=60)[0]
        Path(folder).chmod(0o755)
        assert said == "10 10 64\n"
        assert [path.name for path in Path(folder).iterdir()] == ["a.ledger"]


def test_views_are_of_the_ledger_that_is_open(book: Book) -> None:
    with open_log(book.log.path, readonly=True) as log, views_of(log) as views:
        assert len(levels(views, date(2024, 1, 1), log.head())) == 400
