"""The case of one station, level and round, and the assessment that a decision rests on."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from dingji.state.station import Mark, Station


class CaseState(msgspec.Struct, frozen=True):
    """A case as it stands: who applied, who recommended, what ended it, and whether an earlier one ended."""

    application: Mark | None = None
    recommended: dict[str, Mark] = {}
    ended: Mark | None = None
    earlier: bool = False


def case_of(station: Station, level: str, round_: str | None, on: int) -> CaseState:
    """Return the case of a station for a level in a round, as the steps up to a date leave it."""
    steps = [mark for mark in station.steps if mark.level == level and mark.round == round_ and mark.on <= on]
    steps.sort(key=lambda mark: (mark.on, mark.version))
    application: Mark | None = None
    recommended: dict[str, Mark] = {}
    ended: Mark | None = None
    earlier = False
    for mark in steps:
        if mark.topic == "ApplicationSubmitted":
            earlier = earlier or ended is not None
            application, recommended, ended = mark, {}, None
        elif mark.topic == "RecommendationMade":
            recommended = {**recommended, mark.tier: mark}
        elif application is not None:
            ended = mark
    return CaseState(application, recommended, ended, earlier)


def latest_assessment(station: Station, standard: str, tiers: Collection[str], first: int, last: int) -> Mark | None:
    """Return the latest assessment of a standard by an office of these tiers, dated in [first, last]."""
    found = [
        mark
        for mark in station.assessments
        if mark.standard == standard and mark.tier in tiers and first <= mark.on <= last
    ]
    return max(found, key=lambda mark: (mark.on, mark.version), default=None)
