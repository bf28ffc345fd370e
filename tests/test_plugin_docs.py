"""docs/plugins.md names every hook, every name of `dingji` and every stock check, exactly as they are in the code."""

from __future__ import annotations

import ast
import enum
import importlib
import inspect
import itertools
import re
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

import dingji
from dingji import testing, texts
from dingji.catalogue import parameters as parameters_module
from dingji.catalogue.parameters import Parameters
from dingji.checks import check as checks_module
from dingji.checks.check import CheckSpec
from dingji.golden.cases import Case
from dingji.golden.runner import SAY
from dingji.plugins import hookspecs
from dingji.plugins.manager import load_plugins

PAGE = Path(__file__).parents[1] / "docs" / "plugins.md"
HOOKS = {
    "register_notices": hookspecs.RegisterNotice,
    "register_standards": hookspecs.RegisterStandard,
    "register_checks": hookspecs.RegisterCheck,
}


def signature(function: Callable[..., Any]) -> str:
    """Return a function's parameters and what it returns, as they are written."""
    found = inspect.signature(function)
    kept = [one for name, one in found.parameters.items() if name != "self"]
    text = str(found.replace(parameters=kept)).replace("'", "").replace(" -> None", "")
    return re.sub(r"<class [\w.]*\.(\w+)>", r"\1", text)


