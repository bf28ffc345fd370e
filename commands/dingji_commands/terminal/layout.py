"""Text laid out for a terminal: sentences broken to its width, and rows of a term with its meaning."""

from __future__ import annotations

import shutil
import sys

from dingji.harmless import visible
from dingji_commands.terminal.columns import width, wrap

__all__ = ["definitions", "fitted", "pad", "terminal_columns", "width", "wrap"]


def pad(text: str, columns: int) -> str:
    """Return a text filled up to a width."""
    return text + " " * (columns - width(text))


def terminal_columns() -> int:
    """Return how wide text may be: the terminal's width, 80 where there is none."""
    return max(40, min(shutil.get_terminal_size().columns, 100))


def fitted(sentence: str, *, err: bool = False) -> str:
    """Return a sentence as it is shown: broken between words on a terminal, in one line elsewhere.

    What is indented or pointed to by an arrow goes on two columns further in.
    """
    stream = sys.stderr if err else sys.stdout
    if not stream.isatty():
        return sentence
    hanging = len(sentence) - len(sentence.lstrip(" ")) + (2 if sentence.startswith((" ", "→")) else 0)
    return f"\n{'':{hanging}}".join(wrap(sentence, terminal_columns() - hanging))


def definitions(rows: list[tuple[str, str]], columns: int, widest: int = 30) -> list[str]:
    """Return rows of (term, meaning), the meanings aligned and broken to the width; a term is made visible.

    A meaning with a word that has no room beside the terms, such as a digest, stands below its own.
    """
    rows = [(visible(term), meaning) for term, meaning in rows]
    first = min(max((width(term) for term, _ in rows), default=0), widest)
    room = max(20, columns - first - 4)
    lines: list[str] = []
    for term, meaning in rows:
        broken = wrap(meaning, room)
        if max(map(width, broken)) > room:
            lines += [f"  {term}", *(f"    {line}" for line in wrap(meaning, columns - 4))]
            continue
        if width(term) > first:
            lines.append(f"  {term}")
        else:
            lines.append(f"  {pad(term, first)}  {broken.pop(0)}".rstrip())
        lines += [f"  {'':{first}}  {line}" for line in broken]
    return lines
