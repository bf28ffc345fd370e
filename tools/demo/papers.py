"""What the files of a station say in the story: the facts that it and its county report, their papers, judgements."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from demo.cast import STANDARD, Player
from demo.data import Demo, Shortfall
from demo.facts import Series
from dingji.terms import UNGRADED

if TYPE_CHECKING:
    from dingji.catalogue.facts import FactKind
    from dingji.catalogue.standard import Requirement, Standard


class Reporting(NamedTuple):
    """What a station's reports are made from: the day of the assessment that they are for, and what falls short."""

    demo: Demo
    player: Player
    kinds: Mapping[str, FactKind]
    assessed: date
    short: Collection[Shortfall]
    papers: dict[str, bytes]
    """By digest what the papers of all reports say; those made here are added."""

    def reported(self, on: date, by_station: bool) -> dict[str, Any]:
        """Return the facts that the station, or its county, reports on a date, and the papers that show them."""
        demo, kinds, player = self.demo, self.kinds, self.player
        values = demo.facts["any"] | demo.facts[player.size(self.assessed)]
        for shortfall in self.short:
            values |= shortfall.facts
        facts = Series(demo, player.code, on, self.assessed).facts(values, kinds)
        own = {key: value for key, value in facts.items() if kinds[key].station is by_station}
        return {"facts": own, "evidence": list(self._papers(on, own))}

    def _papers(self, on: date, facts: Collection[str]) -> Iterator[dict[str, Any]]:
        """Yield a paper of each supplier that shows all facts it supplies."""
        for supplier, name in self.demo.papers.items():
            if supports := [key for key in facts if self.kinds[key].supplier == supplier]:
                content = self._paper(supplier, name, on)
                digest = sha256(content).hexdigest()
                self.papers[digest] = content
                yield {"sha256": digest, "name": self.demo.paper + name, "supports": supports}

    def _paper(self, supplier: str, name: str, on: date) -> bytes:
        """Return what a paper says; a section of the county's bureau has one a year for all its stations."""
        demo, player = self.demo, self.player
        whose = player.county if supplier in demo.shared_papers else player.code
        return demo.paper_text.format(name=demo.paper + name, whose=whose, year=on.year).encode()


def judged(
    demo: Demo, player: Player, standard: Standard, on: date, short: Collection[Shortfall]
) -> dict[str, dict[str, str]]:
    """Return a judgement of every requirement of a standard that takes one and is asked of the station's size."""
    against = {requirement: shortfall.why for shortfall in short for requirement in shortfall.judged}
    size = player.size(on)
    return {
        requirement.id: {"outcome": "not_met", "reason": against[requirement.id]}
        if requirement.id in against
        else {"outcome": "met", "reason": demo.choose(demo.reasons["met"], "judged", player.code, requirement.id, on)}
        for requirement in standard.requirements
        if requirement.judgeable and size in _asked_of(requirement)
    }


def _asked_of(requirement: Requirement) -> set[str]:
    """Return the sizes that a requirement is asked of under any of its readings."""
    return {size for reading in (requirement, *requirement.readings.values()) for size in reading.sizes}


def shortfalls(demo: Demo, player: Player, id_: str, held: str, outcome: str) -> list[Shortfall]:
    """Return what falls short in a round or campaign: as its fate says, or one by lot for each standard."""
    if id_ in player.fate.short:
        return [demo.shortfall[name] for name in player.fate.short[id_]]
    return [
        demo.shortfall[demo.choose(_names(demo, standard), "short", player.code, id_)]
        for standard in _not_reached(held, outcome)
    ]


def unassessed(demo: Demo, player: Player, on: date) -> list[Shortfall]:
    """Return what falls short where nobody assesses: something, for who holds no level."""
    if player.level(on) != UNGRADED:
        return []
    return [demo.shortfall[demo.choose(_names(demo, STANDARD), "short", player.code, "census")]]


def _names(demo: Demo, standard: str) -> tuple[str, ...]:
    return tuple(name for name, shortfall in demo.shortfall.items() if shortfall.standard == standard)


def _not_reached(held: str, outcome: str) -> tuple[str, ...]:
    """Return the standards that a station cannot have reached, by what it held and what became of it."""
    if outcome == "refused":
        return ("standard",) if held == "ungraded" else ("benchmark",)
    if outcome == "ungraded":
        return ("benchmark", "standard") if held == "benchmark" else ("standard",)
    return ("benchmark",) if outcome == "standard" and held == "benchmark" else ()
