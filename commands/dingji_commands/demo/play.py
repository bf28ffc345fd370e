"""The demonstration as data, demo.jsonl.gz, and its replay into a new ledger; docs/demonstration.md says its form."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final

import msgspec

from dingji.evidence.references import digests
from dingji.faults import LedgerError
from dingji.intake.files import Line
from dingji.intake.receipts import Receipt
from dingji.plugins.manager import Plugins
from dingji.store.log import create_log
from dingji.writer.ledger import Ledger

DATA: Final = Path(__file__).with_name("demo.jsonl.gz")

LARGEST: Final = 32 << 20
"""Bytes of a data file, unpacked."""
MOST_LINES: Final = 10_000

FIRST, LAST = datetime(1949, 10, 1, tzinfo=UTC), datetime(2100, 12, 31, tzinfo=UTC)
"""The moments between which anything can have been recorded."""

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class DemoFounding(msgspec.Struct, frozen=True, tag="founding", forbid_unknown_fields=True):
    """How the ledger is founded: its notice, the day from which its stations count, and the roster as submissions."""

    notice: str
    on: date
    recorded: Moment
    submissions: tuple[msgspec.Raw, ...]


class DemoFile(msgspec.Struct, frozen=True, tag="file", forbid_unknown_fields=True):
    """Submissions that were handed in as one file, and when they were recorded."""

    recorded: Moment
    submissions: tuple[msgspec.Raw, ...]


class DemoPaper(msgspec.Struct, frozen=True, tag="paper", forbid_unknown_fields=True):
    """What a paper says that the reports refer to."""

    text: str


DemoLine = DemoFounding | DemoFile | DemoPaper
"""One line of the data file: the founding first, then the files in the order of their moments, then the papers."""


def play(data: Path, path: Path, plugins: Plugins) -> list[bytes]:
    """Write the data file into a new ledger, and return the papers that its reports refer to.

    Raises LedgerError (`unreadable-file`, `too-large`, `unknown-notice`; the first fault of a refused submission).
    """
    founding, files, papers = _in_order(data, demo_lines(data))
    notice = plugins.notice(founding.notice)
    if notice is None:
        raise LedgerError("unknown-notice", notice=founding.notice)
    moment = founding.recorded
    with create_log(path) as log:
        ledger = Ledger(log, lambda: plugins, clock=lambda: moment)
        with ledger.start_new(notice, founding.on, _lines(founding.submissions)) as receipts:
            check_recorded(receipts, moment)
        for file in files:
            moment = file.recorded
            with ledger.submit(_lines(file.submissions)) as receipts:
                check_recorded(receipts, moment)
        if digests(log) != {sha256(paper).hexdigest() for paper in papers}:
            raise _unreadable(data, "its papers are not those that its reports refer to")
    return papers


def _in_order(data: Path, lines: list[DemoLine]) -> tuple[DemoFounding, list[DemoFile], list[bytes]]:
    """Return the founding, the files and the papers. Raises LedgerError (`unreadable-file`) if one is out of place."""
    founding = lines[0]
    files = [line for line in lines if isinstance(line, DemoFile)]
    papers = [line.text.encode() for line in lines if isinstance(line, DemoPaper)]
    if not isinstance(founding, DemoFounding) or [*map(type, lines)] != [
        DemoFounding,
        *(DemoFile for _ in files),
        *(DemoPaper for _ in papers),
    ]:
        raise _unreadable(data, "its lines are a founding, then files, then papers")
    moments = [founding.recorded, *(file.recorded for file in files)]
    if moments != sorted(moments) or not all(FIRST <= moment <= LAST for moment in (moments[0], moments[-1])):
        raise _unreadable(data, "its files do not follow one another in time")
    if not files or len(set(papers)) != len(papers):
        raise _unreadable(data, "it has no files, or a paper twice")
    return founding, files, papers


def demo_lines(data: Path) -> list[DemoLine]:
    """Read a data file. Raises LedgerError (`unreadable-file`, `too-large`)."""
    try:
        with gzip.open(data) as packed:
            content = packed.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise LedgerError("too-large", why="file-bytes", limit=f"{LARGEST >> 20} MiB")
        count = content.count(b"\n")
        if not 0 < count <= MOST_LINES:
            raise _unreadable(data, f"{count} lines")
        return list(map(msgspec.json.Decoder(DemoLine).decode, content.splitlines()))
    except (OSError, EOFError, zlib.error, msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise _unreadable(data, getattr(error, "strerror", None) or str(error)) from None


def check_recorded(receipts: Iterable[Receipt], moment: datetime) -> None:
    """See that a file was recorded. Raises LedgerError with the first fault of one that was refused."""
    for receipt in receipts:
        for fault in receipt.faults:
            error = LedgerError(fault.code, field=fault.field, **fault.args)
            error.add_note(f"{moment}, line {receipt.line}")
            raise error


def _lines(submissions: Iterable[msgspec.Raw]) -> Iterator[Line]:
    for number, submission in enumerate(submissions, 1):
        yield Line(number, bytes(submission))


def _unreadable(data: Path, why: str) -> LedgerError:
    return LedgerError("unreadable-file", path=str(data), why=why)
