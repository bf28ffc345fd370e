"""The file that holds the views of a ledger: `<ledger>.views`, made, renewed or replaced as the case requires."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from dingji_projections.engine.projection import Projection
from dingji_projections.engine.seen import SEEN_TABLES

Returned = TypeVar("Returned")

APPLICATION_ID = 0x44494E56
"""What marks an SQLite file as views of ours: "DINV" in its header."""

FORMAT = 4
"""The form of the tables and the meaning of their rows: another one is thrown away and built again."""

BUSY_SECONDS = 0.1
"""SQLite waits for a lock inside C, deaf to Ctrl-C, so it waits in slices of this length."""

WAIT_SECONDS = 60.0
"""How long one process waits for another's catch-up."""

_PROGRESS = "CREATE TABLE progress (view TEXT PRIMARY KEY, position INT NOT NULL) WITHOUT ROWID"
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_CANNOT_WRITE = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}


class Unfit(Exception):
    """The file is missing, empty or damaged: it is to be made anew."""


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether an error says that the file's bytes are wrong."""
    return _code(error) in _DAMAGED


def connect(ledger: Path, projections: tuple[Projection, ...]) -> sqlite3.Connection:
    """Open the views of a ledger, or a private temporary file where nothing can be written beside it.

    Raises LedgerError (`not-a-ledger`) where another program's file stands in the place.
    """
    path = views_path(ledger)
    if all(os.access(each, os.W_OK) for each in (ledger, path.parent, path if path.exists() else ledger)):
        try:
            return patiently(lambda: _connect_beside(ledger, path, projections))
        except sqlite3.OperationalError as error:
            if _code(error) not in _CANNOT_WRITE:
                raise trouble(error, ledger) from error
    connection = _open("")  # SQLite takes it away when it is closed, and when the process is killed
    _lay_out(connection, projections)
    return connection


def views_path(ledger: Path) -> Path:
    """Return where the views of a ledger stand."""
    return Path(f"{ledger}.views")


def _connect_beside(ledger: Path, path: Path, projections: tuple[Projection, ...]) -> sqlite3.Connection:
    with suppress(Unfit):
        connection = _connect_ours(path)
        if _format(connection) == FORMAT:
            return connection
        connection.close()
    with _alone(path.parent):
        try:
            connection = _connect_ours(path)  # perhaps another process was first
        except Unfit:
            _discard(path)
            _make(ledger, path, projections)
            return _connect_ours(path)
        if _format(connection) != FORMAT:  # in place, not by another file: others may have this one open
            _lay_out(connection, projections)
        return connection


def _connect_ours(path: Path) -> sqlite3.Connection:
    """Connect to what is ours, of whatever format; another program's file is never touched."""
    if not path.exists():
        raise Unfit
    connection = _open(f"{path.resolve().as_uri()}?mode=rw")
    try:
        if connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID:
            return connection
        if connection.execute("PRAGMA page_count").fetchone()[0] == 0:
            raise Unfit
    except sqlite3.DatabaseError as error:
        connection.close()
        if is_damage(error):
            raise Unfit from error
        raise
    except BaseException:
        connection.close()
        raise
    connection.close()
    raise _error("not-a-ledger", path=str(path))


def _format(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _make(ledger: Path, path: Path, projections: tuple[Projection, ...]) -> None:
    """Make empty views: under another name first, so that nobody sees them half made."""
    draft = Path(f"{path}.new")
    _unlink(draft)
    connection = _open(f"{draft.resolve().as_uri()}?mode=rwc")
    try:
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute("PRAGMA journal_mode=WAL")
        _lay_out(connection, projections)
    finally:
        connection.close()
    draft.chmod(ledger.stat().st_mode & 0o666)  # who may not read the ledger may not read it here
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
    """Do the work again while another process is in the way. Raises LedgerError (`ledger-busy`) in the end."""
    deadline = monotonic() + WAIT_SECONDS
    while True:
        try:
            return work()
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY:
                raise
            if monotonic() >= deadline:
                raise _error("ledger-busy", seconds=WAIT_SECONDS) from error


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
            _discard(path)


def _discard(path: Path) -> None:
    """Take a file away; one without even the mark of a database is kept, under another name."""
    with suppress(FileNotFoundError):
        with path.open("rb") as file:
            start = file.read(16)
        if start not in {b"", b"SQLite format 3\0"}:
            path.replace(f"{path}.damaged")
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
        # Not FULL: a commit that is lost with the power is read again. Not OFF: the file must not be torn unnoticed.
        connection.execute("PRAGMA synchronous=NORMAL")
    except sqlite3.DatabaseError as error:
        connection.close()
        if is_damage(error):
            raise Unfit from error
        raise
    return connection


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


_WHY = {
    sqlite3.SQLITE_FULL: "disk-full",
    sqlite3.SQLITE_IOERR: "io-error",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_CANTOPEN: "no-access",
}


def trouble(error: sqlite3.DatabaseError, ledger: Path) -> Exception:
    """Return the fault for an error that the user can mend; a bug stays as it is."""
    why = _WHY.get(_code(error))
    return _error("ledger-not-writable", path=str(views_path(ledger)), why=why) if why else error


def _error(code: str, **args: Any) -> Exception:
    from dingji.faults import LedgerError  # where something is wrong: it brings msgspec, a fifth of a cold query

    return LedgerError(code, **args)
