"""The demonstration's story: it gives the data file in the package, and is what it means to be."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from demo import write
from demo.cast import read_roster
from demo.data import load_demo
from dingji.events.row import Row
from dingji.events.submissions import VERBS
from dingji.faults import LedgerError
from dingji.plugins.manager import Plugins, load_plugins
from dingji.store.log import Log, open_log
from dingji_commands.demo.play import DATA
from dingji_projections.engine.basis import ZONE, position_of
from dingji_projections.tables.levels import levels, spans
from dingji_projections.tables.views import views_of

SENSELESS = {"adopt_notice", "close_office"}
"""Verbs without a place in the story: its founding adopts the notice, whose data never change; no bureau was closed."""

TOPIC_OF = {
    "adopt_reading": "ReadingAdopted",
    "enrol_office": "OfficeEnrolled",
    "rename_office": "OfficeRenamed",
    "register": "StationRegistered",
    "rename": "StationRenamed",
    "transfer": "StationTransferred",
    "close": "StationClosed",
    "classify": "SizeClassified",
    "open_round": "RoundOpened",
    "close_round": "RoundClosed",
    "report": "FactsReported",
    "judge": "RequirementsJudged",
    "apply": "ApplicationSubmitted",
    "withdraw": "ApplicationWithdrawn",
    "recommend": "RecommendationMade",
    "decline": "RecommendationDeclined",
    "assess": "AssessmentRecorded",
    "certify": "LevelCertified",
    "refuse": "CertificationRefused",
    "lodge": "CertificationLodged",
    "uphold": "LevelUpheld",
    "downgrade": "LevelDowngraded",
    "recognise": "LevelRecognised",
    "void": "EntryVoided",
}

INTENDED = {
    ("320508018", "LevelDowngraded"): ["other-level"],
    ("320583100", "EntryVoided"): ["decision-voided"],
    ("320509105", "ApplicationSubmitted"): ["re-applied"],
    ("320576051", "LevelCertified"): ["same-person"],
    ("320582100", "LevelCertified"): ["standard-not-also-reached"],
    ("320585102", "CertificationRefused"): ["after-close"],
    ("320581101", "SizeClassified"): ["exceptional-size-change"],
    ("320506107", "LevelDowngraded"): ["self-revocation", "outside-round", "no-assessment"],
    ("320507102", "LevelCertified"): ["assessment-old"],
    ("320581105", "LevelDowngraded"): ["outside-round"],
    ("320505002", "LevelUpheld"): ["upheld-though-short"],
}
"""The irregularities that the story means to show, each on one entry."""

PLAUSIBLE = {
    "2021-12-31": {"benchmark": 4, "high_standard": 7, "standard": 12, "ungraded": 70},
    "2022-12-31": {"benchmark": 6, "high_standard": 15, "standard": 22, "ungraded": 50},
    "2023-12-31": {"benchmark": 4, "high_standard": 13, "standard": 32, "ungraded": 44},
    "2024-12-31": {"benchmark": 13, "high_standard": 7, "standard": 43, "ungraded": 30},
    "2025-12-31": {"benchmark": 11, "high_standard": 7, "standard": 54, "ungraded": 20},
    "2026-06-30": {"benchmark": 13, "high_standard": 5, "standard": 59, "ungraded": 15},
}
"""Levels at the end of each year, and of June 2026: one station was closed in 2025."""


Held = Callable[..., dict[str, str]]


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return load_plugins()


@pytest.fixture(scope="module")
def log(demo_ledger: Path) -> Iterator[Log]:
    with open_log(demo_ledger, readonly=True) as log:
        yield log


@pytest.fixture(scope="module")
def entries(log: Log) -> list[tuple[Row, dict[str, Any]]]:
    return [(row, json.loads(row.state)) for row in log.scan()]


@pytest.fixture(scope="module")
def held(log: Log) -> Iterator[Held]:
    """Return the level of every station on a date, as known at a date."""
    with views_of(log) as views:

        def at(on: str, known: str | None = None) -> dict[str, str]:
            position = log.head() if known is None else position_of(log, known)
            return {row.station: row.level for row in levels(views, date.fromisoformat(on), position)}

        yield at


Entries = list[tuple[Row, dict[str, Any]]]


def test_the_story_gives_the_file_in_the_package(tmp_path: Path) -> None:
    subprocess.run([sys.executable, Path(write.__file__), tmp_path / "again.gz"], check=True, stdout=subprocess.DEVNULL)
    made, kept = (tmp_path / "again.gz").read_bytes(), DATA.read_bytes()
    assert gzip.decompress(made) == gzip.decompress(kept)
    # Other makes of zlib pack the same bytes otherwise.
    assert made == kept or "ng" in zlib.ZLIB_RUNTIME_VERSION


def test_every_verb_has_a_part(entries: Entries) -> None:
    assert TOPIC_OF.keys() == VERBS.keys() - SENSELESS
    # What the founding itself records is no submission.
    assert set(TOPIC_OF.values()) == {row.topic for row, _ in entries[2:]}


def test_the_irregularities_are_those_that_are_meant(entries: Entries) -> None:
    found = [
        (row.stream.removeprefix("station:"), row.topic, [fault["code"] for fault in state["irregularities"]])
        for row, state in entries
        if state.get("irregularities")
    ]
    assert {(station, topic): codes for station, topic, codes in found} == INTENDED
    assert len(found) == len(INTENDED)
    assert [row.stream for row, state in entries if state.get("irregular")] == ["station:320506107"]


def test_every_note_and_every_document_says_that_it_is_simulated(entries: Entries) -> None:
    simulated = [state for _, state in entries[2:]]
    assert all(state["note"].startswith("模拟数据：") for state in simulated)
    assert all(state["document"].startswith("模拟文号：") for state in simulated if state.get("document"))
    assert all(state["under"].startswith("模拟文号：") for state in simulated if state.get("under"))
    assert all(paper["name"].startswith("模拟材料：") for state in simulated for paper in state.get("evidence", ()))


def test_who_acts_is_named_by_a_code(entries: Entries) -> None:
    people = {state["by"]["person"] for _, state in entries[2:]}
    assert all(person.replace("-", "").isascii() and person.replace("-", "").isdigit() for person in people)


def test_entries_are_made_in_office_hours_up_to_a_fixed_day(entries: Entries) -> None:
    moments = [datetime.fromisoformat(state["recorded_at"]).astimezone(ZONE) for _, state in entries]
    assert moments == sorted(moments)
    assert (moments[0].date(), moments[-1].date()) == (date(2023, 9, 4), date(2026, 6, 30))
    assert all(time(9) <= moment.time() <= time(17, 30) and moment.isoweekday() < 6 for moment in moments)


@pytest.mark.parametrize("on", PLAUSIBLE)
def test_levels_at_the_end_of_a_year_are_plausible(on: str, held: Held) -> None:
    assert Counter(held(on).values()) == PLAUSIBLE[on]


def test_late_papers_change_what_was_known_of_a_date(held: Held) -> None:
    then, now = held("2023-12-31", "2024-01-31"), held("2023-12-31")
    changed = {station: (then[station], now[station]) for station in now if then[station] != now[station]}
    assert changed["320583100"] == ("standard", "high_standard")  # the slip of the pen
    assert changed["320583101"] == ("high_standard", "standard")  # the one that was meant
    assert len(changed) > 5


def test_entries_are_late_by_months_in_every_kind_of_decision(entries: Entries) -> None:
    late = Counter(
        row.topic
        for row, state in entries
        if state["recorded_at"][:4] > "2023"
        and (date.fromisoformat(state["recorded_at"][:10]) - date.fromisoformat(state["on"])).days > 60
    )
    assert {"LevelUpheld", "LevelDowngraded", "LevelCertified", "LevelRecognised"} <= late.keys()


def test_the_protagonist_rises_and_falls(log: Log) -> None:
    with views_of(log) as views:
        story = [span.level for span in spans(views, "320583100", log.head())]
    told = [level for level, before in zip(story, [None, *story], strict=False) if level != before]
    assert told == ["ungraded", "standard", "high_standard", "benchmark", "standard"]


def test_assessments_come_to_both_verdicts(entries: Entries) -> None:
    verdicts = Counter((state["standard"], state["verdict"]) for _, state in entries if "verdict" in state)
    assert verdicts.keys() == {(one, two) for one in ("standard", "benchmark") for two in ("reached", "not_reached")}


def test_every_station_reports_every_fact(entries: Entries, plugins: Plugins) -> None:
    notice = plugins.notice("suzhou-2023-143")
    assert notice
    reported: dict[str, set[str]] = {}
    for row, state in entries:
        if row.topic == "FactsReported":
            reported.setdefault(row.stream, set()).update(state["facts"])
    assert len(reported) == len(read_roster())
    # No document sets that ratio, so that an assessor judges.
    expected = plugins.facts(notice).keys() - {"aftercare_ratio_required"}
    assert all(keys == expected for keys in reported.values())


def test_no_report_tells_of_days_to_come(entries: Entries) -> None:
    dated = [
        (state["on"], entry if isinstance(entry, str) else entry["date"])
        for row, state in entries
        if row.topic == "FactsReported"
        for value in state["facts"].values()
        if isinstance(value, list)
        for entry in value
        if (isinstance(entry, str) and entry[:2] == "20") or (isinstance(entry, dict) and "date" in entry)
    ]
    assert len(dated) > 1000
    assert all(day <= on for on, day in dated)


def test_assessments_find_every_requirement_decided(entries: Entries, plugins: Plugins) -> None:
    notice = plugins.notice("suzhou-2023-143")
    assert notice
    asked = {code: [one.id for one in plugins.standard(notice, code).requirements] for code in notice.standard_files}
    for _, state in entries:
        if "verdict" in state:
            outcomes = {finding["requirement"]: finding["outcome"] for finding in state["findings"]}
            assert list(outcomes) == asked[state["standard"]]
            assert set(outcomes.values()) <= {"met", "not_met", "not_applicable"}
            assert bool(state.get("short")) == (state["verdict"] == "not_reached")


def test_only_what_needs_it_is_judged(entries: Entries) -> None:
    judged: dict[str, set[str]] = {}
    for row, state in entries:
        if row.topic == "RequirementsJudged":
            judged.setdefault(row.stream, set()).update(state["judgements"])
        elif "verdict" in state:
            needed = {finding["requirement"] for finding in state["findings"] if finding.get("judgement")}
            assert needed == judged.pop(row.stream) & {finding["requirement"] for finding in state["findings"]}


def test_the_protagonist_falls_for_its_staff_and_can_be_certified_again(entries: Entries) -> None:
    found = [
        (state["on"][:4], state["standard"], state["verdict"], state.get("short"))
        for row, state in entries
        if row.stream == "station:320583100" and "verdict" in state
    ]
    assert found[-4:] == [
        ("2025", "standard", "reached", None),
        ("2025", "benchmark", "not_reached", ["B1.2.4"]),
        ("2026", "standard", "reached", None),
        ("2026", "benchmark", "reached", None),
    ]


def test_a_case_waits_and_a_certification_is_not_lodged(entries: Entries) -> None:
    topics = Counter(row.topic for row, _ in entries)
    standard = sum(row.topic == "LevelCertified" and state["level"] == "standard" for row, state in entries)
    assert topics["CertificationLodged"] < standard
    promoted = [state for _, state in entries if state.get("round") == "2026-promotion"]
    assert 0 < sum("tier" in state for state in promoted) < sum("tier" not in state for state in promoted)


def test_every_reference_of_the_story_is_to_something_in_it() -> None:
    told = load_demo()
    places = {place.station for place in read_roster()}
    assert {station for fate in told.fate for station in fate.of} <= places
    assert {station for round_ in told.round.values() for station in round_.changes} <= places
    assert {station for stations in told.sizes.named.values() for station in stations} <= places
    for fate in told.fate:
        assert set(fate.before) <= told.recognition.keys()
        assert fate.rounds.keys() <= told.round.keys()
        assert fate.campaigns.keys() <= told.campaign.keys()
        assert {*fate.late, *fate.short, *fate.decider} <= {*fate.rounds, *fate.campaigns}


def test_a_fault_in_the_story_is_raised(monkeypatch: pytest.MonkeyPatch, plugins: Plugins) -> None:
    story = load_demo()
    wrong = story.act[0] | {"station": "320583999"}
    monkeypatch.setattr(write, "load_demo", lambda: msgspec.structs.replace(story, act=(wrong,)))
    with pytest.raises(LedgerError) as raised:
        write.demo_lines(plugins)
    assert raised.value.fault.code == "unknown-station"
