"""The story of the demonstration as data: the tables of story.toml."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import msgspec

FOLDER: Final = Path(__file__).parent

Choice = TypeVar("Choice")


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The base of every table: an unknown key is a slip of the pen."""


class Founding(Table, frozen=True):
    """When the ledger is set up, from when its stations count, and what the counties' offices are called."""

    recorded: datetime
    on: date
    bureau: str


class SizeWave(Table, frozen=True):
    """The counties that set their sizes on one day."""

    on: date
    recorded: date
    counties: tuple[str, ...]


class Sizes(Table, frozen=True):
    """The sizes set before the notice: percentages, the stations named, and what each size is based on."""

    large: int
    small: int
    named: dict[str, tuple[str, ...]]
    document: str
    basis: dict[str, dict[str, Any]]
    wave: tuple[SizeWave, ...]


class Recognition(Table, frozen=True):
    """A level given before the notice, by the city or by each county."""

    level: str
    by: Literal["city", "county"]
    on: date
    recorded: date
    under: str
    precision: Literal["day", "month", "year"] = "day"
    note: str | None = None


class RoundData(Table, frozen=True, kw_only=True):
    """A round and the days of its stages."""

    kind: str
    year: int
    opens: date
    applies: date | None = None
    recommends: date | None = None
    reports: date | None = None
    assesses: date | None = None
    decides: date
    closes: date | None = None
    document: str
    note: str | None = None
    changes: dict[str, str] = {}
    """Stations and their new sizes."""


class CampaignData(Table, frozen=True):
    """The days of a campaign in which the counties certify standard stations."""

    reports: date
    assesses: date
    decides: date
    lodges: date
    lodges_late: date
    document: str


class Census(Table, frozen=True):
    """When those report who are never assessed."""

    on: date


class Fate(Table, frozen=True):
    """What happens to some stations."""

    stations: int = 0
    of: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    rounds: dict[str, str] = {}
    campaigns: dict[str, str] = {}
    lodged: Literal["in-time", "late", "never"] = "in-time"
    late: dict[str, date] = {}
    decider: dict[str, str] = {}
    short: dict[str, tuple[str, ...]] = {}


class Shortfall(Table, frozen=True):
    """What can fall short: facts, and requirements judged not met; what names a standard can be drawn by lot."""

    why: str
    standard: str | None = None
    facts: dict[str, Any] = {}
    judged: tuple[str, ...] = ()


class Demo(Table, frozen=True):
    """story.toml, table by table, and facts.toml as its `facts`."""

    seed: str
    notice: str
    city: str
    mark: str
    document: str
    paper: str
    paper_text: str
    shared_papers: tuple[str, ...]
    note: dict[str, str]
    staff: dict[str, str]
    reasons: dict[str, tuple[str, ...]]
    founding: Founding
    sizes: Sizes
    recognition: dict[str, Recognition]
    round: dict[str, RoundData]
    campaign: dict[str, CampaignData]
    fate: tuple[Fate, ...]
    facts: dict[str, dict[str, Any]]
    papers: dict[str, str]
    census: Census
    shortfall: dict[str, Shortfall]
    act: tuple[dict[str, Any], ...]

    def lot(self, *words: object) -> int:
        """Return a number that only the seed and the words decide: the same on every machine, in every order."""
        text = "/".join([self.seed, *map(str, words)])
        return int.from_bytes(sha256(text.encode()).digest()[:8])

    def choose(self, choices: tuple[Choice, ...], *words: object) -> Choice:
        """Draw one of several by lot."""
        return choices[self.lot(*words) % len(choices)]

    def drawn(self, value: Any, *words: object) -> Any:
        """Return a value as written, a number drawn by lot in place of a range."""
        if isinstance(value, dict):
            return value["from"] + self.lot(*words) % (value["to"] - value["from"] + 1)
        return value

    def moment(self, on: date, *words: object) -> datetime:
        """Return a moment of that day within office hours, drawn by lot, in the zone of the founding."""
        minutes = 9 * 60 + 10 + self.lot("moment", on, *words) % (7 * 60)
        zone = self.founding.recorded.tzinfo
        return datetime(on.year, on.month, on.day, minutes // 60, minutes % 60, tzinfo=zone)


def load_demo() -> Demo:
    """Read story.toml and facts.toml."""
    data, facts = (tomllib.loads((FOLDER / name).read_text("utf-8")) for name in ("story.toml", "facts.toml"))
    return msgspec.convert(data | {"facts": facts}, Demo)
