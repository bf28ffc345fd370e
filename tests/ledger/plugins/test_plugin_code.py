"""A plugin's code while it runs: what it prints, what it changes, and whose Ctrl-C it was."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from checking import assessed, check, only, requirement, said
from dingji.catalogue.standard import Requirement
from dingji.checks.check import UNDETERMINED, Finding
from dingji.checks.dossier import Dossier
from dingji.checks.run import PersonInterrupted
from dingji.plugins.plugin_code import contained
from dingji.terms import Outcome


def test_what_is_printed_goes_to_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    print("before")  # noqa: T201
    with contained():
        print("by print")  # noqa: T201
        os.write(1, b"by the system\n")
        sys.stdout.buffer.write(b"by bytes\n")
        print("by what Python started with", file=sys.__stdout__)
        subprocess.run(["/bin/echo", "by another program"], check=True)
    print("after")  # noqa: T201
    out, err = capfd.readouterr()
    assert out == "before\nafter\n"
    assert sorted(err.splitlines()) == [
        *("by another program", "by bytes", "by print", "by the system", "by what Python started with"),
    ]


def test_a_stream_that_is_closed_or_replaced_is_ours_again(capfd: pytest.CaptureFixture[str]) -> None:
    for spoil in (
        lambda: sys.stdout.__class__.close(sys.stdout),
        lambda: io.TextIOWrapper(sys.stdout.buffer),  # which closes what it wraps when it goes
        lambda: setattr(sys, "stdout", None),
        lambda: setattr(sys, "stdout", io.StringIO()),
    ):
        with contained():
            spoil()
        with contained():
            print("aside")  # noqa: T201
        print("ours")  # noqa: T201
        print("ours too", file=sys.stderr)  # noqa: T201
    out, err = capfd.readouterr()
    assert out == "ours\n" * 4
    assert err == "aside\nours too\n" * 4


def test_what_a_handler_of_logging_kept_can_still_be_written_to(capfd: pytest.CaptureFixture[str]) -> None:
    with contained():
        kept = sys.stdout
    with contained():
        print("later", file=kept)
    assert capfd.readouterr() == ("", "later\n")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-"])
def test_without_a_stream_it_still_works(closed: str) -> None:
    code = "from dingji.plugins.plugin_code import contained\nwith contained(): print(1)"
    done = subprocess.run(
        ["/bin/sh", "-c", f'"{sys.executable}" -c "{code}" {closed}'], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, b"")


def test_what_it_changes_of_the_process_is_set_back(tmp_path: Path) -> None:
    before = os.getcwd(), sys.getrecursionlimit(), sys.get_int_max_str_digits(), signal.getsignal(signal.SIGTERM)
    interrupt, alarm = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGALRM)
    with contained():
        os.chdir(tmp_path)
        sys.setrecursionlimit(5000)
        sys.set_int_max_str_digits(0)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_REAL, 60)
    after = os.getcwd(), sys.getrecursionlimit(), sys.get_int_max_str_digits(), signal.getsignal(signal.SIGTERM)
    assert after == before
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGALRM)) == (interrupt, alarm)
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_another_thread_changes_nothing_of_the_process() -> None:
    seen: list[bool] = []

    def work() -> None:
        before = sys.stdout
        with contained():
            seen.append(sys.stdout is before)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [True]


def press(requirement: Requirement, dossier: Dossier) -> Finding:
    os.kill(os.getpid(), signal.SIGINT)
    return UNDETERMINED


def press_and_catch(requirement: Requirement, dossier: Dossier) -> Finding:
    try:
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:
        return Finding(Outcome.MET)
    return UNDETERMINED


@pytest.mark.usefixtures("interruptible")
class TestCtrlC:
    """A person's Ctrl-C, and a KeyboardInterrupt of a check's own."""

    @pytest.mark.parametrize("function", [press, press_and_catch])
    def test_a_persons_ends_the_assessment_even_if_the_check_catches_it(self, function: object) -> None:
        before = signal.getsignal(signal.SIGINT)
        with pytest.raises(PersonInterrupted), contained():
            assessed(requirement("R", 'check = "own"'), specs=check(function))  # type: ignore[arg-type]
        assert signal.getsignal(signal.SIGINT) == before

    def test_a_checks_own_is_its_finding(self) -> None:
        def own(requirement: Requirement, dossier: Dossier) -> Finding:
            raise KeyboardInterrupt

        with contained():
            finding = only(assessed(requirement("R", 'check = "own"'), specs=check(own)))
        assert "KeyboardInterrupt" in said(finding)

    def test_where_it_is_ignored_it_stays_so(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with contained():
            os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
