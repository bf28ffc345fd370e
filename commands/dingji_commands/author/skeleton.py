"""What `dingji plugins new` writes: a whole distribution, ready to be installed, tested and changed."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from typing import Final

NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST: Final = 40

FILES: Final = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "@module@/__init__.py": "init.py",
    "@module@/checks.py": "checks.py",
    "@module@/reasons.toml": "reasons.toml",
    "@module@/@name@.toml": "standard.toml",
    "@module@/golden.toml": "golden.toml",
    "tests/test_@word@.py": "test_plugin.py",
}
"""The files of a new plugin, each with the template that it is made of."""


def is_name(name: str) -> bool:
    """Return whether a plugin can be called that: words of a-z and 0-9 with hyphens between them."""
    return len(name) <= LONGEST and NAME.fullmatch(name) is not None


def skeleton(name: str) -> dict[str, str]:
    """Return the files of a new plugin: path to text."""
    templates = resources.files("dingji_commands.author").joinpath("plugin_template")
    return {
        _filled(path, name): _filled(templates.joinpath(f"{template}.txt").read_text("utf-8"), name)
        for path, template in FILES.items()
    }


def write(name: str, folder: Path) -> list[Path]:
    """Write a new plugin into a folder that is not there yet; return its files. Raises OSError."""
    folder.mkdir(parents=True)
    written = []
    for path, text in skeleton(name).items():
        file = folder / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
        written.append(file)
    return written


def _filled(template: str, name: str) -> str:
    word = name.replace("-", "_")
    return template.replace("@name@", name).replace("@word@", word).replace("@module@", f"dingji_{word}")
