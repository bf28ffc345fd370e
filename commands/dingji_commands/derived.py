"""A derivation as a tree: acts with their rules, assessments down to facts and papers, in the user's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from dingji_commands import wiring
from dingji_commands.asking import civil
from dingji_commands.finding import says, told_value
from dingji_commands.findings import ORDER
from dingji_commands.labels import Labels, OfficeNames
from dingji_commands.tree import Branch
from dingji_commands.words import say, text

if TYPE_CHECKING:
    from dingji.catalogue import Requirement
    from dingji.events import CheckOwner
    from dingji.facts import Facts
    from dingji_commands.settings import Settings
    from dingji_projections.basis import Basis
    from dingji_projections.derivation import Act, Assessed, FactUsed, Paper, Rule, Stated, Traced, Voided, Why
    from dingji_projections.engine import Views

SHOWN_DIGITS: Final = 12
"""Digits of a digest that are shown; JSON has it whole."""

VERDICTS: Final = ("irregular", "hindsight", "unsupported", "satisfied", "moot")
"""What becomes of rules, as they are listed: what is amiss first."""


class Teller:
    """Tells a derivation to a person, with the labels of its ledger and the titles of what is installed."""

    def __init__(self, views: Views, basis: Basis, settings: Settings) -> None:
        """Name things as known at the basis; without its plugin a requirement is called by its id alone."""
        self.basis, self.language = basis, settings.language
        self.labels = Labels(views.log, settings.language, basis.known)
        self.offices = OfficeNames(views.log, basis.on, basis.known)
        self.notice = wiring.governing_notice(views.log, basis)
        self._plugins = wiring.plugins()
        self._titles: dict[tuple[str, str], dict[str, Requirement]] = {}

    def say(self, key: str, /, **words: Any) -> str:
        """Return a sentence of why.toml with its {names} filled in."""
        return (text("why", key, self.language) or key).format_map(words)

    def tree(self, found: Why) -> Branch:
        """Return a derivation as a tree."""
        self.offices[found.station] = found.name  # it may have reported about itself
        level, county = self.labels.of("level", found.level), self.offices[found.county.value or ""]
        size = self.size(found.size.value)
        words = {"station": found.station, "name": found.name, "county": county, "size": size}
        root = Branch(self.say("title", on=self.basis.on, level=level, **words))
        self._act(root, "begun" if found.decision.verb == "register" else "decision", found.decision, level=level)
        root.branches[0].first = True
        for act in (*found.upheld, *((found.lodging,) if found.lodging else ())):
            self._act(root, "step", act)
        self._line(root, found)
        placed = {"size": size, "sized": found.size.entry or "—", "county": county, "placed": found.county.entry}
        root.add(self.say("placed", **placed))
        if found.voided:
            self._voided(root, found.voided)
        return root

    def size(self, code: str | None) -> str:
        """Return what a size class is called, or that there is none."""
        return str(self.labels.of("size", code)) if code else self.say("no-size")

    def _act(self, above: Branch, key: str, act: Act, **words: Any) -> None:
        """Add one act: what, when, by whom; then its rules, its steps, and what is amiss with it."""
        branch = above.add(self._mark(act) + self.say(key, what=self._what(act), **words), first=bool(act.unsupported))
        for told in self._notes(act):
            branch.add(told)
        if act.rules:
            self._rules(branch, act.rules)
        for step in act.steps:
            self._act(branch, "step", step)
        if act.assessed is not None:
            self._assessed(branch, act.assessed)

    def _mark(self, act: Act) -> str:
        if act.voided_by is not None:
            return self.say("gone", void=act.voided_by)
        gone = say(self.language, "comma").join(act.unsupported)
        return self.say("lost", entries=gone) if gone else ""

    def _what(self, act: Act) -> str:
        if act.verb is None:
            return self.say("not-in-log", entry=act.entry)
        return self.say(
            "act",
            on=act.on,
            verb=self.verb(act.verb),
            object=self._object(act),
            document=self.say("document", document=act.document) if act.document else "",
            office=self.offices[act.office or ""],
            person=self.say("person", person=act.person) if act.person else "",
            entry=act.entry,
        )

    def _object(self, act: Act) -> str:
        """Return what an act is about: its level or standard with the verdict, and its round."""
        own = act.details
        level = own.get("to") or own.get("level") or (act.assessed.standard if act.assessed else None)
        verdict = text("verdict", act.assessed.verdict, self.language) if act.assessed else None
        named = own.get("round") or own.get("certification")
        parts = [self.labels.of("level", level) if level else None, verdict, named]
        return "".join(self.say("object", object=part) for part in parts if part)

    def verb(self, verb: str) -> str:
        """Return what an act is called by the verb that submits it."""
        from dingji.rules.void import VERB_OF_TOPIC

        topic = next((topic for topic, own in VERB_OF_TOPIC.items() if own == verb), verb)
        return text("event", topic, self.language) or verb

    def _notes(self, act: Act) -> Iterable[str]:
        """Yield what is said with an act beyond who and when, and each of its irregularities."""
        if act.recorded_at is not None:
            yield self.say("recorded", recorded=civil(act.recorded_at, self.basis.zone), position=act.position)
        if act.on_precision != "day":
            yield self.say(f"precision-{act.on_precision}")
        for key, said in (("reason", act.details.get("reason")), ("under", act.details.get("under"))):
            if said:
                yield self.say(key, **{key: said})
        if act.note:
            yield self.say("note", note=act.note)
        if act.irregular:
            yield self.say("irregular", reason=act.irregular)
        for fault in act.irregularities:
            told = fault.render(self.language)
            yield self.say("amiss", code=fault.code, clause=self.clause(fault.clause), message=told["message"])
        if act.instead is not None:
            yield self.say("instead", entry=act.instead)

    def clause(self, clause: str | None) -> str:
        """Return a clause of the notice in brackets."""
        return say(self.language, "clause", clause=clause) if clause else ""

    def _rules(self, above: Branch, rules: tuple[Rule, ...]) -> None:
        counted = Counter(rule.verdict for rule in rules)
        verdicts = say(self.language, "comma").join(
            say(self.language, "outcome-count", outcome=text("kept", verdict, self.language), count=counted[verdict])
            for verdict in VERDICTS
            if counted[verdict]
        )
        branch = above.add(self.say("rules", count=len(rules), verdicts=verdicts))
        for rule in sorted(rules, key=lambda one: VERDICTS.index(one.verdict)):
            verdict = text("kept", rule.verdict, self.language)
            said = text("rule", rule.code, self.language) or text("hindsight", rule.code, self.language) or ""
            branch.add(self.say("rule", verdict=verdict, rule=said, clause=self.clause(rule.clause), code=rule.code))

    def _assessed(self, above: Branch, assessed: Assessed) -> None:
        self._made_with(above.add(self.say("made-with")), assessed)
        counted = Counter(str(traced.outcome) for traced in assessed.findings)
        outcomes = self.outcomes(counted)
        gone = sum(not traced.supported for traced in assessed.findings)
        lost = self.say("findings-lost", count=gone) if gone else ""
        branch = above.add(self.say("findings", count=len(assessed.findings), outcomes=outcomes, lost=lost))
        titles = self.requirements(assessed.notice, assessed.standard)
        for traced in sorted(assessed.findings, key=lambda one: (one.supported, ORDER.index(one.outcome))):
            self.finding(branch, traced, titles.get(traced.requirement))

    def outcomes(self, counted: Mapping[str, int]) -> str:
        """Return how often each outcome came out, what falls short first."""
        return say(self.language, "comma").join(
            say(self.language, "outcome-count", outcome=text("outcome", outcome, self.language), count=counted[outcome])
            for outcome in ORDER
            if counted.get(outcome)
        )

    def _made_with(self, above: Branch, assessed: Assessed) -> None:
        standard = self.labels.of("level", assessed.standard)
        nothing = self.say("no-adoption")
        adopted, digest = assessed.adopted or nothing, assessed.catalogue[:SHOWN_DIGITS]
        above.add(self.say("catalogue", standard=standard, digest=digest, adopted=adopted))
        size = self.size(assessed.size)
        serves = self.labels.of("place", assessed.serves)
        words = {"size": size, "sized": assessed.sized or nothing, "serves": serves, "read_to": assessed.read_to}
        above.add(self.say("circumstances", **words))
        owners: dict[CheckOwner, list[str]] = {}
        for name, owner in assessed.checks.items():
            owners.setdefault(owner, []).append(name)
        for owner, names in owners.items():
            words = {"distribution": owner.distribution, "version": owner.version, "checks": ", ".join(names)}
            above.add(self.say("owner", digest=owner.digest[:SHOWN_DIGITS], **words))

    def finding(self, above: Branch, traced: Traced, requirement: Requirement | None) -> Branch:
        """Add one finding with what it rests on; return its branch."""
        figures = self.figures(traced.measured, traced.required)
        title = requirement.title[self.language] if requirement else ""
        words = {"requirement": traced.requirement, "outcome": text("outcome", traced.outcome, self.language)}
        branch = above.add(self.say("finding", title=title, figures=figures, **words), first=not traced.supported)
        if traced.reason is not None:
            branch.add(traced.reason[self.language])
        for fact in traced.facts:
            self._fact(branch, fact)
        for key, why in traced.lacking.items():
            branch.add(self.say("lacking", fact=self.fact(key), why=text("lacking", why, self.language)))
        self._rest(branch, traced)
        for paper in traced.papers:
            branch.add(self._paper(paper))
        return branch

    def figures(self, measured: Any, required: Any) -> str:
        """Return what was measured and required, where that says anything."""
        both = (("finding-measured", measured), ("finding-required", required))
        said = [
            say(self.language, key, value=told_value(value, self.language, self._codes))
            for key, value in both
            if says(value)
        ]
        return self.say("figures", figures=say(self.language, "semicolon").join(said)) if said else ""

    def _rest(self, branch: Branch, traced: Traced) -> None:
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
            branch.add(gone + self.say("reading", reading=reading.reading, entry=entry))
        if traced.shown is not None:
            branch.add(self.say("shown", entry=traced.shown))
        for other, outcome in traced.otherwise.items():
            branch.add(self.say("otherwise", reading=other, outcome=text("outcome", outcome, self.language)))

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
        value = told_value(stated.value, self.language, self._codes)
        return {"value": value, "stated": self._stated(stated.entry, stated.on, stated.office)}

    def _stated(self, entry: str, on: Any, office: str | None) -> str:
        return self.say("stated", entry=entry, on=on, office=self.offices[office or ""])

    def _paper(self, paper: Paper) -> str:
        digest = f"{paper.sha256[:SHOWN_DIGITS]}…"
        if paper.entry is None:
            return self.say("paper-lost", digest=digest)
        return self.say("paper", name=paper.name, digest=digest, entry=paper.entry)

    def _line(self, root: Branch, found: Why) -> None:
        branch = root.add(self.say("line", count=len(found.line)))
        for one in found.line:
            effect = text("effect", one.effect, self.language)
            words = {"on": one.on, "verb": self.verb(one.verb), "entry": one.entry}
            branch.add(self.say("bearing", level=self.labels.of("level", one.level), effect=effect, **words))
        if found.instead is None:
            branch.add(self.say("without-nothing"))
        else:
            branch.add(self.say("without", level=self.labels.of("level", found.instead)))

    def _voided(self, root: Branch, voided: tuple[Voided, ...]) -> None:
        branch = root.add(self.say("voided", count=len(voided)), first=True)
        for one in voided:
            level = self.say("void-level", level=self.labels.of("level", one.level)) if one.level else ""
            words = {"on": one.on, "verb": self.verb(one.verb), "office": self.offices[one.office]}
            reason = one.reason or one.cause or ""
            branch.add(self.say("void", entry=one.entry, void=one.void, reason=reason, level=level, **words))

    def fact(self, key: str) -> str:
        """Return a fact's key with its label."""
        kind = self._facts.get(key) if self._facts else None
        return say(self.language, "fact-named", key=key, label=kind.label[self.language]) if kind else key

    @cached_property
    def _facts(self) -> Facts | None:
        notice = self._plugins.notice(self.notice)
        return self._plugins.facts(notice) if notice else None

    @cached_property
    def _codes(self) -> dict[str, str]:
        """The label of every code that a fact can hold."""
        forms = (part for kind in (self._facts or {}).values() for part in kind.form.parts())
        return {code: label[self.language] for part in forms for code, label in part.values.items()}

    def requirements(self, notice_id: str, standard: str) -> dict[str, Requirement]:
        """Return the requirements of a standard as installed, none where it is not."""
        key = (notice_id, standard)
        if key not in self._titles:
            notice = self._plugins.notice(notice_id)
            known = notice is not None and standard in self._plugins.standard_codes(notice)
            found = self._plugins.standard(notice, standard).requirements if notice and known else ()
            self._titles[key] = {one.id: one for one in found}
        return self._titles[key]
