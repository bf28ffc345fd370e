"""A notice's official text, as someone holds it: the rows and cells of its attachments, held against a catalogue.

The text is never part of the program. A notice's `cells.toml` holds, for each row of a standard, the SHA-256 of the
row's normalised cells. How the text is laid out: a line `附件1` begins an attachment; each cell begins with a tab at
the start of a line and runs over the lines without one; a row ends at an empty line before the next tab. The first row
names the columns. A cell is normalised to NFKC without white space; a row is its cells, empty ones too, one a line.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path
from typing import Final, Literal, NamedTuple

from dingji.catalogue.data_faults import DataFaults
from dingji.catalogue.notice import Notice
from dingji.catalogue.standard import Standard
from dingji.faults import LedgerError

FILE: Final = "cells.toml"
"""The file of a notice's folder that holds the digests: standard, then row, then SHA-256 (hex)."""

LARGEST_TEXT: Final = 16 << 20
"""Bytes of an official text."""

Cells = tuple[str, ...]
"""The cells of one row as they stand in the text, without the breaks of its lines."""

Result = Literal["ok", "differs", "missing", "extra"]
"""What became of a row: as the catalogue has it, otherwise worded, not in the text, or only in the text."""

_DIGITS: Final = str.maketrans("一二三四五六七八九", "123456789")
_HEADING: Final = re.compile(r"附件([0-9]{1,4}):?")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class Compared(NamedTuple):
    """One row of the attachment held against the catalogue."""

    row: int
    result: Result
    cells: Cells


def read_text(path: str) -> str:
    """Return an official text. Raises LedgerError (`unreadable-file`, `too-large`)."""
    try:
        with Path(path).open("rb") as file:
            held = file.read(LARGEST_TEXT + 1)
        if len(held) > LARGEST_TEXT:
            raise LedgerError("too-large", why="file-bytes", limit=f"{LARGEST_TEXT >> 20} MiB")
        return held.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise LedgerError("unreadable-file", path=path, why=why) from None


def rows_of(text: str, attachment: int) -> list[Cells]:
    """Return the rows of an attachment's table, without the one that names its columns; none where it is not there."""
    lines = text.splitlines()
    headings = [(place, found) for place, line in enumerate(lines) if (found := _attachment(line))]
    ends = [*(place for place, _ in headings[1:]), len(lines)]
    for (start, number), end in zip(headings, ends, strict=False):  # without any heading there is one end too many
        if number == attachment and (rows := _table(lines[start + 1 : end])):
            return rows[1:]
    return []


def bare(cell: str) -> str:
    """Return a cell without white space."""
    return "".join(cell.split())


def row_digest(cells: Cells) -> str:
    """Return the SHA-256 (hex) of a row's normalised cells."""
    text = "\n".join(bare(unicodedata.normalize("NFKC", cell)) for cell in cells)
    return hashlib.sha256(text.encode()).hexdigest()


def row_digests(notice: Notice, standard: Standard) -> dict[int, str]:
    """Return the digest of every row that a standard follows. Raises LedgerError (`bad-notice`, `bad-catalogue`)."""
    written = notice.parse(FILE).get(standard.code, {})
    problems = DataFaults(FILE)
    rows = {str(indicator.row): indicator.row for indicator in standard.indicators}
    for row in rows.keys() - written.keys():
        problems.add(standard.code, row, "missing-key")
    for row, digest in written.items():
        if row not in rows:
            problems.unknown(standard.code, row, "unknown-key", [row], rows)
        elif not (isinstance(digest, str) and _SHA256.fullmatch(digest)):
            problems.add(standard.code, row, "bad-form", detail="SHA-256")
    problems.check()
    return {rows[row]: digest for row, digest in written.items()}


def compared(text: str, path: str, notice: Notice, standard: Standard) -> list[Compared]:
    """Return every row of a standard's attachment, held against the catalogue.

    Raises LedgerError (`no-attachment`, `bad-notice`, `bad-catalogue`).
    """
    digests = row_digests(notice, standard)
    rows = dict(enumerate(rows_of(text, standard.attachment), 1))
    if not rows:
        raise LedgerError("no-attachment", path=path, attachment=standard.attachment)
    return [
        Compared(row, _result(digests.get(row), rows.get(row)), rows.get(row, ()))
        for row in sorted(digests.keys() | rows.keys())
    ]


def _result(expected: str | None, cells: Cells | None) -> Result:
    if expected is None or cells is None:
        return "extra" if expected is None else "missing"
    return "ok" if row_digest(cells) == expected else "differs"


def _attachment(line: str) -> int:
    """Return the number of the attachment that a line begins, 0 where it begins none."""
    if line.startswith("\t"):
        return 0
    found = _HEADING.fullmatch(bare(unicodedata.normalize("NFKC", line)).translate(_DIGITS))
    return int(found[1]) if found else 0


def _table(lines: list[str]) -> list[Cells]:
    rows: list[list[str]] = []
    ended = True
    for line in lines:
        if line.startswith("\t"):
            if ended or not rows:  # the title above the first row need not end with an empty line
                rows.append([])
            rows[-1].append(line[1:])
        elif line.strip() and rows:
            rows[-1][-1] += line
        ended = not line.startswith("\t") and not line.strip()
    return [tuple(row) for row in rows]
