"""The refused lines of a partial submission, in a file of their own beside what was submitted.

Its last line ends with the digest of all before it: by that a file is known which nobody has changed since. Only such a
one is written over, or removed once nothing is refused any more.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any, Final

import orjson

from dingji.faults import LedgerError
from dingji.intake.receipts import Receipts, Rejected
from dingji_commands.terminal.output import print_text
from dingji_commands.terminal.table import json_bytes
from dingji_commands.wording.words import say

SEAL: Final = re.compile(rb',"sha256":"([0-9a-f]{64})"\}\n')
"""The end of a file of refused lines: the SHA-256 of every byte before it."""
SEAL_BYTES: Final = len(b',"sha256":""}\n') + 64

_CHUNK: Final = 1 << 20


class Rejects:
    """Where the refused lines of a file stand, or stood after an earlier run."""

    def __init__(self, file: str, language: str) -> None:
        """Take the submitted file's name."""
        self.language = language
        self._stem = f"{'stdin' if file == '-' else file}.rejected"
        self.path = Path(f"{self._stem}.jsonl")

    def require_place(self) -> None:
        """Ask, before anything is recorded, whether refused lines could be written.

        Raises LedgerError (`unwritable-file`).
        """
        if self.path.is_dir() or not os.access(self.path.parent, os.W_OK | os.X_OK):
            raise LedgerError("unwritable-file", path=str(self.path))

    def write(self, receipts: Receipts) -> None:
        """Write the refused lines, whole or not at all; without any, take those of an earlier run away.

        Raises LedgerError (`unwritable-file`).
        """
        if not receipts.refused:
            self.remove(receipts)
            return
        changed = [path for path in self._earlier() if not is_unchanged(path)]
        path = next(path for path in self._paths() if path not in changed)
        try:
            _write(receipts, path, self.language)
        except OSError:
            raise LedgerError("unwritable-file", path=str(path)) from None
        for left in changed:
            self._say("rejected-changed", left)
        self._say("rejected-file", path)

    def remove(self, receipts: Receipts) -> None:
        """Remove what an earlier run wrote, now that all of the file is recorded; name what was changed since."""
        if receipts.refused:
            return
        for path in list(self._earlier()):
            self._say("rejected-removed" if is_unchanged(path) and _is_removed(path) else "rejected-left", path)

    def _paths(self) -> Iterator[Path]:
        """Yield the names of such files: the second stands in for a first that somebody changed, and so on."""
        yield self.path
        yield from (Path(f"{self._stem}-{number}.jsonl") for number in count(2))

    def _earlier(self) -> Iterator[Path]:
        """Yield those that are there."""
        for path in self._paths():
            if not os.path.lexists(path):
                return
            yield path

    def _say(self, key: str, path: Path) -> None:
        print_text(say(self.language, key, path=path), err=True)


def is_unchanged(path: Path) -> bool:
    """Return whether a file still holds, byte for byte, the refused lines that were written to it."""
    try:
        # No link is followed, and no pipe waited for.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size < SEAL_BYTES:
                return False
            digest, left = sha256(), status.st_size - SEAL_BYTES
            while left and (chunk := file.read(min(left, _CHUNK))):
                digest.update(chunk)
                left -= len(chunk)
            seal = SEAL.fullmatch(file.read())
    except OSError:
        return False
    return seal is not None and seal[1] == digest.hexdigest().encode()


def _is_removed(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    return True


def _write(receipts: Receipts, path: Path, language: str) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".dingji-", delete=False) as draft:
        try:
            digest = sha256()
            for part in _parts(receipts, language):
                digest.update(part)
                draft.write(part)
            draft.write(b',"sha256":"%b"}\n' % digest.hexdigest().encode())
            os.fchmod(draft.fileno(), 0o666 & ~_umask())
            draft.close()
            Path(draft.name).replace(path)
        except BaseException:
            Path(draft.name).unlink(missing_ok=True)
            raise


def _parts(receipts: Receipts, language: str) -> Iterator[bytes]:
    """Yield the lines of the file, each with the end of the one before; the last is left open."""
    end = b""
    for rejected in receipts.rejected():
        yield end + json_bytes(_line(rejected, language))[: -len(b"}\n")]
        end = b"}\n"


def _line(rejected: Rejected, language: str) -> dict[str, Any]:
    """Return a refused line as it is written: as it stood where it is an object, else as text."""
    faults = [fault.render(language) for fault in rejected.faults]
    if _is_object(rejected):
        return {"line": rejected.line, "submission": orjson.Fragment(rejected.text), "faults": faults}
    return {"line": rejected.line, "text": rejected.text.decode("utf-8", "backslashreplace"), "faults": faults}


def _is_object(rejected: Rejected) -> bool:
    """Return whether any reader of JSON reads the same in a line."""
    if b"\r" in rejected.text or any(fault.code == "duplicate-key" for fault in rejected.faults):
        return False
    try:
        return isinstance(orjson.loads(rejected.text), dict)
    except orjson.JSONDecodeError:
        return False


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
