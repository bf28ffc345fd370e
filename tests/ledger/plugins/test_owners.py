"""The digest of a plugin's own source and data."""

from __future__ import annotations

import hashlib
import importlib
from pathlib import Path
from types import ModuleType

import pytest

from dingji.plugins import owners
from dingji.plugins.owners import Owner


@pytest.fixture(autouse=True)
def _own_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)


def package(folder: Path, name: str) -> ModuleType:
    (folder / name / "inner").mkdir(parents=True)
    (folder / name / "__init__.py").write_text("", "utf-8")
    (folder / name / "part.py").write_text("x = 1", "utf-8")
    (folder / name / "inner" / "data.toml").write_text("a = 1", "utf-8")
    return importlib.import_module(name)


def digest(module: ModuleType) -> str:
    return Owner("p", "d", "1", module).digest


def test_a_package_counts_with_all_its_files(tmp_path: Path) -> None:
    module = package(tmp_path, "digest_package")
    first = digest(module)
    parts = [("__init__.py", b""), ("inner/data.toml", b"a = 1"), ("part.py", b"x = 1")]
    framed = b"".join(
        len(part).to_bytes(8, "big") + part for name, content in parts for part in (name.encode(), content)
    )
    assert first == hashlib.sha256(framed).hexdigest()
    folder = tmp_path / "digest_package"
    (folder / "__pycache__").mkdir(exist_ok=True)
    (folder / "__pycache__" / "part.cpython-311.pyc").write_bytes(b"1")
    (folder / "old.pyc").write_bytes(b"1")
    (folder / ".part.py.swp").write_bytes(b"1")
    assert digest(module) == first
    (folder / "inner" / "data.toml").write_text("a = 2", "utf-8")
    assert digest(module) != first


def test_a_module_of_a_package_counts_with_the_files_beside_it(tmp_path: Path) -> None:
    package(tmp_path, "digest_beside")
    module = importlib.import_module("digest_beside.part")
    first = digest(module)
    (tmp_path / "digest_beside" / "inner" / "data.toml").write_text("a = 2", "utf-8")
    assert digest(module) == first
    (tmp_path / "digest_beside" / "more.toml").write_text("b = 1", "utf-8")
    assert digest(module) != first


def test_a_module_by_itself_counts_with_the_files_that_bear_its_name(tmp_path: Path) -> None:
    (tmp_path / "digest_lone.py").write_text("x = 1", "utf-8")
    module = importlib.import_module("digest_lone")
    first = digest(module)
    (tmp_path / "stranger.py").write_text("", "utf-8")
    assert digest(module) == first
    (tmp_path / "digest_lone.toml").write_text("a = 1", "utf-8")
    assert digest(module) != first


def test_an_object_counts_as_its_module(tmp_path: Path) -> None:
    (tmp_path / "digest_object.py").write_text("class Plugin: pass", "utf-8")
    module = importlib.import_module("digest_object")
    assert digest(module) == Owner("p", "d", "1", module.Plugin()).digest == Owner("p", "d", "1", module.Plugin).digest


def test_it_is_read_only_when_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[ModuleType] = []

    def files(module: ModuleType) -> list[tuple[str, bytes]]:
        calls.append(module)
        return []

    monkeypatch.setattr(owners, "_files", files)
    owner = Owner("p", "d", "1", package(tmp_path, "digest_lazy"))
    assert calls == []
    assert owner.digest == owner.digest == owner.record.digest
    assert len(calls) == 1
