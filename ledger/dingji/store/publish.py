"""A finished file gets its name: where nothing is yet, whole or not at all, and on disk."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def check_free(path: Path) -> None:
    """Raise FileExistsError where something stands at a path, or what SQLite left of a ledger that was there.

    A write-ahead log or a journal would be replayed into the new file.
    """
    for taken in (path, Path(f"{path}-wal"), Path(f"{path}-journal")):
        if os.path.lexists(taken) and (taken == path or taken.stat().st_size):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(taken))


def publish(draft: Path, path: Path) -> None:
    """Give a draft in the same folder its name. Raises FileExistsError if something else took it meanwhile, OSError."""
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))  # a file system without hard links: take the name, then fill it
    try:
        draft.replace(path)  # does nothing to two links of one file
        _sync_folder(path.parent)
    except BaseException:
        path.unlink()
        raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
