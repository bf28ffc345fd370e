"""What the ledger answers about one stream, under one name each: to compare what is with what would be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any, Final, NamedTuple

from dingji.events.events import FactsReported, LevelUpheld, ReadingAdopted, RequirementsJudged
from dingji.state.notice_state import Adoption
from dingji.state.state_cache import fold
from dingji_projections.ask.notice_rules import NoticeRules
from dingji_projections.audit.conditions import standing_conditions
from dingji_projections.audit.hindsight import hindsight
from dingji_projections.cases.cases import CaseCourse, all_open, case_course, case_histories, open_cases
from dingji_projections.cases.rounds import rounds_held
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.records.record import Record, record
from dingji_projections.tables.levels import LevelSpan, everywhere, spans
from dingji_projections.tables.names import names
from dingji_projections.why.station_at import order

About = tuple[str, str]
"""What an answer is called: its kind ("level", "fact" …), and what it is about."""


class Stretch(NamedTuple):
    """One value over [start, end); an end that is None is open, a start that is None says that dates do not matter."""

    start: date | None
    end: date | None
    value: Any


Answers = dict[About, list[Stretch]]

_FIELDS: Final = {
    "round": ("kind", "year", "opened", "closed"),  # whatever the date: what decisions are judged by
    "office": ("tier", "parent", "enrolled", "closed", "successor"),
    "notice": ("digest", "in_force"),
}
"""What is asked of the state of a stream, by its kind."""


def answers(views: Views, stream: str, basis: Basis, notice_rules: NoticeRules) -> Answers:
    """Return all that is answered of a stream: over all dates where it has spans, else on the basis' date."""
    kind, _, code = stream.partition(":")
    found: Answers = {}
    if kind == "station":
        held = spans(views, code, basis.known)
        found |= _spans(views, code, held, basis)
        found |= _dossier(record(views.log, stream, basis.known), basis.on)
        found |= _cases(views, code, basis, notice_rules)
        found |= _case_steps(views, code, basis)
        found |= _upheld(record(views.log, stream, basis.known), held)
        found |= _figures(views, basis, notice_rules)
    else:
        found |= _state(views, stream, basis)
    if kind == "office":
        found |= _all_cases(views, basis, notice_rules)
    if kind in {"station", "round", "notice"}:
        found |= _conditions(views, stream, basis, notice_rules)
    return found


def _spans(views: Views, code: str, held: list[LevelSpan], basis: Basis) -> Answers:
    found: Answers = {
        (what, code): [Stretch(each.start, each.end, getattr(each, what)) for each in held]
        for what in ("level", "entry", "size", "county")
    }
    called = names(views, code, basis.known)
    found["name", code] = _until_next([(each.on, each.name) for each in called])
    found["serves", code] = _until_next([(each.on, each.serves) for each in called if each.serves])
    return found


def _until_next(values: list[tuple[date, Any]]) -> list[Stretch]:
    """Return values, each of which holds from its date until the next one's."""
    ends = [following for (_, _), (following, _) in pairwise(values)]
    return [Stretch(on, end, value) for (on, value), end in zip(values, [*ends, None], strict=False) if on != end]


def _dossier(kept: Record, on: date) -> Answers:
    """Return what each office states last of each fact and requirement, and the papers that support each fact."""
    found: dict[About, Any] = {}
    for each in kept.counting(on):
        event = each.event
        if not isinstance(event, FactsReported | RequirementsJudged):
            continue
        office = event.by.office
        if isinstance(event, FactsReported):
            for key, value in event.facts.items():
                found["fact", f"{key} {office}"] = {"value": value, "entry": each.entry}
        else:
            for key, judged in event.judgements.items():
                found["judgement", f"{key} {office}"] = {"value": judged.outcome, "entry": each.entry}
        for paper in event.evidence:
            for key in paper.supports:
                found.setdefault(("evidence", key), []).append({"value": paper.sha256, "entry": each.entry})
    return {about: [Stretch(None, None, value)] for about, value in found.items()}


def _cases(views: Views, code: str, basis: Basis, notice_rules: NoticeRules) -> Answers:
    found = open_cases(views, code, basis, notice_rules)
    return {("case", f"{case.level} {case.round}"): [Stretch(None, None, case)] for case in found}


def _case_steps(views: Views, code: str, basis: Basis) -> Answers:
    """Return the steps of the cases of each level and round, open or ended: one after the other where they are more."""
    found: dict[About, list[CaseCourse]] = {}
    for history in case_histories(views, basis, station=code):
        found.setdefault(("steps", f"{history.level} {history.round}"), []).append(case_course(views.log, history))
    return {about: [Stretch(None, None, cases)] for about, cases in found.items()}


def _upheld(kept: Record, held: list[LevelSpan]) -> Answers:
    """Return the reviews that left the level as it was since it was set: all of them so far, from date to date."""
    upheld = [each for each in sorted(kept.counting(), key=order) if isinstance(each.event, LevelUpheld)]
    found: list[Stretch] = []
    for span in held:
        setter = next(order(each) for each in kept.entries if each.entry == span.entry)
        since = [each for each in upheld if order(each) > setter]
        within = {on for each in since if span.start < (on := each.event.on) and (span.end is None or on < span.end)}
        borders = sorted({span.start, *within})
        for start, end in zip(borders, [*borders[1:], span.end], strict=True):
            value = [each.entry for each in since if each.event.on <= start]
            found += [Stretch(start, end, value)] if value else []
    return {("upheld", kept.stream.partition(":")[2]): found}


