"""Plugins: what they contribute, who supplied it, and what failed.

Every question of the ledger imports this module, and many need no plugin. So what loads and reads plugins is imported
when the first one is asked for.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import msgspec

from dingji.catalogue.data_faults import read_toml
from dingji.faults import Fault, LedgerError
from dingji.traces import one_line

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from dingji.catalogue.facts import Facts
    from dingji.catalogue.notice import Notice
    from dingji.catalogue.standard import Standard
    from dingji.checks.check import Check, CheckSpec
    from dingji.plugins.check_parameters import KnownNames
    from dingji.plugins.owners import Contribution
    from dingji.plugins.plugin_loading import Candidate, Collected, StandardFile

GROUP: Final = "dingji"
OFF: Final = "DINGJI_PLUGINS_OFF"
"""The environment variable that names, with commas, the plugins not to load."""


class PluginRow(msgspec.Struct, frozen=True):
    """One line of `dingji plugins`."""

    name: str
    distribution: str
    version: str
    digest: str | None
    state: str
    """loaded, failed or off"""
    hooks: tuple[str, ...] = ()
    contributions: tuple[str, ...] = ()
    """`kind:name` of each: notice, standard, check."""
    failure: Fault | None = None


class Plugins:
    """The plugins that were found: their contributions by name, and their failures by plugin."""

    def __init__(self, collected: Iterable[Collected], off: Iterable[Candidate] = ()) -> None:
        """Take what was collected; what two plugins contribute counts for neither, and both have failed."""
        self._collected, self._off = list(collected), list(off)
        _mark_conflicts(self._collected)
        self.failures: dict[str, Fault] = {one.name: one.failure for one in self._collected if one.failure}
        self.notices: dict[str, Contribution[Notice]] = self._of_kind("notice")
        self.standards: dict[str, Contribution[StandardFile]] = self._of_kind("standard")
        self.checks: dict[str, Contribution[CheckSpec]] = self._of_kind("check")
        self._facts: dict[Notice, Facts] = {}
        self._standards: dict[tuple[Notice, str], Standard] = {}

    def require_sound(self) -> None:
        """Raise LedgerError (`plugin-failed`) if any plugin failed: whatever assesses asks this first."""
        if self.failures:
            details = [fault.args["detail"] for fault in self.failures.values()]
            raise LedgerError("plugin-failed", plugin=list(self.failures), detail=details)

    def notice(self, id_: str) -> Notice | None:
        """Return an installed notice."""
        found = self.notices.get(id_)
        return found.value if found else None

    def facts(self, notice: Notice) -> Facts:
        """Return a notice's dictionary of facts. Raises LedgerError (`bad-catalogue`)."""
        from dingji.catalogue.facts import load_facts

        if notice not in self._facts:
            self._facts[notice] = load_facts(notice.rules.facts, notice.parse(notice.rules.facts))
        return self._facts[notice]

    def standard_codes(self, notice: Notice) -> list[str]:
        """Return the standards that a notice can be assessed by: its own first, then those contributed to it."""
        more = (one.value.code for one in self.standards.values() if one.value.notice == notice.id)
        return list(dict.fromkeys([*notice.standard_files, *more]))

    def standard(self, notice: Notice, code: str) -> Standard:
        """Return a standard of a notice. Raises LedgerError (`unknown-standard`, `bad-catalogue`)."""
        key = (notice, code)
        if key not in self._standards:
            self._standards[key] = self._load(notice, code)
        return self._standards[key]

    def checks_for(self, standard: Standard) -> dict[str, Check]:
        """Return the checks that a standard asks for, ready to be run, with the digests of their owners."""
        from dingji.checks.check import Check

        found = {name: self.checks[name] for name in sorted(standard.checks) if name in self.checks}
        return {name: Check(one.value.function, one.value.judges, one.owner.record) for name, one in found.items()}

    def of(self, name: str) -> list[Collected]:
        """Return the plugins of a distribution, or the one of that name."""
        wanted = _normal(name)
        return [one for one in self._collected if wanted in {_normal(one.owner.distribution), _normal(one.name)}]

    def listing(self) -> list[PluginRow]:
        """Return every plugin that was found, by name, with what it contributes or why it failed."""
        rows = [_row(one) for one in self._collected]
        rows += [PluginRow(one.name, one.distribution, one.version, None, "off") for one in self._off]
        return sorted(rows, key=lambda row: (row.name, row.distribution))

    def _load(self, notice: Notice, code: str) -> Standard:
        file, data = self._data(notice, code)
        beside = () if code in notice.standard_files else self._ids_beside(notice, code)
        return _standard(file, data, code, self.known(notice), beside)

    def _data(self, notice: Notice, code: str) -> tuple[str, dict[str, Any]]:
        """Return the file of a standard and what it says. Raises LedgerError (`unknown-standard`, `bad-notice`)."""
        if code in notice.standard_files:
            file = notice.standard_files[code]
            return file, notice.parse(file)
        contributed = self.standards.get(f"{notice.id}/{code}")
        if contributed is None:
            raise LedgerError("unknown-standard", standard=code)
        file = contributed.value.file
        return file, read_toml(contributed.value.folder.joinpath(file), file)

    def drafted(self, notice: Notice, code: str, file: str, data: dict[str, Any]) -> Standard:
        """Return a standard that is not installed, from parsed TOML. Raises LedgerError (`bad-catalogue`).

        Without a code nothing says which standards it must not share ids with.
        """
        return _standard(file, data, code, self.known(notice), self._ids_beside(notice, code) if code else ())

    def known(self, notice: Notice) -> KnownNames:
        """Return the names that a standard of a notice may use. Raises LedgerError (`bad-catalogue`)."""
        from dingji.plugins.check_parameters import KnownNames

        return KnownNames(
            notice=notice.id,
            sizes=notice.words["size"],
            places=tuple(notice.places),
            tiers=tuple(notice.tiers),
            facts=self.facts(notice),
            checks={name: check.value for name, check in self.checks.items()},
            strict=not self.failures and not self._off,
        )

    def _ids_beside(self, notice: Notice, code: str) -> set[str]:
        """Return the requirements of a notice's other standards: a judgement names one by its id alone."""
        found: set[str] = set()
        for other in self.standard_codes(notice):
            if other != code:
                with suppress(LedgerError):  # that one is refused when it is asked for
                    tables = self._data(notice, other)[1].get("requirement", [])
                    found |= {str(table.get("id")) for table in tables if isinstance(table, dict)}
        return found

    def _of_kind(self, kind: str) -> dict[str, Any]:
        from dingji.plugins.owners import Contribution

        return {
            name: Contribution(value, one.owner)
            for one in self._collected
            for (its, name), value in one.contributions.items()
            if its == kind
        }


