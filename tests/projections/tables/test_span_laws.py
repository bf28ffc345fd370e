"""The spans of one station as knowledge grows, against a fold that knows nothing of spans."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dingji.state.timeline import RANK_OF_KIND, Entry, Knowledge
from projections.logs import ORDER, RANKS, Fact, Held, Move, moves, naive_at, naive_rows

TOPICS = (*ORDER[1:], "EntryVoided")
Moves = st.lists(moves(1, 6, TOPICS), min_size=1, max_size=14)


def facts_of(made: list[Move]) -> list[Fact]:
    first = Fact(1, 1, "StationRegistered", made[0].on, "c0", 0)
    return [first] + [
        Fact(number, number, move.topic, move.on, move.word, move.target % number + 1)
        for number, move in enumerate(made[1:], 2)
    ]


def learn(facts: list[Fact]) -> Knowledge:
    knowledge = Knowledge()
    for fact in facts:
        if fact.topic == "EntryVoided":
            knowledge.forget(fact.position, fact.target)
        else:
            kind = RANK_OF_KIND[fact.topic]
            knowledge.learn(fact.position, Entry(fact.on, kind, fact.version, fact.word, RANKS.get(fact.word, 0)))
    return knowledge


def at(knowledge: Knowledge, on: int, known: int) -> Held | None:
    found = [
        span.standing
        for span in knowledge.spans()
        if span.valid_from <= on < span.valid_to and span.known_from <= known < span.known_to
    ]
    assert len(found) <= 1, "two levels at one instant"
    return found[0] if found else None


@settings(max_examples=400, deadline=None)
@given(Moves)
def test_spans_are_the_naive_ones(made: list[Move]) -> None:
    facts = facts_of(made)
    found = [(*span[:4], tuple(span.standing)) for span in learn(facts).spans()]
    assert found == naive_rows(facts, len(facts))


@settings(deadline=None)
@given(Moves)
def test_every_date_as_known_at_every_position(made: list[Move]) -> None:
    facts = facts_of(made)
    knowledge = learn(facts)
    days = range(min(fact.on for fact in facts) - 1, max(fact.on for fact in facts) + 2)
    for known in range(len(facts) + 1):
        for on in days:
            assert at(knowledge, on, known) == naive_at(facts, on, known)


@settings(deadline=None)
@given(Moves, st.integers(1, 14))
def test_what_was_known_never_changes(made: list[Move], length: int) -> None:
    facts = facts_of(made)
    before, after = learn(facts[:length]), learn(facts)
    days = range(min(fact.on for fact in facts) - 1, max(fact.on for fact in facts) + 2)
    for known in range(min(length, len(facts)) + 1):
        for on in days:
            assert at(before, on, known) == at(after, on, known)


@settings(deadline=None)
@given(st.data())
def test_the_order_of_recording_does_not_matter_on_distinct_dates(data: st.DataObject) -> None:
    topics = tuple(topic for topic in ORDER if topic not in {"StationRegistered", "StationClosed"})
    made = data.draw(st.lists(moves(1, 30, topics), min_size=1, max_size=10, unique_by=lambda move: move.on))
    first = min(move.on for move in made) - 1
    entries = [Entry(first, 0, 1, "c0", 0)] + [
        Entry(move.on, RANK_OF_KIND[move.topic], number, move.word, RANKS.get(move.word, 0))
        for number, move in enumerate(made, 2)
    ]
    results = []
    for order in (entries, data.draw(st.permutations(entries))):
        knowledge = Knowledge()
        for position, entry in enumerate(order, 1):
            knowledge.learn(position, entry)
        results.append([(span.valid_from, span.valid_to, span.standing) for span in knowledge.open])
    assert results[0] == results[1]


@settings(deadline=None)
@given(Moves, st.integers(2, 14))
def test_a_void_takes_away_exactly_its_entry(made: list[Move], version: int) -> None:
    facts = [fact for fact in facts_of(made) if fact.topic != "EntryVoided"]
    position = max(fact.position for fact in facts) + 1
    voided = learn([*facts, Fact(position, position, "EntryVoided", facts[0].on, "", version)])
    without = learn([fact for fact in facts if fact.version != version])
    assert [span[:2] + span[4:] for span in voided.open] == [span[:2] + span[4:] for span in without.open]
