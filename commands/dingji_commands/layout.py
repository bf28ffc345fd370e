"""Text laid out for a terminal: widths that count a Chinese character as two, and lines broken to a width."""

from __future__ import annotations

import re
import shutil
import unicodedata
from typing import Final

_WIDE: Final = frozenset("WF")
_PIECE: Final = re.compile(r"\s+|[（《“‘【]*(?:[!-~]+|.)[，。；：！？、）】》”’…％]*", re.DOTALL)
"""What is not torn: a word, or a Chinese character, with the marks that must not begin or end a line."""


def width(text: str) -> int:
    """Return how many columns a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in _WIDE else 1
        for character in text
    )


def pad(text: str, columns: int) -> str:
    """Return a text filled up to a width."""
    return text + " " * (columns - width(text))


def terminal_columns() -> int:
    """Return how wide text may be: the terminal's width, 80 where there is none."""
    return max(40, min(shutil.get_terminal_size().columns, 100))


def wrap(text: str, columns: int) -> list[str]:
    """Break a text into lines: between words, and anywhere in Chinese but at the wrong side of a mark."""
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        line = ""
        for piece in _PIECE.findall(paragraph):
            if width(line) + width(piece) <= columns or not line:
                line += piece
            else:
                lines.append(line.rstrip())
                line = piece.lstrip()
        lines.append(line.rstrip())
    return lines


def definitions(rows: list[tuple[str, str]], columns: int, widest: int = 30) -> list[str]:
    """Return rows of (term, meaning), the meanings aligned and broken to the width."""
    first = min(max((width(term) for term, _ in rows), default=0), widest)
    lines: list[str] = []
    for term, meaning in rows:
        broken = wrap(meaning, max(20, columns - first - 4))
        if width(term) > first:
            lines.append(f"  {term}")
        else:
            lines.append(f"  {pad(term, first)}  {broken.pop(0)}".rstrip())
        lines += [f"  {'':{first}}  {line}" for line in broken]
    return lines
