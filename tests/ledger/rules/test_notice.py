"""The notice in force, its data, its readings, and the levels that it grants (rules 5 to 10)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dingji.faults import LedgerError
from dingji.plugins.manager import Plugins
from dingji.terms import Status
from stories import (
    CITY,
    DELTA,
    FIRST_DAY,
    HUQIU,
    KUNSHAN,
    PROMOTION_24,
    REVIEW_23,
    REVIEW_25,
    YUSHAN,
    Record,
    Story,
    act,
    applies,
    certifies,
    grants_standard,
    lines,
    opens,
    plugins_with,
    recognises,
    recommends,
    voids,
)


def other_data(story: Story, was: str, becomes: str, file: str = "standard.toml") -> Plugins:
    """Return plugins whose notice has one word of one data file changed."""
    folder = Path(story.path.parent, f"data-{len(list(story.path.parent.iterdir()))}")
    folder.mkdir()
    for one in story.setting.folder().iterdir():
        text = one.read_text("utf-8")
        if one.name == file:
            assert was in text
            text = text.replace(was, becomes)
        folder.joinpath(one.name).write_text(text, "utf-8")
    return plugins_with(folder)


IN_FORCE = "2023-08-23"
BEFORE = "2023-08-22"

NEEDING_A_NOTICE: dict[str, Record] = {
    "open_round": opens(REVIEW_23, on=BEFORE),
    "close_round": act("close_round", BEFORE, CITY, round=REVIEW_23),
    "apply": applies(BEFORE),
    "withdraw": act("withdraw", BEFORE, YUSHAN, level="benchmark", round=PROMOTION_24),
    "recommend": recommends(BEFORE),
    "decline": act("decline", BEFORE, KUNSHAN, level="benchmark", round=PROMOTION_24),
    "assess": act("assess", BEFORE, KUNSHAN, standard="standard"),
    "certify": grants_standard(BEFORE),
    "refuse": act("refuse", BEFORE, KUNSHAN, level="standard"),
    "lodge": act("lodge", BEFORE, KUNSHAN, certification=f"{YUSHAN}@1"),
    "uphold": act("uphold", BEFORE, CITY, reason="好", round=REVIEW_23),
    "downgrade": act("downgrade", BEFORE, CITY, to="ungraded", reason="差", ground="court", document="1"),
}


@pytest.mark.parametrize("verb", NEEDING_A_NOTICE)
def test_before_the_notice_nothing_is_decided_under_it(story: Story, verb: str) -> None:
    record = NEEDING_A_NOTICE[verb]
    story.submit(record).refused("no-notice-in-force", field="on")
    story.submit(record | {"irregular": "已经发生"}).refused("no-notice-in-force")
    assert "no-notice-in-force" not in story.submit(record | {"on": IN_FORCE}).faults


def test_the_other_verbs_need_no_notice_in_force(story: Story) -> None:
    story.given(
        act("classify", BEFORE, KUNSHAN, size="large"),
        act("rename", BEFORE, KUNSHAN, name="玉山"),
        act("report", BEFORE, YUSHAN, facts={"staff": 4}),
        act("judge", BEFORE, KUNSHAN, judgements={"S1.1.1a": {"outcome": "met", "reason": "是"}}),
        act("transfer", BEFORE, KUNSHAN, county=HUQIU),
        act("rename_office", BEFORE, CITY, office=KUNSHAN, name="昆山"),
    )


def test_a_notice_governs_from_its_date_whenever_it_was_adopted(story: Story) -> None:
    assert story.state("notice:suzhou-2023-143@1")["on"] == FIRST_DAY
    story.submit(opens(REVIEW_23, on=IN_FORCE)).recorded()


# What is given under it


def test_what_was_held_before_is_recognised_up_to_the_day_before(story: Story) -> None:
    story.submit(recognises("high_standard", BEFORE)).recorded()
    story.submit(recognises("benchmark", IN_FORCE)).refused("level-not-granted", field="on")
    story.submit(recognises("benchmark", IN_FORCE, irregular="补认")).recorded("level-not-granted")
    assert (story.level(BEFORE), story.level(IN_FORCE)) == ("high_standard", "benchmark")


def test_the_loss_of_an_earlier_level_is_recognised_too(story: Story) -> None:
    story.given(recognises("benchmark", "2021-06-01"))
    lost = story.submit(recognises("ungraded", "2022-06-01")).recorded().entry
    assert story.state(lost)["rank"] == 0
    assert (story.level("2022-05-31"), story.level("2022-06-01")) == ("benchmark", "ungraded")


def test_a_level_of_no_notice_is_not_recognised(story: Story) -> None:
    story.submit(recognises("golden")).refused("bad-value", field="level")


def test_a_level_without_a_standard_is_granted_no_more(story: Story) -> None:
    grant = act("certify", "2024-06-15", CITY, level="high_standard")
    story.submit(grant).refused("level-not-granted", field="level")
    story.submit(grant | {"round": "2022-x"}).refused("level-not-granted", "unknown-round")
    story.submit(grant | {"irregular": "省厅要求"}).recorded("level-not-granted")
    assert story.level("2024-06-15") == "high_standard"


def test_a_level_without_a_standard_is_not_refused_either(story: Story) -> None:
    story.given(opens(PROMOTION_24))
    refusal = act("refuse", "2024-06-15", CITY, level="high_standard", round=PROMOTION_24)
    story.submit(refusal).refused("level-not-granted")
    story.submit(refusal | {"level": "golden"}).refused("bad-value", field="level")


def test_a_level_of_the_notice_is_certified(story: Story) -> None:
    story.submit(grants_standard() | {"level": "golden"}).refused("bad-value", field="level")
    story.submit(grants_standard() | {"level": "ungraded"}).refused("bad-value", field="level")


def test_high_standard_may_apply_for_benchmark(story: Story) -> None:
    story.given(recognises("high_standard"))
    story.benchmark()
    assert (story.level("2024-11-19"), story.level("2024-11-20")) == ("high_standard", "benchmark")


def test_nothing_says_a_station_must_be_standard_before_it_applies_for_benchmark(story: Story) -> None:
    assert story.level("2024-11-19") == "ungraded"
    story.benchmark()


def test_a_benchmark_certified_without_the_basic_standard_is_marked(story: Story) -> None:
    story.given(opens(PROMOTION_24), applies(), recommends())
    story.assessed("benchmark", "2024-10-01", CITY)
    story.tried(certifies()).recorded("standard-not-also-reached")
    story.assessed("standard", "2024-10-01", CITY, "not_reached")
    story.tried(certifies()).recorded("standard-not-also-reached")
    story.assessed("standard", "2024-10-02", KUNSHAN)  # the county's counts for the basic standard
    story.tried(certifies()).recorded()


# The data that were adopted


def test_changed_data_stop_what_is_decided_until_they_are_adopted(story: Story) -> None:
    story.given(opens(PROMOTION_24))
    story.assessed("standard", "2024-06-01", KUNSHAN)
    story.plugins = other_data(story, 'en = "Staff"', 'en = "Crew"')
    story.tried(applies()).refused("notice-data-changed")
    story.tried(grants_standard()).refused("notice-data-changed")
    story.tried(act("assess", "2024-06-01", KUNSHAN, standard="standard")).refused("notice-data-changed")
    story.tried(applies(irregular="急")).refused("notice-data-changed")
    story.given(act("rename", "2024-06-01", KUNSHAN, name="玉山"), recognises("standard"))
    story.given(act("adopt_notice", "2025-01-01", CITY, notice=story.notice.id))
    story.tried(applies()).recorded()


def test_data_are_adopted_within_the_same_file_before_what_needs_them(story: Story) -> None:
    story.plugins = other_data(story, 'en = "Staff"', 'en = "Crew"')
    adopted = act("adopt_notice", "2025-01-01", CITY, notice=story.notice.id)
    early, adopting, late = story.submit_file(opens(PROMOTION_24), adopted, opens(REVIEW_25), partial=True)
    early.refused("notice-data-changed")
    adopting.recorded()
    late.recorded()


def test_the_same_data_are_not_adopted_twice(story: Story) -> None:
    again = act("adopt_notice", "2025-01-01", CITY, notice=story.notice.id)
    story.submit(again).refused("bad-value", field="notice")
    first, story.plugins = story.plugins, other_data(story, 'en = "Staff"', 'en = "Crew"')
    story.submit(again).recorded()
    story.plugins = first  # the earlier plugin version again
    story.submit(opens(PROMOTION_24)).refused("notice-data-changed")
    story.submit(again | {"note": "恢复原数据"}).recorded()
    story.submit(opens(PROMOTION_24)).recorded()


def test_comments_and_spaces_in_the_data_change_nothing(story: Story) -> None:
    story.plugins = other_data(story, "[[requirement]]", "\n# a comment\n[[requirement]]")
    story.submit(opens(PROMOTION_24)).recorded()


def test_a_notice_that_is_not_installed_is_not_adopted(story: Story) -> None:
    story.submit(act("adopt_notice", "2025-01-01", CITY, notice="wuxi-1")).refused("unknown-notice", field="notice")


def test_without_the_plugin_of_its_notice_a_ledger_takes_nothing(story: Story) -> None:
    story.plugins = plugins_with(DELTA.folder())
    head = story.log.head()
    with pytest.raises(LedgerError) as error:
        story.submit(act("rename", "2024-06-01", KUNSHAN, name="玉山"))
    assert error.value.fault.code == "unknown-notice"
    assert story.log.head() == head


def test_a_level_of_another_route_asks_for_a_round_where_it_is_applied_for_or_granted_in_one(story: Story) -> None:
    applied = other_data(story, 'round = "promotion"\nassessed = { round = true }', "", "notice.toml")
    granted = other_data(story, "calendar_unclear = true", 'round = "promotion" #', "notice.toml")
    for plugins, certifying in ((applied, certifies()), (granted, grants_standard())):
        story.plugins = plugins
        story.given(act("adopt_notice", "2025-01-01", CITY, notice=story.notice.id, note=certifying["level"]))
        bare = {key: value for key, value in certifying.items() if key != "round"}
        assert "missing-field" in story.tried(bare).faults
        assert "missing-field" not in story.tried(bare | {"irregular": "已发文"}).faults


def test_what_the_notice_has_no_word_for_is_called_by_its_code(story: Story) -> None:
    answer = story.tried(recognises("golden", "2024-01-01")).refused("bad-value", "level-not-granted")
    assert answer.says("level-not-granted")["level"] == {"zh": "golden", "en": "golden"}
    story.given(opens(REVIEW_25), opens(PROMOTION_24))
    story.plugins = other_data(story, '"review"', '"audit"', "notice.toml")  # its reviews are called otherwise now
    story.given(act("adopt_notice", "2025-01-01", CITY, notice=story.notice.id))
    answer = story.tried(applies("2025-04-01", round=REVIEW_25)).refused("wrong-round-kind")
    assert answer.says("wrong-round-kind")["kind"] == {"zh": "review", "en": "review"}


def install_a_later_notice(story: Story) -> None:
    """Install a second notice, in force from 2025, by which counties register and classify no more."""
    folder = story.path.parent / "later"
    folder.mkdir()
    for one in story.setting.folder().iterdir():
        text = one.read_text("utf-8")
        if one.name == "notice.toml":
            text = text.replace('id = "suzhou-2023-143"', 'id = "a-later-one"').replace("2023-08-23", "2025-01-01")
            text = text.replace('["county", "city"]', '["city"]')
        folder.joinpath(one.name).write_text(text, "utf-8")
    story.plugins = plugins_with(story.setting.folder(), folder)


def test_the_next_adopted_notice_governs_from_its_own_date(story: Story) -> None:
    install_a_later_notice(story)
    story.given(act("adopt_notice", "2025-06-01", CITY, notice="a-later-one"))
    classify = act("classify", "2024-12-31", KUNSHAN, size="large")
    story.tried(classify).recorded()
    story.tried(classify | {"on": "2025-01-01"}).refused("wrong-authority")
    # Before every notice the one that was adopted first holds, not the first by name.
    story.tried(classify | {"on": "2022-01-01"}).recorded()
    for on, notice in ((2022, "suzhou-2023-143"), (2024, "suzhou-2023-143"), (2025, "a-later-one")):
        assert story.ledger.preview(YUSHAN, "standard", date(on, 6, 1))["notice"] == notice


def test_an_open_ledger_judges_under_a_notice_that_another_adopted(story: Story) -> None:
    install_a_later_notice(story)
    classify = act("classify", "2025-01-01", KUNSHAN, size="large")
    story.tried(classify).recorded()  # and which notices were adopted is remembered now
    other = story.reopen()
    adopting = act("adopt_notice", "2025-06-01", CITY, notice="a-later-one")
    with other.submit(lines([adopting])) as receipts:
        assert [receipt.status for receipt in receipts] == [Status.RECORDED]
    story.tried(classify).refused("wrong-authority")


# Readings


def test_a_reading_is_adopted_and_counts_from_its_date(story: Story) -> None:
    story.given(act("report", "2024-01-01", YUSHAN, facts={"staff": 5}))
    reading = act("adopt_reading", "2024-06-01", CITY, requirement="S1.1.2b", reading="six")
    assert story.submit(reading).recorded().entry == "notice:suzhou-2023-143@2"

    def outcome(on: str) -> str:
        findings = story.state(story.assessed("standard", on, KUNSHAN))["findings"]
        return next(str(finding["outcome"]) for finding in findings if finding["requirement"] == "S1.1.2b")

    assert (outcome("2024-05-31"), outcome("2024-06-01")) == ("met", "not_met")
    story.given(act("adopt_reading", "2024-07-01", CITY, requirement="S1.1.2b", reading="default"))
    assert outcome("2024-07-01") == "met"
    story.given(voids("notice:suzhou-2023-143@3"))
    assert outcome("2024-07-02") == "not_met"


def test_a_reading_is_one_that_the_requirement_has(story: Story) -> None:
    reading = act("adopt_reading", "2024-06-01", CITY, requirement="S1.1.2b", reading="seven")
    story.submit(reading).refused("bad-value", field="reading")
    story.submit(reading | {"requirement": "S9.9"}).refused("unknown-requirement", field="requirement")
    answer = story.submit(reading | {"requirement": "S1.1.2"}).refused("unknown-requirement")
    assert "S1.1.2b" in answer.says("unknown-requirement")["nearest"]["en"]
    story.submit(reading | {"requirement": "S1.1.1a", "reading": "default"}).recorded()
