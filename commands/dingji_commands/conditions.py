"""`dingji conditions`: what is amiss on a date, computed and never stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dingji_commands import asking, shell, wiring
from dingji_commands.labels import Labels, office_names

if TYPE_CHECKING:
    from datetime import date

    from dingji_commands.settings import Settings

FIELDS = ("county", "station", "code", "message")


@shell.command("conditions", asking.ON, asking.KNOWN, asking.COUNTY, asking.JSON)
def conditions(settings: Settings, *, on: date | None, known: str | None, county: str | None, json: bool) -> None:
    """List the standing conditions."""
    from dingji_projections.standing import standing_conditions

    with wiring.open_views(settings) as views:
        basis = asking.basis_of(views.log, settings, on, known)
        asking.check_county(views.log, county, basis.on)
        parameters = wiring.parameters(views.log, basis, settings)
        found = [each for each in standing_conditions(views, basis, parameters) if county in {None, each.office}]
        labels = Labels(views.log, settings.language)
        offices = office_names(views.log, basis.on, basis.known)
        told = [asking.condition(each, labels, offices) for each in found]
        if json:
            asking.print_json({"basis": basis.fields(), "conditions": told})
            return
        rows = [
            (offices.get(each["office"], each["office"]), each["station"], each["code"], each["message"])
            for each in told
        ]
        asking.print_table(FIELDS, rows, settings.language)
        asking.print_basis(basis, settings, count=len(found))
