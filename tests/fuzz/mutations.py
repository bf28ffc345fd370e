"""Damaging what somebody hands in: bytes changed at random, and the texts that readers stumble over."""

from __future__ import annotations

from random import Random
from typing import Final

NASTY: Final = (
    *("", " ", "\u3000", "\u00a0", "\u2800", "\u200b", "\ufeff", "\x00", "\x1b]0;own\x07", "\u202e", "\u2028", "\x85"),
    *("0", "-0", "-1", "1e999", "NaN", "Infinity", "9" * 30, "9" * 5000, "1_0", "０１", "٣", "9007199254740992"),
    *("0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "2023-02-29", "2023-02-29T00:00:00Z"),
    *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59", "true", "null", "[]", "{}", "[[]]", "{}}"),
    *('"', "'", "\\", "\\u0000", '"\\ud800"', "\\ud800", "\\x", "#", "=", "=1+1", "@a", "-a", ",", ";", "\t", "|"),
    *(
        "\r",
        "\r\n",
        "\n",
        "\n\n",
        "[" * 500,
        '{"a":' * 500,
        "a." * 300,
        "é",
        "e\u0301",
        "ﬁ",
        "㊣",
        "👩‍👩‍👧",
        "\U000e0041",
    ),
    *("station:320583100", "320583100@1", "320583100@0", "320583100@-1", "320583100@99999999999999999999", "@", "@1"),
    *("round:2024-promotion@1", "round:@1", "%s", "{0}", "{name}", "${x}", "../../etc/passwd", "/dev/null", "-", "--"),
)
"""Texts that some reader, somewhere, has taken for what they are not."""

BYTES: Final = (
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\x00",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\x1b[2J",
)
"""Bytes that are no UTF-8, or should not stand where they do."""


def damaged(content: bytes, random: Random) -> bytes:
    """Return content with one to four changes."""
    for _ in range(random.choice((1, 1, 1, 2, 3, 4))):
        content = _changed(content, random)
    return content


def _changed(content: bytes, random: Random) -> bytes:
    """Return content with a part of it cut, repeated, flipped or replaced, or with a line or a value changed."""
    start = random.randint(0, len(content))
    end = min(len(content), start + random.choice((0, 1, 1, 2, 5, 20, 200)))
    part, kind = content[start:end], random.randrange(9)
    if kind == 0:
        return _without_line(content, random)
    if kind == 1:
        return _value_replaced(content, random)
    instead = {
        2: b"",
        3: part * random.choice((2, 3, 50)),
        4: bytes(byte ^ 1 << random.randrange(8) for byte in part),
        5: random.choice(BYTES),
    }.get(kind, random.choice(NASTY).encode("utf-8", "surrogatepass"))
    return content[:start] + instead + (b"" if kind == 6 else content[end:])


def _without_line(content: bytes, random: Random) -> bytes:
    """Take a line away, put it twice, or move it."""
    lines = content.split(b"\n")
    taken = lines.pop(random.randrange(len(lines)))
    for _ in range(random.randrange(3)):
        lines.insert(random.randint(0, len(lines)), taken)
    return b"\n".join(lines)


def _value_replaced(content: bytes, random: Random) -> bytes:
    """Put a nasty text in the place of what stands between two separators, so that the form around it stays whole."""
    places = [place for place, byte in enumerate(content[:100_000]) if byte in b'",:=\n\t[]{}']
    if len(places) < 2:
        return content
    number = random.randrange(len(places) - 1)
    nasty = random.choice(NASTY).encode("utf-8", "surrogatepass")
    return content[: places[number] + 1] + nasty + content[places[number + 1] :]
