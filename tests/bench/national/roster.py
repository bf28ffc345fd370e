"""A roster of any places, in CSV or gzipped CSV, as the stations of a nation's history and what founds them."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from bench.national.data import National
from bench.national.world import Fields
from demo.cast import RosterPlace
from demo.data import Demo

CITY_DIGITS: Final = 4
"""How many digits of a county's code are its city's: the stations of a city hand in together."""


def read_places(path: Path, national: National, most: int | None = None) -> list[RosterPlace]:
    """Return the places of a roster, or the first of them; their names say what they serve unless a column does."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    rows = islice(csv.DictReader(content.decode().splitlines()), most)
    return [_place(row, national) for row in rows]


def _place(row: dict[str, str], national: National) -> RosterPlace:
    row.pop("city", None)  # the county's code begins with it
    return RosterPlace(**{"serves": national.serves(row["name"])} | row)


def cities(places: list[RosterPlace]) -> list[list[RosterPlace]]:
    """Return the places city by city, in the order of the roster."""
    found: dict[str, list[RosterPlace]] = {}
    for place in places:
        found.setdefault(place.county[:CITY_DIGITS], []).append(place)
    return list(found.values())


def founding(places: list[RosterPlace], national: National, demo: Demo, tier: str) -> Iterator[Fields]:
    """Yield the submissions that enrol the counties, each before its first station, and register the stations."""
    enrolled = set()
    for place in places:
        if place.county not in enrolled:
            enrolled.add(place.county)
            name = national.bureau.format(county=place.county_name)
            about = {"office": place.county, "name": name, "tier": tier, "parent": demo.city}
            yield _submission("enrol_office", about, national, demo)
        about = {"station": place.station, "name": place.name, "county": place.county, "serves": place.serves}
        yield _submission("register", about, national, demo)


def _submission(do: str, about: dict[str, str], national: National, demo: Demo) -> Fields:
    shared = {"do": do, "on": national.registered, "by": {"office": demo.city}, "note": demo.mark + demo.note[do]}
    return shared | about
