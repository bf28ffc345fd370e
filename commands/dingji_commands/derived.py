"""A derivation as a tree: acts with their rules, assessments down to facts and papers, in the user's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from dingji_commands.asking import civil
from dingji_commands.examined import Examined, falls_short
from dingji_commands.tree import Branch
from dingji_commands.words import say, text

if TYPE_CHECKING:
    from dingji_projections.derivation import Act, Rule, Voided, Why

VERDICTS: Final = ("irregular", "hindsight", "unsupported", "satisfied", "moot")
"""What becomes of rules, as they are listed: what is amiss first."""


class Teller(Examined):
    """Tells a derivation to a person, with the labels of its ledger and the titles of what is installed."""

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
        if found.unlodged is not None:
            root.add(self.say("unlodged", days=found.unlodged))
        self._line(root, found)
        placed = {"size": size, "sized": found.size.entry or "—", "county": county, "placed": found.county.entry}
        root.add(self.say("placed", **placed))
        if found.voided:
            self._voided(root, found.voided)
        return root

    def _act(self, above: Branch, key: str, act: Act, **words: Any) -> None:
        """Add one act: what, when, by whom; then its rules, its steps, and what is amiss with it."""
        branch = above.add(self._mark(act) + self.say(key, what=self._what(act), **words), first=_amiss(act))
        for told in self._notes(act):
            branch.add(told)
        if act.rules:
            self._rules(branch, act)
        for step in act.steps:
            self._act(branch, "step", step)
        if act.assessed is not None:
            self.assessed(branch, act.assessed)

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

    def _rules(self, above: Branch, act: Act) -> None:
        broken = [rule for rule in act.rules if _broken(rule)]
        kept = [rule for rule in act.rules if not _broken(rule)]
        told = self.say("rules", count=len(act.rules), verdicts=self._verdicts(act.rules))
        branch = above.add(told, first=bool(broken))
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

    def _rule(self, rule: Rule, act: Act) -> str:
        tables = (("rule", f"{act.verb}.{rule.code}"), ("rule", rule.code), ("hindsight", rule.code))
        said = next((told for table, key in tables if (told := text(table, key, self.language))), "")
        verdict = text("kept", rule.verdict, self.language)
        return self.say("rule", verdict=verdict, rule=said, clause=self.clause(rule.clause), code=rule.code)

    def _line(self, root: Branch, found: Why) -> None:
        branch = root.add(self.say("line", count=len(found.line)))
        for one in found.line:
            effect = text("effect", one.effect, self.language)
            words = {"on": one.on, "verb": self.verb(one.verb), "entry": one.entry}
            branch.add(self.say("bearing", level=self.labels.of("level", one.level), effect=effect, **words))
        if found.instead is None:
            branch.add(self.say("without-nothing", entry=found.entry))
        else:
            branch.add(self.say("without", entry=found.entry, level=self.labels.of("level", found.instead)))

    def _voided(self, root: Branch, voided: tuple[Voided, ...]) -> None:
        branch = root.add(self.say("voided", count=len(voided)), first=True)
        for one in voided:
            level = self.say("void-level", level=self.labels.of("level", one.level)) if one.level else ""
            words = {"on": one.on, "verb": self.verb(one.verb), "office": self.offices[one.office]}
            reason = one.reason or one.cause or ""
            branch.add(self.say("void", entry=one.entry, void=one.void, reason=reason, level=level, **words))


def _broken(rule: Rule) -> bool:
    return rule.verdict not in {"satisfied", "moot"}


def _amiss(act: Act) -> bool:
    """Return whether an act has lost a ground, broken a rule, or found something that falls short."""
    lost = bool(act.unsupported) or act.voided_by is not None or any(map(_broken, act.rules))
    return lost or (act.assessed is not None and any(map(falls_short, act.assessed.findings)))
