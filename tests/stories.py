"""Stories: what was recorded before, what is submitted, and what must come of it.

A story runs on a ledger of its own, under a real notice with tiny standards (so that an assessment's verdict can be
arranged by judging) and a clock that it sets itself. Its levels are those of a naive fold, written without the code
that it checks.
"""

from __future__ import annotations

import functools
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path
from string import Formatter
from typing import Any, NamedTuple, Self

import orjson

from dingji.catalogue.notice import Notice
from dingji.events.vocabulary import SUBJECT_OF_VERB
from dingji.faults import Fault, fault_kinds, reasons
from dingji.intake.files import Line
from dingji.intake.jsonl import Parsed, parse
from dingji.intake.receipts import Receipt
from dingji.plugins.hookspecs import RegisterNotice, hookimpl
from dingji.plugins.manager import Plugins
from dingji.plugins.plugin_loading import Candidate, collect
from dingji.store.log import Log, create_log, open_log
from dingji.terms import Status, entry_name
from dingji.writer.ledger import Ledger
from dingji_plugins import stock

NOTICES = Path(__file__).parent / "notices"

Record = dict[str, Any]

# The world of the stories of the first notice. By 2030 all its dates lie in the past.
CITY, KUNSHAN, HUQIU = "3205", "320583", "320505"
YUSHAN, BACHENG, FENGQIAO = "320583100", "320583101", "320505003"
REVIEW_23, PROMOTION_24, REVIEW_25, SIZES_24 = "2023-review", "2024-promotion", "2025-review", "2024-size"

NOW = datetime(2030, 1, 15, 4, tzinfo=UTC)

ORDER = [
    "StationRegistered",
    "StationRenamed",
    "StationTransferred",
    "SizeClassified",
    "LevelRecognised",
    "LevelCertified",
    "LevelUpheld",
    "LevelDowngraded",
    "StationClosed",
]
"""The kinds of entry in their order on one date; renaming and transfer, which share a rank, do not meet in a level."""


class Setting(NamedTuple):
    """A notice with the offices and stations that a story begins with."""

    id: str
    folder: Callable[[], Path]
    begins: date
    roster: tuple[Record, ...]
    station: str
    judge: str
    """The office whose judgements count for every standard."""


def act(do: str, on: str, by: str, **fields: Any) -> Record:
    """Return a submission by an office, "3205" or "3205/p1" with its person; about Yushan unless it says otherwise."""
    office, _, person = by.partition("/")
    record: Record = {"do": do, "on": on, "by": {"office": office} | ({"person": person} if person else {})}
    if SUBJECT_OF_VERB[do] == "station":
        record["station"] = YUSHAN
    return record | fields


def opens(round_: str, by: str = CITY, on: str = "", **fields: Any) -> Record:
    """Return the opening of a round by its id, "2024-promotion", on 1 March unless told otherwise."""
    year, _, kind = round_.partition("-")
    about = {"round": round_, "kind": kind, "year": int(year)}
    return act("open_round", on or f"{year}-03-01", by, **about | fields)


def applies(on: str = "2024-04-01", by: str = YUSHAN, **fields: Any) -> Record:
    """Return an application for benchmark in the promotion round of 2024."""
    return act("apply", on, by, **{"level": "benchmark", "round": PROMOTION_24} | fields)


def recommends(on: str = "2024-05-01", by: str = KUNSHAN, **fields: Any) -> Record:
    """Return the recommendation of that application."""
    return act("recommend", on, by, **{"level": "benchmark", "round": PROMOTION_24} | fields)


def certifies(on: str = "2024-11-20", by: str = CITY, **fields: Any) -> Record:
    """Return the certification of benchmark in the same round."""
    return act("certify", on, by, **{"level": "benchmark", "round": PROMOTION_24} | fields)


def grants_standard(on: str = "2024-06-15", by: str = KUNSHAN, **fields: Any) -> Record:
    """Return a county's certification of standard, which asks for no round."""
    return act("certify", on, by, level="standard", **fields)


def recognises(level: str, on: str = "2021-06-01", by: str = CITY, **fields: Any) -> Record:
    """Return the recognition of a level held before the notice."""
    return act("recognise", on, by, level=level, under="苏司〔2019〕8号", **fields)


def voids(entry: str, by: str = CITY, on: str = "2025-12-01", **fields: Any) -> Record:
    """Return the voiding of an entry as a mistake of recording."""
    return act("void", on, by, **{"entry": entry, "cause": "recording-error", "reason": "录错"} | fields)


