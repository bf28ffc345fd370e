"""Someone at a ledger who runs `dingji` commands: in this process, or each as a process of its own."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from dingji_commands.main import main

DINGJI = str(Path(sys.executable).with_name("dingji"))
# VmHWM begins with the new program; what getrusage tells of a child also counts its parent at the fork.
MEASURED = """
import sys
from dingji_commands.main import main
try:
    main(sys.argv[1:])
finally:
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    print(status["VmHWM"].split()[0], file=sys.stderr)
"""
STATION, COUNTY, CITY = "320583100", "320583", "3205"


class Desk:
    """Someone at a ledger, who runs commands and reads what they say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ledger = folder / "my.ledger"

    def run(self, *arguments: str, lang: str | None = "en", stdin: str | bytes | None = None) -> Result:
        """Run a command in this process; `lang` None leaves the language to the arguments and the locale."""
        settings = {"DINGJI_LEDGER": str(self.ledger), "DINGJI_LANG": lang, "LC_ALL": "C.UTF-8", "COLUMNS": "100"}
        result = CliRunner().invoke(main, arguments, env=settings, input=stdin)
        assert "Traceback" not in result.output, result.output
        return result

    def ok(self, *arguments: str, **options: Any) -> str:
        """Run a command that must succeed; return what it says."""
        result = self.run(*arguments, **options)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *arguments: str, **options: Any) -> Any:
        """Run a command that must succeed; return the JSON that it prints."""
        return json.loads(self.ok(*arguments, "--json", **options))

    def receipts(self, *arguments: str, **options: Any) -> list[dict[str, Any]]:
        """Run a command and return its receipts."""
        return [json.loads(line) for line in self.run(*arguments, "--json", **options).stdout.splitlines()]

    def codes(self, *arguments: str, **options: Any) -> list[str]:
        """Run a command and return the codes of its faults, line by line."""
        return [fault["code"] for receipt in self.receipts(*arguments, **options) for fault in receipt["faults"]]

    def measured(self, *arguments: str) -> tuple[subprocess.CompletedProcess[bytes], int]:
        """Run a command as a process of its own; return also the most memory that it held, in KiB."""
        command = [sys.executable, "-c", MEASURED, *arguments]
        done = subprocess.run(command, env=self.environment(), cwd=self.folder, capture_output=True, check=False)
        return done, int(done.stderr.split()[-1])

    def process(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
        """Run a command as a process of its own."""
        return subprocess.run(
            [DINGJI, *arguments],
            env=self.environment(options.pop("env", {})),
            cwd=self.folder,
            capture_output=True,
            check=False,
            timeout=120,
            **options,
        )

    def environment(self, more: dict[str, str] | None = None) -> dict[str, str]:
        """Return the environment of a process at this desk."""
        return os.environ | {"DINGJI_LEDGER": str(self.ledger), "DINGJI_LANG": "en"} | (more or {})

    def file(self, name: str, *lines: dict[str, Any] | str | bytes) -> str:
        """Write a file of submissions, or of raw lines; return its path."""
        path = self.folder / name
        path.write_bytes(b"".join(_raw(line) + b"\n" for line in lines))
        return str(path)

    def head(self) -> int:
        """Return how many entries the ledger has."""
        with closing(sqlite3.connect(self.ledger)) as connection:
            return int(connection.execute("SELECT count(*) FROM stored_events").fetchone()[0])


def _raw(line: dict[str, Any] | str | bytes) -> bytes:
    text = json.dumps(line, ensure_ascii=False) if isinstance(line, dict) else line
    return text.encode() if isinstance(text, str) else text


def classify(station: str = STATION, on: str = "2023-09-01", **more: Any) -> dict[str, Any]:
    """Return a submission that is good at every desk."""
    return {"do": "classify", "station": station, "size": "medium", "on": on, "by": {"office": station[:6]}} | more
