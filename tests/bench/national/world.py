"""A simulated history's world: the stations, of which little is remembered, for there may be tens of thousands."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from dingji.catalogue.facts import FactKind, Facts
    from dingji.catalogue.standard import Standard
    from dingji.catalogue.value_types import Form

Fields = dict[str, Any]
"""The fields of a submission, or of a part of one."""

RANKS: Final = {"standard": 1, "high_standard": 2, "benchmark": 3}
UNGRADED: Final = "ungraded"
SIZES: Final = ("large", "medium", "small")
TRUE: Final = 0.8
"""How likely the answer to a yes-or-no question is yes."""


@dataclass(slots=True)
class StoryStation:
    """What a story must know of a station, so that the ledger accepts what comes next."""

    code: str
    county: str
    number: int
    neighbours: tuple[str, ...] = ()
    """The counties that it may be moved to, its own among them."""
    name: str = ""
    version: int = 0
    size: int = 0
    held: list[tuple[int, str]] = field(default_factory=list)
    """(version, level) of what set the level, the last one in force."""
    reports: list[tuple[int, str]] = field(default_factory=list)
    """(version, office) of the last reports."""
    unlodged: list[tuple[int, str]] = field(default_factory=list)
    """(version, county) of certifications not lodged yet."""
    case: tuple[str, str] = ("", "")
    """The last round applied in, and where the case stands."""
    recommended: int = 0
    """The version of the last recommendation."""
    closed: bool = False
    assessed: bool = False
    """Whether its decisions rest on assessments that are recorded."""

    @property
    def level(self) -> str:
        """The level held."""
        return self.held[-1][1] if self.held else UNGRADED

    @property
    def rank(self) -> int:
        """The rank of the level held."""
        return RANKS.get(self.level, 0)


class CampaignFacts(Protocol):
    """What a maker of fields asks of a campaign."""

    @property
    def do(self) -> str:
        """What happens."""

    @property
    def round(self) -> str | None:
        """The round that it belongs to."""

    @property
    def late(self) -> bool:
        """Whether it is about papers that turn up long afterwards."""


@dataclass(frozen=True, slots=True)
class StoryWorld:
    """What the facts and judgements of a story are taken from, its words, and its one source of chance."""

    rng: random.Random
    top: str
    facts: list[FactKind]
    requirements: list[str]
    reason: dict[str, str]
    document: Callable[[str, StoryStation], str]
    """The number of the document behind a decision: by what it decides, and about whom."""
    irregular: str
    """Why decisions are recorded without what the rules ask for."""

    @staticmethod
    def simple(facts: Facts) -> list[FactKind]:
        """Return the facts whose values are one word or number."""
        return [fact for fact in facts.values() if fact.form.type in {"bool", "int", "enum"}]

    @staticmethod
    def judgeable(standard: Standard) -> list[str]:
        """Return the requirements that are judged by nothing but a look."""
        return [requirement.id for requirement in standard.requirements if requirement.check == "judged"]

    def by(self, office: str) -> Fields:
        """Return somebody of an office."""
        return {"office": office, "person": f"{office}-{int(self.rng.random() * 40):02d}"}


def value_of(form: Form, rng: random.Random) -> Any:
    """Make up a value of a form; dates are of the last year before the middle of 2026."""
    if form.items is not None:
        return [value_of(form.items, rng) for _ in range(3)]
    if form.fields:
        return {name: value_of(inner, rng) for name, inner in form.fields.items()}
    if form.type == "int":
        return form.minimum + int(rng.random() * (min(60, form.maximum - form.minimum) + 1))
    if form.type == "bool":
        return rng.random() < TRUE
    if form.type == "date":
        return str(date(2025, 7, 1) + timedelta(days=rng.randrange(300)))
    return list(form.values)[int(rng.random() * len(form.values))] if form.values else "甲乙丙"
