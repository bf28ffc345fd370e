"""A pytest plugin: a whole run fails if no test made the product raise, or show, some code of faults.toml.

Each worker notes the codes that it saw and hands them to the process that started it; that one judges, when all are
done. So neither order nor the number of workers matters. A run of a part, or one that fails anyway, is not judged.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dingji.faults import Fault, LedgerError, fault_kinds

TESTS = Path(__file__).parent
SEEN, PART = "dingji_codes_seen", "dingji_part_of_the_tests"
NARROWING = ("collectonly", "ignore", "ignore_glob", "lf", "stepwise")
"""Options of pytest that leave tests out without saying which."""


class CodesSeen:
    """What the tests of this process, and of its workers, made the product say."""

    def __init__(self, config: pytest.Config) -> None:
        self.codes: set[str] = set()
        self.part = not _asks_for_all(config)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Iterator[None]:
        with _noting(self.codes):
            return (yield)

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        self.part = self.part or bool(items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker saw; one that crashed has said nothing, and its run is not judged."""
        output = getattr(node, "workeroutput", {})
        self.codes.update(output.get(SEEN, ()))
        self.part = self.part or output.get(PART, True)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if (output := getattr(session.config, "workeroutput", None)) is not None:
            output |= {SEEN: sorted(self.codes), PART: self.part}
        elif exitstatus == pytest.ExitCode.OK and self.missing():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any, exitstatus: int) -> None:
        if exitstatus == pytest.ExitCode.OK and (missing := self.missing()):
            terminalreporter.section("codes that no test raised", sep="=", red=True, bold=True)
            terminalreporter.line(f"{', '.join(missing)}\nGive each a test that makes the product say it, or drop it.")

    def missing(self) -> list[str]:
        """Return the codes that a whole run has not seen; none if this run is only a part."""
        return [] if self.part else sorted(fault_kinds().keys() - self.codes)


def _asks_for_all(config: pytest.Config) -> bool:
    """Return whether every test was asked for, in whatever words."""
    if any(config.getoption(name, None) for name in NARROWING):
        return False
    return {Path(argument).resolve() for argument in config.args} <= {TESTS, TESTS.parent}


@contextmanager
def _noting(codes: set[str]) -> Iterator[None]:
    """Note the code of every fault that is shown, and of every error that the product raises (a test's own is none)."""
    made, render = LedgerError.__init__, Fault.render

    def noted_making(self: LedgerError, code: str, **more: Any) -> None:
        if not Path(sys._getframe(1).f_code.co_filename).is_relative_to(TESTS):
            codes.add(code)
        made(self, code, **more)

    def noted_render(self: Fault, language: str) -> dict[str, Any]:
        codes.add(self.code)
        return render(self, language)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LedgerError, "__init__", noted_making)
        patch.setattr(Fault, "render", noted_render)
        yield
