"""The table of verbs, topics and streams holds every submission and every event, each once."""

from __future__ import annotations

import msgspec
import pytest

from dingji.events.events import EVENTS
from dingji.events.submissions import VERBS
from dingji.events.vocabulary import (
    ABOUT_STATIONS,
    DECISIONS,
    STREAM_OF_VERB,
    SUBJECT_OF_VERB,
    TOPIC_OF_VERB,
    VERB_OF_TOPIC,
    VOCABULARY,
)
from dingji.rules.decide import RULES


def test_every_submission_and_every_event_stands_in_the_table_once() -> None:
    assert [verb.name for verb in VOCABULARY] == list(VERBS)
    assert [verb.topic for verb in VOCABULARY] == list(EVENTS)
    assert len(TOPIC_OF_VERB) == len(VERB_OF_TOPIC) == len(VOCABULARY)
    assert RULES.keys() == TOPIC_OF_VERB.keys()


@pytest.mark.parametrize("verb", TOPIC_OF_VERB)
def test_a_verbs_subject_is_a_field_that_its_submission_must_give(verb: str) -> None:
    required = {field.name for field in msgspec.structs.fields(VERBS[verb]) if field.required}
    assert SUBJECT_OF_VERB[verb] in required | {""}
    assert (verb in ABOUT_STATIONS) == ("station" in required)


def test_what_does_not_name_its_stream_in_one_field() -> None:
    assert TOPIC_OF_VERB.keys() - STREAM_OF_VERB.keys() == {"adopt_reading", "void"}
    assert {STREAM_OF_VERB[verb] for verb in ABOUT_STATIONS} == {("station:", "station")}


def test_the_decisions_are_those_whose_events_name_grounds_and_perhaps_a_round() -> None:
    own = {topic for topic, event in EVENTS.items() if {"rests_on", "round", "reason"} <= set(event.__struct_fields__)}
    assert set(DECISIONS) == own - {"RecommendationMade", "RecommendationDeclined"}
