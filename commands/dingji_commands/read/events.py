"""`dingji events` and `dingji rebuild`: the raw log, and the views made from it anew."""

from __future__ import annotations

import click
import orjson

from dingji.events.row import Row
from dingji.harmless import visible
from dingji_commands.app import question, shell, wiring
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.output import print_lines, print_text
from dingji_commands.terminal.progress import steps_bar
from dingji_commands.wording.words import say

POSITION = click.IntRange(min=1)


@shell.command(
    "events",
    shell.option("--from", "start", type=POSITION, default=1),
    shell.option("--until", type=POSITION),
    question.JSON,
)
def events(settings: Settings, *, start: int, until: int | None, json: bool) -> None:
    """Print the log, entry by entry, in memory that does not grow with it."""
    line = _json_line if json else _line
    with wiring.open_log(settings) as log:
        print_lines(line(row) for row in log.scan(start - 1, upto=until))


def _json_line(row: Row) -> bytes:
    fields = {
        "position": row.position,
        "stream": row.stream,
        "version": row.version,
        "topic": row.topic,
        "recorded_at": orjson.loads(row.state)["recorded_at"],
        "state": orjson.Fragment(row.state),
    }
    return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)


def _line(row: Row) -> bytes:
    recorded_at = orjson.loads(row.state)["recorded_at"]
    place = visible(f"{row.position} {row.stream} {row.version} {row.topic} {recorded_at} ")
    return place.encode() + row.state + b"\n"


@shell.command("rebuild", question.JSON)
def rebuild(settings: Settings, *, json: bool) -> None:
    """Build the views anew and print their digest."""
    with wiring.open_views(settings) as views, steps_bar(say(settings.language, "rebuilding")) as report:
        position = views.rebuild(report)
        digest = views.digest()
    if json:
        question.print_json({"position": position, "digest": digest})
    else:
        print_text(say(settings.language, "rebuilt", position=position, digest=digest))
