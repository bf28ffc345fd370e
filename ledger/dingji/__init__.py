"""The ledger of levels: what a plugin author may import.

Hooks
- `hookimpl` marks the functions of a plugin that implement `register_notices`, `register_standards`, `register_checks`.
- `RegisterNotice`, `RegisterStandard` and `RegisterCheck` are the types of the `register` that each of them is handed.

A check is a function `(requirement, dossier) -> Finding`; these are what it is made of:
- `Requirement` is what it judges: its text, sizes, window and typed `parameters`, under one reading.
- `Dossier` is what it may look at: `known`, `supported`, `values` of facts, `limit` of a threshold, `window`, `size`.
- `Fact` is a fact that is known: its `value`, the `statement` in force, its `evidence`, its `kind`.
- `FactKind` is what the dictionary says of a fact: its `label`, `unit`, `form`, for how long a statement counts.
- `Unknown` is a fact that is not, and why: missing, unconfirmed, stale or unsupported.
- `Finding` is what it returns: an `Outcome`, what was measured and required, and a reason.
- `Outcome` is one of met, not_met, not_applicable, undetermined, needs_judgement (error is the engine's own).
- `UNDETERMINED` is the finding to return when a fact that was asked for is not known: the engine names the facts.
- `Phrases` reads the templates of a TOML file beside the check, for reasons in Chinese and English.
- `Text` is a text in every language: `{"zh": …, "en": …}`.
- `Window` is a run of days; a day, as a date or as facts state it, can be `in` it.

Parameters of a check are a frozen subclass of one base, whose fields may be these besides plain types:
- `Parameters` is the base: unknown keys are refused.
- `FactKey` names a fact of any type, `BoolFact` a declaration, `IntFact` a number, `NumbersFact` a list of numbers,
  `CountFact` a number or a list of them, `EnumFact` one of several values, `ItemsFact` a list of values or texts,
  `RecordsFact` a list of records, `EntriesFact` a list of records or dates; a catalogue that names another is refused.
- `Threshold` is a number for all, by size, or by size and kind of place; `When` is a condition, for `Dossier.holds`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from dingji.catalogue.facts import FactKind
    from dingji.catalogue.parameters import (
        BoolFact,
        CountFact,
        EntriesFact,
        EnumFact,
        FactKey,
        IntFact,
        ItemsFact,
        NumbersFact,
        Parameters,
        RecordsFact,
        Threshold,
        When,
    )
    from dingji.catalogue.standard import Requirement
    from dingji.checks.check import UNDETERMINED, Finding
    from dingji.checks.dossier import Dossier, Fact, Unknown
    from dingji.dates import Window
    from dingji.plugins.hookspecs import RegisterCheck, RegisterNotice, RegisterStandard, hookimpl
    from dingji.terms import Outcome
    from dingji.texts import Phrases, Text

__all__ = [
    "UNDETERMINED",
    "BoolFact",
    "CountFact",
    "Dossier",
    "EntriesFact",
    "EnumFact",
    "Fact",
    "FactKey",
    "FactKind",
    "Finding",
    "IntFact",
    "ItemsFact",
    "NumbersFact",
    "Outcome",
    "Parameters",
    "Phrases",
    "RecordsFact",
    "RegisterCheck",
    "RegisterNotice",
    "RegisterStandard",
    "Requirement",
    "Text",
    "Threshold",
    "Unknown",
    "When",
    "Window",
    "hookimpl",
]

_HOMES: Final[dict[str, str]] = {
    "Requirement": "catalogue.standard",
    "Finding": "checks.check",
    "UNDETERMINED": "checks.check",
    "Dossier": "checks.dossier",
    "Fact": "checks.dossier",
    "Unknown": "checks.dossier",
    "FactKind": "catalogue.facts",
    "RegisterCheck": "plugins.hookspecs",
    "RegisterNotice": "plugins.hookspecs",
    "RegisterStandard": "plugins.hookspecs",
    "hookimpl": "plugins.hookspecs",
    "Outcome": "terms",
    "Phrases": "texts",
    "Text": "texts",
    "Window": "dates",
}
"""The modules of the names that are not in `catalogue.parameters`; each is imported when a name of it is first used."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'dingji' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"dingji.{_HOMES.get(name, 'catalogue.parameters')}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
