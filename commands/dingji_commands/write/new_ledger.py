"""A ledger that is still being filled: it gets its name when it is whole, and leaves nothing when it fails."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dingji.faults import LedgerError


@contextmanager
def new_ledger(path: Path) -> Iterator[Path]:
    """Lend a place for a ledger that is not finished, in the folder where it will stand.

    Raises LedgerError (`ledger-exists`, `ledger-not-writable`).
    """
    for taken in (path, Path(f"{path}-wal"), Path(f"{path}-journal")):
        # What SQLite left of a ledger that was here would be replayed into the new one.
        if os.path.lexists(taken) and (taken == path or taken.stat().st_size):
            raise LedgerError("ledger-exists", path=str(taken))
    try:
        folder = tempfile.TemporaryDirectory(prefix=".dingji-", dir=path.parent)
    except OSError as error:
        why = "no-folder" if isinstance(error, FileNotFoundError | NotADirectoryError) else "no-access"
        raise LedgerError("ledger-not-writable", path=str(path), why=why) from None
    with folder as name:
        draft = Path(name, "ledger")
        try:
            yield draft
        except LedgerError as error:
            if error.fault.args.get("path") != str(draft):
                raise
            raise LedgerError(error.fault.code, **error.fault.args | {"path": str(path)}) from error


def publish(draft: Path, path: Path) -> None:
    """Give a finished ledger its name. Raises LedgerError (`ledger-exists`, `ledger-not-writable`)."""
    try:
        _put(draft, path)
    except FileExistsError:
        raise LedgerError("ledger-exists", path=str(path)) from None
    except OSError:  # such as a name that the file system finds too long
        raise LedgerError("ledger-not-writable", path=str(path), why="io-error") from None
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _put(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: take the name, then put the ledger there
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
        draft.replace(path)
