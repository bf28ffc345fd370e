"""Findings in words: folded into the rows of a standard, or one by one with all that each rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from dingji.catalogue.facts import Facts
from dingji.catalogue.standard import Area, Indicator, Requirement, Standard
from dingji.dates import window
from dingji.events import codec
from dingji.events.events import FindingRecord
from dingji.harmless import visible
from dingji.store.log import Log
from dingji.terms import entry_place
from dingji.texts import Text
from dingji_commands.terminal.layout import definitions, pad, terminal_columns, width, wrap
from dingji_commands.wording.values import labels_of, says, short_digest, value_text
from dingji_commands.wording.words import label, say, text

ORDER: Final = ("not_met", "error", "undetermined", "needs_judgement", "met", "not_applicable")
"""The outcomes as rows are listed: what falls short first."""

SETTLED: Final = ("met", "not_applicable")
"""What is folded into its row."""


@dataclass(frozen=True, slots=True)
class FindingsContext:
    """What findings are shown with: the standard, the dictionary of facts, the entries, and how much is wanted."""

    standard: Standard
    requirements: Mapping[str, Requirement]
    facts: Facts
    entries: Mapping[str, str]
    on: date
    registered: date
    language: str
    whole: bool = False
    """Whether what is met and what does not apply is shown requirement by requirement, too."""


RowFindings = tuple[Indicator, list[FindingRecord]]
"""A row of the attachment, with the findings of its requirements."""


def heading(
    station: str, on: date, fields: dict[str, Any], words: dict[str, dict[str, Text]], language: str
) -> list[str]:
    """Return what was assessed, and the verdict."""
    size = words["size"][fields["size"]][language] if fields["size"] else say(language, "no-size-class")
    level = words["level"].get(fields["standard"])
    standard = level[language] if level else fields["standard"]
    verdict = say(language, "verdict", verdict=text("verdict", str(fields["verdict"]), language))
    return [" · ".join([station, standard, size, on.isoformat()]), verdict]


def findings_lines(findings: Sequence[FindingRecord], context: FindingsContext) -> list[str]:
    """Return the rows of the attachment under their areas; what falls short in full, the rest folded."""
    rows = _rows(findings, context)
    counts = say(context.language, "requirement-count", count=len(findings))
    lines = [" · ".join([counts, *_counts([finding.outcome for finding in findings], context.language)])]
    areas = {criterion.id: criterion.area for criterion in context.standard.criteria}
    for area in context.standard.areas:
        within = [row for row in rows if areas[row[0].criterion] == area.id]
        lines += ["", *_area_lines(area, sorted(within, key=lambda row: _severity(row[1], context)), context)]
    return lines if context.whole else [*lines, "", say(context.language, "assess-all")]


def _rows(findings: Sequence[FindingRecord], context: FindingsContext) -> list[RowFindings]:
    found: dict[str, list[FindingRecord]] = {indicator.id: [] for indicator in context.standard.indicators}
    for finding in findings:
        if requirement := context.requirements.get(finding.requirement):
            found[requirement.indicator].append(finding)
    return [(indicator, found[indicator.id]) for indicator in context.standard.indicators]


def _severity(findings: Sequence[FindingRecord], context: FindingsContext) -> int:
    """Return the place of what a row comes to: the outcome that falls shortest of those that bear on the verdict."""
    bearing = [finding for finding in findings if context.requirements[finding.requirement].modality == "must"]
    return min(ORDER.index(finding.outcome) for finding in bearing or findings) if findings else len(ORDER) - 1


def _outcome(findings: Sequence[FindingRecord], context: FindingsContext) -> str:
    return ORDER[_severity(findings, context)]


def _counts(outcomes: Iterable[str], language: str) -> list[str]:
    counted = Counter(str(outcome) for outcome in outcomes)
    return [
        say(language, "outcome-count", outcome=text("outcome", outcome, language), count=counted[outcome])
        for outcome in ORDER
        if counted[outcome]
    ]


def _area_lines(area: Area, rows: list[RowFindings], context: FindingsContext) -> list[str]:
    language = context.language
    counts = _counts([_outcome(findings, context) for _, findings in rows], language)
    count = say(language, "row-count", count=len(rows))
    lines = [" · ".join([f"{area.id} {area.title[language]}", count, *counts])]
    widest = max((width(indicator.id) for indicator, _ in rows), default=0)
    words = max(
        (width(text("outcome", _outcome(findings, context), language) or "") for _, findings in rows), default=0
    )
    for indicator, findings in rows:
        outcome = pad(text("outcome", _outcome(findings, context), language) or "", words)
        row = (f"{pad(indicator.id, widest)}  {outcome}", _folded(indicator, findings, context))
        lines += definitions([row], terminal_columns(), widest=widest + words + 2)
        for finding in sorted(findings, key=lambda one: ORDER.index(one.outcome)):
            if context.whole or finding.outcome not in SETTLED:
                lines += [f"    {line}" for line in detail_lines(finding, context, terminal_columns() - 4)]
    return lines


def _folded(indicator: Indicator, findings: list[FindingRecord], context: FindingsContext) -> str:
    """Return a row's title, how its requirements came out where there are several, and why none of them applies."""
    language = context.language
    title = indicator.title[language]
    if len(findings) > 1:
        parts = say(language, "comma").join(_counts([finding.outcome for finding in findings], language))
        title += say(language, "folded", count=len(findings), parts=parts)
    reasons = dict.fromkeys(finding.reason[language] for finding in findings if finding.reason)
    return "\n".join([title, *map(visible, reasons)]) if _outcome(findings, context) == "not_applicable" else title


