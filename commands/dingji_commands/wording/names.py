"""What a derivation's parts are called: by the ledger's own labels, and by the titles of what is installed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from dingji.catalogue.facts import Facts
from dingji.catalogue.standard import Requirement, Standard
from dingji.events.vocabulary import TOPIC_OF_VERB
from dingji.plugins.manager import Plugins
from dingji_commands.wording.fault_words import bracketed
from dingji_commands.wording.findings import ORDER
from dingji_commands.wording.labels import Labels, OfficeNames
from dingji_commands.wording.values import LONGEST, says, short_digest, value_text
from dingji_commands.wording.words import filled, label, say, text
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views


class Names:
    """What things are called in one language, as known at a basis."""

    def __init__(
        self, views: Views, basis: Basis, language: str, plugins: Plugins, notice: str, *, whole: bool = False
    ) -> None:
        """Name things as known at the basis, by a notice; without its plugin a requirement is called by its id alone.

        What is `whole` has every value and digest in full.
        """
        self.basis, self.language = basis, language
        self.longest = None if whole else LONGEST
        self._whole = whole
        self.labels = Labels(views.log, language, basis.known)
        self.offices = OfficeNames(views.log, basis.on, basis.known)
        self.notice, self._plugins = notice, plugins

    def say(self, key: str, /, **words: Any) -> str:
        """Return a sentence of why.toml with its {names} filled in."""
        return filled("why", key, self.language, **words)

    def size(self, code: str | None) -> str:
        """Return what a size class is called, or that there is none."""
        return str(self.labels.of("size", code)) if code else self.say("no-size")

    def verb(self, verb: str) -> str:
        """Return what an act is called by the verb that submits it."""
        return label("event", TOPIC_OF_VERB.get(verb, verb), self.language)

    def clause(self, clause: str | None) -> str:
        """Return a clause of the notice in brackets."""
        return bracketed(clause, self.language)

    def outcomes(self, counted: Mapping[str, int]) -> str:
        """Return how often each outcome came out, what falls short first."""
        return say(self.language, "comma").join(
            say(self.language, "outcome-count", outcome=text("outcome", outcome, self.language), count=counted[outcome])
            for outcome in ORDER
            if counted.get(outcome)
        )

    def title(self, requirement: Requirement | None) -> str:
        """Return what a requirement asks for, after a colon."""
        return say(self.language, "colon") + requirement.title[self.language] if requirement else ""

    def reading(self, requirement: Requirement | None, id_: str) -> str:
        """Return a reading of an unclear cell by its id, with what it says."""
        found = requirement.reading(id_) if requirement else None
        return self.say("reading-named", reading=id_, text=found.text[self.language]) if found else id_

    def figures(self, measured: Any, required: Any) -> str:
        """Return what was measured and required, where that says anything."""
        both = (("finding-measured", measured), ("finding-required", required))
        parts = [
            say(self.language, key, value=value_text(value, self.language, self.codes, self.longest))
            for key, value in both
            if says(value)
        ]
        return self.say("figures", figures=say(self.language, "semicolon").join(parts)) if parts else ""

    def digest(self, digest: str) -> str:
        """Return a digest as it is shown."""
        return digest if self._whole else short_digest(digest)

    def fact(self, key: str) -> str:
        """Return a fact's key with its label."""
        kind = self._facts.get(key) if self._facts else None
        return say(self.language, "fact-named", key=key, label=kind.label[self.language]) if kind else key

    @cached_property
    def _facts(self) -> Facts | None:
        notice = self._plugins.notice(self.notice)
        return self._plugins.facts(notice) if notice else None

    @cached_property
    def codes(self) -> dict[str, str]:
        """The label of every code that a fact can hold."""
        forms = (part for kind in (self._facts or {}).values() for part in kind.form.parts())
        return {code: label[self.language] for part in forms for code, label in part.values.items()}

    def requirements(self, notice_id: str, standard: str) -> dict[str, Requirement]:
        """Return the requirements of a standard as installed, none where it is not."""
        found = self.standard(notice_id, standard)
        return {one.id: one for one in found.requirements} if found else {}

    def standard(self, notice_id: str, code: str) -> Standard | None:
        """Return a standard as installed, None where it is not."""
        notice = self._plugins.notice(notice_id)
        known = notice is not None and code in self._plugins.standard_codes(notice)
        return self._plugins.standard(notice, code) if notice and known else None
