"""What an audit comes to: decisions, irregularities, coverage, lodgings and shares, and their sum by county."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Literal, get_args

import msgspec

from dingji.faults import Fault
from dingji_projections.coverage import Coverage
from dingji_projections.standing import Share

Verdict = Literal["conforms", "irregular", "ground-lost", "voided"]


class Decision(msgspec.Struct, frozen=True):
    """One decision: `rules` by which it is judged, `codes` recorded with it, `hindsight` seen only since."""

    entry: str
    station: str
    county: str
    verb: str
    level: str | None
    round: str | None
    on: date
    office: str
    rules: tuple[str, ...]
    verdict: Verdict
    codes: tuple[str, ...] = ()
    hindsight: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    voided_by: str | None = None
    ground: str | None = None

    @property
    def conforms(self) -> bool:
        """Whether nothing is to be mended: what was voided is mended already."""
        return self.verdict in {"conforms", "voided"}


class Irregularity(msgspec.Struct, frozen=True):
    """One irregularity as it was recorded, of a decision or of any other entry."""

    entry: str
    station: str | None
    county: str
    on: date
    office: str
    fault: Fault
    voided_by: str | None


class Unlodged(msgspec.Struct, frozen=True):
    """A certification that waits to be lodged by the office that certified, for how many days."""

    entry: str
    station: str
    county: str
    office: str
    level: str
    on: date
    days: int


class Sum(msgspec.Struct, frozen=True):
    """What all comes to in one county; `share` only where sizes are looked at."""

    county: str
    decisions: int
    conforming: int
    irregular: int
    ground_lost: int
    voided: int
    irregularities: int
    not_seen: int
    unlodged: int
    share: Share | None


class Conformance(msgspec.Struct, frozen=True):
    """The whole audit."""

    summary: tuple[Sum, ...]
    decisions: tuple[Decision, ...]
    irregularities: tuple[Irregularity, ...]
    coverage: tuple[Coverage, ...]
    unlodged: tuple[Unlodged, ...]
    shares: tuple[Share, ...]

    @property
    def conforms(self) -> bool:
        """Whether there is nothing to be mended or explained."""
        amiss: Iterable[bool] = (
            *(not one.conforms for one in self.decisions),
            *(one.voided_by is None for one in self.irregularities),
            *(bool(one.over and one.not_seen) for one in self.coverage),
            *(share.low for share in self.shares),
        )
        return not self.unlodged and not any(amiss)


def summary(
    decisions: Iterable[Decision],
    irregularities: Iterable[Irregularity],
    seen: Iterable[Coverage],
    waiting: Iterable[Unlodged],
    shares: Iterable[Share],
) -> tuple[Sum, ...]:
    """Return the sum of all parts by county."""
    counts: dict[str, Counter[str]] = {}
    for one in decisions:
        counts.setdefault(one.county, Counter())[one.verdict] += 1
    for irregularity in irregularities:
        counts.setdefault(irregularity.county, Counter())["irregularities"] += irregularity.voided_by is None
    for part in seen:
        counts.setdefault(part.county, Counter())["not_seen"] += len(part.not_seen) if part.over else 0
    for lodging in waiting:
        counts.setdefault(lodging.county, Counter())["unlodged"] += 1
    by_office = {share.office: share for share in shares}
    offices = sorted({*counts, *by_office})
    return tuple(_sum(office, counts.get(office, Counter()), by_office.get(office)) for office in offices)


def _sum(office: str, count: Counter[str], share: Share | None) -> Sum:
    return Sum(
        county=office,
        decisions=sum(count[verdict] for verdict in get_args(Verdict)),
        conforming=count["conforms"],
        irregular=count["irregular"],
        ground_lost=count["ground-lost"],
        voided=count["voided"],
        irregularities=count["irregularities"],
        not_seen=count["not_seen"],
        unlodged=count["unlodged"],
        share=share,
    )
