"""Places in the sources that a page names in backticks, and those of them that are not there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]

PLACE = re.compile(r"`((?:ledger|plugins|projections|commands|tests|docs|examples)/[\w./-]+)(?::(\w+))?`")
"""A file or folder, or a name at the top of a module: `ledger/dingji/rules/decide.py:RULES`."""

LINK = re.compile(r"\]\((?!https?:)([^)#]+)[^)]*\)")


def missing_places(page: Path) -> list[str]:
    """Return the places and links of a page that lead nowhere."""
    text = page.read_text("utf-8")
    found = [f"{file}:{name}" if name else file for file, name in PLACE.findall(text) if not is_there(file, name)]
    return found + [link for link in LINK.findall(text) if not (page.parent / link).exists()]


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
