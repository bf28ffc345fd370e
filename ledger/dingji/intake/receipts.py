"""Receipts: what became of each submission, kept on disk until the file's fate is known."""

from __future__ import annotations

import io
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from typing import IO, Any, Final

import msgspec

from dingji.faults import Fault
from dingji.terms import Status

SPOOLED_BYTES: Final = 1 << 20
"""What one file's receipts take in memory before they go to disk."""

ENCODED_AT_ONCE: Final = 200

_encode_lines = msgspec.json.Encoder().encode_lines


class Receipt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one submission. `position` is a place in the log, `entry` the name of the entry there."""

    line: int
    id: str | None = None
    status: Status
    entry: str | None = None
    position: int | None = None
    voided: bool = False
    irregularities: tuple[Fault, ...] = ()
    notes: tuple[Fault, ...] = ()
    faults: tuple[Fault, ...] = ()

    def render(self, language: str) -> dict[str, Any]:
        """Return the receipt as `--json` prints it, its messages in `language`."""
        return {
            "line": self.line,
            "id": self.id,
            "status": self.status.value,
            "entry": self.entry,
            "position": self.position,
            "voided": self.voided,
            "irregularities": [fault.render(language) for fault in self.irregularities],
            "notes": [fault.render(language) for fault in self.notes],
            "faults": [fault.render(language) for fault in self.faults],
        }


class Rejected(msgspec.Struct, frozen=True):
    """A refused line as it was handed in, for `<file>.rejected.jsonl`."""

    line: int
    text: bytes
    faults: tuple[Fault, ...]


class _Spool:
    """Records as lines of JSON, on disk once they are many (hot path: good ones are encoded together)."""

    def __init__(self) -> None:
        self._new: list[Receipt | Rejected] = []
        self._latest = bytearray()
        self._earlier: IO[bytes] | None = None

    def add(self, record: Receipt | Rejected) -> None:
        self._new.append(record)
        if record.faults or len(self._new) >= ENCODED_AT_ONCE:  # what has faults may be long
            self._encode()

    def _encode(self) -> None:
        self._latest += _encode_lines(self._new)
        self._new.clear()
        if len(self._latest) > SPOOLED_BYTES:
            if self._earlier is None:
                self._earlier = tempfile.TemporaryFile()  # noqa: SIM115  (open until the receipts are closed)
            self._earlier.seek(0, os.SEEK_END)
            self._earlier.write(self._latest)
            self._latest.clear()

    def __iter__(self) -> Iterator[bytes]:
        self._encode()
        if self._earlier is not None:
            self._earlier.seek(0)
            yield from self._earlier
        yield from io.BytesIO(self._latest)

    def close(self) -> None:
        if self._earlier is not None:
            self._earlier.close()
        self._latest.clear()
        self._new.clear()


class Receipts:
    """The receipts of one file, in its order; spooled, so that a file's length costs no memory."""

    def __init__(self) -> None:
        """Start empty."""
        self._spool = _Spool()
        self._rejected = _Spool()
        self._base = 0
        self.counts: Counter[Status] = Counter()
        self.irregular = 0
        self.committed = False

    def add(self, receipt: Receipt, text: bytes = b"") -> None:
        """Keep a receipt, and the text of a refused line."""
        self._spool.add(receipt)
        self.counts[receipt.status] += 1
        if receipt.irregularities:
            self.irregular += 1
        if receipt.status is Status.REFUSED:
            self._rejected.add(Rejected(receipt.line, text, receipt.faults))

    @property
    def refused(self) -> int:
        """How many submissions were refused."""
        return self.counts[Status.REFUSED]

    def settle(self, *, committed: bool, base: int) -> None:
        """Fix the fate of the file: without a commit nothing beyond position `base` was recorded."""
        self.committed, self._base = committed, base
        if not committed:
            # A repeated line may repeat one that is not recorded now, so each is looked at as it finally stands.
            self.counts = Counter(receipt.status for receipt in self)

    def __iter__(self) -> Iterator[Receipt]:
        """Yield the receipts as they finally stand."""
        decode = msgspec.json.Decoder(Receipt).decode
        for text in self._spool:
            receipt = decode(text)
            if not self.committed and receipt.position is not None and receipt.position > self._base:
                receipt = msgspec.structs.replace(receipt, status=Status.NOT_RECORDED, entry=None, position=None)
            yield receipt

    def rejected(self) -> Iterator[Rejected]:
        """Yield the refused lines."""
        decode = msgspec.json.Decoder(Rejected).decode
        for text in self._rejected:
            yield decode(text)

    def close(self) -> None:
        """Drop the spools."""
        self._spool.close()
        self._rejected.close()

    def __enter__(self) -> Receipts:
        """Return the receipts themselves."""
        return self

    def __exit__(self, *_: object) -> None:
        """Drop the spools."""
        self.close()
