"""Laws that hold of every history, recorded through the real ledger and folded twice: by the engine and naively."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dingji.events import codec
from dingji.events.row import Row
from dingji.state.state_cache import EVOLVE, fold
from dingji.state.station import Station
from dingji.state.timeline import CERTIFIED, DOWNGRADED, FOREVER, LEVEL_TOPICS
from dingji.terms import entry_place
from stories import (
    CITY,
    HUQIU,
    KUNSHAN,
    YUSHAN,
    Record,
    Story,
    act,
    days_between,
    grants_standard,
    lines,
    recognises,
    voids,
)

DAYS = days_between("2022-12-28", "2023-01-08") + days_between("2023-08-20", "2023-08-26")
"""Few days, so that entries meet on one; in the second week the notice comes into force."""

STREAM = f"station:{YUSHAN}"
IRREGULAR = {"irregular": "已经发生"}

day = st.sampled_from(DAYS)
level = st.sampled_from(["ungraded", "standard", "high_standard", "benchmark"])
moves = st.one_of(
    st.builds(lambda on, to: recognises(to, on, **IRREGULAR), day, level),
    st.builds(lambda on: grants_standard(on, **IRREGULAR), day),
    st.builds(
        lambda on, to: act("certify", on, CITY, level=to, **IRREGULAR),
        day,
        st.sampled_from(["benchmark", "high_standard"]),
    ),
    st.builds(
        lambda on, to: act("downgrade", on, CITY, to=to, reason="判", ground="court", document="1", **IRREGULAR),
        day,
        level,
    ),
    st.builds(lambda on: act("uphold", on, CITY, reason="判", ground="court", document="1"), day),
    st.builds(lambda on, size: act("classify", on, CITY, size=size), day, st.sampled_from(["large", "small"])),
    st.builds(lambda on, county: act("transfer", on, CITY, county=county), day, st.sampled_from([KUNSHAN, HUQIU])),
    st.builds(lambda on: act("rename", on, CITY, name="某所"), day),
    st.builds(lambda on: act("close", on, CITY), st.sampled_from(DAYS[-3:])),
    st.builds(lambda version: voids(f"{YUSHAN}@{version}"), st.integers(2, 12)),
)
histories = st.lists(moves, min_size=1, max_size=14).map(
    lambda records: [record | {"id": f"line {number}"} for number, record in enumerate(records)]
)
brief = settings(max_examples=60, deadline=None)


@contextmanager
def told(history: list[Record]) -> Iterator[Story]:
    """Yield a story of whatever of a history is accepted, each line submitted by itself."""
    with tempfile.TemporaryDirectory() as folder, Story(Path(folder)) as story:
        for record in history:
            story.submit(record)
        yield story


def station_of(rows: list[Row]) -> Station:
    state = fold(STREAM, rows)
    assert isinstance(state, Station)
    return state


def levels_of(station: Station) -> dict[str, str | None]:
    standings = {on: station.standing(date.fromisoformat(on).toordinal()) for on in DAYS}
    return {on: standing.level if standing else None for on, standing in standings.items()}


@brief
@given(histories)
def test_the_engine_folds_as_the_naive_fold_does(history: list[Record]) -> None:
    with told(history) as story:
        for known in range(4, story.log.head() + 1):
            naive = {on: story.level(on, known) for on in DAYS}
            rows = story.log.stream(STREAM, upto=known)
            assert (levels_of(station_of(rows)) if rows else dict.fromkeys(DAYS)) == naive


@brief
@given(histories)
def test_a_level_as_known_at_a_position_never_changes(history: list[Record]) -> None:
    with told([]) as story:
        known: list[tuple[int, dict[str, str | None], bytes]] = []
        for record in history:
            story.submit(record)
            row = story.log.row(story.log.head())
            assert row is not None
            known.append((row.position, {on: story.level(on) for on in DAYS}, row.state))
        for position, levels, state in known:
            assert {on: story.level(on, position) for on in DAYS} == levels
            assert story.log.row(position).state == state  # type: ignore[union-attr]


@brief
@given(histories)
def test_certified_never_lowers_and_downgraded_never_raises(history: list[Record]) -> None:
    with told(history) as story:
        line = station_of(story.log.stream(STREAM)).line
        before = 0
        for entry, standing in zip(line.entries, line.standings, strict=True):
            after = standing.rank if standing else 0
            if entry.kind == CERTIFIED and standing:
                assert after == max(before, entry.rank)
            if entry.kind == DOWNGRADED and standing:
                assert after == min(before, entry.rank)
            before = after


@brief
@given(histories)
def test_a_station_has_one_level_at_a_time(history: list[Record]) -> None:
    with told(history) as story:
        spans = station_of(story.log.stream(STREAM)).line.spans()
        for (_, end, _), (begin, _, _) in itertools.pairwise(spans):
            assert end <= begin
        assert all(begin < end <= FOREVER for begin, end, _ in spans)


@brief
@given(histories, st.integers(0, 99))
def test_a_void_removes_exactly_its_entry(history: list[Record], chosen: int) -> None:
    with told(history) as story:
        rows = story.log.stream(STREAM)
        before = station_of(rows)
        open_ = [version for version in range(2, before.version + 1) if version not in before.voided]
        candidates = [version for version in open_ if before.topic(version) != "EntryVoided"]
        if not candidates:
            return
        version = candidates[chosen % len(candidates)]
        story.given(voids(f"{YUSHAN}@{version}", id="the void", note="law"))
        after = station_of(story.log.stream(STREAM))
        assert after.line.entries == tuple(entry for entry in before.line.entries if entry.version != version)
        assert after.marks[:-1] == before.marks
        assert after.voided == before.voided | {version: before.version + 1}
        without = _without(
            [row for row in rows if row.topic in LEVEL_TOPICS and row.version not in before.voided], version
        )
        assert levels_of(after) == levels_of(without)


def _without(rows: list[Row], version: int) -> Station:
    """Return the station that never had the entry, its other entries numbered anew."""
    kept = [row for row in rows if row.version != version]
    return station_of([row._replace(version=number) for number, row in enumerate(kept, 1)])


@brief
@given(histories, st.randoms(use_true_random=False))
def test_entries_of_different_dates_give_the_same_levels_in_any_order(history: list[Record], chance: Any) -> None:
    """Record a history, then let its entries stand in the log in another order: the levels at the end are the same."""
    with told([record for record in history if record["do"] != "void"]) as story:
        rows = story.log.stream(STREAM)
        first, *others = [row for row in rows if row.topic in LEVEL_TOPICS]
        dates = {codec.decode(row.topic, row.state).on: row for row in others}
        several = list(dates.values())
        chance.shuffle(several)
        straight = station_of(_numbered([first, *dates.values()]))
        assert levels_of(station_of(_numbered([first, *several]))) == levels_of(straight)


def _numbered(rows: list[Row]) -> list[Row]:
    return [row._replace(version=number) for number, row in enumerate(rows, 1)]


@brief
@given(st.lists(st.tuples(st.sampled_from(DAYS[:12]), level), unique_by=lambda pair: pair[0], max_size=8), st.data())
def test_late_papers_give_the_same_levels_in_whatever_order_they_are_submitted(
    papers: list[tuple[str, str]], data: st.DataObject
) -> None:
    """What depends on nothing before it may be entered in any order, through the ledger."""
    records = [recognises(to, on) for on, to in papers]
    with told(records) as story, told(data.draw(st.permutations(records))) as other:
        assert story.log.head() == other.log.head() == 7 + len(records)
        assert [story.level(on) for on in DAYS] == [other.level(on) for on in DAYS]


@brief
@given(histories)
def test_a_history_submitted_again_changes_nothing(history: list[Record]) -> None:
    with told(history) as story:
        recorded = {row.stream + row.topic + str(row.version) for row in story.log.scan()}
        ids = {story.state(f"{YUSHAN}@{version}")["id"] for version in range(1, len(story.log.stream(STREAM)) + 1)}
        again = story.submit_file(*(record for record in history if record["id"] in ids))
        assert {answer.status for answer in again} <= {"already-recorded"}
        assert {row.stream + row.topic + str(row.version) for row in story.log.scan()} == recorded


@brief
@given(histories)
def test_one_file_decides_as_one_by_one(history: list[Record]) -> None:
    with told(history) as story, told([]) as other:
        with other.ledger.submit(lines(history), partial=True) as receipts:
            assert receipts.committed
        assert list(story.log.scan()) == list(other.log.scan())


@brief
@given(histories, st.data())
def test_what_a_ledger_holds_is_what_its_log_says(history: list[Record], data: st.DataObject) -> None:
    """Files that are recorded, refused and only tried, in any mixture: the states held are the fold of the log."""
    with told([]) as story:
        while history:
            cut = data.draw(st.integers(1, len(history)))
            part, history = history[:cut], history[cut:]
            story.submit_file(*part, partial=data.draw(st.booleans()), dry_run=data.draw(st.booleans()))
            for stream, state in story.held().items():
                assert state == fold(stream, story.log.stream(stream))


def test_every_kind_of_stream_has_its_fold() -> None:
    assert EVOLVE.keys() == {"station", "office", "round", "notice"}
    assert entry_place("round:2024-promotion@2") == ("round:2024-promotion", 2)
