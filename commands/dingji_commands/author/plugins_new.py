"""`dingji plugins new`: a whole distribution, ready to be installed, tested and changed."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from typing import Final

from dingji_commands.app import shell, wiring
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.output import print_lines, print_text
from dingji_commands.wording.words import say

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


@shell.command("plugins new", shell.argument("plugin"), shell.option("--folder", type=shell.FILE, metavar="PATH"))
def plugins_new(settings: Settings, plugin: str, folder: str | None) -> int:
    """Write the skeleton of a plugin."""
    language = settings.language
    if not is_name(plugin):
        raise shell.bad_parameter(language, "plugin-name", name=plugin)
    if (word := plugin.replace("-", "_")) in _names_taken():
        raise shell.bad_parameter(language, "plugin-taken", name=word)
    place = Path(folder) if folder is not None else Path(f"dingji-{plugin}")
    try:
        written = write(plugin, place)
    except FileExistsError:
        print_text(say(language, "plugin-folder", folder=place), err=True)
        return 1
    except OSError as error:
        print_text(say(language, "plugin-unwritten", folder=place, why=error.strerror), err=True)
        return 1
    print_lines(map(str, written))
    print_text(say(language, "plugin-written", folder=place, name=plugin))
    return 0


def is_name(name: str) -> bool:
    """Return whether a plugin can be called that: words of a-z and 0-9 with hyphens between them."""
    return len(name) <= LONGEST and NAME.fullmatch(name) is not None


def _names_taken() -> set[str]:
    """Return the names of all plugins and standards that are installed."""
    found = wiring.plugins()
    standards = {name.partition("/")[2].replace("-", "_") for name in found.standards}
    return {row.name for row in found.listing()} | standards


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
