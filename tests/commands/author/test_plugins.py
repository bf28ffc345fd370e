"""`dingji plugins`: what is installed, without a ledger."""

from __future__ import annotations

import pytest

from desk import Desk
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


def test_a_plugin_that_fails_is_shown_with_the_reason(bare_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        @hookimpl
        def register_checks(self, register: RegisterCheck) -> None:
            raise RuntimeError("out of order")

    monkeypatch.setattr(wiring, "plugins", lambda: load_plugins([Broken()]))
    result = bare_desk.run("plugins")
    assert result.exit_code == 1
    assert "Broken" in result.stdout
    assert "out of order" in result.stdout
