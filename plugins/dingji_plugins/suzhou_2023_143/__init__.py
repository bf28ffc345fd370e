"""苏司〔2023〕143号 as a plugin: its rules, its two standards and its dictionary of facts are the files beside this."""

from __future__ import annotations

from importlib import resources

from dingji import RegisterNotice, hookimpl


@hookimpl
def register_notices(register: RegisterNotice) -> None:
    """Register the notice."""
    register(resources.files(__name__))
