"""`dingji conditions`: what is amiss on a date, computed and never stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dingji_commands import asking, wiring
from dingji_commands.labels import Labels, office_names

if TYPE_CHECKING:
    from dingji_commands.asking import Asked
    from dingji_commands.settings import Settings

FIELDS = ("county", "station", "code", "message")


@asking.question("conditions", asking.COUNTY, asking.JSON)
def conditions(settings: Settings, asked: Asked, *, county: str | None, json: bool) -> None:
    """List the standing conditions."""
    from dingji_projections.standing import standing_conditions

    with wiring.open_views(settings) as views:
        basis = asked.of(views.log, settings)
        asking.check_county(views.log, county, basis.on)
        parameters = wiring.parameters(views.log, basis, settings)
        found = [each for each in standing_conditions(views, basis, parameters) if county in {None, each.office}]
        labels = Labels(views.log, settings.language, basis.known)
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
