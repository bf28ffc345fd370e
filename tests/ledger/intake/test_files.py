"""Files of lines: blank ones, the largest that a line and a file may be, and what is no file."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from dingji.faults import LedgerError
from dingji.intake import files
from dingji.intake.files import LARGEST_LINE, Line, Source
from stories import worded


def lines_of(tmp_path: Path, content: bytes) -> list[Line]:
    file = tmp_path / "a.jsonl"
    file.write_bytes(content)
    with Source(str(file)) as source:
        return list(source.lines())


def test_blank_lines_and_a_byte_order_mark_are_passed_over(tmp_path: Path) -> None:
    found = lines_of(tmp_path, b"\xef\xbb\xbf{}\r\n\n  \t\n[1]\n\nlast")
    assert [(one.number, one.text) for one in found] == [(1, b"{}"), (4, b"[1]"), (6, b"last")]
    assert lines_of(tmp_path, b"") == lines_of(tmp_path, b"\n\r\n") == lines_of(tmp_path, b"\xef\xbb\xbf\n") == []


@pytest.mark.parametrize(("size", "large"), [(LARGEST_LINE, False), (LARGEST_LINE + 1, True)])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_a_line_has_a_largest_size(tmp_path: Path, size: int, large: bool, end: bytes) -> None:
    found = lines_of(tmp_path, b"x" * size + end + b"{}")
    if not end:
        assert found[0].fault is not None
        return
    assert [one.fault.code if one.fault else None for one in found] == ["too-large" if large else None, None]
    assert [one.number for one in found] == [1, 2]
    assert len(found[0].text) == (200 if large else size)


def test_an_endless_line_is_passed_over_in_bounded_memory(tmp_path: Path) -> None:
    import tracemalloc

    file = tmp_path / "a.jsonl"
    with file.open("wb") as written:
        for _ in range(64):
            written.write(b"x" * (1 << 20))
        written.write(b"\n{}\n")
    tracemalloc.start()
    with Source(str(file)) as source:
        found = list(source.lines())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [one.fault is None for one in found] == [False, True]
    assert peak < 8 << 20


def error_of(path: str, stream: io.BytesIO | None = None) -> str:
    with pytest.raises(LedgerError) as error:
        Source(path, stream).close()
    worded(error.value.fault)
    return error.value.fault.code


def test_what_is_no_file_is_said_so(tmp_path: Path) -> None:
    assert error_of(str(tmp_path)) == "unreadable-file"
    assert error_of(str(tmp_path / "nothing")) == "unreadable-file"
    assert error_of("/dev/null") == "unreadable-file"
    assert error_of("a\0b") == "unreadable-file"
    assert error_of("a\udcff") == "unreadable-file"  # a name that is not UTF-8


def test_a_file_has_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST_FILE", 10)
    (tmp_path / "a.jsonl").write_bytes(b"x" * 11)
    assert error_of(str(tmp_path / "a.jsonl")) == "too-large"
    assert error_of("-", io.BytesIO(b"x" * 11)) == "too-large"
    with Source("-", io.BytesIO(b"x" * 10)) as source:
        assert [one.text for one in source.lines()] == [b"x" * 10]
