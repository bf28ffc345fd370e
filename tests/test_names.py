"""Names in the package: one thing, one name, so that who searches for a class finds it."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("ledger", "plugins", "projections", "commands")
ROOM = 14
"""Modules that a room may have: what somebody can still take in at a glance."""
LONGEST = 500
"""Lines that a module may have; one of one idea seldom needs more."""
CAP_WORDS = re.compile(r"[A-Z]\w*[a-z]\w*")
"""How a type is written, where a constant is written in capitals alone."""
VAGUE = {"tell", "tells", "told", "said"}
"""What functions were once called that return a line, a cell or a sentence."""


def sources() -> Iterator[tuple[Path, str]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT), path.read_text("utf-8")


def definitions(kind: type[ast.ClassDef] | type[ast.FunctionDef]) -> Iterator[tuple[str, str]]:
    """Yield (name, place) of every class or function."""
    for path, source in sources():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, kind):
                yield node.name, f"{path}:{node.lineno}"


def aliases() -> Iterator[tuple[str, str]]:
    """Yield (name, place) of every name in CapWords that a module gives to a type by assigning it."""
    for path, source in sources():
        for node in ast.parse(source).body:
            targets = node.targets if isinstance(node, ast.Assign) else ()
            for target in targets:
                if isinstance(target, ast.Name) and CAP_WORDS.fullmatch(target.id):
                    yield target.id, f"{path}:{node.lineno}"


def test_no_two_classes_or_types_have_one_name() -> None:
    places = defaultdict(list)
    for name, place in (*definitions(ast.ClassDef), *aliases()):
        places[name].append(place)
    assert len(places) > 400
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_functions_are_called_by_what_they_return() -> None:
    found = list(definitions(ast.FunctionDef))
    assert len(found) > 1500
    assert [place for name, place in found if VAGUE & set(name.split("_"))] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_rooms_can_be_taken_in_at_a_glance(package: str) -> None:
    rooms = defaultdict(list)
    for path, source in sources():
        assert source.count("\n") <= LONGEST, path
        if path.parts[0] == package and path.name != "__init__.py":
            rooms[path.parent].append(path.name)
    assert rooms
    assert {room: modules for room, modules in rooms.items() if len(modules) > ROOM} == {}
