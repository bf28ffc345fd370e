"""Trees: nothing is lost when unfolded, and a folded one keeps to its screen and says how much it holds."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from dingji_commands.terminal.layout import width
from dingji_commands.terminal.tree import NARROWEST, Branch, drawn, fold

MORE = "{text}  (+{count} more)"

TEXTS = st.sampled_from(["定为标杆所：2024-11-20 认定", "evidence", "一二三四五六七八九十" * 3])
TREES = st.recursive(
    st.builds(Branch, TEXTS),
    lambda below: st.builds(Branch, TEXTS, st.lists(below, max_size=5), first=st.booleans()),
    max_leaves=40,
)


def texts(branch: Branch) -> list[str]:
    return [branch.text, *(told for below in branch.branches for told in texts(below))]


def joined(lines: list[str]) -> str:
    return "".join(re.sub(r"^[│├└─ ]*", "", line) for line in lines).replace(" ", "")


@given(TREES, st.integers(30, 100))
def test_an_unfolded_tree_says_everything_in_order(tree: Branch, columns: int) -> None:
    lines = drawn(tree, columns, MORE)
    assert joined(lines) == "".join(texts(tree)).replace(" ", "")
    deepest = max(width(line) - width(line.lstrip("│├└─ ")) for line in lines)
    assert all(width(line) <= max(columns, deepest + NARROWEST) for line in lines)


@given(TREES, st.integers(30, 100), st.integers(5, 40))
def test_a_folded_tree_keeps_to_its_screen(tree: Branch, columns: int, rows: int) -> None:
    whole = len(drawn(tree, columns, MORE))
    folded = fold(tree, columns, rows, MORE)
    lines = drawn(tree, columns, MORE)
    assert folded == any("(+" in line for line in lines) == (lines != drawn(unfolded(tree), columns, MORE))
    if not folded:
        assert len(lines) == whole
    for branch in tree.branches:
        assert branch.text.replace(" ", "") in joined(drawn(tree, 400, MORE))
    least = len(drawn(Branch(tree.text, [Branch(one.text) for one in tree.branches]), columns, MORE))
    assert len(lines) <= max(rows, least + len(tree.branches))


def unfolded(tree: Branch) -> Branch:
    return Branch(tree.text, [unfolded(below) for below in tree.branches])


def test_what_is_amiss_is_unfolded_before_what_is_not() -> None:
    below = [Branch(f"below {number}") for number in range(4)]
    tree = Branch("root", [Branch("well", list(below)), Branch("amiss", list(below), first=True)])
    assert fold(tree, 80, 8, MORE)
    assert [branch.shown for branch in tree.branches] == [0, None]
    assert "├─ well  (+4 more)" in drawn(tree, 80, MORE)


def test_of_what_is_first_and_long_as_much_is_unfolded_as_there_is_room_for() -> None:
    tree = Branch("root", [Branch("long", [Branch(f"below {number}") for number in range(30)], first=True)])
    assert fold(tree, 80, 12, MORE)
    lines = drawn(tree, 80, MORE)
    assert len(lines) == 12
    assert lines[2:4] == ["   ├─ below 0", "   ├─ below 1"]
    assert lines[-1] == "   └─ (+21 more)"
