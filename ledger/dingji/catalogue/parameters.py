"""The parameters of a check as a requirement gives them: their base, and the types that name facts and thresholds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from dingji.catalogue.conditions import Condition
from dingji.catalogue.facts import FactKind
from dingji.texts import Text


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The base of a check's parameters: the keys that a requirement's `parameters` may have, with their types."""

    @property
    def may_judge(self) -> bool:
        """Whether a check registered with `judges` may say `needs_judgement` with these parameters."""
        return True

    def wrong(self, facts: Mapping[str, FactKind]) -> Iterable[Text]:
        """Return what is wrong with them that their types cannot say, such as a field that a fact's records lack."""
        return ()


FactKey = Annotated[str, Meta(extra={"code": "fact"})]
"""A parameter that names a fact of any type."""
BoolFact = Annotated[str, Meta(extra={"code": "fact", "of": ("bool",)})]
"""A parameter that names a fact that is a declaration."""
IntFact = Annotated[str, Meta(extra={"code": "fact", "of": ("int",)})]
"""A parameter that names a fact that is a number."""
NumbersFact = Annotated[str, Meta(extra={"code": "fact", "of": ("list[int]",)})]
"""A parameter that names a fact that is a list of numbers."""
EnumFact = Annotated[str, Meta(extra={"code": "fact", "of": ("enum",)})]
"""A parameter that names a fact that is one of several values."""
ItemsFact = Annotated[str, Meta(extra={"code": "fact", "of": ("list[enum]", "list[text]")})]
"""A parameter that names a fact that is a list of values or of texts."""
RecordsFact = Annotated[str, Meta(extra={"code": "fact", "of": ("list[record]",)})]
"""A parameter that names a fact that is a list of records."""
EntriesFact = Annotated[str, Meta(extra={"code": "fact", "of": ("list[date]", "list[record]")})]
"""A parameter that names a fact that is a list of dates or of records."""
CountFact = Annotated[str, Meta(extra={"code": "fact", "of": ("int", "list[int]")})]
"""A parameter that names a fact that is a number or a list of them."""
Threshold = Annotated[int | dict[str, int | dict[str, int]], Meta(extra={"code": "threshold"})]
"""A parameter that is a number: one for all, or by size, or by size and kind of place."""
When = Annotated[Condition, Meta(extra={"code": "condition"})]
"""A parameter that is a condition, written as a requirement's is."""
