"""Submissions drawn at random: of every verb, about the things of a story, and now and then about none of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import strategies as st

from dingji.events.submissions import VERBS
from stories import DELTA, SUZHOU, Record, Setting, days_between, plugins_of


def mostly(good: Sequence[Any], *wrong: Any) -> st.SearchStrategy[Any]:
    """Return one of the good, and now and then one of the wrong."""
    return st.integers(0, 15).flatmap(lambda chance: st.sampled_from(wrong if wrong and chance == 7 else good))


def pools(setting: Setting) -> dict[str, st.SearchStrategy[Any]]:
    """Return what may stand in each field: things of the story, and now and then things that are none."""
    plugins = plugins_of(setting)
    notice = plugins.notice(setting.id)
    assert notice is not None
    stations = [record["station"] for record in setting.roster if record["do"] == "register"][:2]
    offices = [record["office"] for record in setting.roster if record["do"] == "enrol_office"]
    top = notice.rules.top.office
    counties = list(dict.fromkeys(record["county"] for record in setting.roster if record["do"] == "register"))
    rounds = [f"{kind}-1" for kind in notice.rounds]
    ids = [one.id for code in notice.standard_files for one in plugins.standard(notice, code).requirements]
    facts = list(plugins.facts(notice))
    entries = [f"{station}@{version}" for station in stations for version in range(1, 9)]
    entries += [f"round:{rounds[0]}@1", f"office:{counties[0]}@2", f"notice:{setting.id}@2"]
    judged = st.fixed_dictionaries({"outcome": mostly(["met", "not_met"], "not_applicable"), "reason": st.just("?")})
    paper = st.fixed_dictionaries(
        {"sha256": st.just("0" * 64), "name": st.just("?"), "supports": st.lists(mostly(facts, "x"), max_size=2)}
    )
    return {
        "on": mostly(DATES[setting.id], "2019-01-31", "2031-01-01"),
        "on_precision": mostly(["day"], "month", "year"),
        "id": mostly([f"id-{number}" for number in range(40)]),
        "station": mostly(stations, "999", "五", f"{stations[0][:-1]}9"),
        "office": mostly([*offices, *NEW[setting.id]], "999"),
        "county": mostly(counties, top, "五"),
        "parent": mostly([top], *offices),
        "successor": mostly(offices, "999"),
        "successors": st.lists(mostly(stations, "999"), max_size=2),
        "level": mostly(list(notice.levels), "ungraded", "golden"),
        "to": mostly([*notice.levels, "ungraded"], "golden"),
        "size": mostly(list(notice.sizes), "huge"),
        "serves": mostly(list(notice.places), "moon"),
        "tier": mostly(list(notice.tiers), "realm"),
        "kind": mostly(list(notice.rounds), "picnic"),
        "round": mostly(rounds, "none", "2 3"),
        "year": st.integers(2023, 2030),
        "standard": mostly(list(notice.standard_files), "golden"),
        "entry": mostly(entries, "x@1", "y"),
        "certification": mostly(entries, "x@1"),
        "notice": mostly([setting.id], "another"),
        "cause": mostly(["recording-error", "annulled"]),
        "requirement": mostly(ids, "X9"),
        "reading": mostly(["default", "six"], "seven"),
        "facts": st.dictionaries(mostly(facts, "x"), st.sampled_from([0, 5, True, "round", [1]]), max_size=2),
        "judgements": st.dictionaries(mostly(ids, "X9"), judged, min_size=1, max_size=3),
        "evidence": st.lists(paper, max_size=1),
        "basis": st.just({"population": 7}),
    }


DATES = {
    SUZHOU.id: days_between("2023-08-21", "2023-08-31"),
    DELTA.id: days_between("2025-01-30", "2025-02-09"),
}
"""Days about the coming into force of each notice."""

NEW = {SUZHOU.id: ["320506", "320507"], DELTA.id: ["D12", "P3"]}
"""Offices that may be enrolled."""


def actors(setting: Setting, verb: str) -> st.SearchStrategy[Record]:
    """Return who submits: mostly an office of a tier that may."""
    notice = plugins_of(setting).notice(setting.id)
    assert notice is not None
    top = notice.rules.top.office
    offices = [(notice.rules.tier[-1].id, top), (notice.rules.review.tier, top), ("station", setting.station)]
    offices += [(record["tier"], record["office"]) for record in setting.roster if record["do"] == "enrol_office"][:3]
    allowed = notice.rules.authority.get(verb, tuple(notice.tiers))
    may = [office for tier, office in offices if tier in allowed and notice.is_code(tier, office)]
    office = mostly(may, *(office for _, office in offices), "999", "五")
    return st.fixed_dictionaries({"office": office}, optional={"person": st.sampled_from(["p1", "p2"])})


def submissions(setting: Setting) -> st.SearchStrategy[Record]:
    """Return submissions of every verb whose fields have the right form; what they say is left to chance."""
    pool = pools(setting)

    def of(verb: str) -> st.SearchStrategy[Record]:
        fields = msgspec.structs.fields(VERBS[verb])
        drawn = {field.encode_name: pool.get(field.encode_name, st.just("?")) for field in fields}
        required = {field.encode_name: drawn.pop(field.encode_name) for field in fields if field.required}
        required |= {"do": st.just(verb), "by": actors(setting, verb)}
        return st.fixed_dictionaries(required, optional=drawn)

    return st.sampled_from(sorted(VERBS, reverse=True)).flatmap(of)


FILES = {setting.id: st.lists(submissions(setting), min_size=10, max_size=40) for setting in (SUZHOU, DELTA)}
