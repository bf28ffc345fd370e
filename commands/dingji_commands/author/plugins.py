"""`dingji plugins`: what is installed; it needs no ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec
import orjson

from dingji.golden.runner import Failure
from dingji.plugins.manager import PluginRow
from dingji.testing import golden_failures
from dingji_commands.app import shell, wiring
from dingji_commands.app.settings import Settings
from dingji_commands.author import skeleton
from dingji_commands.terminal import progress
from dingji_commands.terminal.layout import definitions, fitted, terminal_columns, wrap
from dingji_commands.wording.receipts import fault_lines
from dingji_commands.wording.words import label, say


@shell.command("plugins", shell.flag("--json"))
def plugins(settings: Settings, *, json: bool) -> int:
    """List the plugins; exit with 1 where one failed."""
    rows = wiring.plugins().listing()
    language = settings.language
    if json:
        _print({"plugins": [_plugin(row, language) for row in rows]})
    else:
        for row in rows:
            click.echo("\n".join(_plugin_lines(row, language)))
    return 1 if any(row.failure for row in rows) else 0


def _plugin(row: PluginRow, language: str) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(row)
    return told | {"failure": row.failure.render(language) if row.failure else None}


def _plugin_lines(row: PluginRow, language: str) -> list[str]:
    state = say(language, f"plugin-{row.state}")
    lines = [f"{row.name} · {row.distribution} {row.version} · {state}"]
    kinds: dict[str, list[str]] = {}
    for contribution in row.contributions:
        kind, _, name = contribution.partition(":")
        kinds.setdefault(kind, []).append(name)
    rows = [(label("kind", kind, language), ", ".join(names)) for kind, names in kinds.items()]
    if row.digest:
        rows.append((say(language, "source-digest"), row.digest))
    lines += definitions(rows, terminal_columns())
    if row.failure:
        lines += [fitted(f"  {line}") for line in fault_lines(row.failure, language)]
    return lines


def _print(told: dict[str, Any]) -> None:
    click.echo(orjson.dumps(told))


@shell.command("plugins new", shell.argument("plugin"), shell.option("--folder", metavar="PATH"))
def plugins_new(settings: Settings, plugin: str, folder: str | None) -> int:
    """Write the skeleton of a plugin."""
    language = settings.language
    if not skeleton.is_name(plugin):
        raise shell.bad_parameter(language, "plugin-name", name=plugin)
    if (word := plugin.replace("-", "_")) in _taken(plugin):
        raise shell.bad_parameter(language, "plugin-taken", name=word)
    place = Path(folder) if folder is not None else Path(f"dingji-{plugin}")
    try:
        written = skeleton.write(plugin, place)
    except FileExistsError:
        click.echo(say(language, "plugin-folder", folder=place), err=True)
        return 1
    except OSError as error:
        click.echo(say(language, "plugin-unwritten", folder=place, why=error.strerror), err=True)
        return 1
    click.echo(
        "\n".join([*(str(file) for file in written), say(language, "plugin-written", folder=place, name=plugin)])
    )
    return 0


def _taken(plugin: str) -> set[str]:
    """Return the names that another plugin, or a standard of the notice that the skeleton is for, bears already."""
    found = wiring.plugins()
    standards = {name.partition("/")[2].replace("-", "_") for name in found.standards}
    return {row.name for row in found.listing()} | standards


@shell.command("plugins test", shell.argument("distribution"), shell.flag("--json"))
def plugins_test(settings: Settings, distribution: str, *, json: bool) -> int:
    """Try the checks of a plugin on its golden cases; exit with 1 where something is wrong."""
    cases = 0

    def count(done: int, total: int) -> None:
        nonlocal cases
        cases = total
        moved(done, total)

    with progress.steps_bar(say(settings.language, "trying-cases")) as moved:
        failures = golden_failures(distribution, progress=count)
    if json:
        _print_report(
            {
                "distribution": distribution,
                "cases": cases,
                "failures": [_failure(one, settings.language) for one in failures],
            }
        )
    elif failures:
        click.echo("\n".join(line for one in failures for line in _lines(one, settings.language)))
    else:
        click.echo(say(settings.language, "plugin-sound", name=distribution, count=f"{cases:,}"))
    return 1 if failures else 0


def _lines(failure: Failure, language: str) -> list[str]:
    case = f" · {failure.case}" if failure.case else ""
    told = wrap(failure.text[language], terminal_columns() - 2)
    return [f"{failure.check}{case}", *(f"  {line}" for line in told)]


def _failure(failure: Failure, language: str) -> dict[str, Any]:
    return {
        "check": failure.check, "case": failure.case, "kind": failure.kind, "message": failure.text[language]
    }  # fmt: skip


def _print_report(told: dict[str, Any]) -> None:
    click.echo(orjson.dumps(told))
