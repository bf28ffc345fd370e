"""Drafts tried on all stations: who would gain, who would lose, who cannot be decided, and the rates."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dingji.catalogue.standard import Standard
from dingji.faults import LedgerError
from dingji.intake.draft_standard import read_draft
from dingji_projections.engine.basis import Basis
from dingji_projections.levels.attainment import Holder, attainment
from dingji_projections.reruns.simulate import Drafts, Simulated, Simulation, simulate
from stories import BACHENG, CITY, FENGQIAO, KUNSHAN, PROMOTION_24, YUSHAN, Story, act, judgements, opens, voids

ON = date(2024, 6, 20)
STRICTER = """
[[requirement]]
id = "S1.1.1c"
indicator = "S1.1.1"
cells = [1]
title = { zh = "更多", en = "More" }
text = { zh = "人数不少于十人。", en = "Ten or more." }
sizes = ["large", "medium", "small"]
check = "at_least"
parameters = { fact = "staff", minimum = 10 }

[[indicator]]
id = "S1.1.2"
"""


def draft(story: Story, folder: Path) -> Standard:
    """Return the tiny standard with one requirement more: ten of staff."""
    text = (story.setting.folder() / "standard.toml").read_text("utf-8")
    stricter = text.replace('\n[[indicator]]\nid = "S1.1.2"\n', STRICTER, 1)
    assert stricter != text
    path = folder / "draft.toml"
    path.write_text(stricter, "utf-8")
    return read_draft(path, story.plugins, story.notice)


def tried(story: Story, folder: Path, on: date = ON, known: int | None = None, county: str | None = None) -> Simulation:
    basis = Basis(on, story.log.head() if known is None else known, None)
    return simulate(story.log, story.plugins, basis, Drafts([draft(story, folder)], recorded=False), county)


def of(found: Simulation, station: str) -> Simulated:
    return next(one for one in found.stations if one.station == station)


def staff(station: str, number: int, on: str = "2024-06-10", by: str = CITY) -> dict[str, object]:
    return act("report", on, by, station=station, facts={"staff": number})


def test_who_holds_a_level_and_would_not_reach_it_loses_it(story: Story, tmp_path: Path) -> None:
    story.standard()
    story.given(act("classify", "2024-01-01", KUNSHAN, size="small"), staff(YUSHAN, 3))
    head, size = story.log.head(), story.path.stat().st_size
    one = of(tried(story, tmp_path), YUSHAN)
    assert (one.change, one.held, one.before, one.after, one.to) == (
        *("loses", "standard", "reached", "not_reached", "ungraded"),
    )
    assert one.short == ("S1.1.1c",)
    assert (story.log.head(), story.path.stat().st_size) == (head, size)


def test_without_the_fact_nobody_can_be_decided_and_it_is_named(story: Story, tmp_path: Path) -> None:
    story.standard()
    story.given(act("classify", "2024-01-01", KUNSHAN, size="small"))
    found = tried(story, tmp_path)
    one = of(found, YUSHAN)
    assert (one.change, one.to, one.lacking, one.open) == ("undecided", "standard", ("staff",), ("S1.1.1c",))
    assert found.lacking["staff"] == len(found.stations) == 3


def test_what_is_reached_already_is_no_gain(story: Story, tmp_path: Path) -> None:
    story.given(act("classify", "2024-01-01", KUNSHAN, size="small"), staff(YUSHAN, 12))
    story.given(act("judge", "2024-06-12", CITY, judgements=judgements("standard", "reached")))
    assert of(tried(story, tmp_path), YUSHAN).change == "same"


def test_who_would_reach_what_is_not_reached_now_gains(story: Story, tmp_path: Path) -> None:
    story.given(act("classify", "2024-01-01", KUNSHAN, size="small"), staff(YUSHAN, 12))
    story.given(act("judge", "2024-06-12", CITY, judgements=judgements("standard", "undetermined")))
    text = (story.setting.folder() / "standard.toml").read_text("utf-8")
    second = text.index('[[requirement]]\nid = "S1.1.1b"')
    path = tmp_path / "easier.toml"
    path.write_text(text[:second] + text[text.index("[[indicator]]", second) :], "utf-8")
    easier = read_draft(path, story.plugins, story.notice)
    basis = Basis(ON, story.log.head(), None)
    found = simulate(story.log, story.plugins, basis, Drafts([easier], recorded=False))
    one = of(found, YUSHAN)
    assert (one.change, one.before, one.after, one.to) == ("gains", "undetermined", "reached", "standard")
    before, after = (
        next(rate for rate in rates if (rate.office, rate.level) == (KUNSHAN, "standard"))
        for rates in (found.before, found.after)
    )
    assert (before.exact, after.exact) == ((), (YUSHAN,))
    assert before.stations == after.stations == (YUSHAN, BACHENG)


def test_an_answer_does_not_change_with_what_is_recorded_later(story: Story, tmp_path: Path) -> None:
    story.given(act("classify", "2024-01-01", KUNSHAN, size="small"), staff(YUSHAN, 3))
    known = story.log.head()
    before = tried(story, tmp_path, known=known)
    story.given(staff(YUSHAN, 20), voids(f"{YUSHAN}@3"), opens(PROMOTION_24))
    assert tried(story, tmp_path, known=known) == before
    assert tried(story, tmp_path) != before


def test_one_county_alone(story: Story, tmp_path: Path) -> None:
    assert [one.station for one in tried(story, tmp_path, county=KUNSHAN).stations] == [YUSHAN, BACHENG]
    assert {one.station for one in tried(story, tmp_path).stations} == {YUSHAN, BACHENG, FENGQIAO}
    assert tried(story, tmp_path, on=date(2020, 1, 1)).stations == ()


def test_what_was_recorded_last_is_the_measure_where_the_installed_standard_is_tried(story: Story) -> None:
    story.assessed("standard", "2024-06-15", KUNSHAN)
    story.given(act("judge", "2024-06-16", CITY, judgements=judgements("standard", "not_reached")))
    installed = story.plugins.standard(story.notice, "standard")
    basis = Basis(ON, story.log.head(), None)
    one = of(simulate(story.log, story.plugins, basis, Drafts([installed], recorded=True)), YUSHAN)
    assert (one.change, one.before, one.after, one.to) == ("loses", "reached", "not_reached", "ungraded")


def reviewed(story: Story, *judged: dict[str, object]) -> Simulation:
    """Try the installed benchmark on a station that was certified by it and falls short of it by now."""
    story.benchmark()
    story.given(act("judge", "2025-12-16", CITY, judgements=judgements("benchmark", "not_reached")), *judged)
    installed = story.plugins.standard(story.notice, "benchmark")
    basis = Basis(date(2025, 12, 20), story.log.head(), None)
    return simulate(story.log, story.plugins, basis, Drafts([installed], recorded=True))


def test_what_is_undetermined_does_not_grade(story: Story) -> None:
    found = reviewed(story)  # what was judged of attachment 2 is more than a year old
    one = of(found, YUSHAN)
    assert (one.change, one.held, one.to, one.could) == ("loses", "benchmark", None, ("standard", "ungraded"))
    assert one.assessed == date(2024, 10, 1)
    (rate,) = (rate for rate in found.after if (rate.office, rate.level) == (KUNSHAN, "standard"))
    assert (rate.exact, rate.at_or_above, rate.undecided) == ((), (), (YUSHAN,))
    (rate,) = (rate for rate in found.after if (rate.office, rate.level) == (KUNSHAN, "benchmark"))
    assert (rate.exact, rate.at_or_above, rate.undecided) == ((), (), ())
    assert not any(rate.undecided for rate in found.before)


@pytest.mark.parametrize(("verdict", "to"), [("reached", "standard"), ("not_reached", "ungraded")])
def test_who_loses_a_level_falls_to_the_highest_that_is_reached(story: Story, verdict: str, to: str) -> None:
    found = reviewed(story, act("judge", "2025-12-17", CITY, judgements=judgements("standard", verdict)))
    one = of(found, YUSHAN)
    assert (one.change, one.to, one.could) == ("loses", to, ())


WRONG = {
    "not TOML": ("standard = ", {"not-toml"}),
    "no code": ("attachment = 1", {"missing-key"}),
    "nested deep": ("a = " + "[" * 100_000, {"not-toml"}),
    "a million digits": ("a = " + "9" * 1_000_000, {"not-toml"}),
    "an integer that JSON does not keep": ("a = 9007199254740992", {"not-toml"}),
    "a key of a hundred thousand parts": ("a." * 100_000 + "a = 1", {"not-toml"}),
    "nested forty deep": ("a = " + "[" * 40 + "]" * 40, {"not-toml"}),
    "everything": ('standard = "standard"\n[[requirement]]\nid = "x"\ncheck = "no_such"\n', {"missing-key"}),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_draft_with_errors_is_refused_with_all_of_them(story: Story, tmp_path: Path, name: str) -> None:
    text, whys = WRONG[name]
    (tmp_path / "bad.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(LedgerError) as refused:
        read_draft(tmp_path / "bad.toml", story.plugins, story.notice)
    assert refused.value.fault.code == "bad-catalogue"
    assert whys <= {error["why"] for error in refused.value.fault.args["errors"]}
    assert {error["file"] for error in refused.value.fault.args["errors"]} == {"bad.toml"}


def test_a_draft_that_cannot_be_read_is_refused(story: Story, tmp_path: Path) -> None:
    (tmp_path / "gbk.toml").write_bytes("title = '标准'".encode("gbk"))
    (tmp_path / "long.toml").write_bytes(b"#" * ((4 << 20) + 1))
    for name, code in (("none.toml", "unreadable-file"), ("gbk.toml", "unreadable-file"), ("long.toml", "too-large")):
        with pytest.raises(LedgerError) as refused:
            read_draft(tmp_path / name, story.plugins, story.notice)
        assert refused.value.fault.code == code


RANKS = {"ungraded": 0, "standard": 1, "high_standard": 2, "benchmark": 3}
HOLDERS = st.lists(
    st.builds(
        Holder, st.integers(100, 140).map(str), st.sampled_from("ab"), st.sampled_from(sorted(RANKS)), st.just(())
    ),
    unique_by=lambda holder: holder.station,
)


@given(HOLDERS)
def test_rates_count_every_station_once(holders: list[Holder]) -> None:
    rates = attainment(holders, RANKS, ["standard", "benchmark"], "top")
    assert {rate.office for rate in rates} == {"top"} | {holder.office for holder in holders}
    for rate in rates:
        own = [holder for holder in holders if rate.office in {"top", holder.office}]
        assert set(rate.stations) == {holder.station for holder in own}
        assert set(rate.exact) == {holder.station for holder in own if holder.level == rate.level}
        above = {holder.station for holder in own if RANKS[holder.level or ""] >= RANKS[rate.level]}
        assert set(rate.at_or_above) == above


@given(HOLDERS, st.lists(st.sampled_from(sorted(RANKS)), min_size=2, max_size=3, unique=True))
def test_what_is_certain_of_the_undecided_is_counted(holders: list[Holder], could: list[str]) -> None:
    open_ = Holder("100", "a", None, tuple(could))
    decided = [holder for holder in holders if holder.station != open_.station]
    found, *cases = (
        attainment([*decided, holder], RANKS, ["standard", "benchmark"], "top")
        for holder in (open_, *(Holder("100", "a", level) for level in could))
    )
    for rate, *sure in zip(found, *cases, strict=True):
        assert set(rate.exact) == set.intersection(*(set(one.exact) for one in sure))
        assert set(rate.at_or_above) == set.intersection(*(set(one.at_or_above) for one in sure))
        told = len({(one.exact, one.at_or_above) for one in sure}) > 1
        assert rate.undecided == (("100",) if told else ())
