"""What a check is: a pure function of a requirement and a dossier; its finding, and its owner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from dingji.catalogue.parameters import Parameters
from dingji.catalogue.standard import Requirement
from dingji.checks.dossier import Dossier
from dingji.events.events import CheckOwner
from dingji.terms import Outcome
from dingji.texts import Text


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

CheckFunction = Callable[[Requirement, Dossier], Finding]
"""A check: no clock, file, network or randomness; facts only through the dossier."""


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
