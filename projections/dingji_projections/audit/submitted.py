"""Entries by who submitted them and when: what came late, and all that an office or a person did."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, NamedTuple

import msgspec

from dingji.events import codec
from dingji.events.row import Row
from dingji.moments import civil_date
from dingji.store.log import Log
from dingji.terms import entry_name
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.briefs import Stored, reader
from dingji_projections.engine.projection import VOIDED
from dingji_projections.engine.rebuild import ReportProgress
from dingji_projections.records.voids import voided_entry

LOOK_EVERY: Final = 10_000


class _By(msgspec.Struct, frozen=True, gc=False):
    office: str
    person: str | None = None


class _Submission(Stored, frozen=True, gc=False):
    by: _By
    recorded_at: str
    entry: str | None = None


_read = reader(_Submission)


class Submitted(msgspec.Struct, frozen=True):
    """One entry; `days` is how long after its date it was recorded, below 0 never: the future is refused."""

    position: int
    entry: str
    topic: str
    on: date
    recorded_at: str
    days: int
    office: str
    person: str | None
    voided_by: str | None = None


class EntriesFound(NamedTuple):
    """The entries shown, and how many there are in all."""

    total: int
    entries: tuple[Submitted, ...]


class LateLimit(NamedTuple):
    """What is late: more than so many days, and how many of the worst are wanted."""

    days: int
    limit: int


def late(
    log: Log, basis: Basis, streams: list[str] | None, wanted: LateLimit, progress: ReportProgress
) -> EntriesFound:
    """Return the entries dated by the basis' date and recorded more than so many days later, the latest first."""
    pick = _Pick(basis)
    total = 0
    worst: list[tuple[int, int, Submitted]] = []
    for row, submission in pick.through(rows_of(log, basis, streams, progress)):
        lag = pick.day_of(submission.recorded_at) - submission.on.toordinal()
        if lag > wanted.days:
            total += 1
            if len(worst) < wanted.limit:
                heapq.heappush(worst, (lag, -row.position, _submitted(row, submission, lag)))
            elif lag > worst[0][0]:
                heapq.heapreplace(worst, (lag, -row.position, _submitted(row, submission, lag)))
    return EntriesFound(total, pick.marked(each for *_, each in sorted(worst, key=lambda one: one[:2], reverse=True)))


def acts_of(
    log: Log, basis: Basis, who: tuple[str | None, str | None], limit: int, progress: ReportProgress
) -> EntriesFound:
    """Return the entries that an office, a person, or a person for an office submitted: the last ones, in order."""
    pick, (office, person) = _Pick(basis), who
    total = 0
    last: deque[Submitted] = deque(maxlen=limit)
    for row, submission in pick.through(rows_of(log, basis, None, progress)):
        if office in {None, submission.by.office} and person in {None, submission.by.person}:
            total += 1
            last.append(_submitted(row, submission, pick.day_of(submission.recorded_at) - submission.on.toordinal()))
    return EntriesFound(total, pick.marked(last))


def rows_of(log: Log, basis: Basis, streams: list[str] | None, progress: ReportProgress) -> Iterator[Row]:
    """Yield the entries of some streams, or of all in the order of recording, as known."""
    if streams is not None:
        for done, stream in enumerate(streams):
            progress(done, len(streams))
            yield from log.stream(stream, upto=basis.known)
        return
    for count, row in enumerate(log.scan(upto=basis.known)):
        if count % LOOK_EVERY == 0:
            progress(row.position, basis.known)
        yield row


class _Pick:
    """Reads entries, keeping the voids that are met on the way: a void comes after what it names."""

    def __init__(self, basis: Basis) -> None:
        self._basis = basis
        self._voids: dict[str, str] = {}
        self._last: tuple[str, int] = ("", 0)

    def through(self, rows: Iterable[Row]) -> Iterator[tuple[Row, _Submission]]:
        """Yield what is dated by the basis' date."""
        on = self._basis.on
        for row in rows:
            submission = codec.read_row(row, _read)
            if row.topic == VOIDED and (gone := voided_entry(row, submission.entry)):
                self._voids.setdefault(gone, entry_name(row.stream, row.version))
            if submission.on <= on:
                yield row, submission

    def day_of(self, moment: str) -> int:
        """Return the civil day of a moment of the log; a file's entries share one."""
        if moment != self._last[0]:
            self._last = (moment, civil_date(moment, self._basis.zone).toordinal())
        return self._last[1]

    def marked(self, found: Iterable[Submitted]) -> tuple[Submitted, ...]:
        """Return entries with the voids that took them away."""
        voids = self._voids
        return tuple(
            msgspec.structs.replace(each, voided_by=voids[each.entry]) if each.entry in voids else each
            for each in found
        )


def _submitted(row: Row, submission: _Submission, days: int) -> Submitted:
    return Submitted(
        position=row.position,
        entry=entry_name(row.stream, row.version),
        topic=row.topic,
        on=submission.on,
        recorded_at=submission.recorded_at,
        days=days,
        office=submission.by.office,
        person=submission.by.person,
    )
