"""`dingji rounds`: the rounds, with the cases of each."""

from __future__ import annotations

from dingji_commands.app import question, wiring
from dingji_commands.app.question import BasisOptions
from dingji_commands.app.settings import Settings
from dingji_commands.wording.labels import Labels
from dingji_projections.cases.rounds import RoundRow
from dingji_projections.cases.rounds import rounds as rounds_at


@question.question("rounds", question.JSON, question.CSV)
def rounds(settings: Settings, asked: BasisOptions, **form: bool) -> None:
    """List the rounds."""
    wanted = question.form_of(settings, **form)
    with wiring.open_views(settings) as views:
        basis = asked.resolve(views.log, settings)
        found = rounds_at(views, basis)
        fields = RoundRow.__struct_fields__
        rows = [[getattr(row, name) for name in fields] for row in found]
        if wanted == "json":
            question.print_json({"basis": basis.fields(), "rounds": found})
        elif wanted == "csv":
            question.print_csv(fields, rows)
        else:
            kinds = Labels(views.log, settings.language, basis.known).codes("round")
            shown = [[name, kinds.get(kind, kind), *others] for name, kind, *others in rows]
            headers = ["ended" if name == "closed" else name for name in fields]
            question.print_table(headers, shown, settings.language)
            question.print_basis(basis, settings, count=len(found))
