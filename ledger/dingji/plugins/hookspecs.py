"""The hooks: what a plugin may contribute. Implement them with `@hookimpl`; each is handed a `register` to call."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from typing import Final, Protocol

import pluggy

from dingji.catalogue.parameters import Parameters
from dingji.checks.check import CheckFunction

PROJECT: Final = "dingji"
"""The group of the entry points, and the name under which pluggy knows the hooks."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class RegisterNotice(Protocol):
    """Registers a notice by its folder of data files, `notice.toml` among them."""

    def __call__(self, folder: Traversable) -> None:
        """Take the folder."""


class RegisterStandard(Protocol):
    """Registers one more standard of a notice; those that its `notice.toml` names need no registering."""

    def __call__(self, notice: str, code: str, folder: Traversable) -> None:
        """Take the standard's code; its file in the folder is `<code>.toml`."""


class RegisterCheck(Protocol):
    """Registers a check under the name by which requirements ask for it."""

    def __call__(self, name: str, function: CheckFunction, parameters: type = Parameters, judges: bool = False) -> None:
        """Take the check, its parameters' type, and whether it may say `needs_judgement`."""


@hookspec
def register_notices(register: RegisterNotice) -> None:
    """Contribute notices: `register(folder)`."""


@hookspec
def register_standards(register: RegisterStandard) -> None:
    """Contribute standards to a notice: `register(notice, code, folder)`."""


@hookspec
def register_checks(register: RegisterCheck) -> None:
    """Contribute checks: `register(name, function, parameters=Parameters, judges=False)`."""
