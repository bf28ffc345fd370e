"""The words of the log: each verb, the topic of the event it becomes, and the stream that it goes to.

Plain strings alone: the tables of a cold query read this, and must not load the typed records.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from dingji.terms import Kind


class Verb(NamedTuple):
    """One verb; `subject` is the submission's field that names the rest of the stream."""

    name: str
    topic: str
    kind: Kind | None = Kind.STATION
    """The kind of stream, None where the subject is an entry: then the stream is that entry's."""
    subject: str = "station"


VOCABULARY: Final = (
    Verb("adopt_notice", "NoticeAdopted", Kind.NOTICE, "notice"),
    Verb("adopt_reading", "ReadingAdopted", Kind.NOTICE, ""),  # goes to the notice that governs its date
    Verb("enrol_office", "OfficeEnrolled", Kind.OFFICE, "office"),
    Verb("rename_office", "OfficeRenamed", Kind.OFFICE, "office"),
    Verb("close_office", "OfficeClosed", Kind.OFFICE, "office"),
    Verb("register", "StationRegistered"),
    Verb("rename", "StationRenamed"),
    Verb("transfer", "StationTransferred"),
    Verb("close", "StationClosed"),
    Verb("classify", "SizeClassified"),
    Verb("open_round", "RoundOpened", Kind.ROUND, "round"),
    Verb("close_round", "RoundClosed", Kind.ROUND, "round"),
    Verb("report", "FactsReported"),
    Verb("judge", "RequirementsJudged"),
    Verb("apply", "ApplicationSubmitted"),
    Verb("withdraw", "ApplicationWithdrawn"),
    Verb("recommend", "RecommendationMade"),
    Verb("decline", "RecommendationDeclined"),
    Verb("assess", "AssessmentRecorded"),
    Verb("certify", "LevelCertified"),
    Verb("refuse", "CertificationRefused"),
    Verb("lodge", "CertificationLodged"),
    Verb("uphold", "LevelUpheld"),
    Verb("downgrade", "LevelDowngraded"),
    Verb("recognise", "LevelRecognised"),
    Verb("void", "EntryVoided", None, "entry"),
)
"""Every verb. Lists of verbs and of topics are in this order."""

TOPIC_OF_VERB: Final = {verb.name: verb.topic for verb in VOCABULARY}
VERB_OF_TOPIC: Final = {verb.topic: verb.name for verb in VOCABULARY}
SUBJECT_OF_VERB: Final = {verb.name: verb.subject for verb in VOCABULARY}

STREAM_OF_VERB: Final = {
    verb.name: (f"{verb.kind.value}:", verb.subject) for verb in VOCABULARY if verb.kind is not None and verb.subject
}
"""The prefix of a stream's name, and the field that holds the rest of it, for the verbs that say it in one field."""

ABOUT_STATIONS: Final = frozenset(verb.name for verb in VOCABULARY if verb.kind is Kind.STATION)
"""The verbs about one station, which their submission names."""

DECISIONS: Final = tuple(TOPIC_OF_VERB[verb] for verb in ("certify", "refuse", "uphold", "downgrade"))
"""The topics of the decisions that rest on grounds and may name a round."""
