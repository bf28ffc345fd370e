"""The check `open_doors.partners`: activities with enough different partners within the requirement's window."""

from __future__ import annotations

from typing import Final

from dingji import (
    UNDETERMINED,
    Dossier,
    FactKey,
    Finding,
    Outcome,
    Parameters,
    Phrases,
    Requirement,
    Threshold,
)

SAY: Final = Phrases("dingji_open_doors", "reasons.toml")


class Partners(Parameters, frozen=True):
    """A list of records with `date` and `partner`, and how many different partners it must name."""

    fact: FactKey
    minimum: Threshold


def partners(requirement: Requirement, dossier: Dossier) -> Finding:
    """Within the window there were activities with enough different partners."""
    parameters: Partners = requirement.parameters
    values, required = dossier.values(parameters.fact), dossier.limit(parameters.minimum)
    if values is None or required is None:
        return UNDETERMINED  # Dingji names the facts that were asked for and are not known
    window = dossier.window(requirement.window_months or 12)
    found = sorted({record["partner"] for record in values[0] if record["date"] in window})
    words = {"first": window.first, "last": window.last, "measured": len(found), "required": required}
    outcome = Outcome.MET if len(found) >= required else Outcome.NOT_MET
    return Finding(outcome, len(found), required, SAY("partners", **words))