def first_line(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def attributes(source: str) -> dict[str, str]:
    """Return what stands in a string below each name of a module or class."""
    tree = ast.parse(textwrap.dedent(source))
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else tree.body
    found = {}
    for before, after in itertools.pairwise(body):
        target = before.target if isinstance(before, ast.AnnAssign) else getattr(before, "targets", [None])[0]
        if isinstance(target, ast.Name) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            found[target.id] = " ".join(str(after.value.value).split())
    return found


def fields(form: type) -> list[str]:
    """Return a struct's fields as they are written."""
    written: dict[str, str] = {}
    told = attributes(inspect.getsource(form))
    for base in reversed(form.__mro__):
        written |= inspect.get_annotations(base)
    found = []
    for field in msgspec.structs.fields(form):
        default = field.default if field.default is not msgspec.NODEFAULT else field.default_factory
        given = "" if field.required else f" = {default() if callable(default) else default!r}"
        meaning = f": {told[field.name]}" if field.name in told else ""
        found.append(f"- `{field.name}: {written[field.name]}{given}`{meaning}")
    return found


def hooks() -> list[str]:
    lines = []
    for name, register in HOOKS.items():
        lines += [
            f"### `{name}{signature(getattr(hookspecs, name))}`",
            "",
            f"{first_line(getattr(hookspecs, name))} {first_line(register)}",
            "",
            f"- `register{signature(register.__call__)}`",
            "",
        ]
    return lines


def checks() -> list[str]:
    lines = []
    for name, check in sorted(stock().items()):
        judges = " It may ask for a judgement." if check.judges else ""
        told = " ".join((inspect.getdoc(check.function) or "").split())
        parameters = "" if check.parameters is Parameters else f" Parameters: {first_line(check.parameters)}"
        lines += [f"### `{name}`", "", f"{told}{judges}{parameters}", ""]
        lines += fields(check.parameters) or ["- no parameters"]
        lines.append("")
    return lines


def names() -> list[str]:
    sources = (checks_module, parameters_module, texts)
    told = {name: said for source in sources for name, said in attributes(inspect.getsource(source)).items()}
    lines = []
    for name in dingji.__all__:
        thing = getattr(dingji, name)
        bullet = re.search(rf"- `{name}` (.*?)(?=\n-|\n\n|$)", dingji.__doc__ or "", re.DOTALL)
        said = told.get(name) or (" ".join(bullet[1].split()) if bullet else "")
        parts = _parts(name, thing)
        lines += [f"### `{name}`", "", first_line(thing) if isinstance(thing, type) else said, ""]
        lines += [*parts, ""] if parts else []
    return lines


def _parts(name: str, thing: Any) -> list[str]:
    if isinstance(thing, type) and issubclass(thing, enum.Enum):
        return [f"- `{one.name}`: `{one.value}`" for one in thing]
    if not isinstance(thing, type):
        return [f"- `{name}{signature(thing)}`"] if inspect.isfunction(thing) else []
    lines = fields(thing) if issubclass(thing, msgspec.Struct) else []
    if "__init__" in vars(thing) and name == "Phrases":
        lines.append(f"- `{name}{signature(vars(thing)['__init__'])}`")
    for own, value in vars(thing).items():
        if isinstance(value, property) or type(value).__name__ == "cached_property":
            lines.append(f"- `{own}`: {first_line(value)}")
        elif inspect.isfunction(value) and (not own.startswith("_") or own in {"__call__", "__contains__"}):
            lines.append(f"- `{own}{signature(value)}`: {first_line(value)}")
    return lines


def case() -> list[str]:
    return ["A case may have these keys, and no others:", "", *fields(Case), ""]


def stock() -> dict[str, CheckSpec]:
    found = load_plugins().checks
    return {name: one.value for name, one in found.items() if one.owner.distribution == "dingji"}


SECTIONS: dict[str, Callable[[], list[str]]] = {"hooks": hooks, "checks": checks, "names": names, "case": case}


def section(page: str, name: str) -> str:
    return page.partition(f"<!-- {name} -->\n")[2].partition("<!-- end -->")[0]


@pytest.mark.parametrize("name", SECTIONS)
def test_what_is_written_from_the_code_is_up_to_date(name: str) -> None:
    """Where it is not: `python tests/test_plugin_docs.py` writes it anew."""
    assert section(PAGE.read_text("utf-8"), name) == "\n".join(["", *SECTIONS[name](), ""])


def test_every_hook_is_told() -> None:
    specs = {name for name, one in vars(hookspecs).items() if hasattr(one, f"{hookspecs.PROJECT}_spec")}
    assert specs == set(HOOKS)


@pytest.mark.parametrize("name", ["hooks", "checks", "names"])
def test_every_heading_is_followed_by_what_it_means(name: str) -> None:
    entries = section(PAGE.read_text("utf-8"), name).split("### ")[1:]
    assert [entry for entry in entries if not entry.partition("\n\n")[2].partition("\n")[0].strip()] == []


def test_every_check_has_parameters_of_its_own_kind() -> None:
    assert [name for name, check in stock().items() if not issubclass(check.parameters, Parameters)] == []


def test_the_check_that_the_page_shows_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "shown_on_the_page.py").write_text(f"from dingji import *\n\n\n{block('class Partners')}", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    plugins = load_plugins([importlib.import_module("shown_on_the_page")])
    assert plugins.failures == {}
    assert plugins.checks["open_doors.partners"].value.parameters.__name__ == "Partners"
    del sys.modules["shown_on_the_page"]


def test_the_trial_that_the_page_shows_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(PAGE.parents[1] / "examples" / "plugin")
    example = importlib.import_module("dingji_open_doors")
    exec(block("from dingji.testing"), {"dingji_open_doors": example})  # noqa: S102 (it ends in an assertion)
    for name in [name for name in sys.modules if name.partition(".")[0] == "dingji_open_doors"]:
        del sys.modules[name]


def test_what_a_trial_returns_is_told() -> None:
    page = PAGE.read_text("utf-8")
    said = re.search(r"list of `Failure`s, each with (.*?)\.\n", page)
    assert said
    assert re.findall(r"`(\w+)`", said[1]) == list(testing.Failure.__struct_fields__)
    spans = " ".join(re.findall(r"`[^`\n]+`|^from dingji.testing import .*$", page, re.MULTILINE))
    assert set(testing.__all__) - set(re.findall(r"\w+", spans)) == set()


def test_every_kind_of_failure_is_told_and_no_other() -> None:
    table = PAGE.read_text("utf-8").partition("| kind | meaning |\n| --- | --- |\n")[2].partition("\n\n")[0]
    kinds = [kind for row in table.splitlines() for kind in re.findall(r"`([\w-]+)`", row.split("|")[1])]
    assert sorted(kinds) == sorted(SAY.templates)


def block(beginning: str) -> str:
    """Return the Python block of the page that begins so."""
    page = PAGE.read_text("utf-8")
    return beginning + page.partition(f"```python\n{beginning}")[2].partition("```")[0]


def renew() -> None:
    """Write the parts that come from the code."""
    page = PAGE.read_text("utf-8")
    for name, lines in SECTIONS.items():
        page = page.replace(
            f"<!-- {name} -->\n{section(page, name)}", f"<!-- {name} -->\n" + "\n".join(["", *lines(), ""])
        )
    PAGE.write_text(page, "utf-8")


if __name__ == "__main__":
    renew()
