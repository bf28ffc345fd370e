"""A ledger that is still being filled: it gets its name when it is whole, and leaves nothing when it fails."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dingji.faults import LedgerError
from dingji.store import publish as publishing


@contextmanager
def new_ledger(path: Path) -> Iterator[Path]:
    """Lend a place for a ledger that is not finished, in the folder where it will stand.

    Raises LedgerError (`ledger-exists`, `ledger-not-writable`).
    """
    try:
        publishing.check_free(path)
    except FileExistsError as error:
        raise LedgerError("ledger-exists", path=str(error.filename)) from None
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
        publishing.publish(draft, path)
    except FileExistsError:
        raise LedgerError("ledger-exists", path=str(path)) from None
    except OSError:  # such as a name that the file system finds too long
        raise LedgerError("ledger-not-writable", path=str(path), why="io-error") from None
