"""The rules by which each kind of act is judged, as `applicable_rules.toml` has them."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import Any

from dingji_projections.ask.notice_rules import NoticeRules


@functools.cache
def rule_tables() -> Any:
    """Return the tables of `applicable_rules.toml`."""
    return tomllib.loads(
        resources.files("dingji_projections.audit").joinpath("applicable_rules.toml").read_text("utf-8")
    )


def rules_of(verb: str, level: str | None, *, named: bool, notice_rules: NoticeRules) -> tuple[str, ...]:
    """Return the rules that an act is judged by: those of its verb that its level and round have to do with.

    `named` says whether it names a round.
    """
    steps = frozenset(step for step, _ in notice_rules.routes.get(level or "", ()))
    traits = notice_rules.traits.get(level or "", frozenset())
    return _rules(verb, steps, traits, named)


@functools.cache
def _rules(verb: str, steps: frozenset[str], traits: frozenset[str], named: bool) -> tuple[str, ...]:
    data = rule_tables()
    idle = {code for step, codes in data["route"].items() if step not in steps for code in codes}
    idle |= {code for trait, codes in data["trait"].items() if trait not in traits for code in codes}
    idle |= set() if named else set(data["round"]["codes"])
    return tuple(code for code in data["rules"].get(verb, ()) if code not in idle)


def carried_by(topic: str) -> frozenset[str]:
    """Return the rules that an act satisfies by what it rests on, of one topic: without it nothing satisfies them."""
    return frozenset(rule_tables()["ground"].get(topic, ()))


def grounds_of(code: str) -> frozenset[str]:
    """Return the topics that can satisfy a rule, none for one that asks for nothing to rest on."""
    return frozenset(topic for topic, codes in rule_tables()["ground"].items() if code in codes)


def of_persons() -> frozenset[str]:
    """Return the rules that ask who acted."""
    return frozenset(rule_tables()["person"]["codes"])