def _figures(views: Views, basis: Basis, notice_rules: NoticeRules) -> Answers:
    """Return what a circular says of each county and of the whole: how many stations attain each level (rule 22)."""
    held = f"SELECT county,level,rank,count(*) FROM ({everywhere('county,level,rank')}) GROUP BY 1,2,3"  # noqa: S608
    rows = views.query(held, {"day": basis.on.toordinal(), "known": basis.known}, basis.known)
    figures: dict[str, dict[str, dict[str, int]]] = {}
    for county, level, rank, count in rows:
        for office in {county, notice_rules.top}:
            for attained, least in notice_rules.attained.items():
                figure = figures.setdefault(office, {}).setdefault(
                    attained, {"exact": 0, "at_or_above": 0, "stations": 0}
                )
                figure["exact"] += count if level == attained else 0
                figure["at_or_above"] += count if rank >= least else 0
                figure["stations"] += count
    return {
        ("figure", f"{office} {level}"): [Stretch(None, None, figure)]
        for office, levels in sorted(figures.items())
        for level, figure in levels.items()
    }


def _all_cases(views: Views, basis: Basis, notice_rules: NoticeRules) -> Answers:
    """Return the open cases of all stations: an office's beginning or end changes who must act next."""
    found = all_open(views, basis, notice_rules)
    return {("case", f"{code} {case.level} {case.round}"): [Stretch(None, None, case)] for code, case in found}


def _conditions(views: Views, stream: str, basis: Basis, notice_rules: NoticeRules) -> Answers:
    found: Answers = {}
    for each in standing_conditions(views, basis, notice_rules):
        part = each.details.get("entry") or each.details.get("round") or ""
        about = f"{each.code} {each.station or each.office} {part}".rstrip()
        found["condition", about] = [Stretch(None, None, each)]
    kind, _, code = stream.partition(":")
    again = {} if kind == "notice" else hindsight(views, basis, notice_rules, **{kind: code})
    for entry, codes in again.items():
        found["hindsight", entry] = [Stretch(None, None, codes)]
    return found


def _state(views: Views, stream: str, basis: Basis) -> Answers:
    state = fold(stream, views.log.stream(stream, upto=basis.known))
    kind, _, code = stream.partition(":")
    found = {
        (f"{kind}-{name}", code): [Stretch(None, None, getattr(state, name, None))] for name in _FIELDS.get(kind, ())
    }
    if isinstance(state, Adoption):
        return found | _readings(state)
    if kind == "round":
        return found | {("round", code): _round(views, stream, basis)}
    called = [(event.on, event.name) for _, event in state.counting() if hasattr(event, "name")]
    return found | {("name", code): _until_next(called)}


def _round(views: Views, stream: str, basis: Basis) -> list[Stretch]:
    """Return what `rounds` says of a round from each date on that one of its entries has."""
    days = sorted({kept.event.on for kept in record(views.log, stream, basis.known).counting()})
    values: dict[date, Any] = dict.fromkeys(days)
    for day in days:
        for name, opened, closed in rounds_held(views.log, basis._replace(on=day)):
            if stream == f"round:{name}":
                values[day] = {"kind": opened.kind, "opened": opened.on, "closed": closed}
    return _until_next(list(values.items()))


def _readings(adoption: Adoption) -> Answers:
    chosen: dict[str, list[tuple[date, Any]]] = {}
    for _, event in adoption.counting():
        if isinstance(event, ReadingAdopted):
            chosen.setdefault(event.requirement, []).append((event.on, event.reading))
    return {("reading", key): _until_next(values) for key, values in chosen.items()}


class AnswerChange(NamedTuple):
    """One answer that would be another one over [start, end)."""

    what: str
    about: str
    start: date | None
    end: date | None
    before: Any
    after: Any


def answer_changes(before: Answers, after: Answers) -> Iterator[AnswerChange]:
    """Yield where two sets of answers differ; neighbouring stretches that differ in the same way are one."""
    for about in dict.fromkeys([*before, *after]):
        joined: list[AnswerChange] = []
        for start, end, old, new in _side_by_side(before.get(about, []), after.get(about, [])):
            last = joined[-1] if joined else None
            if last is not None and start is not None and (last.end, last.before, last.after) == (start, old, new):
                joined[-1] = last._replace(end=end)
            elif old != new:
                joined.append(AnswerChange(*about, start, end, old, new))
        yield from joined


def _side_by_side(old: list[Stretch], new: list[Stretch]) -> Iterator[tuple[date | None, date | None, Any, Any]]:
    """Cut two lists of stretches at each other's borders."""
    dates = {border for each in (*old, *new) for border in (each.start, each.end) if border is not None}
    if not dates:
        yield None, None, old[0].value if old else None, new[0].value if new else None
        return
    borders: list[date | None] = [*sorted(dates), None]
    for start, end in pairwise(borders):
        if start is not None:
            yield start, end, _at(old, start), _at(new, start)


def _at(stretches: list[Stretch], day: date) -> Any:
    for start, end, value in stretches:
        if start is not None and start <= day and (end is None or day < end):
            return value
    return None
