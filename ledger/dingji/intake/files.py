"""What a user hands in, a file or standard input, read as bounded lines; it is never held whole in memory."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, NamedTuple

from dingji.faults import Fault, LedgerError

LARGEST_FILE: Final = 4 << 30
"""Bytes of one submitted file or input."""

LARGEST_LINE: Final = 1 << 20
"""Bytes of one submission."""
LINE_LIMIT: Final = f"{LARGEST_LINE >> 20} MiB"

_CHUNK: Final = 1 << 20


class Line(NamedTuple):
    """One line that is not blank: its number from 1, and its bytes or what is wrong with its size."""

    number: int
    text: bytes
    fault: Fault | None = None


class Source:
    """An opened file of submissions; a pipe is copied to a temporary file first, so that no slow one holds a lock."""

    def __init__(self, path: str, standard_input: IO[bytes] | None = None) -> None:
        """Open `path`, or standard input for "-". Raises LedgerError (`unreadable-file`, `too-large`)."""
        self.name = path
        try:
            self._file = _spooled(standard_input) if path == "-" and standard_input else _opened(Path(path))
        except (OSError, ValueError) as error:  # a name with a null byte in it is a ValueError
            shown = path.encode("utf-8", "replace").decode()
            raise LedgerError(
                "unreadable-file", path=shown, why=getattr(error, "strerror", None) or str(error)
            ) from None
        self.size = os.fstat(self._file.fileno()).st_size
        if self.size > LARGEST_FILE:
            self.close()
            raise LedgerError("too-large", why="file-bytes", limit=f"{LARGEST_FILE >> 30} GiB")

    def close(self) -> None:
        """Close the file; a temporary copy is gone with it."""
        self._file.close()

    def __enter__(self) -> Source:
        """Return the source itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    @property
    def read(self) -> int:
        """Bytes read so far."""
        return self._file.tell()

    def text(self) -> bytes:
        """Return the whole of a small file. Raises LedgerError (`too-large`) over 64 lines' limit."""
        content = self._file.read(64 * LARGEST_LINE + 1)
        if len(content) > 64 * LARGEST_LINE:
            raise LedgerError("too-large", why="file-bytes", limit="64 MiB")
        return content

    def lines(self) -> Iterator[Line]:
        """Yield the lines that are not blank; one over the limit is passed over in bounded memory, as a fault."""
        number = 0
        readline = self._file.readline
        while text := readline(LARGEST_LINE + 2):
            number += 1
            if number == 1:
                text = text.removeprefix(b"\xef\xbb\xbf")
            if len(text) > LARGEST_LINE and len(text.rstrip(b"\r\n")) > LARGEST_LINE:
                self._skip(text)
                fault = Fault(code="too-large", args={"why": "line-bytes", "limit": LINE_LIMIT})
                yield Line(number, text[:200], fault)
            elif stripped := text.strip(b" \t\r\n"):
                yield Line(number, stripped)

    def _skip(self, text: bytes) -> None:
        while text and not text.endswith(b"\n"):
            text = self._file.readline(_CHUNK)


def _opened(path: Path) -> IO[bytes]:
    file = path.open("rb")
    mode = os.fstat(file.fileno()).st_mode
    if stat.S_ISREG(mode):
        return file
    with file:
        if stat.S_ISFIFO(mode):
            return _spooled(file)
        raise OSError(0, "not a file of submissions")


def _spooled(stream: IO[bytes]) -> IO[bytes]:
    copy = tempfile.TemporaryFile()  # noqa: SIM115  (it is what is returned)
    total = 0
    try:
        while chunk := stream.read(_CHUNK):
            total += len(chunk)
            if total > LARGEST_FILE:
                raise LedgerError("too-large", why="file-bytes", limit=f"{LARGEST_FILE >> 30} GiB")
            copy.write(chunk)
    except BaseException:
        copy.close()
        raise
    copy.seek(0)
    return copy
