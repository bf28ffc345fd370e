"""Answers as people and programs read them: an aligned table, JSON, CSV."""

from __future__ import annotations

import csv
import io
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, TextIO

GAP = "  "
ABSENT = "-"
"""What a table shows where there is nothing."""


def show(headers: Sequence[str], rows: Iterable[Sequence[Any]], out: TextIO | None = None) -> None:
    """Write a table: by rich on a terminal, as plain aligned text elsewhere."""
    out = out or sys.stdout
    if out.isatty():
        _show_rich(headers, rows, out)
    else:
        out.write(table(headers, rows))


def table(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return rows under their headers as aligned text, whole however long; a wide character takes two columns."""
    lines = [[text(header) for header in headers], *([text(value) for value in row] for row in rows)]
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    return "".join(_line(cells, widths) for cells in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (wide - width(cell)) for cell, wide in zip(cells, widths, strict=True))
    return GAP.join(padded).rstrip() + "\n"


def width(cell: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if cell.isascii():
        return len(cell)
    return sum(_width(character) for character in cell)


def _width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def text(value: Any) -> str:
    """Return a value as a cell shows it: on one line, and nothing in it can move the cursor."""
    if value is None or value == "":
        return ABSENT
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(map(text, value)) or ABSENT
    shown = str(value)
    return shown if shown.isprintable() else "".join(map(_printable, shown))


def _printable(character: str) -> str:
    """Escape what is no visible sign; a space of any kind stays one column of blank."""
    if character.isprintable():
        return character
    return " " if unicodedata.category(character) == "Zs" else character.encode("unicode_escape").decode()


def json_bytes(value: Any) -> bytes:
    """Return an answer as one line of JSON."""
    import orjson

    return orjson.dumps(value, default=_plain, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS)


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
    if value is None or isinstance(value, str | int | date):
        return value
    return json_bytes(value).decode().rstrip("\n")


def _show_rich(headers: Sequence[str], rows: Iterable[Sequence[Any]], out: TextIO) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=SIMPLE_HEAD, pad_edge=False)
    for header in headers:
        shown.add_column(Text(text(header)), overflow="fold")  # a narrow terminal folds a cell, it never cuts it
    for row in rows:
        shown.add_row(*(Text(text(value)) for value in row))  # Text: a "[" in a name is no markup
    Console(file=out).print(shown)
