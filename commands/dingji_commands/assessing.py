"""`dingji assess`: a station held against a standard, shown or recorded."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from dingji_commands import shell, verbs, wiring
from dingji_commands.findings import findings_lines, heading
from dingji_commands.recording import Manner, record
from dingji_commands.telling import receipt_lines
from dingji_commands.words import say

if TYPE_CHECKING:
    from dingji.receipts import Receipt, Receipts
    from dingji_commands.settings import Settings


def _parameters() -> list[click.Parameter]:
    """Return the verb's parameters, those optional that showing the findings does not need."""
    params = verbs.parameters("assess")
    for param in params:
        if param.name in {"on", "by"}:
            param.required = False
    return params


@shell.command("assess", *_parameters())
def assess(settings: Settings, *, dry_run: bool, json: bool, **options: Any) -> int:
    """Show or record an assessment."""
    options["on"] = options["on"] or shell.today()
    if dry_run:
        return _preview(settings, options["station"], options["standard"], options["on"], json=json)
    if options["by"] is None:
        raise click.UsageError(say(settings.language, "missing-by"), click.get_current_context())
    return _record(settings, options, json=json)


def _preview(settings: Settings, station: str, standard: str, on: date, *, json: bool) -> int:
    with wiring.open_reading_ledger(settings) as ledger:
        fields = ledger.preview(station, standard, on)
    if json:
        _print(_brief(station, on, fields))
    else:
        _show(settings, station, on, fields)
    return 0


def _record(settings: Settings, options: dict[str, Any], *, json: bool) -> int:
    from dingji.files import Line

    station, on = options["station"], options["on"]

    def tell(receipts: Receipts) -> None:
        for receipt in receipts:
            fields = _recorded(settings, receipt)
            if json:
                told = {"assessment": _brief(station, on, fields)} if fields else {}
                _print(receipt.render(settings.language) | told)
                continue
            click.echo("\n".join(receipt_lines(receipt, settings.language)))
            if fields:
                click.echo()
                _show(settings, station, on, fields)

    line = Line(1, verbs.line_of("assess", options, settings.language))
    return record(settings, [line], Manner(), tell)


def _recorded(settings: Settings, receipt: Receipt) -> dict[str, Any] | None:
    """Return the fields of the assessment that a receipt names, None where nothing was recorded."""
    from dingji import codec

    with wiring.open_log(settings) as log:
        row = log.row(receipt.position) if receipt.position else None
    if row is None:
        return None
    event = codec.decode(row.topic, row.state)
    return {name: getattr(event, name) for name in event.__struct_fields__}


def _brief(station: str, on: date, fields: dict[str, Any]) -> dict[str, Any]:
    from dingji.assessing import brief

    return {"station": station, "standard": fields["standard"], "on": on.isoformat()} | brief(fields)


def _show(settings: Settings, station: str, on: date, fields: dict[str, Any]) -> None:
    notice = wiring.installed_notice(fields["notice"])
    standard = wiring.plugins().standard(notice, fields["standard"])
    title = heading(station, on, fields, notice.words, settings.language)
    click.echo("\n".join([*title, *findings_lines(fields["findings"], standard, settings.language)]))


def _print(told: dict[str, Any]) -> None:
    import orjson

    click.echo(orjson.dumps(told))
