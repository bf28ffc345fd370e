"""`dingji schema`: of every submission and event."""

from __future__ import annotations

import json

import msgspec
import pytest

from desk import Desk
from dingji.events.events import EVENTS
from dingji.events.submissions import VERBS


@pytest.mark.parametrize("name", [*VERBS, *EVENTS])
def test_every_verb_and_event_has_a_schema(bare_desk: Desk, name: str) -> None:
    schema = json.loads(bare_desk.ok("schema", name))
    form = schema["$defs"][(VERBS.get(name) or EVENTS[name]).__name__]
    names = {field.encode_name for field in msgspec.structs.fields(VERBS.get(name) or EVENTS[name])}
    assert set(form["properties"]) - {"do", "v"} == names
    assert bare_desk.json("schema", name) == schema


def test_a_schema_describes_each_field_in_the_user_s_language(bare_desk: Desk) -> None:
    for verb, record in VERBS.items():
        form = bare_desk.json("schema", verb.replace("_", "-"), lang="zh")["$defs"][record.__name__]
        described = {name for name, field in form["properties"].items() if "description" in field}
        assert described == set(form["properties"]) - {"do"}, verb


def test_the_names_of_all_schemas(bare_desk: Desk) -> None:
    assert bare_desk.json("schema") == {"submissions": list(VERBS), "events": list(EVENTS)}
    said = bare_desk.ok("schema", lang="zh")
    assert all(name in said for name in (*VERBS, *EVENTS))
