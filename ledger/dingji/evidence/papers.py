"""The papers kept beside a ledger: files under their SHA-256, copied in whole, never executed, parsed or followed."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import secrets
import stat
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

from dingji.evidence.files import (
    FOLDER,
    READ,
    WRITE,
    Moved,
    PaperDigest,
    digest_of,
    held,
    into,
    listed,
    read_through,
    sync,
    why_of,
    write,
)
from dingji.faults import LedgerError

LOCK_SECONDS: Final = 60.0
STAGED: Final = ".incoming-"
COPY: Final = re.compile(re.escape(STAGED) + "[0-9a-f]{32}")
"""The names of copies on their way in."""
STALE_SECONDS: Final = 3600.0
"""A copy that was not touched for so long is of a process that was killed."""
TOUCH_SECONDS: Final = 600.0
"""How often a process that is still copying touches what it has copied."""
DIGEST: Final = re.compile("[0-9a-f]{64}")


class PaperState(NamedTuple):
    """What the folder holds under a digest: `ok`, `missing`, `changed` or `unreadable`, and the size of a file."""

    state: str
    size: int | None = None


class Papers:
    """The folder of a ledger's papers: `<ledger>.evidence/ab/ab12…`."""

    def __init__(self, ledger: Path) -> None:
        """Name the folder; nothing is made or read yet."""
        self.folder = Path(f"{ledger}.evidence")

    def state(self, sha256: str, moved: Moved = lambda _: None) -> PaperState:
        """Read a paper again and return whether it is still what its name says."""
        try:
            with self._opened(sha256) as descriptor:
                size = os.fstat(descriptor).st_size
                return PaperState("ok" if digest_of(descriptor, moved) == sha256 else "changed", size)
        except FileNotFoundError:
            return PaperState("missing")
        except OSError:
            return PaperState("unreadable")

    def size(self, sha256: str) -> int | None:
        """Return the size of a paper, None if it is not kept."""
        try:
            with self._opened(sha256) as descriptor:
                return os.fstat(descriptor).st_size
        except OSError:
            return None

    def kept(self) -> Iterator[str]:
        """Yield the digests of all papers in the folder, referred to or not; other files are passed over."""
        for part in sorted(listed(self.folder)):
            for name in sorted(listed(self.folder / part)):
                if DIGEST.fullmatch(name) and name.startswith(part):
                    yield name

    @contextmanager
    def _opened(self, sha256: str) -> Iterator[int]:
        with held(os.open(self.folder, FOLDER)) as folder, held(into(folder, sha256[:2])) as part:
            descriptor = os.open(sha256, READ, dir_fd=part)
            with held(descriptor):
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise OSError(errno.ELOOP, "not a file")
                yield descriptor

    @contextmanager
    def receiving(self) -> Iterator[Intake]:
        """Yield an intake for the papers that a submission will refer to; the first one makes the folder.

        Whatever was not settled is removed when the context ends. Raises LedgerError (`evidence-folder`).
        """
        self.sweep()
        with ExitStack() as stack:
            intake = Intake(self, stack)
            try:
                yield intake
            finally:
                intake.clear()

    def sweep(self) -> None:
        """Remove the unfinished copies of processes that were killed, where that is allowed: files of ours alone."""
        with suppress(OSError), held(os.open(self.folder, FOLDER)) as folder:
            for name in os.listdir(folder):
                if COPY.fullmatch(name):
                    with suppress(OSError):
                        left = os.stat(name, dir_fd=folder, follow_symlinks=False)
                        if stat.S_ISREG(left.st_mode) and time.time() - left.st_mtime > STALE_SECONDS:
                            os.unlink(name, dir_fd=folder)

    def opened(self) -> int:
        """Open the folder, made where it is not there. Raises LedgerError (`evidence-folder`)."""
        with self.explained():
            with suppress(FileExistsError):
                os.mkdir(self.folder, 0o700)
            sync(self.folder.parent)  # even if it was there: whoever made it may have died before this
            return os.open(self.folder, FOLDER)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn a system error into one about the folder. Raises LedgerError (`evidence-folder`)."""
        try:
            yield
        except OSError as error:
            raise LedgerError("evidence-folder", path=str(self.folder), why=why_of(error)) from None


class Intake:
    """Papers on their way in: copied and on disk first, then given their names under a lock."""

    def __init__(self, papers: Papers, stack: ExitStack) -> None:
        """Start with nothing; the stack closes what is opened."""
        self._papers, self._stack = papers, stack
        self._staged: dict[str, str] = {}
        self._fresh: list[str] = []
        self._touched = time.monotonic()

    @cached_property
    def _folder(self) -> int:
        return self._stack.enter_context(held(self._papers.opened()))

    def copy(self, descriptor: int, path: str, moved: Moved = lambda _: None) -> PaperDigest:
        """Copy a file in under a temporary name, until all of it is on disk. Raises LedgerError."""

        def keep(copy: int, chunk: bytes) -> None:
            write(copy, chunk)
            self._touch()

        return self._stage(lambda copy: read_through(descriptor, path, moved, lambda chunk: keep(copy, chunk)))

    def take(self, content: bytes) -> PaperDigest:
        """Take in a paper by its content. Raises LedgerError."""

        def write_content(copy: int) -> PaperDigest:
            write(copy, content)
            return PaperDigest(hashlib.sha256(content).hexdigest(), len(content))

        return self._stage(write_content)

    def _stage(self, fill: Callable[[int], PaperDigest]) -> PaperDigest:
        folder, name = self._folder, f"{STAGED}{secrets.token_hex(16)}"
        try:
            with self._papers.explained(), held(os.open(name, WRITE, 0o600, dir_fd=folder)) as copy:
                paper = fill(copy)
                os.fchmod(copy, 0o400)
                os.fsync(copy)
        except BaseException:
            self._remove(name)
            raise
        if paper.sha256 in self._staged:
            self._remove(name)
        else:
            self._staged[paper.sha256] = name
        return paper

    @contextmanager
    def placed(self) -> Iterator[None]:
        """Give every paper its name, and hold the folder's lock while a submission refers to them."""
        if not self._staged:
            yield
            return
        _lock(self._folder)
        with self._papers.explained():
            for sha256, name in self._staged.items():
                self._place(sha256, name)
            for part in {sha256[:2] for sha256 in self._staged}:  # old ones too, like the folder in `opened`
                with held(into(self._folder, part)) as descriptor:
                    os.fsync(descriptor)
            os.fsync(self._folder)
        yield

    def settle(self, sha256s: Collection[str]) -> None:
        """Keep what entries refer to."""
        self._fresh = [sha256 for sha256 in self._fresh if sha256 not in sha256s]

    def clear(self) -> None:
        """Remove what no entry refers to: papers that were not there before, and copies that have no name yet."""
        for sha256 in self._fresh:
            with suppress(OSError), held(into(self._folder, sha256[:2])) as part:
                os.unlink(sha256, dir_fd=part)
                os.rmdir(sha256[:2], dir_fd=self._folder)  # refused while other papers are in it
        for name in self._staged.values():
            self._remove(name)

    def _place(self, sha256: str, name: str) -> None:
        state = self._papers.state(sha256).state
        with suppress(FileExistsError):
            os.mkdir(sha256[:2], 0o700, dir_fd=self._folder)
        with held(into(self._folder, sha256[:2])) as part:
            if state == "missing":  # a changed or unreadable one is replaced, and stays
                self._fresh.append(sha256)
            if state != "ok":
                os.rename(name, sha256, src_dir_fd=self._folder, dst_dir_fd=part)

    def _touch(self) -> None:
        """Show that what was copied so far is still wanted, from time to time, so that nobody sweeps it."""
        if time.monotonic() - self._touched > TOUCH_SECONDS:
            self._touched = time.monotonic()
            for name in self._staged.values():
                with suppress(OSError):  # what is missing now is told when it gets its name
                    os.utime(name, dir_fd=self._folder, follow_symlinks=False)

    def _remove(self, name: str) -> None:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self._folder)


def _lock(descriptor: int) -> None:
    """Take the folder's lock. Raises LedgerError (`ledger-busy`) after the wait."""
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise LedgerError("ledger-busy", seconds=round(LOCK_SECONDS)) from None
            time.sleep(0.05)
        else:
            return
