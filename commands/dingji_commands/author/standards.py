"""`dingji standards` and `dingji standards show`: a notice's standards, the rows of one, or one requirement."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from dingji.catalogue.notice import Notice
from dingji.catalogue.standard import Indicator, Requirement, Standard
from dingji.texts import near
from dingji_commands.app import question, shell, wiring
from dingji_commands.app.settings import Settings
from dingji_commands.author.requirements import brief, check_line, requirement_fields, requirement_lines
from dingji_commands.author.verify_text import Official
from dingji_commands.terminal.layout import definitions, terminal_columns, wrap
from dingji_commands.terminal.output import print_lines
from dingji_commands.wording.words import say, text

FIELDS = ("standard", "attachment", "title", "indicators", "requirements")
NOTICE = shell.option("--notice", default=wiring.DEFAULT_NOTICE, metavar="ID")


@shell.command("standards", NOTICE, question.JSON)
def standards(settings: Settings, notice: str, *, json: bool) -> None:
    """List the standards."""
    installed = wiring.installed_notice(notice)
    rows = [_standard(installed, code) for code in wiring.plugins().standard_codes(installed)]
    if json:
        question.print_json({"notice": notice, "standards": rows})
    else:
        shown = [[*list(row.values())[:2], row["title"][settings.language], *list(row.values())[3:]] for row in rows]
        question.print_table(FIELDS, shown, settings.language)


def _standard(notice: Notice, code: str) -> dict[str, Any]:
    found = wiring.plugins().standard(notice, code)
    counts = {"indicators": len(found.indicators), "requirements": len(found.requirements)}
    return {"standard": code, "attachment": found.attachment, "title": found.title} | counts


@shell.command(
    "standards show",
    shell.argument("name", metavar="STANDARD|REQUIREMENT"),
    shell.option("--size", metavar="CODE"),
    question.ON,
    shell.option("--official", type=shell.FILE, metavar="NOTICE_FILE"),
    NOTICE,
    question.JSON,
)
def standards_show(settings: Settings, name: str, *, notice: str, json: bool, **options: Any) -> None:
    """Show a standard, or one requirement."""
    installed = wiring.installed_notice(notice)
    _check_size(installed, options["size"], settings.language)
    standard, requirement = _found(installed, name, settings.language)
    wording = Official(options["official"], installed, standard) if options["official"] else None
    if requirement is not None:
        _show_requirement(settings, StandardView(standard, wording), requirement, options["on"], json=json)
    elif json:
        question.print_json(_standard_fields(standard, options["size"], wording))
    else:
        print_lines(_standard_lines(StandardView(standard, wording), options["size"], settings.language))


class StandardView(NamedTuple):
    """What is shown, and the official wording beside it where it was asked for."""

    standard: Standard
    wording: Official | None


def _show_requirement(
    settings: Settings, shown: StandardView, requirement: Requirement, on: date | None, *, json: bool
) -> None:
    standard, wording = shown
    row = next(one.row for one in standard.indicators if one.id == requirement.indicator)
    if json:
        fields = requirement_fields(requirement, standard, on) | _official(wording, row)
        question.print_json({"standard": standard.code, "notice": standard.notice, "requirement": fields})
        return
    facts = wiring.plugins().facts(wiring.installed_notice(standard.notice))
    lines = requirement_lines(requirement, standard, facts, on, settings.language)
    if wording:
        lines += ["", *wrap(wording.line(row, settings.language), terminal_columns())]
    print_lines(lines)


def _check_size(notice: Notice, size: str | None, language: str) -> None:
    if size is not None and size not in notice.sizes:
        raise shell.bad_parameter(language, "no-such-size", "--size", value=size, known=", ".join(notice.sizes))


def _found(notice: Notice, name: str, language: str) -> tuple[Standard, Requirement | None]:
    """Return a standard, or one with the requirement of that id; what is neither is a wrong use."""
    codes = wiring.plugins().standard_codes(notice)
    if name in codes:
        return wiring.plugins().standard(notice, name), None
    known = list(codes)
    for code in codes:
        standard = wiring.plugins().standard(notice, code)
        if requirement := standard.requirement(name):
            return standard, requirement
        known += [one.id for one in standard.requirements]
    nearest = ", ".join(near(name, known))
    why = "no-such-name-near" if nearest else "no-such-name"
    raise shell.bad_parameter(language, why, "STANDARD|REQUIREMENT", name=name, near=nearest)


def _requirements(standard: Standard, indicator: Indicator, size: str | None) -> list[Requirement]:
    own = [requirement for requirement in standard.requirements if requirement.indicator == indicator.id]
    return [requirement for requirement in own if size is None or size in requirement.sizes]


def _standard_fields(standard: Standard, size: str | None, wording: Official | None) -> dict[str, Any]:
    areas = {criterion.id: criterion.area for criterion in standard.criteria}
    rows = [(indicator, _requirements(standard, indicator, size)) for indicator in standard.indicators]
    indicators = [
        {
            "id": indicator.id,
            "row": indicator.row,
            "area": areas[indicator.criterion],
            "criterion": indicator.criterion,
            "requirements": [brief(requirement) for requirement in own],
        }
        | _official(wording, indicator.row)
        for indicator, own in rows
        if own
    ]
    return {"standard": standard.code, "notice": standard.notice, "indicators": indicators}


def _official(wording: Official | None, row: int) -> dict[str, Any]:
    return {"official": wording.fields(row)} if wording else {}


def _standard_lines(shown: StandardView, size: str | None, language: str) -> list[str]:
    """Return the requirements under their areas, criteria and rows."""
    standard, _ = shown
    number = say(language, "attachment", number=standard.attachment)
    lines = [say(language, "comma").join([standard.title[language], standard.notice, number])]
    rows = [(indicator, _requirements(standard, indicator, size)) for indicator in standard.indicators]
    for area in standard.areas:
        lines += ["", f"{area.id} {area.title[language]}"]
        for criterion in standard.criteria:
            within = [(one, own) for one, own in rows if own and one.criterion == criterion.id]
            if criterion.area == area.id and within:
                lines += [f" {criterion.id} {criterion.title[language]}"]
                lines += [line for one, own in within for line in _row_lines(one, own, shown, language)]
    return lines


def _row_lines(indicator: Indicator, own: list[Requirement], shown: StandardView, language: str) -> list[str]:
    lines = wrap(f"  {say(language, 'row', row=indicator.row)} {indicator.title[language]}", terminal_columns())
    standard, wording = shown
    if wording:
        lines += [f"    {line}" for line in wrap(wording.line(indicator.row, language), terminal_columns() - 4)]
    rows = [(requirement.id, _paragraph(requirement, standard, language)) for requirement in own]
    return lines + [f"  {line}" for line in definitions(rows, terminal_columns() - 2)]


def _paragraph(requirement: Requirement, standard: Standard, language: str) -> str:
    """Return a requirement in one paragraph: sizes where not all, what it says, its check, and what is unclear."""
    sizes = say(language, "comma").join(standard.sizes[size][language] for size in requirement.sizes)
    only = "" if requirement.every_size else say(language, "only-sizes", sizes=sizes)
    marks = [text("modality", requirement.modality, language) or ""] if requirement.modality != "must" else []
    marks += [say(language, "mark-judged")] if requirement.judgeable else []
    marks += [say(language, "mark-unclear")] if requirement.readings or requirement.doubt else []
    marked = say(language, "marks", marks=say(language, "comma").join(marks)) if marks else ""
    check = say(language, "check-label", check=check_line(requirement, standard, language))
    return f"{requirement.title[language]}{only}{marked}\n{requirement.text[language]}\n{check}"
