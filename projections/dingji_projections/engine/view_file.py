"""The file that holds the views of a ledger, where its maker alone writes: in the cache folder of the user.

What came with a ledger is not believed: nothing beside the ledger is read, and a file of another form is made anew.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from dingji.store.errors import error_of
from dingji.store.layout import harden
from dingji.store.log import Log
from dingji_projections.engine.entry_check import ledger_identity
from dingji_projections.engine.projection import Projection
from dingji_projections.engine.seen import SEEN_TABLES

Returned = TypeVar("Returned")

APPLICATION_ID = 0x44494E56
"""What marks an SQLite file as views of ours: "DINV" in its header."""

FORMAT = 6
"""The form of the tables and the meaning of their rows: another one is thrown away and built again."""

BUSY_SECONDS = 0.1
"""SQLite waits for a lock inside C, deaf to Ctrl-C, so it waits in slices of this length."""

WAIT_SECONDS = 60.0
"""How long one process waits for another's catch-up."""

_PROGRESS = "CREATE TABLE progress (view TEXT PRIMARY KEY, position INT NOT NULL) WITHOUT ROWID"
_DAMAGED = {
    *(sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_TOOBIG),
    *(sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH),
}


class Unfit(Exception):
    """The file is missing, damaged or of another form: it is to be made anew."""


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether an error says that the file's bytes are wrong, or its rows none that we write."""
    undecodable = isinstance(error, sqlite3.OperationalError) and not hasattr(error, "sqlite_errorcode")
    return _code(error) in _DAMAGED or undecodable


def connect(place: Path | None, projections: tuple[Projection, ...]) -> sqlite3.Connection:
    """Open the views that stand in a place, made where need be; without a place, private ones that nobody keeps."""
    if place is not None:
        return patiently(lambda: _connect_at(place, projections))
    connection = _open("")  # SQLite takes it away when it is closed, and when the process is killed
    _lay_out(connection, projections)
    return connection


def connect_in_memory(projections: tuple[Projection, ...]) -> sqlite3.Connection:
    """Open private views that need no disk."""
    connection = _open(":memory:")
    connection.execute("PRAGMA temp_store=MEMORY")  # what is attached beside, too
    _lay_out(connection, projections)
    return connection


def views_path(log: Log) -> Path | None:
    """Return where the views of a log are kept: `$XDG_CACHE_HOME/dingji/<identity>-<hash of the path>/views`.

    None where nothing is to be kept: for a ledger without a first entry to identify it, and for a user without a cache
    folder that nobody else can write (XDG Base Directory Specification: a relative path does not count).
    """
    identity = ledger_identity(log)
    home = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(home):
        home = os.path.expanduser("~/.cache")
    if identity is None or not os.path.isabs(home):
        return None
    place = sha256(os.fsencode(log.path.resolve())).hexdigest()[:16]
    folder = Path(home, "dingji")
    own = folder / f"{identity}-{place}"
    return own / "views" if _is_private(folder, parents=True) and _is_private(own) else None


