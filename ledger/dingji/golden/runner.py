"""Runs the checks of a plugin on its golden cases, in a process of its own: `python -m dingji.golden.runner`.

The process can be killed whatever a check does, and the hook that refuses files and network stays in it. It writes what
it finds to the standard output that it was started with, one JSON object a line; what a check prints goes elsewhere.
"""

from __future__ import annotations

import faulthandler
import importlib
import itertools
import os
import random
import sys
from collections.abc import Iterator
from typing import IO, Any, Final

import msgspec
import orjson

from dingji.checks.check import Check
from dingji.checks.time_limit import SECONDS
from dingji.events.events import FindingRecord
from dingji.faults import LedgerError
from dingji.golden.cases import FILES, Case, Golden, Trials, read_golden
from dingji.golden.purity import Guard, guarded, read_phrases
from dingji.plugins.manager import Plugins, load_plugins
from dingji.plugins.plugin_code import contained
from dingji.plugins.plugin_loading import Collected
from dingji.terms import Outcome
from dingji.texts import LANGUAGES, Phrases, Text
from dingji.traces import in_brief

SAY: Final = Phrases("dingji.golden", "runner.toml")
DEADLINE: Final = 1.5 * SECONDS
"""After this the process ends itself, for a check that cannot be stopped otherwise."""
LOADING: Final = 30.0
SEED: Final = 20230143
ANSWER: Final = ("outcome", "otherwise", "measured", "required")
"""The fields of a finding that a golden case can name."""


class Failure(msgspec.Struct, frozen=True):
    """What is wrong with a check on one golden case, or at all."""

    check: str
    case: str | None
    kind: str
    """A key of runner.toml."""
    text: Text


class PluginTrial:
    """The trial of one plugin, case by case."""

    def __init__(self, plugins: Plugins, guard: Guard) -> None:
        """Take the plugins at hand, and the guard whose hook is set."""
        self._plugins, self._guard = plugins, guard
        self._ran: set[str] = set()
        self._numbers = itertools.count()

    def run(self, plugin: Collected, golden: list[Golden], out: IO[bytes]) -> None:
        """Try one plugin on its golden cases, and write each failure when it is found."""
        if not golden:
            _write(out, failure("no-golden", plugin.name, plugin=plugin.name, file=FILES))
            return
        for notice, cases in golden:
            trials = Trials(self._plugins, notice)
            for case in cases:
                self._try(trials, case, next(self._numbers), out)
        for kind, name in sorted(plugin.contributions):
            if kind == "check" and name not in self._ran:
                _write(out, failure("untested", name))

    def _try(self, trials: Trials, case: Case, number: int, out: IO[bytes]) -> None:
        try:
            check = trials.check_of(case)
            _write(out, {"case": case.title, "check": check, "number": number})
            findings = [self._finding(trials, case, None)]
            for shuffle in (None, random.Random(SEED + number)):  # noqa: S311  # to be the same in every run
                broken = findings[0].outcome is Outcome.ERROR  # once is enough
                findings.append(findings[0] if broken else self._finding(trials, case, shuffle))
        except (LedgerError, ValueError) as error:
            return _write(out, failure("broken", case.check or case.requirement or "", case, detail=detail(error)))
        for failed in failures(check, case, findings, self._guard.refused):
            _write(out, failed)
        self._guard.refused.clear()
        return _write(out, {"number": number, "finding": msgspec.to_builtins(findings[0])})

    def _finding(self, trials: Trials, case: Case, shuffle: random.Random | None) -> FindingRecord:
        def wrap(name: str, check: Check) -> Check:
            def call(*arguments: Any) -> Any:
                self._ran.add(name)
                return watched(*arguments)

            watched = guarded(check.function, self._guard)
            return msgspec.structs.replace(check, function=call)

        faulthandler.dump_traceback_later(DEADLINE, exit=True, file=sys.stderr)
        with contained():
            return trials.finding(case, wrap, shuffle)


