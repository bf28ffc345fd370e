"""Rounds: opening and closing, and what a step that names one must keep to (rules 14, 20)."""

from __future__ import annotations

import re
from typing import Final

from dingji.events.events import Event, RoundClosed, RoundOpened
from dingji.events.submissions import CloseRound, OpenRound
from dingji.rules.docket import Docket, round_label
from dingji.rules.gate import check_authority, tiers_for
from dingji.state.round import Round

ROUND_ID: Final = re.compile(r"[0-9a-z][0-9a-z-]{0,63}")
"""What a round's id looks like: "2024-promotion"."""


def open_round(docket: Docket, submission: OpenRound) -> Event | None:
    """Open a round once; one of the other kind of year is out of the calendar (rule 20)."""
    context = docket.context
    if ROUND_ID.fullmatch(submission.round) is None:
        docket.wrong("round", "bad-form")
    round_ = context.ledger.round(submission.round)
    if round_ is not None and round_.opened is not None:
        docket.refuse("round-exists", "round", round=submission.round)
    kind = context.notice.rounds.get(submission.kind)
    if kind is None:
        docket.wrong("kind", "unknown-code")
    elif not kind.falls_in(submission.year):
        docket.warn("out-of-calendar", "year", year=submission.year, kind=kind.label)
    check_authority(docket, tiers_for(docket))
    return docket.event(RoundOpened, kind=submission.kind, year=submission.year)


def close_round(docket: Docket, submission: CloseRound) -> Event | None:
    """Close a round, not before it opened, and once."""
    round_ = find_round(docket, submission.round)
    if round_ is not None and round_.opened is not None:
        if submission.on < round_.opened:
            docket.wrong("on", "before-opening")
        elif round_.closed is not None:
            docket.wrong("round", "round-closed")
    check_authority(docket, tiers_for(docket))
    return docket.event(RoundClosed)


def find_round(docket: Docket, id_: str) -> Round | None:
    """Return the round of that id, or refuse it as unknown."""
    round_ = docket.context.ledger.round(id_)
    if round_ is None or round_.opened is None:
        docket.refuse("unknown-round", "round", round=id_, nearest=docket.context.ledger.nearest("round", id_))
        return None
    return round_


def check_step_round(docket: Docket, id_: str, kind: str | None = None) -> Round | None:
    """Return the round that a step names: refused before it opened or of the wrong kind, marked after it closed."""
    round_ = find_round(docket, id_)
    if round_ is None or round_.opened is None:
        return None
    on = docket.submission.on
    if on < round_.opened:
        docket.refuse("round-not-open", "on", round=id_, opened=str(round_.opened))
    if round_.closed is not None and on > round_.closed:
        docket.warn("after-close", "on", round=id_, closed=str(round_.closed))
    if kind is not None and round_.kind != kind:
        context = docket.context
        docket.refuse(
            "wrong-round-kind",
            "round",
            round=id_,
            kind=round_label(context, round_.kind),
            wanted=round_label(context, kind),
        )
    return round_
