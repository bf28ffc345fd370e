"""What a plugin author's tests are made of: golden cases as data, and checks that are not pure caught and named."""

from __future__ import annotations

import importlib
import random
import signal
import threading
import time
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from checking import assessed, check, only, requirement, said
from dingji.catalogue.value_types import Form
from dingji.checks.assessment import assess
from dingji.checks.check import UNDETERMINED, Finding
from dingji.checks.dossier import Fact, entitlement
from dingji.checks.time_limit import limited
from dingji.faults import LedgerError
from dingji.golden.cases import Case, Trials, read_golden
from dingji.golden.purity import Guard, Impure, guarded, read_phrases
from dingji.plugins.manager import load_plugins
from dingji.terms import Outcome
from dingji.testing import Bench, Failure, golden_failures
from dingji_plugins import stock, suzhou_2023_143

NOTICE = "suzhou-2023-143"

CHECKS = """
import itertools, os, random, socket, time
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from dingji import UNDETERMINED, Fact, Finding, Outcome, hookimpl

MET = Finding(Outcome.MET)
COUNT = itertools.count()

def good(requirement, dossier):
    return MET

def wrong(requirement, dossier):
    return Finding(Outcome.NOT_MET, 1, 2, {"zh": "不足。", "en": "Too few."})

def raises(requirement, dossier):
    raise RuntimeError("out of order")

def nonsense(requirement, dossier):
    return "met"

def hangs(requirement, dossier):
    while True:
        pass

def today(requirement, dossier):
    return Finding(Outcome.MET, date.today().year)

def clock(requirement, dossier):
    return Finding(Outcome.MET, int(time.time()))

def chance(requirement, dossier):
    return MET if random.random() >= 0 else UNDETERMINED

def file(requirement, dossier):
    Path(__file__).read_bytes()
    return MET

def swallows(requirement, dossier):
    try:
        open("/nowhere")
    except Exception:
        pass
    return MET

def network(requirement, dossier):
    socket.create_connection(("127.0.0.1", 9))
    return MET

def process(requirement, dossier):
    os.system("true")
    return MET

def environment(requirement, dossier):
    os.environ.get("HOME")
    return MET

def counts(requirement, dossier):
    return Finding(Outcome.MET, next(COUNT))

def sets(requirement, dossier):
    words = "".join({"alpha", "beta", "gamma", "delta", "epsilon", "zeta"})
    return Finding(Outcome.MET, words)

def order(requirement, dossier):
    found = dossier.known("police_room_mediators")
    return Finding(Outcome.MET, found.value[0]) if isinstance(found, Fact) else UNDETERMINED

def prints(requirement, dossier):
    print("hello")
    return MET

def untried(requirement, dossier):
    return MET

@hookimpl
def register_checks(register):
    for function in (good, wrong, raises, nonsense, hangs, today, clock, chance, file, swallows, network, process,
                     environment, counts, sets, order, prints, untried):
        register(f"bad.{function.__name__}", function)
"""

CAUGHT = {
    "wrong": ("wrong", "Too few."),
    "raises": ("error", "RuntimeError: out of order"),
    "nonsense": ("error", "returned what is no finding: str"),
    "hangs": ("error", "took too long"),
    "today": ("impure", "date.today"),
    "clock": ("impure", "time.time"),
    "chance": ("impure", "random.random"),
    "file": ("impure", "open"),
    "swallows": ("impure", "open"),
    "network": ("impure", "socket"),
    "process": ("impure", "system"),
    "environment": ("impure", "os._Environ"),
    "counts": ("unsteady", "twice"),
    "sets": ("unsteady", "twice"),
    "order": ("order", "in another order"),
    "prints": ("impure", "print"),
    "untried": ("untested", "no golden case"),
}


def module(folder: Path, name: str, code: str, golden: str | None) -> ModuleType:
    """Return a package made of code and golden cases."""
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text(code, "utf-8")
    if golden is not None:
        (folder / name / "golden.toml").write_text(f'notice = "{NOTICE}"\n{golden}', "utf-8")
    importlib.invalidate_caches()
    return importlib.import_module(name)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def case(check: str, *lines: str) -> str:
    return "\n".join((f'[[case]]\ntitle = "a case"\ncheck = "{check}"\noutcome = "met"', *lines, ""))


