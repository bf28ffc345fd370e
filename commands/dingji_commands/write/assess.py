"""`dingji assess`: a station held against a standard, shown or recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

import click

from dingji.events import codec
from dingji.intake.files import Line
from dingji.intake.receipts import Receipt, Receipts
from dingji.writer.assess_station import brief
from dingji_commands.app import question, shell, wiring
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.output import print_lines, print_text
from dingji_commands.wording.findings import FindingsContext, entry_labels, findings_lines, heading
from dingji_commands.wording.receipts import receipt_lines
from dingji_commands.write import verbs
from dingji_commands.write.recording import RecordingOptions, record
from dingji_projections.ask.lookups import registered_on
from dingji_projections.engine.basis import zone_of


class AssessmentForm(NamedTuple):
    """How findings are shown: as JSON, or as a table that unfolds everything."""

    json: bool
    whole: bool


def _parameters() -> list[click.Parameter]:
    """Return the verb's parameters, those optional that showing the findings does not need."""
    params = verbs.parameters("assess")
    for param in params:
        if param.name in {"on", "by"}:
            param.required = False
        elif param.name == "standard":
            param.type = verbs.CODE
    return [*params, shell.flag("--all")]


@shell.command("assess", *_parameters())
def assess(settings: Settings, *, all: bool, **options: Any) -> int:  # noqa: A002  # --all
    """Show or record an assessment."""
    manner = verbs.manner_of(options)
    form = AssessmentForm(manner.json, all)
    if options["on"] is None:
        with wiring.open_log(settings) as log:
            options["on"] = shell.today(zone_of(log))
    if manner.dry_run:
        return _preview(settings, options["station"], options["standard"], options["on"], form)
    if options["by"] is None:
        raise shell.usage_error(settings.language, "missing-by")
    return _record(settings, options, manner, form)


def _preview(settings: Settings, station: str, standard: str, on: date, form: AssessmentForm) -> int:
    with wiring.open_reading_ledger(settings) as ledger:
        fields = ledger.preview(station, standard, on)
    if form.json:
        question.print_json(_brief(station, on, fields))
    else:
        _show(settings, station, on, fields, whole=form.whole)
    return 0


def _record(settings: Settings, options: dict[str, Any], manner: RecordingOptions, form: AssessmentForm) -> int:
    station, on = options["station"], options["on"]

    def show(receipts: Receipts) -> None:
        for receipt in receipts:
            fields = _recorded(settings, receipt)
            if form.json:
                assessment = {"assessment": _brief(station, on, fields)} if fields else {}
                question.print_json(receipt.render(settings.language) | assessment)
                continue
            print_lines(receipt_lines(receipt, settings.language))
            if fields:
                print_text()
                _show(settings, station, on, fields, whole=form.whole)

    line = Line(1, verbs.line_of("assess", options, settings.language))
    return record(settings, [line], replace(manner, json=False), show)


def _recorded(settings: Settings, receipt: Receipt) -> dict[str, Any] | None:
    """Return the fields of the assessment that a receipt names, None where nothing was recorded."""
    with wiring.open_log(settings) as log:
        row = log.row(receipt.position) if receipt.position else None
    if row is None:
        return None
    event = codec.decode_row(row)
    return {name: getattr(event, name) for name in event.__struct_fields__}


def _brief(station: str, on: date, fields: dict[str, Any]) -> dict[str, Any]:
    return {"station": station, "standard": fields["standard"], "on": on.isoformat()} | brief(fields)


def _show(settings: Settings, station: str, on: date, fields: dict[str, Any], *, whole: bool) -> None:
    notice, language = wiring.installed_notice(fields["notice"]), settings.language
    standard = wiring.plugins().standard(notice, fields["standard"])
    with wiring.open_log(settings) as log:
        entries = entry_labels(log, fields["findings"], language)
        registered = registered_on(log, station)
    context = FindingsContext(
        standard=standard,
        requirements={requirement.id: requirement for requirement in standard.requirements},
        facts=wiring.plugins().facts(notice),
        entries=entries,
        on=on,
        registered=registered,
        language=language,
        whole=whole,
    )
    title = heading(station, on, fields, notice.words, language)
    print_lines([*title, *findings_lines(fields["findings"], context)])
