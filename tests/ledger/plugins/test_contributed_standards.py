"""Standards and facts that plugins contribute, read when they are asked for."""

from __future__ import annotations

from importlib.metadata import EntryPoints
from pathlib import Path
from typing import Any

import pytest

from checking import FACTS, HEAD, AtLeast, at_least, requirement
from dingji import hookimpl
from dingji.faults import LedgerError
from dingji.plugins import manager
from dingji.plugins.manager import load_plugins

NOTICE = Path(__file__).parents[3] / "plugins" / "dingji_plugins" / "suzhou_2023_143"


class Good:
    """A plugin with one check."""

    @hookimpl
    def register_checks(self, register: Any) -> None:
        register("own", at_least, AtLeast)


@pytest.fixture(autouse=True)
def _nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: EntryPoints())
    monkeypatch.delenv(manager.OFF, raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a notice with one small standard."""
    text = (NOTICE / "notice.toml").read_text("utf-8")
    text = text.replace(
        'standards = ["benchmark.toml", "standard.toml"]', 'standards = ["standard.toml", "benchmark.toml"]'
    )
    (tmp_path / "notice.toml").write_text(text, "utf-8")
    (tmp_path / "facts.toml").write_text(FACTS, "utf-8")
    own = requirement("R1", 'check = "own"', 'parameters = { fact = "staff", minimum = 1 }').replace(
        "row = 0", "row = 1"
    )
    for code in ("standard", "benchmark", "extra"):
        asked = own.replace('"R1"', '"E1"') if code == "extra" else own  # ids are shared by all standards of a notice
        (tmp_path / f"{code}.toml").write_text(HEAD.replace('"basic"', f'"{code}"') + asked, "utf-8")
    return tmp_path


def plugin(folder: Path) -> object:
    class Notices:
        @hookimpl
        def register_notices(self, register: Any) -> None:
            register(folder)

        @hookimpl
        def register_standards(self, register: Any) -> None:
            register("suzhou-2023-143", "extra", folder)

    return Notices()


def test_a_notice_brings_its_standards_and_others_may_add_theirs(folder: Path) -> None:
    plugins = load_plugins([plugin(folder), Good()])
    plugins.require_sound()
    assert sorted(plugins.standards) == [f"suzhou-2023-143/{code}" for code in ("benchmark", "extra", "standard")]
    notice = plugins.notice("suzhou-2023-143")
    assert notice is not None
    assert plugins.notice("other") is None
    for code in ("standard", "benchmark", "extra"):
        found = plugins.standard(notice, code)
        assert (found.code, found.notice, len(found.requirements)) == (code, "suzhou-2023-143", 1)
        assert plugins.standard(notice, code) is found
    assert plugins.standard(notice, "standard").digest == notice.parts["standard.toml"]
    assert plugins.facts(notice) is plugins.facts(notice)
    assert plugins.facts(notice)["staff"].supplier == "county"


def test_the_checks_of_a_standard_come_with_their_owners(folder: Path) -> None:
    plugins = load_plugins([plugin(folder), Good()])
    notice = plugins.notice("suzhou-2023-143")
    assert notice is not None
    checks = plugins.checks_for(plugins.standard(notice, "standard"))
    assert list(checks) == ["own"]
    assert checks["own"].function is at_least
    assert checks["own"].owner == plugins.checks["own"].owner.record


def test_loading_reads_no_catalogue(folder: Path) -> None:
    for name in ("facts.toml", "standard.toml", "extra.toml"):
        (folder / name).write_text("not toml", "utf-8")
    plugins = load_plugins([plugin(folder), Good()])
    plugins.require_sound()
    notice = plugins.notice("suzhou-2023-143")
    assert notice is not None
    for read in (plugins.facts, lambda notice: plugins.standard(notice, "extra")):
        with pytest.raises(LedgerError) as caught:
            read(notice)
        assert caught.value.fault.code == "bad-notice"


def test_a_contributed_standard_cannot_ask_under_an_id_that_is_taken(folder: Path) -> None:
    file = folder / "extra.toml"
    file.write_text(file.read_text("utf-8").replace('"E1"', '"R1"'), "utf-8")
    plugins = load_plugins([plugin(folder), Good()])
    notice = plugins.notice("suzhou-2023-143")
    assert notice is not None
    assert plugins.standard_codes(notice) == ["standard", "benchmark", "extra"]
    assert plugins.standard(notice, "standard").requirement("R1")
    with pytest.raises(LedgerError) as caught:
        plugins.standard(notice, "extra")
    (problem,) = caught.value.fault.args["errors"]
    assert (problem["file"], problem["id"], problem["why"]) == ("extra.toml", "R1", "taken-id")


def test_an_unknown_standard_is_refused(folder: Path) -> None:
    plugins = load_plugins([plugin(folder), Good()])
    notice = plugins.notice("suzhou-2023-143")
    assert notice is not None
    with pytest.raises(LedgerError) as caught:
        plugins.standard(notice, "platinum")
    assert (caught.value.fault.code, caught.value.fault.args) == ("unknown-standard", {"standard": "platinum"})


def test_a_catalogue_that_names_an_unknown_check_is_refused_by_sound_plugins(folder: Path) -> None:
    plugins = load_plugins([plugin(folder)])
    notice = plugins.notice("suzhou-2023-143")
    assert notice is not None
    with pytest.raises(LedgerError) as caught:
        plugins.standard(notice, "standard")
    assert caught.value.fault.code == "bad-catalogue"


@pytest.mark.parametrize("off", [False, True])
def test_a_broken_plugin_does_not_keep_anyone_from_reading_a_standard(
    folder: Path, off: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Good:  # bears the name of the one that has the check
        @hookimpl
        def register_checks(self, register: Any) -> None:
            raise RuntimeError("broken")

    if off:
        monkeypatch.setenv(manager.OFF, "Good")
    plugins = load_plugins([plugin(folder), Good()])
    notice = plugins.notice("suzhou-2023-143")
    assert notice is not None
    found = plugins.standard(notice, "standard")
    assert found.requirements[0].check == "own"
    assert plugins.checks_for(found) == {}


def test_two_plugins_with_one_notice_both_fail(folder: Path) -> None:
    class Copy:
        @hookimpl
        def register_notices(self, register: Any) -> None:
            register(folder)

    plugins = load_plugins([plugin(folder), Copy()])
    assert set(plugins.failures) == {"Notices", "Copy"}
    assert plugins.notice("suzhou-2023-143") is None