def test_whatever_a_check_may_not_do_is_caught_and_named(folder: Path) -> None:
    lists = "facts = { police_room_mediators = [1, 2, 3, 4, 5, 6, 7] }"
    golden = "".join(case(f"bad.{name}", lists) for name in ("good", *CAUGHT) if name != "untried")
    failures = golden_failures(module(folder, "badplugin", CHECKS, golden))
    found = {one.check.removeprefix("bad."): one for one in failures}
    assert len(failures) == len(found)
    assert set(found) == set(CAUGHT)
    for name, (kind, part) in CAUGHT.items():
        assert found[name].kind == kind, found[name]
        assert part in found[name].text["en"], found[name]
        assert found[name].text["zh"]
        assert found[name].case == (None if name == "untried" else "a case")


HOLDS_ON = """
from dingji import Finding, Outcome, hookimpl

def holds_on(requirement, dossier):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass

@hookimpl
def register_checks(register):
    register("own.holds_on", holds_on)
"""


def test_a_check_that_nothing_stops_ends_the_trial_and_is_named(folder: Path) -> None:
    (failure,) = golden_failures(module(folder, "holdson", HOLDS_ON, case("own.holds_on")))
    assert (failure.check, failure.case, failure.kind) == ("own.holds_on", "a case", "stopped")


FAILS = """
from dingji import hookimpl

@hookimpl
def register_checks(register):
    raise RuntimeError("out of order")
"""
NOTHING = """
from dingji import Finding, Outcome, hookimpl

@hookimpl
def register_checks(register):
    register("own.nothing", lambda requirement, dossier: Finding(Outcome.MET))
"""


@pytest.mark.parametrize(
    ("code", "golden", "kind", "part"),
    [
        (FAILS, "case = []", "broken", "out of order"),
        (NOTHING, None, "no-golden", "golden*.toml"),
        (NOTHING, "case = []", "untested", "no golden case"),
        (NOTHING, case("own.nothing", "outcomes = 1"), "broken", "outcomes"),
        (NOTHING, case("own.nothing", "facts = { staff = 1 }"), "broken", "no fact staff"),
        (NOTHING, case("own.nothin"), "broken", "own.nothin"),
    ],
)
def test_a_plugin_that_cannot_be_tried_is_told(
    folder: Path, code: str, golden: str | None, kind: str, part: str, request: pytest.FixtureRequest
) -> None:
    name = f"untriable_{abs(hash(request.node.name))}"
    failures = golden_failures(module(folder, name, code, golden))
    assert (failures[0].kind, part in failures[0].text["en"]) == (kind, True), failures


def test_a_distribution_that_is_not_installed() -> None:
    (failure,) = golden_failures("nowhere-at-all")
    assert isinstance(failure, Failure)
    assert failure.kind == "no-plugin"


class TestBench:
    """Single cases, in this process."""

    BENCH = Bench(NOTICE, stock, suzhou_2023_143)

    def test_a_requirement_on_facts_as_data(self) -> None:
        found = self.BENCH.finding(requirement="S3.1.3", size="small", facts={"full_time_staff": 4})
        assert (found.outcome, found.measured, found.required) == (Outcome.MET, 4, 4)

    def test_a_check_by_itself(self) -> None:
        parameters = {"fact": "full_time_staff", "minimum": 3}
        found = self.BENCH.finding(check="at_least", parameters=parameters, size="small", facts={"full_time_staff": 2})
        assert found.outcome is Outcome.NOT_MET

    def test_a_dossier(self) -> None:
        held = self.BENCH.dossier(size="small", facts={"full_time_staff": 4}, evidence=["full_time_staff"])
        fact = held.supported("full_time_staff")
        assert isinstance(fact, Fact)
        assert (fact.value, held.size, held.limit({"small": 2})) == (4, "small", 2)

    def test_who_reported_and_when_counts(self) -> None:
        for more in ({"by": "station"}, {"reported": "2022-01-01"}):
            given: dict[str, Any] = {"facts": {"full_time_staff": 4}} | more
            assert self.BENCH.finding(requirement="S3.1.3", size="small", **given).outcome is Outcome.UNDETERMINED

    def test_what_is_not_known_is_refused(self) -> None:
        with pytest.raises(ValueError, match="full_time_staff"):
            self.BENCH.finding(requirement="S3.1.3", facts={"full_tim_staff": 4})
        with pytest.raises(ValueError, match="out-of-range"):
            self.BENCH.finding(requirement="S3.1.3", facts={"full_time_staff": -4})
        with pytest.raises(LedgerError):
            self.BENCH.finding(requirement="S99")
        with pytest.raises(msgspec.ValidationError):
            self.BENCH.finding(requirement="S3.1.3", colour="red")

    def test_an_impure_check_is_refused(self, folder: Path) -> None:
        bench = Bench(NOTICE, module(folder, "clocked", CHECKS, None))
        with pytest.raises(Impure, match=r"date\.today"):
            bench.finding(check="bad.today")
        assert bench.finding(check="bad.good").outcome is Outcome.MET


