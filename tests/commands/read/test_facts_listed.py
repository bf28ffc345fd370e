"""`dingji facts`: the dictionary, without a ledger."""

from __future__ import annotations

from desk import Desk


def test_every_fact_is_listed(bare_desk: Desk) -> None:
    facts = bare_desk.json("facts")["facts"]
    assert len(facts) > 100
    said = bare_desk.ok("facts", lang="zh")
    assert all(fact["key"] in said and fact["label"]["zh"][:6] in said for fact in facts[:20])


def test_one_fact(bare_desk: Desk) -> None:
    (fact,) = bare_desk.json("facts", "full_time_staff")["facts"]
    assert (fact["key"], fact["form"]["type"], fact["fresh_months"]) == ("full_time_staff", "int", 12)
    result = bare_desk.run("facts", "full_tim_staff", lang="zh")
    assert result.exit_code == 2
    assert "是否为 full_time_staff" in result.stderr


def test_what_the_items_of_a_list_look_like(bare_desk: Desk) -> None:
    assert "each: date=2024-06-30, title=text" in " ".join(bare_desk.ok("facts", "party_honours").split())


def test_the_facts_of_a_notice_that_is_not_installed(bare_desk: Desk) -> None:
    assert bare_desk.run("facts", "--notice", "nowhere").stderr.startswith("unknown-notice")
