"""What surrounds a plugin's code while it runs, so that a slip of its author harms no more than its own result.

What it prints goes to standard error, for standard output is the command's answer. It has a limited time. Ctrl-C is
told from a KeyboardInterrupt that it raises itself. What it changes of the process is set back where that is cheap.
None of this holds back malice: a plugin runs with the rights of whoever runs `dingji`.

All of this belongs to the whole process, so in any thread but the main one nothing is done.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import CodeType, FrameType
from typing import Any, Final, TextIO, TypeVar

import msgspec

from dingji.checks.run import ANSWERED, PersonInterrupted, TookTooLong
from dingji.checks.time_limit import SECONDS, limited
from dingji.traces import in_brief

T = TypeVar("T")

HANDLED: Final = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGPIPE", "SIGQUIT") if hasattr(signal, name)
)
"""The signals whose handlers are set back; those of Ctrl-C and of the timer are besides."""


class PluginCodeFailed(Exception):
    """A function of a plugin's raised: `detail` is what, None if it took too long."""

    def __init__(self, detail: str | None) -> None:
        super().__init__(detail)
        self.detail = detail


def result_of(function: Callable[..., T], *arguments: Any) -> T:
    """Return what a function of a plugin's returns. Raises PluginCodeFailed, and ValidationError as msgspec does."""
    try:
        return function(*arguments)
    except (PersonInterrupted, msgspec.ValidationError):
        raise
    except TookTooLong:
        raise PluginCodeFailed(None) from None
    except BaseException as error:  # whatever a plugin raises is its failure
        raise PluginCodeFailed(in_brief(error)) from None


@contextmanager
def contained(seconds: float = SECONDS, call: CodeType = ANSWERED) -> Iterator[None]:
    """Surround plugin code in the main thread; each check, or each call of another function, has so many seconds."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with ExitStack() as around:
        for one in (_printed_aside(), _process_kept(), _ctrl_c_kept_apart(), limited(seconds, call)):
            around.enter_context(one)
        yield


@contextmanager
def _printed_aside() -> Iterator[None]:
    """Send to standard error what is printed, by Python's `sys.stdout` and by the system's descriptor 1."""
    streams = sys.stdin, sys.stdout, sys.stderr
    if sys.stdout is not None:
        sys.stdout.flush()
    sys.stdout = _standard_error()
    kept = _kept_output()
    try:
        yield
    finally:
        for stream in (sys.stdout, streams[1], sys.__stdout__):
            with suppress(Exception):  # closed, or of a type of the plugin's own
                stream.flush()  # type: ignore[union-attr]  # None has nothing to flush
        sys.stdin, sys.stdout, sys.stderr = streams
        if kept is not None:
            os.dup2(kept, 1)
            os.close(kept)


def _kept_output() -> int | None:
    """Return where descriptor 1 led, which leads to standard error now; None where one of them is closed."""
    try:
        kept = os.dup(1)
    except OSError:
        return None
    try:
        os.dup2(2, 1)
    except OSError:
        os.close(kept)
        return None
    return kept


_stand_in: TextIO | None = None


def _standard_error() -> TextIO:
    """Return what stands for `sys.stdout`: a stream of its own, for a plugin may close it."""
    global _stand_in  # noqa: PLW0603  # made once: a handler of `logging` keeps it from the import to the checks
    if _stand_in is None or _stand_in.closed:
        descriptor = 2
        try:
            os.fstat(descriptor)
        except OSError:  # closed, and so given to the next file that is opened
            descriptor = os.open(os.devnull, os.O_WRONLY)
        _stand_in = os.fdopen(descriptor, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
    return _stand_in


@contextmanager
def _process_kept() -> Iterator[None]:
    """Set back what is cheap to: the working folder, handlers of signals, and the limits of Python itself."""
    folder = _folder()
    handlers = {number: signal.getsignal(number) for number in HANDLED}
    recursion, digits = sys.getrecursionlimit(), sys.get_int_max_str_digits()
    try:
        yield
    finally:
        if folder is not None and _folder() != folder:
            with suppress(OSError):
                os.chdir(folder)
        for number, handler in handlers.items():
            if handler is not None and signal.getsignal(number) != handler:
                signal.signal(number, handler)
        if sys.getrecursionlimit() != recursion:
            sys.setrecursionlimit(recursion)
        if sys.get_int_max_str_digits() != digits:
            sys.set_int_max_str_digits(digits)


def _folder() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # it was removed
        return None


@contextmanager
def _ctrl_c_kept_apart() -> Iterator[None]:
    """Let Ctrl-C do what it did, but by an exception of ours; raise it at the end if the plugin caught it."""
    before: Any = signal.getsignal(signal.SIGINT)
    pressed = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        try:
            before(number, frame)
        except KeyboardInterrupt:
            pressed = True
            raise PersonInterrupted from None

    if callable(before):  # else it is ignored, or the system's
        signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)
    if pressed:
        raise PersonInterrupted
