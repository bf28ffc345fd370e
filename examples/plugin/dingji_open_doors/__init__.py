"""The standard `open-doors` for notice suzhou-2023-143, and the check that it needs beside the stock ones."""

from __future__ import annotations

from importlib import resources

from dingji import RegisterCheck, RegisterStandard, hookimpl
from dingji_open_doors.checks import Partners, partners


@hookimpl
def register_standards(register: RegisterStandard) -> None:
    """Register the standard: `open-doors.toml` beside this file."""
    register("suzhou-2023-143", "open-doors", resources.files(__name__))


@hookimpl
def register_checks(register: RegisterCheck) -> None:
    """Register the check, under a name that begins with the plugin's."""
    register("open_doors.partners", partners, Partners)