def judgements(standard: str, verdict: str) -> Record:
    """Return judgements that give a tiny standard that verdict: all met, one not met, or one left as it is."""
    met, other = (f"{REQUIREMENTS[standard]}a", f"{REQUIREMENTS[standard]}b")
    outcomes = {met: "met"}
    if verdict != "undetermined":
        outcomes[other] = "met" if verdict == "reached" else "not_met"
    return {key: {"outcome": outcome, "reason": "看过"} for key, outcome in outcomes.items()}


REQUIREMENTS = {
    "benchmark": "B1.1.1",
    "standard": "S1.1.1",
    "basic": "Basic.1.1",
    "plus": "Plus.1.1",
    "best": "Best.1.1",
}
"""Of each tiny standard the two requirements `a` and `b` that decide its verdict."""


class Answer:
    """What came of one submission."""

    def __init__(self, receipt: Receipt, *, tried: bool = False) -> None:
        """Keep the receipt, and the codes that were seen; one that was only tried counts as recorded if it is good."""
        self.receipt = receipt
        self.status = "recorded" if tried and receipt.status is Status.NOT_RECORDED else receipt.status.value
        self.entry = receipt.entry or ""
        self.faults = {fault.code for fault in receipt.faults}
        self.irregularities = {fault.code for fault in receipt.irregularities}
        self.notes = {fault.code for fault in receipt.notes}
        said = [(fault.code, fault.field, str(fault.args)) for fault in (*receipt.faults, *receipt.irregularities)]
        assert len(said) == len(set(said)), receipt_in(receipt)  # nothing twice
        receipt_in(receipt)

    def expect(
        self,
        status: str,
        *,
        faults: Collection[str] = (),
        irregularities: Collection[str] = (),
        notes: Collection[str] = (),
        field: str | None = None,
    ) -> Answer:
        """Assert the status and exactly these codes; `field` is that of the one fault or irregularity."""
        found = (self.status, self.faults, self.irregularities, self.notes)
        assert found == (status, set(faults), set(irregularities), set(notes)), receipt_in(self.receipt)
        if field is not None:
            assert field in {fault.field for fault in (*self.receipt.faults, *self.receipt.irregularities)}
        return self

    def recorded(self, *irregularities: str, notes: Collection[str] = ()) -> Answer:
        """Assert that it was recorded, with exactly these irregularities."""
        return self.expect("recorded", irregularities=irregularities, notes=notes)

    def refused(self, *faults: str, field: str | None = None) -> Answer:
        """Assert that it was refused for exactly these faults."""
        return self.expect("refused", faults=faults, field=field)

    def says(self, code: str) -> dict[str, Any]:
        """Return the arguments of the one fault, irregularity or note of that code."""
        (found,) = (
            fault
            for fault in (*self.receipt.faults, *self.receipt.irregularities, *self.receipt.notes)
            if fault.code == code
        )
        return found.args


def receipt_in(receipt: Receipt) -> str:
    """Return a receipt in words, in every language: nothing in it may be left open or fail to be shown."""
    shown = [json.dumps(receipt.render(language), ensure_ascii=False) for language in ("zh", "en")]
    for fault in (*receipt.faults, *receipt.irregularities, *receipt.notes):
        worded(fault)
    return "\n".join(shown)


def worded(fault: Fault) -> str:
    """Return a fault in every language; its words leave no {name} open, and can be printed."""
    kind = fault_kinds()[fault.code]
    why = fault.args.get("why")  # a reason by its key, unless it is a text already
    assert not isinstance(why, str) or why in reasons() or not re.fullmatch("[a-z-]+", why), fault
    for template in (*kind.message.values(), *kind.hint.values()):
        names = {name for _, name, _, _ in Formatter().parse(template) if name}
        assert names <= fault.args.keys(), (fault, template)
    shown = [json.dumps(fault.render(language), ensure_ascii=False) for language in ("zh", "en")]
    assert all(one.encode() for one in shown)
    return "\n".join(shown)


