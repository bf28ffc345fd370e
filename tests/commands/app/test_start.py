"""What a command imports: nothing that it does not need, for a cold query has a budget of 150 ms."""

from __future__ import annotations

import subprocess
import sys

import pytest

from desk import Desk

HELP = {
    *("dingji", "dingji.characters", "dingji.harmless", "dingji.texts", "dingji_commands", "dingji_commands.main"),
    *("dingji_commands.app", "dingji_commands.app.errors", "dingji_commands.app.settings", "dingji_commands.app.shell"),
    *("dingji_commands.terminal", "dingji_commands.terminal.columns", "dingji_commands.terminal.layout"),
    "dingji_commands.terminal.output",
    *("dingji_commands.wording", "dingji_commands.wording.click_words", "dingji_commands.wording.words"),
}
"""All of our own modules that a page of help may import."""

LEVELS = HELP | {
    *("dingji.events", "dingji.events.row", "dingji.events.vocabulary", "dingji.moments", "dingji.terms"),
    *("dingji.state", "dingji.state.timeline"),
    *("dingji.store", "dingji.store.errors", "dingji.store.layout", "dingji.store.log"),
    *("dingji.store.reads", "dingji.store.rows"),
    *("dingji_commands.app.question", "dingji_commands.app.wiring", "dingji_commands.wording.labels"),
    *("dingji_commands.read", "dingji_commands.read.levels", "dingji_commands.terminal.table"),
    *("dingji_projections", "dingji_projections.engine", "dingji_projections.engine.basis"),
    *("dingji_projections.engine.engine", "dingji_projections.engine.projection"),
    *("dingji_projections.engine.checked_log", "dingji_projections.engine.entry_check"),
    "dingji_projections.engine.seen",
    *("dingji_projections.engine.rebuild", "dingji_projections.engine.view_file"),
    *("dingji_projections.records", "dingji_projections.records.offices"),
    *("dingji_projections.tables", "dingji_projections.tables.acts", "dingji_projections.tables.levels"),
    *("dingji_projections.tables.counting", "dingji_projections.tables.names", "dingji_projections.tables.views"),
}
"""Those that `dingji levels` may import."""

OURS = ("dingji", "dingji_commands", "dingji_plugins", "dingji_projections")

HEAVY = {"eventsourcing", "importlib.metadata", "msgspec", "orjson", "pluggy", "rich"}
"""Libraries that take 5 to 60 ms each."""


NAMES = """
import sys
from dingji_commands.main import main
try:
    main(sys.argv[1:])
finally:
    print(*sys.modules, file=sys.stderr)
"""


def imported(desk: Desk, *arguments: str) -> set[str]:
    """Return the modules that a command imports."""
    command = [sys.executable, "-c", NAMES, *arguments]
    done = subprocess.run(command, env=desk.environment(), capture_output=True, check=True)
    return set(done.stderr.decode().splitlines()[-1].split())


def ours(modules: set[str]) -> set[str]:
    """Return those of our own."""
    return {name for name in modules if name.partition(".")[0] in OURS}


def heavy(modules: set[str]) -> set[str]:
    """Return the heavy libraries among them."""
    return HEAVY & modules


@pytest.fixture
def asked(desk: Desk) -> Desk:
    """A desk at which the views are made: the first query makes them."""
    desk.process("levels")
    return desk


def test_help_imports_what_it_may(asked: Desk) -> None:
    modules = imported(asked, "--help")
    assert (ours(modules), heavy(modules)) == (HELP, set())


@pytest.mark.parametrize("arguments", [["levels"], ["levels", "--csv"], ["levels", "--json"]])
def test_a_query_imports_what_it_may(asked: Desk, arguments: list[str]) -> None:
    modules = imported(asked, *arguments)
    assert ours(modules) == LEVELS
    assert heavy(modules) == ({"orjson"} if "--json" in arguments else set())


def test_the_help_of_a_query_imports_no_more_than_the_query(asked: Desk) -> None:
    modules = imported(asked, "levels", "--help")
    assert HELP < ours(modules) < LEVELS
    assert heavy(modules) == set()


def test_a_plugin_that_breaks_breaks_no_help_and_no_query(desk: Desk) -> None:
    off = {"DINGJI_PLUGINS_OFF": "suzhou_2023_143"}
    for command in (["--help"], ["assess", "--help"], ["levels"], ["history", "320583100"], ["station", "320583100"]):
        assert desk.process(*command, env=off).returncode == 0
    done = desk.process("assess", "320583100", "--standard", "standard", "--dry-run", env=off)
    assert done.returncode == 1
