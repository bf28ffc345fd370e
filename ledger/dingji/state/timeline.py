"""The two time axes: which entries of a station count on a date as known at a position, and the spans they give.

Dates are ordinals of the proleptic calendar (`date.toordinal`), spans half-open. `FOREVER` ends what is not ended.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from functools import partial
from operator import itemgetter
from typing import Any, Final, NamedTuple, cast

from dingji.terms import UNGRADED

FOREVER: Final = 2**31 - 1
"""The end of a span that nothing ends yet, as a date and as a position."""

REGISTERED, MOVED, CLASSIFIED, RECOGNISED, CERTIFIED, UPHELD, DOWNGRADED, CLOSED, AFTER_ALL = range(9)
"""The order of the kinds of entry on one date; AFTER_ALL sorts behind every kind."""

RANK_OF_KIND: Final[dict[str, int]] = {
    "StationRegistered": REGISTERED,
    "StationRenamed": MOVED,
    "StationTransferred": MOVED,
    "SizeClassified": CLASSIFIED,
    "LevelRecognised": RECOGNISED,
    "LevelCertified": CERTIFIED,
    "LevelUpheld": UPHELD,
    "LevelDowngraded": DOWNGRADED,
    "StationClosed": CLOSED,
}

LEVEL_TOPICS: Final = frozenset(RANK_OF_KIND) - {"StationRenamed", "LevelUpheld"}
"""The topics that can change a span; with `EntryVoided` all that the levels projection reads."""


class Entry(NamedTuple):
    """A counting entry, in the order of counting: `word` and `rank` are its county, size or level by kind."""

    on: int
    kind: int
    version: int
    word: str
    rank: int


class Standing(NamedTuple):
    """What holds of a station: `since` (ordinal) and `entry` (version) are of the last change of the level's value."""

    county: str
    size: str | None
    level: str
    rank: int
    since: int
    entry: int


class Span(NamedTuple):
    """One standing over [valid_from, valid_to), as known over [known_from, known_to)."""

    valid_from: int
    valid_to: int
    known_from: int
    known_to: int
    standing: Standing


# These skip the keywords and the length check of a NamedTuple, which cost more than the tuple: the hot path.
entry_of = cast("Callable[[tuple[int, int, int, str, int]], Entry]", partial(tuple.__new__, Entry))
"""Make an entry of its five values."""
_span = cast("Callable[[Any], Span]", partial(tuple.__new__, Span))
_standing = cast("Callable[[Any], Standing]", partial(tuple.__new__, Standing))
_place = itemgetter(0, 2)


def step(held: Standing | None, entry: Entry) -> Standing | None:
    """Fold one counting entry: certified never lowers, downgraded never raises, closed ends for good."""
    on, kind, version, word, rank = entry
    if kind == REGISTERED:
        return Standing(word, None, UNGRADED, 0, on, version)
    if held is None or kind == CLOSED:
        return None
    county, size, level, held_rank, since, setter = held
    if kind == CERTIFIED:
        changes = rank > held_rank
    elif kind == DOWNGRADED:
        changes = rank < held_rank
    elif kind == RECOGNISED:
        changes = word != level
    elif kind == CLASSIFIED:
        return _standing((county, word, level, held_rank, since, setter))
    elif kind == MOVED:
        return _standing((word, size, level, held_rank, since, setter))
    else:
        return held
    return _standing((county, size, word, rank, on, version)) if changes else held


