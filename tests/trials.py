"""One check at a time: a requirement given as TOML, over facts of a test's own, and what it comes to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from checking import COUNTY, ENTITLED, TODAY, bench, only, parse, report, requirement
from dingji.catalogue.facts import load_facts
from dingji.catalogue.standard import Standard
from dingji.checks.assessment import assess
from dingji.checks.check import CheckSpec
from dingji.checks.dossier import Subject, build_dossier
from dingji.events.events import FindingRecord
from dingji.faults import LedgerError
from dingji.plugins.check_parameters import KnownNames
from dingji.plugins.manager import load_plugins
from dingji.plugins.standard_loading import load_standard
from dingji_plugins import stock, suzhou_2023_143

OURS = 'ours = { zh = "尺度", en = "the measure" }'

SPECS: dict[str, CheckSpec] = {
    name: check.value for name, check in load_plugins([stock, suzhou_2023_143]).checks.items()
}
SIZES = {size: {"zh": size, "en": size} for size in ("large", "medium", "small")}
NIL = {"requirement": "text", "from": "date", "to": "date"}


class Trials:
    """A bench for single checks: `facts` says of each key what it is: a type's name, values, or `[items]`."""

    def __init__(self, **facts: Any) -> None:
        forms: dict[str, Any] = {"month": _int(1, 12), "year": _int(1949, 2100)}
        tables = {key: _table(key, what, forms) for key, what in facts.items()}
        supplier = {"station": {"label": {"zh": "本所", "en": "the station"}}}
        self.facts = load_facts("facts.toml", {"fact": tables, "supplier": supplier, "form": forms})
        self.standards: dict[tuple[str, ...], Standard] = {}

    def standard(self, *lines: str) -> Standard:
        if lines not in self.standards:
            known = KnownNames("test", SIZES, ("town", "street"), ("station", "county", "city"), self.facts, SPECS)
            self.standards[lines] = load_standard("basic.toml", parse(requirement("R", *lines)), "basic", known)
        return self.standards[lines]

    def found(  # the parts of a case
        self,
        lines: Iterable[str],
        given: Mapping[str, Any],
        *,
        evidence: Iterable[str] = (),
        on: date = TODAY,
        registered: date = date(2010, 1, 1),
        size: str | None = "medium",
        stated: date | None = None,
    ) -> FindingRecord:
        """Return the finding of a requirement, with these facts stated on the day assessed or `stated`."""
        entry = report(
            str(stated or on), dict(given), by=COUNTY, evidence=[("a", key) for key in evidence if key in given]
        )
        dossier = build_dossier([entry], Subject(on, size, "town", registered), self.facts, ENTITLED)
        return only(assess(self.standard(*lines), dossier, bench(SPECS)))

    def refused(self, *lines: str) -> str:
        """Return why a requirement is refused when it is loaded."""
        try:
            self.standard(*lines)
        except LedgerError as error:
            said: str = error.fault.args["errors"][0]["en"]
            return said
        raise AssertionError("it was taken")


def check(name: str, parameters: str, *more: str) -> tuple[str, ...]:
    """Return the lines of a requirement with this check."""
    return f'check = "{name}"', f"parameters = {{ {parameters} }}", *more


def nil(first: str, last: str, of: str = "R") -> dict[str, str]:
    """Return a statement that nothing arose."""
    return {"requirement": of, "from": first, "to": last}


def _table(key: str, what: Any, forms: dict[str, Any]) -> dict[str, Any]:
    told = {"label": {"zh": f"事实{key}", "en": key}, "supplier": "station", "station": True}
    told["fresh_months"] = 3 if key == "nil" else 24
    if isinstance(what, str):
        return told | {"type": what}
    if isinstance(what, tuple):
        return told | {"type": "enum", "values": _values(what)}
    return told | {"type": "list", "items": _items(what[0] if len(what) == 1 else what, forms)}


def _items(written: Any, forms: dict[str, Any]) -> Any:
    """Return what a list holds with its lists of codes as forms of their own."""
    if isinstance(written, list):
        name = f"form_{'_'.join(written)}"[:64]
        forms[name] = {"type": "enum", "values": _values(written)}
        return name
    if isinstance(written, dict):
        return {field: _items(inner, forms) for field, inner in written.items()}
    return written


def _int(minimum: int, maximum: int) -> dict[str, Any]:
    return {"type": "int", "minimum": minimum, "maximum": maximum}


def _values(codes: Iterable[str]) -> dict[str, dict[str, str]]:
    return {code: {"zh": f"“{code}”", "en": f"<{code}>"} for code in codes}
