"""A roster of any places, in CSV or gzipped CSV, as the stations of the national demonstration and what founds them."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from dingji.faults import LedgerError
from dingji.intake.csv_table import table_lines
from dingji.intake.files import Line, Source
from dingji_commands.demo.cast import Place
from dingji_commands.write.roster import row_fault

if TYPE_CHECKING:
    from dingji_commands.demo.data import Demo
    from dingji_commands.demo.national_data import National

LARGEST: Final = 8 << 20
"""Bytes of a roster, unpacked: a hundred thousand stations need less than half of it."""

CITY_DIGITS: Final = 4
"""How many digits of a county's code are its city's: the stations of a city hand in together."""


class Roster:
    """The rows of a roster, at most `most`; `places` are those that can be read, `wrong` the others."""

    def __init__(self, path: str, national: National, most: int | None) -> None:
        """Read it. Raises LedgerError (`unreadable-file`, `too-large`, `empty-file`)."""
        self.places: list[Place] = []
        self.wrong: list[Line] = []
        self.counties: dict[str, str] = {}
        self.lines: list[int] = []
        with _opened(path) as source:
            source.name = path
            for line in table_lines(source):
                if len(self.places) + len(self.wrong) == most:
                    break
                self._take(line, national)
        if not self.places and not self.wrong:
            raise LedgerError("empty-file", path=path)

    def _take(self, line: Line, national: National) -> None:
        row: dict[str, Any] = {} if line.fault else orjson.loads(line.text)
        row.pop("city", None)  # what it says, the county's code says
        if "name" in row:
            row.setdefault("serves", national.serves(str(row["name"])))
        fault = line.fault or row_fault(row, self.counties)
        if fault:
            self.wrong.append(Line(line.number, line.text, fault))
            return
        self.counties.setdefault(row["county"], row["county_name"])
        self.places.append(Place(**row))
        self.lines.append(line.number)

    def cities(self) -> list[list[Place]]:
        """Return the places city by city, in the order of the roster."""
        found: dict[str, list[Place]] = {}
        for place in self.places:
            found.setdefault(place.county[:CITY_DIGITS], []).append(place)
        return list(found.values())

    def founding(self, national: National, demo: Demo, tier: str) -> Iterator[Line]:
        """Yield the submissions that enrol the counties and register the stations; where rows are wrong, only these."""
        if self.wrong:
            yield from self.wrong
            return
        enrolled = set()
        for number, place in zip(self.lines, self.places, strict=True):
            if place.county not in enrolled:
                enrolled.add(place.county)
                name = national.bureau.format(county=place.county_name)
                about = {"office": place.county, "name": name, "tier": tier, "parent": demo.city}
                yield _line(number, "enrol_office", about, national, demo)
            about = {"station": place.station, "name": place.name, "county": place.county, "serves": place.serves}
            yield _line(number, "register", about, national, demo)


def _line(number: int, do: str, about: dict[str, str], national: National, demo: Demo) -> Line:
    shared = {"do": do, "on": national.registered, "by": {"office": demo.city}, "note": demo.mark + demo.note[do]}
    return Line(number, orjson.dumps(shared | about))


def _opened(path: str) -> Source:
    """Open a roster; a packed one is unpacked first, up to the limit."""
    if Path(path).suffix.lower() != ".gz":
        source = Source(path)
        if source.size > LARGEST:
            source.close()
            raise _too_large()
        return source
    try:
        with gzip.open(path) as packed:
            content = packed.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise LedgerError("unreadable-file", path=path, why=getattr(error, "strerror", None) or str(error)) from None
    if len(content) > LARGEST:
        raise _too_large()
    return Source("-", io.BytesIO(content))


def _too_large() -> LedgerError:
    return LedgerError("too-large", why="file-bytes", limit=f"{LARGEST >> 20} MiB")
