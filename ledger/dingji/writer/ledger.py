"""The only writer: takes submissions, gathers what their rules may look at, decides, and records all or nothing."""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, Final

from dingji.catalogue.notice import Notice
from dingji.events.row import recorded_at
from dingji.faults import LedgerError
from dingji.intake.files import Line
from dingji.intake.jsonl import reason_of
from dingji.intake.receipts import Receipts
from dingji.moments import now
from dingji.plugins.manager import Plugins
from dingji.state.state_cache import States
from dingji.state.station import Station
from dingji.store.log import Log, Writer
from dingji.writer.dry_judgement import DryJudgement
from dingji.writer.pending_log import FLUSH_ROWS
from dingji.writer.session import Progress, Session
from dingji.writer.stamp import Stamp

CAP_BYTES: Final = 192 << 20
"""The memory that states may take by default: of the 256 MiB that a process may, the program needs less than 64."""


class Ledger:
    """A ledger open for submissions."""

    def __init__(
        self,
        log: Log,
        plugins: Callable[[], Plugins],
        *,
        clock: Callable[[], datetime] = now,
        cap_bytes: int = CAP_BYTES,
        wait_seconds: float = 60.0,
    ) -> None:
        """Wrap an open log; plugins are loaded when a submission first needs them."""
        self.log = log
        self.plugins = plugins
        self.clock = clock
        self.wait_seconds = wait_seconds
        self.states = States(cap_bytes)
        self.seen = 0
        """The position up to which the held states are known to be true."""
        self.recorded_at = ""
        """When the entry at that position was recorded."""

    def submit(
        self,
        lines: Iterable[Line],
        *,
        partial: bool = False,
        dry_run: bool = False,
        clock_behind: str | None = None,
        progress: Progress | None = None,
    ) -> Receipts:
        """Judge the lines of one file in order and record them as one transaction.

        All or nothing; `partial` records the good lines, `dry_run` none. What a receipt calls recorded is on disk.
        `clock_behind` is the reason to record although the clock is more than a day behind the last entry.
        Raises LedgerError (`ledger-busy` after the wait, `ledger-not-writable`, `log-inconsistent`, `clock-behind`,
        `clock-not-set`, `bad-value` for a reason that says nothing).
        """
        reason = None if clock_behind is None else reason_of("--clock-behind", clock_behind)
        receipts = Receipts()
        try:
            with self._session(reason) as session, _resting_collector():
                session.take_all(lines, receipts, progress)
                session.finish(commit=not dry_run and (partial or not receipts.refused))
        except BaseException:
            receipts.close()
            raise
        receipts.settle(committed=session.committed, base=session.base)
        return receipts

    def start_new(self, notice: Notice, on: date, lines: Iterable[Line]) -> Receipts:
        """Begin a new ledger: its top office, its notice, then the lines of its roster; all or nothing."""
        receipts = Receipts()
        try:
            with self._session() as session, _resting_collector():
                session.record_founding(notice, on)
                session.take_all(lines, receipts)
                session.finish(commit=not receipts.refused)
        except BaseException:
            receipts.close()
            raise
        receipts.settle(committed=session.committed, base=session.base)
        return receipts

    def preview(self, station: str, standard: str, on: date) -> dict[str, Any]:
        """Return what assessing a station would find, from a read alone: the fields of an assessment.

        Raises LedgerError (`unknown-station`, `not-registered`, `unknown-standard`, `plugin-failed`).
        """
        lookup = DryJudgement(self.log, self.plugins(), self.log.head(), on, UTC).lookup
        state: Station | None = lookup.state(f"station:{station}")
        if state is None:
            raise LedgerError("unknown-station", field="station", station=station, nearest="")
        if on.toordinal() < state.registered:
            registered = str(date.fromordinal(state.registered))
            raise LedgerError("not-registered", field="on", station=station, on=str(on), registered=registered)
        adoption, _ = lookup.adoption(on)
        return lookup.assess(state, standard, on, adoption)

    @contextmanager
    def _session(self, reason: str | None = None) -> Iterator[Session]:
        """Hold the write lock, with the states made true to the head that it guards."""
        try:
            with self.log.writing(self.wait_seconds) as writer:
                self._catch_up(writer)
                # Under the lock, once, and only if something is recorded: what was recorded before needs no clock.
                stamp = functools.cache(lambda: Stamp(clock=self.clock(), last=self.recorded_at, reason=reason))
                session = Session(writer, self.states, self.plugins, stamp)
                yield session
                if not session.committed:
                    self.states.rolled_back()
                    writer.rollback()
        except BaseException:
            self.states.rolled_back()  # a commit that fails leaves nothing on disk either
            raise
        if session.committed:
            # Only now is it on disk.
            if session.position > session.base:
                self.seen, self.recorded_at = session.position, session.recorded_at
            self.states.dirty.clear()

    def _catch_up(self, writer: Writer) -> None:
        """Forget the states of streams that others wrote to since we last held the lock."""
        if self.seen and writer.head - self.seen > FLUSH_ROWS:
            self.states = States(self.states.cap_bytes)
        else:
            for position in range(self.seen + 1, writer.head + 1) if self.seen else ():
                row = writer.row(position)
                if row is not None:
                    self.states.drop(row.stream)
        if writer.head != self.seen:
            self.seen, self.recorded_at = writer.head, _last_moment(writer)


@contextmanager
def _resting_collector() -> Iterator[None]:
    """Let the garbage collector rest: we make no cycles, and looking for them costs a third of an import's time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _last_moment(writer: Writer) -> str:
    """Return when the last entry was recorded: no later one may be earlier. Raises IntegrityBroken."""
    row = writer.row(writer.head) if writer.head else None
    return recorded_at(row) if row else ""
