"""What a check is: a pure function of a requirement and a dossier. Its parameters' types, its finding, its owner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from msgspec import Meta

from dingji.catalogue.conditions import Condition
from dingji.events.events import CheckOwner
from dingji.faults import Text
from dingji.terms import Outcome

if TYPE_CHECKING:
    from dingji.catalogue.facts import FactKind
    from dingji.catalogue.standard import Requirement
    from dingji.checks.dossier import Dossier


class Finding(msgspec.Struct, frozen=True, gc=False):
    """What a check says of one requirement: its outcome, what was measured, what was required, and why.

    `measured` and `required` are plain data without floats. Where the outcome is undetermined for want of facts, the
    reason may be left out: the assessment names the facts.
    """

    outcome: Outcome
    measured: Any = None
    required: Any = None
    reason: Text | None = None


UNDETERMINED: Final = Finding(Outcome.UNDETERMINED)
"""What a check returns when a fact that it asked for is not known."""

CheckFunction = Callable[["Requirement", "Dossier"], Finding]
"""A check: no clock, file, network or randomness; facts only through the dossier."""


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


class CheckSpec(msgspec.Struct, frozen=True):
    """A check as a plugin registers it."""

    name: str
    function: CheckFunction
    parameters: type = Parameters
    judges: bool = False
    """Whether it may say `needs_judgement`."""

    def asks(self, parameters: Any) -> bool:
        """Return whether it may say `needs_judgement` with these parameters."""
        return self.judges and (not isinstance(parameters, Parameters) or parameters.may_judge)


class Check(msgspec.Struct, frozen=True):
    """A check ready to be run, with its owner."""

    function: CheckFunction
    judges: bool
    owner: CheckOwner
