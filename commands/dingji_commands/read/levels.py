"""`dingji levels`: every station's level on a date, as the ledger knew it."""

from __future__ import annotations

from typing import Any

from dingji_commands.app import question, shell, wiring
from dingji_commands.app.question import BasisOptions
from dingji_commands.app.settings import Settings
from dingji_commands.wording.labels import Labels, OfficeNames
from dingji_projections.tables.levels import LevelRow
from dingji_projections.tables.levels import levels as levels_at

FIELDS = ("station", "name", "county", "size", "level", "since", "entry")


@question.question("levels", question.COUNTY, shell.option("--level", metavar="LEVEL"), question.JSON, question.CSV)
def levels(settings: Settings, asked: BasisOptions, *, county: str | None, level: str | None, **form: bool) -> None:
    """List the levels."""
    wanted = question.form_of(settings, **form)
    with wiring.open_views(settings) as views:
        basis = asked.resolve(views.log, settings)
        question.check_county(views.log, county, basis.on)
        labels = Labels(views.log, settings.language, basis.known)
        found = levels_at(views, basis.on, basis.known, county, question.level_code(labels, level, settings))
        if wanted == "json":
            question.print_json({"basis": basis.fields(), "levels": [row.fields() for row in found]})
        elif wanted == "csv":
            question.print_csv(FIELDS, [list(row.fields().values()) for row in found])
        else:
            offices = OfficeNames(views.log, basis.on, basis.known)
            question.print_table(FIELDS, _shown(found, labels, offices), settings.language)
            question.print_basis(basis, settings, count=len(found))


def _shown(found: list[LevelRow], labels: Labels, offices: OfficeNames) -> list[tuple[Any, ...]]:
    """Return rows with labels for codes; a table of a nation is long, so each is looked up once."""
    sizes, held = labels.codes("size"), labels.codes("level")
    rows = []
    for row in found:
        place = (row.station, row.name, offices[row.county])
        size = sizes.get(row.size, row.size) if row.size else None
        rows.append((*place, size, held.get(row.level, row.level), row.since, row.entry))
    return rows
