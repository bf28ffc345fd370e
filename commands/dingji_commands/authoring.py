"""`dingji plugins new` and `dingji plugins test`: for those who write a plugin; neither needs a ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dingji_commands import bars, shell, skeleton, wiring
from dingji_commands.layout import terminal_columns, wrap
from dingji_commands.words import say

if TYPE_CHECKING:
    from dingji.trial import Failure
    from dingji_commands.settings import Settings


@shell.command("plugins new", shell.argument("plugin"), shell.option("--folder", metavar="PATH"))
def plugins_new(settings: Settings, plugin: str, folder: str | None) -> int:
    """Write the skeleton of a plugin."""
    language = settings.language
    if not skeleton.is_name(plugin):
        raise click.BadParameter(say(language, "plugin-name", name=plugin), click.get_current_context())
    if (word := plugin.replace("-", "_")) in _taken(plugin):
        raise click.BadParameter(say(language, "plugin-taken", name=word), click.get_current_context())
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
    from dingji.testing import golden_failures

    cases = 0

    def count(done: int, total: int) -> None:
        nonlocal cases
        cases = total
        moved(done, total)

    with bars.steps_bar(settings, "trying-cases") as moved:
        failures = golden_failures(distribution, progress=count)
    if json:
        _print(
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


def _print(told: dict[str, Any]) -> None:
    import orjson

    click.echo(orjson.dumps(told))
