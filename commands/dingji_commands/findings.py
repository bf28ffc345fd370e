"""An assessment's findings told to a person: by area and row, what falls short first, what is settled folded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from dingji_commands.finding import Sheet, detail_lines
from dingji_commands.layout import definitions, pad, terminal_columns, width
from dingji_commands.words import say, text

if TYPE_CHECKING:
    from dingji.catalogue import Area, Indicator
    from dingji.events import FindingRecord
    from dingji.faults import Text

ORDER: Final = ("not_met", "error", "undetermined", "needs_judgement", "met", "not_applicable")
"""The outcomes as rows are listed: what falls short first."""

SETTLED: Final = ("met", "not_applicable")
"""What is folded into its row."""

Asked = tuple["Indicator", list["FindingRecord"]]


def heading(
    station: str, on: date, fields: dict[str, Any], words: dict[str, dict[str, Text]], language: str
) -> list[str]:
    """Return what was assessed, and the verdict."""
    size = words["size"][fields["size"]][language] if fields["size"] else say(language, "no-size-class")
    level = words["level"].get(fields["standard"])
    standard = level[language] if level else fields["standard"]
    verdict = say(language, "verdict", verdict=text("verdict", str(fields["verdict"]), language))
    return [" · ".join([station, standard, size, on.isoformat()]), verdict]


def findings_lines(findings: Sequence[FindingRecord], sheet: Sheet) -> list[str]:
    """Return the rows of the attachment under their areas; what falls short is told in full, the rest folded."""
    rows = _rows(findings, sheet)
    counts = say(sheet.language, "requirements-told", count=len(findings))
    lines = [" · ".join([counts, *_counts([finding.outcome for finding in findings], sheet.language)])]
    areas = {criterion.id: criterion.area for criterion in sheet.standard.criteria}
    for area in sheet.standard.areas:
        within = [row for row in rows if areas[row[0].criterion] == area.id]
        lines += ["", *_area_lines(area, sorted(within, key=lambda row: _severity(row[1], sheet)), sheet)]
    return lines if sheet.whole else [*lines, "", say(sheet.language, "assess-all")]


def _rows(findings: Sequence[FindingRecord], sheet: Sheet) -> list[Asked]:
    found: dict[str, list[FindingRecord]] = {indicator.id: [] for indicator in sheet.standard.indicators}
    for finding in findings:
        if requirement := sheet.requirements.get(finding.requirement):
            found[requirement.indicator].append(finding)
    return [(indicator, found[indicator.id]) for indicator in sheet.standard.indicators]


def _severity(findings: Sequence[FindingRecord], sheet: Sheet) -> int:
    """Return the place of what a row comes to: the outcome that falls shortest of those that bear on the verdict."""
    bearing = [finding for finding in findings if sheet.requirements[finding.requirement].modality == "must"]
    return min(ORDER.index(finding.outcome) for finding in bearing or findings) if findings else len(ORDER) - 1


def _outcome(findings: Sequence[FindingRecord], sheet: Sheet) -> str:
    return ORDER[_severity(findings, sheet)]


def _counts(outcomes: Iterable[str], language: str) -> list[str]:
    counted = Counter(str(outcome) for outcome in outcomes)
    return [
        say(language, "outcome-count", outcome=text("outcome", outcome, language), count=counted[outcome])
        for outcome in ORDER
        if counted[outcome]
    ]


def _area_lines(area: Area, rows: list[Asked], sheet: Sheet) -> list[str]:
    language = sheet.language
    counts = _counts([_outcome(findings, sheet) for _, findings in rows], language)
    told = say(language, "rows-told", count=len(rows))
    lines = [" · ".join([f"{area.id} {area.title[language]}", told, *counts])]
    widest = max((width(indicator.id) for indicator, _ in rows), default=0)
    words = max((width(text("outcome", _outcome(findings, sheet), language) or "") for _, findings in rows), default=0)
    for indicator, findings in rows:
        outcome = pad(text("outcome", _outcome(findings, sheet), language) or "", words)
        row = (f"{pad(indicator.id, widest)}  {outcome}", _folded(indicator, findings, sheet))
        lines += definitions([row], terminal_columns(), widest=widest + words + 2)
        for finding in sorted(findings, key=lambda one: ORDER.index(one.outcome)):
            if sheet.whole or finding.outcome not in SETTLED:
                lines += [f"    {line}" for line in detail_lines(finding, sheet, terminal_columns() - 4)]
    return lines


def _folded(indicator: Indicator, findings: list[FindingRecord], sheet: Sheet) -> str:
    """Return a row's title, how its requirements came out where there are several, and why none of them applies."""
    language = sheet.language
    title = indicator.title[language]
    if len(findings) > 1:
        parts = say(language, "comma").join(_counts([finding.outcome for finding in findings], language))
        title += say(language, "folded", count=len(findings), parts=parts)
    reasons = dict.fromkeys(finding.reason[language] for finding in findings if finding.reason)
    return "\n".join([title, *reasons]) if _outcome(findings, sheet) == "not_applicable" else title
