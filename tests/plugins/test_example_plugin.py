"""The example distribution: installed in a virtual environment of its own, found, tried, assessed and judged there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from desk import CITY, COUNTY, STATION, Desk
from dingji_commands.author.plugins_new import skeleton

EXAMPLE = Path(__file__).parents[2] / "examples" / "plugin"
NAME = "open-doors"
MAIN = "from dingji_commands.main import main; main()"

BY_COUNTY = {"station": STATION, "by": {"office": COUNTY}}
ACTIVITIES = [{"date": "2024-05-05", "partner": "tribunal"}, {"date": "2024-06-01", "partner": "police_station"}]
PAPER = {"sha256": "a" * 64, "name": "appointment", "supports": ["head_in_post"]}
FACTS = {"qualified_lawyers": 1, "head_in_post": True, "joint_activities": ACTIVITIES}
REPORTED = (
    BY_COUNTY | {"do": "classify", "size": "medium", "on": "2023-09-01"},
    BY_COUNTY | {"do": "report", "on": "2024-06-10", "evidence": [PAPER], "facts": FACTS},
)
"""What the station's county has said of it before any test."""
JUDGED = {"do": "judge", "station": STATION, "on": "2024-06-15", "by": {"office": CITY}}

FAULTY = """
import time
from dingji import hookimpl
from dingji_open_doors.checks import Partners

def partners(requirement, dossier):
    {body}

@hookimpl
def register_checks(register):
    register("open_doors.partners", partners, Partners)
"""


class Place:
    """A second virtual environment with the example in it, and a ledger at which its commands are run."""

    def __init__(self, folder: Path) -> None:
        """Make the environment: it sees what is installed here through a .pth file, and has the example by itself."""
        self.folder, self.python = folder, folder / "venv" / "bin" / "python"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], check=True, timeout=60)
        (self.site,) = (folder / "venv").glob("lib/python*/site-packages")
        here = sysconfig.get_path("purelib")
        (self.site / "here.pth").write_text(f"import site; site.addsitedir({here!r})\n", "utf-8")
        source = folder / "source"
        shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        offline = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
        pip = [sys.executable, "-m", "pip", "--python", str(self.python), "install", *offline, str(source)]
        subprocess.run(pip, check=True, timeout=120)
        self.ledger = folder / "my.ledger"
        Desk(folder).ok("init", "--roster", "demo", "--on", "2021-01-01")
        done = self.submit(*REPORTED)
        assert done.returncode == 0, done.stdout + done.stderr

    def submit(self, *lines: dict[str, Any]) -> subprocess.CompletedProcess[str]:
        """Submit lines there."""
        file = self.folder / "lines.jsonl"
        file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        return self.run("submit", str(file))

    def run(self, *arguments: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run `dingji` there; `path` goes before what is installed."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        environment |= {"DINGJI_LEDGER": str(self.ledger), "DINGJI_LANG": "en", "COLUMNS": "100", "LC_ALL": "C.UTF-8"}
        if path:
            environment["PYTHONPATH"] = str(path)
        command = [str(self.python), "-c", MAIN, *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)

    def json(self, *arguments: str, path: Path | None = None) -> Any:
        done = self.run(*arguments, "--json", path=path)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("second"))


def outcomes(assessment: dict[str, Any]) -> dict[str, str]:
    return {finding["requirement"].removeprefix(f"{NAME}-"): finding["outcome"] for finding in assessment["findings"]}


def test_the_example_is_what_is_written_for_a_new_plugin() -> None:
    found = {
        str(path.relative_to(EXAMPLE)): path.read_text("utf-8")
        for path in EXAMPLE.rglob("*")
        if path.is_file() and not {"__pycache__", ".pytest_cache", ".ruff_cache"} & set(path.parts)
    }
    assert found == skeleton(NAME)


def test_it_is_installed_apart(place: Place) -> None:
    assert (place.site / "dingji_open_doors" / "open-doors.toml").is_file()
    rows = {row["name"]: row for row in place.json("plugins")["plugins"]}
    assert rows["open_doors"]["distribution"] == "dingji-open-doors"
    assert rows["open_doors"]["contributions"] == [
        "check:open_doors.partners",
        "standard:suzhou-2023-143/open-doors",
    ]


def test_its_checks_hold_and_are_pure(place: Place) -> None:
    done = place.run("plugins", "test", "dingji-open-doors")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "dingji-open-doors: every golden case holds (11), and every check is pure.\n"


