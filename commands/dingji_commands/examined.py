"""An assessment in a derivation, as branches: what it was made with, and its findings down to facts and papers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from dingji_commands.finding import told_value
from dingji_commands.findings import ORDER, SETTLED
from dingji_commands.naming import Names
from dingji_commands.tree import Branch
from dingji_commands.words import text

if TYPE_CHECKING:
    from dingji.catalogue import Requirement
    from dingji.events import CheckOwner
    from dingji_projections.derivation import Assessed, FactUsed, Paper, Stated, Traced


class Examined(Names):
    """Tells assessments."""

    def assessed(self, above: Branch, assessed: Assessed) -> None:
        """Add what an assessment was made with, and its findings: those that fall short first."""
        self._made_with(above.add(self.say("made-with")), assessed)
        counted = Counter(str(traced.outcome) for traced in assessed.findings)
        outcomes = self.outcomes(counted)
        gone = sum(not traced.supported for traced in assessed.findings)
        lost = self.say("findings-lost", count=gone) if gone else ""
        told = self.say("findings", count=len(assessed.findings), outcomes=outcomes, lost=lost)
        branch = above.add(told, first=any(map(falls_short, assessed.findings)))
        titles = self.requirements(assessed.notice, assessed.standard)
        short = [traced for traced in assessed.findings if falls_short(traced)]
        rest = [traced for traced in assessed.findings if not falls_short(traced)]
        for traced in sorted(short, key=lambda one: (one.supported, ORDER.index(one.outcome))):
            self._finding(branch, traced, titles.get(traced.requirement))
        if short and rest:  # what there is nothing to say of is folded together
            branch = branch.add(self.outcomes(Counter(str(traced.outcome) for traced in rest)))
        for traced in rest:
            self._finding(branch, traced, titles.get(traced.requirement))

    def _made_with(self, above: Branch, assessed: Assessed) -> None:
        standard = self.labels.of("level", assessed.standard)
        nothing = self.say("no-adoption")
        adopted, digest = assessed.adopted or nothing, self.digest(assessed.catalogue)
        above.add(self.say("catalogue", standard=standard, digest=digest, adopted=adopted))
        installed = self.standard(assessed.notice, assessed.standard)
        if installed is None or installed.digest != assessed.catalogue:
            above.add(self.say("titles-none" if installed is None else "titles-installed"))
        size = self.size(assessed.size)
        serves = self.labels.of("place", assessed.serves)
        words = {"size": size, "sized": assessed.sized or nothing, "serves": serves, "read_to": assessed.read_to}
        above.add(self.say("circumstances", **words))
        owners: dict[CheckOwner, list[str]] = {}
        for name, owner in assessed.checks.items():
            owners.setdefault(owner, []).append(name)
        for owner, names in owners.items():
            words = {"distribution": owner.distribution, "version": owner.version, "checks": ", ".join(names)}
            above.add(self.say("owner", digest=self.digest(owner.digest), **words))

    def _finding(self, above: Branch, traced: Traced, requirement: Requirement | None) -> Branch:
        """Add one finding with what it rests on; return its branch."""
        figures = self.figures(traced.measured, traced.required)
        title = self.title(requirement)
        words = {"requirement": traced.requirement, "outcome": text("outcome", traced.outcome, self.language)}
        branch = above.add(self.say("finding", title=title, figures=figures, **words), first=falls_short(traced))
        if traced.reason is not None:
            branch.add(traced.reason[self.language])
        for fact in traced.facts:
            self._fact(branch, fact)
        for key, why in traced.lacking.items():
            branch.add(self.say("lacking", fact=self.fact(key), why=text("lacking", why, self.language)))
        self._rest(branch, traced, requirement)
        for paper in traced.papers:
            branch.add(self._paper(paper))
        return branch

    def _rest(self, branch: Branch, traced: Traced, requirement: Requirement | None) -> None:
        """Add the judgement and the readings."""
        judged, reading = traced.judgement, traced.reading
        if judged is not None and judged.outcome is None:
            branch.add(self.say("not-in-log", entry=judged.entry))
        elif judged is not None:
            stated = self._stated(judged.entry, judged.on, judged.office)
            outcome = text("outcome", judged.outcome or "", self.language)
            gone = "" if judged.supported else self.say("lost", entries=judged.entry)
            branch.add(gone + self.say("judgement", outcome=outcome, reason=judged.reason, stated=stated))
        if reading is not None:
            entry = f" · {reading.entry}" if reading.entry else ""
            gone = "" if reading.supported else self.say("lost", entries=reading.entry or reading.reading)
            branch.add(gone + self.say("reading", reading=self.reading(requirement, reading.reading), entry=entry))
        if traced.shown is not None:
            branch.add(self.say("shown", entry=traced.shown))
        for other, outcome in traced.otherwise.items():
            told = self.reading(requirement, other)
            branch.add(self.say("otherwise", reading=told, outcome=text("outcome", outcome, self.language)))

    def _fact(self, above: Branch, fact: FactUsed) -> None:
        if fact.statement is None:
            above.add(self.say("not-in-log", entry=fact.entry))
            return
        gone = "" if fact.supported else self.say("lost", entries=fact.entry)
        branch = above.add(
            gone + self.say("fact", fact=self.fact(fact.key), **self._value(fact.statement)), first=not fact.supported
        )
        for paper in fact.papers:
            branch.add(self._paper(paper))
        for other in fact.differing:
            branch.add(self.say("differing", **self._value(other)))
        for key, entry in (("instead", fact.instead), ("since", fact.since)):
            if entry is not None:
                branch.add(self.say(key, entry=entry))

    def _value(self, stated: Stated) -> dict[str, str]:
        value = told_value(stated.value, self.language, self.codes, self.longest)
        return {"value": value, "stated": self._stated(stated.entry, stated.on, stated.office)}

    def _stated(self, entry: str, on: Any, office: str | None) -> str:
        return self.say("stated", entry=entry, on=on, office=self.offices[office or ""])

    def _paper(self, paper: Paper) -> str:
        digest = self.digest(paper.sha256)
        if paper.entry is None:
            return self.say("paper-lost", digest=digest)
        return self.say("paper", name=paper.name, digest=digest, entry=paper.entry)


def falls_short(traced: Traced) -> bool:
    """Return whether a finding keeps a standard from being reached, or has lost what it rests on."""
    return not traced.supported or traced.outcome not in SETTLED
