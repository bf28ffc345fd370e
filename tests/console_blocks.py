"""Console blocks of a Markdown page: the commands it shows and the output it promises; written anew on request.

A line of output that is only `…` stands for any number of lines; `…` within a line for any characters.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ELLIPSIS = "…"
DIGEST = re.compile(r"\b[0-9a-f]{12,64}\b")
LONGEST = 300
"""Characters of a line that a page shows; JSON is one line."""
ALWAYS_DONE = {"make demo": "dingji demo --ledger demo.dingji"}
"""What a test runs in place of a command that sets up a machine."""


class Shown(NamedTuple):
    """One command of a page, the output promised, and where the output stands (first and last line, from 0)."""

    command: str
    output: list[str]
    first: int
    last: int


def shown(page: Path) -> list[Shown]:
    """Return the commands of a page's ```console blocks in order."""
    found: list[Shown] = []
    lines = page.read_text("utf-8").splitlines()
    inside = False
    for number, line in enumerate(lines):
        if line.startswith("```"):
            inside = line == "```console"
        elif inside and line.startswith("$ "):
            found.append(Shown(line[2:], [], number + 1, number + 1))
        elif inside and found:
            found[-1] = found[-1]._replace(output=[*found[-1].output, line], last=number + 1)
    return found


def run(command: str, folder: Path, environment: dict[str, str]) -> list[str]:
    """Run a command as a user would, and return the lines of its output, errors included."""
    command = ALWAYS_DONE.get(command, command)
    if export := re.fullmatch(r"export (\w+)=(\S+)", command):
        environment[export[1]] = export[2]
        return []
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(  # the commands are the project's own pages
        ["/bin/sh", "-c", command],
        cwd=folder,
        env={**os.environ, **environment, "PATH": path, "COLUMNS": "120"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        check=False,
    )
    return done.stdout.decode("utf-8").splitlines()


def agrees(promised: list[str], given: list[str]) -> bool:
    """Return whether the output given is the output promised."""
    parts = ["(?:.*\n)*" if line == ELLIPSIS else f"{_pattern(line)}\n" for line in promised]
    return re.fullmatch("".join(parts), "".join(f"{line}\n" for line in given)) is not None


def _pattern(line: str) -> str:
    return ".*".join(re.escape(part) for part in line.split(ELLIPSIS))


def renewed(promised: list[str], given: list[str]) -> list[str]:
    """Return the output as a page should show it: new where it changed, as long as it was, digests left out."""
    given = [DIGEST.sub(ELLIPSIS, line) for line in given]
    given = [line if len(line) <= LONGEST else line[:LONGEST] + ELLIPSIS for line in given]
    if ELLIPSIS not in promised:
        return given
    head = promised.index(ELLIPSIS)
    tail = len(promised) - head - 1
    return given if len(given) <= head + tail else [*given[:head], ELLIPSIS, *(given[-tail:] if tail else [])]


def renew(page: Path, folder: Path, environment: dict[str, str]) -> None:
    """Run a page's commands and write their output into it."""
    lines = page.read_text("utf-8").splitlines()
    results = [(part, run(part.command, folder, environment)) for part in shown(page)]
    for part, given in reversed(results):
        lines[part.first : part.last] = renewed(part.output, given)
    page.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    # python tests/console_blocks.py README.md FOLDER
    renew(Path(sys.argv[1]), Path(sys.argv[2]), {})
