"""What all questions share: `--on` and `--known`, the form of the answer, and the line that says what it rests on."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from dingji_commands import shell
from dingji_commands.words import say, text

if TYPE_CHECKING:
    from datetime import tzinfo

    from dingji.store import Log
    from dingji_commands.labels import Labels
    from dingji_commands.settings import Settings
    from dingji_projections.basis import Basis
    from dingji_projections.standing import Condition

ON = shell.option("--on", type=shell.DAY)
KNOWN = shell.option("--known", metavar="POSITION|DATE|MOMENT")
JSON, CSV = shell.flag("--json"), shell.flag("--csv")
COUNTY = shell.option("--county", metavar="CODE")


def basis_of(log: Log, settings: Settings, on: date | None, known: str | None) -> Basis:
    """Return what a question is asked against; a wrong `--known` is a wrong use of the command."""
    from dingji_projections.basis import basis, zone_of

    try:
        zone = zone_of(log)
        return basis(log, today=on or shell.today(zone), known=known, zone=zone)
    except Exception as error:
        fault = getattr(error, "fault", None)
        if fault is None or fault.code != "bad-value":
            raise
        beyond = fault.args["why"] == "position-range"
        why = say(settings.language, "known-beyond" if beyond else "bad-known", value=known, head=log.head())
        raise click.BadParameter(why, click.get_current_context(), param_hint="--known") from None


def check_county(log: Log, county: str | None, on: date) -> None:
    """Refuse an office that the ledger never had, rather than find nothing. Raises LedgerError (`unknown-office`)."""
    if county is not None and log.entry(f"office:{county}", 1) is None:
        from dingji.faults import LedgerError

        raise LedgerError("unknown-office", field="county", office=county, on=str(on))


def form_of(settings: Settings, *, json: bool, csv: bool) -> str:
    """Return the form that an answer is wanted in: json, csv or table."""
    if json and csv:
        raise click.UsageError(say(settings.language, "one-form"), click.get_current_context())
    return "json" if json else "csv" if csv else "table"


def print_json(answer: Any) -> None:
    """Write an answer as one line of JSON."""
    from dingji_projections.render import json_bytes

    click.echo(json_bytes(answer), nl=False)


def print_csv(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write an answer as CSV, under the names of its fields."""
    from dingji_projections.render import csv_text

    click.echo(csv_text(headers, rows), nl=False)


def print_table(names: Sequence[str], rows: Iterable[Sequence[Any]], language: str) -> None:
    """Write an answer as a table, under headers in the user's language."""
    from dingji_projections.render import show

    show([text("header", name, language) or name for name in names], rows, sys.stdout)


def print_basis(basis: Basis, settings: Settings, *, count: int | None = None, dated: bool = True) -> None:
    """Say what an answer rests on, and of how many rows it is."""
    language = settings.language
    counted = "" if count is None else say(language, "rows", count=count)
    on = say(language, "on", on=basis.on) if dated else ""
    if basis.recorded_until is None:
        known = say(language, "known-nothing")
    else:
        known = say(language, "known", known=basis.known, until=civil(basis.recorded_until, basis.zone))
    click.echo(counted + on + known)


def condition(amiss: Condition, labels: Labels, offices: dict[str, str]) -> dict[str, Any]:
    """Return a standing condition as JSON shows it, its message with labels for codes."""
    from msgspec.structs import replace

    told = replace(amiss.fault, args=labels.told(amiss.details, offices)).render(labels.language)
    shown = {name: told[name] for name in ("code", "message", "hint")}
    return {"office": amiss.office, "station": amiss.station, "details": amiss.details} | shown


def civil(moment: str, zone: tzinfo) -> str:
    """Return a moment of the log as a clock in its zone shows it."""
    from datetime import datetime

    return datetime.fromisoformat(moment).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
