"""`dingji schema`: the JSON Schema of what can be submitted, and of what is stored."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any, Final

import msgspec
import orjson

from dingji.events.events import EVENTS
from dingji.events.submissions import VERBS, json_schema
from dingji_commands.app import shell
from dingji_commands.app.question import print_json
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.layout import definitions, terminal_columns
from dingji_commands.terminal.output import print_lines
from dingji_commands.wording.words import text

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


@shell.command("schema", shell.argument("name", required=False, metavar="[VERB|EVENT]"), shell.flag("--json"))
def schema(settings: Settings, name: str | None, *, json: bool) -> None:
    """Print a schema, or the names of all."""
    if name is not None:
        layout = 0 if json else orjson.OPT_INDENT_2
        schema = orjson.dumps({"$schema": DIALECT} | _schema(name, settings.language), option=layout)
        print_lines([schema + b"\n"])
    elif json:
        print_json({"submissions": list(VERBS), "events": list(EVENTS)})
    else:
        print_lines(_names(settings.language))


def _names(language: str) -> list[str]:
    verbs = [(verb, text("command", verb.replace("_", "-"), language) or "") for verb in VERBS]
    events = [(topic, "") for topic in EVENTS]
    lines = [text("help", "submissions", language) or "", *definitions(verbs, terminal_columns())]
    return [*lines, "", text("help", "events", language) or "", *definitions(events, terminal_columns())]


def _schema(name: str, language: str) -> dict[str, Any]:
    """Return the schema of a verb or an event; a wrong name is a wrong use of the command."""
    verb = name.replace("-", "_")
    if verb in VERBS:
        return _described(verb, language)
    if name in EVENTS:
        return msgspec.json.schema(EVENTS[name])

    near = ", ".join(get_close_matches(name, [*VERBS, *EVENTS]))
    why = "no-such-name-near" if near else "no-such-name"
    raise shell.bad_parameter(language, why, "VERB|EVENT", name=name, near=near)


def _described(verb: str, language: str) -> dict[str, Any]:
    """Return a verb's schema with every field described in the user's language."""
    found = json_schema(verb)
    form = found["$defs"][VERBS[verb].__name__]
    form["description"] = text("command", verb.replace("_", "-"), language)
    for name, field in form["properties"].items():
        if meaning := text("option", name, language):
            field["description"] = meaning
    return found
