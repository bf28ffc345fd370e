"""Text in columns of a terminal: how many it takes, where it can be broken, and how a table is fitted into them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import zip_longest
from typing import Final, NamedTuple

from dingji.harmless import visible_lines

GAP: Final = 2
"""Columns between those of a table."""

PRESSED: Final = ((GAP, 12), (GAP, 8), (1, 8))
"""How a table is pressed into a narrow terminal, one after the other: the gap, and the columns that prose is left."""

HEADED: Final = 4
"""Columns that a header in Chinese is left."""

_PIECE: Final = re.compile(
    r"\s+|[（《“‘【〔〈「(\[]*(?:[!-~]*\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?[!-~]*|[一-鿿]{1,6}@\d+|[!-~]+|.)"
    r"(?:[，。；：！？、）】》”’〕〉」…％]|[,;.:)\]]+(?![!-~]))*",
    re.DOTALL,
)
"""What is not torn: a word, a code, a moment, a step of a case with its version, a Chinese character.

With it go the marks that may not begin or end a line.
"""


def width(text: str) -> int:
    """Return how many columns a text takes; a wide character takes two."""
    if text.isascii():
        return len(text)
    return sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrap(text: str, columns: int) -> list[str]:
    """Break a text into visible lines: between words, and anywhere in Chinese but at the wrong side of a mark."""
    lines: list[str] = []
    for paragraph in visible_lines(text).removesuffix("\n").split("\n"):
        line, taken = "", 0
        for piece in _PIECE.findall(paragraph):
            more = width(piece)
            if taken + more <= columns or not line:
                line, taken = line + piece, taken + more
            else:
                lines.append(line.rstrip())
                line = piece.lstrip()
                taken = width(line)
        lines.append(line.rstrip())
    return lines


class Laid(NamedTuple):
    """A table in lines: those of its heading, none where each row names its own columns, then those of each row."""

    heading: list[str]
    rows: list[list[str]]


def laid(headers: Sequence[str], rows: Sequence[Sequence[str]], columns: int | None = None) -> Laid:
    """Return a table in lines that fit into some columns, None for any number: no date, code or number is torn.

    Where it does not fit even so, a row is a block of lines, one for each of its columns.
    """
    down = list(zip(headers, *rows, strict=True))
    whole = [max(map(width, column)) for column in down]
    if columns is None or sum(whole) + GAP * (len(whole) - 1) <= columns:
        return _table(headers, rows, GAP, whole)
    for gap, narrow in PRESSED:
        least = [_least(header, cells, narrow) for header, *cells in down]
        room = columns - gap * (len(whole) - 1)
        if sum(least) <= room:
            return _table(headers, rows, gap, _shared(whole, least, room))
    return Laid([], [_block(headers, row, columns) for row in rows])


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]], gap: int, widths: Sequence[int]) -> Laid:
    return Laid(_lines(headers, gap, widths), [_lines(row, gap, widths) for row in rows])


def _shared(whole: list[int], least: list[int], room: int) -> list[int]:
    """Return widths that fill some room, the widest columns pressed first and none below its least."""
    widths = whole
    for most in range(max(whole), 0, -1):
        widths = [max(low, min(wide, most)) for wide, low in zip(whole, least, strict=True)]
        if sum(widths) <= room:
            break
    spare = room - sum(widths)
    for place, wide in enumerate(whole):
        if spare > 0 and widths[place] < wide:
            widths[place], spare = widths[place] + 1, spare - 1
    return widths


def _least(header: str, cells: Sequence[str], narrow: int) -> int:
    """Return how narrow a column can be: as wide as the widest piece in it, and not a tower of single characters."""
    named = max(_widest_piece(header), min(width(header), HEADED))
    return max([named, *(max(_widest_piece(cell), min(width(cell), narrow)) for cell in cells)])


def _widest_piece(text: str) -> int:
    return max(map(width, _PIECE.findall(text)), default=0)


def _lines(cells: Sequence[str], gap: int, widths: Sequence[int]) -> list[str]:
    """Return one row of a table, as many lines as its longest cell takes."""
    spare = [wide - width(cell) for cell, wide in zip(cells, widths, strict=True)]
    if min(spare) >= 0:
        return [_line(cells, gap, spare)]
    parts = [wrap(cell, wide) for cell, wide in zip(cells, widths, strict=True)]
    return [
        _line(line, gap, [wide - width(cell) for cell, wide in zip(line, widths, strict=True)])
        for line in zip_longest(*parts, fillvalue="")
    ]


def _line(cells: Sequence[str], gap: int, spare: Sequence[int]) -> str:
    return (" " * gap).join(cell + " " * more for cell, more in zip(cells, spare, strict=True)).rstrip()


def _block(headers: Sequence[str], cells: Sequence[str], columns: int) -> list[str]:
    """Return one row of a table as a block of lines, one for each column."""
    first = max(map(width, headers)) + GAP
    lines = []
    for header, cell in zip(headers, cells, strict=True):
        pairs = zip_longest([header], wrap(cell, max(columns - first, 1)), fillvalue="")
        lines += [_line(line, 0, (first - width(line[0]), 0)) for line in pairs]
    return lines
