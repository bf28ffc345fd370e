"""A nation's history as data: the tables of national.toml, its campaigns turn by turn."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from demo.data import Table

THOUSAND: Final = 1000


class Becomes(Table, frozen=True):
    """What a place may become: the ending of its name, the new one, and the kind of place it then is."""

    ending: str
    to: str
    serves: str


class HandingIn(Table, frozen=True):
    """When the counties hand in: from a day on, over so many working days; reports only where it is `full`."""

    starts: date
    days: int
    full: bool = False


class NationalRound(Table, frozen=True):
    """A round, and the days on which it is opened and closed."""

    id: str
    kind: str
    year: int
    opens: date
    closes: date | None = None


class NationalCampaign(Table, frozen=True, kw_only=True):
    """What comes to the stations; see the file."""

    do: str
    on: date
    days: int = 1
    share: int = THOUSAND
    times: int = 1
    every: int = 0
    years: int = 1
    round: str | None = None
    full: bool = False
    late: bool = False
    recorded: date | None = None


class CampaignTurn(NamedTuple):
    """A campaign that comes once, from a day on."""

    on: date
    campaign: NationalCampaign

    @property
    def handed_in(self) -> date:
        """The day from which on it can be handed in: all of it has happened by then."""
        return self.campaign.recorded or self.on + timedelta(days=self.campaign.days)


class National(Table, frozen=True):
    """national.toml, table by table."""

    seed: str
    registered: date
    founded: datetime
    bureau: str
    place: str
    assessed: int
    irregular: str
    note: dict[str, str]
    document: dict[str, str]
    reason: dict[str, str]
    endings: dict[str, str]
    becomes: tuple[Becomes, ...]
    wave: tuple[HandingIn, ...]
    round: tuple[NationalRound, ...]
    campaign: tuple[NationalCampaign, ...]

    def serves(self, name: str) -> str:
        """Return the kind of place that a name tells of."""
        return next((kind for ending, kind in self.endings.items() if name.endswith(ending)), self.place)

    def waves(self) -> list[tuple[HandingIn, list[CampaignTurn]]]:
        """Return each wave with what is handed in then, by date."""
        handed: list[tuple[HandingIn, list[CampaignTurn]]] = [(wave, []) for wave in self.wave]
        for turn in sorted(self._turns(), key=lambda turn: turn.on):
            wanted = (turns for wave, turns in handed if _takes(wave, turn))
            next(wanted).append(turn)
        return handed

    def _turns(self) -> Iterator[CampaignTurn]:
        for campaign in self.campaign:
            for year in range(campaign.years):
                first = campaign.on.replace(year=campaign.on.year + year)
                for time in range(campaign.times):
                    yield CampaignTurn(first + timedelta(days=time * campaign.every), campaign)


def _takes(wave: HandingIn, turn: CampaignTurn) -> bool:
    return wave.starts >= turn.handed_in and (wave.full or not turn.campaign.full)


def load_national() -> National:
    """Read national.toml."""
    return msgspec.convert(tomllib.loads(Path(__file__).with_name("national.toml").read_text("utf-8")), National)
