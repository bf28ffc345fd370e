"""Small ledgers whose acts rest on one another, written past every rule: what voiding must be able to cope with."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from hypothesis import strategies as st

from dingji.events.submissions import Evidence, Judgement
from dingji.terms import Verdict
from dingji_projections.ask.notice_rules import NoticeRules
from projections.logs import CITY, HUQIU, KUNSHAN, Book

A = "320583100"
ROUND, NOTICE = "round:r1", "notice:n"
NOTICE_RULES = NoticeRules(
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
    attained={"standard": 1, "benchmark": 3},
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
    "ReadingAdopted",
)
MOVES = st.lists(st.builds(Move, st.sampled_from(TOPICS), st.integers(2, 10), st.integers(0, 11)), max_size=14)
LEVELS = ("standard", "benchmark")


def write(book: Book, moves: list[Move]) -> None:
    """Write a small ledger: two offices, a station, a round, then what was drawn."""
    book.add(f"office:{CITY}", "OfficeEnrolled", "2020-01-01", name="市局", tier="city")
    book.add(f"office:{KUNSHAN}", "OfficeEnrolled", "2020-01-01", name="县局", tier="county", parent=CITY)
    book.register(A, "2024-01-01")
    adopted = {"notice": "n", "in_force": date(2020, 1, 1), "utc_offset_hours": 8}
    book.add(NOTICE, "NoticeAdopted", "2020-01-01", digest="x", parts={}, words={}, **adopted)
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
    elif topic == "ReadingAdopted":
        book.add(NOTICE, topic, on, requirement="rq"[pick % 2], reading="ab"[pick % 3 == 0])
    elif topic == "RoundClosed":
        book.add(ROUND, topic, on)
    elif topic == "OfficeRenamed":
        book.add(f"office:{KUNSHAN}", topic, on, name=f"县局{pick}")
    elif topic == "EntryVoided":
        if pick == 0:
            book.add(ROUND, topic, on, entry="round:r1@1", cause="x", reason="x")
        elif pick == 1 and len(book.log.stream(NOTICE)) > 1:
            book.add(NOTICE, topic, on, entry=f"{NOTICE}@2", cause="x", reason="x")
        elif pick == 2:  # what is recorded after the void
            book.add(A, topic, on, entry=f"{A}@{len(book.log.stream(f'station:{A}')) + 2}", cause="x", reason="x")
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
        | {"checks": {}, "serves": "town", "read_to": 1, "tier": "city", "rests_on": grounds}
        | {"readings": {"r": "a"} if pick % 2 else {}},
        "LevelCertified": step | {"round": round_ if pick % 2 else None, "by": (CITY, KUNSHAN)[pick % 2]},
        "CertificationLodged": {"certification": names[pick % len(names)]},
        "LevelUpheld": step | {"reason": "x"},
        "LevelDowngraded": {"to": ("ungraded", "standard")[pick % 2], "held": "benchmark", "reason": "x"}
        | {"round": round_, "rests_on": grounds},
        "StationClosed": {},
    }
    return fields.get(topic, step)
