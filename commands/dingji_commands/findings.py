"""An assessment's findings told to a person: what stands in the way first, requirement by requirement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from dingji_commands.layout import definitions, terminal_columns
from dingji_commands.words import say, text

if TYPE_CHECKING:
    from dingji.catalogue import Standard
    from dingji.events import FindingRecord
    from dingji.faults import Text

ORDER: Final = ("not_met", "error", "undetermined", "needs_judgement", "met")
"""The outcomes as they are listed; what does not apply is only counted."""


def heading(
    station: str, on: date, fields: dict[str, Any], words: dict[str, dict[str, Text]], language: str
) -> list[str]:
    """Return what was assessed, and the verdict."""
    size = words["size"][fields["size"]][language] if fields["size"] else say(language, "no-size-class")
    level = words["level"].get(fields["standard"])
    standard = level[language] if level else fields["standard"]
    verdict = say(language, "verdict", verdict=text("verdict", str(fields["verdict"]), language))
    return [" · ".join([station, standard, size, on.isoformat()]), verdict]


def findings_lines(findings: Sequence[FindingRecord], standard: Standard, language: str) -> list[str]:
    """Return the findings by outcome."""
    titles = {requirement.id: requirement.title[language] for requirement in standard.requirements}
    lines: list[str] = []
    for outcome in ORDER:
        rows = [
            (finding.requirement, _told(finding, titles.get(finding.requirement, ""), language))
            for finding in findings
            if finding.outcome == outcome
        ]
        if rows:
            lines += ["", say(language, f"outcome-{outcome}", count=len(rows)), *definitions(rows, terminal_columns())]
    if rest := sum(1 for finding in findings if finding.outcome not in ORDER):
        lines += ["", say(language, "outcome-not_applicable", count=rest)]
    return lines


def _told(finding: FindingRecord, title: str, language: str) -> str:
    reason = finding.reason[language] if finding.reason else ""
    matters = say(language, "reading-matters") if finding.reading_matters else ""
    return say(language, "finding", title=title, reason=reason) + matters
