"""`dingji stations`: the stations that exist on a date."""

from __future__ import annotations

from typing import Any

from dingji.harmless import visible
from dingji_commands.app import question, shell, wiring
from dingji_commands.app.question import BasisOptions
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.layout import definitions, terminal_columns
from dingji_commands.terminal.output import print_lines, print_text
from dingji_commands.wording.fault_words import condition_fields
from dingji_commands.wording.labels import Labels, OfficeNames
from dingji_commands.wording.words import label, say
from dingji_projections.audit.conditions import standing_conditions
from dingji_projections.audit.stations import StationDetail
from dingji_projections.audit.stations import station as station_at
from dingji_projections.audit.stations import stations as stations_at

FIELDS = ("station", "name", "serves", "county", "size", "level", "since", "registered", "closed")

STATION_FIELDS = ("name", "serves", "county", "size", "level", "since", "entry", "registered", "closed")


@question.question("stations", question.COUNTY, shell.flag("--closed"), question.JSON, question.CSV)
def stations(settings: Settings, asked: BasisOptions, *, county: str | None, closed: bool, **form: bool) -> None:
    """List the stations."""
    wanted = question.form_of(settings, **form)
    with wiring.open_views(settings) as views:
        basis = asked.resolve(views.log, settings)
        question.check_county(views.log, county, basis.on)
        found = stations_at(views, basis, county=county, closed=closed)
        if wanted == "json":
            question.print_json({"basis": basis.fields(), "stations": found})
            return
        rows = [{name: getattr(row, name) for name in FIELDS} for row in found]
        if wanted == "csv":
            question.print_csv(FIELDS, [list(row.values()) for row in rows])
            return
        labels = Labels(views.log, settings.language, basis.known)
        offices = OfficeNames(views.log, basis.on, basis.known)
        question.print_table(FIELDS, [list(labels.fields(row, offices).values()) for row in rows], settings.language)
        question.print_basis(basis, settings, count=len(found))


@question.question("station", shell.argument("station"), question.JSON)
def station(settings: Settings, asked: BasisOptions, *, station: str, json: bool) -> None:
    """Show one station."""
    with wiring.open_views(settings) as views:
        basis = asked.resolve(views.log, settings)
        notice_rules = wiring.notice_rules(views.log, basis, settings)
        found = station_at(views, station, basis, notice_rules)
        amiss = [each for each in standing_conditions(views, basis, notice_rules) if each.station == station]
        labels = Labels(views.log, settings.language, basis.known)
        offices = OfficeNames(views.log, basis.on, basis.known)
        conditions = [condition_fields(each, labels, offices) for each in amiss]
        if json:
            question.print_json({"basis": basis.fields(), "station": found, "conditions": conditions})
            return
        _show(found, labels, offices)
        if conditions:
            print_text(say(settings.language, "amiss"))
            rows = [(each["code"], f"{each['message']} → {each['hint']}") for each in conditions]
            print_lines([*definitions(rows, terminal_columns()), ""])
        question.print_basis(basis, settings)


def _show(found: StationDetail, labels: Labels, offices: OfficeNames) -> None:
    language = labels.language
    labelled = labels.fields({name: getattr(found, name) for name in STATION_FIELDS}, offices)
    rows = [
        (label("header", name, language), visible(str(value))) for name, value in labelled.items() if value is not None
    ]
    print_lines([found.station, *definitions(rows, terminal_columns()), ""])
    for title, records in (("cases", found.cases), ("assessments", found.assessments), ("unlodged", found.unlodged)):
        if records:
            print_text(say(language, title))
            shown = [labels.fields(_fields(record, offices, labels), offices) for record in records]
            question.print_table(list(shown[0]), [list(row.values()) for row in shown], language)
            print_text()


def _fields(record: Any, offices: OfficeNames, labels: Labels) -> dict[str, Any]:
    """Return a record's fields; the step that it waits for in words."""
    fields = {name: getattr(record, name) for name in record.__struct_fields__}
    if awaits := fields.get("awaits"):
        fields["awaits"] = labels.next_step(awaits, offices[awaits.office])
    return fields