class LevelLine(NamedTuple):
    """A station's counting entries in order, with the fold after each."""

    entries: tuple[Entry, ...] = ()
    standings: tuple[Standing | None, ...] = ()

    @staticmethod
    def of(entries: Iterable[Entry]) -> LevelLine:
        """Return the line of entries that come in any order."""
        return LevelLine()._from(0, tuple(sorted(entries)))

    def insert(self, entry: Entry) -> LevelLine:
        """Return the line with one entry more; only what sorts behind it is folded again."""
        entries, standings = self
        if entries and entry > entries[-1]:  # hot path: as a rule it is the latest
            return LevelLine((*entries, entry), (*standings, step(standings[-1], entry)))
        place = bisect_left(entries, entry)
        return self._from(place, (entry, *entries[place:]))

    def remove(self, version: int) -> LevelLine:
        """Return the line without the entry of that version (the same line where it has none)."""
        for place, entry in enumerate(self.entries):
            if entry.version == version:
                return self._from(place, self.entries[place + 1 :])
        return self

    def before(self, on: int, kind: int) -> Standing | None:
        """Return the fold of the entries that would sort before a new one of this date and kind."""
        place = bisect_left(self.entries, (on, kind + 1))
        return self.standings[place - 1] if place else None

    def at(self, on: int) -> Standing | None:
        """Return the fold of all entries of a date and before (hot path: as a rule the date is behind them all)."""
        entries = self.entries
        if entries and entries[-1].on <= on:
            return self.standings[-1]
        return self.before(on, AFTER_ALL)

    def _from(self, place: int, behind: tuple[Entry, ...]) -> LevelLine:
        held = self.standings[place - 1] if place else None
        standings = list(self.standings[:place])
        for entry in behind:
            held = step(held, entry)
            standings.append(held)
        return LevelLine(self.entries[:place] + behind, tuple(standings))

    def spans(self, start: int = 0) -> list[tuple[int, int, Standing]]:
        """Return (from, to, standing) in date order, from the one that holds on `start` on; equal ones are joined."""
        found: list[tuple[int, int, Standing]] = []
        entries, standings = self
        last = len(entries) - 1
        held: Standing | None = None
        since = 0
        for place, standing in enumerate(standings):
            on = entries[place].on
            if (place < last and entries[place + 1].on == on) or standing == held:
                continue
            if held is not None and on > start:
                found.append((since, on, held))
            held, since = standing, on
        if held is not None:
            found.append((since, FOREVER, held))
        return found


class Knowledge:
    """The spans of one station as knowledge grows: the one function behind rebuild and catch-up (hot path)."""

    __slots__ = ("closed", "entries", "open", "standings")

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.standings: list[Standing | None] = []
        self.open: list[Span] = []
        self.closed: list[Span] = []

    @property
    def line(self) -> LevelLine:
        """The entries that count as known last, with the fold after each."""
        return LevelLine(tuple(self.entries), tuple(self.standings))

    def learn(self, position: int, entry: Entry) -> None:
        """Take in an entry at its position."""
        entries, standings = self.entries, self.standings
        if entries and entry < entries[-1]:
            self._become(position, self.line.insert(entry), entry.on)
            return
        held = standings[-1] if standings else None
        standing = step(held, entry)
        entries.append(entry)
        standings.append(standing)
        if standing is not held and standing != held:
            self._extend(position, entry.on, held, standing)

    def forget(self, position: int, version: int) -> None:
        """Take in the void of an entry, at the void's position."""
        for entry in self.entries:
            if entry.version == version:
                self._become(position, self.line.remove(version), entry.on)
                return

    def spans(self) -> list[Span]:
        """Return every span ever known, in (valid_from, known_from) order."""
        return sorted(self.closed + self.open, key=_place)

    def _extend(self, position: int, on: int, held: Standing | None, standing: Standing | None) -> None:
        """Change the open end alone, from `on`: most entries sort behind all earlier ones."""
        spans, start = self.open, on
        if held is not None:
            before = spans.pop()
            self._close(before, position)
            start = before[0]
        if start < on:
            spans.append(_span((start, on, position, FOREVER, held)))
        elif spans and spans[-1][1] == on and spans[-1][4] == standing:
            before = spans.pop()  # what another entry of this date had cut off is joined again
            self._close(before, position)
            on = before[0]
        if standing is not None:
            spans.append(_span((on, FOREVER, position, FOREVER, standing)))

    def _become(self, position: int, line: LevelLine, start: int) -> None:
        """Keep the open spans that still hold, close the others at this position, open what is new."""
        self.entries[:], self.standings[:] = line
        kept = len(self.open)
        while kept and self.open[kept - 1][1] >= start:  # one that ends there may be joined to what now follows it
            kept -= 1
        touched = self.open[kept:]
        begin = touched[0][0] if touched else start
        same = {(span[0], span[1], span[4]): span for span in touched}
        opened: list[Span] = []
        for fresh in line.spans(min(begin, start)):
            if fresh[1] > begin:
                still = same.pop(fresh, None)
                opened.append(_span((fresh[0], fresh[1], position, FOREVER, fresh[2])) if still is None else still)
        for span in same.values():
            self._close(span, position)
        self.open[kept:] = opened

    def _close(self, span: Span, position: int) -> None:
        """End the knowledge of a span; one opened at this very position was never known."""
        if span[2] < position:
            self.closed.append(_span((span[0], span[1], span[2], position, span[4])))
