"""What all questions share: the options that say what is asked, the form of the answer, and what it rests on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

import click

from dingji.moments import now, shown
from dingji.store.log import Log
from dingji_commands.app import shell
from dingji_commands.app.settings import Settings
from dingji_commands.terminal import layout
from dingji_commands.terminal.output import print_lines, print_text
from dingji_commands.terminal.table import NotedRow, csv_text, json_bytes, noted_lines, show
from dingji_commands.wording.labels import Labels
from dingji_commands.wording.words import both, headers, say
from dingji_projections.engine.basis import Basis, basis, civil_day, moment_named, zone_of

ON = shell.option("--on", type=shell.DAY)
KNOWN = shell.option("--known", metavar="POSITION|DATE|MOMENT")
BASIS = shell.option("--basis", metavar="POSITION|DATE|MOMENT")
JSON, CSV = shell.flag("--json"), shell.flag("--csv")
LIMIT = shell.option("--limit", type=shell.COUNT, metavar="N")
COUNTY = shell.option("--county", metavar="CODE")


class BasisOptions(NamedTuple):
    """The options that say which date is meant, and up to where the ledger is read."""

    on: date | None = None
    known: str | None = None
    basis: str | None = None

    def resolve(self, log: Log, settings: Settings) -> Basis:
        """Return what the question is asked against: the same `--basis` gives the same answer, whenever it is asked.

        A date or moment that is not past would not: it means the last position, which is said.
        """
        if self.known is not None and self.basis is not None:
            raise shell.usage_error(settings.language, "one-basis")
        zone, name = zone_of(log), "--known" if self.basis is None else "--basis"
        value = self.known if self.basis is None else self.basis
        try:
            moment = moment_named(value, zone) if value is not None else None
            if moment is not None and moment >= now():
                value = _last_position(log, value, name, settings)
            found = basis(log, on=self.on or date.min, known=value, zone=zone)
        except Exception as error:
            fault = getattr(error, "fault", None)
            if fault is None or fault.code != "bad-value":
                raise
            beyond = fault.args["why"] == "position-range"
            key = "known-beyond" if beyond else "bad-known"
            raise shell.bad_parameter(settings.language, key, name, value=value, head=log.head()) from None
        if self.on is not None:
            return found
        if self.basis is not None and found.recorded_until is not None:
            return civil_day(found)
        return found._replace(on=shell.today(zone))


def _last_position(log: Log, value: str | None, option: str, settings: Settings) -> str:
    """Return the last position, which a date or moment to come stands for, and say so."""
    known = str(log.head())
    print_text(say(settings.language, "not-past", value=value, option=option, known=known), err=True)
    return known


def question(
    name: str, *params: click.Parameter, dated: bool = True
) -> Callable[[Callable[..., int | None]], shell.Command]:
    """Make a command of a function that takes the settings and the options of the basis, then its own parameters.

    Without `dated` the question is about all dates.
    """
    asked = (ON, KNOWN, BASIS) if dated else (KNOWN, BASIS)

    def made(handler: Callable[..., int | None]) -> shell.Command:
        def ask(
            settings: Settings, *, known: str | None, basis: str | None, on: date | None = None, **own: Any
        ) -> int | None:
            settings.asking = True
            return handler(settings, BasisOptions(on, known, basis), **own)

        return shell.command(
            name,
            *(param for param in params if isinstance(param, click.Argument)),
            *asked,
            *(param for param in params if not isinstance(param, click.Argument)),
        )(ask)

    return made


def check_county(log: Log, county: str | None, on: date | None) -> None:
    """Refuse an office that the ledger never had, rather than find nothing; `on` is None where no date is asked about.

    Raises LedgerError (`unknown-office`).
    """
    if county is not None and log.entry(f"office:{county}", 1) is None:
        from dingji.faults import LedgerError

        raise LedgerError("unknown-office", field="county", office=county, on=str(on) if on else both("this-ledger"))


def level_code(labels: Labels, level: str | None, settings: Settings, param: str = "--level") -> str | None:
    """Return the code of a level, given by code or by its name in any language."""
    if level is None:
        return None
    codes, wanted = labels.codes("level"), level.casefold()
    found = next((code for code, names in labels.names("level").items() if wanted in {code.casefold(), *names}), None)
    if found is None and codes:
        known = ", ".join(f"{code} ({label})" for code, label in codes.items())
        raise shell.bad_parameter(settings.language, "no-such-level", param, value=level, known=known)
    return found or level


def form_of(settings: Settings, *, json: bool, csv: bool) -> str:
    """Return the form that an answer is wanted in: json, csv or table."""
    if json and csv:
        raise shell.usage_error(settings.language, "one-form")
    return "json" if json else "csv" if csv else "table"


def print_json(answer: Any) -> None:
    """Write an answer as one line of JSON."""
    print_lines([json_bytes(answer)])


def print_csv(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write an answer as CSV, under the names of its fields."""
    print_text(csv_text(headers, rows).removesuffix("\n"))


def print_table(names: Sequence[str], rows: Iterable[Sequence[Any]], language: str) -> None:
    """Write an answer as a table, under headers in the user's language."""
    show(headers(names, language), rows, sys.stdout)


def print_noted(names: Sequence[str], rows: Sequence[NotedRow], language: str) -> None:
    """Write a table whose rows have lines above and below them, and an empty line."""
    print_lines([*noted_lines(headers(names, language), rows, "  "), ""])


def print_sentence(sentence: str) -> None:
    """Write a sentence: broken between words on a terminal, in one line elsewhere."""
    print_text(layout.fitted(sentence))


def print_basis(
    basis: Basis, settings: Settings, *, count: int | None = None, dated: bool = True, before: str = ""
) -> None:
    """Say what an answer rests on, and of how many rows it is; `before` stands before it."""
    language = settings.language
    counted = "" if count is None else say(language, "rows", count=count)
    on = say(language, "on", on=basis.on) if dated else ""
    if basis.recorded_until is None:
        known = say(language, "known-nothing")
    else:
        known = say(language, "known", known=basis.known, until=shown(basis.recorded_until, basis.zone))
    print_sentence(before + counted + on + known)
