"""What a decision may look at, and the docket on which its rules write faults, irregularities and notes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

import msgspec

from dingji.catalogue.facts import FactKind
from dingji.catalogue.notice import Notice
from dingji.catalogue.standard import Requirement
from dingji.events.submissions import Submission, verb_of
from dingji.faults import Fault, fault_kinds
from dingji.state.notice_state import Adoption
from dingji.state.office import Office, line_above
from dingji.state.round import Round
from dingji.state.station import Mark, Station
from dingji.terms import entry_name, entry_place
from dingji.texts import Text

MOST_FAULTS: Final = 1000
"""Faults that are listed of one submission."""


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """All that a decision may know: the ledger's present state, and the moment that is being recorded.

    `today` is the civil date of `recorded_at` in the notice's zone. The callables look states up as they stand; they
    have no effect.
    """

    recorded_at: str
    today: date
    notice: Notice
    adoption: Adoption
    governed: bool
    """Whether a notice governs the submission's date; without one `notice` is the earliest adopted."""
    changed: Callable[[], bool]
    """Whether the installed data of `notice` differ from what was adopted."""
    id: str
    content: str | None
    station: Station | None = None
    office: Callable[[str], Office | None]
    round: Callable[[str], Round | None]
    known_station: Callable[[str], bool]
    nearest: Callable[[str, str], Text]
    """(kind of thing, unknown name) to a text that names what is near it."""
    fact: Callable[[str], FactKind | None]
    requirement: Callable[[str], Requirement | None]
    assessable: Callable[[str], bool]
    """Whether there is a standard of that code: the notice's own, or one that a plugin contributes to it."""
    installed: Callable[[str], Notice | None]
    adoptions: Callable[[str], Adoption | None]
    entry_state: Callable[[str], Any]
    """The state of the stream with that name (station, office, round or notice), None where it has no entries."""
    round_users: Callable[[str], tuple[str, ...]]
    """The decisions that name a round, by entry."""
    reading_users: Callable[[Adoption, int], dict[str, list[str]]]
    """The assessments that used a reading, named by its adoption's version: by the stream that they stand in."""
    assess: Callable[[], dict[str, Any]]
    """Run the checks of an `assess` submission: the own fields of `AssessmentRecorded`."""


class Docket:
    """Where the rules write what they find of one submission."""

    __slots__ = ("context", "faults", "irregularities", "lifted", "notes", "submission", "verb")

    def __init__(self, context: Context, submission: Submission) -> None:
        """Start with nothing found; `irregular` lifts the faults that may be lifted."""
        self.context = context
        self.submission = submission
        self.verb = verb_of(submission)
        self.lifted = submission.irregular is not None
        self.faults: list[Fault] = []
        self.irregularities: list[Fault] = []
        self.notes: list[Fault] = []

    def refuse(self, code: str, field: str | None, **args: Any) -> None:
        """Refuse with a fault, or with `irregular` record it as an irregularity where the rule allows that."""
        fault = self._fault(code, field, args)
        lifted = self.lifted and fault_kinds()[code].irregular
        found = self.irregularities if lifted else self.faults
        if len(found) < MOST_FAULTS:
            found.append(fault)

    def warn(self, code: str, field: str | None, **args: Any) -> None:
        """Record all the same, with an irregularity."""
        self.irregularities.append(self._fault(code, field, args))

    def note(self, code: str, **args: Any) -> None:
        """Add a note to the receipt."""
        self.notes.append(self._fault(code, None, args))

    def wrong(self, field: str, why: str | Text, **args: Any) -> None:
        """Refuse a field's value for a reason of [why]."""
        self.refuse("bad-value", field, name=field, why=why, **args)

    def _fault(self, code: str, field: str | None, args: dict[str, Any]) -> Fault:
        return Fault(code=code, field=field, clause=self.context.notice.rules.clauses.get(code), args=args)

    def shared(self) -> dict[str, Any]:
        """Return the fields that every event takes from its submission and its context."""
        submission = self.submission
        return {
            "on": submission.on,
            "by": submission.by,
            "recorded_at": self.context.recorded_at,
            "id": self.context.id,
            "content": self.context.content,
            "on_precision": submission.on_precision,
            "document": submission.document,
            "note": submission.note,
            "irregular": submission.irregular,
            "irregularities": tuple(self.irregularities),
        }


def level_label(context: Context, level: str) -> Text:
    """Return a level's label, for messages."""
    return context.notice.words["level"].get(level, {"zh": level, "en": level})


def standard_label(context: Context, standard: str) -> Text:
    """Return what a standard is called, for messages: by the level that it leads to."""
    level = context.notice.level_of(standard)
    return level.label if level else {"zh": standard, "en": standard}


def tier_labels(context: Context, tiers: tuple[str, ...]) -> list[Text]:
    """Return tiers' labels, for messages."""
    words = context.notice.words["tier"]
    return [words[tier] for tier in tiers if tier in words]


def round_label(context: Context, kind: str) -> Text:
    """Return the label of a kind of round, for messages."""
    return context.notice.words["round"].get(kind, {"zh": kind, "en": kind})


def name_of(station: Station, mark: Mark) -> str:
    """Return the entry name of a mark."""
    return station.entry(mark.version)


def acts_over(context: Context, office: str, county: str, on: date) -> bool:
    """Return whether an office is this county, its successor, or above it."""
    return office in line_above(context.office, county, on)


def entry_named(context: Context, name: str) -> tuple[Any, int] | None:
    """Return (state of its stream, version) of the entry with that name, None where the ledger has none.

    An entry has one name: what others say of it is found by that.
    """
    place = entry_place(name)
    if place is None or entry_name(*place) != name:
        return None
    state = context.entry_state(place[0])
    return (state, place[1]) if state is not None and place[1] <= state.version else None


def acts_for(context: Context, office: Office, other: str, on: date) -> bool:
    """Return whether an office is that other one or succeeded it: not one above it."""
    former = context.office(other)
    return former is not None and former.tier == office.tier and acts_over(context, office.code, other, on)
