"""What is asked of every submission before its own rules: date, notice in force, station, and the right to submit."""

from __future__ import annotations

import calendar
import re
from collections.abc import Hashable, Iterable
from datetime import date
from typing import Final

from dingji.events.submissions import Downgrade, Submission
from dingji.rules.docket import Context, Docket, acts_for, acts_over, level_label, tier_labels
from dingji.state.office import Office
from dingji.state.station import Station
from dingji.state.timeline import DOWNGRADED, MOVED, REGISTERED
from dingji.terms import STATION_TIER

EARLIEST: Final = date(1949, 10, 1)
"""Dates before this are slips of the pen."""
DECEMBER: Final = 12

DEFAULT_ID: Final = re.compile(r"[0-9A-Fa-f]{64}")
"""What looks like a default id, in capitals too: the SHA-256 of a content, which anybody can work out beforehand."""

DECIDING: Final = frozenset(
    {
        "open_round",
        "close_round",
        "apply",
        "withdraw",
        "recommend",
        "decline",
        "assess",
        "certify",
        "refuse",
        "lodge",
        "uphold",
        "downgrade",
    }
)
"""The verbs that need a notice in force on their date, and its data unchanged since they were adopted (rule 10)."""

STEP_OF: Final = {"withdraw": "apply", "decline": "recommend", "refuse": "certify"}
"""The step of a route whose tier also takes the opposite one."""

BY_LEVEL: Final = frozenset({"apply", "withdraw", "recommend", "decline", "certify", "refuse", "recognise"})
"""The verbs whose tier goes by the level: by its route, or by who recognises it."""

AFTER_CLOSING: Final = frozenset({"lodge", "void"})
"""What may still be done about a closed station: duties and corrections of what was decided before."""


def admit(docket: Docket) -> bool:
    """Check the date, the notice and the station; return whether the submission's own rules make sense."""
    submission, context = docket.submission, docket.context
    check_id(docket)
    if context.clock_behind is not None:
        docket.warn("clock-behind", None, **context.clock_behind)
    check_date(docket)
    if docket.verb in DECIDING:
        if not context.governed:
            docket.refuse("no-notice-in-force", "on", on=str(submission.on))
            return False
        if context.changed:
            docket.refuse("notice-data-changed", None, notice=context.notice.id)
    code = getattr(submission, "station", None)
    if code is None or docket.verb == "register":
        return True
    return check_station(docket, code)


def check_id(docket: Docket) -> None:
    """Refuse an id that looks like the default one of another content: that other would be refused when it comes."""
    id_, content = docket.submission.id, docket.context.content
    if id_ is not None and content is not None and id_ != content and DEFAULT_ID.fullmatch(id_):
        docket.wrong("id", "not-own-digest")


def check_doubles(docket: Docket, field: str, items: Iterable[Hashable]) -> None:
    """Refuse each item of a list that stands there before already."""
    seen: set[Hashable] = set()
    for place, item in enumerate(items):
        if item in seen:
            docket.wrong(f"{field}[{place}]", "double")
        seen.add(item)


def check_date(docket: Docket) -> None:
    """Refuse a date in the future, before all, or that is not the last day of its period (rule of `on_precision`)."""
    submission, today = docket.submission, docket.context.today
    on = submission.on
    if on > today:
        docket.refuse("future-date", "on", on=str(on), today=str(today))
    elif on < EARLIEST:
        docket.wrong("on", "date-range")
    if submission.on_precision != "day":
        _, last_of_month = calendar.monthrange(on.year, on.month)
        if on.day != last_of_month or (submission.on_precision == "year" and on.month != DECEMBER):
            docket.wrong("on", "period-end")


def check_station(docket: Docket, code: str) -> bool:
    """Refuse a station that is unknown, not registered yet, or closed; return whether its rules make sense."""
    context, submission = docket.context, docket.submission
    station = context.station
    if station is None:
        if context.notice.is_code(STATION_TIER, code):
            docket.refuse("unknown-station", "station", station=code, nearest="")
        else:
            docket.wrong("station", "bad-form")
        return True  # what else is wrong with the line is worth saying too
    on = submission.on.toordinal()
    if station.standing(on) is not None:
        return True
    if on < station.registered:
        registered = str(date.fromordinal(station.registered))
        docket.refuse("not-registered", "on", on=str(submission.on), station=code, registered=registered)
        return False
    if docket.verb not in AFTER_CLOSING:
        refuse_closed(docket, "on", station)
        return False
    return True


def refuse_closed(docket: Docket, field: str, station: Station) -> None:
    """Refuse a station that is closed on the date; it is closed from the earliest closing that counts."""
    closed = min(mark.on for mark in station.counting() if mark.topic == "StationClosed")
    docket.refuse("station-closed", field, station=station.code, closed=str(date.fromordinal(closed)))


