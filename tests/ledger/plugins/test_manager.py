"""Plugins: what they contribute, who owns it, and what becomes of those that fail."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import Distribution, EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import pytest

import dingji
from checking import AtLeast, at_least
from dingji.faults import LedgerError
from dingji.plugins import manager, owners, plugin_loading
from dingji.plugins.manager import Plugins, load_plugins
from stories import worded

hookimpl = dingji.hookimpl

Install = Callable[..., None]


class Good:
    """A plugin with one check."""

    @hookimpl
    def register_checks(self, register: Any) -> None:
        register("own", at_least, AtLeast)


class Another:
    """A plugin with another check, and one that Good has too."""

    @hookimpl
    def register_checks(self, register: Any) -> None:
        register("other", at_least, parameters=AtLeast, judges=True)
        register("own", at_least, AtLeast)


@pytest.fixture
def _nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: EntryPoints())
    monkeypatch.delenv(manager.OFF, raising=False)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Return a function that installs a distribution of one module; nothing else is installed."""
    monkeypatch.delenv(manager.OFF, raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    found: list[EntryPoint] = []
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **chosen: EntryPoints(found).select(**chosen))
    before = set(sys.modules)

    def make(distribution: str, source: str, *names: str, version: str = "2.0", group: str = "dingji") -> None:
        module = distribution.replace("-", "_")
        (tmp_path / f"{module}.py").write_text(source, "utf-8")
        info = tmp_path / f"{module}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n", "utf-8")
        points = "\n".join(f"{name} = {module}" for name in names or (module,))
        (info / "entry_points.txt").write_text(f"[{group}]\n{points}\n", "utf-8")
        (its,) = Distribution.discover(name=distribution, path=[str(tmp_path)])
        found.extend(its.entry_points)

    yield make
    for name in set(sys.modules) - before:
        del sys.modules[name]


GOOD = """
from dingji import Finding, Outcome, hookimpl

def fine(requirement, dossier):
    return Finding(Outcome.MET)

@hookimpl
def register_checks(register):
    register("{name}", fine)
"""


def failure(plugins: Plugins, name: str) -> str:
    """Return the detail of a plugin's failure, and see that everything that assesses would refuse."""
    fault = plugins.failures[name]
    assert fault.code in {"plugin-failed", "plugin-conflict"}
    assert fault.args["plugin"] == name
    worded(fault)
    with pytest.raises(LedgerError) as caught:
        plugins.require_sound()
    assert caught.value.fault.code == "plugin-failed"
    assert name in caught.value.fault.args["plugin"]
    return str(fault.args["detail"])


