"""The events that the benchmark measures on: a seeded history of many stations, as the lines of a submitted file."""

from __future__ import annotations

import random
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import orjson

from bench.national.acts import FIELDS_MAKERS, FieldsMaker
from bench.national.data import THOUSAND, NationalCampaign
from bench.national.world import Fields, StoryStation, StoryWorld
from dingji.catalogue.notice import Notice
from dingji.plugins.manager import Plugins

Submission = dict[str, Any]

MIX = Path(__file__).with_name("mix.toml")
CITY = "3205"


class MixStory:
    """One of the mixes of mix.toml, told over a number of stations."""

    def __init__(self, mix: str, plugins: Plugins, notice: Notice, scale: float = 1.0) -> None:
        self._plan = plan = tomllib.loads(MIX.read_text("utf-8"))
        self.campaigns = msgspec.convert(plan[mix], list[NationalCampaign])
        self.counties = tuple(f"{CITY}{number:02d}" for number in range(1, plan["counties"] + 1))
        self.stations = round(plan["stations"] * scale)
        self.events = round(plan["events"] * scale)
        self.counts: Counter[str] = Counter()
        self._facts = StoryWorld.simple(plugins.facts(notice))
        self._requirements = StoryWorld.judgeable(plugins.standard(notice, "standard"))

    def roster(self) -> Iterator[Submission]:
        """Tell of the offices that a ledger has before the story."""
        for number, county in enumerate(self.counties, 1):
            by = {"office": CITY}
            enrolled = {"office": county, "name": f"第{number}区司法局", "tier": "county", "parent": CITY}
            yield {"do": "enrol_office", **enrolled, "on": "2021-01-01", "by": by}

    def lines(self) -> Iterator[bytes]:
        """Tell the story, from the same seed each time, line by line."""
        world = self._world()
        size = len(self.counties)
        subjects = [
            StoryStation(
                f"{self.counties[number % size]}{number // size:03d}",
                self.counties[number % size],
                number,
                self.counties,
            )
            for number in range(self.stations)
        ]
        self.counts.clear()
        for campaign in self.campaigns:
            for turn in range(campaign.times):
                for told in _turn(campaign, turn, subjects, world):
                    if self.counts.total() == self.events:
                        return
                    self.counts[told["do"]] += 1
                    yield orjson.dumps(told)

    def _world(self) -> StoryWorld:
        plan = self._plan
        return StoryWorld(
            rng=random.Random(plan["seed"]),
            top=CITY,
            facts=self._facts,
            requirements=self._requirements,
            reason=plan["reason"],
            document=lambda do, subject: plan["document"][do].format(number=subject.number),
            irregular=plan["irregular"],
        )


def _turn(
    campaign: NationalCampaign, turn: int, subjects: list[StoryStation], world: StoryWorld
) -> Iterator[Submission]:
    start = campaign.on + timedelta(days=turn * campaign.every)
    if campaign.do in {"open_round", "close_round"}:
        yield _round(campaign, start)
        return
    tell = ALL_MAKERS[campaign.do]
    for place, subject in enumerate(subjects):
        if world.rng.randrange(THOUSAND) < campaign.share and (told := tell(subject, campaign, world)):
            subject.version += 1
            on = start + timedelta(days=place * campaign.days // len(subjects))
            about = {} if "entry" in told else {"station": subject.code}
            yield {"do": campaign.do, "on": str(on), **about, **told}


def _round(campaign: NationalCampaign, on: date) -> Submission:
    id_ = campaign.round or ""
    told = {"do": campaign.do, "round": id_, "on": str(on), "by": {"office": CITY}}
    year, _, kind = id_.partition("-")
    return told | ({"kind": kind, "year": int(year)} if campaign.do == "open_round" else {})


def _register(subject: StoryStation, _: Any, world: StoryWorld) -> Fields:
    serves = "town" if subject.number % 3 else "street"
    return {"name": f"第{subject.number}司法所", "county": subject.county, "serves": serves, "by": world.by(CITY)}


def _rename(subject: StoryStation, _: Any, world: StoryWorld) -> Fields:
    return {"name": f"第{subject.number}中心司法所{subject.version}", "by": world.by(subject.county)}


ALL_MAKERS: Final[dict[str, FieldsMaker]] = {**FIELDS_MAKERS, "register": _register, "rename": _rename}
"""How each kind of campaign comes to a station; None where it makes no sense there."""
