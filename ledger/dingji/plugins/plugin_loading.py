"""Loads one plugin by itself: imports it and collects its contributions, all of them or none."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.resources.abc import Traversable
from typing import Any, Final

import msgspec
import pluggy
from msgspec import inspect

from dingji.catalogue.notice import Notice
from dingji.catalogue.parameters import Parameters
from dingji.checks.check import CheckFunction, CheckSpec
from dingji.checks.run import PersonInterrupted, TookTooLong
from dingji.faults import Fault, LedgerError
from dingji.plugins import hookspecs
from dingji.plugins.owners import Owner
from dingji.plugins.plugin_code import contained
from dingji.texts import Text
from dingji.traces import in_brief

NAME: Final = re.compile(r"[a-z][a-z0-9_.]{0,63}")
"""The names that a check may have."""
LONGEST_CODE: Final = 64
SECONDS_TO_LOAD: Final = 10.0
"""How long a plugin may take to be imported and to answer its hooks; slow libraries take two or three."""
MOST_CONTRIBUTIONS: Final = 10_000
"""Contributions of one plugin."""


class Candidate(msgspec.Struct, frozen=True):
    """A plugin that can be loaded: its name, where it comes from, and how to get it."""

    name: str
    distribution: str
    version: str
    load: Callable[[], object]


class StandardFile(msgspec.Struct, frozen=True):
    """Where a standard's data is; it is read when the standard is asked for."""

    notice: str
    code: str
    folder: Traversable

    @property
    def file(self) -> str:
        """The file's name."""
        return f"{self.code}.toml"


class Collected(msgspec.Struct):
    """What became of one plugin: what it contributes by (kind, name), or why it failed."""

    name: str
    owner: Owner
    hooks: tuple[str, ...] = ()
    contributions: dict[tuple[str, str], Any] = {}
    failure: Fault | None = None


def collect(candidate: Candidate) -> Collected:
    """Load one plugin and collect its contributions; whatever it raises, and that it takes too long, is its failure."""
    collected = Collected(candidate.name, _owner(candidate, None))
    with contained(SECONDS_TO_LOAD, _load.__code__):
        try:
            _load(candidate, collected)
        except TookTooLong:
            collected.failure = failed(candidate.name, "slow-to-load")
    return collected


def _load(candidate: Candidate, collected: Collected) -> None:
    """Load one plugin, and write down its contributions or its failure; all its code runs in here."""
    try:
        plugin = candidate.load()
        collected.owner = _owner(candidate, plugin)
        manager = _manager(candidate.name, plugin)
        collected.hooks = tuple(sorted(caller.name for caller in manager.get_hookcallers(plugin) or ()))
        collected.contributions = _contributions(manager)
    except (TookTooLong, PersonInterrupted):
        raise
    except BaseException as error:  # SystemExit and KeyboardInterrupt too
        collected.failure = failed(candidate.name, _detail(error))


def failed(plugin: str, detail: Any) -> Fault:
    """Return the fault of a plugin that failed."""
    return Fault("plugin-failed", args={"plugin": plugin, "detail": detail})


def _owner(candidate: Candidate, plugin: object) -> Owner:
    return Owner(candidate.name, candidate.distribution, candidate.version, plugin)


def _manager(name: str, plugin: object) -> pluggy.PluginManager:
    """Return a manager of this plugin alone, so that nothing it does touches another."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin, name)
    manager.check_pending()  # a hook that does not exist is a typing error
    return manager


def _contributions(manager: pluggy.PluginManager) -> dict[tuple[str, str], Any]:
    found: dict[tuple[str, str], Any] = {}

    def add(kind: str, name: str, value: Any) -> None:
        if (kind, name) in found:
            raise ValueError(f"{kind} {name!r} is registered twice")
        if len(found) == MOST_CONTRIBUTIONS:
            raise ValueError(f"more than {MOST_CONTRIBUTIONS:,} contributions")
        found[kind, name] = value

    def notice(folder: Traversable) -> None:
        read = Notice(folder)
        add("notice", read.id, read)
        for code in read.standard_files:
            standard(read.id, code, folder)

    def standard(notice: Any, code: Any, folder: Traversable) -> None:
        for word in (notice, code):
            if not (isinstance(word, str) and word.isprintable() and 0 < len(word) <= LONGEST_CODE):
                raise ValueError(f"{word!r} is no code of a notice or a standard")
        add("standard", f"{notice}/{code}", StandardFile(notice, code, folder))

    def check(name: str, function: CheckFunction, parameters: type = Parameters, judges: bool = False) -> None:
        add("check", name, _spec(name, function, parameters, judges))

    manager.hook.register_notices(register=notice)
    manager.hook.register_standards(register=standard)
    manager.hook.register_checks(register=check)
    return found


def _spec(name: str, function: CheckFunction, parameters: type, judges: bool) -> CheckSpec:
    """Return a check as registered, or raise what is wrong with it now, and not in an assessment."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for a check: a-z, 0-9, _ and .")
    if not callable(function):
        raise TypeError(f"the check {name!r} is not a function")
    if not hasattr(inspect.type_info(parameters), "fields"):
        raise TypeError(f"the parameters of {name!r} are not a type with fields, such as a subclass of Parameters")
    return CheckSpec(name, function, parameters, judges)


def _detail(error: BaseException) -> str | Text:
    if isinstance(error, LedgerError):
        return error.fault.message
    return in_brief(error)
