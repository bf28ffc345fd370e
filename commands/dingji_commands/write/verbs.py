"""A command for every verb, made from the fields of its record: it builds the line that a file would carry."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final, Literal, get_args, get_origin

import click
import msgspec

from dingji.characters import composed
from dingji.events.submissions import VERBS
from dingji.events.vocabulary import SUBJECT_OF_VERB
from dingji.intake.csv_table import record_of, value_of
from dingji_commands.app import shell
from dingji_commands.app.settings import Settings
from dingji_commands.wording.words import say
from dingji_commands.write.recording import CLOCK_BEHIND, RecordingOptions, record_one

COMMON: Final = ("on", "on_precision", "by", "person", "document", "note", "id", "irregular")
"""The fields of every submission, in the order of the help page."""

MANNER: Final = ("clock_behind", "dry_run", "json")
"""The options that say how to record."""

REPEATED: Final = {
    "facts": "fact",
    "evidence": "evidence",
    "judgements": "judgement",
    "basis": "basis",
    "successors": "successor",
}
"""The fields with parts, each with its option, which may be repeated."""


class _Code(click.ParamType[str]):
    """A code or an entry's name as the ledger keeps it: some commands do more with it than submit a line."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it composed, without blanks at its ends."""
        return composed(value)


CODE: Final = _Code()


def command_of(name: str) -> click.Command:
    """Return the command of a verb."""
    verb = name.replace("-", "_")

    def run(settings: Settings, **options: Any) -> int:
        return perform(settings, verb, options)

    made = shell.command(name, *parameters(verb))(run)
    made.checks_text = False
    return made


def perform(settings: Settings, verb: str, options: dict[str, Any]) -> int:
    """Submit what a verb's options say and show its receipt."""
    manner = manner_of(options)
    line = line_of(verb, options, settings.language)
    if verb == "void" and manner.dry_run:
        from dingji_commands.audit.impact import void_foreseen  # costs every other verb 15 ms

        return void_foreseen(settings, line, options["entry"], json=manner.json, clock_behind=manner.clock_behind)
    return record_one(settings, line, manner)


def manner_of(options: dict[str, Any]) -> RecordingOptions:
    """Take out of a command's options those that say how to record."""
    return RecordingOptions(**{name: options.pop(name) for name in MANNER})


def subject_of(verb: str) -> str:
    """Return the field that stands without an option's name: what the submission is about."""
    return SUBJECT_OF_VERB[verb] or "requirement"


def parameters(verb: str) -> list[click.Parameter]:
    """Return a verb's parameters: its subject, its own fields, the common ones, and how to record."""
    subject = subject_of(verb)
    fields = {field.encode_name: field for field in msgspec.structs.fields(VERBS[verb])}
    own = [_option(field) for name, field in fields.items() if name not in {subject, *COMMON}]
    common = [
        shell.option("--on", type=shell.DAY, required=True),
        _option(fields["on_precision"]),
        shell.option("--by", required=True, metavar="CODE"),
        shell.option("--person", metavar="TEXT"),
        *(_option(fields[name]) for name in ("document", "note", "id", "irregular")),
    ]
    said = (CLOCK_BEHIND, shell.flag("--dry-run"), shell.flag("--json"))
    return [shell.argument(subject, type=CODE), *own, *common, *said]


def _option(field: msgspec.structs.FieldInfo) -> click.Option:
    name = field.encode_name
    if name in REPEATED:
        metavar = {"facts": "KEY=VALUE", "basis": "KEY=VALUE", "judgements": "REQ=OUTCOME:REASON", "evidence": "JSON"}
        return shell.option(f"--{REPEATED[name]}", name, multiple=True, metavar=metavar.get(name, "CODE"))
    if get_origin(field.type) is Literal:
        return shell.option(_dashed(name), type=click.Choice(get_args(field.type)), required=field.required)
    return shell.option(_dashed(name), metavar="TEXT", required=field.required)


def _dashed(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def line_of(verb: str, options: dict[str, Any], language: str) -> bytes:
    """Return the line of JSON that says the same as a command's options."""
    cells = {"do": verb}
    parts: dict[str, Any] = {}
    for name, value in options.items():
        if name in REPEATED:
            if value:
                parts[name] = _PARTS[name](value, _Wrong(name, language))
        elif value is not None:
            cells[name] = value.isoformat() if isinstance(value, date) else value
    # Escapes, so that bytes of the command line that are no UTF-8 reach the ledger's own look at them.
    return json.dumps(record_of(cells.items(), given=True) | parts).encode()


class _Wrong:
    """Fails on a repeated option whose text has not the form wanted."""

    def __init__(self, name: str, language: str) -> None:
        self.hint = f"--{REPEATED[name]}"
        self.language = language

    def __call__(self, why: str, value: str) -> click.BadParameter:
        return click.BadParameter(say(self.language, why, value=value), param_hint=self.hint)


def _pairs(values: tuple[str, ...], wrong: _Wrong) -> Iterator[tuple[str, str]]:
    seen = set()
    for value in values:
        name, equals, text = value.partition("=")
        key = composed(name)
        if not equals or not key:
            raise wrong("bad-pair", value)
        if key in seen:
            raise wrong("double-pair", key)
        seen.add(key)
        yield key, text


def _values(values: tuple[str, ...], wrong: _Wrong) -> dict[str, Any]:
    return {key: value_of(text) for key, text in _pairs(values, wrong)}


def _judgements(values: tuple[str, ...], wrong: _Wrong) -> dict[str, dict[str, str]]:
    judged = {}
    for key, text in _pairs(values, wrong):
        outcome, colon, reason = text.partition(":")
        if not colon:
            raise wrong("bad-judgement", f"{key}={text}")
        judged[key] = {"outcome": outcome, "reason": reason}
    return judged


def _evidence(values: tuple[str, ...], wrong: _Wrong) -> list[Any]:
    papers: list[Any] = []
    for value in values:
        try:
            read = json.loads(value)
        except (ValueError, RecursionError):
            raise wrong("bad-evidence", value) from None
        papers += read if isinstance(read, list) else [read]
    return papers


_PARTS: Final[dict[str, Callable[[tuple[str, ...], _Wrong], Any]]] = {
    "facts": _values,
    "basis": _values,
    "judgements": _judgements,
    "evidence": _evidence,
    "successors": lambda values, _: list(values),
}
