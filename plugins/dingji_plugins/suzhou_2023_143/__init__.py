"""苏司〔2023〕143号 as a plugin: its rules, its two standards, its dictionary of facts, and the checks of its own."""

from __future__ import annotations

from importlib import resources

from dingji import RegisterCheck, RegisterNotice, hookimpl
from dingji_plugins.suzhou_2023_143 import checks


@hookimpl
def register_notices(register: RegisterNotice) -> None:
    """Register the notice."""
    register(resources.files(__name__))


@hookimpl
def register_checks(register: RegisterCheck) -> None:
    """Register the checks that the stock has not."""
    register("ratio_if_set", checks.ratio_if_set, checks.RatioIfSet, judges=True)
    register("rate_raised", checks.rate_raised, checks.RateRaised, judges=True)
    register("each_followed", checks.each_followed, checks.EachFollowed)
