"""The events that the benchmark measures on: a seeded history of many stations, as the lines of a submitted file."""

from __future__ import annotations

import random
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson

from dingji.catalogue import Standard
from dingji.facts import FactKind
from dingji.forms import Form
from dingji.hooks import Plugins
from dingji.notice import Notice

Submission = dict[str, Any]

MIX = Path(__file__).with_name("mix.toml")
CITY = "3205"
RANKS = {"standard": 1, "high_standard": 2, "benchmark": 3}


@dataclass(slots=True)
class Subject:
    """What the story must know of a station, so that the ledger accepts what comes next."""

    code: str
    county: str
    number: int
    version: int = 0
    size: int = 0
    held: list[tuple[int, str]] = field(default_factory=list)  # (version, level) of what set the level
    reports: list[tuple[int, str]] = field(default_factory=list)  # (version, office)
    unlodged: list[tuple[int, str]] = field(default_factory=list)
    case: dict[str, str] = field(default_factory=dict)  # where it stands, by round

    @property
    def rank(self) -> int:
        """The rank of the level held."""
        return RANKS[self.held[-1][1]] if self.held and self.held[-1][1] in RANKS else 0


@dataclass(frozen=True, slots=True)
class World:
    """What the facts and judgements of the story are taken from, and its one source of chance."""

    rng: random.Random
    facts: list[FactKind]
    requirements: list[str]


