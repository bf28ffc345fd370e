"""The immutable events: what happened, each with a stable topic and a version of its form.

A topic is the class's name and never changes; a form that changes gets the next `tag` (the key `v` of the stored
state) and an upcaster in `codec.UPCASTERS`. Stored bytes are never rewritten.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from dingji.events.submissions import By, Evidence, FactValue, Integer, Judgement, Precision
from dingji.faults import Fault
from dingji.terms import Outcome, Verdict
from dingji.texts import Text


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=1, gc=False):
    """What every event carries.

    `recorded_at` is UTC with six decimals and a Z, set by the ledger under the write lock. `id` is the idempotency
    key; `content` the SHA-256 of the submission, left out where it is the `id`.
    """

    on: date
    by: By
    recorded_at: str
    id: str
    content: str | None = None
    on_precision: Precision = "day"
    document: str | None = None
    note: str | None = None
    irregular: str | None = None
    irregularities: tuple[Fault, ...] = ()

    @property
    def content_digest(self) -> str:
        """SHA-256 (hex) of the typed submission's canonical JSON without its `id`."""
        return self.content or self.id


class NoticeAdopted(Event, frozen=True, kw_only=True):
    """A notice's data, by digest, as this ledger applies it; words and zone are kept to read the log without it."""

    notice: str
    in_force: date
    utc_offset_hours: Integer
    digest: str
    parts: dict[str, str]
    words: dict[str, dict[str, Text]]


class ReadingAdopted(Event, frozen=True, kw_only=True):
    """The reading of one unclear cell that counts from `on`."""

    requirement: str
    reading: str


class OfficeEnrolled(Event, frozen=True, kw_only=True):
    """An office that may act."""

    name: str
    tier: str
    parent: str | None = None


class OfficeRenamed(Event, frozen=True, kw_only=True):
    """An office's new name."""

    name: str


class OfficeClosed(Event, frozen=True, kw_only=True):
    """An office's end."""

    successor: str | None = None


class StationRegistered(Event, frozen=True, kw_only=True):
    """A station enters the ledger, ungraded."""

    name: str
    county: str
    serves: str


class StationRenamed(Event, frozen=True, kw_only=True):
    """A station's new name, or other kind of place."""

    name: str
    serves: str | None = None


class StationTransferred(Event, frozen=True, kw_only=True):
    """A station's new county."""

    county: str


class StationClosed(Event, frozen=True, kw_only=True):
    """A station's end."""

    successors: tuple[str, ...] = ()


class SizeClassified(Event, frozen=True, kw_only=True):
    """A station's size class from `on`."""

    size: str
    round: str | None = None
    basis: dict[str, Any] = {}


class RoundOpened(Event, frozen=True, kw_only=True):
    """A round's beginning."""

    kind: str
    year: Integer


class RoundClosed(Event, frozen=True, kw_only=True):
    """A round's end."""


class FactsReported(Event, frozen=True, kw_only=True):
    """Facts stated about a station, whole values each."""

    facts: dict[str, FactValue]
    evidence: tuple[Evidence, ...] = ()
    tier: str


class RequirementsJudged(Event, frozen=True, kw_only=True):
    """An assessor's decisions on requirements."""

    judgements: dict[str, Judgement]
    evidence: tuple[Evidence, ...] = ()
    tier: str


class CaseEvent(Event, frozen=True, kw_only=True):
    """A step of a case: station, level and round; `rests_on` names the entries it stands on."""

    level: str
    round: str
    rests_on: tuple[str, ...] = ()


class ApplicationSubmitted(CaseEvent, frozen=True, kw_only=True):
    """A station applied."""


class ApplicationWithdrawn(CaseEvent, frozen=True, kw_only=True):
    """A station took its application back: the case is over."""


class RecommendationMade(CaseEvent, frozen=True, kw_only=True):
    """An office recommended the station."""

    tier: str
    reason: str | None = None


class RecommendationDeclined(CaseEvent, frozen=True, kw_only=True):
    """An office declined to recommend: the case is over."""

    tier: str
    reason: str | None = None


class FindingRecord(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One requirement's finding as an assessment stores it; facts are named by entry, not copied.

    `lacking` says why a fact that was asked for is not known (`size` is the station's size); `conflicts` names the
    entries in which other offices state something else; `shown` is a judgement that does not count; `otherwise` is
    what each other reading would come to, where that differs from the one in force.
    """

    requirement: str
    outcome: Outcome
    measured: Any = None
    required: Any = None
    reason: Text | None = None
    facts: dict[str, str] = {}
    evidence: tuple[str, ...] = ()
    lacking: dict[str, str] = {}
    conflicts: dict[str, tuple[str, ...]] = {}
    judgement: str | None = None
    shown: str | None = None
    reading: str | None = None
    reading_matters: bool = False
    otherwise: dict[str, Outcome] = {}


class CheckOwner(msgspec.Struct, frozen=True):
    """Who supplied a check or a standard: distribution, version, and the digest of its source."""

    distribution: str
    version: str
    digest: str


class AssessmentRecorded(Event, frozen=True, kw_only=True):
    """A standard's findings on a station, with all that is needed to run it again.

    `read_to` is the position up to which the dossier was read; `short` names the requirements that stand between
    the station and the verdict `reached`; `rests_on` names the entries that were used.
    """

    standard: str
    notice: str
    catalogue: str
    verdict: Verdict
    findings: tuple[FindingRecord, ...]
    checks: dict[str, CheckOwner]
    size: str | None = None
    serves: str
    readings: dict[str, str] = {}
    read_to: Integer
    tier: str
    short: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()


class LevelCertified(Event, frozen=True, kw_only=True):
    """A level was granted; never lowers what is held."""

    level: str
    rank: Integer
    round: str | None = None
    reason: str | None = None
    rests_on: tuple[str, ...] = ()


class CertificationRefused(Event, frozen=True, kw_only=True):
    """A level was refused: the case is over."""

    level: str
    round: str | None = None
    reason: str | None = None
    rests_on: tuple[str, ...] = ()


class CertificationLodged(Event, frozen=True, kw_only=True):
    """A certification was lodged with the office above (备案)."""

    certification: str


class LevelUpheld(Event, frozen=True, kw_only=True):
    """A review left the level as it was; `level` is the one held."""

    level: str
    round: str | None = None
    reason: str
    ground: str | None = None
    rests_on: tuple[str, ...] = ()


class LevelDowngraded(Event, frozen=True, kw_only=True):
    """A level was lowered to `to`; never raises what is held. `held` is the level it was judged against."""

    to: str
    rank: Integer
    held: str
    round: str | None = None
    reason: str
    ground: str | None = None
    rests_on: tuple[str, ...] = ()


class LevelRecognised(Event, frozen=True, kw_only=True):
    """A level held, or lost, under a document earlier than the notice."""

    level: str
    rank: Integer
    under: str


class EntryVoided(Event, frozen=True, kw_only=True):
    """An entry of this stream that counts no more, for any date, from this position on."""

    entry: str
    cause: str
    reason: str


def _topics(base: type[Event]) -> dict[str, type[Event]]:
    """Collect the concrete events: the leaves below `base`."""
    found: dict[str, type[Event]] = {}
    for child in base.__subclasses__():
        found |= _topics(child) if child.__subclasses__() else {child.__name__: child}
    return found


EVENTS: dict[str, type[Event]] = _topics(Event)
"""Every event by its topic."""


def topic_of(event: Event) -> str:
    """Return the stable topic under which an event is stored."""
    return type(event).__name__
