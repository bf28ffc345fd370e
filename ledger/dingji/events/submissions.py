"""What a user may submit: one typed record a verb, imperative, with the fields a file or an option can carry."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

LARGEST_INTEGER = 2**53 - 1

_VISIBLE = {"pattern": r"\S"}
"""What a JSON Schema can say of a text that may not be blank; `dingji.characters` knows more blanks than it."""
_EACH_ONCE = {"uniqueItems": True}

Code = Annotated[str, Meta(min_length=1, max_length=64, extra_json_schema=_VISIBLE)]
Word = Annotated[str, Meta(min_length=1, max_length=64, extra_json_schema=_VISIBLE)]
Name = Annotated[str, Meta(min_length=1, max_length=100, extra_json_schema=_VISIBLE)]
ShortText = Annotated[str, Meta(min_length=1, max_length=200, extra_json_schema=_VISIBLE)]
Prose = Annotated[str, Meta(min_length=1, max_length=4000, extra_json_schema=_VISIBLE)]
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
StaffReference = Annotated[str, Meta(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$")]
Integer = Annotated[int, Meta(ge=-LARGEST_INTEGER, le=LARGEST_INTEGER)]
Scalar = bool | Integer | Annotated[str, Meta(max_length=2000)]
Item = Scalar | dict[Word, Scalar | Annotated[list[Scalar], Meta(max_length=1000)]]
FactValue = Scalar | Annotated[list[Item], Meta(max_length=10_000)]
"""A fact's value: no floats, and no deeper than a list of records whose fields are scalars or lists of them."""
Precision = Literal["day", "month", "year"]

PROSE_FIELDS = frozenset({"note", "irregular", "reason", "ground"})
"""The fields of free words, which keep their characters; all other texts are names, ids and codes, kept in NFC."""


