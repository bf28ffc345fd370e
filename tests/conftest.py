"""What every test can ask for."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Self

import pytest

pytest.register_assert_rewrite("stories", "ledger.store.log_acts")

import codes_seen  # noqa: E402
import stories  # noqa: E402  (asserts in it are explained only if it is imported after the line above)
from dingji.plugins.manager import load_plugins  # noqa: E402
from dingji_commands.demo.play import DATA, play  # noqa: E402

for name in [name for name in os.environ if name.startswith("DINGJI_") and not name.startswith("DINGJI_FUZZ_")]:
    del os.environ[name]  # the ledger and the language of whoever runs the tests are none of theirs


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(codes_seen.CodesSeen(config))


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let Ctrl-C through, to children too: a shell starts what runs in its background with Ctrl-C ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def clock_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets a test say at which moment, with its offset, the computer's clock stands still."""

    def stand(moment: str) -> None:
        class Stopped(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> Self:
                return cls.fromisoformat(moment).astimezone(tz)

        monkeypatch.setattr("dingji.moments.datetime", Stopped)

    return stand


@pytest.fixture
def story(tmp_path: Path) -> Iterator[stories.Story]:
    with stories.Story(tmp_path) as story:
        yield story


@pytest.fixture(scope="session", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the views of all ledgers of the tests away from the user's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _notices() -> Iterator[None]:
    yield
    stories.clean_up()


Make = Callable[[Path], object]


@pytest.fixture(scope="session")
def made_once(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Make], Path]:
    """Fill a folder once for all workers, whoever is first; each worker gets a copy of its own."""
    common = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        common = common.parent

    def folder(name: str, make: Make) -> Path:
        made, own = common / f"{name}-made", tmp_path_factory.mktemp(name)
        with common.joinpath(f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                begun = tmp_path_factory.mktemp(f"{name}-begun")
                make(begun)
                begun.rename(made)
        shutil.copytree(made, own, dirs_exist_ok=True)
        return own

    return folder


@pytest.fixture(scope="session")
def demo_ledger(made_once: Callable[[str, Make], Path]) -> Path:
    """The demonstration, to be read: who writes takes a copy."""
    return made_once("told", lambda folder: play(DATA, folder / "demo.dingji", load_plugins())) / "demo.dingji"
