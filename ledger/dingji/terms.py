"""The engine's own words: outcomes, verdicts, receipt statuses, kinds of stream, and the names of entries."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

UNGRADED: Final = "ungraded"
"""未定级: the engine's word for a station that holds no level of any notice; its rank is 0."""

STATION_TIER: Final = "station"
"""The tier of a station that acts for itself (`by` names its own code)."""


class Outcome(StrEnum):
    """What a check says of one requirement."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"
    UNDETERMINED = "undetermined"
    NEEDS_JUDGEMENT = "needs_judgement"
    ERROR = "error"


class Verdict(StrEnum):
    """What the findings of one standard come to: only `reached` can carry a level."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    UNDETERMINED = "undetermined"


class Status(StrEnum):
    """What became of one submission."""

    RECORDED = "recorded"
    ALREADY_RECORDED = "already-recorded"
    REFUSED = "refused"
    NOT_RECORDED = "not-recorded"


class Kind(StrEnum):
    """The kinds of stream; the part of a stream's name before the colon."""

    STATION = "station"
    OFFICE = "office"
    ROUND = "round"
    NOTICE = "notice"


def entry_name(stream: str, version: int) -> str:
    """Return an entry's name: `320583100@7` for a station's, `round:2024-promotion@2` for others."""
    return f"{stream.removeprefix('station:')}@{version}"


LONGEST_VERSION: Final = 9
"""Digits of a version in an entry's name."""


def entry_place(name: str) -> tuple[str, int] | None:
    """Return the stream and version that an entry's name means, None if it is not one."""
    stream, at, version = name.rpartition("@")
    if not at or not stream or not (version.isascii() and version.isdigit()):
        return None
    if len(version) > LONGEST_VERSION or version[0] == "0":
        return None
    return (stream if ":" in stream else f"station:{stream}"), int(version)


def voided_version(stream: str, version: int, named: str | None) -> int:
    """Return the version that a void of that stream and version takes away, 0 where it names no earlier entry there.

    All that fold voids read them by this. The first void of an entry counts.
    """
    place = entry_place(named or "")
    return place[1] if place is not None and place[0] == stream and place[1] < version else 0
