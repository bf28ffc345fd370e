"""`dingji events` and `dingji rebuild`: the raw log, and the views made from it anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from dingji.events import codec
from dingji.events.row import MOST_RAW, Row, Unreadable
from dingji.faults import IntegrityBroken, inconsistent
from dingji.harmless import visible
from dingji_commands.app import question, shell, wiring
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.output import print_lines, print_text
from dingji_commands.terminal.progress import steps_bar
from dingji_commands.wording.words import say


@shell.command(
    "events",
    shell.option("--from", "start", type=shell.COUNT, default=1),
    shell.option("--until", type=shell.COUNT),
    question.JSON,
)
def events(settings: Settings, *, start: int, until: int | None, json: bool) -> None:
    """Print the log, entry by entry, in memory that does not grow with it; then say which entry cannot be read."""
    broken: list[IntegrityBroken] = []
    with wiring.open_log(settings) as log:
        head, given = log.ends()
        last = head if until is None else min(until, head)
        rows = _noting_gaps(log.scan(start - 1, upto=last), start, last, broken)
        print_lines(_lines(rows, broken, settings.language, json=json))
    if head != given and (until is None or until > head):
        broken.append(inconsistent("tail-gone", position=head + 1))
    if broken:
        raise broken[0]


def _noting_gaps(rows: Iterator[Row], position: int, last: int, broken: list[IntegrityBroken]) -> Iterator[Row]:
    """Yield the rows from a position to the last, and note where one is missing."""
    for row in rows:
        if row.position != position:
            broken.append(inconsistent("hole", position=position))
        yield row
        position = row.position + 1
    if position <= last:
        broken.append(inconsistent("hole", position=position))


def _lines(rows: Iterator[Row], broken: list[IntegrityBroken], language: str, *, json: bool) -> Iterator[bytes]:
    for row in rows:
        try:
            recorded_at = codec.decode_row(row).recorded_at
        except IntegrityBroken as error:
            broken.append(error)
            yield _raw_line(row, error, language, json=json)
        else:
            state = row.state if b"\n" not in row.state else orjson.dumps(orjson.loads(row.state))
            if json:
                yield _json_line(row, {"recorded_at": recorded_at, "state": orjson.Fragment(state)})
            else:
                place = visible(f"{row.position} {row.stream} {row.version} {row.topic} {recorded_at} ")
                yield place.encode() + state + b"\n"


def _json_line(row: Row, more: dict[str, Any]) -> bytes:
    fields = {"position": row.position, "stream": row.stream, "version": row.version, "topic": row.topic}
    return orjson.dumps(fields | more, option=orjson.OPT_APPEND_NEWLINE)


def _raw_line(row: Row, error: IntegrityBroken, language: str, *, json: bool) -> bytes:
    """Return the line of an entry that cannot be read: marked, escaped, and no longer than `MOST_RAW` by much."""
    state = row.state
    start, size = (state.start, state.size) if isinstance(state, Unreadable) else (state[:MOST_RAW], len(state))
    why, raw = error.fault.argument("why", language), visible(start.decode(errors="backslashreplace"))
    if json:
        return _json_line(row, {"unreadable": True, "why": why, "size": size, "raw": raw})
    mark = say(language, "entry-unreadable", why=why)
    where = f"{row.position} {row.stream[:MOST_RAW]} {row.version} {row.topic[:MOST_RAW]}"
    return f"{visible(where)} {visible(mark)} {raw}\n".encode()


@shell.command("rebuild", shell.flag("--anew"), question.JSON)
def rebuild(settings: Settings, *, anew: bool, json: bool) -> None:
    """Read the whole log again, build the views anew, and print their digest."""
    from dingji_projections.engine.view_file import remove_beside

    with wiring.open_views(settings) as views, steps_bar(say(settings.language, "rebuilding")) as report:
        position = views.rebuild(report, anew=anew)
        digest = views.digest()
    if remove_beside(settings.ledger):
        print_text(say(settings.language, "views-removed", path=f"{settings.ledger}.views"), err=True)
    if json:
        question.print_json({"position": position, "digest": digest})
    else:
        print_text(say(settings.language, "rebuilt", position=position, digest=digest))
