"""Places in the sources that a page names in backticks, and those of them that are not there."""

from __future__ import annotations

import ast
import re
from collections.abc import Set
from pathlib import Path

ROOT = Path(__file__).parents[1]

PLACE = re.compile(r"`((?:ledger|plugins|projections|commands|tests|docs|examples)/[\w./-]+)(?::(\w+))?`")
"""A file or folder, or a name at the top of a module: `ledger/dingji/rules/decide.py:RULES`."""

FILE = re.compile(r"`([\w-]+\.(?:toml|py))`")
"""A file that is named without its folder: `notice.toml`."""

LINK = re.compile(r"\]\((?!https?:)([^)#]+)[^)]*\)")


def missing_places(page: Path) -> list[str]:
    """Return the places and links of a page that lead nowhere."""
    text = page.read_text("utf-8")
    return lost_places(text) + [link for link in LINK.findall(text) if not (page.parent / link).exists()]


def lost_places(text: str) -> list[str]:
    """Return the places in a text that are not there."""
    return [f"{file}:{name}" if name else file for file, name in PLACE.findall(text) if not is_there(file, name)]


def missing_in_docstrings(source: str, files: Set[str]) -> list[str]:
    """Return the places, and the names of files, that the docstrings of a module name and that are not there."""
    nodes = ast.walk(ast.parse(source))
    texts = [node.value.value for node in nodes if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)]
    named = [text for text in texts if isinstance(text, str)]
    return [place for text in named for place in lost_places(text)] + [
        file for text in named for file in FILE.findall(text) if file not in files
    ]


def is_there(file: str, name: str) -> bool:
    path = ROOT / file
    if not name:
        return path.exists()
    if not path.is_file():
        return False
    return any(name in defined(node) for node in ast.parse(path.read_text("utf-8")).body)


def defined(node: ast.stmt) -> list[str]:
    """Return the names that a statement at the top of a module defines."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]
