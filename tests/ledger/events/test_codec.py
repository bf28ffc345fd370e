"""Stored bytes: canonical, framed without ambiguity, and readable for ever."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dingji.events import codec, events
from dingji.events.codec import FOLDED, Who, decode, decode_brief, encode, frame
from dingji.events.events import EVENTS, Event, topic_of
from dingji.events.row import Row
from dingji.events.submissions import By, Submission, verb_of
from dingji.events.vocabulary import TOPIC_OF_VERB
from dingji.faults import IntegrityBroken
from dingji.rules.decide import Decision, decide
from dingji.rules.docket import Context
from dingji.writer import session
from stories import (
    BACHENG,
    CITY,
    FENGQIAO,
    HUQIU,
    KUNSHAN,
    PROMOTION_24,
    REVIEW_25,
    SIZES_24,
    YUSHAN,
    Story,
    act,
    applies,
    certifies,
    enrol,
    opens,
    plugins_with,
    recognises,
    recommends,
    voids,
)

CORPUS = Path(__file__).parent / "corpus"
PAPER = {"sha256": "ab" * 32, "name": "合同", "supports": ["staff"]}


def everything(story: Story) -> None:
    """Let a story write an event of every topic, and every field of an event at least once."""
    folder = story.path.parent / "changed"
    folder.mkdir()
    for file in story.setting.folder().iterdir():
        folder.joinpath(file.name).write_text(file.read_text("utf-8").replace('en = "Staff"', 'en = "Crew"'), "utf-8")
    story.plugins = plugins_with(folder)
    common = {"document": "苏司发〔2024〕3号", "note": "补录：“旧档”第 7 页 \\ 👍", "id": "k-1"}
    story.given(
        act("adopt_notice", "2024-01-01", f"{CITY}/c.1", notice=story.notice.id, **common),
        act("adopt_reading", "2024-01-01", CITY, requirement="S1.1.2b", reading="six"),
        enrol("320590", "county", CITY, CITY, "2022-01-01"),
        act("rename_office", "2023-01-01", CITY, office="320590", name="园区局"),
        act("close_office", "2024-01-31", CITY, office="320590", successor=HUQIU, on_precision="month"),
        act("rename", "2022-12-31", KUNSHAN, name="玉山街道", serves="street", on_precision="year"),
        act("transfer", "2022-05-01", CITY, station=BACHENG, county=HUQIU),
        act("close", "2023-01-01", HUQIU, station=BACHENG, successors=[YUSHAN, FENGQIAO]),
        recognises("high_standard"),
        opens(SIZES_24),
        opens(PROMOTION_24),
        opens(REVIEW_25),
        act("classify", "2024-04-01", KUNSHAN, size="large", round=SIZES_24, basis={"population": 120000, "a": "b"}),
        act("report", "2024-04-02", YUSHAN, facts={"staff": 5, "hall": True}, evidence=[PAPER]),
        act("report", "2024-04-02", KUNSHAN, facts={"staff": 6}),
        act("judge", "2024-04-02", YUSHAN, judgements={"S1.1.1a": {"outcome": "met", "reason": "自评"}}),
        act("assess", "2024-04-03", KUNSHAN, standard="standard"),
    )
    decide_everything(story)


def decide_everything(story: Story) -> None:
    story.given(applies(id="a"), recommends(by=f"{KUNSHAN}/p1", reason="好"), recommends(reason="再荐"))
    judged = {"B1.1.1a": {"outcome": "met", "reason": "看过"}, "S1.1.2a": {"outcome": "not_applicable", "reason": "无"}}
    story.given(act("judge", "2024-10-01", CITY, judgements=judged, evidence=[PAPER]))
    story.assessed("standard", "2024-10-01", CITY)
    story.assessed("benchmark", "2024-10-01", CITY)
    story.given(certifies(by=f"{CITY}/p1", reason="达标", irregular="同一经办人"))
    story.given(act("withdraw", "2024-11-21", YUSHAN, level="benchmark", round=PROMOTION_24, irregular="撤"))
    story.given(
        act("decline", "2024-11-21", KUNSHAN, level="benchmark", round=PROMOTION_24, irregular="又", reason="缺")
    )
    story.given(act("refuse", "2024-11-22", CITY, level="benchmark", round=PROMOTION_24, irregular="又", reason="缺"))
    story.given(act("refuse", "2024-06-01", HUQIU, station=FENGQIAO, level="standard", reason="缺"))
    story.given(act("certify", "2024-06-02", HUQIU, station=FENGQIAO, level="standard", irregular="已发文"))
    story.given(act("lodge", "2024-06-03", HUQIU, station=FENGQIAO, certification=f"{FENGQIAO}@3"))
    story.given(act("uphold", "2025-07-01", CITY, reason="好", round=REVIEW_25, irregular="未评"))
    story.given(act("downgrade", "2025-07-02", CITY, to="standard", reason="判", ground="court", document="判1"))
    story.assessed("standard", "2025-06-01", CITY, "not_reached")
    story.given(act("uphold", "2025-07-03", CITY, reason="容", round=REVIEW_25))
    story.given(act("uphold", "2025-07-04", CITY, reason="判", ground="court", document="判2"))
    story.given(act("downgrade", "2025-07-05", CITY, to="ungraded", reason="差", round=REVIEW_25))
    story.given(act("close_round", "2025-12-31", CITY, round=REVIEW_25))
    story.given(voids(f"{FENGQIAO}@3", cause="annulled", document="撤1"))


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Row]]:
    with Story(tmp_path_factory.mktemp("codec")) as story:
        everything(story)
        yield list(story.log.scan())


def test_every_verb_becomes_the_event_of_its_topic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: dict[str, str] = {}

    def judged(context: Context, submission: Submission) -> Decision:
        decision = decide(context, submission)
        if decision.event is not None:
            found[verb_of(submission)] = topic_of(decision.event)
        return decision

    monkeypatch.setattr(session, "decide", judged)
    with Story(tmp_path) as story:
        everything(story)
    assert found == TOPIC_OF_VERB


# Canonical bytes


def canonical(state: bytes) -> bytes:
    return orjson.dumps(orjson.loads(state), option=orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER)


def test_stored_bytes_are_canonical(rows: list[Row]) -> None:
    assert {row.topic for row in rows} == EVENTS.keys()
    for row in rows:
        assert canonical(row.state) == row.state
        assert encode(decode(row.topic, row.state)) == row.state


def test_no_float_and_no_default_is_stored(rows: list[Row]) -> None:
    def leaves(value: Any) -> Iterator[Any]:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        for one in inner:
            yield from leaves(one)
        yield value

    for row in rows:
        state = orjson.loads(row.state)
        assert not [value for value in leaves(state) if isinstance(value, float)]
        assert state["v"] == EVENTS[row.topic].__struct_config__.tag
        for name in ("document", "note", "irregular", "content"):
            assert state.get(name, "") is not None
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", state["recorded_at"])


NEVER_WRITTEN = {"ApplicationSubmitted": {"rests_on"}}
"""What a case begins with rests on nothing."""


def test_every_field_of_every_event_was_written_once(rows: list[Row]) -> None:
    for topic, form in EVENTS.items():
        written = {key for row in rows if row.topic == topic for key in orjson.loads(row.state)}
        common = {field.encode_name for field in msgspec.structs.fields(Event)}
        own = {field.encode_name for field in msgspec.structs.fields(form)} - common
        assert own - written <= NEVER_WRITTEN.get(topic, set()), topic
    assert common <= {key for row in rows for key in orjson.loads(row.state)}


# Decoding in brief


def fields_of(record: Any) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.structs.asdict(record)
    return fields


def folded(event: Event) -> dict[str, Any]:
    fields = {name: value for name, value in fields_of(event).items() if name in FOLDED}
    return fields | {"by": Who(event.by.office, event.by.person)}


def test_a_brief_event_says_what_the_whole_one_says_of_what_is_folded(
    rows: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = [decode(row.topic, row.state) for row in rows]
    # No row must fall back to the whole decoder: that would only be slow, and nobody would notice.
    monkeypatch.setattr(codec, "decode", lambda topic, state: None)
    for row, event in zip(rows, whole, strict=True):
        assert fields_of(decode_brief(row.topic, row.state)) == folded(event)


# Framing

part = st.text(max_size=8)
version = st.integers(1, 2**31)


@given(st.tuples(part, version, part, st.binary(max_size=12)), st.tuples(part, version, part, st.binary(max_size=12)))
def test_two_entries_never_have_the_same_frame(one: tuple[str, int, str, bytes], other: tuple[Any, ...]) -> None:
    assert (frame(*one) == frame(*other)) == (one == other)


@given(st.tuples(part, version, part, st.binary(max_size=12)))
def test_a_frame_can_be_taken_apart(entry: tuple[str, int, str, bytes]) -> None:
    rest = frame(*entry)
    parts = []
    while rest:
        size = int.from_bytes(rest[:8], "big")
        parts.append(rest[8 : 8 + size])
        rest = rest[8 + size :]
    assert parts == [entry[0].encode(), str(entry[1]).encode(), entry[2].encode(), entry[3]]


def test_moving_a_byte_between_parts_changes_the_frame() -> None:
    entries = [("ab", 1, "c", b""), ("a", 1, "bc", b""), ("a", 11, "bc", b""), ("ab", 1, "", b"c")]
    assert len({frame(*entry) for entry in entries}) == 4


# The corpus: what was stored once is readable for ever


def samples() -> dict[tuple[str, int], bytes]:
    """Return the samples by (topic, form): the stored bytes of an event, and at most a line end."""
    names = ((file, file.name.split(".")) for file in CORPUS.glob("*.json"))
    return {(name[0], int(name[1].removeprefix("v"))): file.read_bytes().rstrip(b"\n") for file, name in names}


def test_every_topic_and_form_has_a_sample() -> None:
    wanted = {
        (topic, form) for topic, event in EVENTS.items() for form in range(1, int(str(event.__struct_config__.tag)) + 1)
    }
    assert samples().keys() == wanted, "put the stored bytes of one event in tests/ledger/corpus/<Topic>.v<form>.json"


@pytest.mark.parametrize(("topic", "form"), sorted(samples()))
def test_a_sample_is_read_and_written_as_it_was(topic: str, form: int) -> None:
    stored = samples()[topic, form]
    event = decode(topic, stored)
    assert topic_of(event) == topic
    if form == EVENTS[topic].__struct_config__.tag:
        assert encode(event) == stored == canonical(stored)
    if form == EVENTS[topic].__struct_config__.tag:
        assert fields_of(decode_brief(topic, stored)) == folded(event)
    else:
        assert decode_brief(topic, stored) == event


def test_a_topic_is_a_word_that_never_changes() -> None:
    assert sorted(EVENTS) == sorted({topic for topic, _ in samples()})


# Older forms


class Renumbered(Event, frozen=True, kw_only=True, tag=3):
    """A form that a test made up: the third of its kind."""

    number: int
    unit: str


@pytest.fixture
def third_form(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(events.EVENTS, "Renumbered", Renumbered)
    monkeypatch.setitem(codec.UPCASTERS, ("Renumbered", 1), lambda old: {**old, "v": 2, "number": int(old["text"])})
    monkeypatch.setitem(codec.UPCASTERS, ("Renumbered", 2), lambda old: {**old, "v": 3, "unit": "m2"})
    monkeypatch.setattr(codec, "FOLDED", FOLDED | {"number", "unit"})
    yield
    codec._decoder.cache_clear()
    codec._brief_decoder.cache_clear()


def stored(**fields: Any) -> bytes:
    common = {"on": "2024-01-01", "by": {"office": "3205"}, "recorded_at": "2024-01-01T00:00:00.000000Z", "id": "a"}
    return json.dumps(common | fields).encode()


@pytest.mark.usefixtures("third_form")
def test_an_older_form_is_brought_up_step_by_step_when_it_is_read() -> None:
    for state in (stored(v=1, text="7"), stored(v=2, number=7), stored(v=3, number=7, unit="m2")):
        event = decode("Renumbered", state)
        assert isinstance(event, Renumbered)
        assert (event.number, event.unit, event.by) == (7, "m2", By(office="3205"))
        brief = decode_brief("Renumbered", state)
        assert (brief.number, brief.unit, brief.by.office) == (7, "m2", "3205")
        assert orjson.loads(encode(event))["v"] == 3


@pytest.mark.usefixtures("third_form")
def test_a_brief_event_goes_without_what_is_not_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "FOLDED", FOLDED | {"number"})
    brief = decode_brief("Renumbered", stored(v=3, number=7, unit="m2", note="long"))
    assert not hasattr(brief, "unit")
    assert not hasattr(brief, "note")
    assert (brief.number, brief.id) == (7, "a")


@pytest.mark.usefixtures("third_form")
@pytest.mark.parametrize(
    ("topic", "state"),
    [
        ("Renumbered", stored(v=4, number=7, unit="m2")),
        ("Renumbered", stored(v=0)),
        ("Renumbered", stored(number=7)),
        ("Renumbered", stored(v="1", text="7")),
        ("Renumbered", stored(v=3, number="seven", unit="m2")),
        ("Renumbered", stored(v=3)),
        ("Renumbered", b"[]"),
        ("Renumbered", b"7"),
        ("Renumbered", b"{"),
        ("Renumbered", b""),
        ("Renumbered", b"\xff"),
        ("Renumbered", b'{"v": 3, "number": 7, "unit": "\xff"}'),
        ("Unheard", stored(v=1)),
        ("FactsReported", b"{}"),
        ("FactsReported", b"\x00"),
    ],
)
def test_what_cannot_be_read_says_so(topic: str, state: bytes) -> None:
    for read in (decode, decode_brief):
        with pytest.raises(IntegrityBroken) as error:
            read(topic, state)
        assert error.value.fault.code == "unreadable-entry"
        assert error.value.fault.args["topic"] == topic
