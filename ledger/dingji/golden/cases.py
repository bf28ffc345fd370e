"""Golden cases: the finding that a requirement, or a check by itself, must have on facts written as data."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping
from datetime import date
from importlib.resources.abc import Traversable
from typing import Any, Final, Literal

import msgspec

from dingji.catalogue.data_faults import DataFaults, read_table, read_tables, read_toml
from dingji.catalogue.notice import Notice
from dingji.catalogue.standard import DEFAULT_READING, Requirement, Standard
from dingji.checks.assessment import assess
from dingji.checks.check import Check
from dingji.checks.dossier import Dossier, Entitlement, NamedEntry, Subject, build_dossier, entitlement
from dingji.events.events import FactsReported, FindingRecord, RequirementsJudged
from dingji.events.submissions import By, Evidence, Judgement
from dingji.faults import LedgerError
from dingji.plugins.manager import Plugins
from dingji.plugins.standard_loading import load_standard
from dingji.terms import Outcome

FILES: Final = "golden*.toml"
"""The files beside a plugin that hold its golden cases."""
TRIED: Final = "tried"
"""The requirement, and the standard, of a case that names a check and no requirement."""


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One golden case: a station, what is reported of it, and what must come of that."""

    title: str
    requirement: str | None = None
    """The requirement that is tried, of a standard that a plugin contributes or of the notice itself …"""
    check: str | None = None
    """… or the check that is, with these parameters."""
    parameters: dict[str, Any] = {}
    size: str | None = None
    serves: str | None = None
    """The kind of place; the first of the notice unless another is named."""
    on: date = date(2024, 6, 30)
    registered: date = date(2010, 1, 1)
    facts: dict[str, Any] = {}
    by: str | None = None
    """The tier that reports them; that of the counties unless another is named."""
    reported: date | None = None
    """The day on which they were reported; that of the case unless another is named."""
    evidence: tuple[str, ...] = ()
    """The facts and requirements that a paper supports."""
    judgements: dict[str, Literal["met", "not_met", "not_applicable"]] = {}
    """The outcome by requirement, as the tier that decides judged."""
    reading: str = DEFAULT_READING
    outcome: Outcome
    otherwise: dict[str, Outcome] | msgspec.UnsetType = msgspec.UNSET
    """What every other reading comes to that comes to something else."""
    measured: Any = msgspec.UNSET
    required: Any = msgspec.UNSET


class _GoldenFile(msgspec.Struct):
    """A file of golden cases as it is written."""

    notice: str
    case: list[Any]


Wrap = Callable[[str, Check], Check]


Golden = tuple[str, list[Case]]
"""A file of golden cases: the notice that they are of, and the cases."""


def read_golden(file: Traversable) -> Golden:
    """Return the notice and the cases of a file. Raises LedgerError (`bad-catalogue`, `bad-notice`)."""
    data = read_toml(file, file.name)
    problems = DataFaults(file.name)
    written = read_table(_GoldenFile, data, "", problems)
    cases = read_tables(Case, data, "case", problems)
    for number, case in enumerate(cases, 1):
        if (case.requirement is None) == (case.check is None):
            problems.add(f"case[{number}]", "", "bad-form", detail="requirement or check, one of them")
    problems.check()
    assert written is not None  # noqa: S101  # a file that is not one is a problem, raised above
    return written.notice, cases


