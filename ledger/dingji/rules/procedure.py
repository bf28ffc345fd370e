"""The case of one station, level and round: applying, withdrawing, recommending, declining (rules 11, 13, 14)."""

from __future__ import annotations

from dingji.catalogue.notice import Level
from dingji.events.events import (
    ApplicationSubmitted,
    ApplicationWithdrawn,
    Event,
    RecommendationDeclined,
    RecommendationMade,
)
from dingji.events.submissions import Apply, Decline, Recommend, Submission, Withdraw, verb_of
from dingji.rules.docket import Docket, level_label, name_of
from dingji.rules.gate import check_authority, tiers_for
from dingji.rules.rounds import check_step_round
from dingji.state.case import CaseState, case_of
from dingji.state.station import Mark, Station


def applied_level(docket: Docket, code: str) -> Level | None:
    """Return the level of a step, or refuse one that the notice does not know or that nobody applies for (rule 11)."""
    context = docket.context
    level = context.notice.levels.get(code)
    if level is None:
        docket.wrong("level", "unknown-code")
    elif level.step("apply") is None:
        docket.refuse("no-application-route", "level", level=level.label)
        return None
    return level


def apply(docket: Docket, submission: Apply) -> Event | None:
    """A station applies: once at a time for a level in a round (rule 14)."""
    check_authority(docket, tiers_for(docket))
    case = _step(docket, submission, submission.round)
    if case is not None and case.application is not None:
        if case.ended is None:
            docket.refuse("already-applied", "round", **_words(docket, case.application))
        else:
            docket.warn("re-applied", "round")
    return docket.event(ApplicationSubmitted, level=submission.level, round=submission.round)


def withdraw(docket: Docket, submission: Withdraw) -> Event | None:
    """A station takes its open application back: the case is over."""
    check_authority(docket, tiers_for(docket))
    case = _step(docket, submission, submission.round)
    rests = check_open(docket, case) if case is not None else ()
    return docket.event(ApplicationWithdrawn, level=submission.level, round=submission.round, rests_on=rests)


def recommend(docket: Docket, submission: Recommend) -> Event | None:
    """An office recommends an open application, after the steps that come before its own (rule 13)."""
    tier = check_authority(docket, tiers_for(docket)) or ""
    case = _step(docket, submission, submission.round)
    rests: tuple[str, ...] = ()
    level = docket.context.notice.levels.get(submission.level)
    if case is not None and level is not None:
        rests = check_open(docket, case)
        if tier in level.tiers("recommend"):
            rests += check_recommended(docket, level, case, before=("recommend", tier))
        _same_person(docket, "LevelCertified", submission.level, submission.round)
    return docket.event(
        RecommendationMade,
        level=submission.level,
        round=submission.round,
        reason=submission.reason,
        tier=tier,
        rests_on=rests,
    )


def decline(docket: Docket, submission: Decline) -> Event | None:
    """An office declines to recommend an open application: the case is over."""
    tier = check_authority(docket, tiers_for(docket)) or ""
    case = _step(docket, submission, submission.round)
    rests = check_open(docket, case) if case is not None else ()
    return docket.event(
        RecommendationDeclined,
        level=submission.level,
        round=submission.round,
        reason=submission.reason,
        tier=tier,
        rests_on=rests,
    )


def _step(docket: Docket, submission: Apply | Withdraw | Recommend | Decline, round_: str) -> CaseState | None:
    """Check the level and the round of a step; return the case as it stands on its date."""
    level = applied_level(docket, submission.level)
    if level is None:
        check_step_round(docket, round_)
        return None
    station = docket.context.station
    if check_step_round(docket, round_, level.round) is None or station is None:
        return None
    return case_of(station, level.id, round_, submission.on.toordinal())


def check_open(docket: Docket, case: CaseState) -> tuple[str, ...]:
    """Refuse a step without an open application; return the application's entry."""
    if case.application is None:
        docket.refuse("no-application", "station", **_words(docket, None))
        return ()
    if case.ended is not None:
        docket.refuse("case-ended", "round", **_words(docket, case.ended))
    return (_name(docket, case.application),)


def check_recommended(docket: Docket, level: Level, case: CaseState, before: tuple[str, str]) -> tuple[str, ...]:
    """Refuse a step that comes before the recommendations its route asks for; return their entries.

    `before` is (verb, tier) of the step itself.
    """
    place = next((place for place, step in enumerate(level.route) if (step.do, step.tier) == before), 0)
    marks = [case.recommended.get(step.tier) for step in level.route[:place] if step.do == "recommend"]
    if None in marks:
        docket.refuse("no-recommendation", "station", **_words(docket, None))
    return tuple(_name(docket, mark) for mark in marks if mark is not None)


def same_person(docket: Docket, marks: list[Mark]) -> None:
    """Mark that one person acted where two should (rule 23)."""
    person = docket.submission.by.person
    if person is None:
        return
    for mark in marks:
        if mark.person == person:
            docket.warn("same-person", "by.person", person=person, entry=_name(docket, mark))
            return


def _same_person(docket: Docket, topic: str, level: str, round_: str) -> None:
    station = docket.context.station
    steps = station.steps if station else ()
    same_person(docket, [mark for mark in steps if (mark.topic, mark.level, mark.round) == (topic, level, round_)])


def _name(docket: Docket, mark: Mark) -> str:
    station = docket.context.station
    return name_of(station, mark) if isinstance(station, Station) else ""


def _words(docket: Docket, mark: Mark | None) -> dict[str, object]:
    """Return what the messages about a case name."""
    submission: Submission = docket.submission
    return {
        "station": getattr(submission, "station", ""),
        "level": level_label(docket.context, getattr(submission, "level", "")),
        "round": getattr(submission, "round", None) or "—",
        "entry": _name(docket, mark) if mark else "",
        "verb": verb_of(submission),
    }
