"""The impact of an entry is what voiding it would change: tried by voiding it in a copy of the ledger."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dingji.events import FactsReported, RequirementsJudged
from dingji.store import Log
from dingji.submissions import Evidence, Judgement
from dingji.terms import Verdict, entry_place
from dingji_projections.basis import Basis
from dingji_projections.engine import Views
from dingji_projections.grounds import lost
from dingji_projections.hindsight import hindsight
from dingji_projections.impact import Impact, impact
from dingji_projections.levels import spans
from dingji_projections.names import name_at, place_at
from dingji_projections.parameters import Parameters
from dingji_projections.record import record
from dingji_projections.rounds import rounds_held
from dingji_projections.standing import standing_conditions
from dingji_projections.stations import station
from projections.logs import CITY, HUQIU, KUNSHAN, Book

A = "320583100"
ROUND = "round:r1"
ON = date(2024, 1, 9)
DAYS = [date(2024, 1, day) for day in range(1, 12)]
PARAMETERS = Parameters(
    top=CITY,
    county_tier="county",
    share_sizes=frozenset({"large"}),
    share_numerator=4,
    share_denominator=5,
    routes={
        "standard": (("certify", "county"), ("lodge", "county")),
        "benchmark": (("apply", "station"), ("recommend", "county"), ("certify", "city")),
    },
    review_round="review",
    reviewed_levels=frozenset({"benchmark"}),
    reviewed_by={"standard": frozenset({"standard"}), "benchmark": frozenset({"standard", "benchmark"})},
    round_of={"uphold": "review", "downgrade": "review", "benchmark": "promotion", "classify": "size"},
)


class Move(NamedTuple):
    """One drawn act of the station; `pick` chooses among what could be its own."""

    do: str
    day: int
    pick: int


TOPICS = (
    *("StationRenamed", "StationTransferred", "SizeClassified", "LevelRecognised", "FactsReported"),
    *("RequirementsJudged", "ApplicationSubmitted", "ApplicationWithdrawn", "RecommendationMade"),
    *("AssessmentRecorded", "LevelCertified", "CertificationRefused", "CertificationLodged", "LevelUpheld"),
    *("LevelDowngraded", "StationClosed", "EntryVoided", "RoundOpened", "RoundClosed", "OfficeRenamed"),
)
MOVES = st.lists(st.builds(Move, st.sampled_from(TOPICS), st.integers(2, 10), st.integers(0, 11)), max_size=14)
LEVELS = ("standard", "benchmark")


def write(book: Book, moves: list[Move]) -> None:
    """Write a small ledger: two offices, a station, a round, then what was drawn."""
    book.add(f"office:{CITY}", "OfficeEnrolled", "2020-01-01", name="市局", tier="city")
    book.add(f"office:{KUNSHAN}", "OfficeEnrolled", "2020-01-01", name="县局", tier="county", parent=CITY)
    book.register(A, "2024-01-01")
    book.add(ROUND, "RoundOpened", "2024-01-02", kind="review", year=2024)
    for move in moves:
        make(book, move)


def make(book: Book, move: Move) -> None:
    """Write one drawn act."""
    topic, on, pick = move.do, date(2024, 1, move.day), move.pick
    written = [row for row in book.log.stream(f"station:{A}") if row.topic != "EntryVoided"]
    names = [f"{A}@{row.version}" for row in written]
    grounds = tuple(dict.fromkeys(names[-1 - (pick * step) % len(names)] for step in range(pick % 3)))
    level, round_ = LEVELS[pick % 2], "r1" if pick % 3 else "r2"
    if topic == "RoundOpened":
        book.add(ROUND, topic, on, kind=("review", "promotion")[pick % 2], year=2024)
    elif topic == "RoundClosed":
        book.add(ROUND, topic, on)
    elif topic == "OfficeRenamed":
        book.add(f"office:{KUNSHAN}", topic, on, name=f"县局{pick}")
    elif topic == "EntryVoided":
        if pick == 0:
            book.add(ROUND, topic, on, entry="round:r1@1", cause="x", reason="x")
        elif names[1:]:
            book.add(A, topic, on, entry=names[1:][pick % len(names[1:])], cause="x", reason="x")
    else:
        book.add(A, topic, on, **own_fields(topic, pick, level, round_, grounds, names))


def own_fields(
    topic: str, pick: int, level: str, round_: str, grounds: tuple[str, ...], names: list[str]
) -> dict[str, Any]:
    """Return the fields of one drawn act."""
    step = {"level": level, "round": round_, "rests_on": grounds}
    paper = (Evidence(sha256=f"{pick:064x}", name="x", supports=["b"]),) if pick % 2 else ()
    judged = Judgement(outcome="met" if pick % 3 else "not_met", reason="x")
    assessed = {"standard": level, "notice": "n", "catalogue": "x", "verdict": Verdict.REACHED, "findings": ()}
    fields: dict[str, dict[str, Any]] = {
        "StationRenamed": {"name": f"n{pick % 3}", "serves": "street" if pick % 2 else None},
        "StationTransferred": {"county": (KUNSHAN, HUQIU)[pick % 2]},
        "SizeClassified": {"size": ("large", "small")[pick % 2], "round": round_ if pick % 4 == 0 else None},
        "LevelRecognised": {"level": level, "under": "x"},
        "FactsReported": {"facts": {"a": pick % 3} if pick % 4 else {}, "evidence": paper, "tier": "county"},
        "RequirementsJudged": {"judgements": {"r": judged}, "tier": "city"},
        "RecommendationMade": step | {"tier": "county", "by": KUNSHAN},
        "AssessmentRecorded": assessed
        | {"checks": {}, "serves": "town", "read_to": 1, "tier": "city", "rests_on": grounds},
        "LevelCertified": step | {"round": round_ if pick % 2 else None, "by": (CITY, KUNSHAN)[pick % 2]},
        "CertificationLodged": {"certification": names[pick % len(names)]},
        "LevelUpheld": step | {"reason": "x"},
        "LevelDowngraded": {"to": ("ungraded", "standard")[pick % 2], "held": "benchmark", "reason": "x"}
        | {"round": round_, "rests_on": grounds},
        "StationClosed": {},
    }
    return fields.get(topic, step)


def answered(views: Views, known: int) -> dict[str, Any]:
    """Return what the queries answer at a position, without the code that impact puts them together with."""
    basis = Basis(ON, known, None)
    opened = [
        [(opened.kind, opened.on, closed) for _, opened, closed in rounds_held(views.log, basis._replace(on=day))]
        for day in DAYS
    ]
    held = record(views.log, f"station:{A}", known)
    detail = station(views, A, basis, PARAMETERS)
    return {
        "spans": spans(views, A, known),
        "names": [(name_at(views, A, day, known), place_at(views, A, day, known)) for day in DAYS],
        "cases": detail.cases,
        "unlodged": detail.unlodged,
        "conditions": standing_conditions(views, basis, PARAMETERS),
        "rounds": opened,
        "round": [kept.event for kept in record(views.log, ROUND, known).counting() if kept.topic != "EntryVoided"],
        "lost": lost(held),
        "hindsight": hindsight(views, basis, PARAMETERS),
        "dossier": dossier(views.log, known),
    }


def dossier(log: Log, known: int) -> dict[Any, Any]:
    """Return the statements in force, and the papers, of the station."""
    found: dict[Any, Any] = {}
    for kept in record(log, f"station:{A}", known).counting(ON):
        if isinstance(kept.event, FactsReported):
            found |= {(key, kept.event.by.office): (value, kept.entry) for key, value in kept.event.facts.items()}
        if isinstance(kept.event, RequirementsJudged):
            found |= {(key, kept.event.by.office): kept.entry for key in kept.event.judgements}
        for paper in getattr(kept.event, "evidence", ()):
            found[paper.sha256, kept.entry] = paper.supports
    return found


def copy_of(book: Book, moves: list[Move], entry: str, folder: str) -> Book:
    """Write the same ledger once more, and void the entry there."""
    copied = Book(Path(folder, "copy.ledger"))
    write(copied, moves)
    place = entry_place(entry)
    assert place is not None
    copied.add(place[0], "EntryVoided", "2024-01-20", entry=entry, cause="x", reason="x")
    return copied


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MOVES, st.integers(0, 30))
def test_impact_is_empty_exactly_where_voiding_changes_nothing(moves: list[Move], pick: int) -> None:
    with TemporaryDirectory() as folder, Book(Path(folder, "a.ledger")) as book, Views(book.log) as views:
        write(book, moves)
        entries = [
            kept.entry
            for stream in (f"station:{A}", ROUND)
            for kept in record(book.log, stream, book.log.head()).entries
            if kept.topic not in {"EntryVoided", "StationRegistered"}
        ]
        entry, known = entries[pick % len(entries)], book.log.head()
        before, digest = answered(views, known), views.digest()
        found = impact(views, Basis(ON, known, None), PARAMETERS, entry)
        assert views.digest() == digest  # nothing of what was supposed is kept
        with copy_of(book, moves, entry, folder) as copied, Views(copied.log) as voided:
            after = answered(voided, known + 1)
        check(found, before, after)


def check(found: Impact, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Assert that impact says no less and no more than what changed."""
    gone = found.entry
    for told in (before, after):  # the entry's own place in a list is no impact
        told["round"] = [event for event in told["round"] if event.id != f"{ROUND}-{gone.rpartition('@')[2]}"]
        told["lost"] = {entry: roots for entry, roots in told["lost"].items() if entry != gone}
    if found.voided_by is not None:
        assert found.empty
        assert before == after
        return
    assert found.empty == (before == after), (found, {key: (before[key], after[key]) for key in before})
