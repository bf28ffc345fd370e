"""Writing the national demonstration into a new ledger: file by file, as anybody submits, by a simulated clock."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

from dingji.faults import LedgerError
from dingji_commands.demo.build import Clock
from dingji_commands.demo.cast import STANDARD
from dingji_commands.demo.data import load_demo
from dingji_commands.demo.national_data import THOUSAND, load_national
from dingji_commands.demo.national_files import Files
from dingji_commands.demo.national_roster import Roster
from dingji_commands.demo.national_story import Story
from dingji_commands.demo.national_world import Subject, World

if TYPE_CHECKING:
    from dingji.catalogue.notice import Notice
    from dingji.intake.files import Line
    from dingji.intake.receipts import Receipts
    from dingji.plugins.manager import Plugins
    from dingji_commands.demo.data import Demo
    from dingji_commands.demo.national_data import National
    from dingji_commands.demo.national_story import File

CAP_BYTES: Final = 64 << 20
"""Memory for states: those of one city, for a city comes again only with the next wave."""

Progress = Callable[[int, int], None]
STEPS: Final = 10_000
"""Into how many steps the progress is divided."""


class Builder:
    """A national demonstration over a roster."""

    def __init__(self, roster: str, plugins: Plugins, *, stations: int | None = None, years: int | None = None) -> None:
        """Read the roster. Raises LedgerError (`unknown-notice`, and what is wrong with the file)."""
        self.demo, self.national = load_demo(), load_national()
        notice = plugins.notice(self.demo.notice)
        if notice is None:
            raise LedgerError("unknown-notice", notice=self.demo.notice)
        self.notice, self.plugins = notice, plugins
        self.roster = Roster(roster, self.national, stations)
        self.years = years or self.national.years

    def build(self, path: Path, progress: Progress) -> Receipts | None:
        """Write the ledger; return the receipts of a roster that was refused. Raises LedgerError for a refused act."""
        from dingji.store.log import create_log
        from dingji.writer.ledger import Ledger

        clock = Clock(self.national.founded)
        with create_log(path) as log:
            ledger = Ledger(log, lambda: self.plugins, clock=clock, cap_bytes=CAP_BYTES)
            tier = self.notice.rules.stations.county_tier
            lines = self.roster.founding(self.national, self.demo, tier)
            receipts = ledger.found(self.notice, self.national.registered, lines)
            if receipts.refused:
                return receipts
            receipts.close()
            story = _story(self.roster, self.national, self.demo, self.notice, self.plugins)
            for file in story.told(self.years):
                clock.moment = file.moment
                with ledger.submit(_lines(file.submissions)) as receipts:
                    _check(receipts, file)
                progress(round(file.done * STEPS), STEPS)
        return None


def _story(roster: Roster, national: National, demo: Demo, notice: Notice, plugins: Plugins) -> Story:
    standards = {code: plugins.standard(notice, code) for code in notice.standard_files}
    files = Files(demo, standards, plugins.facts(notice), demo.city)
    kinds = [kind for kind in World.simple(plugins.facts(notice)) if kind.key in files.told]
    world = World(
        rng=random.Random(national.seed),  # noqa: S311 (the lots of a story)
        top=demo.city,
        facts=kinds,
        requirements=World.judgeable(standards[STANDARD]),
        reason=national.reason,
        document=lambda do, subject: _document(national, demo, do, subject, roster.counties),
        irregular=demo.mark + national.irregular,
    )
    return Story(national, demo, files, world, list(_cities(roster, national)))


def _cities(roster: Roster, national: National) -> Iterator[list[Subject]]:
    """Yield the stations of each city; that a station is assessed goes by its place in the roster."""
    number = 0
    for places in roster.cities():
        counties = tuple(dict.fromkeys(place.county for place in places))
        subjects = []
        for place in places:
            assessed = number * national.assessed % THOUSAND < national.assessed
            subject = Subject(place.station, place.county, number, counties, place.name, version=1, assessed=assessed)
            subjects.append(subject)
            number += 1
        yield subjects


def _document(national: National, demo: Demo, do: str, subject: Subject, counties: dict[str, str]) -> str:
    county = counties[subject.county]
    return demo.document + national.document[do].format(county=county, number=subject.number + 1)


def _lines(submissions: Iterable[dict[str, object]]) -> Iterator[Line]:
    from dingji.intake.files import Line

    for number, fields in enumerate(submissions, 1):
        yield Line(number, orjson.dumps(fields))


def _check(receipts: Receipts, file: File) -> None:
    """Raise the first fault of a file that was refused: the story is not what the rules accept."""
    for rejected in receipts.rejected():
        fault = rejected.faults[0]
        error = LedgerError(fault.code, field=fault.field, **fault.args)
        error.add_note(f"{file.moment}, line {rejected.line}: {rejected.text!r}")
        raise error