def tiers_for(docket: Docket) -> tuple[str, ...]:
    """Return the tiers that may submit this: from the level's route where it has one, else from [authority]."""
    context, submission = docket.context, docket.submission
    rules, verb = context.notice.rules, docket.verb
    if verb not in BY_LEVEL:
        return rules.authority.get(verb, ())
    level = context.notice.levels.get(getattr(submission, "level", ""))
    if verb == "recognise":
        return level.recognised_by if level else rules.ungraded.recognised_by
    do = STEP_OF.get(verb, verb)
    # A level without such a step is refused by its own rule; who would take the step is then read off the others.
    own = level.tiers(do) if level else ()
    return own or tuple(dict.fromkeys(tier for other in rules.level for tier in other.tiers(do)))


def check_authority(docket: Docket, tiers: tuple[str, ...]) -> str | None:
    """Refuse a submitter of the wrong tier, or over another's station; return its tier where it is known.

    `irregular` never lifts these (table "who may submit what").
    """
    context, submission = docket.context, docket.submission
    by = submission.by.office
    if by == getattr(submission, "station", None):
        return _station_itself(docket, tiers)
    office = check_office(docket, tiers)
    if office is None:
        return None
    if office.tier in tiers and context.station is not None and not _in_charge(context, by, submission):
        docket.refuse("not-own-county", "by.office", **_own_county(context, by, submission))
    return office.tier


def check_office(docket: Docket, tiers: tuple[str, ...]) -> Office | None:
    """Refuse a submitter that is no office of these tiers on the date, whatever stations it is over; return it."""
    context, submission = docket.context, docket.submission
    by = submission.by.office
    office = context.ledger.office(by)
    if office is None or not office.exists(submission.on):
        if context.notice.is_code(STATION_TIER, by):
            _another_station(docket, tiers)
        else:
            docket.refuse("unknown-office", "by.office", office=by, on=str(submission.on))
        return None
    if office.tier not in tiers and not _takes_back_own(docket, office):
        _wrong_authority(docket, tiers)
    return office


def _station_itself(docket: Docket, tiers: tuple[str, ...]) -> str:
    if STATION_TIER not in tiers:
        _wrong_authority(docket, tiers)
    return STATION_TIER


def _another_station(docket: Docket, tiers: tuple[str, ...]) -> None:
    if STATION_TIER in tiers:
        code = getattr(docket.submission, "station", "")
        docket.refuse("not-own-station", "by.office", office=docket.submission.by.office, station=code)
    else:
        _wrong_authority(docket, tiers)


def _wrong_authority(docket: Docket, tiers: tuple[str, ...]) -> None:
    submission = docket.submission
    labels = tier_labels(docket.context, tiers)
    docket.refuse("wrong-authority", "by.office", verb=docket.verb, tiers=labels, office=submission.by.office)


def counties_on(context: Context, on: date) -> list[str]:
    """Return the station's county on a date, the one at its end first; on a transfer's own date all (rule 24)."""
    if context.station is None:
        return []
    line, day = context.station.line, on.toordinal()
    standings = (line.at(day), line.at(day - 1))
    counties = [standing.county for standing in standings if standing is not None]
    counties += [entry.word for entry in line.entries if entry.on == day and entry.kind in (REGISTERED, MOVED)]
    return list(dict.fromkeys(counties)) or [line.entries[0].word]


def _in_charge(context: Context, office: str, submission: Submission) -> bool:
    on = submission.on
    held = context.station.standing(on.toordinal()) if context.station else None
    if held is not None and (held.county == office or acts_over(context, office, held.county, on)):
        return True  # hot path: as a rule it is the station's own county, or above that
    return any(acts_over(context, office, county, on) for county in counties_on(context, on))


def _own_county(context: Context, office: str, submission: Submission) -> dict[str, str]:
    station = context.station
    county = counties_on(context, submission.on)[0]
    return {"office": office, "on": str(submission.on), "station": station.code if station else "", "county": county}


def _takes_back_own(docket: Docket, office: Office) -> bool:
    """Answer a downgrade by the office that certified the level held: refused, but `irregular` lifts it (rule 17)."""
    submission, context = docket.submission, docket.context
    station = context.station
    if not isinstance(submission, Downgrade) or station is None:
        return False
    held = station.line.before(submission.on.toordinal(), DOWNGRADED)
    if held is None:
        return False
    setter = station.marks[held.entry - 1]
    if setter.topic != "LevelCertified" or not acts_for(context, office, setter.office, submission.on):
        return False
    docket.refuse("self-revocation", "by.office", held=level_label(context, held.level))
    return True
