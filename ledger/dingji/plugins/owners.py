"""The owner of a contribution: a plugin's distribution, its version, and the digest of its own source."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import ModuleType
from typing import Final, Generic, TypeVar

import msgspec

from dingji.events.events import CheckOwner
from dingji.faults import LedgerError
from dingji.traces import in_brief

T = TypeVar("T")

COMPILED: Final = (".pyc", ".pyo")


class Owner:
    """A plugin as the owner of what it contributes."""

    def __init__(self, plugin: str, distribution: str, version: str, source: object) -> None:
        """Take the plugin's name, its distribution and version, and the plugin itself, a module or an object of one."""
        self.plugin, self.distribution, self.version = plugin, distribution, version
        self._module = source if isinstance(source, ModuleType) else sys.modules.get(getattr(source, "__module__", ""))

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) over the plugin's own source and data files, in sorted order; read when first asked for.

        Raises LedgerError (`plugin-failed`) where one cannot be read.
        """
        digest = hashlib.sha256()
        try:
            files = sorted(_files(self._module)) if self._module else []
        except OSError as error:
            raise LedgerError("plugin-failed", plugin=self.plugin, detail=in_brief(error)) from None
        for name, content in files:
            for part in (name.encode(), content):
                digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()

    def files(self, pattern: str) -> list[Traversable]:
        """Return the files beside the plugin whose names match a pattern, by name."""
        package = getattr(self._module, "__package__", None)
        beside = resources.files(package).iterdir() if package else ()
        return sorted((file for file in beside if fnmatch(file.name, pattern)), key=lambda file: file.name)

    @property
    def record(self) -> CheckOwner:
        """The owner as an assessment records it."""
        return CheckOwner(self.distribution, self.version, self.digest)


class Contribution(msgspec.Struct, Generic[T], frozen=True):
    """What a plugin supplied, with its owner."""

    value: T
    owner: Owner


def _files(module: ModuleType) -> Iterator[tuple[str, bytes]]:
    """Return (name, bytes) of the files that are a module's own.

    For a package, all in its folder. For a module of a package, the files beside it, which it is free to use. For a
    module by itself, the files with its name: any others beside it may be someone else's.
    """
    if hasattr(module, "__path__"):
        yield from _walk(resources.files(module.__name__), "")
    elif module.__package__:
        yield from _here(resources.files(module.__package__), "")
    elif file := getattr(module, "__file__", None):
        own = Path(file)
        yield from ((name, content) for name, content in _here(own.parent, "") if name.split(".")[0] == own.stem)


def _here(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for item in folder.iterdir():
        if item.is_file() and not item.name.endswith(COMPILED) and not item.name.startswith("."):
            yield f"{prefix}{item.name}", item.read_bytes()


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    yield from _here(folder, prefix)
    for item in folder.iterdir():
        if item.is_dir() and item.name != "__pycache__" and not item.name.startswith("."):
            yield from _walk(item, f"{prefix}{item.name}/")
