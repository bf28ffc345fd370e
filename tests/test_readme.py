"""Both READMEs show the same commands, with the output that they give."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from console_blocks import agrees, run, shown

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "README.zh-CN.md")


def commands(page: str) -> list[str]:
    return [part.command for part in shown(ROOT / page) if not part.command.startswith("export DINGJI_LANG")]


def test_both_pages_show_the_same_commands() -> None:
    assert commands(PAGES[0]) == commands(PAGES[1])
    assert len(commands(PAGES[0])) > 6


@pytest.mark.parametrize("page", [*PAGES, "CONTRIBUTING.md"])
def test_what_a_page_says_to_make_can_be_made(page: str) -> None:
    targets = set(re.findall(r"(?:`|^\$ )make ([\w-]+)", (ROOT / page).read_text("utf-8"), re.MULTILINE))
    assert targets >= {"test", "check"}
    done = subprocess.run(
        [shutil.which("make") or "make", "--dry-run", *targets], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "-m pytest" in done.stdout


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_what_its_commands_give(page: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    environment: dict[str, str] = {}
    for part in shown(ROOT / page):
        given = run(part.command, tmp_path, environment)
        assert agrees(part.output, given), f"$ {part.command}\n" + "\n".join(given)


def test_a_promise_that_is_not_kept_is_found() -> None:
    assert agrees(["a", "…", "z …"], ["a", "b", "c", "z 12"])
    assert not agrees(["a", "…", "z"], ["a", "b"])
    assert not agrees(["a"], ["a", "b"])
    assert not agrees(["1.5"], ["1x5"])
