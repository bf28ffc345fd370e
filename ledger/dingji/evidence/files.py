"""Files of the system: opened without following a link, and read a piece at a time."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from dingji.faults import LedgerError
from dingji.texts import Text

LARGEST_PAPER: Final = 1 << 30
"""Bytes of one paper."""

CHUNK: Final = 1 << 20

FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
WRITE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

_WHY: Final = {
    errno.ENOENT: "no-file",
    errno.ENOTDIR: "not-within",
    errno.ELOOP: "is-link",
    errno.EACCES: "no-access",
    errno.EPERM: "no-access",
    errno.EROFS: "read-only",
    errno.ENOSPC: "disk-full",
    errno.EDQUOT: "disk-full",
    errno.ENAMETOOLONG: "too-long",
}
"""The reason for each system error, a key of [why]."""


Moved = Callable[[int], None]
"""Called with the number of bytes that were just read."""


class PaperDigest(NamedTuple):
    """A paper's name by content, and its size in bytes."""

    sha256: str
    size: int


def why_of(error: OSError | ValueError) -> str:
    """Return why a file could not be read or written, a key of [why]."""
    return _WHY.get(getattr(error, "errno", None) or 0, "io-error" if isinstance(error, OSError) else "bad-form")


@contextmanager
def opened(path: str, within: Path | None = None) -> Iterator[int]:
    """Open a file to be copied; with `within`, a relative path that must not leave that folder.

    Raises LedgerError (`unreadable-paper`, `outside-folder`).
    """
    shown = _shown(path)
    try:
        descriptor = os.open(path, READ) if within is None else _open_within(path, within)
    except (OSError, ValueError) as error:
        raise LedgerError("unreadable-paper", path=shown, why=why_of(error)) from None
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise LedgerError("unreadable-paper", path=shown, why="is-folder" if stat.S_ISDIR(mode) else "not-regular")
        yield descriptor
    finally:
        os.close(descriptor)


def _shown(path: str) -> Text:
    """Return a path as a message names it: never taken for a key of [why], and encodable."""
    return dict.fromkeys(("zh", "en"), path.encode("utf-8", "replace").decode())


def _open_within(path: str, within: Path) -> int:
    """Open a relative path step by step, so that neither `..` nor a link leads out of the folder."""
    steps = path.split("/")
    if any(step in {"", ".."} for step in steps):
        raise LedgerError("outside-folder", path=_shown(path))
    *folders, name = [step for step in steps if step != "."] or ["."]
    folder = os.open(within, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for step in folders:
            deeper = os.open(step, FOLDER, dir_fd=folder)
            os.close(folder)
            folder = deeper
        return os.open(name, READ, dir_fd=folder)
    finally:
        os.close(folder)


def read_through(
    descriptor: int, path: str, moved: Moved = lambda _: None, each: Callable[[bytes], None] = lambda _: None
) -> PaperDigest:
    """Read a file from where it stands, a piece at a time, and return its digest. Raises LedgerError."""
    digest, size = hashlib.sha256(), 0
    while chunk := _read(descriptor, path):
        size += len(chunk)
        if size > LARGEST_PAPER:
            limit = f"{LARGEST_PAPER >> 20} MiB" if LARGEST_PAPER >> 20 else f"{LARGEST_PAPER} B"
            raise LedgerError("paper-too-large", path=_shown(path), limit=limit)
        digest.update(chunk)
        each(chunk)
        moved(len(chunk))
    if size == 0:
        raise LedgerError("unreadable-paper", path=_shown(path), why="empty-paper")
    return PaperDigest(digest.hexdigest(), size)


def _read(descriptor: int, path: str) -> bytes:
    try:
        return os.read(descriptor, CHUNK)
    except OSError as error:
        raise LedgerError("unreadable-paper", path=_shown(path), why=why_of(error)) from None


@contextmanager
def held(descriptor: int) -> Iterator[int]:
    """Lend a descriptor, and close it."""
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def into(folder: int, name: str) -> int:
    """Open a folder within a folder, but no link."""
    return os.open(name, FOLDER, dir_fd=folder)


def digest_of(descriptor: int, moved: Moved = lambda _: None) -> str:
    """Return the SHA-256 of the file behind a descriptor, in bounded memory."""
    digest = hashlib.sha256()
    while chunk := os.read(descriptor, CHUNK):
        digest.update(chunk)
        moved(len(chunk))
    return digest.hexdigest()


def write(descriptor: int, chunk: bytes) -> None:
    """Write all of a piece."""
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync(folder: Path) -> None:
    """Write a folder's list of names to disk."""
    with held(os.open(folder, os.O_RDONLY | os.O_DIRECTORY)) as descriptor:
        os.fsync(descriptor)


def listed(folder: Path) -> list[str]:
    """Return the names in a folder, none if there is no folder."""
    try:
        return [] if folder.is_symlink() else os.listdir(folder)
    except OSError:
        return []
