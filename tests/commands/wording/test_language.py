"""The user's language and ledger: from the options in either position, the environment, or the locale."""

from __future__ import annotations

import pytest

from desk import Desk
from dingji_commands.main import MODULES
from dingji_commands.wording.words import language_of

TITLE = {"zh": "编号", "en": "Code"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_lang_stands_before_or_after_the_command(desk: Desk, language: str) -> None:
    other = {"zh": "en", "en": "zh"}[language]
    for arguments in (["--lang", language, "levels"], ["levels", "--lang", language], ["levels", f"--lang={language}"]):
        assert TITLE[language] in desk.ok(*arguments, lang=other)


def test_ledger_stands_before_or_after_the_command(desk: Desk) -> None:
    path = str(desk.ledger.rename(desk.folder / "other.ledger"))
    assert desk.ok("--ledger", path, "levels") == desk.ok("levels", "--ledger", path)
    assert desk.run("levels").exit_code == 1


def test_what_stands_behind_the_command_wins(desk: Desk) -> None:
    assert "Code" in desk.ok(
        "--lang", "zh", "--ledger", "nothing", "levels", "--lang", "en", "--ledger", str(desk.ledger)
    )


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"DINGJI_LANG": "zh", "LC_ALL": "en_US.UTF-8"}, "zh"),
        ({"LC_ALL": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LC_MESSAGES": "zh_TW", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LANG": "zh_CN"}, "zh"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"DINGJI_LANG": "fr", "LANG": "zh_CN.UTF-8"}, "zh"),
        ({}, "en"),
    ],
)
def test_the_language_is_the_environment_s(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], language: str
) -> None:
    for name in ("DINGJI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language_of(["levels"]) == language


def test_behind_two_dashes_nothing_is_an_option() -> None:
    assert language_of(["submit", "--", "--lang", "zh"]) == "en"


def test_a_wrong_language_is_a_wrong_use(desk: Desk) -> None:
    result = desk.run("levels", "--lang", "fr")
    assert (result.exit_code, result.stdout) == (2, "")


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_command_explains_itself(bare_desk: Desk, name: str, language: str) -> None:
    page = bare_desk.ok(name, "--help", lang=language)
    assert page.startswith("用法：" if language == "zh" else "Usage:")
    _usage, told, *sections = page.split("\n\n")
    assert any("\u4e00" <= sign <= "\u9fff" for sign in told) is (language == "zh")
    assert ("选项：" if language == "zh" else "Options:") in page
    assert "--ledger" in sections[-1]
    assert "--lang" in sections[-1]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_first_page_lists_every_command_with_its_help(bare_desk: Desk, language: str) -> None:
    page = bare_desk.ok("--help", lang=language)
    for name in MODULES:
        (line,) = (line for line in page.splitlines() if line.strip().partition("  ")[0] == name)
        assert len(line.split(maxsplit=1)) == 2


def test_without_a_command_the_first_page_is_shown(bare_desk: Desk) -> None:
    result = bare_desk.run()
    assert result.exit_code == 2
    assert "submit" in result.output


def test_a_command_that_is_nearly_named_is_suggested(bare_desk: Desk) -> None:
    assert "是否为 certify" in bare_desk.run("certfy", lang="zh").stderr
    assert "--standard" in bare_desk.run("assess", "1", "--standrad", "x").stderr
