"""A derivation as a tree: acts with their rules, assessments down to facts and papers, in the user's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from dingji.catalogue.standard import Requirement
from dingji.events.events import CheckOwner
from dingji.moments import shown
from dingji_commands.terminal.tree import Branch
from dingji_commands.wording.findings import ORDER, SETTLED
from dingji_commands.wording.names import Names
from dingji_commands.wording.values import value_text
from dingji_commands.wording.words import say, text
from dingji_projections.why.derivation import (
    DerivedAct,
    DerivedAssessment,
    FactUsed,
    PaperUsed,
    Rule,
    StatementUsed,
    TracedFinding,
    Voided,
    Why,
)

VERDICTS: Final = ("irregular", "hindsight", "unsupported", "satisfied", "moot")
"""What becomes of rules, as they are listed: what is amiss first."""


class AssessmentBranches:
    """The branches of a tree below an assessment."""

    def __init__(self, names: Names) -> None:
        self.names, self.language = names, names.language

    def add(self, above: Branch, assessed: DerivedAssessment) -> None:
        """Add what an assessment was made with, and its findings: those that fall short first."""
        self._made_with(above.add(self.names.say("made-with")), assessed)
        counted = Counter(str(traced.outcome) for traced in assessed.findings)
        outcomes = self.names.outcomes(counted)
        gone = sum(not traced.supported for traced in assessed.findings)
        lost = self.names.say("findings-lost", count=gone) if gone else ""
        title = self.names.say("findings", count=len(assessed.findings), outcomes=outcomes, lost=lost)
        branch = above.add(title, first=any(map(falls_short, assessed.findings)))
        titles = self.names.requirements(assessed.notice, assessed.standard)
        short = [traced for traced in assessed.findings if falls_short(traced)]
        rest = [traced for traced in assessed.findings if not falls_short(traced)]
        for traced in sorted(short, key=lambda one: (one.supported, ORDER.index(one.outcome))):
            self._finding(branch, traced, titles.get(traced.requirement))
        if short and rest:  # what there is nothing to say of is folded together
            branch = branch.add(self.names.outcomes(Counter(str(traced.outcome) for traced in rest)))
        for traced in rest:
            self._finding(branch, traced, titles.get(traced.requirement))

    def _made_with(self, above: Branch, assessed: DerivedAssessment) -> None:
        standard = self.names.labels.of("level", assessed.standard)
        nothing = self.names.say("no-adoption")
        adopted, digest = assessed.adopted or nothing, self.names.digest(assessed.catalogue)
        above.add(self.names.say("catalogue", standard=standard, digest=digest, adopted=adopted))
        installed = self.names.standard(assessed.notice, assessed.standard)
        if installed is None or installed.digest != assessed.catalogue:
            above.add(self.names.say("titles-none" if installed is None else "titles-installed"))
        size = self.names.size(assessed.size)
        serves = self.names.labels.of("place", assessed.serves)
        words = {"size": size, "sized": assessed.sized or nothing, "serves": serves, "read_to": assessed.read_to}
        above.add(self.names.say("circumstances", **words))
        owners: dict[CheckOwner, list[str]] = {}
        for name, owner in assessed.checks.items():
            owners.setdefault(owner, []).append(name)
        for owner, names in owners.items():
            words = {"distribution": owner.distribution, "version": owner.version, "checks": ", ".join(names)}
            above.add(self.names.say("owner", digest=self.names.digest(owner.digest), **words))

    def _finding(self, above: Branch, traced: TracedFinding, requirement: Requirement | None) -> Branch:
        """Add one finding with what it rests on; return its branch."""
        figures = self.names.figures(traced.measured, traced.required)
        title = self.names.title(requirement)
        words = {"requirement": traced.requirement, "outcome": text("outcome", traced.outcome, self.language)}
        branch = above.add(self.names.say("finding", title=title, figures=figures, **words), first=falls_short(traced))
        if traced.reason is not None:
            branch.add(traced.reason[self.language])
        for fact in traced.facts:
            self._fact(branch, fact)
        for key, why in traced.lacking.items():
            branch.add(self.names.say("lacking", fact=self.names.fact(key), why=text("lacking", why, self.language)))
        self._rest(branch, traced, requirement)
        for paper in traced.papers:
            branch.add(self._paper(paper))
        return branch

    def _rest(self, branch: Branch, traced: TracedFinding, requirement: Requirement | None) -> None:
        """Add the judgement and the readings."""
        judged, reading = traced.judgement, traced.reading
        if judged is not None and judged.outcome is None:
            branch.add(self.names.say("not-in-log", entry=judged.entry))
        elif judged is not None:
            stated = self._stated(judged.entry, judged.on, judged.office)
            outcome = text("outcome", judged.outcome or "", self.language)
            gone = "" if judged.supported else self.names.say("lost", entries=judged.entry)
            branch.add(gone + self.names.say("judgement", outcome=outcome, reason=judged.reason, stated=stated))
        if reading is not None:
            entry = f" · {reading.entry}" if reading.entry else ""
            gone = "" if reading.supported else self.names.say("lost", entries=reading.entry or reading.reading)
            branch.add(
                gone + self.names.say("reading", reading=self.names.reading(requirement, reading.reading), entry=entry)
            )
        if traced.shown is not None:
            branch.add(self.names.say("shown", entry=traced.shown))
        for other, outcome in traced.otherwise.items():
            named = self.names.reading(requirement, other)
            branch.add(self.names.say("otherwise", reading=named, outcome=text("outcome", outcome, self.language)))

    def _fact(self, above: Branch, fact: FactUsed) -> None:
        if fact.statement is None:
            above.add(self.names.say("not-in-log", entry=fact.entry))
            return
        gone = "" if fact.supported else self.names.say("lost", entries=fact.entry)
        branch = above.add(
            gone + self.names.say("fact", fact=self.names.fact(fact.key), **self._value(fact.statement)),
            first=not fact.supported,
        )
        for paper in fact.papers:
            branch.add(self._paper(paper))
        for other in fact.differing:
            branch.add(self.names.say("differing", **self._value(other)))
        for key, entry in (("instead", fact.instead), ("since", fact.since)):
            if entry is not None:
                branch.add(self.names.say(key, entry=entry))

    def _value(self, stated: StatementUsed) -> dict[str, str]:
        value = value_text(stated.value, self.language, self.names.codes, self.names.longest)
        return {"value": value, "stated": self._stated(stated.entry, stated.on, stated.office)}

    def _stated(self, entry: str, on: Any, office: str | None) -> str:
        return self.names.say("stated", entry=entry, on=on, office=self.names.offices[office or ""])

    def _paper(self, paper: PaperUsed) -> str:
        digest = self.names.digest(paper.sha256)
        if paper.entry is None:
            return self.names.say("paper-lost", digest=digest)
        return self.names.say("paper", name=paper.name, digest=digest, entry=paper.entry)


def falls_short(traced: TracedFinding) -> bool:
    """Return whether a finding keeps a standard from being reached, or has lost what it rests on."""
    return not traced.supported or traced.outcome not in SETTLED


class DerivationTree:
    """A derivation as a tree, with the labels of its ledger and the titles of what is installed."""

    def __init__(self, names: Names) -> None:
        self.names, self.language = names, names.language
        self._assessments = AssessmentBranches(names)

    def tree(self, found: Why) -> Branch:
        """Return a derivation as a tree."""
        self.names.offices[found.station] = found.name  # it may have reported about itself
        level, county = self.names.labels.of("level", found.level), self.names.offices[found.county.value or ""]
        size = self.names.size(found.size.value)
        words = {"station": found.station, "name": found.name, "county": county, "size": size}
        root = Branch(self.names.say("title", on=self.names.basis.on, level=level, **words))
        self._act(root, "begun" if found.decision.verb == "register" else "decision", found.decision, level=level)
        root.branches[0].first = True
        for act in (*found.upheld, *((found.lodging,) if found.lodging else ())):
            self._act(root, "step", act)
        if found.unlodged is not None:
            root.add(self.names.say("unlodged", days=found.unlodged))
        self._line(root, found)
        placed = {"size": size, "sized": found.size.entry or "—", "county": county, "placed": found.county.entry}
        root.add(self.names.say("placed", **placed))
        if found.voided:
            self._voided(root, found.voided)
        return root

    def _act(self, above: Branch, key: str, act: DerivedAct, **words: Any) -> None:
        """Add one act: what, when, by whom; then its rules, its steps, and what is amiss with it."""
        branch = above.add(self._mark(act) + self.names.say(key, what=self._what(act), **words), first=_amiss(act))
        for note in self._notes(act):
            branch.add(note)
        if act.rules:
            self._rules(branch, act)
        for step in act.steps:
            self._act(branch, "step", step)
        if act.assessed is not None:
            self._assessments.add(branch, act.assessed)

    def _mark(self, act: DerivedAct) -> str:
        if act.voided_by is not None:
            return self.names.say("gone", void=act.voided_by)
        gone = say(self.language, "comma").join(act.unsupported)
        return self.names.say("lost", entries=gone) if gone else ""

    def _what(self, act: DerivedAct) -> str:
        if act.verb is None:
            return self.names.say("not-in-log", entry=act.entry)
        return self.names.say(
            "act",
            on=act.on,
            verb=self.names.verb(act.verb),
            object=self._object(act),
            document=self.names.say("document", document=act.document) if act.document else "",
            office=self.names.offices[act.office or ""],
            person=self.names.say("person", person=act.person) if act.person else "",
            entry=act.entry,
        )

    def _object(self, act: DerivedAct) -> str:
        """Return what an act is about: its level or standard with the verdict, and its round."""
        own = act.details
        level = own.get("to") or own.get("level") or (act.assessed.standard if act.assessed else None)
        verdict = text("verdict", act.assessed.verdict, self.language) if act.assessed else None
        named = own.get("round") or own.get("certification")
        parts = [self.names.labels.of("level", level) if level else None, verdict, named]
        return "".join(self.names.say("object", object=part) for part in parts if part)

    def _notes(self, act: DerivedAct) -> Iterable[str]:
        """Yield the remarks on an act beyond who and when, and each of its irregularities."""
        if act.recorded_at is not None:
            yield self.names.say(
                "recorded", recorded=shown(act.recorded_at, self.names.basis.zone), position=act.position
            )
        if act.on_precision != "day":
            yield self.names.say(f"precision-{act.on_precision}")
        for key, value in (("reason", act.details.get("reason")), ("under", act.details.get("under"))):
            if value:
                yield self.names.say(key, **{key: value})
        if act.note:
            yield self.names.say("note", note=act.note)
        if act.irregular:
            yield self.names.say("irregular", reason=act.irregular)
        for fault in act.irregularities:
            message = fault.render(self.language)["message"]
            yield self.names.say("amiss", code=fault.code, clause=self.names.clause(fault.clause), message=message)
        if act.instead is not None:
            yield self.names.say("instead", entry=act.instead)

    def _rules(self, above: Branch, act: DerivedAct) -> None:
        broken = [rule for rule in act.rules if _broken(rule)]
        kept = [rule for rule in act.rules if not _broken(rule)]
        title = self.names.say("rules", count=len(act.rules), verdicts=self._verdicts(act.rules))
        branch = above.add(title, first=bool(broken))
        for rule in sorted(broken, key=lambda one: VERDICTS.index(one.verdict)):
            branch.add(self._rule(rule, act))
        if broken and kept:
            branch = branch.add(self._verdicts(kept))
        for rule in sorted(kept, key=lambda one: VERDICTS.index(one.verdict)):
            branch.add(self._rule(rule, act))

    def _verdicts(self, rules: Iterable[Rule]) -> str:
        counted = Counter(rule.verdict for rule in rules)
        return say(self.language, "comma").join(
            say(self.language, "outcome-count", outcome=text("kept", verdict, self.language), count=counted[verdict])
            for verdict in VERDICTS
            if counted[verdict]
        )

    def _rule(self, rule: Rule, act: DerivedAct) -> str:
        tables = (("rule", f"{act.verb}.{rule.code}"), ("rule", rule.code), ("hindsight", rule.code))
        sentence = next((found for table, key in tables if (found := text(table, key, self.language))), "")
        verdict = text("kept", rule.verdict, self.language)
        return self.names.say(
            "rule", verdict=verdict, rule=sentence, clause=self.names.clause(rule.clause), code=rule.code
        )

    def _line(self, root: Branch, found: Why) -> None:
        branch = root.add(self.names.say("line", count=len(found.line)))
        for one in found.line:
            effect = text("effect", one.effect, self.language)
            words = {"on": one.on, "verb": self.names.verb(one.verb), "entry": one.entry}
            branch.add(
                self.names.say("bearing", level=self.names.labels.of("level", one.level), effect=effect, **words)
            )
        if found.instead is None:
            branch.add(self.names.say("without-nothing", entry=found.entry))
        else:
            branch.add(self.names.say("without", entry=found.entry, level=self.names.labels.of("level", found.instead)))

    def _voided(self, root: Branch, voided: tuple[Voided, ...]) -> None:
        branch = root.add(self.names.say("voided", count=len(voided)), first=True)
        for one in voided:
            level = self.names.say("void-level", level=self.names.labels.of("level", one.level)) if one.level else ""
            words = {"on": one.on, "verb": self.names.verb(one.verb), "office": self.names.offices[one.office]}
            reason = one.reason or one.cause or ""
            branch.add(self.names.say("void", entry=one.entry, void=one.void, reason=reason, level=level, **words))


def _broken(rule: Rule) -> bool:
    return rule.verdict not in {"satisfied", "moot"}


def _amiss(act: DerivedAct) -> bool:
    """Return whether an act has lost a ground, broken a rule, or found something that falls short."""
    lost = bool(act.unsupported) or act.voided_by is not None or any(map(_broken, act.rules))
    return lost or (act.assessed is not None and any(map(falls_short, act.assessed.findings)))
