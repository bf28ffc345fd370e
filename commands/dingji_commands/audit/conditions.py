"""`dingji conditions`: what is amiss on a date, computed and never stored."""

from __future__ import annotations

from dingji_commands.app import question, wiring
from dingji_commands.app.question import BasisOptions
from dingji_commands.app.settings import Settings
from dingji_commands.wording.fault_words import condition_fields
from dingji_commands.wording.labels import Labels, OfficeNames
from dingji_projections.audit.conditions import standing_conditions

FIELDS = ("county", "station", "code", "message")


@question.question("conditions", question.COUNTY, question.JSON)
def conditions(settings: Settings, asked: BasisOptions, *, county: str | None, json: bool) -> None:
    """List the standing conditions."""
    with wiring.open_views(settings) as views:
        basis = asked.resolve(views.log, settings)
        question.check_county(views.log, county, basis.on)
        notice_rules = wiring.notice_rules(views.log, basis, settings)
        found = [each for each in standing_conditions(views, basis, notice_rules) if county in {None, each.office}]
        labels = Labels(views.log, settings.language, basis.known)
        offices = OfficeNames(views.log, basis.on, basis.known)
        shown = [condition_fields(each, labels, offices) for each in found]
        if json:
            question.print_json({"basis": basis.fields(), "conditions": shown})
            return
        rows = [(offices[each["office"]], each["station"], each["code"], each["message"]) for each in shown]
        question.print_table(FIELDS, rows, settings.language)
        question.print_basis(basis, settings, count=len(found))
