"""What a decision may look at, and the docket on which its rules write faults, irregularities and notes.

`LedgerView` declares all that rules may ask of the ledger; `dingji.writer.lookup` answers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Protocol, TypeVar

import msgspec

from dingji.catalogue.facts import FactKind
from dingji.catalogue.notice import Notice
from dingji.catalogue.standard import Requirement
from dingji.events.events import Event
from dingji.events.submissions import Submission, verb_of
from dingji.faults import Fault, fault_kinds
from dingji.state.notice_state import Adoption
from dingji.state.office import Office, line_above
from dingji.state.round import Round
from dingji.state.station import Mark, Station
from dingji.terms import entry_name, entry_place
from dingji.texts import Text

MOST_FAULTS: Final = 1000
"""At most this many faults of one submission are listed."""

OneEvent = TypeVar("OneEvent", bound=Event)


class LedgerView(Protocol):
    """All that rules may ask of the ledger as it stands; nothing here has an effect."""

    def office(self, code: str) -> Office | None:
        """Return an office."""

    def round(self, id_: str) -> Round | None:
        """Return a round."""

    def state(self, stream: str) -> Any:
        """Return the state of a stream (station, office, round or notice), None for one without entries."""

    def adopted(self, id_: str) -> Adoption | None:
        """Return a notice's adoption."""

    def installed(self, id_: str) -> Notice | None:
        """Return an installed notice."""

    def facts(self, notice: Notice) -> Mapping[str, FactKind]:
        """Return a notice's dictionary of facts."""

    def requirement(self, notice: Notice, id_: str) -> Requirement | None:
        """Return a requirement of a notice, or of what plugins contribute to it."""

    def assessable(self, notice: Notice, standard: str) -> bool:
        """Return whether there is a standard of that code: the notice's own, or one that a plugin contributes."""

    def nearest(self, kind: str, word: str) -> Text:
        """Return a text that names the rounds, facts or requirements (the kinds) that resemble an unknown one."""

    def round_users(self, id_: str) -> tuple[str, ...]:
        """Return the entries of the decisions that name a round and count."""

    def reading_users(self, adoption: Adoption, version: int) -> dict[str, list[str]]:
        """Return the assessments that used a reading (named by the version of its adoption), by their stream."""

    def assess(self, station: Station, standard: str, on: date, adoption: Adoption) -> dict[str, Any]:
        """Run the checks of a standard: the own fields of `AssessmentRecorded`."""


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """All that a decision may know: the facts of one submission, and the ledger as it stands.

    `today` is the civil date of the clock in the notice's zone. The entry is recorded at `recorded_at`, which is later
    where the clock is behind the log; `clock_behind` is what the first entry of a file says of that.
    """

    ledger: LedgerView
    recorded_at: str
    today: date
    notice: Notice
    adoption: Adoption
    governed: bool
    """Whether a notice governs the submission's date; without one `notice` is the earliest adopted."""
    id: str
    content: str | None
    station: Station | None = None
    clock_behind: Mapping[str, Any] | None = None

    @property
    def changed(self) -> bool:
        """Whether the installed data of `notice` differ from what was adopted."""
        return self.adoption.digest != self.notice.digest


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

    def event(self, form: type[OneEvent], **own: Any) -> OneEvent | None:
        """Return the event that the submission becomes, None once a fault stands; `own` are its own fields."""
        if self.faults:
            return None
        submission, context = self.submission, self.context
        return form(
            on=submission.on,
            by=submission.by,
            recorded_at=context.recorded_at,
            id=context.id,
            content=context.content,
            on_precision=submission.on_precision,
            document=submission.document,
            note=submission.note,
            irregular=submission.irregular,
            irregularities=tuple(self.irregularities),
            **own,
        )


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
    return office in line_above(context.ledger.office, county, on)


def entry_named(context: Context, name: str) -> tuple[Any, int] | None:
    """Return (state of its stream, version) of the entry with that name, None where the ledger has none.

    An entry has one name only, since others refer to it by that.
    """
    place = entry_place(name)
    if place is None or entry_name(*place) != name:
        return None
    stream, version = place
    state = context.ledger.state(stream)
    return (state, version) if state is not None and version <= state.version else None


def acts_for(context: Context, office: Office, other: str, on: date) -> bool:
    """Return whether an office is that other one or succeeded it: not one above it."""
    former = context.ledger.office(other)
    return former is not None and former.tier == office.tier and acts_over(context, office.code, other, on)
