"""Attainment rates (建成率): how many stations hold a level exactly, and how many that level or a higher one (rule 22).

The notice defines neither the denominator nor whether a higher level counts for a lower: both figures are given, with
the stations behind numerator and denominator.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec


class Holder(NamedTuple):
    """A station that exists, the office that it counts for, and the level that it holds.

    Where it cannot be decided there is none, and `could` are those between which it cannot.
    """

    station: str
    office: str
    level: str | None
    could: tuple[str, ...] = ()


class Attained(msgspec.Struct, frozen=True):
    """One level's rate for one office: stations that hold it exactly, at it or above, and all that there are.

    Of those `undecided` nobody can tell whether they hold it, or one above; what is certain of them is counted.
    """

    office: str
    level: str
    exact: tuple[str, ...]
    at_or_above: tuple[str, ...]
    stations: tuple[str, ...]
    undecided: tuple[str, ...] = ()


def attainment(holders: Iterable[Holder], ranks: Mapping[str, int], levels: Sequence[str], top: str) -> list[Attained]:
    """Return the rates of the given levels, office by office by code, those of all stations (for `top`) last.

    `ranks` are the ranks of all levels of the notice; a level that it does not know ranks below all.
    """
    by_office: dict[str, list[Holder]] = {}
    for holder in sorted(holders, key=lambda holder: holder.station):
        by_office.setdefault(holder.office, []).append(holder)
    whole = sorted((each for held in by_office.values() for each in held), key=lambda holder: holder.station)
    offices = [*sorted(by_office.items()), (top, whole)]
    return [_attained(office, level, held, ranks) for office, held in offices for level in levels]


def _attained(office: str, level: str, held: list[Holder], ranks: Mapping[str, int]) -> Attained:
    wanted = ranks[level]
    least = {holder.station: min(_ranks(holder, ranks)) for holder in held}
    return Attained(
        office=office,
        level=level,
        exact=tuple(holder.station for holder in held if holder.level == level),
        at_or_above=tuple(holder.station for holder in held if least[holder.station] >= wanted),
        stations=tuple(holder.station for holder in held),
        undecided=tuple(
            holder.station
            for holder in held
            if level in holder.could or least[holder.station] < wanted <= max(_ranks(holder, ranks))
        ),
    )


def _ranks(holder: Holder, ranks: Mapping[str, int]) -> list[int]:
    return [ranks.get(level or "", -1) for level in holder.could or (holder.level,)]
