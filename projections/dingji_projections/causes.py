"""What a difference of one station came of: the entries that turn what it was into what it is, and no others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from dingji.timeline import (
    CERTIFIED,
    CLASSIFIED,
    CLOSED,
    DOWNGRADED,
    MOVED,
    RECOGNISED,
    REGISTERED,
    Entry,
    Standing,
    step,
)

SIDES: Final = {
    "county": frozenset({MOVED}),
    "size": frozenset({CLASSIFIED}),
    "level": frozenset({RECOGNISED, CERTIFIED, DOWNGRADED}),
}
"""The sides of a standing, each with the kinds of entry that bear on it alone."""

_LIFE: Final = frozenset({REGISTERED, CLOSED})


class Seen(NamedTuple):
    """What is seen of a station at a point: what of a standing is compared."""

    county: str
    size: str | None
    level: str


class Ground(NamedTuple):
    """What one station's entries were at two points: those at both, and those at one of them.

    `start` is what the entries that are not named here come to.
    """

    start: Standing | None
    both: tuple[Entry, ...]
    added: tuple[Entry, ...]
    removed: tuple[Entry, ...]


def seen(standing: Standing | None) -> Seen | None:
    """Return what is compared of a standing."""
    return None if standing is None else Seen(standing[0], standing[1], standing[2])


def causes(ground: Ground, before: Seen | None, after: Seen | None) -> tuple[Entry, ...]:
    """Return the entries that explain a difference: none of them can be left out."""
    changed, bearing = sorted(ground.added + ground.removed), _bearing(before, after)
    chosen = [entry for entry in changed if entry.kind in bearing]
    if not _explains(ground, chosen, after):
        chosen = changed  # never so where a station is registered once
    latest = _latest(chosen)
    if len(latest) < len(chosen) and _explains(ground, latest, after):
        chosen = latest
    return tuple(_least(ground, chosen, after))


def _bearing(before: Seen | None, after: Seen | None) -> frozenset[int]:
    """Return the kinds of entry that bear on what differs."""
    if before is None or after is None:
        return _LIFE.union(*SIDES.values())
    sides = zip(before, after, SIDES.values(), strict=True)
    return _LIFE.union(*(kinds for was, now, kinds in sides if was != now))


def _latest(entries: Iterable[Entry]) -> list[Entry]:
    """Return the last entry of each side and each kind of life: as a rule they suffice."""
    side_of = {kind: side for side, kinds in SIDES.items() for kind in kinds}
    return sorted({side_of.get(entry.kind, entry.kind): entry for entry in entries}.values())


def _least(ground: Ground, chosen: list[Entry], after: Seen | None) -> list[Entry]:
    """Leave entries out, early ones first, as long as the rest explains as much."""
    more = len(chosen) > 1
    while more:
        more = False
        for entry in list(chosen):
            fewer = [other for other in chosen if other != entry]
            if _explains(ground, fewer, after):
                chosen, more = fewer, True
    return chosen


def _explains(ground: Ground, chosen: list[Entry], after: Seen | None) -> bool:
    """Return whether these of the entries that are at one point only, in order, turn what was into what is."""
    counting: Iterable[Entry] = chosen
    if ground.both or ground.removed:
        taken, added = set(chosen), set(ground.added)
        left = [entry for entry in ground.removed if entry not in taken]
        counting = sorted([*ground.both, *(entry for entry in chosen if entry in added), *left])
    held = ground.start
    for entry in counting:
        held = step(held, entry)
    return seen(held) == after
