"""How the story is put into submissions: who acts, the note that marks each as simulated, and the days of a stage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from demo.cast import cast, counties, read_roster
from demo.data import Demo

if TYPE_CHECKING:
    from dingji.catalogue.facts import FactKind
    from dingji.catalogue.standard import Standard


Fields = dict[str, Any]
"""The fields of a submission, as a file carries them."""

SATURDAY: Final = 6


class StoryAct(NamedTuple):
    """One submission, and the moment at which it is recorded; all of one moment are one file."""

    recorded: datetime
    fields: Fields
    standard: str | None = None
    """For judgements: the standard, of which only what needs a judgement is judged."""


def workday(first: date, turn: int) -> date:
    """Return the working day that is `turn` working days after `first`."""
    day = first
    while turn:
        day += timedelta(days=1)
        turn -= day.isoweekday() < SATURDAY
    return day


class ActWriter:
    """Makes submissions of what happens to whom."""

    def __init__(self, demo: Demo, standards: dict[str, Standard], kinds: Mapping[str, FactKind]) -> None:
        """Cast the story; the standards say what is judged, the dictionary what is reported."""
        roster = read_roster()
        self.demo, self.standards, self.kinds = demo, standards, kinds
        self.papers: dict[str, bytes] = {}
        self.counties = counties(roster)
        self.players = cast(demo, roster)

    def act(
        self, recorded: datetime, do: str, on: date, by: str, /, *, note: str | None = None, **fields: Any
    ) -> StoryAct:
        """Return a submission of an office: its note and its document say that they are simulated."""
        staff = self.demo.staff
        person = fields.pop("person", None) or f"{by}-{staff.get(do, staff['other'])}"
        common = {"do": do, "on": on, "by": {"office": by, "person": person}, "note": note or self.demo.note[do]}
        return self.written({"recorded": recorded, **common, **fields})

    def written(self, table: dict[str, Any]) -> StoryAct:
        """Return a submission written out in full, marked as simulated."""
        marks = {"note": self.demo.mark, "document": self.demo.document}
        fields = {key: marks.get(key, "") + value if key in marks else value for key, value in table.items()}
        return StoryAct(fields.pop("recorded"), fields)
