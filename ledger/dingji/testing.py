"""For the tests of a plugin: dossiers and findings from facts written as data, and golden cases tried for purity.

- `golden_failures(plugin)` tries every check of a plugin on the golden cases beside it, and returns what is wrong.
- `Bench(notice, plugin)` tries one case at once, in this process: `bench.finding(requirement="…", facts={…})`.
- `Case` is one golden case, and `Failure` what is wrong with one; `Impure` is raised by a bench.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from types import ModuleType
from typing import Any, Final

import msgspec
import orjson

from dingji.checks.check import Check
from dingji.checks.dossier import Dossier, entitlement
from dingji.events.events import FindingRecord
from dingji.golden.cases import Case, Trials
from dingji.golden.purity import Guard, Impure, guarded, read_phrases
from dingji.golden.runner import DEADLINE, Failure, failure
from dingji.plugins.manager import load_plugins
from dingji.plugins.plugin_code import contained
from dingji.terms import Outcome
from dingji.texts import Text

__all__ = ["Bench", "Case", "Failure", "Impure", "golden_failures"]

SEEDS: Final = ("1", "2")
"""Each case runs under two orders of sets; only a new process can have another order."""
LONGEST: Final = 600.0


class Bench:
    """A notice and the plugins at hand, to try single cases on: the golden file's keys are the arguments."""

    def __init__(self, notice: str, *plugins: object) -> None:
        """Take the plugins that are installed, and these. Raises LedgerError (`plugin-failed`, `unknown-notice`)."""
        self._trials = Trials(load_plugins(plugins), notice)
        read_phrases()

    def dossier(self, standard: str = "", **case: Any) -> Dossier:
        """Return the dossier of a station, with judgements as they count for a standard."""
        notice = self._trials.notice
        return self._trials.dossier(_case(case), entitlement(notice, standard, date.min))

    def finding(self, **case: Any) -> FindingRecord:
        """Return what a requirement, or a check by itself, comes to. Raises Impure where the check is not pure."""
        guard = Guard()

        def wrap(_: str, check: Check) -> Check:
            return msgspec.structs.replace(check, function=guarded(check.function, guard))

        with contained():
            found = self._trials.finding(_case(case), wrap)
        if guard.refused:
            raise Impure(", ".join(guard.refused))
        return found


def golden_failures(
    plugin: ModuleType | str, *more: ModuleType, progress: Callable[[int, int], None] | None = None
) -> list[Failure]:
    """Return what is wrong with the checks of a plugin, given as its module or by its distribution's name.

    Every case is tried twice as it is written and once with its reports, and the lists in them, in another order;
    clock, randomness, files and network are refused. Two processes do all of that, which order sets differently.
    `progress` is called with the cases that are done, and with all there are.
    """
    modules = [one.__name__ for one in (plugin, *more) if isinstance(one, ModuleType)]
    name = plugin if isinstance(plugin, str) else plugin.__name__.rpartition(".")[2]
    command = [sys.executable, "-m", "dingji.golden.runner", name, *modules]
    path = os.pathsep.join(part for part in sys.path if part)
    started = [
        subprocess.Popen(  # noqa: S603  # Python itself, on a module of ours
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": path},
        )
        for seed in SEEDS
    ]
    done = _Done(progress)
    with ThreadPoolExecutor(len(started)) as readers:
        outputs = list(readers.map(lambda process: _lines(process, done), started))
    failures = [one for lines in outputs for one in _failures(lines)] + _unsteady(*outputs)
    return list({(one.check, one.case, one.kind): one for one in reversed(failures)}.values())[::-1]  # each once


def _case(given: dict[str, Any]) -> Case:
    return msgspec.convert({"title": "-", "outcome": Outcome.MET} | given, Case)


class _Done:
    """Counts the cases that are done by all processes together."""

    def __init__(self, progress: Callable[[int, int], None] | None) -> None:
        """Report to `progress`, if there is one."""
        self._progress = progress
        self._total = self._done = 0

    def __call__(self, line: dict[str, Any]) -> None:
        """Count a line that a process wrote."""
        self._total += line.get("cases", 0)
        self._done += "finding" in line
        if self._progress and self._total:
            self._progress(self._done // len(SEEDS), self._total // len(SEEDS))


def _lines(process: subprocess.Popen[bytes], done: _Done) -> list[dict[str, Any]]:
    """Return the lines that a process wrote; the last says how it ended."""
    limit = threading.Timer(LONGEST, process.kill)
    limit.start()
    lines: list[dict[str, Any]] = []
    with process:
        for line in process.stdout or ():
            if line.endswith(b"\n"):  # else it was killed while it wrote one
                lines.append(orjson.loads(line))
                done(lines[-1])
    limit.cancel()
    if not lines or "done" not in lines[-1]:
        lines.append({"ended": process.returncode})
    return lines


def _failures(lines: list[dict[str, Any]]) -> list[Failure]:
    found = [msgspec.convert(line, Failure) for line in lines if "kind" in line]
    if "ended" in lines[-1]:
        begun: dict[str, Any] = next((line for line in reversed(lines) if "case" in line and "number" in line), {})
        code = lines[-1]["ended"]
        last = failure("stopped", "", seconds=int(DEADLINE)) if code == 1 else failure("died", "", code=code)
        found.append(msgspec.structs.replace(last, check=begun.get("check", "-"), case=begun.get("case")))
    return found


def _unsteady(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> list[Failure]:
    """Return the cases whose finding changes with the order of sets."""
    begun = {line["number"]: line for line in one if "case" in line and "number" in line}
    first, second = ({line["number"]: line["finding"] for line in lines if "finding" in line} for lines in (one, other))
    failed = {(line["check"], line["case"]) for line in (*one, *other) if "kind" in line}
    return [
        msgspec.structs.replace(
            failure("unsteady", begun[number]["check"], one=_finding_text(found), other=_finding_text(second[number])),
            case=begun[number]["case"],
        )
        for number, found in first.items()
        if number in second
        and found != second[number]
        and (begun[number]["check"], begun[number]["case"]) not in failed
    ]


def _finding_text(finding: dict[str, Any]) -> Text:
    answer = f"{finding['outcome']}, measured {finding.get('measured')}"
    return {
        language: f"{answer} {reason}".rstrip("。.")
        for language, reason in (finding.get("reason") or {"zh": "", "en": ""}).items()
    }
