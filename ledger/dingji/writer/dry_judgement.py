"""Dry judgement: submissions judged against the ledger as known at a position, on any date; nothing is recorded."""

from __future__ import annotations

from datetime import date, datetime, time, timezone
from typing import Final

from dingji.events.submissions import Submission
from dingji.plugins.manager import Plugins
from dingji.rules.decide import Decision, decide
from dingji.state.state_cache import States
from dingji.store.log import Log
from dingji.store.log_view import LogView
from dingji.writer.lookup import Lookup
from dingji.writer.stamp import Stamp

CAP_BYTES: Final = 16 << 20
"""Memory for the states that a dry judgement holds: a station, some offices, the rounds."""

DRY: Final = "dry"
"""Stands in for the id of what is judged dry."""


class DryJudgement:
    """One date on which submissions are judged as if they were handed in at its end."""

    def __init__(self, log: Log, plugins: Plugins, known: int, on: date, zone: timezone) -> None:
        """Read the log up to a position; the date's end in `zone` is the moment of recording."""
        self.log, self.plugins = LogView(log, known), plugins
        stamp = Stamp(clock=datetime.combine(on, time.max, zone))
        self.lookup = Lookup(self.log, States(CAP_BYTES), lambda: plugins, lambda: stamp)

    def judge(self, submission: Submission) -> Decision:
        """Return what would become of a submission about a station."""
        station = self.lookup.state(f"station:{getattr(submission, 'station', '')}")
        return decide(self.lookup.context(submission, station, DRY, DRY), submission)