def _is_private(folder: Path, *, parents: bool = False) -> bool:
    """Return whether a folder, made where there is none, is the user's own, no link, and written by nobody else."""
    try:
        if parents:
            folder.parent.mkdir(0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            folder.mkdir(0o700)
        found = folder.lstat()
    except OSError:
        return False
    others = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not others


def remove_beside(ledger: Path) -> bool:
    """Take away views of ours that an earlier version left beside a ledger; return whether there were any."""
    path = Path(f"{ledger}.views")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    with os.fdopen(descriptor, "rb") as file:
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        ours = regular and file.read(72)[68:] == APPLICATION_ID.to_bytes(4, "big")  # where SQLite keeps the mark
    if ours:
        with suppress(OSError):
            _unlink(path)
            return True
    return False


def _connect_at(path: Path, projections: tuple[Projection, ...]) -> sqlite3.Connection:
    with suppress(Unfit):
        return _connect_ours(path, projections)
    with _alone(path.parent):
        try:
            return _connect_ours(path, projections)  # perhaps another process was first
        except Unfit:
            _unlink(path)
            _make(path, projections)
            return _connect_ours(path, projections)


def _connect_ours(path: Path, projections: tuple[Projection, ...]) -> sqlite3.Connection:
    """Connect to views of today's form. Raises Unfit for anything else that stands there."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        raise Unfit from None
    if not stat.S_ISREG(found.st_mode):
        raise Unfit
    connection = _open(f"{path.as_uri()}?mode=rw")
    try:
        marks = [connection.execute(f"PRAGMA {mark}").fetchone()[0] for mark in ("application_id", "user_version")]
        if marks == [APPLICATION_ID, FORMAT] and _layout_of(connection) == _layout(projections):
            return connection
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        connection.close()
        if _is_malformed(error):
            raise Unfit from error
        raise
    except BaseException:
        connection.close()
        raise
    connection.close()
    raise Unfit


def _is_malformed(error: sqlite3.DatabaseError | UnicodeDecodeError) -> bool:
    """Return whether an error of opening a file says that SQLite can make no sense of it."""
    return isinstance(error, UnicodeDecodeError) or is_damage(error) or _code(error) == sqlite3.SQLITE_ERROR


def _layout_of(connection: sqlite3.Connection) -> frozenset[tuple[Any, ...]]:
    return frozenset(connection.execute("SELECT type,name,tbl_name,sql FROM sqlite_schema LIMIT 100"))


def _layout(projections: tuple[Projection, ...]) -> frozenset[tuple[Any, ...]]:
    """Return what the schema of sound views says: a trigger or a view that somebody added is none of ours."""
    with closing(connect_in_memory(projections)) as connection:
        return _layout_of(connection)


def _make(path: Path, projections: tuple[Projection, ...]) -> None:
    """Make empty views: under another name first, so that nobody sees them half made."""
    draft = Path(f"{path}.new")
    _unlink(draft)
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    connection = _open(f"{draft.as_uri()}?mode=rw")
    try:
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute("PRAGMA journal_mode=WAL")
        _lay_out(connection, projections)
    finally:
        connection.close()
    draft.replace(path)


def _lay_out(connection: sqlite3.Connection, projections: tuple[Projection, ...]) -> None:
    """Make the tables anew, empty."""
    with writing(connection):
        for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type='table'").fetchall():
            connection.execute(f'DROP TABLE "{table}"')
        for statement in (_PROGRESS, *SEEN_TABLES):
            connection.execute(statement)
        for projection in projections:
            for statement in (projection.create("main"), *projection.create_indexes("main")):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version={FORMAT}")


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the views' write lock; all that is done under it counts at once, or not at all."""
    patiently(lambda: connection.execute("BEGIN IMMEDIATE"))
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def undone(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the views' write lock; nothing that is done under it is kept."""
    patiently(lambda: connection.execute("BEGIN IMMEDIATE"))
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def patiently(work: Callable[[], Returned]) -> Returned:
    """Do the work again while another process is in the way. Raises LedgerError (`views-busy`) in the end."""
    deadline = monotonic() + WAIT_SECONDS
    while True:
        try:
            return work()
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY:
                raise
            if monotonic() >= deadline:
                raise error_of("views-busy", seconds=WAIT_SECONDS) from error


def identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from a later one of the same name."""
    with suppress(FileNotFoundError):
        found = path.stat()
        return found.st_dev, found.st_ino
    return None


def discard(path: Path, damaged: tuple[int, int] | None) -> None:
    """Take damaged views away, unless another process has put new ones in their place."""
    with _alone(path.parent):
        if identity(path) == damaged:
            _unlink(path)


def _unlink(path: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        Path(f"{path}{ending}").unlink(missing_ok=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes from making or replacing views in this folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _open(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        name, uri=bool(name), isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS
    )
    try:
        harden(connection, defensive=False)  # which would refuse to build tables without a journal
        # Not FULL: a commit that is lost with the power is read again. Not OFF: the file must not be torn unnoticed.
        connection.execute("PRAGMA synchronous=NORMAL")
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # what SQLite says of a schema need not be UTF-8
        connection.close()
        if _is_malformed(error):
            raise Unfit from error
        raise
    return connection


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


_NO_ROOM = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}


def is_no_room(error: sqlite3.Error) -> bool:
    """Return whether an error says that nothing can be written where the views stand."""
    return _code(error) in _NO_ROOM
