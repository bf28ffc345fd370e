"""decide(context, submission): the event that a submission becomes, or every fault that stands against it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from dingji.events.events import Event
from dingji.events.submissions import Submission
from dingji.faults import Fault
from dingji.rules import certify, identity, procedure, record, review, rounds, void
from dingji.rules.docket import Context, Docket
from dingji.rules.gate import admit


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


def decide(context: Context, submission: Submission) -> Decision:
    """Judge a submission: all its faults at once, or the event that it becomes."""
    docket = Docket(context, submission)
    event = RULES[docket.verb](docket, submission) if admit(docket) else None
    if event is None:
        return Decision(None, tuple(docket.faults))
    return Decision(event, (), tuple(docket.irregularities), tuple(docket.notes))