def test_its_own_tests_pass(place: Place) -> None:
    command = [str(place.python), "-m", "pytest", "-q", "-p", "no:cacheprovider", str(place.folder / "source")]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_a_station_is_assessed_and_judged_by_it(place: Place) -> None:
    question = ["assess", STATION, "--standard", NAME, "--on", "2024-06-30"]
    before = place.json(*question, "--dry-run")
    assert (before["verdict"], outcomes(before)["3"]) == ("undetermined", "needs_judgement")
    done = place.submit(JUDGED | {"judgements": {f"{NAME}-3": {"outcome": "met", "reason": "问题得到解决"}}})
    assert done.returncode == 0, done.stdout + done.stderr
    after = place.json(*question, "--dry-run")
    assert (after["verdict"], outcomes(after)) == ("reached", {"1": "met", "2": "met", "3": "met", "4": "met"})
    recorded = place.json(*question, "--by", COUNTY)
    assert (recorded["status"], recorded["assessment"]) == ("recorded", after)
    assert "2 different partners" in after["findings"][3]["reason"]["en"]
    assert place.run(*question, "--dry-run").stdout.startswith(f"{STATION} · ")


def test_what_its_judgement_is_not_for_is_refused(place: Place) -> None:
    done = place.submit(JUDGED | {"judgements": {f"{NAME}-4": {"outcome": "met", "reason": "好"}}})
    assert done.returncode == 1
    assert "not-judgeable" in done.stdout + done.stderr


def test_without_it_the_standard_is_not_known(place: Place) -> None:
    result = Desk(place.folder).run("assess", STATION, "--standard", NAME, "--dry-run")
    assert (result.exit_code, result.stderr.startswith("unknown-standard")) == (1, True)


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ("raise RuntimeError('out of order')", "out of order"),
        ("return 'met'", "returned what is no finding: str"),
        ("\n    while True: time.sleep(0.1)", "took too long and was stopped"),
    ],
)
def test_a_check_that_fails_is_an_error_of_its_owner_and_never_skipped(
    place: Place, tmp_path: Path, body: str, part: str
) -> None:
    installed = place.site / "dingji_open_doors"
    shutil.copytree(installed, tmp_path / "dingji_open_doors")
    module = tmp_path / "dingji_open_doors" / "__init__.py"
    text = module.read_text("utf-8").partition("@hookimpl\ndef register_checks")[0]
    module.write_text(text + FAULTY.format(body=body), "utf-8")
    question = ["assess", STATION, "--standard", NAME, "--on", "2024-06-30", "--dry-run"]
    found = place.json(*question, path=tmp_path)
    errors = [finding for finding in found["findings"] if finding["outcome"] == "error"]
    assert [error["requirement"] for error in errors] == [f"{NAME}-4"]
    assert len(found["findings"]) == 4
    assert found["verdict"] == "undetermined"
    assert part in errors[0]["reason"]["en"]
    assert "open_doors.partners (dingji-open-doors 0.1.0)" in errors[0]["reason"]["en"]
    if "return" not in body:
        return
    done = place.run("plugins", "test", "dingji-open-doors", path=tmp_path)
    assert done.returncode == 1
    assert "open_doors.partners · two partners within the window" in done.stdout


def test_a_plugin_that_does_not_load_keeps_everyone_from_assessing(place: Place, tmp_path: Path) -> None:
    shutil.copytree(place.site / "dingji_open_doors", tmp_path / "dingji_open_doors")
    (tmp_path / "dingji_open_doors" / "__init__.py").write_text("raise RuntimeError('out of order')", "utf-8")
    done = place.run("assess", STATION, "--standard", "standard", "--on", "2024-06-30", "--dry-run", path=tmp_path)
    assert (done.returncode, done.stderr.startswith("plugin-failed")) == (1, True)
    assert "out of order" in done.stderr
    assert place.run("plugins", "test", "open_doors", path=tmp_path).returncode == 1


def test_an_id_that_the_notice_uses_is_refused(place: Place, tmp_path: Path) -> None:
    shutil.copytree(place.site / "dingji_open_doors", tmp_path / "dingji_open_doors")
    file = tmp_path / "dingji_open_doors" / "open-doors.toml"
    file.write_text(file.read_text("utf-8").replace('id = "open-doors-1"', 'id = "S3.1.3"'), "utf-8")
    done = place.run("assess", STATION, "--standard", NAME, "--on", "2024-06-30", "--dry-run", path=tmp_path)
    assert (done.returncode, done.stderr.startswith("bad-catalogue")) == (1, True)
    assert "S3.1.3" in done.stderr
