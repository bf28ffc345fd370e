"""`dingji plugins new` and `dingji plugins test`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from desk import Desk
from dingji.plugins.manager import load_plugins
from dingji.testing import golden_failures
from dingji_commands.author import plugins
from dingji_commands.author.plugins_new import FILES, is_name
from dingji_plugins import stock, suzhou_2023_143


@pytest.mark.parametrize("name", ["a", "open-doors", "x2", "a-b-c"])
def test_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", ["", "A", "-a", "a-", "a--b", "a_b", "../a", "a b", "2a", "标准", "a" * 41])
def test_what_is_no_name_is_refused(bare_desk: Desk, name: str) -> None:
    result = bare_desk.run("plugins", "new", "--folder", str(bare_desk.folder / "new"), "--", name)
    assert (result.exit_code, (bare_desk.folder / "new").exists()) == (2, False)


@pytest.mark.parametrize("name", ["stock", "suzhou-2023-143", "standard", "benchmark"])
def test_a_name_that_something_bears_is_refused(bare_desk: Desk, name: str) -> None:
    result = bare_desk.run("plugins", "new", name, lang="zh")
    assert result.exit_code == 2
    assert "已有插件或标准" in result.stderr


def test_a_new_plugin_is_whole_and_holds(bare_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = bare_desk.folder / "deep" / "new"
    said = bare_desk.ok("plugins", "new", "night-watch", "--folder", str(folder))
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) == len(FILES)
    assert all(str(path) in said for path in files)
    assert f"pip install -e {folder}" in said
    assert not any("@" in path.read_text("utf-8").replace("@hookimpl", "") for path in files)
    monkeypatch.syspath_prepend(folder)
    module = __import__("dingji_night_watch")
    load_plugins([module]).require_sound()
    assert golden_failures(module, stock, suzhou_2023_143) == []
    del sys.modules["dingji_night_watch"], sys.modules["dingji_night_watch.checks"]


def test_by_default_it_is_written_here(bare_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(bare_desk.folder)
    bare_desk.ok("plugins", "new", "night-watch", lang="zh")
    assert (bare_desk.folder / "dingji-night-watch" / "dingji_night_watch" / "night-watch.toml").is_file()


def test_a_folder_that_exists_is_left_alone(bare_desk: Desk, tmp_path: Path) -> None:
    place = tmp_path / "mine"
    place.mkdir()
    result = bare_desk.run("plugins", "new", "night-watch", "--folder", str(place))
    assert (result.exit_code, list(place.iterdir())) == (1, [])
    assert "exists already" in result.stderr
    (tmp_path / "file").write_text("")
    result = bare_desk.run("plugins", "new", "night-watch", "--folder", str(tmp_path / "file" / "new"))
    assert result.exit_code == 1
    assert result.stderr.startswith("Cannot write")


def test_what_is_wrong_is_told_check_by_check(bare_desk: Desk) -> None:
    result = bare_desk.run("plugins", "test", "nowhere-at-all", lang="zh")
    assert (result.exit_code, result.stdout) == (1, "nowhere-at-all\n  没有安装“nowhere-at-all”的插件。\n")
    result = bare_desk.run("plugins", "test", "nowhere-at-all", "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["distribution"]) == (1, "nowhere-at-all")
    assert [(one["check"], one["case"], one["kind"]) for one in told["failures"]] == [
        ("nowhere-at-all", None, "no-plugin")
    ]


def test_the_built_in_plugins_hold_on_their_golden_cases(bare_desk: Desk) -> None:
    sound = "dingji: every golden case holds (1,637), and every check is pure.\n"
    assert bare_desk.ok("plugins", "test", "dingji") == sound
    assert bare_desk.json("plugins", "test", "stock") == {"distribution": "stock", "cases": 39, "failures": []}
    assert plugins.plugins_test.name == "plugins test"
