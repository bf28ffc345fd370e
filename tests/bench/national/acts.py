"""What can happen to a station of a simulated history: for each verb the fields of a submission that the rules accept.

`tests/bench` tells its own histories with these.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from bench.national.world import RANKS, SIZES, UNGRADED, CampaignFacts, Fields, StoryStation, StoryWorld, value_of

OWN, EVIDENCED = 0.6, 0.2
"""How likely a report is the station's own, and comes with a paper."""
REPORTS_KEPT: Final = 4
"""Reports of a station that may still be voided: the last few."""


def _classify(subject: StoryStation, campaign: CampaignFacts, world: StoryWorld) -> Fields:
    random_ = world.rng.random
    subject.size += 1 + int(random_() * 2)
    basis = {"population": 9_000 + int(random_() * 151_000), "area_ha": 400 + int(random_() * 19_600)}
    fields = {"size": SIZES[subject.size % 3], "basis": basis, "by": world.by(subject.county)}
    return fields | ({"round": campaign.round} if campaign.round else {})


def _report(subject: StoryStation, campaign: CampaignFacts, world: StoryWorld) -> Fields:
    random_ = world.rng.random
    office = subject.code if campaign.late or random_() < OWN else subject.county
    subject.reports = [*subject.reports[1 - REPORTS_KEPT :], (subject.version + 1, office)]
    facts, count = world.facts, len(world.facts)
    # A stretch of the dictionary from a place drawn by lot: a sample takes five times as long, of every entry.
    first = int(random_() * count)
    chosen = (facts[(first + place) % count] for place in range(2 + int(random_() * 6)))
    stated = {fact.key: value_of(fact.form, world.rng) for fact in chosen}
    fields: Fields = {"facts": stated, "by": world.by(office)}
    if random_() < EVIDENCED:
        digest = f"{world.rng.getrandbits(256):064x}"
        fields["evidence"] = [{"sha256": digest, "name": world.reason["paper"], "supports": list(stated)}]
    return fields


def _judge(subject: StoryStation, _: CampaignFacts, world: StoryWorld) -> Fields:
    judged = {
        requirement: {"outcome": world.rng.choice(("met", "met", "not_met")), "reason": world.reason["judge"]}
        for requirement in world.rng.sample(world.requirements, 4)
    }
    return {"judgements": judged, "by": world.by(subject.county)}


def _recognise(subject: StoryStation, campaign: CampaignFacts, world: StoryWorld) -> Fields | None:
    if campaign.late and subject.held:
        return None  # it would not be what is in force
    level = world.rng.choice([level for level in RANKS if RANKS[level] != subject.rank])
    subject.held.append((subject.version + 1, level))
    return {"level": level, "under": world.document("recognise", subject), "by": world.by(world.top)}


def _certify(subject: StoryStation, _: CampaignFacts, world: StoryWorld) -> Fields | None:
    if subject.rank >= RANKS["standard"]:
        return None
    subject.held.append((subject.version + 1, "standard"))
    subject.unlodged.append((subject.version + 1, subject.county))
    fields = {"level": "standard", "by": world.by(subject.county), "document": world.document("certify", subject)}
    return fields | {"irregular": world.irregular}


def _promote(subject: StoryStation, campaign: CampaignFacts, world: StoryWorld) -> Fields | None:
    if subject.case != (campaign.round, "recommended") or subject.rank >= RANKS["benchmark"]:
        return None
    subject.case = (campaign.round or "", "over")
    subject.held.append((subject.version + 1, "benchmark"))
    fields = {"do": "certify", "level": "benchmark", "round": campaign.round, "by": world.by(world.top)}
    return fields | {"irregular": world.irregular, "document": world.document("promote", subject)}


def _lodge(subject: StoryStation, _: CampaignFacts, world: StoryWorld) -> Fields | None:
    if not subject.unlodged:
        return None
    version, county = subject.unlodged.pop()
    return {"certification": f"{subject.code}@{version}", "by": world.by(county)}


