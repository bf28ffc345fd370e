"""What is installed: plugins, facts and schemas, all without a ledger."""

from __future__ import annotations

import json

import msgspec
import pytest

from desk import Desk
from dingji.events.events import EVENTS
from dingji.events.submissions import VERBS
from dingji.plugins.hookspecs import RegisterCheck, hookimpl
from dingji.plugins.manager import load_plugins
from dingji_commands.app import wiring


def test_plugins_are_listed_with_their_owner_and_what_they_bring(bare_desk: Desk) -> None:
    plugins = {plugin["name"]: plugin for plugin in bare_desk.json("plugins")["plugins"]}
    assert plugins["suzhou_2023_143"]["distribution"] == "dingji"
    assert "notice:suzhou-2023-143" in plugins["suzhou_2023_143"]["contributions"]
    assert "check:at_least" in plugins["stock"]["contributions"]
    assert len(plugins["stock"]["digest"]) == 64
    said = bare_desk.ok("plugins", lang="zh")
    assert "suzhou_2023_143 · dingji" in said
    assert "已加载" in said


def test_a_plugin_that_is_switched_off_is_shown_as_such(bare_desk: Desk) -> None:
    done = bare_desk.process("plugins", env={"DINGJI_PLUGINS_OFF": "stock"})
    assert done.returncode == 0
    assert b"stock \xc2\xb7 dingji 0.1.0 \xc2\xb7 switched off" in done.stdout


def test_a_plugin_that_fails_is_told_with_the_reason(bare_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        @hookimpl
        def register_checks(self, register: RegisterCheck) -> None:
            raise RuntimeError("out of order")

    monkeypatch.setattr(wiring, "plugins", lambda: load_plugins([Broken()]))
    result = bare_desk.run("plugins")
    assert result.exit_code == 1
    assert "Broken" in result.stdout
    assert "out of order" in result.stdout


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


def test_what_the_items_of_a_list_look_like_is_told(bare_desk: Desk) -> None:
    assert "each: date=2024-06-30, title=text" in " ".join(bare_desk.ok("facts", "party_honours").split())


def test_the_facts_of_a_notice_that_is_not_installed(bare_desk: Desk) -> None:
    assert bare_desk.run("facts", "--notice", "nowhere").stderr.startswith("unknown-notice")


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


def test_the_standards_of_a_notice(bare_desk: Desk) -> None:
    rows = {row["standard"]: row for row in bare_desk.json("standards")["standards"]}
    assert {code: row["indicators"] for code, row in rows.items()} == {"benchmark": 55, "standard": 58}
    assert "标杆" in bare_desk.ok("standards", lang="zh")
