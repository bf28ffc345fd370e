"""docs/architecture.md and CONTRIBUTING.md name every room, in order, and no place that is not there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from places import ROOT, missing_in_docstrings, missing_places

ARCHITECTURE = ROOT / "docs" / "architecture.md"
PACKAGES = (
    "ledger/dingji",
    "plugins/dingji_plugins",
    "projections/dingji_projections",
    "commands/dingji_commands",
)


def named_rooms(package: str) -> list[str]:
    """Return the rooms that the page's table of a package names, bottom to top."""
    page = ARCHITECTURE.read_text("utf-8")
    section = page.partition(f"### `{package}`")[2].partition("\n#")[0]
    return re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE)


@pytest.mark.parametrize("package", PACKAGES)
def test_the_rooms_stand_in_the_order_of_the_contract(package: str) -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    name = package.rpartition("/")[2]
    (layers,) = (one["layers"] for one in contracts if one.get("containers") == [name])
    assert named_rooms(package) == layers[::-1]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_room_that_exists_is_named(package: str) -> None:
    folder = ROOT / package
    rooms = {path.parent.name for path in folder.glob("*/__init__.py")}
    rooms |= {path.stem for path in folder.glob("*.py") if path.stem != "__init__"}
    assert set(named_rooms(package)) == rooms


PAGES = ("CONTRIBUTING.md", "README.md", "SECURITY.md", "README.zh-CN.md", "docs/architecture.md", "docs/rules.md")


@pytest.mark.parametrize("page", PAGES)
def test_every_place_that_a_page_names_is_there(page: str) -> None:
    assert missing_places(ROOT / page) == []


def test_no_python_is_claimed_that_ci_would_not_run() -> None:
    claimed = {
        one.rpartition(" ")[2]
        for one in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["classifiers"]
        if re.search(r"Python :: 3\.\d+$", one)
    }
    looked_for = re.search(r"^VERSIONS := (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert looked_for
    assert claimed
    assert claimed <= set(looked_for.group(1).split())
    assert "make check-all" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_a_place_that_is_not_there_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "`ledger/dingji/rules/decide.py:RULES` `ledger/dingji/rules/decide.py:LAWS` `tests/nowhere` [a](b.md)", "utf-8"
    )
    assert missing_places(page) == ["ledger/dingji/rules/decide.py:LAWS", "tests/nowhere", "b.md"]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_that_a_docstring_names_is_there(package: str) -> None:
    files = {path.name for one in PACKAGES for path in (ROOT / one).rglob("*.*")}
    modules = {path: path.read_text("utf-8") for path in (ROOT / package).rglob("*.py")}
    lost = {path: missing_in_docstrings(source, files) for path, source in modules.items()}
    assert {path: names for path, names in lost.items() if names} == {}


def test_a_file_that_is_not_there_is_found_in_a_docstring() -> None:
    source = '"""See `tests/nowhere`."""\nx = 1\n"""As `here.toml` has it, not `there.toml`."""'
    assert missing_in_docstrings(source, {"here.toml"}) == ["tests/nowhere", "there.toml"]


@pytest.mark.parametrize(("page", "most"), [("docs/architecture.md", 250), ("CONTRIBUTING.md", 150)])
def test_a_page_stays_short(page: str, most: int) -> None:
    assert len((ROOT / page).read_text("utf-8").splitlines()) <= most
