"""The one place where what went wrong becomes a message and an exit code."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import click

from dingji.harmless import visible
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.layout import fitted
from dingji_commands.terminal.output import print_lines, print_text, visible_streams
from dingji_commands.wording.words import say

if TYPE_CHECKING:
    from dingji.faults import Fault

REFUSED: Final = 1
USAGE: Final = 2
INTEGRITY_BROKEN: Final = 3
INTERRUPTED: Final = 130
NOT_ASKED: Final = frozenset(
    {
        *("no-ledger", "not-a-ledger", "ledger-not-readable", "ledger-not-writable", "no-room-for-copy"),
        *("ledger-busy", "ledger-locked", "views-busy", "views-damaged", "clock-not-set"),
    }
)
"""What is wrong with the ledger or the computer, and not with a question."""
FIELDS: Final = ("code", "field", "message", "hint")
"""What a program is told of a fault of the whole command."""
PIPE_CLOSED: Final = 141
"""What a shell makes of SIGPIPE: whoever reads the output has seen enough."""


def exit_code(work: Callable[[], Any], settings: Settings) -> int:
    """Run a command; return its exit code, whatever happens to it."""
    _prepare_streams()
    try:
        with visible_streams():
            return _run(work, settings)
    except BrokenPipeError:
        _silence(sys.stdout)
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(work: Callable[[], Any], settings: Settings) -> int:
    code: Any = None
    try:
        code = work()
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        code = done.exit_code
    except click.exceptions.NoArgsIsHelpError as help_page:
        print_text(help_page.format_message())
        code = USAGE
    except click.ClickException as error:
        _show_usage(error, settings)
        _note_recorded(settings)
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = _interrupted(settings)
    except BrokenPipeError:
        raise
    except Exception as error:
        code = _failed(error, settings)
    return code if isinstance(code, int) else 0


def _show_usage(error: click.ClickException, settings: Settings) -> None:
    """Say what click says of a wrong use, with what was typed made visible."""
    if settings.json:
        from dingji.faults import Fault

        command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "dingji"
        words = {"why": error.format_message(), "command": command}
        print_fault(Fault(code="bad-usage", field=_field(error), args=words), settings)
        return
    page = io.StringIO()
    if isinstance(error, click.UsageError) and error.ctx:
        error.ctx.color = True  # else click takes out what looks like a colour, and what was typed is not found
    error.show(page)
    _print_lines(_shown(page.getvalue(), settings).removesuffix("\n").split("\n"))


def _field(error: click.ClickException) -> str | None:
    """Return the name of the parameter that is wrong, None where it is none or not one alone."""
    if isinstance(error, click.NoSuchOption):
        return error.option_name.lstrip("-")
    param, named = getattr(error, "param", None), getattr(error, "param_hint", None)
    if isinstance(named, str) and named.startswith("--"):
        return named.removeprefix("--").replace("-", "_")
    return param.name if param else None


def _shown(page: str, settings: Settings) -> str:
    """Return a page of click's whose lines are its own: an argument repeated in it is visible, and on one line."""
    typed = {part for argument in settings.arguments for part in (argument, *argument.split("=", 1))}
    for part in sorted(typed, key=len, reverse=True):
        if not part.isprintable():
            page = page.replace(part, visible(part))
    return page


def _print_lines(lines: list[str]) -> None:
    """Write lines to standard error, broken between words on a terminal."""
    print_text("\n".join(fitted(line, err=True) for line in lines), err=True)


def _prepare_streams() -> None:
    """Give a closed stream something to write to, and let none fail on what its encoding has no character for."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  (for as long as we run)
        stream = getattr(sys, name)
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _silence(stream: Any) -> None:
    """Point a stream that nobody reads at nothing, so that Python's own last flush is quiet."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _interrupted(settings: Settings) -> int:
    from dingji.faults import Fault

    question = "question-interrupted" if settings.asking else "interrupted"
    print_fault(Fault(code="interrupted-late" if settings.recorded else question), settings)
    return INTERRUPTED


def _failed(error: Exception, settings: Settings) -> int:
    try:
        code = _explained(error, settings)
    except Exception as bug:  # even the words for it fail
        fault = {"code": "internal", "field": None, "message": _trace(bug), "hint": ""}
        if settings.json:
            _print_json([fault], settings)
        else:
            print_lines([f"internal: {fault['message']}"], err=True)
        code = REFUSED
    _note_recorded(settings)
    return code


def _explained(error: Exception, settings: Settings) -> int:
    from dingji.faults import Fault, IntegrityBroken, LedgerError, fault_kinds

    if isinstance(error, LedgerError) and error.fault.code in fault_kinds():
        print_fault(error.fault, settings)
    elif isinstance(error, MemoryError) or getattr(error, "errno", None) in {errno.EMFILE, errno.ENFILE, errno.ENOMEM}:
        print_fault(Fault(code="out-of-resources", args={"why": str(error) or "memory"}), settings)
    elif isinstance(error, OSError) and _is_output(error):
        print_fault(Fault(code="no-output", args={"why": error.strerror}), settings)
    else:
        print_fault(Fault(code="internal", args={"path": _trace(error)}), settings)
    if isinstance(error, IntegrityBroken):
        return INTEGRITY_BROKEN
    asked_wrongly = settings.asking and isinstance(error, LedgerError) and error.fault.code not in NOT_ASKED
    return USAGE if asked_wrongly else REFUSED


def _note_recorded(settings: Settings) -> None:
    """Say that something was recorded, if its receipt could not be shown; in JSON it stands beside the fault."""
    if settings.recorded and not settings.json:
        print_text(say(settings.language, "recorded-all-the-same"), err=True)


def _is_output(error: OSError) -> bool:
    return error.filename is None and error.errno in {errno.ENOSPC, errno.EIO, errno.EBADF, errno.EDQUOT}


def _trace(error: Exception) -> str:
    """Write a bug's trace to a file of its own and return its path."""
    import platform
    import tempfile
    import traceback
    from importlib.metadata import version

    lines = [f"dingji {version('dingji')}, Python {platform.python_version()}, {platform.platform()}\n"]
    lines += traceback.format_exception(error)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", errors="backslashreplace", prefix="dingji-", suffix=".txt", delete=False
    ) as file:
        file.writelines(lines)
    return file.name


def print_fault(fault: Fault, settings: Settings) -> None:
    """Show one fault of the whole command on standard error: in words, or to a program as one line of JSON."""
    if settings.json:
        words = fault.render(settings.language)
        _print_json([{name: words[name] for name in FIELDS}], settings)
        return
    from dingji_commands.wording.fault_words import fault_lines

    _print_lines(fault_lines(fault, settings.language))


def _print_json(faults: list[dict[str, Any]], settings: Settings) -> None:
    from dingji_commands.terminal.table import json_bytes

    recorded = {"recorded": True} if settings.recorded else {}
    print_lines([json_bytes({"faults": faults} | recorded)], err=True)
