"""Stations and offices as such, and what is asked of every submission: dates and references (rule 24)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

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
    recognises,
    recommends,
    register,
    voids,
)

RENAMED: Record = {"name": "玉山司法所"}


def renames(on: str, by: str = KUNSHAN, **fields: object) -> Record:
    return act("rename", on, by, **RENAMED | fields)


# Dates


def test_a_future_date_is_refused_by_the_day_of_the_notices_zone(tmp_path: Path) -> None:
    # The last second of 1 June in Suzhou.
    with Story(tmp_path, clock=datetime(2024, 6, 1, 15, 59, 59, tzinfo=UTC)) as story:
        story.tried(renames("2024-06-02")).refused("future-date", field="on")
        story.tried(renames("2024-06-01")).recorded()
        story.now = datetime(2024, 6, 1, 16, tzinfo=UTC)
        story.tried(renames("2024-06-02")).recorded()


def test_a_date_before_all_is_a_slip(story: Story) -> None:
    answer = story.submit(enrol("320590", "county", CITY, CITY, "1949-09-30"))
    answer.refused("bad-value", "unknown-office", field="on")  # the city was not enrolled then either
    assert answer.says("bad-value")["why"] == "date-range"
    answer = story.submit(enrol("320590", "county", CITY, CITY, "1949-10-01")).refused("unknown-office")
    assert [fault.field for fault in answer.receipt.faults] == ["parent", "by.office"]


@pytest.mark.parametrize(
    ("on", "precision", "good"),
    [
        ("2024-02-29", "month", True),
        ("2024-02-28", "month", False),
        ("2023-02-28", "month", True),
        ("2022-12-31", "year", True),
        ("2022-11-30", "year", False),
        ("2022-12-30", "year", False),
        ("2022-12-31", "month", True),
        ("2022-12-30", "day", True),
    ],
)
def test_a_paper_without_its_day_stands_on_the_last_of_its_period(
    story: Story, on: str, precision: str, good: bool
) -> None:
    answer = story.submit(renames(on, on_precision=precision))
    if good:
        answer.recorded()
        assert story.state(answer.entry).get("on_precision", "day") == precision
    else:
        answer.refused("bad-value", field="on")
        assert answer.says("bad-value")["why"] == "period-end"


# Stations


def test_an_unknown_station_and_a_code_of_the_wrong_form(story: Story) -> None:
    answer = story.submit(renames("2024-01-01", station="320583999")).refused("unknown-station", field="station")
    assert answer.receipt.render("en")["faults"][0]["message"] == "the ledger has no station 320583999"
    for do, by, own in (
        ("classify", KUNSHAN, {"size": "large"}),
        ("transfer", CITY, {"county": HUQIU}),
        ("close", CITY, {}),
        ("report", KUNSHAN, {"facts": {"staff": 4}}),
    ):
        story.submit(act(do, "2024-01-01", by, station="320583999", **own)).refused("unknown-station")
    story.submit(renames("2024-01-01", station="32058399")).refused("bad-value", field="station")
    story.submit(renames("2024-01-01", station="３２０５８３１００")).refused("bad-value", field="station")


def test_before_its_registration_a_station_does_nothing(story: Story) -> None:
    story.given(register("320583102", KUNSHAN, KUNSHAN, "2022-05-01"))
    story.submit(renames("2022-04-30", station="320583102")).refused("not-registered", field="on")
    huge = act("classify", "2022-04-30", KUNSHAN, station="320583102", size="huge")
    story.submit(huge).refused("not-registered")  # what else is wrong with it makes no sense yet
    story.submit(renames("2022-05-01", station="320583102")).recorded()
    assert story.level("2022-04-30", station="320583102") is None
    assert story.level("2022-05-01", station="320583102") == "ungraded"


def test_a_code_is_registered_once(story: Story) -> None:
    story.submit(register(YUSHAN, KUNSHAN, CITY, "2024-01-01")).refused("already-registered", field="station")
    story.submit(register(YUSHAN, KUNSHAN, HUQIU, "2024-01-01")).refused("already-registered", "not-own-county")
    story.given(act("close", "2024-01-01", KUNSHAN))
    story.submit(register(YUSHAN, KUNSHAN, CITY, "2025-01-01")).refused("already-registered")


def test_registering_asks_for_a_code_a_place_and_a_county_that_exist(story: Story) -> None:
    new = register("320583102", KUNSHAN, CITY, "2024-01-01")
    story.tried(new).recorded()
    story.tried(new | {"station": "昆山"}).refused("bad-value", field="station")
    story.tried(new | {"serves": "village"}).refused("bad-value", field="serves")
    story.tried(new | {"county": "320599"}).refused("unknown-office", field="county")
    story.tried(new | {"county": CITY}).refused("bad-value", field="county")
    story.tried(new | {"by": {"office": HUQIU}}).refused("not-own-county", field="by.office")


def test_a_station_closed_on_the_day_of_its_registration_is_closed_not_unregistered(story: Story) -> None:
    story.given(register("320583102", KUNSHAN, KUNSHAN, "2022-05-01"))
    story.given(act("close", "2022-05-01", CITY, station="320583102"))
    story.tried(renames("2022-05-01", station="320583102")).refused("station-closed")


def test_a_station_closed_twice_is_closed_from_the_earlier_day(story: Story) -> None:
    story.given(act("close", "2025-01-01", CITY), act("close", "2024-06-01", CITY))
    answer = story.tried(renames("2025-02-01")).refused("station-closed")
    assert answer.says("station-closed")["closed"] == "2024-06-01"


def test_on_the_day_of_a_transfer_a_third_county_is_told_of_the_new_one(story: Story) -> None:
    story.given(enrol("320582", "county", CITY, CITY, "2021-01-01"), act("transfer", "2024-02-01", CITY, county=HUQIU))
    answer = story.tried(renames("2024-02-01", by="320582")).refused("not-own-county")
    assert answer.says("not-own-county")["county"] == HUQIU


def test_a_town_becomes_a_street(story: Story) -> None:
    story.submit(renames("2024-01-01", serves="village")).refused("bad-value", field="serves")
    story.submit(renames("2024-01-01", serves="street")).recorded()
    entry = story.assessed("standard", "2024-01-01", KUNSHAN)
    assert story.state(entry)["serves"] == "street"
    assert story.state(story.assessed("standard", "2023-12-31", KUNSHAN))["serves"] == "town"
    story.given(renames("2024-02-01"))  # a new name alone leaves the kind of place
    assert story.state(story.assessed("standard", "2024-02-01", KUNSHAN))["serves"] == "street"


def test_of_two_renamings_on_one_day_the_one_recorded_last_says_what_is_served(story: Story) -> None:
    story.given(renames("2024-01-01", serves="street"), renames("2024-01-01", serves="town"))
    assert story.state(story.assessed("standard", "2024-01-01", KUNSHAN))["serves"] == "town"


def test_a_transfer_goes_to_another_county_that_exists(story: Story) -> None:
    story.tried(act("transfer", "2024-01-01", KUNSHAN, county=KUNSHAN)).refused("bad-value", field="county")
    story.tried(act("transfer", "2024-01-01", KUNSHAN, county="320599")).refused("unknown-office", field="county")
    story.tried(act("transfer", "2024-01-01", KUNSHAN, county=CITY)).refused("bad-value", field="county")
    story.tried(act("transfer", "2024-01-01", HUQIU, county=HUQIU)).refused("not-own-county")
    story.tried(act("transfer", "2024-01-01", KUNSHAN, county=HUQIU)).recorded()


def test_a_level_and_an_open_case_go_with_a_transfer(story: Story) -> None:
    story.given(recognises("standard"), opens(PROMOTION_24), applies("2024-04-01"))
    story.given(act("transfer", "2024-04-15", CITY, county=HUQIU))
    assert story.level("2024-04-15") == "standard"
    story.submit(recommends("2024-05-01", KUNSHAN)).refused("not-own-county")
    story.submit(recommends("2024-05-01", HUQIU)).recorded()


def test_on_a_transfers_own_date_either_county_recommends(story: Story) -> None:
    story.given(opens(PROMOTION_24), applies("2024-04-01"))
    story.given(act("transfer", "2024-04-15", CITY, county=HUQIU))
    story.tried(recommends("2024-04-14", HUQIU)).refused("not-own-county")
    for county in (KUNSHAN, HUQIU):
        story.tried(recommends("2024-04-15", county)).recorded()
    story.tried(recommends("2024-04-16", KUNSHAN)).refused("not-own-county")


def test_registered_and_transferred_on_one_day_a_station_is_either_countys_on_it(story: Story) -> None:
    new = {"station": "320583102"}
    story.given(register("320583102", KUNSHAN, KUNSHAN, "2024-04-15"))
    story.given(act("transfer", "2024-04-15", CITY, county=HUQIU, **new))
    for county in (KUNSHAN, HUQIU):
        story.tried(renames("2024-04-15", county, **new)).recorded()
    story.tried(renames("2024-04-16", KUNSHAN, **new)).refused("not-own-county")


def test_a_voided_transfer_gives_the_old_county_its_say_back(story: Story) -> None:
    (transfer,) = story.given(act("transfer", "2024-04-15", CITY, county=HUQIU))
    story.tried(renames("2024-05-01")).refused("not-own-county")
    story.given(voids(transfer))
    story.tried(renames("2024-05-01")).recorded()


# A closed station


def test_from_its_closing_on_nothing_is_done_for_a_station(story: Story) -> None:
    story.given(opens(PROMOTION_24), applies())
    story.given(act("close", "2024-07-01", KUNSHAN, successors=[BACHENG]))
    story.tried(renames("2024-06-30")).recorded()
    for record in (
        renames("2024-07-01"),
        act("classify", "2024-07-02", KUNSHAN, size="large"),
        act("transfer", "2024-07-02", CITY, county=HUQIU),
        act("report", "2024-07-02", KUNSHAN, facts={"staff": 4}),
        act("close", "2024-07-02", KUNSHAN),
        recommends("2024-07-02"),
        certifies("2024-07-02"),
        act("uphold", "2024-07-02", CITY, reason="好", ground="court", document="1"),
    ):
        story.tried(record).refused("station-closed", field="on")
    assert story.level("2024-06-30") == "ungraded"
    assert story.level("2024-07-01") is None


def test_what_was_certified_before_a_closing_is_still_lodged_and_voided(story: Story) -> None:
    certified = story.standard("2024-06-15")
    story.given(act("close", "2024-07-01", KUNSHAN))
    story.submit(act("lodge", "2024-07-10", KUNSHAN, certification=certified)).recorded()
    story.submit(voids(certified)).recorded("decision-voided")


def test_a_successor_inherits_no_level(story: Story) -> None:
    story.given(recognises("benchmark"), act("close", "2024-07-01", KUNSHAN, successors=[BACHENG, FENGQIAO]))
    assert story.level("2024-07-01", station=BACHENG) == "ungraded"


def test_successors_are_other_stations_that_are_known(story: Story) -> None:
    answer = story.submit(act("close", "2024-07-01", KUNSHAN, successors=[BACHENG, YUSHAN, "320583999"]))
    answer.refused("bad-value", "unknown-station")
    assert [fault.field for fault in answer.receipt.faults] == ["successors[1]", "successors[2]"]


def test_a_successor_stands_once(story: Story) -> None:
    closing = act("close", "2024-07-01", KUNSHAN, successors=[BACHENG, FENGQIAO, BACHENG, BACHENG])
    answer = story.submit(closing).refused("bad-value")
    assert [(fault.field, fault.args["why"]) for fault in answer.receipt.faults] == [
        ("successors[2]", "double"),
        ("successors[3]", "double"),
    ]
    story.submit(closing | {"successors": [f"{BACHENG} ", BACHENG]}).refused("bad-value", field="successors[1]")


@pytest.mark.parametrize("irregular", [{}, {"irregular": "已经发生"}])
def test_a_station_that_is_closed_succeeds_none(story: Story, irregular: Record) -> None:
    (closed,) = story.given(act("close", "2024-06-01", KUNSHAN, station=BACHENG))
    closing = act("close", "2024-06-01", KUNSHAN, successors=[FENGQIAO, BACHENG]) | irregular
    for on in ("2024-06-01", "2025-01-01"):
        answer = story.tried(closing | {"on": on}).refused("station-closed", field="successors[1]")
        assert answer.says("station-closed") == {"station": BACHENG, "closed": "2024-06-01"}
    story.tried(closing | {"on": "2024-05-31"}).recorded()  # on that day it was there still
    story.given(voids(closed))
    story.tried(closing).recorded()


def test_a_station_that_is_registered_later_may_succeed(story: Story) -> None:
    story.given(register("320583102", KUNSHAN, KUNSHAN, "2024-08-01"))
    story.submit(act("close", "2024-07-01", KUNSHAN, successors=["320583102"])).recorded()


def test_two_stations_do_not_succeed_each_other(story: Story) -> None:
    first, second = story.submit_file(
        act("close", "2024-07-01", KUNSHAN, successors=[BACHENG]),
        act("close", "2024-07-01", KUNSHAN, station=BACHENG, successors=[YUSHAN]),
        partial=True,
    )
    first.recorded()
    second.refused("station-closed", field="successors[0]")


def test_a_voided_closing_opens_the_station_again(story: Story) -> None:
    story.given(recognises("standard"))
    (closing,) = story.given(act("close", "2024-07-01", KUNSHAN))
    story.given(voids(closing, KUNSHAN))
    story.tried(renames("2024-08-01")).recorded()
    assert story.level("2024-08-01") == "standard"
    assert story.level("2024-08-01", known=story.log.head() - 1) is None


# Offices


def test_an_office_is_enrolled_once_below_one_of_a_higher_tier(story: Story) -> None:
    new = enrol("320506", "county", CITY, CITY, "2024-01-01")
    story.tried(new).recorded()
    story.tried(new | {"office": KUNSHAN}).refused("already-registered", field="office")
    story.tried(new | {"office": "32050"}).refused("bad-value", field="office")
    answer = story.tried(new | {"tier": "village", "parent": KUNSHAN}).refused("bad-value")
    assert [fault.field for fault in answer.receipt.faults] == ["tier"]  # above what it lies nobody can say
    story.tried(new | {"tier": "station", "office": "320506001"}).refused("bad-value", field="tier")
    story.tried(new | {"parent": "3206"}).refused("unknown-office", field="parent")
    story.tried(new | {"parent": KUNSHAN}).refused("bad-value", field="parent")
    story.tried(enrol("3206", "city", CITY, CITY, "2024-01-01")).refused("bad-value", field="parent")


def test_a_ledger_has_one_top_office(story: Story) -> None:
    top = enrol("32", "province", CITY, CITY, "2024-01-01")
    story.tried(top).refused("bad-value", field="parent")
    del top["parent"]
    answer = story.tried(top).refused("bad-value", field="parent")
    assert answer.says("bad-value")["why"] == "one-top"


def test_an_office_that_does_not_exist_is_not_renamed_or_closed(story: Story) -> None:
    renaming = act("rename_office", "2024-01-01", CITY, office="320599", name="某局")
    story.submit(renaming).refused("unknown-office", field="office")
    story.submit(act("close_office", "2024-01-01", CITY, office="320599")).refused("unknown-office", field="office")
    closing = act("close_office", "2024-01-01", CITY, office=KUNSHAN, successor="320599")
    story.submit(closing).refused("unknown-office", field="successor")
    story.submit(closing | {"successor": KUNSHAN}).refused("bad-value", field="successor")
    story.submit(closing | {"successor": HUQIU}).recorded()
    story.submit(closing | {"successor": HUQIU, "on": "2024-02-01"}).refused("unknown-office")


def successor(story: Story, on: str = "2024-06-01") -> str:
    """Close Kunshan's bureau in favour of a new one."""
    story.given(enrol("320590", "county", CITY, CITY, "2024-01-01"))
    story.given(act("close_office", on, CITY, office=KUNSHAN, successor="320590"))
    return "320590"