class By(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """Who submits: an office (or the station's own code), and a staff reference, never a name."""

    office: Code
    person: StaffReference | None = None


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reference to a paper by its SHA-256, with the fact keys that it supports."""

    sha256: Digest
    name: ShortText
    supports: Annotated[list[Word], Meta(max_length=500, extra_json_schema=_EACH_ONCE)]


class Judgement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An assessor's decision on one requirement that needs one."""

    outcome: Literal["met", "not_met", "not_applicable"]
    reason: Prose


class Submission(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="do"
):
    """The fields that every submission may carry."""

    on: date
    by: By
    on_precision: Precision = "day"
    document: ShortText | None = None
    note: Prose | None = None
    id: ShortText | None = None
    irregular: Prose | None = None


class AdoptNotice(Submission, frozen=True, tag="adopt_notice"):
    """Put an installed notice's data in force as this ledger applies it."""

    notice: Code


class AdoptReading(Submission, frozen=True, tag="adopt_reading"):
    """Choose which reading of an unclear cell counts from `on`."""

    requirement: Word
    reading: Word


class EnrolOffice(Submission, frozen=True, tag="enrol_office"):
    """Enter an office that may act in this ledger."""

    office: Code
    name: Name
    tier: Word
    parent: Code | None = None


class RenameOffice(Submission, frozen=True, tag="rename_office"):
    """Give an office a new name."""

    office: Code
    name: Name


class CloseOffice(Submission, frozen=True, tag="close_office"):
    """End an office; a successor goes on with what is open."""

    office: Code
    successor: Code | None = None


class Register(Submission, frozen=True, tag="register"):
    """Enter a station under its code, for good."""

    station: Code
    name: Name
    county: Code
    serves: Word


class Rename(Submission, frozen=True, tag="rename"):
    """Give a station a new name, or another kind of place to serve."""

    station: Code
    name: Name
    serves: Word | None = None


class Transfer(Submission, frozen=True, tag="transfer"):
    """Move a station to another county office."""

    station: Code
    county: Code


class Close(Submission, frozen=True, tag="close"):
    """End a station; successors inherit nothing."""

    station: Code
    successors: Annotated[list[Code], Meta(max_length=50, extra_json_schema=_EACH_ONCE)] = []


class Classify(Submission, frozen=True, tag="classify"):
    """Set a station's size class."""

    station: Code
    size: Word
    round: Code | None = None
    basis: dict[Word, Integer | ShortText] = {}


class OpenRound(Submission, frozen=True, tag="open_round"):
    """Open a round of one of the notice's kinds."""

    round: Code
    kind: Word
    year: Annotated[int, Meta(ge=1900, le=2200)]


class CloseRound(Submission, frozen=True, tag="close_round"):
    """Close a round."""

    round: Code


class Report(Submission, frozen=True, tag="report"):
    """State facts about a station, or evidence for facts."""

    station: Code
    facts: Annotated[dict[Word, FactValue], Meta(max_length=1000)]
    evidence: Annotated[list[Evidence], Meta(max_length=500, extra_json_schema=_EACH_ONCE)] = []


class Judge(Submission, frozen=True, tag="judge"):
    """Decide requirements that need an assessor."""

    station: Code
    judgements: Annotated[dict[Word, Judgement], Meta(min_length=1, max_length=1000)]
    evidence: Annotated[list[Evidence], Meta(max_length=500, extra_json_schema=_EACH_ONCE)] = []


class CaseStep(Submission, frozen=True):
    """What the steps of a case share: station, level and round."""

    station: Code
    level: Word
    round: Code


class Apply(CaseStep, frozen=True, tag="apply"):
    """A station applies for a level."""


class Withdraw(CaseStep, frozen=True, tag="withdraw"):
    """A station takes its application back."""


class Recommend(CaseStep, frozen=True, tag="recommend"):
    """An office recommends a station that applied."""

    reason: Prose | None = None


class Decline(CaseStep, frozen=True, tag="decline"):
    """An office declines to recommend."""

    reason: Prose | None = None


class Assess(Submission, frozen=True, tag="assess"):
    """Run a standard's checks on what the ledger knows of a station, and record the findings."""

    station: Code
    standard: Word


class Certify(Submission, frozen=True, tag="certify"):
    """Grant a level."""

    station: Code
    level: Word
    round: Code | None = None
    reason: Prose | None = None


class Refuse(Submission, frozen=True, tag="refuse"):
    """Refuse a level."""

    station: Code
    level: Word
    round: Code | None = None
    reason: Prose | None = None


class Lodge(Submission, frozen=True, tag="lodge"):
    """Lodge a certification with the office above."""

    station: Code
    certification: ShortText


class Uphold(Submission, frozen=True, tag="uphold"):
    """Leave a reviewed level as it is."""

    station: Code
    reason: Prose
    round: Code | None = None
    ground: Prose | None = None


class Downgrade(Submission, frozen=True, tag="downgrade"):
    """Lower a level, after a review or on a court's, reconsideration or discipline decision."""

    station: Code
    to: Word
    reason: Prose
    round: Code | None = None
    ground: Prose | None = None


class Recognise(Submission, frozen=True, tag="recognise"):
    """Record a level held, or lost, under an earlier document."""

    station: Code
    level: Word
    under: ShortText


class Void(Submission, frozen=True, tag="void"):
    """Take one entry out of every reckoning from now on; it stays recorded."""

    entry: ShortText
    cause: Literal["recording-error", "annulled"]
    reason: Prose


def _records(base: type[Submission]) -> dict[str, type[Submission]]:
    """Collect the concrete submissions by verb: the leaves below `base`."""
    found: dict[str, type[Submission]] = {}
    for child in base.__subclasses__():
        found |= _records(child) if child.__subclasses__() else {str(child.__struct_config__.tag): child}
    return found


VERBS: dict[str, type[Submission]] = _records(Submission)
"""Every verb with its record."""

_VERB_OF_RECORD = {record: verb for verb, record in VERBS.items()}


def verb_of(submission: Submission) -> str:
    """Return the verb of a submission, as `do` names it (hot path)."""
    return _VERB_OF_RECORD[type(submission)]


def json_schema(verb: str) -> dict[str, Any]:
    """Return the JSON Schema of one verb's submission."""
    return msgspec.json.schema(VERBS[verb])
