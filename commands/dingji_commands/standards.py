"""`dingji standards`: the standards of a notice, and the requirements of one; needs no ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dingji_commands import asking, shell, wiring
from dingji_commands.layout import definitions, terminal_columns
from dingji_commands.words import say

if TYPE_CHECKING:
    from dingji.catalogue import Requirement, Standard
    from dingji.notice import Notice
    from dingji_commands.settings import Settings

FIELDS = ("standard", "attachment", "title", "indicators", "requirements")


@shell.command(
    "standards",
    shell.argument("standard", required=False),
    shell.option("--notice", default=wiring.DEFAULT_NOTICE, metavar="ID"),
    asking.JSON,
)
def standards(settings: Settings, standard: str | None, notice: str, *, json: bool) -> None:
    """List the standards, or the requirements of one."""
    installed = wiring.installed_notice(notice)
    if standard is not None:
        found = wiring.plugins().standard(installed, standard)
        told = [_requirement(requirement) for requirement in found.requirements]
        if json:
            asking.print_json({"notice": notice, "standard": standard, "requirements": told})
        else:
            click.echo("\n".join(_requirement_lines(found, settings.language)))
        return
    rows = [_standard(installed, code) for code in installed.standard_files]
    if json:
        asking.print_json({"notice": notice, "standards": rows})
    else:
        shown = [[*list(row.values())[:2], row["title"][settings.language], *list(row.values())[3:]] for row in rows]
        asking.print_table(FIELDS, shown, settings.language)


def _standard(notice: Notice, code: str) -> dict[str, Any]:
    found = wiring.plugins().standard(notice, code)
    counts = {"indicators": len(found.indicators), "requirements": len(found.requirements)}
    return {"standard": code, "attachment": found.attachment, "title": found.title} | counts


def _requirement(requirement: Requirement) -> dict[str, Any]:
    names = ("id", "indicator", "title", "text", "sizes", "modality", "check", "judgeable", "conditional", "facts")
    return {name: getattr(requirement, name) for name in names} | {"readings": list(requirement.readings)}


def _requirement_lines(standard: Standard, language: str) -> list[str]:
    """Return the requirements under their areas."""
    areas = {criterion.id: criterion.area for criterion in standard.criteria}
    area_of = {indicator.id: areas[indicator.criterion] for indicator in standard.indicators}
    lines = [standard.title[language]]
    for area in standard.areas:
        rows = [
            (requirement.id, _told(requirement, standard, language))
            for requirement in standard.requirements
            if area_of[requirement.indicator] == area.id
        ]
        lines += ["", f"{area.id} {area.title[language]}", *definitions(rows, terminal_columns())]
    return lines


def _told(requirement: Requirement, standard: Standard, language: str) -> str:
    """Return a requirement's text, the sizes that it is asked of where that is not all, and who can judge it."""
    sizes = say(language, "comma").join(standard.sizes[size][language] for size in requirement.sizes)
    only = "" if requirement.every_size else say(language, "only-sizes", sizes=sizes)
    judged = say(language, "judgeable") if requirement.judgeable else ""
    return f"{requirement.title[language]}{only}{judged} {requirement.text[language]}"
