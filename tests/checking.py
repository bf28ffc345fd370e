"""What tests of checks share: a small dictionary of facts, a small standard, and dossiers made of a few entries."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from dingji.catalogue.facts import Facts, load_facts
from dingji.catalogue.parameters import IntFact, Parameters, Threshold
from dingji.catalogue.standard import Requirement, Standard
from dingji.checks.assessment import Assessment, assess
from dingji.checks.check import UNDETERMINED, Check, CheckFunction, CheckSpec, Finding
from dingji.checks.dossier import Dossier, Entitlement, NamedEntry, Subject, build_dossier
from dingji.events.events import CheckOwner, FactsReported, FindingRecord, RequirementsJudged
from dingji.events.submissions import By, Evidence, Judgement
from dingji.plugins.check_parameters import KnownNames
from dingji.plugins.standard_loading import load_standard
from dingji.terms import Outcome

STATION, COUNTY, CITY = "320583100", "320583", "3205"
TIERS = {STATION: "station", COUNTY: "county", "320582": "county", CITY: "city"}
TODAY = date(2024, 6, 30)
ENTITLED = Entitlement(frozenset({"county", "city"}), frozenset({"county", "city"}), date(2023, 7, 1))

FACTS = """
[supplier.station]
label = { zh = "本所", en = "the station" }
[supplier.county]
label = { zh = "县局", en = "the county" }

[form.month]
type = "int"
minimum = 1
maximum = 12

[form.duty]
type = "enum"
values.daily = { zh = "日常管理", en = "daily work" }
values.visits = { zh = "走访", en = "visits" }

[form.meeting]
type = "enum"
values.members = { zh = "党员大会", en = "all members" }
values.lesson = { zh = "党课", en = "a lesson" }

[fact.staff]
type = "int"
unit = { zh = "人", en = "persons" }
label = { zh = "工作人员", en = "Staff" }
supplier = "county"
station = false
fresh_months = 12

[fact.rooms]
type = "int"
label = { zh = "房间", en = "Rooms" }
supplier = "station"
station = true
fresh_months = 12

[fact.sign]
type = "bool"
label = { zh = "标牌", en = "Sign" }
supplier = "station"
station = true
fresh_months = 24

[fact.branch]
type = "enum"
values.own = { zh = "独立支部", en = "its own" }
values.joint = { zh = "联合支部", en = "a joint one" }
values.none = { zh = "没有支部", en = "no branch" }
label = { zh = "支部", en = "Branch" }
supplier = "station"
station = true
fresh_months = 24

[fact.motto]
type = "text"
label = { zh = "所训", en = "Motto" }
supplier = "station"
station = true
fresh_months = 24

[fact.opened]
type = "date"
label = { zh = "启用日期", en = "Opened" }
supplier = "station"
station = true
fresh_months = 24

[fact.duties]
type = "list"
items = "duty"
label = { zh = "职责", en = "Duties" }
supplier = "station"
station = true
fresh_months = 24

[fact.meetings]
type = "list"
items = { date = "date", kind = "meeting", topics = { items = "text" }, month = "month", present = "int" }
label = { zh = "会议", en = "Meetings" }
supplier = "station"
station = true
fresh_months = 24

