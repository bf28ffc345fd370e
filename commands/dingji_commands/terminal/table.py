"""Answers as people and programs read them: an aligned table, JSON, CSV."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final, NamedTuple, TextIO

from dingji.harmless import harmless, visible, visible_json
from dingji_commands.terminal.columns import Laid, laid, width
from dingji_commands.terminal.layout import terminal_columns, wrap

ABSENT = "-"
"""What a table shows where there is nothing."""

NARROWEST: Final = 20
"""Columns of the narrowest terminal that is written for."""

RULE: Final = "─"

BELOW: Final = " " * 6
"""The indent of what stands below a row."""


def show(headers: Sequence[str], rows: Iterable[Sequence[Any]], out: TextIO | None = None) -> None:
    """Write a table: fitted to a terminal, with a rule under its heading; elsewhere whole, however long its lines."""
    out = out or sys.stdout
    columns = screen(out)
    if columns is None:
        out.write(table(headers, rows))
        return
    heading, bodies = laid_out(headers, rows, columns)
    if heading:
        widest = max(width(line) for lines in (heading, *bodies) for line in lines)
        lines = [*heading, RULE * widest, *(line for lines in bodies for line in lines)]
    else:
        lines = [line for lines in bodies for line in (*lines, "")]
    out.write("".join(f"{line}\n" for line in lines))


def screen(out: TextIO) -> int | None:
    """Return how many columns there are where a text is written, None where it is no terminal."""
    return max(shutil.get_terminal_size().columns, NARROWEST) if out.isatty() else None


def table(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return rows under their headers as aligned text, whole however long; a wide character takes two columns."""
    heading, bodies = laid_out(headers, rows, None)
    return "".join(f"{line}\n" for lines in (heading, *bodies) for line in lines)


def laid_out(headers: Sequence[str], rows: Iterable[Sequence[Any]], columns: int | None) -> Laid:
    """Return rows of any values as a table in lines, fitted into some columns, None for any number."""
    return laid([text(header) for header in headers], [[text(value) for value in row] for row in rows], columns)


class NotedRow(NamedTuple):
    """A row of a table with the lines above and below it: what would have no room in a column."""

    cells: Sequence[Any]
    above: Sequence[str] = ()
    below: Sequence[str] = ()


def noted_lines(headers: Sequence[str], rows: Sequence[NotedRow], indent: str = "") -> list[str]:
    """Return rows in columns under their headers, each with the lines above and below it broken to the width."""
    columns = screen(sys.stdout)
    heading, bodies = laid_out(headers, [row.cells for row in rows], columns and columns - len(indent))
    lines = [indent + line for line in heading]
    for own, row in zip(bodies, rows, strict=True):
        lines += [part for above in row.above for part in wrap(visible(above), terminal_columns())]
        lines += [indent + line for line in own]
        lines += [BELOW + part for below in row.below for part in wrap(visible(below), terminal_columns() - len(BELOW))]
    return lines


def text(value: Any) -> str:
    """Return a value as a cell shows it: on one line, all of it visible, a space of any kind one column wide."""
    if value is None or value == "":
        return ABSENT
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(map(text, value)) or ABSENT
    shown = visible(str(value))
    return shown if shown.isprintable() else re.sub(r"\s", " ", shown)


def json_bytes(value: Any) -> bytes:
    """Return an answer as one line of JSON, all of it visible."""
    import orjson

    try:
        text = orjson.dumps(value, default=_plain, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS)
    except TypeError:
        text = json.dumps(value, default=_plain).encode() + b"\n"  # it escapes the bytes of a path that are no UTF-8
    return visible_json(text)


def json_text(value: Any) -> str:
    """Return a value as JSON shows it, to stand within a line."""
    return json_bytes(value).decode().rstrip("\n")


def _plain(value: Any) -> Any:
    """Return our own records as JSON holds them."""
    if hasattr(value, "fields"):
        return value.fields()
    if hasattr(value, "__struct_fields__"):
        import msgspec

        return msgspec.to_builtins(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(type(value).__name__)


def csv_text(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return rows under their headers as CSV; what is nested stands as JSON."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(headers)
    writer.writerows([_csv_cell(value) for value in row] for row in rows)
    return written.getvalue()


def _csv_cell(value: Any) -> Any:
    """Return a value as a cell of CSV: a number or a date as it is, a text visible and such that nothing runs it."""
    if value is None or isinstance(value, int | date):
        return value
    return harmless(visible(value) if isinstance(value, str) else json_text(value))
