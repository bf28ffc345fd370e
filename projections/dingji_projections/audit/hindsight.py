"""Hindsight: what a later recorded entry lets one see of a decision that nobody could see when it was recorded.

Decisions are judged again against what is known now of levels, rounds, withdrawals, counties and closings. Their
assessments are not run again, and which assessment they rest on stays as recorded.
"""

# ruff: noqa: S608 (what is put into SQL here are our own words, never values)

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Final, NamedTuple

from dingji.events.events import RoundOpened
from dingji.rules.gate import AFTER_CLOSING, STEP_OF
from dingji.state.office import line_above
from dingji.terms import UNGRADED
from dingji_projections.ask.notice_rules import Parameters
from dingji_projections.cases.decisions import Deed, deeds_of
from dingji_projections.cases.rounds import rounds_held
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.records.offices import office_known

JUDGED: Final = frozenset({"recommend", "certify", "refuse", "lodge", "uphold", "downgrade", "recognise", "classify"})
"""The verbs that are judged again."""

_STEPS: Final = frozenset({"recommend", "certify", "refuse"})

Ended = dict[tuple[str, str | None, str | None], list[tuple[int, int, str]]]


class Sight(NamedTuple):
    """What is known now that decisions are held against."""

    parameters: Parameters
    rounds: dict[str, tuple[RoundOpened, date | None]]
    ended: Ended
    """(Station, level, round) of cases that were withdrawn or declined to their steps: (day, version, verb)."""
    acts_over: Callable[[str, str, date], bool]
    """Whether an office is a county, its successor or above it, on a date."""


def sight(views: Views, basis: Basis, parameters: Parameters, station: str | None = None) -> Sight:
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

    return Sight(parameters, rounds, _ended(views, basis, station), acts_over)


def _ended(views: Views, basis: Basis, station: str | None) -> Ended:
    counting = "day<=:day AND known_from<=:known AND known_to>:known" + (" AND station=:station" if station else "")
    over = f"SELECT station,level,round FROM acts WHERE verb IN ('withdraw','decline') AND {counting}"
    sql = "SELECT station,level,round,day,version,verb FROM acts WHERE verb IN ('apply','withdraw','decline')"
    values = {"day": basis.on.toordinal(), "known": basis.known, "station": station}
    found: Ended = {}
    for *case, day, version, verb in views.query(
        f"{sql} AND {counting} AND (station,level,round) IN ({over})", values, basis.known
    ):
        found.setdefault((case[0], case[1], case[2]), []).append((day, version, verb))
    return found


def hindsight(views: Views, basis: Basis, parameters: Parameters, **of: str) -> dict[str, list[str]]:
    """Return the decisions of a `station` or a `round` that look otherwise now, each with the codes of what is seen."""
    known = sight(views, basis, parameters, of.get("station"))
    rows = deeds_of(views, basis, JUDGED, **of)
    return {deed.entry: codes for deed in rows if deed.forgotten > basis.known and (codes := judged_again(deed, known))}


def judged_again(deed: Deed, sight: Sight) -> list[str]:
    """Return the codes of what is wrong with a decision as known now, those recorded with it left out."""
    found = [*_of_level(deed), *_of_round(deed, sight), *_of_case(deed, sight), *_of_county(deed, sight)]
    return [code for code in dict.fromkeys(found) if code not in deed.codes]


def _of_level(deed: Deed) -> Iterator[str]:
    held = deed.held
    if (held is None or deed.county is None) and deed.verb not in AFTER_CLOSING:
        yield "station-closed"
    elif held is None:
        return
    elif deed.verb == "certify" and deed.rank <= held.rank:
        yield "not-a-promotion"
    elif deed.verb in {"uphold", "downgrade"} and held.level == UNGRADED:
        yield "nothing-to-review"
    elif deed.verb == "downgrade" and deed.rank >= held.rank:
        yield "not-a-downgrade"
    elif deed.verb in {"uphold", "downgrade"} and (deed.held_then or deed.level) != held.level:
        yield "held-otherwise"


def _of_round(deed: Deed, sight: Sight) -> Iterator[str]:
    opened, closed = sight.rounds.get(deed.round or "", (None, None))
    if opened is None or deed.verb == "classify":
        return
    if deed.on < opened.on:
        yield "round-not-open"
    if closed is not None and deed.on > closed:
        yield "after-close"
    wanted = sight.parameters.round_of.get(deed.verb) or sight.parameters.round_of.get(deed.level or "")
    if wanted is not None and opened.kind != wanted:
        yield "wrong-round-kind"


def _of_case(deed: Deed, sight: Sight) -> Iterator[str]:
    if deed.verb in _STEPS:
        steps: Iterable[tuple[int, int, str]] = sight.ended.get((deed.station, deed.level, deed.round), ())
        before = [step for step in steps if step[:2] < (deed.day, deed.version)]
        if before and max(before)[2] != "apply":
            yield "case-ended"


def _of_county(deed: Deed, sight: Sight) -> Iterator[str]:
    do = STEP_OF.get(deed.verb, deed.verb)
    tiers = {tier for verb, tier in sight.parameters.routes.get(deed.level or "", ()) if verb == do}
    if deed.verb not in _STEPS or tiers != {sight.parameters.county_tier} or deed.county is None:
        return
    counties = {deed.county, deed.county_before or deed.county}
    if not any(deed.office == county or sight.acts_over(deed.office, county, deed.on) for county in counties):
        yield "not-own-county"
