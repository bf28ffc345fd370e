"""Reviews: upholding and downgrading, in a round or on a decision from outside (rules 17, 19, 20)."""

from __future__ import annotations

from collections.abc import Iterable

from dingji.catalogue.notice import Level
from dingji.events.events import Event, LevelDowngraded, LevelUpheld
from dingji.events.submissions import Downgrade, Uphold, verb_of
from dingji.rules.certify import no_assessment
from dingji.rules.docket import Docket, level_label, name_of, standard_label
from dingji.rules.gate import check_authority, tiers_for
from dingji.rules.rounds import check_step_round
from dingji.state.case import latest_assessment
from dingji.state.round import Round
from dingji.state.station import Mark
from dingji.state.timeline import DOWNGRADED, UPHELD, Standing
from dingji.terms import UNGRADED, Verdict

Found = dict[str, Mark | None]
"""The assessment that a review rests on, by standard."""


def uphold(docket: Docket, submission: Uphold) -> Event | None:
    """Leave a level as it is, on the review's assessments."""
    check_authority(docket, tiers_for(docket))
    held = _held(docket, UPHELD)
    round_ = _review_round(docket, submission)
    found: Found = {}
    level = docket.context.notice.levels.get(held.level) if held else None
    if level is not None and not _outside(submission):
        found = _assessments(docket, level.review, round_)
        verdict = _own_verdict(docket, level, found)
        if verdict == Verdict.NOT_REACHED:
            docket.warn("upheld-though-short", None, **_named(docket, level, found))
    rests = _rests(docket, found)
    return docket.event(
        LevelUpheld,
        level=held.level if held else UNGRADED,
        round=submission.round,
        reason=submission.reason,
        ground=submission.ground,
        rests_on=rests,
    )


def downgrade(docket: Docket, submission: Downgrade) -> Event | None:
    """Lower a level to the one whose standard is reached, on the review's assessments (rule 19)."""
    check_authority(docket, tiers_for(docket))
    held = _held(docket, DOWNGRADED)
    round_ = _review_round(docket, submission)
    rank = _check_target(docket, submission, held)
    found: Found = {}
    level = docket.context.notice.levels.get(held.level) if held else None
    if level is not None and not _outside(submission):
        lower = _lower(docket, level)
        wanted = dict.fromkeys((*level.review, *(other.standard or "" for other in lower)))
        found = _assessments(docket, wanted, round_)
        verdict = _own_verdict(docket, level, found)
        if verdict == Verdict.REACHED:
            docket.warn("downgrade-without-ground", None, **_named(docket, level, found))
        elif found:
            _check_fall(docket, submission, lower, found)
    return docket.event(
        LevelDowngraded,
        to=submission.to,
        rank=rank,
        held=held.level if held else UNGRADED,
        round=submission.round,
        reason=submission.reason,
        ground=submission.ground,
        rests_on=_rests(docket, found),
    )


def _held(docket: Docket, kind: int) -> Standing | None:
    """Return what is held before the decision; refuse where nothing is (rule 17)."""
    context, on = docket.context, docket.submission.on
    held = context.station.line.before(on.toordinal(), kind) if context.station else None
    if held is None:
        return None
    if held.level == UNGRADED:
        docket.refuse("nothing-to-review", "station", on=str(on))
        return None
    setter = context.station.marks[held.entry - 1] if context.station else None
    level = context.notice.levels.get(held.level)
    if setter is not None and setter.topic == "LevelRecognised" and level is not None and level.standard:
        docket.note("earlier-level-reviewed")
    return held


def _outside(submission: Uphold | Downgrade) -> bool:
    """Return whether a decision corrects a level outside a round: then it needs no assessment (rule 20)."""
    return submission.ground is not None and submission.round is None


