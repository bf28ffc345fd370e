"""Certifying, refusing, lodging, and recognising what was given before the notice (rules 5-8, 12, 15, 16)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from dingji.catalogue.notice import Level
from dingji.dates import months_before
from dingji.events.events import CertificationLodged, CertificationRefused, Event, LevelCertified, LevelRecognised
from dingji.events.submissions import Certify, Lodge, Recognise, Refuse, verb_of
from dingji.rules.docket import Docket, acts_over, entry_named, level_label, name_of, standard_label, tier_labels
from dingji.rules.gate import check_authority, check_office, tiers_for
from dingji.rules.procedure import check_open, check_recommended, same_person
from dingji.rules.rounds import check_step_round
from dingji.state.case import CaseState, case_of, latest_assessment
from dingji.state.round import Round
from dingji.state.station import Mark, Station
from dingji.state.timeline import CERTIFIED
from dingji.terms import UNGRADED, Verdict


def certify(docket: Docket, submission: Certify) -> Event | None:
    """Grant a level: after its route, on an assessment that reaches its standard, above what is held."""
    context = docket.context
    check_authority(docket, tiers_for(docket))
    level = _granted(docket, submission.level)
    station = context.station
    rests: tuple[str, ...] = ()
    if level is not None and station is not None:
        round_ = _check_round(docket, level, submission)
        rests = _route(docket, level, submission, round_) + _assessed(docket, level, round_, station)
        if level.calendar_unclear:
            docket.note("calendar-unclear")
    elif submission.round is not None:
        check_step_round(docket, submission.round)
    _check_promotion(docket, submission)
    known = context.notice.levels.get(submission.level)
    return docket.event(LevelCertified, **_decided(submission, rests), rank=known.rank if known else 0)


def refuse(docket: Docket, submission: Refuse) -> Event | None:
    """Refuse a level: the open case is over; where the route has no application, nothing need have gone before."""
    check_authority(docket, tiers_for(docket))
    level = _granted(docket, submission.level)
    rests: tuple[str, ...] = ()
    if level is not None:
        case = _case(docket, level, submission, _check_round(docket, level, submission))
        rests = check_open(docket, case) if case is not None else ()
    return docket.event(CertificationRefused, **_decided(submission, rests))


def _decided(submission: Certify | Refuse, rests: tuple[str, ...]) -> dict[str, Any]:
    """Return the own fields that the two decisions on a case share."""
    return {"level": submission.level, "round": submission.round, "reason": submission.reason, "rests_on": rests}


def _granted(docket: Docket, code: str) -> Level | None:
    """Return the level, or refuse one that is unknown or no longer granted (rule 6)."""
    level = docket.context.notice.levels.get(code)
    if level is None:
        docket.wrong("level", "unknown-code")
    elif level.step("certify") is None:
        docket.refuse("level-not-granted", "level", level=level.label)
        return None
    return level


def _check_round(docket: Docket, level: Level, submission: Certify | Refuse) -> Round | None:
    if submission.round is not None:
        return check_step_round(docket, submission.round, level.round)
    if (level.round is not None or level.step("apply") is not None) and submission.irregular is None:
        docket.refuse("missing-field", "round", name="round", verb=verb_of(submission))
    return None


def _case(docket: Docket, level: Level, submission: Certify | Refuse, round_: Round | None) -> CaseState | None:
    """Return the case that a decision ends; None without one to look at: no route, or no round that is known."""
    station = docket.context.station
    named = round_ is not None or submission.irregular is not None
    if station is None or level.step("apply") is None or not named:
        return None
    return case_of(station, level.id, submission.round, submission.on.toordinal())


def _route(docket: Docket, level: Level, submission: Certify, round_: Round | None) -> tuple[str, ...]:
    """Check the steps that the route puts before certifying; return their entries."""
    case = _case(docket, level, submission, round_)
    if case is None:
        return ()
    step = level.step("certify")
    before = ("certify", step.tier if step else "")
    rests = check_open(docket, case) + check_recommended(docket, level, case, before)
    same_person(docket, list(case.recommended.values()))
    return rests


def _assessed(docket: Docket, level: Level, round_: Round | None, station: Station) -> tuple[str, ...]:
    """Check the assessments that certifying rests on (rules 8, 15); return their entries."""
    step = level.step("certify")
    if level.standard is None or step is None:
        return ()
    opened = round_.opened if round_ is not None else None
    found = _standard_assessment(docket, level, step.tier, opened, station)
    rests = [found] if found is not None else []
    for standard in level.also_reached:
        also = _also(docket, level, standard, step.tier, opened, station)
        rests += [also] if also is not None else []
    return tuple(dict.fromkeys(name_of(station, mark) for mark in rests))


def _standard_assessment(docket: Docket, level: Level, tier: str, opened: date | None, station: Station) -> Mark | None:
    on = docket.submission.on
    window = level.assessed
    standard = level.standard or ""
    if window.round and opened is None:
        if docket.submission.irregular is not None:
            no_assessment(docket, standard, tier, None)
        return None
    recent = _recent(level, on)
    first = assessed_from(level, opened, on)
    found = latest_assessment(station, standard, (tier,), first.toordinal(), on.toordinal())
    if found is not None and found.on < recent.toordinal():
        docket.warn("assessment-old", "on", assessment=name_of(station, found), months=window.months)
    if found is None:
        no_assessment(docket, standard, tier, first if first > date.min else None)
    elif found.verdict != Verdict.REACHED:
        reached = found.verdict == Verdict.NOT_REACHED
        code = "standard-not-reached" if reached else "standard-undetermined"
        label = standard_label(docket.context, standard)
        docket.refuse(code, "level", assessment=name_of(station, found), standard=label, short=list(found.short))
    return found


def assessed_from(level: Level, opened: date | None, on: date) -> date:
    """Return the first day for the assessment behind a certification; its round opened on `opened` (rule 15)."""
    window = level.assessed
    if window.round and opened is not None:
        return opened
    return date.min if window.ours else _recent(level, on)


def _recent(level: Level, on: date) -> date:
    months = level.assessed.months
    return months_before(on, months) + timedelta(days=1) if months else date.min


def no_assessment(docket: Docket, standard: str, tier: str, first: date | None) -> None:
    """Refuse a decision that rests on no assessment."""
    (who,) = tier_labels(docket.context, (tier,)) or [{"zh": tier, "en": tier}]
    on = docket.submission.on
    window = {
        "zh": f"须由{who['zh']}评定，日期在 {first} 至 {on}" if first else f"须由{who['zh']}评定，不晚于 {on}",
        "en": f"by the {who['en']}, from {first} to {on}" if first else f"by the {who['en']}, not after {on}",
    }
    docket.refuse("no-assessment", "station", standard=standard_label(docket.context, standard), window=window)


def _also(docket: Docket, level: Level, standard: str, tier: str, opened: date | None, station: Station) -> Mark | None:
    """Mark a level certified without its lower standard reached too, judged by who decides on either (rule 8)."""
    notice, on = docket.context.notice, docket.submission.on
    own = notice.level_of(standard)
    tiers = {notice.deciding_tier(standard), tier}
    months = own.assessed.months if own and own.assessed.months else notice.rules.judgement.months
    first = months_before(on, months).toordinal() + 1
    if opened is not None:
        first = min(first, opened.toordinal())
    found = latest_assessment(station, standard, tiers, first, on.toordinal())
    if found is None or found.verdict != Verdict.REACHED:
        label = standard_label(docket.context, standard)
        docket.warn("standard-not-also-reached", "level", level=level.label, standard=label)
    return found


def _check_promotion(docket: Docket, submission: Certify) -> None:
    """Refuse to certify a level that is not above the one held (rule 16)."""
    context = docket.context
    level = context.notice.levels.get(submission.level)
    if level is None or context.station is None:
        return
    held = context.station.line.before(submission.on.toordinal(), CERTIFIED)
    if held is not None and level.rank <= held.rank:
        label = level_label(context, held.level)
        docket.refuse("not-a-promotion", "level", held=label, level=level.label, on=str(submission.on))


def lodge(docket: Docket, submission: Lodge) -> Event | None:
    """Lodge a certification: by the county that certified, or its successor, once, not before it (rule 12)."""
    context, station = docket.context, docket.context.station
    mark = _certification(docket, submission)
    if mark is not None and station is not None:
        if submission.on.toordinal() < mark.on:
            docket.wrong("on", "before-entry")
        rests = (submission.certification,)
        lodged = [past for past in station.counting() if past.topic == "CertificationLodged" and past.rests == rests]
        if lodged:
            docket.refuse(
                "already-lodged",
                "certification",
                entry=submission.certification,
                lodging=name_of(station, lodged[0]),
            )
        _check_lodger(docket, submission, mark)
    else:
        check_office(
            docket, tuple(dict.fromkeys(tier for level in context.notice.rules.level for tier in level.tiers("lodge")))
        )
    return docket.event(CertificationLodged, certification=submission.certification)


def _certification(docket: Docket, submission: Lodge) -> Mark | None:
    context, station = docket.context, docket.context.station
    named = entry_named(context, submission.certification)
    if named is None:
        docket.refuse("unknown-entry", "certification", entry=submission.certification)
        return None
    state, version = named
    if station is None or state.stream != station.stream:
        docket.wrong("certification", "other-stream")
        return None
    mark = station.marks[version - 1]
    level = context.notice.levels.get(mark.level)
    lodges = mark.topic == "LevelCertified" and level is not None and level.step("lodge") is not None
    if not lodges or mark.version in station.voided:
        docket.refuse("not-certified", "certification", entry=submission.certification)
        return None
    return mark


def _check_lodger(docket: Docket, submission: Lodge, mark: Mark) -> None:
    context, by = docket.context, submission.by.office
    tiers = context.notice.levels[mark.level].tiers("lodge")
    office = check_office(docket, tiers)
    if office is not None and office.tier in tiers and not acts_over(context, by, mark.office, submission.on):
        docket.refuse(
            "not-own-county",
            "by.office",
            office=by,
            on=str(submission.on),
            station=submission.station,
            county=mark.office,
        )


def recognise(docket: Docket, submission: Recognise) -> Event | None:
    """Record a level held or lost under an earlier document: only before a notice governs (rules 6, 10)."""
    context = docket.context
    level = context.notice.levels.get(submission.level)
    if level is None and submission.level != UNGRADED:
        docket.wrong("level", "unknown-code")
    if context.governed:
        docket.refuse("level-not-granted", "on", level=level_label(context, submission.level))
    check_authority(docket, tiers_for(docket))
    return docket.event(
        LevelRecognised, level=submission.level, rank=level.rank if level else 0, under=submission.under
    )
