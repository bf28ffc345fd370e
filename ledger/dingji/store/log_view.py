"""A view of the log: what it held at a position, perhaps with rows at its end that nobody recorded."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from heapq import merge
from itertools import groupby

from dingji.events.row import Row
from dingji.store.log import Log


class LogView(Log):
    """The log cut off at a position, with the extra rows behind it; nothing can be written to it."""

    def __init__(self, log: Log, known: int, extra: Sequence[Row] = ()) -> None:
        """Show what `log` holds up to position `known`; an extra row may stand at that position or at later ones."""
        super().__init__(log.path, log._connection, log._cookie, readonly=True)
        self._log, self._known, self._extra = log, known, tuple(extra)

    def close(self) -> None:
        """Leave the connection open: it belongs to the log that is viewed."""

    def head(self) -> int:
        """Return the greatest position in view, 0 when there is nothing."""
        return max([min(self._known, self._log.head()), *(row.position for row in self._extra)])

    def stream(self, stream: str, *, upto: int | None = None) -> list[Row]:
        """Return the entries of a stream by version, those at positions up to `upto`."""
        rows = self._log.stream(stream, upto=self._within(upto))
        return rows + [row for row in self._extra if row.stream == stream and _reaches(upto, row)]

    def row(self, position: int) -> Row | None:
        """Return the entry at a position; where an extra row shares it, the recorded one."""
        recorded = self._log.row(position) if position <= self._known else None
        return recorded or next((row for row in self._extra if row.position == position), None)

    def entry(self, stream: str, version: int) -> Row | None:
        """Return the entry that a stream and a version name."""
        recorded = self._log.entry(stream, version)
        if recorded is not None and recorded.position <= self._known:
            return recorded
        return next((row for row in self._extra if (row.stream, row.version) == (stream, version)), None)

    def streams(self, prefix: str) -> Iterator[str]:
        """Name the streams that begin with `prefix`, in order."""
        recorded = (name for name in self._log.streams(prefix) if self.entry(name, 1) is not None)
        extra = sorted({row.stream for row in self._extra if row.stream.startswith(prefix)})
        return (name for name, _ in groupby(merge(recorded, extra)))

    def find(
        self, topics: Collection[str], keys: Sequence[str], value: str, *, upto: int | None = None
    ) -> Iterator[Row]:
        """Yield the entries of the topics whose state holds the text `value` under `keys`; it reads them all."""
        yield from self._log.find(topics, keys, value, upto=self._within(upto))
        for row in self._extra:
            if row.topic in topics and _reaches(upto, row) and _holds(row, keys, value):
                yield row

    def scan(
        self,
        after: int = 0,
        *,
        upto: int | None = None,
        topics: Collection[str] | None = None,
        first: str | None = None,
        last: str | None = None,
    ) -> Iterator[Row]:
        """Read on from a position to `upto`, or to the head; `first` and `last` bound the streams."""
        yield from self._log.scan(after, upto=self._within(upto), topics=topics, first=first, last=last)
        for row in self._extra:
            in_streams = (first is None or row.stream >= first) and (last is None or row.stream <= last)
            if after < row.position and _reaches(upto, row) and in_streams and (topics is None or row.topic in topics):
                yield row

    def _within(self, upto: int | None) -> int:
        return self._known if upto is None else min(upto, self._known)


def _reaches(upto: int | None, row: Row) -> bool:
    return upto is None or row.position <= upto


def _holds(row: Row, keys: Sequence[str], value: str) -> bool:
    """Return whether a row's state holds a text under nested keys."""
    found = json.loads(row.state)
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return bool(found == value)
