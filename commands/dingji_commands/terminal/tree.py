"""A tree drawn with lines, and folded until it fits a screen."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Final

from dingji.harmless import visible
from dingji_commands.terminal.layout import terminal_columns, wrap
from dingji_commands.terminal.output import print_lines, print_text

NARROWEST: Final = 24
"""Columns that the text of a branch is given, however deep it stands."""

ROWS: Final = 40
"""Rows of a screen where there is none: what is piped comes out the same everywhere."""

BESIDES: Final = 4
"""Rows that a screen needs for what stands below the tree."""


@dataclass(slots=True)
class Branch:
    """A text of one line with branches below it; `first` says that it is unfolded before others that stand as deep.

    `shown` says how many of the branches below are unfolded, None for all.
    """

    text: str
    branches: list[Branch] = field(default_factory=list)
    first: bool = False
    shown: int | None = None

    def add(self, text: str, *, first: bool = False) -> Branch:
        """Add a branch below, and return it."""
        below = Branch(text, first=first)
        self.branches.append(below)
        return below

    @property
    def unfolded(self) -> list[Branch]:
        """The branches below that are shown."""
        return self.branches if self.shown is None else self.branches[: self.shown]

    def hidden(self) -> int:
        """Return how many branches stand below those shown, all the way down."""
        rest = () if self.shown is None else self.branches[self.shown :]
        return sum(1 + below.size() for below in rest)

    def size(self) -> int:
        """Return how many branches stand below, all the way down."""
        return sum(1 + below.size() for below in self.branches)


def print_tree(root: Branch, *, full: bool, more: str, folded: str) -> None:
    """Print a tree, folded to a screen unless it is wanted in full; `folded` is printed below a folded one."""
    columns = terminal_columns()
    rows = shutil.get_terminal_size().lines if sys.stdout.isatty() else ROWS
    is_folded = not full and fold(root, columns, rows - BESIDES, more)
    print_lines([*drawn(root, columns, more), ""])
    if is_folded:
        print_text(folded)


def drawn(root: Branch, columns: int, more: str) -> list[str]:
    """Return the lines of a tree; a folded branch says how much it holds by `more`, which has {text} and {count}."""
    return [*wrap(_line(root, more), columns), *_below(root, "", columns, more)]


def _below(branch: Branch, indent: str, columns: int, more: str) -> Iterator[str]:
    shown, hidden = branch.unfolded, branch.hidden()
    rest = [Branch(more.format(text="", count=hidden).strip())] if hidden and shown else []
    for place, below in enumerate([*shown, *rest], 1):
        last = place == len(shown) + len(rest)
        guides = ("└─ ", "   ") if last else ("├─ ", "│  ")
        head, *tail = wrap(_line(below, more), max(columns - len(indent) - 3, NARROWEST))
        yield indent + guides[0] + head
        yield from (indent + guides[1] + line for line in tail)
        yield from _below(below, indent + guides[1], columns, more)


def _line(branch: Branch, more: str) -> str:
    hidden, text = branch.hidden(), visible(branch.text)
    return text if not hidden or branch.shown else more.format(text=text, count=hidden)


def fold(root: Branch, columns: int, rows: int, more: str) -> bool:
    """Fold a tree until it takes no more rows than there are; return whether anything is folded.

    Branches marked `first` are unfolded before others, all the way down, and if they do not fit as far as they do; the
    others from the top down where they fit.
    """
    waiting: list[tuple[bool, int, int, Branch]] = []
    whole, count = True, 0

    def await_below(branch: Branch, *, first: bool, depth: int) -> None:
        nonlocal count
        for below in branch.unfolded:
            if below.branches:
                below.shown = 0
                count += 1
                heappush(waiting, (not (first and below.first), depth, count, below))

    await_below(root, first=True, depth=1)
    while waiting:
        last, depth, _, branch = heappop(waiting)
        for below in branch.branches:
            below.shown = 0
        branch.shown = None
        if not _fits(root, columns, rows, more):
            branch.shown, whole = 0, False
            if branch.first:
                _unfold(branch, root, columns, rows, more)
        await_below(branch, first=not last, depth=depth + 1)
    return not whole


def _unfold(branch: Branch, root: Branch, columns: int, rows: int, more: str) -> None:
    """Unfold as much of a branch as there is room for."""
    low, high = 0, len(branch.branches) - 1
    while low < high:
        branch.shown = (low + high + 1) // 2
        low, high = (branch.shown, high) if _fits(root, columns, rows, more) else (low, branch.shown - 1)
    branch.shown = low


def _fits(root: Branch, columns: int, rows: int, more: str) -> bool:
    return len(drawn(root, columns, more)) <= rows
