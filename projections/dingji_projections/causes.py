"""What a difference of one station came of: the entries that turn what it was into what it is, and no others."""

from __future__ import annotations

from collections.abc import Collection
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
_SIDE_OF: Final = {kind: side for side, kinds in SIDES.items() for kind in kinds} | {kind: kind for kind in _LIFE}


Seen = tuple[str, str | None, str]
"""What is seen of a station at a point: what of a standing is compared, in the order of `SIDES`."""


class Ground(NamedTuple):
    """One station's entries that count at one of two points or at both, in order; what else counts comes to `start`.

    The effect of each is 1 where it counts at the second point only, -1 at the first only, 0 at both.
    """

    start: Standing | None
    entries: list[Entry]
    effects: list[int]


def one_each(kinds: Collection[int], sides: Collection[str]) -> bool:
    """Return whether entries of these kinds, at one point only, are one for each side that differs: all are causes."""
    return len(kinds) == len(sides) and _LIFE.isdisjoint(kinds)


def causes(ground: Ground, sides: Collection[str], after: Seen | None) -> list[Entry]:
    """Return the entries that explain a difference in some sides, or, without any, that a station is there or not.

    None of them can be left out.
    """
    chosen = changed = [entry for entry, effect in zip(ground.entries, ground.effects, strict=True) if effect]
    lives = not _LIFE.isdisjoint([entry.kind for entry in changed])
    if sides:
        chosen = [entry for entry in changed if _SIDE_OF[entry.kind] in sides or entry.kind in _LIFE]
        if lives and not _explains(ground, chosen, after):
            chosen = changed  # never so where a station is registered once
    latest = sorted({_SIDE_OF[entry.kind]: entry for entry in chosen}.values())
    if len(latest) < len(chosen) and _explains(ground, latest, after):
        chosen = latest  # the last of each side, as a rule
    return chosen if one_each([entry.kind for entry in chosen], sides) else _least(ground, chosen, after)


def _least(ground: Ground, chosen: list[Entry], after: Seen | None) -> list[Entry]:
    """Leave entries out, early ones first, as long as the rest explains as much."""
    more = len(chosen) > 1
    while more:
        more = False
        for entry in chosen:
            fewer = [other for other in chosen if other != entry]
            if _explains(ground, fewer, after):
                chosen, more = fewer, True
    return chosen


def _explains(ground: Ground, chosen: list[Entry], after: Seen | None) -> bool:
    """Return whether these of the entries that are at one point only turn what was into what is."""
    held = ground.start
    for entry, effect in zip(ground.entries, ground.effects, strict=True):
        if not effect or (effect > 0) == (entry in chosen):
            held = step(held, entry)
    return (held and held[:3]) == after
