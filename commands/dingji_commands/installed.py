"""`dingji plugins` and `dingji facts`: what is installed; neither needs a ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dingji_commands import shell, wiring
from dingji_commands.hints import bounds, codes, hint
from dingji_commands.layout import definitions, terminal_columns
from dingji_commands.telling import fault_lines
from dingji_commands.words import say, text

if TYPE_CHECKING:
    from dingji.facts import FactKind, Facts
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
        lines += [f"  {line}" for line in fault_lines(row.failure, language)]
    return lines


@shell.command(
    "facts",
    shell.argument("key", required=False),
    shell.option("--notice", default=wiring.DEFAULT_NOTICE, metavar="ID"),
    shell.flag("--json"),
)
def facts(settings: Settings, key: str | None, notice: str, *, json: bool) -> None:
    """List the facts that can be reported."""
    found = wiring.plugins().facts(wiring.installed_notice(notice))
    if key is not None and key not in found:
        near = ", ".join(found.nearest(key))
        message = say(settings.language, "no-such-name-near" if near else "no-such-name", name=key, near=near)
        raise click.BadParameter(message, click.get_current_context(), param_hint="KEY")
    chosen = [found[key]] if key is not None else list(found.values())
    if json:
        _print({"facts": [_fact(fact) for fact in chosen]})
    else:
        click.echo("\n".join(_fact_lines(chosen, found, settings.language)))


def _fact(fact: FactKind) -> dict[str, Any]:
    import msgspec

    told: dict[str, Any] = msgspec.to_builtins(fact)
    return told


def _fact_lines(chosen: list[FactKind], found: Facts, language: str) -> list[str]:
    rows = []
    for fact in chosen:
        unit = f" ({fact.unit[language]})" if fact.unit else ""
        supplier = found.suppliers[fact.supplier][language]
        words = {
            "type": fact.form.name + bounds(fact.form, language),
            "months": fact.fresh_months,
            "supplier": supplier,
        }
        values = say(language, "fact-values", values=", ".join(codes(fact.form, language))) if fact.form.values else ""
        confirmed = "" if fact.station else say(language, "fact-confirmed")
        items = say(language, "fact-items", item=hint(fact.form.items, language)) if fact.form.items else ""
        told = say(language, "fact", label=f"{fact.label[language]}{unit}", **words)
        rows.append((fact.key, told + values + items + confirmed))
    return definitions(rows, terminal_columns(), widest=44)


def _print(told: dict[str, Any]) -> None:
    import orjson

    click.echo(orjson.dumps(told))
