"""What a notice says that the questions about stations depend on: shares, routes, lodging and reviews."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dingji.catalogue.notice import Level, Rules


@dataclass(frozen=True, slots=True)
class NoticeRules:
    """The part of a notice's data that queries read; levels, sizes, tiers and kinds of round are its own words."""

    top: str
    """The office for which the whole ledger is shown."""
    county_tier: str
    share_sizes: frozenset[str]
    share_numerator: int
    share_denominator: int
    routes: Mapping[str, tuple[tuple[str, str], ...]]
    """Level to its route: (verb, tier) in order."""
    review_round: str
    reviewed_levels: frozenset[str]
    """The levels whose every holder a review looks at."""
    reviewed_by: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Level to the standards that a review of it assesses."""
    round_of: Mapping[str, str] = field(default_factory=dict)
    """Level, or verb, to the kind of round that its decisions name."""
    never_voided: frozenset[str] = frozenset({"register", "enrol_office", "adopt_notice", "void"})
    """The verbs whose entries nobody may void; where the notice is not at hand, those that others build on."""
    clauses: Mapping[str, str] = field(default_factory=dict)
    """Code to the clause of the notice behind it."""
    traits: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Level to what the notice says of its assessments: see `applicable_rules.toml`."""
    attained: Mapping[str, int] = field(default_factory=dict)
    """The levels whose attainment a circular shows, each with its rank."""

    @property
    def lodged_levels(self) -> frozenset[str]:
        """The levels whose certification is to be lodged."""
        return frozenset(level for level, route in self.routes.items() if any(do == "lodge" for do, _ in route))

    @classmethod
    def of(cls, rules: Rules) -> NoticeRules:
        """Return the rules of a notice."""
        return cls(
            top=rules.top.office,
            county_tier=rules.stations.county_tier,
            share_sizes=frozenset(rules.share.sizes),
            share_numerator=rules.share.numerator,
            share_denominator=rules.share.denominator,
            routes={level.id: tuple((step.do, step.tier) for step in level.route) for level in rules.level},
            review_round=rules.review.round,
            reviewed_levels=frozenset(level.id for level in rules.level if level.must_be_reviewed),
            reviewed_by={level.id: frozenset(level.review) for level in rules.level},
            round_of={level.id: level.round for level in rules.level if level.round}
            | {"uphold": rules.review.round, "downgrade": rules.review.round, "classify": rules.fine_tuning.round},
            never_voided=frozenset(rules.void.never),
            clauses=rules.clauses,
            traits={level.id: _traits(level) for level in rules.level},
            attained={level.id: level.rank for level in rules.level if level.standard},
        )


def _traits(level: Level) -> frozenset[str]:
    traits = {"also_reached": bool(level.also_reached), "assessed_lately": level.assessed.months > 0}
    return frozenset(trait for trait, holds in traits.items() if holds)