def _uphold(subject: StoryStation, campaign: CampaignFacts, world: StoryWorld) -> Fields | None:
    if not subject.rank:
        return None
    return _reviewed("uphold", subject, campaign, world)


def _downgrade(subject: StoryStation, campaign: CampaignFacts, world: StoryWorld) -> Fields | None:
    if not subject.rank:
        return None
    to = "standard" if subject.rank > RANKS["standard"] else UNGRADED
    fields = _reviewed("downgrade", subject, campaign, world) | {"to": to}
    subject.held.append((subject.version + 1, to))
    return fields


def _reviewed(do: str, subject: StoryStation, campaign: CampaignFacts, world: StoryWorld) -> Fields:
    fields = {"round": campaign.round, "reason": world.reason[do], "by": world.by(world.top)}
    return fields | {"irregular": world.irregular, "document": world.document(do, subject)}


def _transfer(subject: StoryStation, _: CampaignFacts, world: StoryWorld) -> Fields | None:
    """Move a station to the county that comes next."""
    counties = subject.neighbours
    following = counties[(counties.index(subject.county) + 1) % len(counties)]
    if following == subject.county:
        return None
    subject.county = following
    return {"county": following, "by": world.by(world.top)}


def _close(subject: StoryStation, _: CampaignFacts, world: StoryWorld) -> Fields:
    subject.closed = True
    return {"by": world.by(subject.county)}


def _void(subject: StoryStation, _: CampaignFacts, world: StoryWorld) -> Fields | None:
    """Void a report by who made it or, of every third station, the decision that set its level, by the top office."""
    if subject.number % 3 == 0 and subject.held and not subject.unlodged:
        version, _level = subject.held.pop()
        fields = {"cause": "annulled", "document": world.document("void", subject), "by": world.by(world.top)}
    elif subject.reports:
        version, office = subject.reports.pop()
        fields = {"cause": "recording-error", "by": world.by(office)}
    else:
        return None
    return {"entry": f"{subject.code}@{version}", "reason": world.reason["void"]} | fields


def _retract(subject: StoryStation, _: CampaignFacts, world: StoryWorld) -> Fields | None:
    """Void the last recommendation by the top office, whatever has come to rest on it."""
    if not subject.recommended:
        return None
    entry, subject.recommended = f"{subject.code}@{subject.recommended}", 0
    fields = {"do": "void", "cause": "recording-error", "reason": world.reason["void"]}
    return fields | {"entry": entry, "by": world.by(world.top)}


def _case(before: str, after: str) -> Callable[[StoryStation, CampaignFacts, StoryWorld], Fields | None]:
    """Return the maker of a step that takes a case from one state to another."""

    def fields(subject: StoryStation, campaign: CampaignFacts, world: StoryWorld) -> Fields | None:
        round_, state = subject.case
        if (state if round_ == campaign.round else "") != before or subject.rank == RANKS["benchmark"]:
            return None
        subject.case = (campaign.round or "", after)
        if after == "recommended":
            subject.recommended = subject.version + 1
        offices = {"apply": subject.code, "withdraw": subject.code, "refuse": world.top}
        by = world.by(offices.get(campaign.do, subject.county))
        return {"level": "benchmark", "round": campaign.round, "by": by}

    return fields


FieldsMaker = Callable[[StoryStation, Any, StoryWorld], Fields | None]

FIELDS_MAKERS: Final[dict[str, FieldsMaker]] = {
    "classify": _classify,
    "report": _report,
    "judge": _judge,
    "recognise": _recognise,
    "certify": _certify,
    "promote": _promote,
    "lodge": _lodge,
    "uphold": _uphold,
    "downgrade": _downgrade,
    "transfer": _transfer,
    "close": _close,
    "void": _void,
    "retract": _retract,
    "apply": _case("", "applied"),
    "withdraw": _case("applied", "over"),
    "recommend": _case("applied", "recommended"),
    "decline": _case("applied", "over"),
    "refuse": _case("recommended", "over"),
}
"""How each kind of campaign comes to a station; None where it makes no sense there."""

AFTER_CLOSING: Final = frozenset({"lodge"})
"""What may still come to a station that is closed."""