def detail_lines(finding: FindingRecord, context: FindingsContext, columns: int) -> list[str]:
    """Return a finding: its outcome and reason, then what it rests on."""
    language = context.language
    requirement = context.requirements[finding.requirement]
    outcome = text("outcome", finding.outcome, language)
    mark = say(language, "no-bearing") if requirement.modality != "must" else ""
    reason = finding.reason[language] if finding.reason else ""
    sentence = say(language, "finding", title=requirement.title[language], reason=reason)
    lines = wrap(visible(f"{finding.requirement} {outcome}{mark}{say(language, 'colon')}{sentence}".rstrip()), columns)
    parts = [
        *_figures(finding, requirement, context),
        *_grounds(finding, context),
        *_doubts(finding, requirement, language),
    ]
    return lines + [f"  {line}" for part in parts for line in wrap(visible(part), columns - 2)]


def _figures(finding: FindingRecord, requirement: Requirement, context: FindingsContext) -> Iterator[str]:
    """Say what was measured and required, and the days of the window."""
    language = context.language
    figures = [("finding-measured", finding.measured), ("finding-required", finding.required)]
    codes = _codes(finding, context)
    parts = [say(language, key, value=value_text(value, language, codes)) for key, value in figures if says(value)]
    used = requirement if finding.reading in {None, "default"} else requirement.readings.get(finding.reading or "")
    if used and used.window_months and finding.outcome != "not_applicable":
        days = window(context.on, used.window_months, context.registered)
        if str(days.last) not in (finding.reason or {}).get(language, ""):  # else the check has said what it looked at
            parts.append(say(language, "finding-window", first=days.first, last=days.last))
    if parts:
        yield say(language, "semicolon").join(parts)


def _grounds(finding: FindingRecord, context: FindingsContext) -> Iterator[str]:
    """Say which facts, judgements and papers it rests on, and what of its facts is not known."""
    language = context.language
    stated: dict[str, list[str]] = {}
    for key, entry in finding.facts.items():
        stated.setdefault(entry, []).append(say(language, "fact-named", key=key, label=_label(context, key)))
    for entry, named in stated.items():
        facts = say(language, "comma").join(named)
        yield say(language, "finding-facts", facts=facts, entry=context.entries.get(entry, entry))
    yield from _unknown(finding, context)
    if finding.judgement:
        yield say(language, "finding-judgement", entry=context.entries.get(finding.judgement, finding.judgement))
    if finding.shown:
        yield say(language, "finding-shown", entry=context.entries.get(finding.shown, finding.shown))
    if finding.evidence:
        digests = say(language, "comma").join(short_digest(digest) for digest in finding.evidence)
        yield say(language, "finding-evidence", digests=digests)


def _unknown(finding: FindingRecord, context: FindingsContext) -> Iterator[str]:
    """Say which facts are not known, and which offices state something else."""
    language = context.language
    for key, state in finding.lacking.items():
        if key == "size":
            yield say(language, "finding-no-size")
            continue
        why = label("lacking", state, language)
        words = {"label": _label(context, key), "supplier": _supplier(context, key)}
        yield say(language, "finding-lacking", key=key, state=why, **words)
    for key, entries in finding.conflicts.items():
        others = say(language, "semicolon").join(context.entries.get(entry, entry) for entry in entries)
        yield say(language, "finding-conflict", key=key, entries=others)


def _doubts(finding: FindingRecord, requirement: Requirement, language: str) -> Iterator[str]:
    """Say what the other readings come to where they differ, and what else the cell leaves unclear."""
    for other, turned in finding.otherwise.items():
        words = {"outcome": text("outcome", finding.outcome, language), "turned": text("outcome", turned, language)}
        yield say(language, "finding-reading", reading=finding.reading, other=other, **words)
    if requirement.doubt:
        yield say(language, "finding-doubt", doubt=requirement.doubt[language])


def _label(context: FindingsContext, key: str) -> str:
    kind = context.facts.get(key)
    return kind.label[context.language] if kind else key


def _supplier(context: FindingsContext, key: str) -> str:
    kind = context.facts.get(key)
    return context.facts.suppliers[kind.supplier][context.language] if kind else ""


def _codes(finding: FindingRecord, context: FindingsContext) -> dict[str, str]:
    """Return the label of every code that the facts of a finding can hold."""
    kinds = (context.facts[key] for key in (*finding.facts, *finding.lacking) if key in context.facts)
    return labels_of(kinds, context.language)


def entry_labels(log: Log, findings: Iterable[FindingRecord], language: str) -> dict[str, str]:
    """Return each entry that findings name, with its date and the office that made it."""
    labels: dict[str, str] = {}
    for name in dict.fromkeys(name for finding in findings for name in _named(finding)):
        place = entry_place(name)
        row = log.entry(*place) if place else None
        if row is not None:
            event = codec.decode_row(row)
            labels[name] = say(language, "entry-label", entry=name, on=event.on, office=event.by.office)
    return labels


def _named(finding: FindingRecord) -> list[str]:
    judged = [name for name in (finding.judgement, finding.shown) if name]
    return [*finding.facts.values(), *(name for names in finding.conflicts.values() for name in names), *judged]
