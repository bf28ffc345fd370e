"""decide(context, submission): the event that a submission becomes, or every fault that stands against it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from dingji.events.events import Event, topic_of
from dingji.events.submissions import Submission
from dingji.events.vocabulary import DECISIONS, TOPIC_OF_VERB
from dingji.faults import Fault
from dingji.rules import certify, identity, procedure, record, review, rounds, void
from dingji.rules.docket import Context, Docket, name_of
from dingji.rules.gate import admit
from dingji.state.station import STEPS


class Decision(msgspec.Struct, frozen=True):
    """What a submission comes to: an event, or faults; irregularities and notes for the receipt."""

    event: Event | None
    faults: tuple[Fault, ...] = ()
    irregularities: tuple[Fault, ...] = ()
    notes: tuple[Fault, ...] = ()


RULES: Final[dict[str, Callable[[Docket, Any], Event | None]]] = {
    "adopt_notice": record.adopt_notice,
    "adopt_reading": record.adopt_reading,
    "enrol_office": identity.enrol_office,
    "rename_office": identity.rename_office,
    "close_office": identity.close_office,
    "register": identity.register,
    "rename": identity.rename,
    "transfer": identity.transfer,
    "close": identity.close,
    "classify": identity.classify,
    "open_round": rounds.open_round,
    "close_round": rounds.close_round,
    "report": record.report,
    "judge": record.judge,
    "apply": procedure.apply,
    "withdraw": procedure.withdraw,
    "recommend": procedure.recommend,
    "decline": procedure.decline,
    "assess": record.assess,
    "certify": certify.certify,
    "refuse": certify.refuse,
    "lodge": certify.lodge,
    "uphold": review.uphold,
    "downgrade": review.downgrade,
    "recognise": certify.recognise,
    "void": void.void,
}
"""The rule of each verb."""

LIKENED: Final = frozenset({TOPIC_OF_VERB["recognise"], *DECISIONS, *STEPS})
"""The topics of the decisions on a level that a station holds or asks for, and of the steps towards them."""


def decide(context: Context, submission: Submission) -> Decision:
    """Judge a submission: all its faults at once, or the event that it becomes."""
    docket = Docket(context, submission)
    event = RULES[docket.verb](docket, submission) if admit(docket) else None
    if event is None:
        return Decision(None, tuple(docket.faults))
    _note_alike(docket, event)
    return Decision(event, (), tuple(docket.irregularities), tuple(docket.notes))


def _note_alike(docket: Docket, event: Any) -> None:
    """Note the entry that counts and says the same of the station: another note makes another content, but no more."""
    station, topic = docket.context.station, topic_of(event)
    if station is None or topic not in LIKENED:
        return
    alike = (topic, event.on.toordinal(), event.to if topic == "LevelDowngraded" else event.level)
    tier = event.tier if topic == "RecommendationMade" else ""  # a level's route may ask two tiers to recommend
    for mark in station.counting():
        if (mark.topic, mark.on, mark.level) == alike and mark.tier == tier:
            docket.note("looks-like", entry=name_of(station, mark))
            return
