"""Writing a nation's history into a new ledger: file by file, as anybody submits, by a simulated clock."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import orjson

from bench.national.assessment_files import AssessmentFiles
from bench.national.data import THOUSAND, National, load_national
from bench.national.roster import cities, founding, read_places
from bench.national.story import NationalStory
from bench.national.world import Fields, StoryStation, StoryWorld
from demo.cast import STANDARD, RosterPlace, counties
from demo.data import Demo, load_demo
from dingji.catalogue.notice import Notice
from dingji.intake.files import Line
from dingji.intake.receipts import Receipts
from dingji.plugins.manager import Plugins
from dingji.store.log import create_log
from dingji.writer.ledger import Ledger
from dingji_commands.demo.play import check_recorded

CAP_BYTES: Final = 64 << 20
"""Memory for states: those of one city, for a city comes again only with the next wave."""


def build(path: Path, roster: Path, plugins: Plugins, stations: int | None = None) -> None:
    """Write ten years of the roster's stations, or of the first of them. Raises LedgerError where an act is refused."""
    demo, national = load_demo(), load_national()
    notice = plugins.notice(demo.notice)
    assert notice is not None
    places = read_places(roster, national, stations)
    moment = national.founded
    with create_log(path) as log:
        ledger = Ledger(log, lambda: plugins, clock=lambda: moment, cap_bytes=CAP_BYTES)
        lines = _lines(founding(places, national, demo, notice.rules.stations.county_tier))
        with ledger.start_new(notice, national.registered, lines) as receipts:
            _check(receipts, moment)
        for file in _story(places, national, demo, notice, plugins).files():
            moment = file.moment
            with ledger.submit(_lines(file.submissions)) as receipts:
                _check(receipts, moment)


def _check(receipts: Receipts, moment: datetime) -> None:
    """Raise the first fault of a file that was refused; receipts of a good one are not read, they are many."""
    if receipts.refused:
        check_recorded(receipts, moment)


def _story(
    places: list[RosterPlace], national: National, demo: Demo, notice: Notice, plugins: Plugins
) -> NationalStory:
    standards = {code: plugins.standard(notice, code) for code in notice.standard_files}
    files = AssessmentFiles(demo, standards, plugins.facts(notice), demo.city)
    names = counties(places)
    world = StoryWorld(
        rng=random.Random(national.seed),
        top=demo.city,
        facts=[kind for kind in StoryWorld.simple(plugins.facts(notice)) if kind.key in files.facts],
        requirements=StoryWorld.judgeable(standards[STANDARD]),
        reason=national.reason,
        document=lambda do, station: _document(national, demo, do, station, names),
        irregular=demo.mark + national.irregular,
    )
    return NationalStory(national, demo, files, world, list(_cities(places, national)))


def _cities(places: list[RosterPlace], national: National) -> Iterator[list[StoryStation]]:
    """Yield the stations of each city; that a station is assessed goes by its place in the roster."""
    number = 0
    for city in cities(places):
        neighbours = tuple(counties(city))
        stations = []
        for place in city:
            assessed = number * national.assessed % THOUSAND < national.assessed
            stations.append(
                StoryStation(place.station, place.county, number, neighbours, place.name, version=1, assessed=assessed)
            )
            number += 1
        yield stations


def _document(national: National, demo: Demo, do: str, station: StoryStation, names: dict[str, str]) -> str:
    county = names[station.county]
    return demo.document + national.document[do].format(county=county, number=station.number + 1)


def _lines(submissions: Iterable[Fields]) -> Iterator[Line]:
    for number, fields in enumerate(submissions, 1):
        yield Line(number, orjson.dumps(fields))
