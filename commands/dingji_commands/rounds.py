"""`dingji rounds`: the rounds, and what was done in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dingji_commands import asking, wiring
from dingji_commands.labels import Labels

if TYPE_CHECKING:
    from dingji_commands.asking import Asked
    from dingji_commands.settings import Settings


@asking.question("rounds", asking.JSON, asking.CSV)
def rounds(settings: Settings, asked: Asked, **form: bool) -> None:
    """List the rounds."""
    from dingji_projections.rounds import RoundRow
    from dingji_projections.rounds import rounds as found_at

    wanted = asking.form_of(settings, **form)
    with wiring.open_views(settings) as views:
        basis = asked.of(views.log, settings)
        found = found_at(views, basis)
        fields = RoundRow.__struct_fields__
        rows = [[getattr(row, name) for name in fields] for row in found]
        if wanted == "json":
            asking.print_json({"basis": basis.fields(), "rounds": found})
        elif wanted == "csv":
            asking.print_csv(fields, rows)
        else:
            kinds = Labels(views.log, settings.language, basis.known).codes("round")
            shown = [[name, kinds.get(kind, kind), *others] for name, kind, *others in rows]
            headers = ["ended" if name == "closed" else name for name in fields]
            asking.print_table(headers, shown, settings.language)
            asking.print_basis(basis, settings, count=len(found))