@pytest.mark.usefixtures("_nothing_installed")
class TestHandedIn:
    """Plugins handed in as objects."""

    def test_a_check_is_contributed_with_its_owner(self) -> None:
        plugins = load_plugins([Good()])
        plugins.require_sound()
        check = plugins.checks["own"]
        assert (check.value.name, check.value.function, check.value.parameters, check.value.judges) == (
            "own",
            at_least,
            AtLeast,
            False,
        )
        assert (check.owner.plugin, check.owner.distribution) == ("Good", __name__.partition(".")[0])
        assert len(check.owner.digest) == 64

    def test_without_plugins_there_is_nothing_and_nothing_wrong(self) -> None:
        plugins = load_plugins()
        plugins.require_sound()
        assert (plugins.notices, plugins.standards, plugins.checks, plugins.listing()) == ({}, {}, {}, [])

    def test_two_owners_of_one_name_both_fail_and_neither_has_it(self) -> None:
        plugins = load_plugins([Good(), Another()])
        assert "own" in failure(plugins, "Good")
        assert "Good" in failure(plugins, "Another")
        assert plugins.failures["Good"].code == "plugin-conflict"
        assert list(plugins.checks) == ["other"]

    def test_the_same_name_twice_in_one_plugin_fails(self) -> None:
        class Twice:
            @hookimpl
            def register_checks(self, register: Any) -> None:
                register("one", at_least, AtLeast)
                register("one", at_least, AtLeast)

        assert "registered twice" in failure(load_plugins([Twice()]), "Twice")

    def test_a_plugin_contributes_all_or_nothing(self) -> None:
        class Half:
            @hookimpl
            def register_checks(self, register: Any) -> None:
                register("first", at_least, AtLeast)
                raise RuntimeError("half way")

        plugins = load_plugins([Half(), Good()])
        assert "RuntimeError: half way" in failure(plugins, "Half")
        assert list(plugins.checks) == ["own"]

    def test_a_slip_in_a_hooks_name_is_found(self) -> None:
        class Slip:
            @hookimpl
            def register_chekcs(self, register: Any) -> None:
                """Never called."""

        assert "register_chekcs" in failure(load_plugins([Slip()]), "Slip")

    def test_a_slip_in_a_hooks_argument_is_found(self) -> None:
        class Slip:
            @hookimpl
            def register_checks(self, registrar: Any) -> None:
                """Never called."""

        assert "registrar" in failure(load_plugins([Slip()]), "Slip")

    @pytest.mark.parametrize(
        ("call", "word"),
        [
            (lambda register: register("Own!", at_least, AtLeast), "Own!"),
            (lambda register: register("own", "at_least", AtLeast), "not a function"),
            (lambda register: register("own", at_least, int), "parameters"),
            (lambda register: register("own", at_least, colour=1), "colour"),
            (lambda register: register(), "missing"),
            (lambda register: sys.exit(3), "SystemExit: 3"),
        ],
    )
    def test_a_wrong_registration_fails(self, call: Any, word: str) -> None:
        class Wrong:
            @hookimpl
            def register_checks(self, register: Any) -> None:
                call(register)

        assert word in failure(load_plugins([Wrong()]), "Wrong")

    def test_one_that_registers_for_ever_fails(self) -> None:
        class Endless:
            @hookimpl
            def register_checks(self, register: Any) -> None:
                for number in itertools.count():
                    register(f"own{number}", at_least, AtLeast)

        assert "contributions" in failure(load_plugins([Endless()]), "Endless")

    @pytest.mark.parametrize("code", [5, None, "", "a\x1b[31m", "x" * 65])
    def test_a_standard_whose_code_is_none_fails(self, tmp_path: Path, code: Any) -> None:
        class Wrong:
            @hookimpl
            def register_standards(self, register: Any) -> None:
                register("suzhou-2023-143", code, tmp_path)

        words = failure(load_plugins([Wrong()]), "Wrong")
        assert "no code" in words
        assert words.isprintable()

    def test_one_that_takes_too_long_is_stopped_and_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Hangs:
            @hookimpl
            def register_checks(self, register: Any) -> None:
                while True:
                    pass

        monkeypatch.setattr(plugin_loading, "SECONDS_TO_LOAD", 0.2)
        plugins = load_plugins([Hangs(), Good()])
        assert failure(plugins, "Hangs") == "slow-to-load"
        assert list(plugins.checks) == ["own"]
        with pytest.raises(LedgerError) as refused:
            plugins.require_sound()
        assert "Hangs failed to load, so nothing can be assessed: it took too long" in worded(refused.value.fault)

    def test_a_notice_that_is_none_fails_with_its_place(self, tmp_path: Path) -> None:
        class Bad:
            @hookimpl
            def register_notices(self, register: Any) -> None:
                register(tmp_path)

        plugins = load_plugins([Bad()])
        assert "notice.toml" in failure(plugins, "Bad")
        assert set(plugins.failures["Bad"].args["detail"]) == {"zh", "en"}

    def test_plugins_can_be_switched_off(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(manager.OFF, "Another, unknown ,")
        plugins = load_plugins([Good(), Another()])
        plugins.require_sound()
        assert list(plugins.checks) == ["own"]
        assert [(row.name, row.state, row.digest is None) for row in plugins.listing()] == [
            ("Another", "off", True),
            ("Good", "loaded", False),
        ]

    def test_the_listing_says_what_each_contributes_or_why_it_failed(self) -> None:
        class Broken:
            @hookimpl
            def register_checks(self, register: Any) -> None:
                raise ValueError("broken")

        broken, good = load_plugins([Good(), Broken()]).listing()
        assert (broken.state, broken.contributions, broken.hooks) == ("failed", (), ("register_checks",))
        assert broken.failure is not None
        assert "broken" in broken.failure.args["detail"]
        assert (good.state, good.contributions, good.failure) == ("loaded", ("check:own",), None)


class TestInstalled:
    """Plugins found through their entry points."""

    def test_an_entry_point_is_loaded_with_its_distribution(self, install: Install) -> None:
        install("far-plugin", GOOD.format(name="far"), "far", version="3.1")
        plugins = load_plugins()
        plugins.require_sound()
        owner = plugins.checks["far"].owner
        assert (owner.plugin, owner.distribution, owner.version) == ("far", "far-plugin", "3.1")
        assert (owner.record.distribution, owner.record.version, owner.record.digest) == (
            "far-plugin",
            "3.1",
            owner.digest,
        )

    @pytest.mark.parametrize(
        ("source", "word"),
        [
            ("import nothing_of_that_name", "ModuleNotFoundError"),
            ("def (", "SyntaxError"),
            ("raise SystemExit(4)", "SystemExit"),
            ("raise KeyError('x')", "bad_plugin.py:1"),
            ("raise KeyboardInterrupt", "KeyboardInterrupt"),
            ("raise GeneratorExit", "GeneratorExit"),
            ("def f(): f()\nf()", "RecursionError"),
        ],
    )
    def test_one_that_cannot_be_imported_fails_alone(self, install: Install, source: str, word: str) -> None:
        install("bad-plugin", source)
        install("good-plugin", GOOD.format(name="good"))
        plugins = load_plugins()
        assert word in failure(plugins, "bad_plugin")
        assert list(plugins.checks) == ["good"]
        bad = plugins.listing()[0]
        assert (bad.name, bad.distribution, bad.version, bad.state, bad.digest) == (
            "bad_plugin",
            "bad-plugin",
            "2.0",
            "failed",
            None,
        )

    @pytest.mark.parametrize("source", ["while True: pass", "import time; time.sleep(60)"])
    def test_one_that_hangs_at_import_fails_alone(
        self, install: Install, monkeypatch: pytest.MonkeyPatch, source: str
    ) -> None:
        monkeypatch.setattr(plugin_loading, "SECONDS_TO_LOAD", 0.2)
        install("bad-plugin", source)
        install("good-plugin", GOOD.format(name="good"))
        plugins = load_plugins()
        assert failure(plugins, "bad_plugin") == "slow-to-load"
        assert list(plugins.checks) == ["good"]

    def test_one_whose_files_cannot_be_read_is_named(self, install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
        def unread(_: object) -> Iterator[tuple[str, bytes]]:
            raise PermissionError(13, "Permission denied", "/somewhere/good_plugin.py")

        install("good-plugin", GOOD.format(name="good"))
        monkeypatch.setattr(owners, "_files", unread)
        plugins = load_plugins()
        (row,) = plugins.listing()
        assert (row.state, row.digest) == ("failed", None)
        assert row.failure
        assert "PermissionError" in worded(row.failure)
        with pytest.raises(LedgerError) as refused:
            _ = plugins.checks["good"].owner.record
        assert refused.value.fault.code == "plugin-failed"

    def test_the_name_of_a_distribution_steers_no_terminal(self, install: Install) -> None:
        install("good-plugin", GOOD.format(name="good"), version="2\x1b[2J")
        (row,) = load_plugins().listing()
        assert row.version == r"2\x1b[2J"

    def test_two_distributions_that_declare_one_name_both_fail(self, install: Install) -> None:
        install("one-plugin", GOOD.format(name="one"), "same")
        install("two-plugin", GOOD.format(name="two"), "same")
        plugins = load_plugins()
        assert "one-plugin" in failure(plugins, "same")
        assert "two-plugin" in failure(plugins, "same")
        assert [row.distribution for row in plugins.listing()] == ["one-plugin", "two-plugin"]
        assert plugins.checks == {}

    def test_one_handed_in_that_is_installed_too_is_loaded_once(self, install: Install) -> None:
        install("good-plugin", GOOD.format(name="good"))
        import importlib

        plugins = load_plugins([importlib.import_module("good_plugin")])
        plugins.require_sound()
        assert len(plugins.listing()) == 1

    def test_what_another_program_declares_is_no_plugin(self, install: Install) -> None:
        install("good-plugin", GOOD.format(name="good"))
        install("other-plugin", GOOD.format(name="other"), group="another")
        assert [row.name for row in load_plugins().listing()] == ["good_plugin"]


def test_what_authors_import_is_sorted_and_each_name_is_documented() -> None:
    assert dingji.__all__ == sorted(dingji.__all__, key=lambda name: (not name.isupper(), name[0].islower(), name))
    for name in dingji.__all__:
        assert getattr(dingji, name) is not None
        assert dingji.__doc__ is not None
        assert f"`{name}`" in dingji.__doc__, name
    assert set(dingji.__all__) <= set(dir(dingji))
    with pytest.raises(AttributeError):
        dingji.nothing  # noqa: B018


def test_every_hook_is_documented_and_named_in_what_authors_read() -> None:
    from dingji.plugins import hookspecs

    specs = [name for name in dir(hookspecs) if name.startswith("register_")]
    assert len(specs) == 3
    for name in specs:
        assert getattr(hookspecs, name).__doc__
        assert dingji.__doc__ is not None
        assert f"`{name}`" in dingji.__doc__


def test_importing_the_hooks_loads_neither_plugins_nor_pluggy() -> None:
    heavy = {"pluggy", "importlib.metadata", "dingji.catalogue.notice", "dingji.checks.dossier"}
    code = f"import sys, dingji.plugins.manager; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
