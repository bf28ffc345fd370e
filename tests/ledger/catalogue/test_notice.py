"""A notice's data: what is wrong with them is said with its place, and never found out later."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dingji.catalogue.notice import Notice
from dingji.faults import LedgerError
from dingji.plugins.manager import Plugins
from dingji.plugins.plugin_loading import Candidate, collect
from dingji_plugins import stock
from stories import CITY, DELTA, KUNSHAN, SUZHOU, NoticePlugin, Story, act, recognises, worded

WRONG: dict[str, tuple[str, str, str]] = {
    "an unknown key": ("[share]", "[share]\ncolour = 1", "share"),
    "a missing key": ("numerator = 1", "", "share"),
    "an unknown size": ('sizes = ["m"', 'sizes = ["mm"', "share.sizes"),
    "an unknown tier": ('lodge", tier = "district"', 'lodge", tier = "parish"', "level.bronze.route"),
    "an unknown tier of authority": ('transfer = ["prefecture"]', 'transfer = ["parish"]', "authority.transfer"),
    "an unknown round": ('round = "survey"', 'round = "feast"', "review.round"),
    "an unknown round of a level": ('round = "award"', 'round = "feast"', "level.silver.round"),
    "an unknown standard": ('review = ["plus"]', 'review = ["pluss"]', "level.silver.standard"),
    "no station": ('id = "station"', 'id = "post"', "tier"),
    "a size twice": ('id = "xs"', 'id = "s"', "size.id"),
    "a level twice": ('id = "silver"', 'id = "bronze"', "level.id"),
    "ranks out of order": ("rank = 2", "rank = 5", "level.rank"),
    "a rank of nothing": ("rank = 1", "rank = 0", "level.rank"),
    "a level that is the engine's": ('id = "bronze"', 'id = "ungraded"', "level.rank"),
    "a code that is no pattern": ('code = "P[0-9]"', 'code = "P["', "tier.prefecture.code"),
    "a top office of no tier": ('office = "GOV"', 'office = "gov"', "top.office"),
    "a round of every zeroth year": ("every = 3", "every = 0", "round"),
    "a day of fifty hours": ("utc_offset_hours = -5", "utc_offset_hours = 50", "utc_offset_hours"),
    "no TOML": ("[share]", "[share", ""),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_notice_is_said_with_its_place(tmp_path: Path, name: str) -> None:
    was, becomes, place = WRONG[name]
    text = DELTA.folder().joinpath("notice.toml").read_text("utf-8")
    assert was in text
    tmp_path.joinpath("notice.toml").write_text(text.replace(was, becomes, 1), "utf-8")
    with pytest.raises(LedgerError) as error:
        Notice(tmp_path)
    worded(error.value.fault)
    assert (error.value.fault.code, error.value.fault.args["file"]) == ("bad-notice", "notice.toml")
    assert place in error.value.fault.args["place"]


def test_a_folder_without_a_notice_says_so(tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as error:
        Notice(tmp_path)
    assert error.value.fault.code == "bad-notice"


def test_the_digest_of_a_notice_is_of_its_data_not_of_their_writing(tmp_path: Path) -> None:
    def digest(change: Callable[[str], str], file: str = "plus.toml") -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        for one in DELTA.folder().iterdir():
            text = one.read_text("utf-8")
            folder.joinpath(one.name).write_text(change(text) if one.name == file else text, "utf-8")
        return Notice(folder).digest

    same = digest(lambda text: text)
    assert digest(lambda text: "# a comment\n" + text.replace(" = ", "  =  ")) == same
    assert digest(lambda text: text.replace("First", "Erste")) != same
    assert digest(lambda text: text.replace("Boats", "Ships"), "facts.toml") != same
    assert digest(lambda text: text.replace("every = 3", "every = 4"), "notice.toml") != same


def test_the_words_of_a_notice_are_kept_in_the_ledger(story: Story) -> None:
    words = story.state("notice:suzhou-2023-143@1")["words"]
    assert words["level"]["benchmark"] == {"zh": "标杆所", "en": "benchmark"}
    assert words["level"]["ungraded"] == {"zh": "未定级", "en": "ungraded"}
    assert words.keys() == {"tier", "size", "place", "round", "level"}


def broken() -> object:
    raise RuntimeError("no such module")


def test_with_a_plugin_that_does_not_load_nothing_is_assessed_and_all_else_goes_on(story: Story) -> None:
    folder = SUZHOU.folder()
    candidates = [
        Candidate("stock", "dingji", "0", lambda: stock),
        Candidate("notices", "stories", "0", lambda: NoticePlugin(folder)),
        Candidate("broken", "elsewhere", "1", broken),
    ]
    story.plugins = Plugins([collect(candidate) for candidate in candidates])
    head = story.log.head()
    with pytest.raises(LedgerError) as error:
        story.submit_file(recognises("standard"), act("assess", "2024-06-01", KUNSHAN, standard="standard"))
    assert error.value.fault.code == "plugin-failed"
    assert story.log.head() == head
    story.given(recognises("standard"), act("classify", "2024-01-01", CITY, size="large"))