class TestLimit:
    """The time that a check has."""

    def hang(self, *_: Any) -> Finding:
        while True:
            pass

    def test_a_check_beyond_it_is_an_error_of_its_owner_and_the_others_stand(self) -> None:
        specs = check(self.hang) | {"quick": check(lambda *_: Finding(Outcome.MET))["own"]}
        rows = [requirement(f"R{number}", f'check = "{name}"') for number, name in enumerate(("own", "quick"), 1)]
        before = signal.getsignal(signal.SIGALRM)
        with limited(0.1):
            result = assessed(
                "\n".join(rows).replace("row = 0", "row = 1", 1).replace("row = 0", "row = 2"), specs=specs
            )
        assert [one.outcome for one in result.findings] == [Outcome.ERROR, Outcome.MET]
        assert result.findings[0].reason == {
            "zh": "检查“own”（some-plugin 1.2）超过时限，已中止。",
            "en": "The check own (some-plugin 1.2) took too long and was stopped.",
        }
        assert signal.getsignal(signal.SIGALRM) == before
        assert signal.getitimer(signal.ITIMER_REAL)[0] == 0

    def test_many_short_checks_never_add_up_to_it(self) -> None:
        def short(*_: Any) -> Finding:
            time.sleep(0.03)
            return UNDETERMINED

        with limited(0.1):
            for _ in range(6):
                found = only(assessed(requirement("R", 'check = "own"'), specs=check(short)))
                assert found.outcome is Outcome.UNDETERMINED, said(found)

    def test_where_a_timer_runs_already_it_is_left_alone(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 60)
        try:
            with limited(0.01):
                assert signal.getitimer(signal.ITIMER_REAL)[0] > 1
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def test_another_thread_has_no_limit_and_no_trouble(self) -> None:
        outcomes: list[Outcome] = []

        def work() -> None:
            with limited():
                specs = check(lambda *_: Finding(Outcome.MET))
                outcomes.append(only(assessed(requirement("R", 'check = "own"'), specs=specs)).outcome)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert outcomes == [Outcome.MET]


def test_a_case_names_a_requirement_or_a_check(tmp_path: Path) -> None:
    file = tmp_path / "golden.toml"
    file.write_text(f'notice = "{NOTICE}"\n[[case]]\ntitle = "a"\noutcome = "met"\n', "utf-8")
    with pytest.raises(LedgerError) as caught:
        read_golden(file)
    assert "requirement or check" in str(caught.value.fault.args)


def some_value(form: Form, number: int) -> Any:
    """Return a value of a form; another number gives another value."""
    if form.items:
        return [some_value(form.items, number + place) for place in range(3)]
    if form.fields:
        return {name: some_value(field, number) for name, field in form.fields.items()}
    if form.values and form.type == "enum":
        return list(form.values)[number % len(form.values)]
    if form.type == "int":
        return min(max(number, form.minimum), form.maximum)
    return number % 2 == 0 if form.type == "bool" else f"2024-0{1 + number % 5}-11"


@pytest.mark.parametrize("number", [0, 1, 4])
def test_every_check_of_the_notice_is_pure_whatever_is_reported(number: int) -> None:
    plugins, guard = load_plugins([stock, suzhou_2023_143]), Guard()
    notice = plugins.notice(NOTICE)
    assert notice is not None
    facts = {key: some_value(kind.form, number) for key, kind in plugins.facts(notice).items()}
    case = Case(title="-", outcome=Outcome.MET, size="large", facts=facts, evidence=tuple(facts))
    trials, who = Trials(plugins, NOTICE), entitlement(notice, "standard", date.min)
    read_phrases()
    for code in plugins.standard_codes(notice):
        checks = {
            name: msgspec.structs.replace(check, function=guarded(check.function, guard))
            for name, check in plugins.checks_for(plugins.standard(notice, code)).items()
        }
        found = [
            [finding.outcome for finding in assess(plugins.standard(notice, code), held, checks).findings]
            for held in (trials.dossier(case, who), trials.dossier(case, who, random.Random(number)))
        ]
        assert guard.refused == []
        assert Outcome.ERROR not in found[0]
        assert found[0] == found[1]


def test_the_standards_that_a_notice_can_be_assessed_by() -> None:
    plugins = load_plugins([stock, suzhou_2023_143])
    notice = plugins.notice(NOTICE)
    assert notice is not None
    assert plugins.standard_codes(notice) == ["benchmark", "standard"]
