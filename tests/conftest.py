"""What every test can ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("stories")

import stories  # noqa: E402  (asserts in it are explained only if it is imported after the line above)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[stories.Story]:
    with stories.Story(tmp_path) as story:
        yield story


@pytest.fixture(scope="session", autouse=True)
def _notices() -> Iterator[None]:
    yield
    stories.clean_up()
