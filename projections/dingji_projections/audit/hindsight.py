"""Hindsight: what a later recorded entry lets one see of a decision that nobody could see when it was recorded.

Decisions are judged again against what is known now of levels, rounds, withdrawals, counties and closings. Their
assessments are not run again, and which assessment they rest on stays as recorded.
"""

# ruff: noqa: S608 (what is put into SQL here are our own words, never values)

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final, Literal, NamedTuple

from dingji.events.events import RoundOpened
from dingji.rules.gate import AFTER_CLOSING, STEP_OF
from dingji.state.office import line_above
from dingji.terms import UNGRADED
from dingji_projections.ask.notice_rules import NoticeRules
from dingji_projections.audit.decisions import DecisionRow, decision_rows_of
from dingji_projections.cases.rounds import rounds_held
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.records.offices import office_known
from dingji_projections.tables.counting import counting

JUDGED: Final = frozenset({"recommend", "certify", "refuse", "lodge", "uphold", "downgrade", "recognise", "classify"})
"""The verbs that are judged again."""

HindsightCode = Literal[
    "station-closed",
    "not-a-promotion",
    "nothing-to-review",
    "not-a-downgrade",
    "held-otherwise",
    "round-not-open",
    "after-close",
    "wrong-round-kind",
    "case-ended",
    "not-own-county",
]
"""What can be seen of a decision."""

_STEPS: Final = frozenset({"recommend", "certify", "refuse"})


class _CaseMove(NamedTuple):
    """An application, a withdrawal or a declined recommendation, by date and version."""

    day: int
    version: int
    verb: str


Ended = dict[tuple[str, str | None, str | None], list[_CaseMove]]
"""(Station, level, round) of cases that were withdrawn or declined, to their moves."""


class KnownNow(NamedTuple):
    """What is known now that decisions are held against."""

    notice_rules: NoticeRules
    rounds: dict[str, tuple[RoundOpened, date | None]]
    ended: Ended
    acts_over: Callable[[str, str, date], bool]
    """Whether an office is a county, its successor or above it, on a date."""


def known_now(views: Views, basis: Basis, notice_rules: NoticeRules, station: str | None = None) -> KnownNow:
    """Return what is known at the basis to judge the decisions of one station by, or those of all."""
    latest = basis._replace(on=date.max)
    rounds = {name: (opened, closed) for name, opened, closed in rounds_held(views.log, latest)}
    lines: dict[tuple[str, date], frozenset[str]] = {}

    def acts_over(office: str, county: str, on: date) -> bool:
        if (county, on) not in lines:
            lines[county, on] = frozenset(
                line_above(lambda code: office_known(views.log, code, basis.known), county, on)
            )
        return office in lines[county, on]

    return KnownNow(notice_rules, rounds, _ended(views, basis, station), acts_over)


def _ended(views: Views, basis: Basis, station: str | None) -> Ended:
    counts = counting() + (" AND station=:station" if station else "")
    over = f"SELECT station,level,round FROM acts WHERE verb IN ('withdraw','decline') AND {counts}"
    sql = "SELECT station,level,round,day,version,verb FROM acts WHERE verb IN ('apply','withdraw','decline')"
    values = {"day": basis.on.toordinal(), "known": basis.known, "station": station}
    found: Ended = {}
    rows = views.query(f"{sql} AND {counts} AND (station,level,round) IN ({over})", values, basis.known)
    for station_, level, round_, day, version, verb in rows:
        found.setdefault((station_, level, round_), []).append(_CaseMove(day, version, verb))
    return found


def hindsight(views: Views, basis: Basis, notice_rules: NoticeRules, **of: str) -> dict[str, list[HindsightCode]]:
    """Return the decisions of a `station` or a `round` that look otherwise now, each with the codes of what is seen."""
    known = known_now(views, basis, notice_rules, of.get("station"))
    rows = decision_rows_of(views, basis, JUDGED, **of)
    return {
        decision.entry: codes
        for decision in rows
        if decision.forgotten > basis.known and (codes := judged_again(decision, known))
    }


def judged_again(decision: DecisionRow, now: KnownNow) -> list[HindsightCode]:
    """Return the codes of what is wrong with a decision as known now, those recorded with it left out."""
    found = [
        *_of_level(decision),
        *_of_round(decision, now),
        *_of_case(decision, now),
        *_of_county(decision, now),
    ]
    return [code for code in dict.fromkeys(found) if code not in decision.codes]


def _of_level(decision: DecisionRow) -> Iterator[HindsightCode]:
    held = decision.held
    if (held is None or decision.county is None) and decision.verb not in AFTER_CLOSING:
        yield "station-closed"
    elif held is None:
        return
    elif decision.verb == "certify" and decision.rank <= held.rank:
        yield "not-a-promotion"
    elif decision.verb in {"uphold", "downgrade"} and held.level == UNGRADED:
        yield "nothing-to-review"
    elif decision.verb == "downgrade" and decision.rank >= held.rank:
        yield "not-a-downgrade"
    elif decision.verb in {"uphold", "downgrade"} and (decision.held_then or decision.level) != held.level:
        yield "held-otherwise"


def _of_round(decision: DecisionRow, now: KnownNow) -> Iterator[HindsightCode]:
    opened, closed = now.rounds.get(decision.round or "", (None, None))
    if opened is None or decision.verb == "classify":
        return
    if decision.on < opened.on:
        yield "round-not-open"
    if closed is not None and decision.on > closed:
        yield "after-close"
    wanted = now.notice_rules.round_of.get(decision.verb) or now.notice_rules.round_of.get(decision.level or "")
    if wanted is not None and opened.kind != wanted:
        yield "wrong-round-kind"


def _of_case(decision: DecisionRow, now: KnownNow) -> Iterator[HindsightCode]:
    if decision.verb in _STEPS:
        moves = now.ended.get((decision.station, decision.level, decision.round), [])
        before = [move for move in moves if (move.day, move.version) < (decision.day, decision.version)]
        if before and max(before).verb != "apply":
            yield "case-ended"


def _of_county(decision: DecisionRow, now: KnownNow) -> Iterator[HindsightCode]:
    do = STEP_OF.get(decision.verb, decision.verb)
    tiers = {tier for verb, tier in now.notice_rules.routes.get(decision.level or "", ()) if verb == do}
    if decision.verb not in _STEPS or tiers != {now.notice_rules.county_tier} or decision.county is None:
        return
    counties = {decision.county, decision.county_before or decision.county}
    if not any(decision.office == county or now.acts_over(decision.office, county, decision.on) for county in counties):
        yield "not-own-county"
