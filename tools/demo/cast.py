"""Who is in the story: the stations of the roster, each with its county's turn, its sizes and its fate."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date

import msgspec

from demo.data import Demo, Fate
from dingji.terms import UNGRADED
from dingji_commands.write.init import DEMO_ROSTER

STANDARD, BENCHMARK = "standard", "benchmark"

NO_FATE = Fate()


class RosterPlace(msgspec.Struct, frozen=True):
    """One line of the roster."""

    station: str
    name: str
    serves: str
    county: str
    county_name: str


class Player(msgspec.Struct, frozen=True):
    """A station of the story: where it stands in the roster, when its county has its turn, and what becomes of it."""

    place: RosterPlace
    turn: int
    fate: Fate
    sizes: tuple[tuple[date, str], ...]
    levels: tuple[tuple[date, str], ...]

    @property
    def code(self) -> str:
        """The station's code."""
        return self.place.station

    @property
    def county(self) -> str:
        """The code of the county that it began in."""
        return self.place.county

    def size(self, on: date) -> str:
        """Return its size class on a date."""
        return [size for since, size in self.sizes if since <= on][-1]

    def level(self, on: date) -> str:
        """Return the level that the story lets it hold before a date."""
        return [UNGRADED, *(level for since, level in self.levels if since < on)][-1]


def read_roster() -> list[RosterPlace]:
    """Return the roster, by code."""
    lines = DEMO_ROSTER.read_text("utf-8").splitlines()
    return sorted((RosterPlace(**row) for row in csv.DictReader(lines)), key=lambda place: place.station)


def counties(roster: list[RosterPlace]) -> dict[str, str]:
    """Return the names of the counties, by code in order."""
    return {place.county: place.county_name for place in roster}


def cast(demo: Demo, roster: list[RosterPlace]) -> list[Player]:
    """Return the roster's stations with their fates."""
    turns = {county: turn for turn, county in enumerate(counties(roster))}
    fates, first = _fates(demo, roster), _first_sizes(demo, roster)
    players = []
    for place in roster:
        fate = fates.get(place.station, NO_FATE)
        sizes = _sizes(demo, place, first[place.station])
        players.append(Player(place, turns[place.county], fate, sizes, tuple(sorted(_levels(demo, fate)))))
    return players


def _fates(demo: Demo, roster: list[RosterPlace]) -> dict[str, Fate]:
    """Return each station's fate: those named first, then the others by lot, in the order of the file."""
    found = {station: fate for fate in demo.fate for station in fate.of}
    free = sorted((place.station for place in roster if place.station not in found), key=lambda s: demo.lot("fate", s))
    for fate in demo.fate:
        found |= dict.fromkeys(free[: fate.stations], fate)
        del free[: fate.stations]
    return found


def _first_sizes(demo: Demo, roster: list[RosterPlace]) -> dict[str, str]:
    """Return the size that each station is first given: as named, then the large and the small of a county by lot."""
    found = {station: size for size, stations in demo.sizes.named.items() for station in stations}
    for county in counties(roster):
        own = [place.station for place in roster if place.county == county]
        free = sorted((station for station in own if station not in found), key=lambda it: demo.lot("size", it))
        for size, percent in (("large", demo.sizes.large), ("small", demo.sizes.small)):
            already = sum(found.get(station) == size for station in own)
            wanted = max(0, len(own) * percent // 100 - already)
            found |= dict.fromkeys(free[:wanted], size)
            del free[:wanted]
        found |= dict.fromkeys(free, "medium")
    return found


def _sizes(demo: Demo, place: RosterPlace, first: str) -> tuple[tuple[date, str], ...]:
    """Return a station's sizes from their dates on: the first, and what size rounds and acts by the way made of it."""
    (since,) = (wave.on for wave in demo.sizes.wave if place.county in wave.counties)
    sizes = [(since, first)]
    sizes += [(it.decides, it.changes[place.station]) for it in demo.round.values() if place.station in it.changes]
    sizes += [(act["on"], act["size"]) for act in demo.act if _is(act, "classify", place.station)]
    return tuple(sizes)


def _is(act: dict[str, object], do: str, station: str) -> bool:
    return act["do"] == do and act["station"] == station


def _levels(demo: Demo, fate: Fate) -> Iterator[tuple[date, str]]:
    """Yield the levels that a fate gives, with the first day of each county's turn."""
    for id_ in fate.before:
        yield demo.recognition[id_].on, demo.recognition[id_].level
    for id_, outcome in fate.rounds.items():
        kind, on = demo.round[id_].kind, demo.round[id_].decides
        if kind == "promotion" and outcome == "certified":
            yield on, BENCHMARK
        elif kind == "review" and outcome != "upheld":
            yield on, outcome
    for id_, outcome in fate.campaigns.items():
        if outcome == "certified":
            yield demo.campaign[id_].decides, STANDARD
