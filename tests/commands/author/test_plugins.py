"""`dingji plugins`: what is installed, without a ledger."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from desk import DINGJI, STATION, Desk
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


LOUD = """
import os, sys, time
from dingji import Finding, Outcome, hookimpl
print("at import")
os.write(1, b"at import, by the system\\n")

def loud(requirement, dossier):
    print("in a check")
    sys.stdout.write("and again\\n")
    os.write(1, b"by the system\\n")
    raise KeyboardInterrupt

def large(requirement, dossier):
    return Finding(Outcome.MET, "x" * 5_000_000)

def slow(requirement, dossier):
    os.write(2, b"here\\n")
    while True:
        try:
            time.sleep(60)
        except BaseException:
            return Finding(Outcome.MET)

@hookimpl
def register_checks(register):
    print("in a hook")
    for check in (loud, large, slow):
        register(f"loud.{check.__name__}", check)

@hookimpl
def register_standards(register):
    from pathlib import Path
    for code in ("loud", "slow"):
        register("suzhou-2023-143", code, Path(__file__).parent)
"""

STANDARD = """
standard = "{code}"
attachment = 9
title = {{ zh = "标准", en = "Standard" }}
[[area]]
id = "{code}-A"
title = {{ zh = "主项", en = "Area" }}
[[criterion]]
id = "{code}-A.1"
area = "{code}-A"
title = {{ zh = "分项", en = "Criterion" }}
"""

ROW = """
[[indicator]]
id = "{check}-row"
row = {row}
criterion = "{code}-A.1"
title = {{ zh = "行", en = "Row" }}
[[requirement]]
id = "{check}"
indicator = "{check}-row"
cells = [1]
title = {{ zh = "要求", en = "Requirement" }}
text = {{ zh = "文字", en = "Words" }}
sizes = ["large", "medium", "small"]
check = "loud.{check}"
"""


@pytest.fixture
def loud(tmp_path: Path) -> dict[str, str]:
    """Write a plugin that prints wherever it can; return the environment in which it is installed."""
    folder = tmp_path / "site"
    (folder / "loud_plugin-1.0.dist-info").mkdir(parents=True)
    (folder / "loud_plugin-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: loud\nVersion: 1.0\n")
    (folder / "loud_plugin-1.0.dist-info" / "entry_points.txt").write_text("[dingji]\nloud = loud_plugin\n")
    (folder / "loud_plugin.py").write_text(LOUD)
    for code, checks in (("loud", ("loud", "large")), ("slow", ("slow",))):
        rows = [ROW.format(code=code, check=check, row=row) for row, check in enumerate(checks, 1)]
        (folder / f"{code}.toml").write_text(STANDARD.format(code=code) + "".join(rows), "utf-8")
    return {"PYTHONPATH": str(folder)}


def test_what_a_plugin_prints_goes_to_standard_error(desk: Desk, loud: dict[str, str]) -> None:
    done = desk.process("plugins", "--json", env=loud)
    assert done.returncode == 0, done.stderr
    (row,) = [plugin for plugin in json.loads(done.stdout)["plugins"] if plugin["name"] == "loud"]
    assert row["state"] == "loaded"
    assert set(done.stderr.splitlines()) == {b"at import", b"at import, by the system", b"in a hook"}


def test_what_a_check_prints_and_raises_ends_nothing(desk: Desk, loud: dict[str, str]) -> None:
    done = desk.process("assess", STATION, "--standard", "loud", "--dry-run", "--json", env=loud)
    assert done.returncode == 0, done.stderr
    by_id = {finding["requirement"]: finding for finding in json.loads(done.stdout)["findings"]}
    assert {finding["outcome"] for finding in by_id.values()} == {"error"}
    assert "KeyboardInterrupt" in by_id["loud"]["reason"]["en"]
    assert "loud 1.0" in by_id["large"]["reason"]["en"]
    assert len(done.stdout) < 10_000
    assert {b"in a check", b"and again", b"by the system"} <= set(done.stderr.splitlines())


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_an_assessment_though_the_check_catches_it(desk: Desk, loud: dict[str, str]) -> None:
    process = subprocess.Popen(
        [DINGJI, "assess", STATION, "--standard", "slow", "--dry-run"],
        env=desk.environment(loud),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stderr
    while process.stderr.readline() not in {b"here\n", b""}:
        pass
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, b"")
    assert said.startswith((b"interrupted: ", b"question-interrupted: ")), said


def test_a_plugin_that_hangs_at_import_is_named_and_breaks_no_question(desk: Desk, loud: dict[str, str]) -> None:
    Path(loud["PYTHONPATH"], "loud_plugin.py").write_text("while True: pass")
    began = time.monotonic()
    done = desk.process("plugins", env=loud)
    assert done.returncode == 1
    assert b"loud \xc2\xb7 loud 1.0" in done.stdout
    assert b"it took too long to load and was stopped" in done.stdout
    assert time.monotonic() - began < 60
    assert desk.process("levels", env=loud).returncode == 0
