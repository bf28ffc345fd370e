"""Conditions as data: when a requirement, or a part of a check, applies, and the comparisons that decide it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec

ORDERED: Final = ("int", "date")
MEMBERS: Final = ("list[enum]", "list[text]")
LISTS: Final = (*MEMBERS, "list[int]", "list[date]", "list[record]")


class Operator(NamedTuple):
    """A comparison of a fact's value with a wanted one, and the types of the facts that it can compare."""

    compare: Callable[[Any, Any], bool]
    types: tuple[str, ...]


OPERATORS: Final = {
    "more_than": Operator(operator.gt, ORDERED),
    "at_least": Operator(operator.ge, ORDERED),
    "less_than": Operator(operator.lt, ORDERED),
    "at_most": Operator(operator.le, ORDERED),
    "is": Operator(operator.eq, ("bool", "int", "enum", "text", "date")),
    "contains": Operator(operator.contains, MEMBERS),
    "contains_any": Operator(lambda held, wanted: any(one in held for one in wanted), MEMBERS),
    "empty": Operator(lambda held, wanted: (not held) is wanted, LISTS),
}
"""Every comparison by the key under which a condition writes it."""


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One comparison of a fact, or several conditions: any of them must hold, or all."""

    fact: str | None = None
    more_than: int | date | None = None
    at_least: int | date | None = None
    less_than: int | date | None = None
    at_most: int | date | None = None
    is_: Any = msgspec.field(default=None, name="is")
    contains: str | None = None
    contains_any: tuple[str, ...] | None = None
    empty: bool | None = None
    any_: tuple[Condition, ...] = msgspec.field(default=(), name="any")
    all_: tuple[Condition, ...] = msgspec.field(default=(), name="all")

    def comparisons(self) -> dict[str, Any]:
        """Return what the fact is compared with, by operator: exactly one in a sound condition."""
        written = {"is": self.is_} | {name: getattr(self, name) for name in OPERATORS if name != "is"}
        return {name: _plain(value) for name, value in written.items() if value is not None}

    def is_sound(self) -> bool:
        """Return whether it is exactly one of: a fact with one comparison, any, all."""
        forms = (self.fact is not None, bool(self.any_), bool(self.all_))
        return sum(forms) == 1 and len(self.comparisons()) == (1 if self.fact else 0)

    def leaves(self) -> Iterator[Condition]:
        """Yield every comparison in it, however deep."""
        for part in self.any_ + self.all_:
            yield from part.leaves()
        if not self.any_ + self.all_:
            yield self


def _plain(value: Any) -> Any:
    """Return a date as text, as facts hold it."""
    return value.isoformat() if isinstance(value, date) else value
