"""Makes sure that a check is pure: while it runs, clocks, randomness, files, the network and the system are refused.

Two things watch. A profile sees every call from Python code, whatever name it was imported under, `datetime.now` and
`random.random` among them. An audit hook, which cannot be removed and is therefore only set in a process of its own,
sees what compiled code does besides. What was refused is also kept, for a check may catch the exception.
"""

from __future__ import annotations

import gc
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from types import BuiltinFunctionType, FrameType
from typing import Any, Final

from dingji.texts import Phrases

MODULES: Final = frozenset(
    {
        "time",
        "posix",
        "nt",
        "_io",
        "io",
        "_socket",
        "_ssl",
        "_posixsubprocess",
        "_random",
        "_uuid",
        "_sqlite3",
        "select",
    }
    | {"_thread", "fcntl", "mmap", "_locale", "_ctypes", "_winapi", "pwd", "grp", "resource", "syslog", "termios"}
)
"""Compiled modules that a check has no business with."""
HARMLESS: Final = frozenset(
    {"fspath", "allocate_lock", "RLock", "get_ident", "StringIO", "BytesIO", "strptime", "register"}
)
"""Functions of these modules that touch nothing."""
BUILTINS: Final = frozenset({"input", "print", "breakpoint"})
CLOCKS: Final = frozenset({"now", "utcnow", "today"})
PYTHON: Final = frozenset({"os", "random"})
"""Modules written in Python whose every function is refused: os.environ is read without a compiled call."""
EVENTS: Final = (
    *("open", "os.", "socket.", "subprocess.", "shutil.", "glob.", "tempfile.", "sqlite3.", "ctypes.", "mmap."),
)
"""The beginnings of audit events that a check must not cause."""
TRUSTED: Final = ("<frozen importlib", "<frozen zipimport")
"""The machinery of imports: importing reads a file, but always the same one."""


class Impure(Exception):
    """A check did what no check may."""


class Guard:
    """Refuses while it is armed, and keeps what it refused."""

    def __init__(self) -> None:
        """Start with nothing refused."""
        self.refused: list[str] = []
        self._armed = False

    @contextmanager
    def armed(self) -> Iterator[None]:
        """Refuse until the end of the block. No garbage is collected in it: that could close files of others."""
        before, collects = sys.getprofile(), gc.isenabled()
        gc.disable()
        self._armed = True
        sys.setprofile(self._profile)
        try:
            yield
        finally:
            sys.setprofile(before)
            self._armed = False
            if collects:
                gc.enable()

    def audit(self, event: str, _: tuple[Any, ...]) -> None:
        """Refuse an audit event, as a hook for `sys.addaudithook`."""
        if self._armed and event.startswith(EVENTS) and not _importing(sys._getframe(1)):
            self._refuse(event)

    def _profile(self, frame: FrameType, event: str, called: Any) -> None:
        """Refuse a call, as a function for `sys.setprofile`."""
        if event == "c_call":
            name = _impure(called)
        elif event == "call":
            module = frame.f_globals.get("__name__")
            name = f"{module}.{frame.f_code.co_qualname}" if module in PYTHON else None
        else:
            return
        if name and self._armed and not _importing(frame):
            self._refuse(name)

    def _refuse(self, name: str) -> None:
        self.refused.append(name)
        self._armed = False  # what runs while the error passes is not the check's
        raise Impure(name)


def read_phrases() -> None:
    """Read the templates of all reasons now; otherwise the first check that needs one would read its file."""
    for one in [one for one in gc.get_objects() if type(one) is Phrases]:
        one.templates  # noqa: B018  # the property reads the file


def _impure(called: Any) -> str | None:
    """Return the name of a compiled function that a check must not call, None for any other."""
    owner, name = getattr(called, "__self__", None), str(getattr(called, "__name__", ""))
    if isinstance(owner, type):
        return f"{owner.__name__}.{name}" if issubclass(owner, date) and name in CLOCKS else None
    if isinstance(owner, random.Random):
        return f"random.{name}"
    module = called.__module__ if isinstance(called, BuiltinFunctionType) else type(owner).__module__
    if module == "builtins":
        return name if name in BUILTINS and isinstance(called, BuiltinFunctionType) else None
    return f"{module}.{name}" if module in MODULES and name not in HARMLESS else None


def _importing(frame: FrameType | None) -> bool:
    """Return whether a module is being imported, or a date parsed by the library's own `_strptime`."""
    while frame is not None:
        if frame.f_code.co_filename.startswith(TRUSTED) or frame.f_globals.get("__name__") == "_strptime":
            return True
        if frame.f_code is GUARDED:
            return False
        frame = frame.f_back
    return False


def guarded(function: Callable[..., Any], guard: Guard) -> Callable[..., Any]:
    """Return a check under guard: whatever impure it tries is refused."""

    def call(*arguments: Any) -> Any:
        with guard.armed():
            return _called(function, arguments)

    return call


def _called(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    return function(*arguments)


GUARDED: Final = _called.__code__