class Story:
    """One of the mixes of mix.toml, told over a number of stations."""

    def __init__(self, mix: str, plugins: Plugins, notice: Notice, scale: float = 1.0) -> None:
        plan = tomllib.loads(MIX.read_text("utf-8"))
        self.campaigns: list[dict[str, Any]] = plan[mix]
        self.counties = [f"{CITY}{number:02d}" for number in range(1, plan["counties"] + 1)]
        self.stations = round(plan["stations"] * scale)
        self.events = round(plan["events"] * scale)
        self.counts: Counter[str] = Counter()
        self._seed = plan["seed"]
        facts, standard = plugins.facts(notice), plugins.standard(notice, "standard")
        self._facts = [fact for fact in facts.values() if fact.form.type in {"bool", "int", "enum"}]
        self._requirements = _judgeable(standard)

    def roster(self) -> Iterator[Submission]:
        """Tell of the offices that a ledger has before the story."""
        for number, county in enumerate(self.counties, 1):
            by = {"office": CITY}
            enrolled = {"office": county, "name": f"第{number}区司法局", "tier": "county", "parent": CITY}
            yield {"do": "enrol_office", **enrolled, "on": "2021-01-01", "by": by}

    def lines(self) -> Iterator[bytes]:
        """Tell the story, from the same seed each time, line by line."""
        world = World(random.Random(self._seed), self._facts, self._requirements)
        size = len(self.counties)
        subjects = [
            Subject(f"{self.counties[number % size]}{number // size:03d}", self.counties[number % size], number)
            for number in range(self.stations)
        ]
        self.counts.clear()
        for campaign in self.campaigns:
            for turn in range(campaign.get("times", 1)):
                for told in self._turn(campaign, turn, subjects, world):
                    if self.counts.total() == self.events:
                        return
                    self.counts[told["do"]] += 1
                    yield orjson.dumps(told)

    def _turn(self, campaign: dict[str, Any], turn: int, subjects: list[Subject], world: World) -> Iterator[Submission]:
        start = campaign["on"] + timedelta(days=turn * campaign.get("every", 0))
        if campaign["do"] in {"open_round", "close_round"}:
            yield _round(campaign, start)
            return
        tell = VERBS[campaign["do"]]
        share, days = campaign.get("share", 1000), campaign.get("days", 1)
        for place, subject in enumerate(subjects):
            if world.rng.randrange(1000) < share and (told := tell(subject, campaign, world)):
                subject.version += 1
                on = start + timedelta(days=place * days // len(subjects))
                about = {} if "entry" in told else {"station": subject.code}
                yield {"do": campaign["do"], "on": str(on), **about, **told}


def _judgeable(standard: Standard) -> list[str]:
    return [requirement.id for requirement in standard.requirements if requirement.check == "judged"]


def _round(campaign: dict[str, Any], on: date) -> Submission:
    told = {"do": campaign["do"], "round": campaign["round"], "on": str(on), "by": {"office": CITY}}
    year, _, kind = campaign["round"].partition("-")
    return told | ({"kind": kind, "year": int(year)} if campaign["do"] == "open_round" else {})


def _by(office: str, world: World) -> Submission:
    return {"office": office, "person": f"{office}-{world.rng.randrange(40):02d}"}


def value_of(form: Form, rng: random.Random) -> Any:
    """Make up a value of a form; dates are of the last year before the benchmark's clock."""
    if form.items is not None:
        return [value_of(form.items, rng) for _ in range(3)]
    if form.fields:
        return {name: value_of(inner, rng) for name, inner in form.fields.items()}
    if form.type == "int":
        return rng.randint(form.minimum, min(form.minimum + 60, form.maximum))
    if form.type == "bool":
        return rng.random() < 0.8
    if form.type == "date":
        return str(date(2025, 7, 1) + timedelta(days=rng.randrange(300)))
    return rng.choice(list(form.values)) if form.type == "enum" else "甲乙丙"


def _register(subject: Subject, _: Any, world: World) -> Submission:
    serves = "town" if subject.number % 3 else "street"
    return {"name": f"第{subject.number}司法所", "county": subject.county, "serves": serves, "by": _by(CITY, world)}


def _classify(subject: Subject, campaign: dict[str, Any], world: World) -> Submission:
    subject.size += world.rng.choice((1, 2))
    told = {"size": ("large", "medium", "small")[subject.size % 3], "by": _by(subject.county, world)}
    basis = {"population": world.rng.randrange(9_000, 160_000), "area_ha": world.rng.randrange(400, 20_000)}
    return told | {"basis": basis} | ({"round": campaign["round"]} if "round" in campaign else {})


def _report(subject: Subject, campaign: dict[str, Any], world: World) -> Submission:
    office = subject.code if campaign.get("late") or world.rng.random() < 0.6 else subject.county
    subject.reports.append((subject.version + 1, office))
    chosen = world.rng.sample(world.facts, world.rng.randint(2, 7))
    stated = {fact.key: value_of(fact.form, world.rng) for fact in chosen}
    told: Submission = {"facts": stated, "by": _by(office, world)}
    if world.rng.random() < 0.2:
        paper = {"sha256": f"{world.rng.getrandbits(256):064x}", "name": "在岗人员名册.pdf", "supports": list(stated)}
        told["evidence"] = [paper]
    return told


def _judge(subject: Subject, _: Any, world: World) -> Submission:
    judged = {
        requirement: {"outcome": world.rng.choice(("met", "met", "not_met")), "reason": "实地查看，台账齐全。"}
        for requirement in world.rng.sample(world.requirements, 4)
    }
    return {"judgements": judged, "by": _by(subject.county, world)}


def _recognise(subject: Subject, _: Any, world: World) -> Submission:
    level = world.rng.choice([level for level in RANKS if RANKS[level] != subject.rank])
    subject.held.append((subject.version + 1, level))
    return {"level": level, "under": "苏司通〔2019〕28号", "by": _by(CITY, world)}


def _certify(subject: Subject, _: Any, world: World) -> Submission | None:
    if subject.rank >= RANKS["standard"]:
        return None
    subject.held.append((subject.version + 1, "standard"))
    subject.unlodged.append((subject.version + 1, subject.county))
    by = _by(subject.county, world)
    return {"level": "standard", "by": by, "irregular": "纸质档案补录", "document": f"司〔2024〕{subject.number}号"}


def _promote(subject: Subject, campaign: dict[str, Any], world: World) -> Submission | None:
    if subject.case.get(campaign["round"]) != "recommended" or subject.rank >= RANKS["benchmark"]:
        return None
    subject.case[campaign["round"]] = "over"
    subject.held.append((subject.version + 1, "benchmark"))
    told = {"do": "certify", "level": "benchmark", "round": campaign["round"], "by": _by(CITY, world)}
    return told | {"irregular": "纸质档案补录", "document": f"苏司〔2024〕{subject.number}号"}


def _lodge(subject: Subject, _: Any, world: World) -> Submission | None:
    if not subject.unlodged:
        return None
    version, county = subject.unlodged.pop()
    return {"certification": f"{subject.code}@{version}", "by": _by(county, world)}


def _uphold(subject: Subject, campaign: dict[str, Any], world: World) -> Submission | None:
    if not subject.rank:
        return None
    told = {"round": campaign["round"], "reason": "复核合格", "by": _by(CITY, world)}
    return told | {"irregular": "纸质档案补录"}


def _downgrade(subject: Subject, campaign: dict[str, Any], world: World) -> Submission | None:
    if not subject.rank:
        return None
    to = "standard" if subject.rank > RANKS["standard"] else "ungraded"
    subject.held.append((subject.version + 1, to))
    told = {"to": to, "round": campaign["round"], "reason": "人员配备不足，限期未整改", "by": _by(CITY, world)}
    return told | {"irregular": "纸质档案补录"}


def _rename(subject: Subject, _: Any, world: World) -> Submission:
    return {"name": f"第{subject.number}中心司法所{subject.version}", "by": _by(subject.county, world)}


def _transfer(subject: Subject, _: Any, world: World) -> Submission:
    county = int(subject.county[-2:]) % 50 + 1
    subject.county = f"{CITY}{county:02d}"
    return {"county": subject.county, "by": _by(CITY, world)}


def _void(subject: Subject, _: Any, world: World) -> Submission | None:
    """Void a report by who made it or, of every third station, the decision that set its level, by the city."""
    if subject.number % 3 == 0 and subject.held and not subject.unlodged:
        version, _level = subject.held.pop()
        by, cause = _by(CITY, world), {"cause": "annulled", "document": f"行复〔2025〕{subject.number}号"}
    elif subject.reports:
        version, office = subject.reports.pop()
        by, cause = _by(office, world), {"cause": "recording-error"}
    else:
        return None
    return {"entry": f"{subject.code}@{version}", "reason": "录入有误", "by": by, **cause}


def _case(before: str, after: str) -> Callable[[Subject, dict[str, Any], World], Submission | None]:
    """Return the teller of a step that takes a case from one state to another."""

    def tell(subject: Subject, campaign: dict[str, Any], world: World) -> Submission | None:
        if subject.case.get(campaign["round"], "") != before or subject.rank == RANKS["benchmark"]:
            return None
        subject.case[campaign["round"]] = after
        offices = {"apply": subject.code, "withdraw": subject.code, "refuse": CITY}
        by = _by(offices.get(campaign["do"], subject.county), world)
        return {"level": "benchmark", "round": campaign["round"], "by": by}

    return tell


VERBS: dict[str, Callable[[Subject, dict[str, Any], World], Submission | None]] = {
    "register": _register,
    "classify": _classify,
    "report": _report,
    "judge": _judge,
    "recognise": _recognise,
    "certify": _certify,
    "promote": _promote,
    "lodge": _lodge,
    "uphold": _uphold,
    "downgrade": _downgrade,
    "rename": _rename,
    "transfer": _transfer,
    "void": _void,
    "apply": _case("", "applied"),
    "withdraw": _case("applied", "over"),
    "recommend": _case("applied", "recommended"),
    "decline": _case("applied", "over"),
    "refuse": _case("recommended", "over"),
}
"""How each kind of campaign comes to a station; None where it makes no sense there."""
