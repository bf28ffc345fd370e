"""`dingji history`: every entry of one station, and the spans of its level."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any, Final

from dingji.moments import civil_date
from dingji_commands.app import question, shell, wiring
from dingji_commands.app.question import BasisOptions
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.output import print_lines, print_text
from dingji_commands.terminal.table import ABSENT, NotedRow, noted_lines
from dingji_commands.terminal.table import text as cell
from dingji_commands.wording.labels import Labels, OfficeNames
from dingji_commands.wording.words import headers, label, say, text
from dingji_projections.levels.history import HistoryEntry, StationHistory
from dingji_projections.levels.history import history as history_at

ENTRY_FIELDS = ("position", "entry", "on", "topic", "by", "recorded_at")
SPAN_FIELDS = ("from", "to", "county", "size", "level", "entry")

LONGEST: Final = 3
"""How many of a list of words stand in a table; of more, only how many they are."""


@question.question("history", shell.argument("station"), question.JSON, dated=False)
def history(settings: Settings, asked: BasisOptions, *, station: str, json: bool) -> None:
    """Show a station's history."""
    with wiring.open_views(settings) as views:
        basis = asked.resolve(views.log, settings)
        found = history_at(views, station, basis.known)
        if json:
            question.print_json(found)
            return
        labels = Labels(views.log, settings.language, basis.known)
        _show(found, labels, OfficeNames(views.log, basis.on, basis.known), settings.language)
        question.print_basis(basis, settings, count=len(found.entries), dated=False)


def _show(found: StationHistory, labels: Labels, offices: OfficeNames, language: str) -> None:
    print_lines([f"{found.station} {found.name}", ""])
    print_lines(_entry_lines(found, labels, offices, language))
    print_text("\n" + say(language, "spans"))
    spans = []
    for span in found.spans:
        labelled = labels.fields({"county": span.county, "size": span.size, "level": span.level}, offices)
        spans.append((span.start, span.end, *labelled.values(), span.entry))
    question.print_table(SPAN_FIELDS, spans, language)
    print_text()


def _entry_lines(found: StationHistory, labels: Labels, offices: OfficeNames, language: str) -> list[str]:
    """Return the entries in columns, with what each says on lines below it: as a column it would have no room."""
    zone = labels.zone
    rows = []
    for entry in found.entries:
        details = cell(_details(entry, labels, offices, language))
        rows.append(NotedRow(_entry_row(entry, offices, labels, zone), below=[] if details == ABSENT else [details]))
    return noted_lines(headers(ENTRY_FIELDS, language), rows)


def _entry_row(entry: HistoryEntry, offices: OfficeNames, labels: Labels, zone: tzinfo) -> tuple[Any, ...]:
    language = labels.language
    topic = label("event", entry.topic, language)
    if entry.voided_by:
        topic = say(language, "voided-by", topic=topic, by=entry.voided_by)
    precision = "" if entry.on_precision == "day" else say(language, f"precision-{entry.on_precision}")
    office = offices[entry.by.office]
    by = f"{office} {entry.by.person}" if entry.by.person else office
    recorded = civil_date(entry.recorded_at, zone)
    return entry.position, entry.entry, f"{entry.on}{precision}", topic, by, recorded


def _details(entry: HistoryEntry, labels: Labels, offices: OfficeNames, language: str) -> str:
    """Return what an entry says in a few words: the fields that have a label."""
    shown = labels.fields(entry.details | {"document": entry.document}, offices)
    labelled = [(text("field", name, language), value) for name, value in shown.items() if value is not None]
    parts = [f"{label} {_short(value, language)}" for label, value in labelled if label]
    codes = ", ".join(fault.code for fault in entry.irregularities)
    parts += [f"{say(language, 'irregularity')} {codes}"] if codes else []
    return say(language, "semicolon").join(parts)


def _short(value: Any, language: str) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) if len(value) <= LONGEST else say(language, "items", count=len(value))
    return str(value)
