"""Faults in words: as lines for a person, and as fields of an answer in JSON."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from dingji.faults import Fault
from dingji.harmless import visible
from dingji_commands.wording.labels import Labels, OfficeNames
from dingji_commands.wording.words import say
from dingji_projections.audit.conditions import StandingCondition


def fault_lines(fault: Fault, language: str) -> list[str]:
    """Return one fault that stands alone: code and clause, field, message, then the hint."""
    words = fault.render(language)
    parts = [coded(fault, language), *([visible(words["field"])] if words["field"] else []), words["message"]]
    return [*say(language, "colon").join(parts).split("\n"), f"→ {words['hint']}"]


def coded(fault: Fault, language: str) -> str:
    """Return a fault's code, with the clause that it breaks in brackets."""
    return f"{fault.code}{bracketed(fault.render(language)['clause'], language)}"


def bracketed(clause: str | None, language: str) -> str:
    """Return a clause of the notice in brackets."""
    return say(language, "clause", clause=clause) if clause else ""


def fault_fields(fault: Fault, language: str) -> dict[str, Any]:
    """Return a recorded irregularity as JSON shows it."""
    words = fault.render(language)
    return {name: words[name] for name in ("code", "clause", "message")}


def condition_fields(condition: StandingCondition, labels: Labels, offices: OfficeNames) -> dict[str, Any]:
    """Return a standing condition as JSON shows it, its message with labels for codes."""
    labelled = replace(condition.fault, args=labels.fields(condition.details, offices))
    words = labelled.render(labels.language)
    about = {"office": condition.office, "station": condition.station, "details": condition.details}
    return about | {name: words[name] for name in ("code", "message", "hint")}