class Trials:
    """Where golden cases of one notice are tried on the plugins at hand."""

    def __init__(self, plugins: Plugins, notice: str) -> None:
        """Take the plugins. Raises LedgerError (`plugin-failed`, `unknown-notice`)."""
        plugins.require_sound()
        found = plugins.notice(notice)
        if found is None:
            raise LedgerError("unknown-notice", notice=notice)
        self._plugins, self.notice = plugins, found

    def check_of(self, case: Case) -> str:
        """Return the name of the check that a case is about."""
        _, requirement = self._asked(case)
        return requirement.check

    def finding(self, case: Case, wrap: Wrap, shuffle: random.Random | None = None) -> FindingRecord:
        """Return what a case comes to, with its reports and the lists in them in another order if there is one."""
        standard, requirement = self._asked(case)
        alone = msgspec.structs.replace(standard, requirements=(requirement,))
        checks = {name: wrap(name, check) for name, check in self._plugins.checks_for(alone).items()}
        held = self.dossier(case, entitlement(self.notice, standard.code, date.min), shuffle)
        held = held.within({each.id for each in standard.requirements})  # and not only of the one that is tried
        (found,) = assess(alone, held, checks, {requirement.id: case.reading}).findings
        return found

    def dossier(self, case: Case, who: Entitlement, shuffle: random.Random | None = None) -> Dossier:
        """Return the dossier of a case's station."""
        subject = Subject(case.on, case.size, case.serves or next(iter(self.notice.places)), case.registered)
        entries = list(_entries(case, self._facts(case), self.notice, who, shuffle))
        return build_dossier(entries, subject, self._plugins.facts(self.notice), who)

    def _facts(self, case: Case) -> dict[str, Any]:
        """Return what is reported. Raises ValueError where the dictionary has no such fact, or no such value of it."""
        kinds, facts = self._plugins.facts(self.notice), {key: _plain(value) for key, value in case.facts.items()}
        for key, value in facts.items():
            if key not in kinds:
                raise ValueError(f"{case.title}: no fact {key} (near: {', '.join(kinds.nearest(key))})")
            if fault := kinds[key].fault(value):
                raise ValueError(f"{case.title}: {key}{fault.place}: {fault.why}")
        return facts

    def _asked(self, case: Case) -> tuple[Standard, Requirement]:
        if case.check is not None:
            standard = self._by_itself(case)
            return standard, standard.requirements[0]
        for code in self._plugins.standard_codes(self.notice):
            standard = self._plugins.standard(self.notice, code)
            if requirement := standard.requirement(case.requirement or ""):
                return standard, requirement
        raise LedgerError("unknown-requirement", requirement=case.requirement, nearest="")

    def _by_itself(self, case: Case) -> Standard:
        """Return a standard that asks for nothing but a case's check."""
        word = {"zh": case.title, "en": case.title}
        part = {"id": TRIED, "title": word}
        asked = {"text": word, "cells": [], "sizes": list(self.notice.sizes), "check": case.check}
        data = {
            "standard": TRIED, "attachment": 1, "title": word, "area": [part], "criterion": [part | {"area": TRIED}],
            "indicator": [part | {"row": 1, "criterion": TRIED}],
            "requirement": [part | asked | {"indicator": TRIED, "parameters": case.parameters}],
        }  # fmt: skip
        return load_standard(FILES, data, TRIED, self._plugins.known(self.notice))


def _entries(
    case: Case, facts: Mapping[str, Any], notice: Notice, who: Entitlement, shuffle: random.Random | None
) -> list[NamedEntry]:
    """Return the entries of a case: one report, or one for each fact in another order."""
    papers = tuple(Evidence(f"{number:064x}", "paper", [key]) for number, key in enumerate(case.evidence, 1))
    counting = max(who.judging, key=lambda tier: notice.tiers[tier])
    stated = _act(case.reported or case.on, case.by or notice.rules.stations.county_tier)
    events: list[Any] = [FactsReported(**stated, facts=dict(facts), evidence=papers)]
    if shuffle:
        parts = [{key: _shuffled(value, shuffle)} for key, value in facts.items()]
        events = [FactsReported(**stated, facts=part, evidence=()) for part in parts]
        events += [FactsReported(**stated, facts={}, evidence=(paper,)) for paper in papers]
    for id_, outcome in case.judgements.items():
        judged = {id_: Judgement(outcome, "golden")}
        events.append(RequirementsJudged(**_act(case.on, counting), judgements=judged, evidence=()))
    if shuffle:
        shuffle.shuffle(events)
    places = itertools.count(1)
    return [(f"golden@{place}", place, event) for event, place in zip(events, places, strict=False)]


def _act(on: date, tier: str) -> dict[str, Any]:
    return {"on": on, "by": By(tier), "recorded_at": "2024-01-01T00:00:00.000000Z", "id": "golden", "tier": tier}


def _plain(value: Any) -> Any:
    """Return a value as reports hold it: days as text."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return {key: _plain(inner) for key, inner in value.items()} if isinstance(value, dict) else value


def _shuffled(value: Any, shuffle: random.Random) -> Any:
    """Return a list's items in another order: to the ledger that is the same statement."""
    return shuffle.sample(value, len(value)) if isinstance(value, list) else value
