"""A whole run of the tests fails if a code was raised by none of them, however it is run; a run of a part does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
CONFTEST = """
import pathlib
import codes_seen
codes_seen.TESTS = pathlib.Path(__file__).parent
codes_seen.fault_kinds = lambda: dict.fromkeys(["bad-json", "no-ledger", "too-large"])
def pytest_configure(config):
    config.pluginmanager.register(codes_seen.CodesSeen(config))
"""
ALL = """
from dingji.faults import LedgerError
from dingji.intake.jsonl import parse
from dingji.store.log import open_log

def test_shown():
    [fault] = parse(b"").faults
    fault.render("en")

def test_raised(tmp_path):
    try:
        open_log(tmp_path / "none")
    except LedgerError:
        pass

def test_made_by_the_test_alone():
    LedgerError("too-large")
"""
ONE_MORE = """
from dingji.faults import Fault

def test_shown_too():
    Fault("too-large", args={"why": "", "limit": ""}).render("en")
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    tmp_path.joinpath("pytest.ini").write_text(f"[pytest]\npythonpath = {TESTS}\n")
    tmp_path.joinpath("conftest.py").write_text(CONFTEST)
    tmp_path.joinpath("test_all.py").write_text(ALL)
    return tmp_path


def outcome(suite: Path, *options: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    done = subprocess.run(command, cwd=suite, capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout


@pytest.mark.parametrize("options", [["-n0"], ["-n2"], ["-n2", "--dist=worksteal", "."]], ids=" ".join)
def test_a_whole_run_names_the_codes_that_no_test_raised(suite: Path, options: list[str]) -> None:
    code, said = outcome(suite, *options)
    assert code == pytest.ExitCode.TESTS_FAILED, said
    assert "3 passed" in said
    assert "\ntoo-large\n" in said


def test_a_whole_run_that_raises_every_code_passes(suite: Path) -> None:
    suite.joinpath("test_more.py").write_text(ONE_MORE)
    code, said = outcome(suite, "-n2")
    assert code == pytest.ExitCode.OK, said


@pytest.mark.parametrize("options", [["-n2", "-kraised"], ["-n0", "-kraised"], ["-n2", "test_all.py"], ["--ignore=x"]])
def test_a_part_is_not_judged(suite: Path, options: list[str]) -> None:
    code, said = outcome(suite, *options)
    assert code == pytest.ExitCode.OK, said
