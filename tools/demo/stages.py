"""One station's part in a round or a campaign, stage by stage: reporting, assessing, applying, deciding, lodging."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from demo.acts import ActWriter, Fields, StoryAct, workday
from demo.cast import BENCHMARK, STANDARD, Player
from demo.data import CampaignData, RoundData, Shortfall
from demo.papers import Reporting, judged, shortfalls, unassessed

BEFORE: Final = timedelta(minutes=10)
"""How long before an assessment its station's own report is recorded."""


class StationPart(NamedTuple):
    """What becomes of one station in one round or campaign."""

    writer: ActWriter
    player: Player
    id: str
    outcome: str

    @property
    def stage(self) -> RoundData | CampaignData:
        """The days of the round or campaign."""
        demo = self.writer.demo
        return demo.round[self.id] if self.id in demo.round else demo.campaign[self.id]

    @property
    def standards(self) -> tuple[str, ...]:
        """The standards that are assessed: both for who is, or is to be, a benchmark."""
        stage = self.stage
        promoted = isinstance(stage, RoundData) and stage.kind == "promotion"
        return (STANDARD, BENCHMARK) if promoted or self.player.level(stage.decides) == BENCHMARK else (STANDARD,)

    @property
    def short(self) -> list[Shortfall]:
        """What falls short."""
        held = self.player.level(self.stage.decides)
        return shortfalls(self.writer.demo, self.player, self.id, held, self.outcome)

    def day(self, first: date) -> date:
        """Return the day of the station's county in a stage that begins on a day."""
        return workday(first, self.player.turn)

    def decided(self, do: str, on: date, office: str, **fields: object) -> StoryAct:
        """Return a decision, with its reason; it is recorded on the next working day, or long after."""
        demo, late = self.writer.demo, self.player.fate.late.get(self.id)
        recorded = demo.moment(late or workday(on, 1), "decide", self.id, office)
        why = "".join(f"，{shortfall.why}" for shortfall in self.short)
        return self.writer.act(
            recorded,
            do,
            on,
            office,
            note=demo.note[do] + (demo.note["late"] if late else ""),
            person=self.player.fate.decider.get(self.id),
            station=self.player.code,
            reason=self.reason(do, why),
            **fields,
        )

    def reason(self, do: str, why: str = "") -> str:
        """Return the reason of a decision, drawn by lot."""
        demo = self.writer.demo
        return demo.choose(demo.reasons[do], "reason", do, self.player.code, self.id).format(why=why)


def assessing(part: StationPart, office: str) -> Iterator[StoryAct]:
    """Yield the reports, then the office's judgements and assessment of every standard that is asked for."""
    writer, player, stage = part.writer, part.player, part.stage
    if stage.reports is None or stage.assesses is None:
        return
    demo, reports, on = writer.demo, part.day(stage.reports), part.day(stage.assesses)
    recorded = demo.moment(on, "assess", part.id)
    county, own = (reports, demo.moment(reports, "report", part.id)), (on, recorded - BEFORE)
    yield from reporting_acts(writer, Reporting(demo, player, writer.kinds, on, part.short, writer.papers), county, own)
    for standard in part.standards:
        judgements = judged(demo, player, writer.standards[standard], on, part.short)
        judge = writer.act(recorded, "judge", on, office, station=player.code, judgements=judgements)
        yield judge._replace(standard=standard)
        yield writer.act(recorded, "assess", on, office, station=player.code, standard=standard)


def reporting_acts(
    writer: ActWriter,
    reporting: Reporting,
    county: tuple[date, datetime],
    station: tuple[date, datetime],
    note: str = "",
) -> Iterator[StoryAct]:
    """Yield the county's report and the station's own of what it supplies, each with its date and moment."""
    player, notes = reporting.player, writer.demo.note
    for (on, recorded), office, do in ((county, player.county, "report"), (station, player.code, "self-report")):
        own, words = office == player.code, notes[note or do]
        person = f"{office}-1" if own else None
        facts = reporting.reported(on, own)
        yield writer.act(recorded, "report", on, office, note=words, person=person, station=player.code, **facts)


def census(writer: ActWriter, player: Player) -> Iterator[StoryAct]:
    """Yield the reports of a station that is never assessed."""
    demo = writer.demo
    on = workday(demo.census.on, player.turn)
    at = (on, demo.moment(on, "census"))
    reporting = Reporting(demo, player, writer.kinds, on, unassessed(demo, player, on), writer.papers)
    return reporting_acts(writer, reporting, at, at, "census")


def case(part: StationPart) -> Iterator[StoryAct]:
    """Yield a station's application and what its county makes of it."""
    writer, player, stage = part.writer, part.player, part.writer.demo.round[part.id]
    if stage.applies is None or stage.recommends is None:
        return
    about: Fields = {"station": player.code, "level": BENCHMARK, "round": part.id}
    on = part.day(stage.applies)
    recorded, person = writer.demo.moment(on, "apply", player.code), f"{player.code}-1"
    yield writer.act(recorded, "apply", on, player.code, person=person, **about)
    if part.outcome != "applied":
        do = "decline" if part.outcome == "declined" else "recommend"
        on = part.day(stage.recommends)
        recorded = writer.demo.moment(on, do, part.id, player.county)
        yield writer.act(recorded, do, on, player.county, reason=part.reason(do), **about)


def reviewed(part: StationPart) -> StoryAct:
    """Return the city's decision of a review."""
    demo, stage = part.writer.demo, part.writer.demo.round[part.id]
    about: Fields = {"round": part.id, "document": stage.document}
    if part.outcome == "upheld":
        return part.decided("uphold", stage.decides, demo.city, **about)
    return part.decided("downgrade", stage.decides, demo.city, to=part.outcome, **about)


def city_decides(part: StationPart) -> StoryAct:
    """Return the city's decision on an application."""
    demo, stage = part.writer.demo, part.writer.demo.round[part.id]
    do = "certify" if part.outcome == "certified" else "refuse"
    about: Fields = {"level": BENCHMARK, "round": part.id, "document": stage.document}
    return part.decided(do, stage.decides, demo.city, **about)


def county_decides(part: StationPart, number: int) -> Iterator[StoryAct]:
    """Yield a county's decision of a campaign, and the lodging of a certification."""
    player, stage = part.player, part.writer.demo.campaign[part.id]
    on, do = part.day(stage.decides), "certify" if part.outcome == "certified" else "refuse"
    document = stage.document.format(county=player.place.county_name, number=number)
    yield part.decided(do, on, player.county, level=STANDARD, document=document)
    if do == "certify" and player.fate.lodged != "never":
        lodged = part.day(stage.lodges if player.fate.lodged == "in-time" else stage.lodges_late)
        recorded: datetime = part.writer.demo.moment(lodged, "lodge", part.id, player.county)
        entry: Fields = {"station": player.code, "certification": f"=certify {player.code} {on}"}
        yield part.writer.act(recorded, "lodge", lodged, player.county, **entry)
