"""What a decision would rest on instead: the act that its rules would find were one of its grounds not there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from dingji.catalogue.notice import Notice
from dingji.events.events import ApplicationSubmitted, AssessmentRecorded, LevelCertified, RecommendationMade
from dingji.rules.certify import assessed_from
from dingji.state.case import case_of, latest_assessment
from dingji.state.station import STEPS, Mark, Station, mark_of
from dingji_projections.records.record import Kept, Record


def instead_of(record: Record, decision: Kept, ground: Kept, notice: Notice | None, opened: date | None) -> str | None:
    """Return the entry that would stand in for a ground of a decision, None where nothing would.

    `opened` is the opening of the decision's round. Without the notice no assessment is looked for.
    """
    counting = [kept for kept in record.counting(decision.event.on) if kept.entry not in {ground.entry, decision.entry}]
    if isinstance(ground.event, ApplicationSubmitted | RecommendationMade):
        return _step(record, decision, ground, counting)
    if isinstance(ground.event, AssessmentRecorded) and notice is not None:
        return _assessment(record, decision, ground.event, counting, notice, opened)
    return None


def _step(record: Record, decision: Kept, ground: Kept, counting: list[Kept]) -> str | None:
    """Return the application or recommendation that the case would stand on as the decision found it."""
    event = decision.event
    steps = _marks(kept for kept in counting if kept.topic in STEPS)
    level, round_ = getattr(event, "level", ""), getattr(event, "round", None)
    case = case_of(_station(record, steps=steps), level, round_, event.on.toordinal())
    if case.application is None or case.ended is not None:
        return None
    tier = ground.event.tier if isinstance(ground.event, RecommendationMade) else None
    return _named(record, case.application if tier is None else case.recommended.get(tier))


def _assessment(
    record: Record,
    decision: Kept,
    ground: AssessmentRecorded,
    counting: list[Kept],
    notice: Notice,
    opened: date | None,
) -> str | None:
    """Return the assessment of the same standard that the decision's rule would find in its window."""
    event, on = decision.event, decision.event.on
    first, tier = opened, notice.rules.review.tier
    if isinstance(event, LevelCertified):
        level = notice.levels.get(event.level)
        step = level.step("certify") if level else None
        if level is None or step is None or level.standard != ground.standard:
            return None  # a standard that is to be reached too has a window of its own
        first, tier = assessed_from(level, opened, on), step.tier
    if first is None:
        return None
    made = _marks(kept for kept in counting if isinstance(kept.event, AssessmentRecorded))
    station = _station(record, assessments=made)
    return _named(record, latest_assessment(station, ground.standard, (tier,), first.toordinal(), on.toordinal()))


def _marks(kept: Iterable[Kept]) -> tuple[Mark, ...]:
    return tuple(mark_of(one.version, one.topic, one.event) for one in kept)


def _station(record: Record, steps: tuple[Mark, ...] = (), assessments: tuple[Mark, ...] = ()) -> Station:
    """Return a station that has these steps and assessments alone."""
    code = record.stream.partition(":")[2]
    return Station(stream=record.stream, code=code, steps=steps, assessments=assessments)


def _named(record: Record, mark: Mark | None) -> str | None:
    return next((kept.entry for kept in record.entries if mark and kept.version == mark.version), None)