def test_a_successor_goes_on_with_an_open_case(story: Story) -> None:
    story.given(opens(PROMOTION_24), applies("2024-04-01"))
    new = successor(story, "2024-04-15")
    story.tried(recommends("2024-05-01", KUNSHAN)).refused("unknown-office", field="by.office")
    story.tried(recommends("2024-05-01", HUQIU)).refused("not-own-county")
    story.submit(recommends("2024-05-01", new)).recorded()


def test_a_successor_lodges_what_the_closed_office_certified(story: Story) -> None:
    certified = story.standard("2024-04-01")
    new = successor(story)
    lodging = act("lodge", "2024-07-01", new, certification=certified)
    story.tried(lodging | {"by": {"office": KUNSHAN}}).refused("unknown-office")
    story.tried(lodging | {"by": {"office": HUQIU}}).refused("not-own-county")
    story.tried(lodging | {"on": "2024-05-31"}).refused("not-own-county")
    story.submit(lodging).recorded()


def test_a_successor_voids_what_the_closed_office_submitted(story: Story) -> None:
    (entry,) = story.given(act("classify", "2024-01-01", KUNSHAN, size="large"))
    new = successor(story)
    story.tried(voids(entry, HUQIU)).refused("wrong-authority")
    story.tried(voids(entry, KUNSHAN)).refused("unknown-office")
    story.tried(voids(entry, new, "2024-05-31")).refused("wrong-authority")
    story.submit(voids(entry, new)).recorded()


