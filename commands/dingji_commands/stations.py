"""`dingji stations`: the stations that exist on a date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dingji_commands import asking, shell, wiring
from dingji_commands.labels import Labels, office_names

if TYPE_CHECKING:
    from dingji_commands.asking import Asked
    from dingji_commands.settings import Settings

FIELDS = ("station", "name", "serves", "county", "size", "level", "since", "registered", "closed")


@asking.question("stations", asking.COUNTY, shell.flag("--closed"), asking.JSON, asking.CSV)
def stations(settings: Settings, asked: Asked, *, county: str | None, closed: bool, **form: bool) -> None:
    """List the stations."""
    from dingji_projections.stations import stations as found_at

    wanted = asking.form_of(settings, **form)
    with wiring.open_views(settings) as views:
        basis = asked.of(views.log, settings)
        asking.check_county(views.log, county, basis.on)
        found = found_at(views, basis, county=county, closed=closed)
        if wanted == "json":
            asking.print_json({"basis": basis.fields(), "stations": found})
            return
        rows = [{name: getattr(row, name) for name in FIELDS} for row in found]
        if wanted == "csv":
            asking.print_csv(FIELDS, [list(row.values()) for row in rows])
            return
        labels = Labels(views.log, settings.language, basis.known)
        offices = office_names(views.log, basis.on, basis.known)
        asking.print_table(FIELDS, [list(labels.told(row, offices).values()) for row in rows], settings.language)
        asking.print_basis(basis, settings, count=len(found))
