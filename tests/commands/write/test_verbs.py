"""A command for every verb: it says what a line of a file would, and goes the same way."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from desk import CITY, COUNTY, STATION, Desk, classify
from dingji.events.submissions import VERBS
from dingji.intake.jsonl import Parsed, parse
from dingji_commands.write import verbs

COMMON = {"on": "2024-06-01", "by": {"office": CITY}}

LINES: dict[str, tuple[list[str], dict[str, Any]]] = {
    "adopt_notice": (["suzhou-2023-143"], {"notice": "suzhou-2023-143"}),
    "adopt_reading": (["S3.1.3", "--reading", "b"], {"requirement": "S3.1.3", "reading": "b"}),
    "enrol_office": (
        ["320583", "--name", "昆山市", "--tier", "county", "--parent", "3205"],
        {"office": "320583", "name": "昆山市", "tier": "county", "parent": "3205"},
    ),
    "rename_office": (["320583", "--name", "昆山"], {"office": "320583", "name": "昆山"}),
    "close_office": (["320583", "--successor", "320585"], {"office": "320583", "successor": "320585"}),
    "register": (
        [STATION, "--name", "玉山镇", "--county", COUNTY, "--serves", "town"],
        {"station": STATION, "name": "玉山镇", "county": COUNTY, "serves": "town"},
    ),
    "rename": (
        [STATION, "--name", "玉山", "--serves", "street"],
        {"station": STATION, "name": "玉山", "serves": "street"},
    ),
    "transfer": ([STATION, "--county", "320585"], {"station": STATION, "county": "320585"}),
    "close": (
        [STATION, "--successor", "320583101", "--successor", "320583102"],
        {"station": STATION, "successors": ["320583101", "320583102"]},
    ),
    "classify": (
        [STATION, "--size", "large", "--round", "2024-size", "--basis", "population=52000", "--basis", "source=年报"],
        {"station": STATION, "size": "large", "round": "2024-size", "basis": {"population": 52000, "source": "年报"}},
    ),
    "open_round": (
        ["2024-size", "--kind", "size", "--year", "2024"],
        {"round": "2024-size", "kind": "size", "year": 2024},
    ),
    "close_round": (["2024-size"], {"round": "2024-size"}),
    "report": (
        [
            *(
                STATION,
                "--fact",
                "a=6",
                "--fact",
                "b=true",
                "--fact",
                "c=x = y",
                "--fact",
                "d=[1, 2]",
                "--fact",
                "e=１２",
            ),
            *("--evidence", json.dumps({"sha256": "0" * 64, "name": "照片", "supports": ["a"]})),
        ],
        {
            "station": STATION,
            "facts": {"a": 6, "b": True, "c": "x = y", "d": [1, 2], "e": "１２"},
            "evidence": [{"sha256": "0" * 64, "name": "照片", "supports": ["a"]}],
        },
    ),
    "judge": (
        [STATION, "--judgement", "S3.1.3=met:看过：齐全", "--judgement", "S2.1.1=not_met:没有"],
        {
            "station": STATION,
            "judgements": {
                "S3.1.3": {"outcome": "met", "reason": "看过：齐全"},
                "S2.1.1": {"outcome": "not_met", "reason": "没有"},
            },
        },
    ),
    "apply": (
        [STATION, "--level", "benchmark", "--round", "r"],
        {"station": STATION, "level": "benchmark", "round": "r"},
    ),
    "withdraw": (
        [STATION, "--level", "benchmark", "--round", "r"],
        {"station": STATION, "level": "benchmark", "round": "r"},
    ),
    "recommend": (
        [STATION, "--level", "benchmark", "--round", "r", "--reason", "好"],
        {"station": STATION, "level": "benchmark", "round": "r", "reason": "好"},
    ),
    "decline": (
        [STATION, "--level", "benchmark", "--round", "r"],
        {"station": STATION, "level": "benchmark", "round": "r"},
    ),
    "assess": ([STATION, "--standard", "standard"], {"station": STATION, "standard": "standard"}),
    "certify": ([STATION, "--level", "standard"], {"station": STATION, "level": "standard"}),
    "refuse": ([STATION, "--level", "standard"], {"station": STATION, "level": "standard"}),
    "lodge": ([STATION, "--certification", "320583100@7"], {"station": STATION, "certification": "320583100@7"}),
    "uphold": ([STATION, "--reason", "好"], {"station": STATION, "reason": "好"}),
    "downgrade": (
        [STATION, "--to", "standard", "--reason", "差", "--ground", "判决"],
        {"station": STATION, "to": "standard", "reason": "差", "ground": "判决"},
    ),
    "recognise": (
        [STATION, "--level", "benchmark", "--under", "旧文件"],
        {"station": STATION, "level": "benchmark", "under": "旧文件"},
    ),
    "void": (
        ["320583100@7", "--cause", "annulled", "--reason", "错"],
        {"entry": "320583100@7", "cause": "annulled", "reason": "错"},
    ),
}


def line_of(monkeypatch: pytest.MonkeyPatch, desk: Desk, verb: str, arguments: list[str]) -> dict[str, Any]:
    taken: list[bytes] = []
    monkeypatch.setattr(verbs, "record_one", lambda _settings, text, _manner: taken.append(text))
    desk.ok(verb.replace("_", "-"), *arguments)
    found: dict[str, Any] = json.loads(taken[0])
    return found


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "assess"])
def test_a_command_says_what_a_line_says(monkeypatch: pytest.MonkeyPatch, desk: Desk, verb: str) -> None:
    arguments, fields = LINES[verb]
    line = line_of(monkeypatch, desk, verb, [*arguments, "--on", "2024-06-01", "--by", CITY])
    assert line == {"do": verb} | COMMON | fields
    assert isinstance(parse(json.dumps(line).encode()), Parsed)


def test_the_common_fields(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> None:
    more = ["--person", "k-7", "--document", "苏司〔2024〕1号", "--note", "n", "--id", "x1", "--irregular", "已发生"]
    arguments = [STATION, "--level", "standard", "--on", "2024-06-30", "--on-precision", "month", "--by", CITY, *more]
    assert line_of(monkeypatch, desk, "certify", arguments) == {
        "do": "certify",
        "station": STATION,
        "level": "standard",
        "on": "2024-06-30",
        "on_precision": "month",
        "by": {"office": CITY, "person": "k-7"},
        "document": "苏司〔2024〕1号",
        "note": "n",
        "id": "x1",
        "irregular": "已发生",
    }


def test_every_field_of_every_verb_can_be_given() -> None:
    for verb, record in VERBS.items():
        given = {param.name for param in verbs.parameters(verb)} - {"person", *verbs.MANNER}
        assert given == {field.encode_name for field in msgspec.structs.fields(record)}, verb


def test_a_verb_in_the_spelling_of_files(desk: Desk) -> None:
    desk.ok("open_round", "2024-size", "--kind", "size", "--year", "2024", "--on", "2024-01-05", "--by", CITY)


def submitted(desk: Desk, *more: str, **options: Any) -> Any:
    return desk.run("classify", STATION, "--size", "medium", "--on", "2023-09-01", "--by", COUNTY, *more, **options)


def test_a_command_and_a_file_are_one_way_in(desk: Desk) -> None:
    assert "Recorded as 320583100@2 (position 106)" in submitted(desk).stdout
    (receipt,) = desk.receipts("submit", desk.file("a.jsonl", classify()))
    assert (receipt["status"], receipt["entry"]) == ("already-recorded", "320583100@2")
    assert "此前已录入 320583100@2" in submitted(desk, lang="zh").stdout


def test_a_receipt_as_json(desk: Desk) -> None:
    receipt = json.loads(submitted(desk, "--json").stdout)
    assert (receipt["status"], receipt["position"]) == ("recorded", 106)


def test_a_dry_run_records_nothing(desk: Desk) -> None:
    result = submitted(desk, "--dry-run")
    assert (result.exit_code, desk.head()) == (0, 105)
    assert "not recorded" in result.stdout


def test_a_refusal_names_every_fault(desk: Desk) -> None:
    result = desk.run("classify", "320583999", "--size", "huge", "--on", "2023-09-01", "--by", "32058", lang="zh")
    assert (result.exit_code, desk.head()) == (1, 105)
    for code in ("unknown-station", "bad-value", "unknown-office"):
        assert code in result.stdout


def test_an_act_out_of_order_is_refused_and_recorded_with_a_reason(desk: Desk) -> None:
    certify = ["certify", STATION, "--level", "standard", "--on", "2024-06-01", "--by", COUNTY]
    result = desk.run(*certify)
    assert result.exit_code == 1
    assert "no-assessment (二)" in result.stdout
    assert "irregular" in desk.ok(*certify, "--irregular", "已经发生")


@pytest.mark.parametrize("blank", ["", " ", "\u3000", "\u2800", "\u3164", "\u200b"])
@pytest.mark.parametrize("option", ["note", "irregular", "document", "id", "person", "size"])
def test_an_option_that_is_given_says_something(desk: Desk, option: str, blank: str) -> None:
    arguments = ["--size", "medium", "--on", "2023-09-01", "--by", COUNTY, f"--{option}", blank]
    (receipt,) = desk.receipts("classify", STATION, *arguments)
    (fault,) = receipt["faults"]
    assert (fault["code"], fault["field"]) == ("bad-value", "by.person" if option == "person" else option)
    assert desk.head() == 105


def test_every_way_in_says_the_same_with_blanks_and_without(desk: Desk) -> None:
    file = desk.file("a.jsonl", classify(note="补 录", document="é"))
    (plain,) = desk.receipts("submit", file)
    assert plain["status"] == "recorded"
    blank = classify() | {"station": f"\u3000{STATION}", "note": "\xa0补 录\u2800", "document": "e\u0301 "}
    table = "do,station,size,on,by,note,document\n"
    table += f"classify,{STATION} , medium,2023-09-01 ,{COUNTY},\u3164补 录\u3000, e\u0301\n"
    desk.folder.joinpath("a.csv").write_text(table, "utf-8")
    ways = [
        desk.receipts("submit", desk.file("b.jsonl", blank)),
        desk.receipts("submit", str(desk.folder / "a.csv")),
        [json.loads(submitted(desk, "--note", "\u2800补 录 ", "--document", "\u3000e\u0301", "--json").stdout)],
    ]
    assert [(one["id"], one["status"]) for (one,) in ways] == [(plain["id"], "already-recorded")] * 3


def test_bytes_of_the_command_line_that_are_no_text_are_a_located_fault(desk: Desk) -> None:
    arguments = ["classify", STATION, "--size", "medium", "--on", "2023-09-01", "--by", COUNTY]
    done = desk.process(*arguments, "--note", b"a\xff")  # type: ignore[arg-type]  # as a shell may hand them over
    assert done.returncode == 1
    assert b"note" in done.stdout
    assert b"bad-value" in done.stdout
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        ["--fact", "a"],
        ["--fact", "=1"],
        ["--fact", "a=1", "--fact", "a=2"],
        ["--fact", "a=1", "--fact", " a=2"],
        ["--fact", "é=1", "--fact", "e\u0301=2"],
        ["--fact", "\u2800=1"],
        ["--evidence", "{"],
        ["--evidence", "[" * 100_000],
    ],
)
def test_a_part_of_the_wrong_form_is_a_wrong_use(desk: Desk, wrong: list[str]) -> None:
    result = desk.run("report", STATION, "--on", "2024-01-01", "--by", COUNTY, *wrong)
    assert (result.exit_code, desk.head()) == (2, 105)
    assert wrong[0] in result.stderr


def test_a_judgement_without_a_reason_is_a_wrong_use(desk: Desk) -> None:
    result = desk.run("judge", STATION, "--on", "2024-01-01", "--by", COUNTY, "--judgement", "S1=met", lang="zh")
    assert result.exit_code == 2
    assert "要求=结论:理由" in result.stderr
