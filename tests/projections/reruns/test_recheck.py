"""Recorded assessments run again: identical, different, or made with what is not installed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
from eventsourcing.persistence import StoredEvent

from dingji.faults import LedgerError
from dingji.plugins.manager import Plugins
from dingji.plugins.plugin_loading import Candidate, collect
from dingji.store.log import Log, create_log
from dingji.terms import entry_place
from dingji_plugins import stock
from dingji_projections.reruns import assessments
from dingji_projections.reruns.recheck import Difference, Rechecked, recheck
from stories import (
    CITY,
    KUNSHAN,
    PROMOTION_24,
    REVIEW_23,
    YUSHAN,
    NoticePlugin,
    Story,
    act,
    judgements,
    opens,
    plugins_with,
    voids,
)


def again(story: Story, *entries: str, log: Log | None = None, **options: Any) -> list[Rechecked]:
    """Run the assessments of these entries again (all that there are, if none is named)."""
    log = log or story.log
    positions = [assessments.assessment(log, entry, log.head())[0] for entry in entries] or assessments.assessments(
        log, log.head()
    )
    return list(recheck(log, story.plugins, positions, **options))


def results(story: Story, *entries: str, **options: Any) -> list[str]:
    return [one.result for one in again(story, *entries, **options)]


def test_an_assessment_is_identical_whatever_is_recorded_after_it(story: Story) -> None:
    story.given(opens(PROMOTION_24))
    entry = story.assessed("standard", "2024-06-15", KUNSHAN)
    other = story.assessed("benchmark", "2024-06-15", CITY, "not_reached")
    judged = entry.replace("@3", "@2")
    story.given(
        voids(judged, by=CITY, on="2024-07-01"),
        act("judge", "2024-06-14", CITY, judgements=judgements("standard", "not_reached")),
        act("report", "2024-06-01", KUNSHAN, facts={"staff": 9}),
        act("classify", "2024-01-01", KUNSHAN, size="large"),
        opens(REVIEW_23, on="2023-09-01"),
    )
    assert results(story) == ["identical", "identical"]
    assert [one.entry for one in again(story)] == [entry, other]
    assert [one.found for one in again(story)] == ["reached", "not_reached"]


def test_a_reading_adopted_later_changes_nothing(story: Story) -> None:
    unclear = [
        one.id
        for code in story.notice.standard_files
        for one in story.plugins.standard(story.notice, code).requirements
        if one.readings
    ]
    entry = story.assessed("standard", "2024-06-15", KUNSHAN)
    for requirement in unclear:
        reading = next(
            id_
            for code in story.notice.standard_files
            if (found := story.plugins.standard(story.notice, code).requirement(requirement))
            for id_ in found.readings
        )
        story.given(act("adopt_reading", "2024-01-01", CITY, requirement=requirement, reading=reading))
    assert results(story, entry) == ["identical"]


def rewritten(story: Story, path: Path, change: dict[str, Any], entry: str) -> Log:
    """Return a copy of the log in which an entry says something else, as someone who owns the file could make it."""
    log = create_log(path)
    place = entry_place(entry)
    with log.writing() as writer:
        for row in story.log.scan():
            state = row.state
            if (row.stream, row.version) == place:
                state = orjson.dumps(orjson.loads(state) | change, option=orjson.OPT_SORT_KEYS)
            writer.append([StoredEvent(row.stream, row.version, row.topic, state)])
    return log


def test_a_verdict_that_was_written_over_differs(story: Story, tmp_path: Path) -> None:
    entry = story.assessed("standard", "2024-06-15", KUNSHAN, "not_reached")
    with rewritten(story, tmp_path / "forged.ledger", {"verdict": "reached"}, entry) as forged:
        (found,) = again(story, entry, log=forged)
    assert (found.result, found.recorded, found.found) == ("differs", "reached", "not_reached")
    assert found.differences == (Difference("", "verdict", "reached", "not_reached"),)


def test_a_finding_that_was_written_over_is_named(story: Story, tmp_path: Path) -> None:
    entry = story.assessed("standard", "2024-06-15", KUNSHAN, "not_reached")
    findings = story.state(entry)["findings"]
    forged_one = next(finding for finding in findings if finding["outcome"] == "not_met")
    forged_one["outcome"] = "met"
    with rewritten(story, tmp_path / "forged.ledger", {"findings": findings[:-1]}, entry) as forged:
        (found,) = again(story, entry, log=forged)
    told = {(each.requirement, each.field): (each.recorded, each.found) for each in found.differences}
    assert told[forged_one["requirement"], "outcome"] == ("met", "not_met")
    assert told[findings[-1]["requirement"], "outcome"][0] is None


def test_facts_that_were_written_over_differ(story: Story, tmp_path: Path) -> None:
    (report,) = story.given(act("report", "2024-06-01", KUNSHAN, facts={"staff": 1}))
    story.given(act("classify", "2024-01-01", KUNSHAN, size="small"))
    entry = story.assessed("standard", "2024-06-15", KUNSHAN)
    with rewritten(story, tmp_path / "forged.ledger", {"facts": {"staff": 40}}, report) as forged:
        found = again(story, entry, log=forged)
    assert [one.result for one in found] == ["differs"]


def upgraded(story: Story, version: str = "1") -> Plugins:
    folder = story.setting.folder()
    candidates = [
        Candidate("stock", "dingji", version, lambda: stock),
        Candidate("notices", "stories", "0", lambda: NoticePlugin(folder)),
    ]
    return Plugins([collect(candidate) for candidate in candidates])


def test_nothing_is_run_by_another_version_of_a_plugin_unless_it_is_asked_for(story: Story) -> None:
    before = story.assessed("standard", "2024-06-15", KUNSHAN)
    story.plugins = upgraded(story)
    story.ledger = story.reopen()
    after = story.assessed("standard", "2024-07-15", KUNSHAN)
    one, other = again(story)
    assert [(one.entry, one.result), (other.entry, other.result)] == [
        (before, "not_reproducible"),
        (after, "identical"),
    ]
    assert one.found is None
    assert {(lack.kind, lack.name) for lack in one.lacking} == {("check", name) for name in ("at_least", "judged")}
    assert all(lack.wanted.startswith("dingji 0 ") for lack in one.lacking)
    assert all((lack.installed or "").startswith("dingji 1 ") for lack in one.lacking)
    drift, _ = again(story, with_installed=True)
    assert (drift.result, drift.differences, drift.found) == ("same_findings", (), "reached")
    assert drift.lacking == one.lacking


def test_changed_data_of_a_notice_are_never_taken_silently(story: Story, tmp_path: Path) -> None:
    entry = story.assessed("standard", "2024-06-15", KUNSHAN)
    folder = tmp_path / "changed"
    shutil.copytree(story.setting.folder(), folder)
    facts = folder / "facts.toml"
    facts.write_text(facts.read_text("utf-8").replace("fresh_months = 12", "fresh_months = 1"), "utf-8")
    assert facts.read_bytes() != (story.setting.folder() / "facts.toml").read_bytes()
    story.plugins = plugins_with(folder)
    (found,) = again(story, entry)
    assert found.result == "not_reproducible"
    assert [(lack.kind, lack.name) for lack in found.lacking] == [("notice", story.setting.id)]
    story.ledger = story.reopen()
    story.given(act("adopt_notice", "2025-01-01", CITY, notice=story.setting.id))
    assert results(story, entry) == ["not_reproducible"]


def test_without_its_notice_nothing_can_be_run(story: Story) -> None:
    entry = story.assessed("standard", "2024-06-15", KUNSHAN)
    story.plugins = Plugins([collect(Candidate("stock", "dingji", "0", lambda: stock))])
    for with_installed in (False, True):
        (found,) = again(story, entry, with_installed=with_installed)
        assert (found.result, found.found) == ("not_reproducible", None)
        assert found.lacking[0].installed is None


def test_a_round_has_the_assessments_of_its_days_and_those_its_decisions_rest_on(story: Story) -> None:
    story.given(opens(REVIEW_23, on="2023-09-01"), act("close_round", "2023-12-20", CITY, round=REVIEW_23))
    before = story.assessed("standard", "2023-08-25", KUNSHAN)
    within = story.assessed("standard", "2023-10-01", CITY)
    story.benchmark()
    found = assessments.assessments_in(story.log, REVIEW_23, story.log.head())
    assert found == [position(story, within)]
    assert position(story, before) not in found
    assert len(assessments.assessments_in(story.log, PROMOTION_24, story.log.head())) == 2


def position(story: Story, entry: str) -> int:
    place = entry_place(entry)
    assert place is not None
    row = story.log.entry(*place)
    assert row is not None
    return row.position


def test_what_is_no_assessment_is_refused(story: Story) -> None:
    head = story.log.head()
    entry = story.assessed("standard", "2024-06-15", KUNSHAN)
    for wrong, code in (
        (f"{YUSHAN}@1", "not-assessment"),
        (f"{YUSHAN}@99", "unknown-entry"),
        ("nonsense", "unknown-entry"),
    ):
        with pytest.raises(LedgerError) as refused:
            assessments.assessment(story.log, wrong, story.log.head())
        assert refused.value.fault.code == code
    with pytest.raises(LedgerError) as refused:
        assessments.assessment(story.log, entry, head)
    assert refused.value.fault.code == "unknown-entry"
    with pytest.raises(LedgerError) as refused:
        assessments.assessments_of(story.log, "320583999", head)
    assert refused.value.fault.code == "unknown-station"
    with pytest.raises(LedgerError) as refused:
        assessments.assessments_in(story.log, "2099-review", head)
    assert refused.value.fault.code == "unknown-round"
