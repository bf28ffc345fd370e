"""What decides, evolves and checks: the same answer wherever and whenever it is asked.

The import contract `pure` keeps out modules; this keeps out calls that need none of them, or a module that a pure room
may otherwise use (`datetime.now`, `importlib.import_module`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

LEDGER = Path(__file__).parents[1] / "ledger" / "dingji"
PURE = ("rules", "state", "checks")
IMPURE = frozenset(
    {
        *("now", "utcnow", "today", "localtime", "gmtime", "time", "time_ns", "monotonic", "perf_counter"),
        *("random", "urandom", "randint", "choice", "shuffle", "token_hex", "uuid1", "uuid4"),
        *("open", "read_text", "read_bytes", "write_text", "write_bytes", "input", "print", "getenv"),
        *("import_module", "__import__", "exec", "eval"),
    }
)
"""Functions and methods whose answer depends on more than what they are given, or that leave a trace."""


CLOCKS = frozenset({"date", "datetime"})
"""What has such a method that may also be handed on uncalled, as a default or a factory."""


def impure_calls(source: str) -> Iterator[tuple[int, str]]:
    """Yield (line, name) of every such function that is called, imported by its name, or handed on from a clock."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            yield from [(node.lineno, name)] if name in IMPURE else []
        elif isinstance(node, ast.Attribute) and node.attr in IMPURE and ast.unparse(node.value) in CLOCKS:
            yield node.lineno, node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, one.name) for one in node.names if one.name in IMPURE)


@pytest.mark.parametrize("room", PURE)
def test_a_pure_room_asks_no_clock_system_or_chance(room: str) -> None:
    modules = sorted((LEDGER / room).rglob("*.py"))
    assert len(modules) > 5
    found = [(path.name, *call) for path in modules for call in impure_calls(path.read_text("utf-8"))]
    assert found == []


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("from datetime import datetime, UTC\nheld = datetime.now(UTC)", "now"),
        ("from datetime import date\n\ndef first(day=None):\n    return day or date.today()", "today"),
        ("clock = datetime.utcnow", "utcnow"),
        ("field(default_factory=date.today)", "today"),
        ("import importlib\nimportlib.import_module('os').urandom(8)", "import_module"),
        ("from importlib import import_module as load\nload('os')", "import_module"),
        ("__import__('time').time()", "__import__"),
        ("with open('notice.toml') as file: pass", "open"),
        ("path.read_text()", "read_text"),
    ],
)
def test_it_is_seen_however_it_is_asked(source: str, name: str) -> None:
    assert name in [found for _, found in impure_calls(source)]


def test_what_only_has_such_a_name_is_let_pass() -> None:
    assert list(impure_calls("'now'; today: int = 1\ndef judge(now): return round.open <= now\nfacts['time']")) == []
