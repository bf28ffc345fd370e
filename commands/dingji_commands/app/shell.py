"""Our click: commands that say their help in the user's language, and the options that every command takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timezone
from pathlib import Path
from typing import Any, Final

import click

from dingji.characters import SURROGATE
from dingji.texts import LANGUAGES
from dingji_commands.app.settings import Settings
from dingji_commands.terminal import layout
from dingji_commands.terminal.output import print_text
from dingji_commands.wording import click_words
from dingji_commands.wording.words import say, text

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def today(zone: timezone | None = None) -> date:
    """Return the civil date of this moment, in the zone of the log that is read.

    Raises LedgerError (`clock-not-set`).
    """
    from dingji.moments import now
    from dingji_projections.engine.basis import ZONE

    return now().astimezone(zone or ZONE).date()


class Day(click.ParamType[date]):
    """A date of the form YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the date, or fail as a wrong use of the option."""
        if isinstance(value, date):
            return value
        try:
            if not _DAY.fullmatch(value):
                raise ValueError
            return date.fromisoformat(value)
        except ValueError:
            raise click.BadParameter(say(language_in(ctx), "bad-day", value=value), ctx, param) from None


DAY: Final = Day()


class FileName(click.ParamType[str]):
    """The name of a file: any bytes that the system allows, where all other text is UTF-8."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name as it is given."""
        return str(value)


FILE: Final = FileName()
YEAR: Final = click.IntRange(1, 9999)
DAYS: Final = click.IntRange(0, 36_525)
"""Days that lie between two dates: a hundred years at most."""
COUNT: Final = click.IntRange(1, 2**53 - 1)
"""Entries or rows, or a position."""


def language_in(ctx: click.Context | None) -> str:
    """Return the language of an invocation."""
    settings = ctx.find_object(Settings) if ctx else None
    return settings.language if settings else "en"


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Keep a shared option's value, wherever it stands; what stands behind the command comes last and wins."""
    settings = ctx.find_object(Settings)
    if value is None or settings is None:
        return
    if param.name == "ledger":
        settings.ledger = Path(value)
    else:
        settings.language = value
        click_words.speak(value)


def _help(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        print_text(ctx.get_help())
        ctx.exit()


def _shared() -> list[click.Parameter]:
    return [
        click.Option(["--ledger"], type=FILE, metavar="PATH", expose_value=False, callback=_keep),
        click.Option(["--lang"], type=click.Choice(LANGUAGES), expose_value=False, callback=_keep),
    ]


class Command(click.Command):
    """A command whose help stands in help.toml under its name, and that takes the shared options."""

    checks_text = True
    """Whether text that is not UTF-8 ends the command; a verb has it judged with all else that it submits."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take the shared options behind its own."""
        super().__init__(*args, **kwargs)
        self.params += _shared()
        self._help = click.Option(["--help"], is_flag=True, is_eager=True, expose_value=False, callback=_help)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the arguments. Raises LedgerError (`bad-value`) for text that is not UTF-8."""
        rest = super().parse_args(ctx, args)
        for param in self.params if self.checks_text else ():
            if param.type is not FILE:
                _check_utf8(ctx, param)
        return rest

    def get_help_option(self, ctx: click.Context) -> click.Option:
        """Return our own: click's asks for its words each time a command is called."""
        return self._help

    def get_help(self, ctx: click.Context) -> str:
        """Return the help page in the user's language."""
        language = language_in(ctx)
        columns = layout.terminal_columns()
        lines = [self.get_usage(ctx), ""]
        meaning = layout.wrap(text("command", self.name or "", language) or "", columns - 2)
        lines += [f"  {line}".rstrip() for line in meaning]
        for title, rows in self.sections(ctx, language):
            lines += ["", f"{text('help', title, language)}", *layout.definitions(rows, columns)]
        return "\n".join(lines)

    def sections(self, ctx: click.Context, language: str) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return the sections of the help page: the title's key, then (term, meaning) rows."""
        params = self.get_params(ctx)
        arguments = [param for param in params if isinstance(param, click.Argument)]
        options = [param for param in params if isinstance(param, click.Option)]
        tables = [("arguments", [self._row(param, ctx, language) for param in arguments])]
        tables.append(("options", [self._row(param, ctx, language) for param in options]))
        return [(title, rows) for title, rows in tables if rows]

    def _row(self, param: click.Parameter, ctx: click.Context, language: str) -> tuple[str, str]:
        name = "help" if "--help" in param.opts else param.name or ""
        meaning = text("option", f"{self.name}.{name}", language) or text("option", name, language) or ""
        if isinstance(param, click.Argument):
            return param.make_metavar(ctx), meaning
        record = param.get_help_record(ctx)
        required = say(language, "required") if param.required else ""
        return (record[0] if record else ""), meaning + required


def _check_utf8(ctx: click.Context, param: click.Parameter) -> None:
    """Refuse bytes of the command line that Python keeps as lone surrogates."""
    value = ctx.params.get(param.name or "")
    for given in value if isinstance(value, tuple) else (value,):
        if isinstance(given, str) and SURROGATE.search(given):
            from dingji.faults import LedgerError

            name = param.opts[0] if isinstance(param, click.Option) else param.human_readable_name
            ctx.ensure_object(Settings).asking = True  # a wrong use, whatever the command
            raise LedgerError("bad-value", field=param.name, name=name, why="not-utf8")


Handler = Callable[..., int | None]


def command(name: str, *params: click.Parameter) -> Callable[[Handler], Command]:
    """Make a command of a function that takes the settings, then its parameters, and returns an exit code."""

    def made(handler: Handler) -> Command:
        return Command(name, callback=click.pass_obj(handler), params=list(params))

    return made


def option(*names: str, **attributes: Any) -> click.Option:
    """Return an option; its help stands in help.toml under its name."""
    return click.Option(list(names), **attributes)


def flag(name: str) -> click.Option:
    """Return an option without a value."""
    return click.Option([name], is_flag=True, callback=_keep_json if name == "--json" else None)


def _keep_json(ctx: click.Context, _: click.Parameter, value: bool) -> bool:
    """Keep whether a program reads the answer: the word may have been the value of another option."""
    if (settings := ctx.find_object(Settings)) is not None:
        settings.json = value
    return value


def argument(name: str, **attributes: Any) -> click.Argument:
    """Return a positional parameter."""
    return click.Argument([name], **attributes)


def usage_error(language: str, key: str, /, **words: Any) -> click.UsageError:
    """Return the error that says why options do not go together."""
    return click.UsageError(say(language, key, **words), click.get_current_context())


def bad_parameter(language: str, key: str, /, param_hint: str | None = None, **words: Any) -> click.BadParameter:
    """Return the error that says what is wrong with the value of one parameter."""
    return click.BadParameter(say(language, key, **words), click.get_current_context(), param_hint=param_hint)
