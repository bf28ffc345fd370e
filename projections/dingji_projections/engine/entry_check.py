"""What is checked of an entry when the views first read it (its place, its moment, its form), and its checksum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from dingji.events.row import Row, Unreadable, unreadable
from dingji.events.vocabulary import VERB_OF_TOPIC
from dingji.moments import is_stored_moment
from dingji.store.log import Log
from dingji.terms import entry_name

if TYPE_CHECKING:
    from dingji.faults import IntegrityBroken

SUM_BYTES: Final = 8
"""Bytes kept of an entry's SHA-256: it takes some 2^64 trials to find other bytes with the same."""

NO_SUM: Final = bytes(SUM_BYTES)
"""What is kept of an entry that nobody can read: to mend it is no change."""

UNREADABLE: Final = "unreadable-entry"
INCONSISTENT: Final = "log-inconsistent"
ENDS: Final = {"newer-form": UNREADABLE, "time-back": INCONSISTENT}
"""What is wrong with a state and ends the reading, with its code."""


class Damage(NamedTuple):
    """What is wrong with the log at one position; stream and version are empty where no entry stands there."""

    position: int
    stream: str
    version: int
    topic: str
    code: str
    why: str

    def error(self) -> IntegrityBroken:
        """Return the error that says so."""
        from dingji import faults  # late: it brings msgspec, a fifth of what a cold query may cost

        entry = entry_name(self.stream, self.version) if self.stream else ""
        if self.code == INCONSISTENT:
            return faults.inconsistent(self.why, position=self.position, entry=entry)
        return faults.IntegrityBroken(self.code, entry=entry, position=self.position, topic=self.topic, why=self.why)


def damage_of(row: Row, code: str, why: str) -> Damage:
    """Return what is wrong with a row, whatever stands in its cells."""
    position, stream, version, topic, _ = row
    return Damage(position, str(stream), version, str(topic), code, why)


def hole(position: int) -> Damage:
    """Return what is wrong where an entry is missing."""
    return Damage(position, "", 0, "", INCONSISTENT, "hole")


@contextmanager
def read_as_plain_json(row: Row) -> Iterator[None]:
    """Raise IntegrityBroken (`unreadable-entry`) where reading the state of a row as plain JSON fails."""
    try:
        yield
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise unreadable(row, f"{type(error).__name__}: {error}") from None


class EntrySums:
    """Makes the checksums of entries: the first bytes of the SHA-256 of their frame, which is that of `codec.frame`."""

    def __init__(self) -> None:
        self._parts: dict[str | int, bytes] = {}

    def of(self, row: Row) -> bytes:
        """Return the sum of an entry (hot path: it runs for every entry that is read)."""
        _, stream, version, topic, state = row
        if type(state) is not bytes:
            return NO_SUM
        parts = self._parts
        try:
            framed = (parts[stream], parts[version], parts[topic], len(state).to_bytes(8, "big"), state)
        except KeyError:
            for part in (stream, version, topic):
                text = str(part).encode()
                parts[part] = len(text).to_bytes(8, "big") + text
            return self.of(row)
        return sha256(b"".join(framed)).digest()[:SUM_BYTES]


def ledger_identity(log: Log) -> str | None:
    """Return what tells a ledger from any other: 16 hex digits of the SHA-256 of its first entry's frame.

    None for a ledger without entries, or whose first entry nobody can read.
    """
    first = log.row(1)
    found = EntrySums().of(first) if first is not None else NO_SUM
    return found.hex() if found != NO_SUM else None


class ReadStretch(NamedTuple):
    """What the reading of a stretch of the log came to."""

    position: int
    """The last position that was read."""
    moment: str
    """When the last readable entry up to there was recorded."""
    sums: list[bytes]
    """The sums of the entries in the order of positions."""
    unreadable: list[Damage]
    """The entries that nobody can read; what does not depend on them can be answered."""
    end: Damage | None
    """What ended the reading: nothing from there on can be answered."""


def checked(
    rows: Iterable[Row], position: int, moment: str, lengths: dict[str, int], counts: dict[str, int]
) -> ReadStretch:
    """Check the entries behind a position, where `moment` was the last.

    The lengths of streams and the counts of topics grow by them.

    Hot path: it runs for every entry of the log.
    """
    from dingji_projections.engine.briefs import Unread, recorded_at_of  # late, for it brings msgspec

    sums, unreadable, sum_of = list[bytes](), list[Damage](), EntrySums().of
    end: Damage | None = None
    for row in rows:
        at, stream, version, topic, state = row
        if at != position + 1 or version != lengths[stream] + 1 or topic not in VERB_OF_TOPIC:
            end = _out_of_place(row, position, lengths)
            break
        try:
            recorded_at = recorded_at_of(topic, state)
            if recorded_at != moment:  # all entries of one file have the same
                moment = _later(recorded_at, moment)
        except Unread as error:
            if error.why in ENDS:
                end = damage_of(row, ENDS[error.why], error.why)
                break
            unreadable.append(damage_of(row, UNREADABLE, error.why))
            sums.append(NO_SUM)
        else:
            sums.append(sum_of(row))
        lengths[stream] = version
        counts[topic] += 1
        position = at
    return ReadStretch(position, moment, sums, unreadable, end)


def _out_of_place(row: Row, position: int, lengths: dict[str, int]) -> Damage:
    if row.position != position + 1:
        return hole(position + 1)
    if isinstance(row.state, Unreadable):
        return damage_of(row, UNREADABLE, row.state.why)
    if row.version != lengths[row.stream] + 1:
        return damage_of(row, INCONSISTENT, "version-order")
    return damage_of(row, UNREADABLE, "unknown-topic")


def _later(recorded_at: str, moment: str) -> str:
    """Return the first of two moments. Raises Unread where it is none as the ledger writes them, or the earlier one."""
    from dingji_projections.engine.briefs import Unread

    if not is_stored_moment(recorded_at):
        raise Unread("bad-moment")
    if recorded_at < moment:
        raise Unread("time-back")
    return recorded_at
