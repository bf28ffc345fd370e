"""A nation's history: what the counties of each city hand in, wave by wave, as submissions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bench.national.acts import AFTER_CLOSING, FIELDS_MAKERS, FieldsMaker
from bench.national.data import THOUSAND, CampaignTurn, HandingIn, National, NationalCampaign
from bench.national.world import Fields, StoryStation, StoryWorld
from demo.acts import workday

if TYPE_CHECKING:
    from bench.national.assessment_files import AssessmentFiles
    from demo.data import Demo

OPENS_AT: Final = time(9)
OFFICE_HOURS: Final = 8
VERB_OF: Final = {"promote": "certify", "retract": "void"}
"""The verb of a campaign that is called otherwise."""


class NationalFile(NamedTuple):
    """What is recorded at one moment."""

    moment: datetime
    submissions: Iterator[Fields]


class NationalStory:
    """The story over the stations of a roster, read once: the stations grow with it."""

    def __init__(
        self,
        national: National,
        demo: Demo,
        assessments: AssessmentFiles,
        world: StoryWorld,
        cities: list[list[StoryStation]],
    ) -> None:
        """Begin with the stations of each city."""
        self.national, self.demo, self.world, self.cities = national, demo, world, cities
        self.assessments = assessments
        self.makers: dict[str, FieldsMaker] = {**FIELDS_MAKERS, "rename": self._rename}
        self.notes = {do: demo.mark + note for do, note in (demo.note | national.note).items()}

    def files(self) -> Iterator[NationalFile]:
        """Yield the files in the order of their moments; each is to be read before the next is asked for."""
        rounds = sorted(self._rounds(), key=lambda file: file.moment)
        for wave, turns in self.national.waves():
            for number, city in enumerate(self.cities):
                moment = self._moment(wave, number)
                while rounds and rounds[0].moment < moment:
                    yield rounds.pop(0)
                yield NationalFile(moment, self._handed_in(turns, city))
        yield from rounds

    def _moment(self, wave: HandingIn, number: int) -> datetime:
        """Return when a city's counties hand in: one after the other, in the office hours of the wave's days."""
        day, part = divmod(number * wave.days, len(self.cities))
        opens = datetime.combine(workday(wave.starts, day), OPENS_AT, self.national.founded.tzinfo)
        return opens + timedelta(hours=OFFICE_HOURS * part / len(self.cities))

    def _rounds(self) -> Iterator[NationalFile]:
        for round_ in self.national.round:
            about = {"round": round_.id, "kind": round_.kind, "year": round_.year}
            yield self._round("open_round", round_.opens, about)
            if round_.closes is not None:
                yield self._round("close_round", round_.closes, {"round": round_.id})

    def _round(self, do: str, on: date, about: Fields) -> NationalFile:
        fields = {"do": do, "on": on, "by": self.world.by(self.world.top), "note": self.notes[do], **about}
        return NationalFile(datetime.combine(on, OPENS_AT, self.national.founded.tzinfo), iter([fields]))

    def _handed_in(self, turns: list[CampaignTurn], city: list[StoryStation]) -> Iterator[Fields]:
        for on, campaign in turns:
            note = self.notes[VERB_OF.get(campaign.do, campaign.do)] + (self.demo.note["late"] if campaign.late else "")
            make, days = self.makers[campaign.do], campaign.days
            for place, subject in enumerate(city):
                if self._is_reached(subject, campaign):
                    day = (on + timedelta(days=place * days // len(city))).isoformat()
                    yield from self._submissions(subject, campaign, make, day, note)

    def _is_reached(self, subject: StoryStation, campaign: NationalCampaign) -> bool:
        if subject.closed and campaign.do not in AFTER_CLOSING:
            return False
        return self.world.rng.random() * THOUSAND < campaign.share

    def _submissions(
        self, subject: StoryStation, campaign: NationalCampaign, make: FieldsMaker, on: str, note: str
    ) -> Iterator[Fields]:
        """Yield what a campaign makes of a station, its files first where its decisions rest on assessments."""
        plan = self.assessments.plan(subject, campaign) if subject.assessed else None
        count = plan.size if plan else 0
        subject.version += count
        fields = make(subject, campaign, self.world)
        if fields is None:
            subject.version -= count
            return
        subject.version += 1
        if plan:
            yield from self.assessments.acts(plan, date.fromisoformat(on))
            del fields["irregular"]
        about = {} if "entry" in fields else {"station": subject.code}
        yield {"do": campaign.do, "on": on, "note": note, **about, **fields}

    def _rename(self, subject: StoryStation, _: Any, world: StoryWorld) -> Fields | None:
        """Let a town become a street, or another kind of town, and its name with it."""
        for one in self.national.becomes:
            if subject.name.endswith(one.ending):
                subject.name = subject.name.removesuffix(one.ending) + one.to
                return {"name": subject.name, "serves": one.serves, "by": world.by(subject.county)}
        return None