def test_a_successor_may_not_take_back_either_what_its_predecessor_certified(story: Story) -> None:
    story.standard("2024-04-01")
    new = successor(story)
    taken = act("downgrade", "2025-07-01", new, to="ungraded", reason="不再达标", round=REVIEW_25)
    story.given(opens(REVIEW_25))
    story.assessed("standard", "2025-06-01", CITY, "not_reached")
    story.tried(taken).refused("self-revocation")
    story.tried(taken | {"irregular": "已发文"}).recorded("self-revocation")


def test_successors_of_successors_act_too(story: Story) -> None:
    new = successor(story)
    story.given(act("close_office", "2024-08-01", CITY, office=new, successor=HUQIU))
    story.tried(renames("2024-08-01", new)).refused("unknown-office")
    story.tried(renames("2024-08-01", HUQIU)).recorded()
    story.tried(grants_standard("2024-07-31", HUQIU)).refused("not-own-county", "no-assessment")


def test_offices_that_a_late_entry_lets_succeed_each_other_leave_the_city_in_charge(story: Story) -> None:
    story.given(act("close_office", "2024-08-02", CITY, office=KUNSHAN, successor=HUQIU))
    story.given(act("close_office", "2024-08-01", CITY, office=HUQIU, successor=KUNSHAN))
    story.tried(renames("2024-08-03", HUQIU)).refused("unknown-office")
    story.tried(renames("2024-08-03", CITY)).recorded()


def test_a_voided_closing_of_an_office_lets_it_act_again(story: Story) -> None:
    successor(story)
    story.tried(renames("2024-07-01")).refused("unknown-office")
    story.given(voids(f"office:{KUNSHAN}@2"))
    story.tried(renames("2024-07-01")).recorded()
