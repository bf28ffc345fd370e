"""A tree drawn with lines, and folded until it fits a screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from dingji_commands.layout import wrap
from dingji_commands.words import text

NARROWEST: Final = 24
"""Columns that the text of a branch is given, however deep it stands."""


@dataclass(slots=True)
class Branch:
    """A text with branches below it; `first` says that it is unfolded before others that stand as deep."""

    text: str
    branches: list[Branch] = field(default_factory=list)
    first: bool = False
    open: bool = True

    def add(self, told: str, *, first: bool = False) -> Branch:
        """Add a branch below, and return it."""
        below = Branch(told, first=first)
        self.branches.append(below)
        return below

    def size(self) -> int:
        """Return how many branches stand below, all the way down."""
        return sum(1 + below.size() for below in self.branches)


def drawn(root: Branch, columns: int, language: str) -> list[str]:
    """Return the lines of a tree; a folded branch says how much it holds."""
    return [*wrap(_told(root, language), columns), *_below(root, "", columns, language)]


def _below(branch: Branch, indent: str, columns: int, language: str) -> Iterator[str]:
    if not branch.open:
        return
    for below in branch.branches:
        last = below is branch.branches[-1]
        guides = ("└─ ", "   ") if last else ("├─ ", "│  ")
        head, *rest = wrap(_told(below, language), max(columns - len(indent) - 3, NARROWEST))
        yield indent + guides[0] + head
        yield from (indent + guides[1] + line for line in rest)
        yield from _below(below, indent + guides[1], columns, language)


def _told(branch: Branch, language: str) -> str:
    if branch.open or not branch.branches:
        return branch.text
    more = text("why", "more", language) or "{text}"
    return more.format(text=branch.text, count=branch.size())


def fold(root: Branch, columns: int, rows: int, language: str) -> bool:
    """Fold a tree until it takes no more rows than there are; return whether anything is folded.

    From the top down, a branch is unfolded where that fits; those marked `first` before others as deep.
    """
    level, whole = [below for below in root.branches if below.branches], True
    while level:
        for branch in level:
            branch.open = False
        for branch in sorted(level, key=lambda one: not one.first):
            branch.open = True
            for below in branch.branches:
                below.open = False
            if len(drawn(root, columns, language)) > rows:
                branch.open = whole = False
        level = [below for branch in level if branch.open for below in branch.branches if below.branches]
    return not whole
