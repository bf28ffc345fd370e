"""The base of every stock check: its parameters, its outcome, and the sentences of its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from dingji import Dossier, Fact, FactKind, Finding, Outcome, Parameters, Phrases, Text, When

SAY: Final = Phrases("dingji_plugins.stock", "stock.toml")

NO_UNIT: Final[Text] = {"zh": "", "en": ""}


def check_name(class_name: str) -> str:
    """Return the name of a check from the class of its parameters: `AtLeast` gives `at_least`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in class_name).lstrip("_")


class StockParameters(Parameters, frozen=True, kw_only=True, omit_defaults=True, tag_field="check", tag=check_name):
    """Parameters of a stock check, which can stand by themselves or as a part of `all_of`, `any_of` or `judged`.

    A part is written with its check: `{ check = "present", fact = "archive_keeper" }`. With `when`, a condition, it is
    left out where that does not hold, and undetermined where that is not known; by itself a check has no `when`, for a
    requirement has its `condition`.
    """

    when: When | None = None

    @property
    def may_judge(self) -> bool:
        """Whether the check may say `needs_judgement` with these parameters."""
        return False

    def wrong(self, facts: Mapping[str, FactKind]) -> Iterable[Text]:
        """Return what is wrong with them as a requirement's own."""
        if self.when is not None:
            yield SAY("when-in-parts")
        yield from self.misfits(facts)

    def misfits(self, facts: Mapping[str, FactKind]) -> Iterator[Text]:
        """Return what is wrong with them by themselves or in a part."""
        yield from ()


def outcome(met: bool) -> Outcome:
    """Return `met` or `not_met`."""
    return Outcome.MET if met else Outcome.NOT_MET


def shown(finding: Finding, dossier: Dossier, key: str, evidence: bool) -> Finding:
    """Return a finding; if evidence is wanted and the fact has none, `met` becomes undetermined."""
    if not evidence or finding.outcome is not Outcome.MET or isinstance(dossier.supported(key), Fact):
        return finding
    return Finding(Outcome.UNDETERMINED, finding.measured, finding.required, finding.reason)


def unit(dossier: Dossier, key: str) -> Text:
    """Return a fact's unit with a space before it, nothing if it has none."""
    words = dossier.kind(key).unit
    return SAY("unit", unit=words) if words else NO_UNIT


def sentences(*texts: Text | None) -> Text | None:
    """Return sentences as one reason, None if there are none."""
    given = [text for text in texts if text]
    if len(given) <= 1:
        return given[0] if given else None
    return {"zh": "".join(text["zh"] for text in given), "en": " ".join(text["en"] for text in given)}
