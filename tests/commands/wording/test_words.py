"""The words of the commands: all there, in both languages, and laid out for a terminal."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import get_args

import click
import pytest

import dingji_commands
from dingji.events.events import EVENTS
from dingji.events.submissions import VERBS
from dingji.terms import Outcome, Status, Verdict
from dingji_commands.main import MODULES, main
from dingji_commands.main import VERBS as VERB_COMMANDS
from dingji_commands.terminal import layout
from dingji_commands.wording.words import text
from dingji_projections.ask.bounds import bounds
from dingji_projections.audit.applicable_rules import rule_tables
from dingji_projections.why.derivation import Effect, RuleVerdict
from dingji_projections.why.whynot import StepState

FOLDER = Path(dingji_commands.__file__).parent
WORDING = FOLDER / "wording"
CLICK = Path(click.__file__).parent


def tables(name: str) -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads((WORDING / name).read_text("utf-8"))


def commands() -> list[click.Command]:
    with main.make_context("dingji", [], resilient_parsing=True) as ctx:
        return [found for name in MODULES if (found := main.get_command(ctx, name))]


def test_every_verb_has_a_command() -> None:
    assert {name.replace("-", "_") for name in VERB_COMMANDS} | {"assess"} == set(VERBS)


@pytest.mark.parametrize("name", ["demo.toml", "help.toml", "why.toml", "words.toml"])
def test_every_text_stands_in_both_languages_with_the_same_names(name: str) -> None:
    for table, texts in tables(name).items():
        for key, told in texts.items():
            assert set(told) == {"zh", "en"}, (table, key)
            if table == "click":
                continue
            found = [set(re.findall(r"\{(\w+)\}", told[language])) for language in ("zh", "en")]
            assert found[0] == found[1], (table, key)


def test_every_command_and_option_has_its_help() -> None:
    help_ = tables("help.toml")
    for command in commands():
        assert command.name in help_["command"]
        for param in command.params:
            assert f"{command.name}.{param.name}" in help_["option"] or param.name in help_["option"], (
                command.name,
                param.name,
            )


def test_no_help_is_left_over() -> None:
    help_ = tables("help.toml")
    found = commands()
    params = {param.name or "" for command in found for param in command.params}
    own = {f"{command.name}.{param.name}" for command in found for param in command.params}
    assert set(help_["option"]) <= params | own | {"help"}
    assert set(help_["command"]) <= {"dingji", *MODULES}


def test_every_kind_of_thing_has_a_word() -> None:
    words = tables("words.toml")
    assert set(words["event"]) == set(EVENTS)
    assert set(words["verdict"]) == {verdict.value for verdict in Verdict}
    assert {f"status-{status.value}" for status in Status} <= set(words["say"])
    assert {f"count-{status.value}" for status in Status} <= set(words["say"])
    why = tables("why.toml")
    rules = {code for codes in rule_tables()["rules"].values() for code in codes}
    of_any_act = {"clock-behind"}  # it goes by the moment and not by the verb, and is shown only where it was broken
    assert {key.rpartition(".")[2] for key in why["rule"]} == rules | of_any_act
    assert set(why["kept"]) == set(get_args(RuleVerdict))
    assert set(why["effect"]) == set(get_args(Effect))
    assert set(why["step"]) == set(get_args(StepState))
    assert set(why["nearest"]) == set(bounds().nearest)
    assert set(words["outcome"]) == {outcome.value for outcome in Outcome}


def test_every_sentence_is_said_somewhere() -> None:
    code = "".join(path.read_text("utf-8") for path in FOLDER.rglob("*.py"))
    made = (
        "status-",
        "count-",
        "plugin-",
        "precision-",
        "next-",
        "more-",
        "refused-lines",
        "remarkable-lines",
        "simulated-",
    )
    for key in (*tables("words.toml")["say"], *tables("why.toml")["why"]):
        assert f'"{key}"' in code or key.startswith(made), key


def test_the_messages_of_click_are_still_its_own() -> None:
    code = "".join(path.read_text("utf-8") for path in CLICK.glob("*.py"))
    for message in tables("help.toml")["click"]:
        assert repr(message)[1:-1].replace("\\'", "'") in code, message


def test_a_text_that_is_not_there_is_none() -> None:
    assert text("option", "no such option", "en") is None


def test_a_wide_character_takes_two_columns() -> None:
    assert layout.width("司法所 a") == 8
    assert layout.pad("县", 4) == "县  "


@pytest.mark.parametrize("columns", range(6, 40))
def test_text_is_broken_to_its_width_and_nothing_is_lost(columns: int) -> None:
    told = "先由司法所申报（apply）。登记为“标杆所”，或 benchmark 之类；a few words more."
    lines = layout.wrap(told, columns)
    assert "".join(lines).replace(" ", "") == told.replace(" ", "")
    assert all(layout.width(line) <= max(columns, 11) for line in lines)
    assert not any(line.startswith(("，", "。", "）", "；")) or line.endswith(("（", "“")) for line in lines)
