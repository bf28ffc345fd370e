"""Asking why about a story's ledger."""

from __future__ import annotations

from datetime import date

from dingji_projections.ask.notice_rules import NoticeRules
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.why.derivation import DerivedAct, TracedFinding, Why
from dingji_projections.why.why import why
from stories import YUSHAN, Story


class Asker:
    """Asks why about a story's ledger."""

    def __init__(self, story: Story, views: Views) -> None:
        self.story, self.views = story, views

    def why(self, on: str = "2026-01-01", known: int | None = None, station: str = YUSHAN) -> Why:
        known = self.story.log.head() if known is None else known
        basis = Basis(date.fromisoformat(on), known, None)
        return why(self.views, self.story.plugins, basis, NoticeRules.of(self.story.notice.rules), station)


def verdicts(found: DerivedAct) -> dict[str, str]:
    return {rule.code: rule.verdict for rule in found.rules}


def findings(found: Why) -> dict[str, TracedFinding]:
    (assessed,) = (step.assessed for step in found.decision.steps if step.assessed)
    return {one.requirement: one for one in assessed.findings}
