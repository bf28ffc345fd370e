"""`dingji plugins`: what is installed; it needs no ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dingji_commands import shell, wiring
from dingji_commands.layout import definitions, fitted, terminal_columns
from dingji_commands.telling import fault_lines
from dingji_commands.words import say, text

if TYPE_CHECKING:
    from dingji.hooks import PluginRow
    from dingji_commands.settings import Settings


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
    import msgspec

    told: dict[str, Any] = msgspec.to_builtins(row)
    return told | {"failure": row.failure.render(language) if row.failure else None}


def _plugin_lines(row: PluginRow, language: str) -> list[str]:
    state = say(language, f"plugin-{row.state}")
    lines = [f"{row.name} · {row.distribution} {row.version} · {state}"]
    kinds: dict[str, list[str]] = {}
    for contribution in row.contributions:
        kind, _, name = contribution.partition(":")
        kinds.setdefault(kind, []).append(name)
    rows = [(text("kind", kind, language) or kind, ", ".join(names)) for kind, names in kinds.items()]
    if row.digest:
        rows.append((say(language, "source-digest"), row.digest))
    lines += definitions(rows, terminal_columns())
    if row.failure:
        lines += [fitted(f"  {line}") for line in fault_lines(row.failure, language)]
    return lines


def _print(told: dict[str, Any]) -> None:
    import orjson

    click.echo(orjson.dumps(told))
