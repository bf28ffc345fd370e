"""What a command imports: nothing that it does not need, for a cold query has a budget of 150 ms."""

from __future__ import annotations

import subprocess
import sys

import pytest

from desk import DINGJI, Desk

HEAVY = {
    "eventsourcing",
    "rich",
    "pluggy",
    "msgspec",
    "orjson",
    "importlib.metadata",
    "dingji_plugins",
    "dingji.plugins.manager",
}


def imported(desk: Desk, *arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", DINGJI, *arguments],
        env=desk.environment(),
        capture_output=True,
        check=True,
    )
    names = {
        line.rpartition(b"|")[2].strip().decode()
        for line in done.stderr.splitlines()
        if line.startswith(b"import time:")
    }
    return {name for name in names if any(name == heavy or name.startswith(f"{heavy}.") for heavy in HEAVY)}


@pytest.mark.parametrize("arguments", [["--help"], ["levels", "--help"], ["levels"], ["levels", "--csv"]])
def test_help_and_a_query_import_nothing_heavy(desk: Desk, arguments: list[str]) -> None:
    desk.process("levels")  # the first query makes the views
    assert imported(desk, *arguments) == set()


def test_json_costs_orjson_and_no_more(desk: Desk) -> None:
    desk.process("levels")
    assert {name.partition(".")[0] for name in imported(desk, "levels", "--json")} == {"orjson"}


def test_a_plugin_that_breaks_breaks_no_help_and_no_query(desk: Desk) -> None:
    off = {"DINGJI_PLUGINS_OFF": "suzhou_2023_143"}
    for command in (["--help"], ["assess", "--help"], ["levels"], ["history", "320583100"], ["station", "320583100"]):
        assert desk.process(*command, env=off).returncode == 0
    done = desk.process("assess", "320583100", "--standard", "standard", "--dry-run", env=off)
    assert done.returncode == 1
