"""What the files of a station say in the story: the facts its county reports, their papers, and the judgements."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from dingji_commands.demo_cast import Player
from dingji_commands.demo_data import Demo, Shortfall

if TYPE_CHECKING:
    from dingji.catalogue import Requirement, Standard


def reported(demo: Demo, player: Player, on: date, assessed: date, short: Collection[Shortfall]) -> dict[str, Any]:
    """Return the facts of a station as reported on a date for an assessment, and the papers that go with them."""
    code, size = player.code, player.size(assessed)
    facts = {
        key: demo.drawn(value, "fact", code, key, on)
        for key, value in {**demo.facts["any"], **demo.facts[size]}.items()
    }
    for shortfall in short:
        facts |= shortfall.facts
    evidence = [
        {"sha256": _digest(demo, code, name, on), "name": demo.paper + name, "supports": list(keys)}
        for name, keys in demo.papers.items()
    ]
    return {"facts": facts, "evidence": evidence}


def _digest(demo: Demo, *words: object) -> str:
    return sha256("/".join([demo.seed, *map(str, words)]).encode()).hexdigest()


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


def _names(demo: Demo, standard: str) -> tuple[str, ...]:
    return tuple(name for name, shortfall in demo.shortfall.items() if shortfall.standard == standard)


def _not_reached(held: str, outcome: str) -> tuple[str, ...]:
    """Return the standards that a station cannot have reached, by what it held and what became of it."""
    if outcome == "refused":
        return ("standard",) if held == "ungraded" else ("benchmark",)
    if outcome == "ungraded":
        return ("benchmark", "standard") if held == "benchmark" else ("standard",)
    return ("benchmark",) if outcome == "standard" and held == "benchmark" else ()
