"""A hearing: submissions judged against the ledger as known at a position, on any date, with nothing recorded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime, time, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dingji.dates import moment_text
from dingji.events.row import Row
from dingji.events.submissions import Submission
from dingji.rules.decide import Decision, decide
from dingji.state.state_cache import States
from dingji.store.log import Log
from dingji.writer.lookup import Contexts, Lookup

if TYPE_CHECKING:
    from dingji.plugins.manager import Plugins

CAP_BYTES: Final = 16 << 20
"""Memory for the states that a hearing holds: a station, some offices, the rounds."""

HEARD: Final = "hearing"
"""In place of the id of what is only heard."""


class KnownLog(NamedTuple):
    """A log read up to a position."""

    log: Log
    known: int

    @property
    def path(self) -> Path:
        """The ledger's file."""
        return self.log.path

    def stream(self, stream: str) -> list[Row]:
        """Return the entries of a stream by version."""
        return self.log.stream(stream, upto=self.known)

    def entry(self, stream: str, version: int) -> Row | None:
        """Return the entry that a stream and a version name."""
        row = self.log.entry(stream, version)
        return row if row is not None and row.position <= self.known else None

    def streams(self, prefix: str) -> Iterator[str]:
        """Name the streams that begin with `prefix`, in order."""
        return (name for name in self.log.streams(prefix) if self.entry(name, 1) is not None)

    def find(self, topics: Collection[str], keys: Sequence[str], value: str) -> Iterator[Row]:
        """Return the entries of the topics whose state holds the text `value` under `keys`."""
        return self.log.find(topics, keys, value, upto=self.known)


class Hearing:
    """One date at which submissions are judged as if they were handed in at its end."""

    def __init__(self, log: Log, plugins: Plugins, known: int, on: date, zone: timezone) -> None:
        """Read the log up to a position; the date's end in `zone` is the moment of recording."""
        self.writer = KnownLog(log, known)
        self.plugins: Callable[[], Plugins] = lambda: plugins
        self.states, self.position = States(CAP_BYTES), known
        self.lookup = Lookup(self)
        self._contexts = Contexts(self.lookup, moment_text(datetime.combine(on, time.max, zone)))

    def state(self, stream: str) -> Any:
        """Return a stream's state as known."""
        held = self.states.held(stream)
        return held if held is not None else self.states.load(stream, self.writer.stream)

    def flush(self) -> None:
        """Nothing waits to be written."""

    def judge(self, submission: Submission) -> Decision:
        """Return what would become of a submission about a station."""
        station = self.state(f"station:{getattr(submission, 'station', '')}")
        return decide(self._contexts.of(submission, station, HEARD, HEARD), submission)
