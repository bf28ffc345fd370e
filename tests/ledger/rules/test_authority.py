"""Who may submit what: the table of the notice, every verb by every office."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from dingji.events.submissions import VERBS
from stories import (
    BACHENG,
    CITY,
    FENGQIAO,
    HUQIU,
    KUNSHAN,
    PROMOTION_24,
    REVIEW_25,
    YUSHAN,
    Record,
    Story,
    act,
    applies,
    certifies,
    enrol,
    grants_standard,
    opens,
    plugins_with,
    recognises,
    recommends,
    register,
    voids,
)

NOBODY = "320599"

Faults = dict[str, str | None]

ONLY_CITY: Faults = {
    YUSHAN: "wrong-authority",
    BACHENG: "wrong-authority",
    KUNSHAN: "wrong-authority",
    HUQIU: "wrong-authority",
    CITY: None,
    NOBODY: "unknown-office",
}
OWN_COUNTY: Faults = ONLY_CITY | {KUNSHAN: None, HUQIU: "not-own-county", CITY: "wrong-authority"}
COUNTY_OR_CITY: Faults = ONLY_CITY | {KUNSHAN: None, HUQIU: "not-own-county"}
ALL_ABOVE: Faults = COUNTY_OR_CITY | {YUSHAN: None, BACHENG: "not-own-station"}
ITSELF: Faults = ONLY_CITY | {YUSHAN: None, BACHENG: "not-own-station", CITY: "wrong-authority"}


class Row(NamedTuple):
    """A row of the table: what goes before, and the submission with its office left open."""

    name: str
    who: Faults
    record: Callable[[Story, str], Record]
    before: Callable[[Story], Any] = lambda story: None


def open_case(story: Story) -> None:
    story.given(opens(PROMOTION_24), applies())


def recommended_case(story: Story) -> None:
    open_case(story)
    story.given(recommends())
    story.assessed("standard", "2024-10-01", CITY)
    story.assessed("benchmark", "2024-10-01", CITY)


def review(story: Story) -> None:
    story.given(recognises("benchmark"), opens(REVIEW_25))
    story.assessed("standard", "2025-06-01", CITY)
    story.assessed("benchmark", "2025-06-01", CITY)


def failed_review(story: Story) -> None:
    story.given(recognises("benchmark"), opens(REVIEW_25))
    story.assessed("standard", "2025-06-01", CITY)
    story.assessed("benchmark", "2025-06-01", CITY, "not_reached")


def changed_notice(story: Story) -> None:
    folder = story.path.parent / "changed"
    folder.mkdir()
    for file in story.setting.folder().iterdir():
        folder.joinpath(file.name).write_text(file.read_text("utf-8").replace('en = "Staff"', 'en = "Crew"'), "utf-8")
    story.plugins = plugins_with(folder)


def note(story: Story) -> None:
    story.given(act("report", "2024-01-01", KUNSHAN, facts={"staff": 4}))


def station_note(story: Story) -> None:
    story.given(act("report", "2024-01-01", YUSHAN, facts={"staff": 4}))


REVIEWS = {"round": REVIEW_25, "reason": "复核"}
FACTS: Record = {"facts": {"staff": 4}}
JUDGED: Record = {"judgements": {"S1.1.1a": {"outcome": "met", "reason": "是"}}}

TABLE = [
    Row(
        "adopt_notice",
        ONLY_CITY,
        lambda s, by: act("adopt_notice", "2024-01-01", by, notice=s.notice.id),
        changed_notice,
    ),
    Row(
        "adopt_reading",
        ONLY_CITY,
        lambda _, by: act("adopt_reading", "2024-01-01", by, requirement="S1.1.2b", reading="six"),
    ),
    Row("enrol_office", ONLY_CITY, lambda _, by: enrol("320506", "county", CITY, by, "2024-01-01")),
    Row("rename_office", ONLY_CITY, lambda _, by: act("rename_office", "2024-01-01", by, office=KUNSHAN, name="昆山")),
    Row(
        "close_office",
        ONLY_CITY,
        lambda _, by: act("close_office", "2024-01-01", by, office=FREE),
        lambda s: s.given(enrol(FREE, "county", CITY, CITY, "2022-01-01")),
    ),
    Row("open_round", ONLY_CITY, lambda _, by: opens(PROMOTION_24, by=by)),
    Row(
        "close_round",
        ONLY_CITY,
        lambda _, by: act("close_round", "2025-01-01", by, round=PROMOTION_24),
        lambda s: s.given(opens(PROMOTION_24)),
    ),
    Row("uphold", ONLY_CITY, lambda _, by: act("uphold", "2025-07-01", by, **REVIEWS), review),
    Row(
        "downgrade",
        ONLY_CITY,
        lambda _, by: act("downgrade", "2025-07-01", by, to="standard", **REVIEWS),
        failed_review,
    ),
    Row("register", COUNTY_OR_CITY, lambda _, by: register("320583102", KUNSHAN, by, "2024-01-01")),
    Row("rename", COUNTY_OR_CITY, lambda _, by: act("rename", "2024-01-01", by, name="玉山")),
    Row("transfer", COUNTY_OR_CITY, lambda _, by: act("transfer", "2024-01-01", by, county=HUQIU)),
    Row("close", COUNTY_OR_CITY, lambda _, by: act("close", "2024-01-01", by)),
    Row("classify", COUNTY_OR_CITY, lambda _, by: act("classify", "2024-01-01", by, size="large")),
    Row("report", ALL_ABOVE, lambda _, by: act("report", "2024-01-01", by, **FACTS)),
    Row("judge", ALL_ABOVE, lambda _, by: act("judge", "2024-01-01", by, **JUDGED)),
    Row("assess", ALL_ABOVE, lambda _, by: act("assess", "2024-01-01", by, standard="standard")),
    Row("apply", ITSELF, lambda _, by: applies(by=by), lambda s: s.given(opens(PROMOTION_24))),
    Row(
        "withdraw",
        ITSELF,
        lambda _, by: act("withdraw", "2024-04-02", by, level="benchmark", round=PROMOTION_24),
        open_case,
    ),
    Row("recommend", OWN_COUNTY, lambda _, by: recommends(by=by), open_case),
    Row(
        "decline",
        OWN_COUNTY,
        lambda _, by: act("decline", "2024-04-02", by, level="benchmark", round=PROMOTION_24),
        open_case,
    ),
    Row(
        "certify standard",
        OWN_COUNTY,
        lambda _, by: grants_standard(by=by),
        lambda s: s.assessed("standard", "2024-06-01", KUNSHAN),
    ),
    Row("certify benchmark", ONLY_CITY, lambda _, by: certifies(by=by), recommended_case),
    Row("refuse standard", OWN_COUNTY, lambda _, by: act("refuse", "2024-06-15", by, level="standard")),
    Row(
        "refuse benchmark",
        ONLY_CITY,
        lambda _, by: act("refuse", "2024-11-20", by, level="benchmark", round=PROMOTION_24),
        open_case,
    ),
    Row(
        "lodge",
        OWN_COUNTY,
        lambda s, by: act("lodge", "2024-07-01", by, certification=f"{YUSHAN}@4"),
        lambda s: s.standard(),
    ),
    Row("recognise standard", COUNTY_OR_CITY, lambda _, by: recognises("standard", by=by)),
    Row("recognise high_standard", ONLY_CITY, lambda _, by: recognises("high_standard", by=by)),
    Row("recognise benchmark", ONLY_CITY, lambda _, by: recognises("benchmark", by=by)),
    Row("recognise ungraded", ONLY_CITY, lambda _, by: recognises("ungraded", by=by)),
    Row("void a county's", ONLY_CITY | {KUNSHAN: None}, lambda _, by: voids(f"{YUSHAN}@2", by), note),
    Row("void a station's", ONLY_CITY | {YUSHAN: None}, lambda _, by: voids(f"{YUSHAN}@2", by), station_note),
    Row(
        "void the city's", ONLY_CITY, lambda _, by: voids(f"{YUSHAN}@2", by), lambda s: s.given(recognises("ungraded"))
    ),
]

FREE = "320590"


@pytest.mark.parametrize("row", TABLE, ids=[row.name for row in TABLE])
def test_who_may_submit_what(story: Story, row: Row) -> None:
    row.before(story)
    for office, fault in row.who.items():
        record = row.record(story, office)
        for tried in (record, record | {"irregular": "已经发生"}):  # which never lifts these
            answer = story.tried(tried)
            assert answer.faults == ({fault} if fault else set()), (office, fault)
            assert answer.status == ("refused" if fault else "recorded")


def test_every_verb_stands_in_the_table() -> None:
    assert {row.name.partition(" ")[0] for row in TABLE} == set(VERBS)


def test_the_fault_names_the_office_and_who_may(story: Story) -> None:
    answer = story.submit(act("close_round", "2025-01-01", KUNSHAN, round=REVIEW_25))
    answer.refused("wrong-authority", "unknown-round", field="by.office")
    assert answer.says("wrong-authority")["tiers"] == [{"zh": "市司法局", "en": "municipal justice bureau"}]


def test_an_unknown_station_is_no_other_station(story: Story) -> None:
    answer = story.submit(act("report", "2024-01-01", "320583999", **FACTS)).refused(
        "not-own-station", field="by.office"
    )
    assert answer.says("not-own-station")["station"] == YUSHAN
    story.submit(act("report", "2024-01-01", "320583999", station="320583999", **FACTS)).refused("unknown-station")


def test_a_station_of_another_county_is_judged_by_the_county_of_the_day(story: Story) -> None:
    for on, by, fault in (
        ("2024-05-31", KUNSHAN, None),
        ("2024-05-31", HUQIU, "not-own-county"),
        ("2024-06-01", KUNSHAN, None),
        ("2024-06-01", HUQIU, None),
        ("2024-06-02", KUNSHAN, "not-own-county"),
        ("2024-06-02", HUQIU, None),
    ):
        if story.log.head() < 8:
            story.given(act("transfer", "2024-06-01", CITY, county=HUQIU))
        assert story.tried(act("rename", on, by, name="玉山")).faults == ({fault} if fault else set()), (on, by)


def test_a_closed_office_acts_no_more_and_its_successor_does(story: Story) -> None:
    story.given(enrol("320590", "county", CITY, CITY, "2022-01-01"))
    story.given(act("close_office", "2024-06-01", CITY, office=KUNSHAN, successor="320590"))
    rename = {"name": "玉山"}
    story.tried(act("rename", "2024-05-31", KUNSHAN, **rename)).recorded()
    story.tried(act("rename", "2024-05-31", "320590", **rename)).refused("not-own-county")
    story.tried(act("rename", "2024-06-01", KUNSHAN, **rename)).refused("unknown-office")
    story.tried(act("rename", "2024-06-01", "320590", **rename)).recorded()
    story.tried(act("rename", "2024-06-01", HUQIU, **rename)).refused("not-own-county")
    story.tried(act("rename", "2024-06-01", CITY, **rename)).recorded()


def test_an_office_does_not_act_before_it_is_enrolled(story: Story) -> None:
    story.given(enrol("320590", "county", CITY, CITY, "2022-01-01"))
    story.tried(register("320590100", "320590", "320590", "2021-12-31")).refused("unknown-office", field="county")
    story.tried(register("320590100", "320590", "320590", "2022-01-01")).recorded()


def test_two_transfers_on_one_day_leave_each_county_of_that_day_its_say(story: Story) -> None:
    story.given(enrol("320590", "county", CITY, CITY, "2022-01-01"))
    story.given(act("transfer", "2024-06-01", CITY, county=HUQIU), act("transfer", "2024-06-01", CITY, county="320590"))
    for county in (KUNSHAN, HUQIU, "320590"):
        story.tried(act("rename", "2024-06-01", county, name="玉山")).recorded()
    story.tried(act("rename", "2024-06-02", HUQIU, name="玉山")).refused("not-own-county")


def test_the_county_that_certified_may_not_take_its_level_back(story: Story) -> None:
    story.standard()
    taken = act("downgrade", "2025-07-01", KUNSHAN, to="ungraded", reason="不再达标")
    story.submit(taken).refused("self-revocation", "missing-field", field="by.office")
    story.submit(taken | {"by": {"office": HUQIU}}).refused("wrong-authority", "missing-field")
    story.submit(taken | {"irregular": "已发文"}).recorded("self-revocation", "no-assessment", "outside-round")
    assert story.level("2025-07-01") == "ungraded"


def test_a_level_that_the_county_did_not_certify_is_not_its_own_to_take_back(story: Story) -> None:
    story.given(recognises("standard", by=KUNSHAN), opens(REVIEW_25))
    taken = act("downgrade", "2025-07-01", KUNSHAN, to="ungraded", reason="不再达标", irregular="已发文")
    assert "wrong-authority" in story.submit(taken).faults


def test_every_fault_is_said_at_once(story: Story) -> None:
    story.submit(applies(by=FENGQIAO)).refused("not-own-station", "unknown-round")