class Story:
    """A ledger of its own, in a folder, with the offices and stations of a setting."""

    def __init__(
        self, folder: Path, setting: Setting | None = None, *, clock: datetime = NOW, cap_bytes: int = 256 << 20
    ) -> None:
        """Found the ledger on the setting's first day; `clock` is now, until the story sets `self.now`."""
        self.setting = setting or SUZHOU
        self.now = clock
        self.path = folder / "story.ledger"
        self.plugins = plugins_of(self.setting)
        self.log: Log = create_log(self.path)
        self._reopened: list[Log] = []
        self.ledger = Ledger(self.log, lambda: self.plugins, clock=lambda: self.now, cap_bytes=cap_bytes)
        notice = self.plugins.notice(self.setting.id)
        assert notice is not None
        self.notice: Notice = notice
        receipts = self.ledger.start_new(self.notice, self.setting.begins, lines(self.setting.roster))
        assert receipts.committed, [Answer(receipt).faults for receipt in receipts]
        receipts.close()

    def __enter__(self) -> Self:
        """Return the story."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the ledger, each time that it was opened."""
        for log in (*self._reopened, self.log):
            log.close()

    def held(self) -> dict[str, Any]:
        """Return the states that the ledger holds in memory, by stream."""
        held = {stream: self.ledger.states.held(stream) for stream in {row.stream for row in self.log.scan()}}
        return {stream: state for stream, state in held.items() if state is not None}

    def reopen(self, **settings: Any) -> Ledger:
        """Return another ledger on the same file, as another process would have it."""
        self._reopened.append(open_log(self.path))
        return Ledger(self._reopened[-1], lambda: self.plugins, clock=lambda: self.now, **settings)

    def given(self, *records: Record) -> list[str]:
        """Record what the story stands on, all of it good (irregular or not); return the entries."""
        answers = self.submit_file(*records)
        refused = [receipt_in(answer.receipt) for answer in answers if answer.faults]
        assert not refused, "\n".join(refused)
        return [answer.entry for answer in answers]

    def submit(self, record: Record, **manner: Any) -> Answer:
        """Submit one record."""
        (answer,) = self.submit_file(record, **manner)
        return answer

    def submit_file(self, *records: Record, **manner: Any) -> list[Answer]:
        """Submit several records as one file."""
        with self.ledger.submit(lines(records), **manner) as receipts:
            answers = [Answer(receipt) for receipt in receipts]
        for answer in answers:
            if answer.receipt.position is not None and answer.status == "recorded":
                self._is_in_the_log(answer)
        return answers

    def _is_in_the_log(self, answer: Answer) -> None:
        """Assert that the log holds what a receipt says of it, irregularities too."""
        row = self.log.row(answer.receipt.position or 0)
        assert row is not None
        assert entry_name(row.stream, row.version) == answer.entry
        state = orjson.loads(row.state)
        assert state["id"] == answer.receipt.id
        assert {one["code"] for one in state.get("irregularities", [])} == answer.irregularities

    def tried(self, record: Record) -> Answer:
        """Submit a record without recording it: a good one is answered as if it had been recorded."""
        with self.ledger.submit(lines([record]), dry_run=True) as receipts:
            (receipt,) = receipts
        return Answer(receipt, tried=True)

    def assessed(self, standard: str, on: str, by: str, verdict: str = "reached", station: str = "") -> str:
        """Judge and assess a standard so that it has that verdict; return the assessment's entry."""
        about = {"station": station or self.setting.station, "note": f"after {self.log.head()}"}  # never said before
        _, entry = self.given(
            act("judge", on, self.setting.judge, judgements=judgements(standard, verdict), **about),
            act("assess", on, by, standard=standard, **about),
        )
        assert self.state(entry)["verdict"] == verdict
        return entry

    def state(self, entry: str) -> Record:
        """Return the stored state of an entry."""
        stream, _, version = entry.rpartition("@")
        row = self.log.entry(stream if ":" in stream else f"station:{stream}", int(version))
        assert row is not None
        state: Record = orjson.loads(row.state)
        return state

    def benchmark(self, station: str = "") -> str:
        """Lead a station all the way to benchmark in the promotion round of 2024; return the certification's entry."""
        about = {"station": station or YUSHAN}
        if self.log.entry(f"round:{PROMOTION_24}", 1) is None:
            self.given(opens(PROMOTION_24))
        self.given(applies(by=about["station"], **about), recommends(**about))
        self.assessed("standard", "2024-10-01", CITY, **about)
        self.assessed("benchmark", "2024-10-01", CITY, **about)
        return self.submit(certifies(**about)).recorded().entry

    def standard(self, on: str = "2024-06-15", **fields: Any) -> str:
        """Let the county assess and certify standard; return the certification's entry."""
        self.assessed("standard", on, KUNSHAN)
        return self.submit(grants_standard(on, **fields)).recorded(notes=["calendar-unclear"]).entry

    def level(self, on: str, known: int | None = None, station: str = "") -> str | None:
        """Return the level on a date as known at a position, None before the registration and after the closing."""
        return level_of(self.log, station or self.setting.station, on, known)


def lines(records: Iterable[Record]) -> list[Line]:
    """Return records as the lines of a file."""
    return [Line(number, json.dumps(record, ensure_ascii=False).encode()) for number, record in enumerate(records, 1)]


def digest_of(record: Record) -> str:
    """Return the digest of the content of a good record."""
    parsed = parse(lines([record])[0].text)
    assert isinstance(parsed, Parsed)
    return parsed.content