def failures(check: str, case: Case, findings: list[FindingRecord], refused: list[str]) -> Iterator[Failure]:
    """Yield what is wrong with the findings of one case: as it is written, again, and in another order."""
    first, again, shuffled = findings
    if refused:
        yield failure("impure", check, case, refused=list(dict.fromkeys(refused)))
        return
    if first.outcome is Outcome.ERROR and case.outcome is not Outcome.ERROR:
        yield failure("error", check, case, reason=first.reason)
        return
    if _answer(first) != _answer(again) or first.reason != again.reason:
        yield failure("unsteady", check, case, one=_finding_text(first), other=_finding_text(again))
    elif _unordered(_answer(first)) != _unordered(_answer(shuffled)):
        yield failure("order", check, case, one=_finding_text(first), other=_finding_text(shuffled))
    expected: dict[str, Any] = msgspec.to_builtins(
        {name: value for name in ANSWER if (value := getattr(case, name)) is not msgspec.UNSET}
    )
    if (found := {name: _answer(first)[name] for name in expected}) != expected:
        words = {"expected": _answer_text(expected), "found": _answer_text(found)}
        yield failure("wrong", check, case, reason=first.reason or dict.fromkeys(LANGUAGES, ""), **words)


def failure(kind: str, check: str, case: Case | None = None, **words: Any) -> Failure:
    """Return a failure with its text."""
    return Failure(check, case.title if case else None, kind, SAY(kind, **words))


def detail(error: Exception) -> Any:
    """Return the message of an error, in each language if it has one."""
    if isinstance(error, LedgerError):
        return error.fault.message
    return str(error) if isinstance(error, ValueError) else in_brief(error)


def _answer(finding: FindingRecord) -> dict[str, Any]:
    """Return what a case can expect of a finding, as plain data."""
    answer: dict[str, Any] = msgspec.to_builtins({name: getattr(finding, name) for name in ANSWER})
    return answer


def _finding_text(finding: FindingRecord) -> Text:
    answer, reason = _answer_text(_answer(finding)), finding.reason or dict.fromkeys(LANGUAGES, "")
    return {language: f"{answer} {reason[language]}".strip().rstrip("。.") for language in LANGUAGES}


def _answer_text(answer: dict[str, Any]) -> str:
    return ", ".join(str(value) if name == "outcome" else f"{name} {value}" for name, value in answer.items())


def _unordered(value: Any) -> Any:
    """Return a value whose lists are in one order, whatever order they were in."""
    if isinstance(value, list | tuple):
        return sorted((_unordered(item) for item in value), key=repr)
    return {key: _unordered(inner) for key, inner in value.items()} if isinstance(value, dict) else value


def _write(out: IO[bytes], line: Any) -> None:
    out.write(orjson.dumps(msgspec.to_builtins(line)) + b"\n")


def main(name: str, modules: list[str]) -> None:
    """Try the plugins of a distribution or of that name; `modules` are handed in beside those installed."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what a check prints must not mix with our lines
    faulthandler.dump_traceback_later(LOADING, exit=True, file=sys.stderr)
    guard = Guard()
    try:
        plugins = load_plugins([importlib.import_module(module) for module in modules])
        found = plugins.of(name)
        if found:
            plugins.require_sound()
        read_phrases()
        sys.addaudithook(guard.audit)
        trial = PluginTrial(plugins, guard)
        golden = [(plugin, [read_golden(file) for file in plugin.owner.files(FILES)]) for plugin in found]
        _write(out, {"cases": sum(len(cases) for _, files in golden for _, cases in files)})
        for plugin, files in golden:
            trial.run(plugin, files, out)
        if not found:
            _write(out, failure("no-plugin", name, plugin=name))
    except Exception as error:  # whatever stops the trial is its result
        _write(out, failure("broken", name, detail=detail(error)))
    faulthandler.cancel_dump_traceback_later()
    _write(out, {"done": True})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
