"""What every test can ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("stories")

import stories  # noqa: E402  (asserts in it are explained only if it is imported after the line above)
from dingji.plugins.manager import load_plugins  # noqa: E402
from dingji_commands.demo.play import DATA, play  # noqa: E402

for name in [name for name in os.environ if name.startswith("DINGJI_")]:
    del os.environ[name]  # the ledger and the language of whoever runs the tests are none of theirs

LAST = "test_every_code_was_raised_by_a_test"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the test that counts what the others raised run after them."""
    items.sort(key=lambda item: item.name == LAST)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[stories.Story]:
    with stories.Story(tmp_path) as story:
        yield story


@pytest.fixture(scope="session", autouse=True)
def _notices() -> Iterator[None]:
    yield
    stories.clean_up()


@pytest.fixture(scope="session")
def told_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration, to be read: who writes takes a copy."""
    path = tmp_path_factory.mktemp("told") / "demo.dingji"
    play(DATA, path, load_plugins())
    return path