def level_of(log: Log, station: str, on: str, known: int | None = None) -> str | None:
    """Fold a station's entries naively: what counts on a date as known at a position, in order, one by one."""
    stream = f"station:{station}"
    rows = [(row, orjson.loads(row.state)) for row in log.scan(upto=known) if row.stream == stream]
    gone = {state["entry"] for row, state in rows if row.topic == "EntryVoided"}
    counting = [
        (state["on"], ORDER.index(row.topic), row.position, row.topic, state)
        for row, state in rows
        if row.topic in ORDER and state["on"] <= on and f"{station}@{row.version}" not in gone
    ]
    level: str | None = None
    rank = 0
    for *_, topic, state in sorted(counting, key=lambda item: item[:3]):
        if topic == "StationRegistered":
            level, rank = "ungraded", 0
        elif topic == "StationClosed":
            return None
        elif topic == "LevelRecognised" or (topic == "LevelCertified" and state["rank"] > rank):
            level, rank = state["level"], state["rank"]
        elif topic == "LevelDowngraded" and state["rank"] < rank:
            level, rank = state["to"], state["rank"]
    return level


def days_between(first: str, last: str) -> list[str]:
    """Return every date from the first to the last."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [str(start + timedelta(days=days)) for days in range((end - start).days + 1)]


# The settings


@functools.cache
def _suzhou() -> Path:
    """Return a folder with the notice's own rules and standards that a story can reach."""
    folder = Path(tempfile.mkdtemp(prefix="dingji-notice-"))
    _REMOVED.append(folder)
    real = resources.files("dingji_plugins.suzhou_2023_143").joinpath("notice.toml")
    folder.joinpath("notice.toml").write_text(real.read_text("utf-8"), "utf-8")
    for file in NOTICES.joinpath("tiny").iterdir():
        shutil.copy(file, folder)
    return folder


_REMOVED: list[Path] = []


def clean_up() -> None:
    """Remove the folders that settings made."""
    for folder in _REMOVED:
        shutil.rmtree(folder, ignore_errors=True)
    _REMOVED.clear()
    _suzhou.cache_clear()


class NoticePlugin:
    """A plugin that contributes notices from folders."""

    def __init__(self, *folders: Path) -> None:
        """Take the folders."""
        self.folders = folders

    @hookimpl
    def register_notices(self, register: RegisterNotice) -> None:
        """Register them."""
        for folder in self.folders:
            register(folder)


def plugins_with(*folders: Path) -> Plugins:
    """Return the stock checks and the notices in these folders, and nothing that happens to be installed."""
    found = [
        Candidate("stock", "dingji", "0", lambda: stock),
        Candidate("notices", "stories", "0", lambda: NoticePlugin(*folders)),
    ]
    plugins = Plugins([collect(candidate) for candidate in found])
    plugins.require_sound()
    return plugins


def plugins_of(setting: Setting) -> Plugins:
    """Return the plugins of a setting; they are loaded once."""
    return _plugins_in(setting.folder())


@functools.cache
def _plugins_in(folder: Path) -> Plugins:
    return plugins_with(folder)


def enrol(office: str, tier: str, parent: str, by: str, on: str) -> Record:
    """Return the enrolling of an office."""
    return act("enrol_office", on, by, office=office, name=f"{office} 局", tier=tier, parent=parent)


def register(station: str, county: str, by: str, on: str, serves: str = "town") -> Record:
    """Return the registering of a station."""
    return act("register", on, by, station=station, name=f"{station} 所", county=county, serves=serves)


FIRST_DAY = "2021-01-01"

SUZHOU = Setting(
    "suzhou-2023-143",
    _suzhou,
    date(2021, 1, 1),
    (
        enrol(KUNSHAN, "county", CITY, CITY, FIRST_DAY),
        enrol(HUQIU, "county", CITY, CITY, FIRST_DAY),
        register(YUSHAN, KUNSHAN, CITY, FIRST_DAY),
        register(BACHENG, KUNSHAN, CITY, FIRST_DAY),
        register(FENGQIAO, HUQIU, CITY, FIRST_DAY, "street"),
    ),
    YUSHAN,
    CITY,
)

DELTA = Setting(
    "delta-2025-7",
    lambda: NOTICES / "delta",
    date(2025, 1, 1),
    (
        enrol("P1", "prefecture", "GOV", "GOV", "2025-01-01"),
        enrol("P2", "prefecture", "GOV", "GOV", "2025-01-01"),
        enrol("D10", "district", "P1", "P1", "2025-01-01"),
        enrol("D11", "district", "P1", "P1", "2025-01-01"),
        enrol("D20", "district", "P2", "GOV", "2025-01-01"),
        register("D10-abc", "D10", "P1", "2025-01-01", "island"),
        register("D20-xyz", "D20", "D20", "2025-01-01", "port"),
    ),
    "D10-abc",
    "GOV",
)