[fact.mediators]
type = "list"
items = "int"
label = { zh = "各室人数", en = "Persons a room" }
supplier = "station"
station = true
fresh_months = 12
"""

HEAD = """
standard = "basic"
attachment = 1
title = { zh = "标准", en = "Standard" }
[[area]]
id = "A"
title = { zh = "主项", en = "Area" }
[[criterion]]
id = "A.1"
area = "A"
title = { zh = "分项", en = "Criterion" }
"""

_positions = itertools.count(1)


class AtLeast(Parameters, frozen=True):
    """A number and its floor."""

    fact: IntFact
    minimum: Threshold


def at_least(requirement: Requirement, dossier: Dossier) -> Finding:
    values, required = dossier.values(requirement.parameters.fact), dossier.limit(requirement.parameters.minimum)
    if values is None or required is None:
        return UNDETERMINED
    return Finding(Outcome.MET if values[0] >= required else Outcome.NOT_MET, values[0], required)


def judged(requirement: Requirement, dossier: Dossier) -> Finding:
    for key in requirement.facts:
        dossier.known(key)
    return Finding(Outcome.NEEDS_JUDGEMENT)


SPECS = {
    "at_least": CheckSpec("at_least", at_least, AtLeast),
    "judged": CheckSpec("judged", judged, judges=True),
}


def check(function: CheckFunction, judges: bool = False) -> dict[str, CheckSpec]:
    """Return the small set of checks with one more, named `own`."""
    return {**SPECS, "own": CheckSpec("own", function, judges=judges)}


def some_facts(text: str = FACTS) -> Facts:
    return load_facts("facts.toml", tomllib.loads(text))


def known(specs: Mapping[str, CheckSpec] = SPECS, strict: bool = True) -> KnownNames:
    sizes = {
        size: {"zh": word, "en": size} for size, word in (("large", "大型"), ("medium", "中型"), ("small", "小型"))
    }
    return KnownNames("test", sizes, ("town", "street"), ("station", "county", "city"), some_facts(), specs, strict)


def requirement(id_: str, *lines: str, indicator: str | None = None) -> str:
    """Return a requirement as TOML, with an indicator of its own unless one is named."""
    own = f'[[indicator]]\nid = "{id_}"\nrow = 0\ncriterion = "A.1"\ntitle = {{ zh = "行", en = "Row" }}\n'
    words = 'title = { zh = "要求", en = "Requirement" }\ntext = { zh = "文字", en = "Words" }\ncells = [1]'
    given = "\n".join(lines)
    sizes = "" if "sizes" in given.partition("[[")[0] else 'sizes = ["large", "medium", "small"]'
    head = f'[[requirement]]\nid = "{id_}"\nindicator = "{indicator or id_}"'
    return f"{'' if indicator else own}{head}\n{words}\n{sizes}\n{given}\n"


STAFF = ('check = "at_least"', 'parameters = { fact = "staff", minimum = { large = 6, medium = 4, small = 2 } }')
JUDGED = ('check = "judged"',)
OURS = 'ours = { zh = "十二个月", en = "twelve months" }'
READING = '[[requirement.reading]]\nid = "strict"\ntext = { zh = "严", en = "Strict" }'
STRICTER = 'parameters = { fact = "staff", minimum = { large = 6, medium = 6, small = 2 } }'


def parse(*requirements: str, head: str = HEAD) -> dict[str, Any]:
    """Return a standard's data from its requirements, the rows numbered."""
    data = tomllib.loads(head + "\n".join(requirements))
    for row, indicator in enumerate(data.get("indicator", ()), 1):
        indicator["row"] = indicator["row"] or row
    return data


def standard(*requirements: str, specs: Mapping[str, CheckSpec] = SPECS) -> Standard:
    return load_standard("basic.toml", parse(*requirements), "basic", known(specs))


def report(
    on: str,
    facts: dict[str, Any] | None = None,
    by: str = COUNTY,
    evidence: Iterable[tuple[str, str]] = (),
    position: int | None = None,
) -> NamedEntry:
    """Return an entry that reports facts, and papers as (digit, key supported)."""
    papers = tuple(Evidence(digit * 64, "paper", [key]) for digit, key in evidence)
    event = FactsReported(**_common(on, by), facts=facts or {}, evidence=papers, tier=TIERS[by])
    return _named(event, position)


def judge(on: str, id_: str, outcome: Any = "met", by: str = COUNTY, position: int | None = None) -> NamedEntry:
    """Return an entry that judges one requirement."""
    papers = (Evidence("e" * 64, "paper", [id_]),)
    event = RequirementsJudged(
        **_common(on, by), judgements={id_: Judgement(outcome, "理由")}, evidence=papers, tier=TIERS[by]
    )
    return _named(event, position)


def dossier(
    *entries: NamedEntry,
    size: str | None = "medium",
    serves: str = "town",
    on: date = TODAY,
    registered: date = date(2020, 1, 1),
) -> Dossier:
    return build_dossier(entries, Subject(on, size, serves, registered), some_facts(), ENTITLED)


def bench(specs: Mapping[str, CheckSpec] = SPECS) -> dict[str, Check]:
    """Return checks ready to be run, all of one owner."""
    owner = CheckOwner("some-plugin", "1.2", "0" * 64)
    return {name: Check(spec.function, spec.judges, owner) for name, spec in specs.items()}


def assessed(
    requirements: str | Standard,
    *entries: NamedEntry,
    specs: Mapping[str, CheckSpec] = SPECS,
    adopted: Mapping[str, str] | None = None,
    **subject: Any,
) -> Assessment:
    """Assess a station with these entries against a standard, or against requirements as TOML."""
    whole = requirements if isinstance(requirements, Standard) else standard(requirements, specs=specs)
    return assess(whole, dossier(*entries, **subject), bench(specs), adopted)


def only(assessment: Assessment) -> FindingRecord:
    """Return the one finding of an assessment."""
    (finding,) = assessment.findings
    return finding


def said(finding: FindingRecord) -> str:
    """Return a finding's reason in English, and see that there is one in Chinese."""
    assert finding.reason is not None
    assert finding.reason["zh"]
    return finding.reason["en"]


def outcome(*lines: str, entries: tuple[NamedEntry, ...] = (), **subject: Any) -> Outcome:
    """Return what one requirement, given as lines of TOML, comes to."""
    return only(assessed(requirement("R", *lines), *entries, **subject)).outcome


def _common(on: str, by: str) -> dict[str, Any]:
    return {"on": date.fromisoformat(on), "by": By(by), "recorded_at": "2024-07-01T00:00:00.000000Z", "id": "x"}


def _named(event: Any, position: int | None) -> NamedEntry:
    place = position or next(_positions)
    return f"{STATION}@{place}", place, event