def _standard(file: str, data: dict[str, Any], code: str, known: KnownNames, beside: Collection[str]) -> Standard:
    """Load a standard, while code of the plugins runs: the types of their checks' parameters are their own."""
    from dingji.plugins.plugin_code import contained, result_of
    from dingji.plugins.standard_loading import load_standard

    with contained(call=result_of.__code__):
        return load_standard(file, data, code, known, beside)


def load_plugins(extra: Sequence[object] = ()) -> Plugins:
    """Load every plugin that is installed, one at a time, and those handed in (modules or objects with hooks)."""
    from dingji.plugins.plugin_loading import Candidate, collect

    blocked = {name.strip() for name in os.environ.get(OFF, "").split(",")}
    found, broken = _installed()
    installed = {point.value for point in found}
    candidates = [Candidate(one_line(point.name), *_distribution(point), point.load) for point in found]
    candidates += broken
    candidates += [_handed_in(plugin) for plugin in extra if getattr(plugin, "__name__", None) not in installed]
    return Plugins(
        [collect(candidate) for candidate in candidates if candidate.name not in blocked],
        [candidate for candidate in candidates if candidate.name in blocked],
    )


def _installed() -> tuple[list[EntryPoint], list[Candidate]]:
    """Return the entry points of our group, and a plugin that fails for each distribution that cannot say its own."""
    from importlib.metadata import entry_points

    try:
        return sorted(entry_points(group=GROUP), key=lambda point: point.name), []
    except Exception:  # one distribution has damaged metadata: all are asked one by one
        return _asked_one_by_one()


def _asked_one_by_one() -> tuple[list[EntryPoint], list[Candidate]]:
    from importlib.metadata import distributions

    from dingji.plugins.plugin_loading import Candidate

    found: dict[tuple[str, str], EntryPoint] = {}
    broken = []
    for distribution in distributions():
        try:
            for point in distribution.entry_points.select(group=GROUP):
                found.setdefault((point.name, point.value), point)  # the first on the path is the one that counts
        except Exception as error:
            name = one_line(str(distribution._path.name if hasattr(distribution, "_path") else distribution))
            broken.append(Candidate(name, name, "unknown", functools.partial(_fail, error)))
    return sorted(found.values(), key=lambda point: point.name), broken


def _fail(error: Exception) -> object:
    raise error


def _distribution(point: EntryPoint) -> tuple[str, str]:
    """Return the name and version of the distribution that declares an entry point, as far as it says them."""
    try:
        return one_line(str(point.dist.name)), one_line(str(point.dist.version))  # type: ignore[union-attr]  # None is caught like the rest
    except Exception:  # broken metadata are no reason to break everything
        return "unknown", "unknown"


def _handed_in(plugin: object) -> Candidate:
    """Return a plugin that no distribution declares; its name is that of its module or class."""
    from dingji.plugins.plugin_loading import Candidate

    name: str = getattr(plugin, "__name__", type(plugin).__name__)
    module = name if "__path__" in dir(plugin) or "." in name else getattr(plugin, "__module__", name)
    return Candidate(name.rpartition(".")[2], module.partition(".")[0], "unreleased", lambda: plugin)


def _mark_conflicts(collected: list[Collected]) -> None:
    """Fail the plugins that share a name, or contribute the same thing: neither counts."""
    owners: dict[tuple[str, str], list[Collected]] = {}
    for one in collected:
        for key in (("plugin", one.name), *one.contributions):
            owners.setdefault(key, []).append(one)
    for key, several in owners.items():
        if len(several) == 1:
            continue
        name = " ".join(key)
        detail = f"{name}: {', '.join(f'{one.name} ({one.owner.distribution})' for one in several)}"
        for one in several:
            one.failure = Fault("plugin-conflict", args={"plugin": one.name, "name": name, "detail": detail})
            kept = {} if key[0] == "plugin" else one.contributions
            one.contributions = {own: value for own, value in kept.items() if own != key}


def _row(one: Collected) -> PluginRow:
    digest, failure = None, one.failure
    try:
        digest = one.owner.digest if one.hooks else None
    except LedgerError as unread:
        failure = failure or unread.fault
    return PluginRow(
        name=one.name,
        distribution=one.owner.distribution,
        version=one.owner.version,
        digest=digest,
        state="failed" if failure else "loaded",
        hooks=one.hooks,
        contributions=tuple(sorted(":".join(key) for key in one.contributions)),
        failure=failure,
    )


def _normal(name: str) -> str:
    """Return a distribution's name as installers compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
