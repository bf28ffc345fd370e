"""The files behind a decision of a nation's history: full reports, judgements and assessments."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from bench.national.world import SIZES, Fields, StoryStation
from demo.cast import BENCHMARK, NO_FATE, STANDARD, Player, RosterPlace
from demo.papers import Reporting, judged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.national.data import NationalCampaign
    from demo.data import Demo, Shortfall
    from dingji.catalogue.facts import FactKind
    from dingji.catalogue.standard import Standard

BOTH: Final = (STANDARD, BENCHMARK)
REVIEWED: Final = {STANDARD: (STANDARD,), BENCHMARK: BOTH}
"""The standards that a review of a level looks at; of one that has none, what it would fall to."""


class FilesPlan(NamedTuple):
    """What is to be assessed, by whom, and what falls short; how the station stands before the decision."""

    office: str
    standards: tuple[str, ...]
    short: tuple[Shortfall, ...]
    player: Player

    @property
    def size(self) -> int:
        """How many submissions it makes: two reports, and of each standard the judgements and the assessment."""
        return 2 + 2 * len(self.standards)


class AssessmentFiles:
    """Makes the files; what a fact or a judgement says stands in tools/demo."""

    def __init__(self, demo: Demo, standards: Mapping[str, Standard], kinds: Mapping[str, FactKind], top: str) -> None:
        """Take the values from the other demonstration; the standards say what is judged."""
        self.demo, self.standards, self.kinds, self.top = demo, standards, kinds, top
        self.facts = set(demo.facts["any"]).union(*(demo.facts[size] for size in SIZES))
        """The facts that the files state: a value of another would stand unopposed."""

    def plan(self, subject: StoryStation, campaign: NationalCampaign) -> FilesPlan | None:
        """Return the files that a campaign's decision about a station needs, None where it needs none."""
        standards, short = _needed(campaign.do, subject.level)
        if not standards:
            return None
        office = subject.county if campaign.do == "certify" else self.top
        place = RosterPlace(subject.code, subject.name, "", subject.county, "")
        player = Player(place, 0, NO_FATE, ((date.min, SIZES[subject.size % len(SIZES)]),), ())
        return FilesPlan(office, standards, self._shortfalls(short, subject), player)

    def _shortfalls(self, standard: str | None, subject: StoryStation) -> tuple[Shortfall, ...]:
        found = [one for one in self.demo.shortfall.values() if standard is not None and one.standard == standard]
        return (found[subject.number % len(found)],) if found else ()

    def acts(self, plan: FilesPlan, on: date) -> list[Fields]:
        """Return the submissions, all of one day."""
        demo, player, kinds = self.demo, plan.player, self.kinds
        code, note = player.code, demo.note
        reporting = Reporting(demo, player, kinds, on, plan.short, papers={})  # a nation's papers are not kept
        acts = [
            self._act("report", office, note["self-report" if own else "report"], on, code, reporting.reported(on, own))
            for office, own in ((player.county, False), (code, True))
        ]
        for standard in plan.standards:
            judgements = judged(demo, player, self.standards[standard], on, plan.short)
            acts.append(self._act("judge", plan.office, note["judge"], on, code, {"judgements": judgements}))
            acts.append(self._act("assess", plan.office, note["assess"], on, code, {"standard": standard}))
        return acts

    def _act(self, do: str, office: str, note: str, on: date, code: str, fields: Fields) -> Fields:
        by = {"office": office, "person": f"{office}-{self.demo.staff.get(do, self.demo.staff['other'])}"}
        return {"do": do, "station": code, "on": on.isoformat(), "by": by, "note": self.demo.mark + note, **fields}


def _needed(do: str, held: str) -> tuple[tuple[str, ...], str | None]:
    """Return the standards that a decision about the holder of a level rests on, and which of them is not reached."""
    if do == "certify":
        return (STANDARD,), None
    if do == "promote":
        return BOTH, None
    if do == "uphold":
        return REVIEWED.get(held, ()), None
    if do == "downgrade":
        return REVIEWED.get(held, (STANDARD,)), held
    return (), None
