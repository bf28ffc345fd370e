"""The log within one transaction: what waits to be written is written before it could be missed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

from eventsourcing.persistence import StoredEvent

from dingji.events import codec
from dingji.events.events import Event, topic_of
from dingji.events.row import Row
from dingji.store.log import Writer

FLUSH_ROWS: Final = 1000
FLUSH_BYTES: Final = 4 << 20
"""What waits to be written is bounded in rows and in bytes: a single report may have a mebibyte."""


class PendingLog:
    """The writer of a transaction, with the events that wait to be appended to it in one go."""

    def __init__(self, writer: Writer) -> None:
        """Start with nothing pending."""
        self._writer = writer
        self._pending: list[tuple[str, int, Event]] = []
        self._pending_bytes = 0
        self._streams: set[str] = set()

    @property
    def path(self) -> Path:
        """The ledger's file."""
        return self._writer.path

    def append(self, stream: str, version: int, event: Event, size: int) -> int:
        """Queue an event of about `size` bytes and return its position (hot path)."""
        pending = self._pending
        pending.append((stream, version, event))
        self._pending_bytes += size
        self._streams.add(stream)
        rows = len(pending)
        position = self._writer.head + rows
        if rows >= FLUSH_ROWS or self._pending_bytes >= FLUSH_BYTES:
            self.flush()
        return position

    def flush(self) -> None:
        """Append what is pending, within the transaction."""
        if self._pending:
            self._writer.append([_stored(*entry) for entry in self._pending])
            self._pending.clear()
            self._pending_bytes = 0
            self._streams.clear()

    def head(self) -> int:
        """Return the greatest position, pending events included."""
        return self._writer.head + len(self._pending)

    def stream(self, stream: str) -> list[Row]:
        """Return the entries of a stream by version."""
        self._flush_stream(stream)
        return self._writer.stream(stream)

    def entry(self, stream: str, version: int) -> Row | None:
        """Return the entry that a stream and a version name."""
        self._flush_stream(stream)
        return self._writer.entry(stream, version)

    def streams(self, prefix: str) -> Iterator[str]:
        """Name the streams that begin with `prefix`, in order."""
        self.flush()
        return self._writer.streams(prefix)

    def find(self, topics: Collection[str], keys: Sequence[str], value: str) -> Iterator[Row]:
        """Yield the entries of the topics whose state holds the text `value` under `keys`; it reads them all."""
        self.flush()
        return self._writer.find(topics, keys, value)

    def _flush_stream(self, stream: str) -> None:
        """Append what is pending if some of it belongs to a stream: an import reads mostly streams without any."""
        if stream in self._streams:
            self.flush()


def _stored(stream: str, version: int, event: Event) -> StoredEvent:
    """Return the library's record of an event, made past its `__init__`, which takes as long as SQLite (hot path)."""
    stored = object.__new__(StoredEvent)
    fields = stored.__dict__
    fields["originator_id"] = stream
    fields["originator_version"] = version
    fields["topic"] = topic_of(event)
    fields["state"] = codec.encode(event)
    return stored
