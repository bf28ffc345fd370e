"""`dingji station`: what one station is on a date, what is open, and what is amiss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dingji_commands import asking, shell, wiring
from dingji_commands.labels import Labels, office_names
from dingji_commands.layout import definitions, terminal_columns
from dingji_commands.words import say, text

if TYPE_CHECKING:
    from dingji_commands.asking import Asked
    from dingji_commands.settings import Settings
    from dingji_projections.stations import StationDetail

FIELDS = ("name", "serves", "county", "size", "level", "since", "entry", "registered", "closed")


@asking.question("station", shell.argument("station"), asking.JSON)
def station(settings: Settings, asked: Asked, *, station: str, json: bool) -> None:
    """Show one station."""
    from dingji_projections.standing import standing_conditions
    from dingji_projections.stations import station as found_at

    with wiring.open_views(settings) as views:
        basis = asked.of(views.log, settings)
        parameters = wiring.parameters(views.log, basis, settings)
        found = found_at(views, station, basis, parameters)
        amiss = [each for each in standing_conditions(views, basis, parameters) if each.station == station]
        labels = Labels(views.log, settings.language, basis.known)
        offices = office_names(views.log, basis.on, basis.known)
        told = [asking.condition(each, labels, offices) for each in amiss]
        if json:
            asking.print_json({"basis": basis.fields(), "station": found, "conditions": told})
            return
        _show(found, labels, offices)
        if told:
            click.echo(say(settings.language, "amiss"))
            rows = [(each["code"], f"{each['message']} → {each['hint']}") for each in told]
            click.echo("\n".join([*definitions(rows, terminal_columns()), ""]))
        asking.print_basis(basis, settings)


def _show(found: StationDetail, labels: Labels, offices: dict[str, str]) -> None:
    language = labels.language
    told = labels.told({name: getattr(found, name) for name in FIELDS}, offices)
    rows = [(text("header", name, language) or name, str(value)) for name, value in told.items() if value is not None]
    click.echo("\n".join([found.station, *definitions(rows, terminal_columns()), ""]))
    for title, records in (("cases", found.cases), ("assessments", found.assessments), ("unlodged", found.unlodged)):
        if records:
            click.echo(say(language, title))
            shown = [labels.told(_fields(record, offices, labels), offices) for record in records]
            asking.print_table(list(shown[0]), [list(row.values()) for row in shown], language)
            click.echo()


def _fields(record: Any, offices: dict[str, str], labels: Labels) -> dict[str, Any]:
    """Return a record's fields; the step that it waits for in words."""
    fields = {name: getattr(record, name) for name in record.__struct_fields__}
    if desk := fields.get("awaits"):
        fields["awaits"] = labels.desk(desk, offices.get(desk.office, desk.office))
    return fields
