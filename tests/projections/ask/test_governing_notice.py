"""The notice that governs a date: submissions and questions go by the same one (rule 10)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from dingji_projections.ask.governing_notice import governing_notice
from dingji_projections.engine.basis import Basis
from stories import CITY, YUSHAN, Story, act, plugins_with

FIRST = "suzhou-2023-143"


def notice(story: Story, id_: str, in_force: str) -> Path:
    """Return the folder of a notice that differs from the story's own in its name and its day alone."""
    folder = story.path.parent / f"{id_}-{in_force}"
    folder.mkdir()
    for one in story.setting.folder().iterdir():
        text = one.read_text("utf-8")
        if one.name == "notice.toml":
            text = text.replace(f'id = "{FIRST}"', f'id = "{id_}"').replace("2023-08-23", in_force)
        folder.joinpath(one.name).write_text(text, "utf-8")
    return folder


def adopts(id_: str, note: str = "首次") -> dict[str, object]:
    return act("adopt_notice", "2025-06-01", CITY, notice=id_, note=note)


def judged_by(story: Story, on: str) -> str:
    """Return the notice that a submission of this date is judged by."""
    return str(story.ledger.preview(YUSHAN, "standard", date.fromisoformat(on))["notice"])


def asked_by(story: Story, on: str, known: int | None = None) -> str:
    """Return the notice that a question about this date is answered by."""
    return governing_notice(story.log, Basis(date.fromisoformat(on), known or story.log.head(), None))


def governs(story: Story, on: str, id_: str) -> None:
    assert (judged_by(story, on), asked_by(story, on)) == (id_, id_)


def test_of_two_notices_in_force_from_one_day_the_one_adopted_later_governs(story: Story) -> None:
    # By name it would be the first of them that comes last.
    story.plugins = plugins_with(story.setting.folder(), notice(story, "a-later-one", "2023-08-23"))
    story.given(adopts("a-later-one"))
    governs(story, "2023-08-22", FIRST)
    governs(story, "2023-08-23", "a-later-one")
    assert asked_by(story, "2023-08-23", story.log.head() - 1) == FIRST


def test_a_notice_adopted_again_with_a_later_day_governs_from_that_day_alone(story: Story) -> None:
    story.plugins = plugins_with(story.setting.folder(), notice(story, "next", "2025-01-01"))
    story.given(adopts("next"))
    governs(story, "2025-01-01", "next")
    before = story.log.head()
    story.plugins = plugins_with(story.setting.folder(), notice(story, "next", "2025-03-01"))
    story.given(adopts("next", "再次"))
    governs(story, "2025-01-01", FIRST)
    governs(story, "2025-02-28", FIRST)
    governs(story, "2025-03-01", "next")
    assert asked_by(story, "2025-02-28", before) == "next"


def test_where_no_notice_is_in_force_the_first_adopted_answers(story: Story) -> None:
    story.plugins = plugins_with(story.setting.folder(), notice(story, "a-later-one", "2022-06-01"))
    story.given(adopts("a-later-one"))
    governs(story, "2022-05-31", FIRST)
    governs(story, "2022-06-01", "a-later-one")
    assert asked_by(story, "2024-01-01", 1) == FIRST  # known before any adoption


DAYS = ("2023-08-23", "2024-01-01", "2024-06-01")


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["a", "z"]), st.sampled_from(DAYS)), max_size=4))
def test_submissions_and_questions_go_by_the_same_notice(adopted: list[tuple[str, str]]) -> None:
    with TemporaryDirectory() as folder, Story(Path(folder)) as story:
        folders: dict[tuple[str, str], Path] = {}
        for number, (id_, day) in enumerate(adopted):
            path = folders.get((id_, day)) or folders.setdefault((id_, day), notice(story, id_, day))
            story.plugins = plugins_with(story.setting.folder(), path, *_other(folders, id_))
            story.submit(adopts(id_, f"{number}"))  # the same data are not adopted twice
            for on in ("2023-08-22", *DAYS):
                assert judged_by(story, on) == asked_by(story, on)


def _other(folders: dict[tuple[str, str], Path], id_: str) -> list[Path]:
    """Return the latest folder of the other notice, so that it stays installed."""
    return [path for (name, _), path in folders.items() if name != id_][-1:]
