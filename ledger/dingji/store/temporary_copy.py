"""A private copy of a ledger whose write-ahead log cannot be read where it stands, for as long as it is read."""

from __future__ import annotations

import errno
import shutil
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from dingji.store.errors import error_of

SPARE: Final = 2 << 20
"""Bytes that must be free besides those of the copy: SQLite's index of the write-ahead log, and some for others."""

_TRIES: Final = 3
_CHUNK: Final = 1 << 20
MIB: Final = 1 << 20


def temporary_copy(file: Path) -> tempfile.TemporaryDirectory[str]:
    """Copy a ledger and its write-ahead log into a folder of their own, where it is named `ledger`.

    Raises LedgerError: `no-room-for-copy`; `ledger-locked` where somebody writes it all the while.
    """
    parts = (file, Path(f"{file}-wal"))
    folder = tempfile.TemporaryDirectory(prefix="dingji-")
    try:
        for _ in range(_TRIES):
            before = _sizes_and_times(parts)
            _check_room(sum(size for size, _ in before) + SPARE, file, folder.name)
            for part, name, (size, _) in zip(parts, ("ledger", "ledger-wal"), before, strict=True):
                _copy(part, Path(folder.name, name), size)
            if _sizes_and_times(parts) == before:
                return folder
        raise error_of("ledger-locked", path=str(file))
    except BaseException as error:
        folder.cleanup()
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise _no_room(file, folder.name) from error
        raise


def _sizes_and_times(parts: Sequence[Path]) -> list[tuple[int, int]]:
    found = [part.stat() for part in parts]
    if not all(stat.S_ISREG(one.st_mode) for one in found):
        raise error_of("not-a-ledger", path=str(parts[0]))
    return [(one.st_size, one.st_mtime_ns) for one in found]


def _check_room(needed: int, file: Path, folder: str) -> None:
    if shutil.disk_usage(folder).free < needed:
        raise _no_room(file, folder)


def _no_room(file: Path, folder: str) -> Exception:
    size = sum(size for size, _ in _sizes_and_times((file, Path(f"{file}-wal"))))
    return error_of("no-room-for-copy", path=str(file), folder=str(Path(folder).parent), size=-(-(size + SPARE) // MIB))


def _copy(source: Path, target: Path, size: int) -> None:
    """Copy the first bytes of a file: what is appended meanwhile is not ours to wait for."""
    with source.open("rb") as read, target.open("wb") as written:
        while size and (chunk := read.read(min(size, _CHUNK))):
            written.write(chunk)
            size -= len(chunk)
