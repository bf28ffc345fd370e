"""The dossier: which statement of a fact counts, what supports it, and whose judgement counts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checking import CITY, COUNTY, ENTITLED, STATION, TODAY, dossier, judge, report
from dingji.catalogue.conditions import Condition
from dingji.checks.dossier import Entitlement, Fact, NamedEntry, Unknown, entitlement
from dingji.dates import months_before


def value(*entries: NamedEntry, key: str = "rooms", **subject: Any) -> Any:
    """Return the value in force, or the state of an unknown one."""
    found = dossier(*entries, **subject).known(key)
    return found.value if isinstance(found, Fact) else found.state


def test_the_latest_report_counts_by_date_and_then_by_position() -> None:
    assert value(report("2024-01-01", {"rooms": 1}), report("2024-02-01", {"rooms": 2})) == 2
    assert value(report("2024-02-01", {"rooms": 2}), report("2024-01-01", {"rooms": 1})) == 2
    late = report("2024-02-01", {"rooms": 3}, position=9), report("2024-02-01", {"rooms": 4}, position=8)
    assert value(*late) == value(*reversed(late)) == 3


def test_a_report_dated_later_than_the_dossier_is_not_there() -> None:
    entries = report("2024-01-01", {"rooms": 1}), report("2024-07-01", {"rooms": 2})
    assert value(*entries) == 1
    assert value(*entries, on=date(2024, 7, 1)) == 2


def test_a_value_is_replaced_whole_and_others_stay() -> None:
    first, second = (
        report("2024-01-01", {"duties": ["daily"], "rooms": 1}),
        report("2024-02-01", {"duties": ["visits"]}),
    )
    assert value(first, second, key="duties") == ("visits",)
    assert value(first, second) == 1


def test_what_nobody_stated_is_missing() -> None:
    assert value() == value(report("2024-01-01", {"staff": 1})) == "missing"


def test_a_fact_that_is_not_the_stations_own_has_to_be_confirmed() -> None:
    own = report("2024-05-01", {"staff": 9}, by=STATION)
    assert value(own, key="staff") == "unconfirmed"
    assert value(own, report("2024-04-01", {"staff": 5}), key="staff") == 5
    assert value(own, report("2024-04-01", {"staff": 6}, by=CITY), key="staff") == 6
    assert value(report("2024-05-01", {"rooms": 3}, by=STATION)) == 3


@pytest.mark.parametrize(("on", "expected"), [("2023-06-30", "stale"), ("2023-07-01", 1), ("2022-01-01", "stale")])
def test_a_value_is_stale_when_its_months_are_over(on: str, expected: Any) -> None:
    assert value(report(on, {"rooms": 1})) == expected


def test_a_stale_statement_of_the_station_needs_more_than_confirming() -> None:
    assert value(report("2022-01-01", {"staff": 1}, by=STATION), key="staff") == "stale"


def test_an_unknown_fact_names_the_statement_that_does_not_count() -> None:
    found = dossier(report("2024-05-01", {"staff": 9}, by=STATION, position=7)).known("staff")
    assert isinstance(found, Unknown)
    assert found.statement is not None
    assert (found.statement.entry, found.statement.value, found.statement.office) == (f"{STATION}@7", 9, STATION)


def others(*entries: NamedEntry, key: str = "rooms") -> list[Any]:
    found = dossier(*entries).known(key)
    assert isinstance(found, Fact)
    return [(other.office, other.value) for other in found.others]


def test_offices_that_differ_are_shown_and_the_later_counts() -> None:
    own, county = report("2024-05-01", {"rooms": 2}, by=STATION), report("2024-06-01", {"rooms": 1})
    assert value(own, county) == 1
    assert others(own, county) == [(STATION, 2)]
    assert others(county, report("2024-06-02", {"rooms": 2}, by=STATION)) == [(COUNTY, 1)]


def test_offices_that_agree_are_not() -> None:
    assert others(report("2024-05-01", {"rooms": 1}, by=STATION), report("2024-06-01", {"rooms": 1})) == []
    lists = (
        report("2024-05-01", {"duties": ["daily", "visits"]}, by=STATION),
        report("2024-06-01", {"duties": ["visits", "daily"]}),
    )
    assert others(*lists, key="duties") == []


def test_only_the_latest_fresh_statement_of_another_office_is_shown() -> None:
    entries = (
        report("2022-01-01", {"rooms": 7}, by=CITY),
        report("2024-03-01", {"rooms": 5}, by=STATION),
        report("2024-04-01", {"rooms": 1}, by=STATION),
        report("2024-05-01", {"rooms": 9}, by=COUNTY),
        report("2024-06-01", {"rooms": 1}, by=COUNTY),
    )
    assert others(*entries) == []


def test_evidence_supports_the_value_in_force_unless_it_is_older() -> None:
    said = report("2024-02-01", {"sign": True}, evidence=[("a", "sign"), ("b", "rooms")], position=2)
    before, same, after = (
        report(on, {}, evidence=[(digit, "sign")], position=place)
        for on, digit, place in (("2024-01-31", "c", 3), ("2024-02-01", "d", 4), ("2024-03-01", "d", 5))
    )
    found = dossier(said, before, same, after).known("sign")
    assert isinstance(found, Fact)
    assert [(digest[0], entry[-2:]) for digest, entry in found.evidence] == [("a", "@2"), ("d", "@4"), ("d", "@5")]
    newer = dossier(said, before, same, after, report("2024-04-01", {"sign": True})).known("sign")
    assert isinstance(newer, Fact)
    assert newer.evidence == ()


def test_a_value_without_evidence_is_unsupported() -> None:
    bare = dossier(report("2024-02-01", {"sign": True}))
    found = bare.supported("sign")
    assert isinstance(found, Unknown)
    assert found.state == "unsupported"
    assert bare.asked["sign"] is found
    shown = dossier(report("2024-02-01", {"sign": True}, evidence=[("a", "sign")])).supported("sign")
    assert isinstance(shown, Fact)
    missing = dossier().supported("sign")
    assert isinstance(missing, Unknown)
    assert missing.state == "missing"


def test_every_fact_that_was_asked_for_is_noted_and_a_view_starts_anew() -> None:
    whole = dossier(report("2024-02-01", {"rooms": 1}))
    assert whole.values("rooms", "staff") is None
    assert whole.values("rooms") == (1,)
    assert list(whole.asked) == ["rooms", "staff"]
    assert whole.view().asked == {}


def test_a_key_that_the_dictionary_does_not_have_is_a_mistake_of_the_check() -> None:
    with pytest.raises(KeyError):
        dossier().known("nothing")


def test_values_cannot_be_changed_by_a_check() -> None:
    entry = report(
        "2024-02-01", {"meetings": [{"date": "2024-01-01", "kind": "lesson", "topics": ["a"], "present": 1}]}
    )
    (meetings,) = dossier(entry).values("meetings") or ()
    assert meetings[0]["topics"] == ("a",)
    with pytest.raises(TypeError):
        meetings[0]["kind"] = "members"


@pytest.mark.parametrize(
    ("size", "serves", "threshold", "limit"),
    [
        ("large", "town", 3, 3),
        (None, "town", 3, 3),
        ("large", "town", {"large": 3, "small": 1}, 3),
        ("small", "street", {"large": 3, "small": {"town": 2, "street": 1}}, 1),
        (None, "street", {"large": 3}, None),
    ],
)
def test_a_threshold_holds_by_size_and_place(size: str | None, serves: str, threshold: Any, limit: int | None) -> None:
    held = dossier(size=size, serves=serves)
    assert held.limit(threshold) == limit
    assert held.lacks_size is (limit is None)


def test_a_window_of_the_dossier_ends_on_its_date_and_begins_with_the_registration() -> None:
    assert dossier().window(12).first == date(2023, 7, 1)
    assert dossier(registered=date(2024, 1, 1)).window(12).first == date(2024, 1, 1)


def test_a_condition_holds_does_not_or_is_not_known() -> None:
    held = dossier(report("2024-01-01", {"rooms": 3}))
    assert held.holds(Condition(fact="rooms", at_least=3)) is True
    assert held.holds(Condition(fact="rooms", at_least=4)) is False
    assert held.holds(Condition(fact="staff", at_least=1)) is None
    assert set(held.asked) == {"rooms", "staff"}


def test_a_fact_is_described_without_being_asked_for() -> None:
    held = dossier()
    assert held.kind("rooms").label["en"] == "Rooms"
    assert held.asked == {}


def test_for_another_standard_others_words_count_and_nothing_was_asked_for() -> None:
    held = dossier(report("2024-05-01", {"staff": 9}, by=COUNTY), judge("2024-05-01", "R"))
    assert isinstance(held.known("staff"), Fact)
    city_alone = held.under(Entitlement(frozenset({"city"}), frozenset({"city"}), date(2023, 7, 1)))
    assert city_alone.asked == {}
    assert isinstance(city_alone.known("staff"), Unknown)
    assert city_alone.judged("R")[0] is None
    assert held.judged("R")[0] is not None


def judgements(*entries: NamedEntry) -> tuple[Any, Any]:
    return tuple(found and (found.office, found.judgement.outcome) for found in dossier(*entries).judged("R"))  # type: ignore[return-value]


def test_the_latest_judgement_of_an_entitled_office_counts() -> None:
    county, city = judge("2024-05-01", "R", "not_met"), judge("2024-05-01", "R", by=CITY)
    assert judgements(county, city) == ((CITY, "met"), None)
    assert judgements(city, judge("2024-05-02", "R", "not_met")) == ((COUNTY, "not_met"), None)
    assert judgements(judge("2024-05-02", "S")) == (None, None)


def test_a_judgement_of_the_station_itself_is_shown_only() -> None:
    own, county = judge("2024-06-01", "R", by=STATION), judge("2024-05-01", "R", "not_met")
    assert judgements(own) == (None, (STATION, "met"))
    assert judgements(own, county) == ((COUNTY, "not_met"), (STATION, "met"))


def test_a_judgement_before_its_time_does_not_count() -> None:
    assert judgements(judge("2023-06-30", "R")) == (None, None)
    assert judgements(judge("2023-07-01", "R")) == ((COUNTY, "met"), None)
    assert judgements(judge("2024-07-01", "R")) == (None, None)


def test_papers_of_a_judgement_support_the_requirement_that_they_name() -> None:
    counting, _ = dossier(judge("2024-05-01", "R")).judged("R")
    assert counting is not None
    assert counting.evidence == ("e" * 64,)


def test_whose_word_counts_follows_from_the_notice() -> None:
    from types import SimpleNamespace

    tiers = {"station": 0, "county": 1, "city": 2, "province": 3}
    rules = SimpleNamespace(stations=SimpleNamespace(county_tier="county"))
    notice: Any = SimpleNamespace(tiers=tiers, rules=rules, deciding_tier=lambda standard: "city")
    found = entitlement(notice, "benchmark", TODAY)
    assert found.confirming == {"county", "city", "province"}
    assert found.judging == {"city", "province"}
    assert found.judged_since == TODAY
    assert ENTITLED.confirming == {"county", "city"}


offices = st.sampled_from([STATION, COUNTY, CITY])
reports = st.lists(
    st.tuples(st.dates(date(2022, 1, 1), date(2024, 8, 1)), offices, st.integers(0, 3), st.booleans()), max_size=8
)


@given(reports, st.randoms())
def test_the_order_in_which_entries_come_does_not_matter(made: list[tuple[date, str, int, bool]], random: Any) -> None:
    entries = [
        report(str(on), {"staff": number, "rooms": number}, by=by, evidence=[("a", "rooms")] * paper, position=place)
        for place, (on, by, number, paper) in enumerate(made, 1)
    ]
    shuffled = list(entries)
    random.shuffle(shuffled)
    one, other = dossier(*entries), dossier(*shuffled)
    for key in ("staff", "rooms"):
        assert one.known(key) == other.known(key)


@given(reports)
def test_the_value_in_force_is_the_greatest_by_date_and_position(made: list[tuple[date, str, int, bool]]) -> None:
    entries = [
        report(str(on), {"staff": number}, by=by, position=place) for place, (on, by, number, _) in enumerate(made, 1)
    ]
    entitled = [
        (on, place, number) for place, (on, by, number, _) in enumerate(made, 1) if by != STATION and on <= TODAY
    ]
    found = dossier(*entries).known("staff")
    if entitled and max(entitled)[0] > months_before(TODAY, 12):
        assert isinstance(found, Fact)
        assert found.value == max(entitled)[2]
        assert all(other.value != found.value for other in found.others)
    else:
        assert isinstance(found, Unknown)
        assert (found.state == "missing") is not any(on <= TODAY for on, *_ in made)