def _review_round(docket: Docket, submission: Uphold | Downgrade) -> Round | None:
    """Check the round of a review, or the papers of a correction outside one (rule 20).

    A decision belongs to the round that it names, whatever its ground.
    """
    kind = docket.context.notice.rules.review.round
    if submission.ground is not None and submission.document is None:
        docket.refuse("missing-field", "document", name="document", verb=verb_of(submission))
    if submission.round is not None:
        return check_step_round(docket, submission.round, kind)
    if submission.ground is not None or submission.irregular is not None:
        docket.warn("outside-round", "round")
    else:
        docket.refuse("missing-field", "round", name="round", verb=verb_of(submission))
    return None


def _assessments(docket: Docket, standards: Iterable[str], round_: Round | None) -> Found:
    """Return the review's assessment of each standard; refuse where one is missing (rule 17)."""
    context, station, on = docket.context, docket.context.station, docket.submission.on
    tier = context.notice.rules.review.tier
    if station is None or (round_ is None and docket.submission.irregular is None):
        return {}
    found: Found = {}
    for standard in standards:
        mark = None
        if round_ is not None and round_.opened is not None:
            mark = latest_assessment(station, standard, (tier,), round_.opened.toordinal(), on.toordinal())
        if mark is None:
            no_assessment(docket, standard, tier, round_.opened if round_ else None)
        found[standard] = mark
    return found


def _own_verdict(docket: Docket, level: Level, found: Found) -> Verdict | None:
    """Return what the assessment of the held level's own standard says; undetermined grounds neither decision."""
    mark = found.get(level.standard or "")
    if mark is None:
        return None
    if mark.verdict == Verdict.UNDETERMINED:
        docket.warn("review-undetermined", None, **_named(docket, level, found))
    return mark.verdict


def _named(docket: Docket, level: Level, found: Found) -> dict[str, object]:
    mark, station = found[level.standard or ""], docket.context.station
    label = standard_label(docket.context, level.standard or "")
    return {"assessment": name_of(station, mark) if station and mark else "", "standard": label}


def _rests(docket: Docket, found: Found) -> tuple[str, ...]:
    station = docket.context.station
    return tuple(name_of(station, mark) for mark in found.values() if mark is not None and station is not None)


def _lower(docket: Docket, level: Level) -> list[Level]:
    """Return the levels below that a standard leads to, highest first."""
    levels = docket.context.notice.rules.level
    return [other for other in reversed(levels) if other.rank < level.rank and other.standard is not None]


def _check_fall(docket: Docket, submission: Downgrade, lower: list[Level], found: Found) -> None:
    """Mark a fall to another level than the highest whose standard is reached (rule 19)."""
    reached = (
        other.id
        for other in lower
        if (mark := found.get(other.standard or "")) is not None and mark.verdict == Verdict.REACHED
    )
    expected = next(reached, UNGRADED)
    if submission.to != expected:
        context = docket.context
        docket.warn(
            "other-level", "to", expected=level_label(context, expected), to=level_label(context, submission.to)
        )


def _check_target(docket: Docket, submission: Downgrade, held: Standing | None) -> int:
    """Refuse a target that is unknown, not lower, or that the notice does not give and was never held (rule 19)."""
    context = docket.context
    target = context.notice.levels.get(submission.to)
    if target is None and submission.to != UNGRADED:
        docket.wrong("to", "unknown-code")
        return 0
    rank = target.rank if target else 0
    label = level_label(context, submission.to)
    if held is not None and rank >= held.rank:
        held_label = level_label(context, held.level)
        docket.refuse("not-a-downgrade", "to", held=held_label, to=label, on=str(submission.on))
    if target is not None and target.step("certify") is None and not _was_held(docket, submission):
        docket.refuse("never-held", "to", to=label)
    return rank


def _was_held(docket: Docket, submission: Downgrade) -> bool:
    station = docket.context.station
    if station is None:
        return False
    line, on = station.line, submission.on.toordinal()
    return any(
        standing is not None and standing.level == submission.to
        for entry, standing in zip(line.entries, line.standings, strict=True)
        if (entry.on, entry.kind) < (on, DOWNGRADED + 1)
    )
