"""Writing the story into a new ledger, file by file, by a clock that shows when each was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from dingji.faults import LedgerError
from dingji_commands.demo.data import load_demo
from dingji_commands.demo.story import founding, story
from dingji_commands.demo.telling import Act, Teller

if TYPE_CHECKING:
    from dingji.intake.files import Line
    from dingji.intake.receipts import Receipts
    from dingji.plugins.manager import Plugins
    from dingji.writer.ledger import Ledger


class Clock:
    """A clock that stands until it is set."""

    def __init__(self, moment: datetime) -> None:
        """Show a moment."""
        self.moment = moment

    def __call__(self) -> datetime:
        """Return the moment that it shows."""
        return self.moment


def build(path: Path, plugins: Plugins) -> dict[str, bytes]:
    """Write the demonstration into a new ledger, and return the papers that it refers to, by digest.

    Raises LedgerError, also where a submission is refused.
    """
    from dingji.store.log import create_log
    from dingji.writer.ledger import Ledger

    demo = load_demo()
    notice = plugins.notice(demo.notice)
    if notice is None:
        raise LedgerError("unknown-notice", notice=demo.notice)
    standards = {code: plugins.standard(notice, code) for code in notice.standard_files}
    teller = Teller(demo, standards, plugins.facts(notice))
    clock = Clock(demo.founding.recorded)
    with create_log(path) as log:
        ledger = Ledger(log, lambda: plugins, clock=clock)
        with ledger.found(notice, demo.founding.on, _lines(founding(teller), {})) as receipts:
            _recorded(receipts, clock.moment)
        _write(ledger, clock, story(teller))
    return teller.papers


def _write(ledger: Ledger, clock: Clock, acts: list[Act]) -> None:
    """Submit the acts, those of one moment as one file."""
    entries: dict[str, str] = {}
    for moment, group in groupby(acts, key=lambda act: act.recorded):
        clock.moment = moment
        file = [_needed(ledger, act) for act in group]
        with ledger.submit(_lines(file, entries)) as receipts:
            for act, entry in zip(file, _recorded(receipts, moment), strict=True):
                entries[_named(act.fields)] = entry


def _needed(ledger: Ledger, act: Act) -> Act:
    """Return an act, of judgements only those that an assessment by them needs."""
    if act.standard is None:
        return act
    fields, candidates = act.fields, act.fields["judgements"]
    findings = ledger.preview(fields["station"], act.standard, fields["on"])["findings"]
    asked = {one.requirement for one in findings if one.outcome == "needs_judgement" or one.judgement}
    needed = {requirement: it for requirement, it in candidates.items() if requirement in asked}
    return act._replace(fields=fields | {"judgements": needed})


def _recorded(receipts: Receipts, moment: datetime) -> list[str]:
    """Return the entries that a file became. Raises LedgerError with the first fault of a file that was refused."""
    entries = []
    for receipt in receipts:
        for fault in receipt.faults:
            error = LedgerError(fault.code, field=fault.field, **fault.args)
            error.add_note(f"{moment}, line {receipt.line}")
            raise error
        entries.append(receipt.entry or "")
    return entries


def _lines(acts: Iterable[Act], entries: dict[str, str]) -> Iterator[Line]:
    """Yield the acts as lines of a file, with the entries that they refer to."""
    from dingji.intake.files import Line

    for number, act in enumerate(acts, 1):
        fields = {key: _entry(value, entries) for key, value in act.fields.items()}
        yield Line(number, orjson.dumps(fields))


def _entry(value: Any, entries: dict[str, str]) -> Any:
    """Return the entry that "=verb station date" stands for, any other value as it is."""
    return entries[value[1:]] if isinstance(value, str) and value.startswith("=") else value


def _named(fields: dict[str, Any]) -> str:
    return f"{fields['do']} {fields.get('station', '')} {fields['on']}"
