"""Every value ever stated of a station's facts, and what became of each."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dingji.catalogue.notice import Notice
from dingji.dates import months_before
from dingji.events.submissions import Evidence
from dingji.faults import LedgerError
from dingji.store.log import Log
from dingji_projections.engine.basis import Basis
from dingji_projections.facts.fact_statements import FactRules
from dingji_projections.facts.history import FactHistory, fact_histories
from projections.logs import Book
from stories import CITY, KUNSHAN, SUZHOU, YUSHAN, Record, Story, act, judgements, plugins_of, voids

ON = date(2024, 6, 30)
PLUGINS = plugins_of(SUZHOU)
PAPER, OTHER = "1" * 64, "2" * 64


def notice() -> Notice:
    found = PLUGINS.notice(SUZHOU.id)
    assert found is not None
    return found


FACT_RULES = FactRules.of(notice(), PLUGINS.facts(notice()))


def reports(on: str, by: str, *papers: str, **facts: Any) -> Record:
    evidence = [{"sha256": paper, "name": "花名册", "supports": ["staff"]} for paper in papers]
    return act("report", on, by, facts=facts, **({"evidence": evidence} if evidence else {}))


def histories(log: Log, on: date = ON, known: int | None = None, key: str | None = None) -> list[FactHistory]:
    return fact_histories(log, YUSHAN, Basis(on, log.head() if known is None else known, None), FACT_RULES, key)


def standings(log: Log, on: date = ON, known: int | None = None, key: str = "staff") -> list[tuple[Any, str]]:
    (one,) = histories(log, on, known, key)
    return [(stated.value, stated.standing) for stated in one.entries]


def test_every_value_is_told_with_who_stated_it_when_and_on_what_evidence(story: Story) -> None:
    first, second, paper = story.given(
        reports("2024-02-01", f"{YUSHAN}/y1", PAPER, staff=8),
        reports("2024-04-01", f"{KUNSHAN}/k1", staff=6, hall=True),
        reports("2024-05-01", KUNSHAN, OTHER),
    )
    (one,) = histories(story.log, key="staff")
    assert (one.fact, one.state, one.in_force) == ("staff", "in_force", second)
    told = [
        (each.entry, str(each.on), each.office, each.person, each.tier, each.states, each.value, each.standing)
        for each in one.entries
    ]
    assert told == [
        (first, "2024-02-01", YUSHAN, "y1", "station", True, 8, "differs"),
        (second, "2024-04-01", KUNSHAN, "k1", "county", True, 6, "in_force"),
        (paper, "2024-05-01", KUNSHAN, None, "county", False, None, "supports"),
    ]
    assert [[(each.sha256, each.name) for each in stated.evidence] for stated in one.entries] == [
        *([(PAPER, "花名册")], [], [(OTHER, "花名册")]),
    ]
    assert one.entries[0].recorded_at == story.state(first)["recorded_at"]
    assert [each.fact for each in histories(story.log)] == ["staff", "hall"]


def test_a_value_is_superseded_voided_or_dated_later(story: Story) -> None:
    _, wrong, _ = story.given(
        *(
            reports(on, KUNSHAN, staff=number)
            for on, number in (("2024-02-01", 3), ("2024-03-01", 44), ("2024-05-01", 5))
        ),
    )
    known = story.log.head()
    story.given(voids(wrong))
    assert standings(story.log) == [(3, "superseded"), (44, "voided"), (5, "in_force")]
    assert histories(story.log, key="staff")[0].entries[1].voided_by == f"{YUSHAN}@5"
    assert standings(story.log, known=known) == [(3, "superseded"), (44, "superseded"), (5, "in_force")]
    assert standings(story.log, date(2024, 4, 1)) == [(3, "in_force"), (44, "voided"), (5, "later")]
    assert standings(story.log, date(2024, 4, 1), known) == [(3, "superseded"), (44, "in_force"), (5, "later")]


def test_a_value_that_is_too_old_or_not_confirmed_is_marked_so(story: Story) -> None:
    story.given(reports("2024-02-01", YUSHAN, hall=True))
    assert [(one.state, one.in_force) for one in histories(story.log, key="hall")] == [("unconfirmed", None)]
    assert standings(story.log, key="hall") == [(True, "unconfirmed")]
    story.given(reports("2024-01-01", KUNSHAN, hall=False))
    assert standings(story.log, key="hall") == [(False, "in_force"), (True, "unconfirmed")]
    assert standings(story.log, date(2025, 1, 1), key="hall") == [(False, "stale"), (True, "unconfirmed")]
    assert histories(story.log, date(2025, 1, 1), key="hall")[0].state == "stale"
    (missing,) = histories(story.log, key="kind_of_hall")
    assert (missing.state, missing.entries) == ("missing", ())


def test_a_paper_given_with_a_judgement_supports_a_fact_too(story: Story) -> None:
    paper = {"sha256": PAPER, "name": "照片", "supports": ["hall"]}
    story.given(
        reports("2024-02-01", KUNSHAN, hall=True),
        act("judge", "2024-03-01", CITY, judgements=judgements("standard", "reached"), evidence=[paper]),
    )
    (one,) = histories(story.log)
    assert [(each.states, each.standing) for each in one.entries] == [(True, "in_force"), (False, "supports")]


def test_a_fact_that_the_dictionary_no_longer_has_is_told_all_the_same(tmp_path: Path) -> None:
    with Book(tmp_path / "a.ledger") as book:
        book.register(YUSHAN)
        book.add(YUSHAN, "FactsReported", "2024-01-01", facts={"telephones": 2}, tier="county")
        (one,) = histories(book.log)
        assert (one.fact, one.state, one.in_force) == ("telephones", "unlisted", None)
        assert [(each.value, each.standing) for each in one.entries] == [(2, "unlisted")]
        with pytest.raises(LedgerError) as raised:
            histories(book.log, key="stafff")
    assert raised.value.fault.code == "unknown-fact"
    assert "staff" in str(raised.value.fault.args["nearest"])


class Entry(NamedTuple):
    """One drawn entry about `staff` (the station's own) and `hall` (to be confirmed): a report, or the void of one."""

    office: str
    day: int
    facts: dict[str, Any]
    paper: bool
    void: int


TIERS = {YUSHAN: "station", KUNSHAN: "county", CITY: "city"}
ENTRIES = st.builds(
    Entry,
    office=st.sampled_from(sorted(TIERS)),
    day=st.integers(-3, 14),
    facts=st.fixed_dictionaries({}, optional={"staff": st.integers(1, 2), "hall": st.booleans()}),
    paper=st.booleans(),
    void=st.integers(-6, 7),
)
FIRST = date(2023, 6, 26)


@settings(max_examples=150, deadline=None)
@given(st.lists(ENTRIES, min_size=1, max_size=8), st.integers(0, 12), st.sampled_from([ON, FIRST, date(2023, 7, 4)]))
def test_histories_are_what_a_naive_reading_gives(drawn: list[Entry], later: int, on: date) -> None:
    with TemporaryDirectory() as folder, Book(Path(folder, "a.ledger")) as book:
        book.register(YUSHAN)
        for version, entry in enumerate(drawn, 2):
            day = FIRST + timedelta(days=entry.day)
            if 1 < entry.void < version:
                target = f"{YUSHAN}@{entry.void}"
                book.add(YUSHAN, "EntryVoided", day, entry=target, cause="recording-error", reason="x")
            else:
                papers = (Evidence(PAPER, "册", ["staff"]),) if entry.paper else ()
                fields = {"facts": entry.facts, "tier": TIERS[entry.office], "evidence": papers}
                book.add(YUSHAN, "FactsReported", day, by=entry.office, **fields)
        known = max(1, book.log.head() - later)
        for key in ("staff", "hall"):
            (one,) = histories(book.log, on, known, key)
            assert [(each.entry, each.value, each.standing) for each in one.entries] == naive(book.log, known, on, key)


Read = tuple[str, int, str, Any]
"""(date, position, name, state) of a report."""


def naive(log: Log, known: int, on: date, key: str) -> list[tuple[str, Any, str]]:
    """Read a fact's history from the raw states, one rule after the other."""
    rows = [(row, orjson.loads(row.state)) for row in log.stream(f"station:{YUSHAN}") if row.position <= known]
    gone = {state["entry"] for _, state in rows if "entry" in state}
    named = [(state["on"], row.position, f"{YUSHAN}@{row.version}", row.topic, state) for row, state in rows]
    reports = [
        (day, place, name, state)
        for day, place, name, topic, state in sorted(named, key=lambda one: one[:2])
        if topic == "FactsReported"
    ]
    stating = [one for one in reports if key in one[3]["facts"] and one[2] not in gone and one[0] <= str(on)]
    told = []
    for one in reports:
        day, _, name, state = one
        if key not in state["facts"] and (key != "staff" or not state.get("evidence")):
            continue
        standing = "voided" if name in gone else "later" if day > str(on) else naive_standing(one, stating, on, key)
        told.append((name, state["facts"].get(key), standing))
    return told


def naive_standing(one: Read, stating: list[Read], on: date, key: str) -> str:
    """Return what a counting report is to a fact, of which these are the counting statements."""
    day, _, name, state = one
    fresh = str(months_before(on, 12))
    entitled = [each for each in stating if key == "staff" or each[3]["tier"] != "station"]
    last = entitled[-1] if entitled else None
    if last and name == last[2]:
        return "in_force" if day > fresh else "stale"
    if key not in state["facts"]:
        return "supports" if last is not None and fresh < last[0] <= day else "superseded"
    if last is None:
        return "stale" if name == stating[-1][2] and day <= fresh else "unconfirmed"
    if one not in entitled:
        return "unconfirmed"
    against = last[0] > fresh and day > fresh and state["facts"][key] != last[3]["facts"][key]
    latest = [each[2] for each in stating if each[3]["by"] == state["by"]][-1]
    return "differs" if against and state["by"] != last[3]["by"] and name == latest else "superseded"
