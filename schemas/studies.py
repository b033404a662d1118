"""Which resolution a text names, as loosely as offices write it, and when two texts surely name different ones.

Only what tells resolutions apart is looked at: the number of a congress (Đại hội XIII), of a plenum (Trung ương 4), of
a document (17-NQ/TU). A text without any of them may mean any resolution.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from .vietnamese import number_from_words

_ROMAN: Final = {"i": 1, "v": 5, "x": 10, "l": 50}
_WELL_FORMED: Final = re.compile(r"l?x{0,3}(?:ix|iv|v?i{0,3})")
_NUMERAL: Final = r"(\d{1,2}(?![\d/.-])|[ivxl]+\b|nhất\b|(?:một|hai|ba|tư|bốn|năm|sáu|bảy|tám|chín|mười)\b(?: \w+)?)"
_CONGRESS: Final = re.compile(r"(?<!\w)(?:đại hội|đhđb|đh)(?!\w)")
_CONGRESS_ENDS: Final = re.compile(r"đại hội|(?<!\w)đh|nhiệm kỳ|nghị quyết|trung ương|hội nghị|[;()]")
_ORDINAL: Final = re.compile(rf"(?:lần thứ|lần|khóa|khoá|thứ) {_NUMERAL}")
_AT_ONCE: Final = re.compile(r"\s*(?:đảng\s*)?([ivxl]+|\d{1,2})(?![\w/.-])")
_BARE: Final = re.compile(r"(?<!\w)([ivxl]{2,})(?!\w)")
_PLENUM: Final = re.compile(
    rf"(?:(?<![/\w-])(?:(?:nq\s*)?tw|trung ương)\s*(?:đảng )?(?:lần thứ )?|hội nghị lần thứ ){_NUMERAL}"
    rf"(?:[^;]{{0,60}}?khó?a {_NUMERAL})?"
)
_DOCUMENT: Final = re.compile(r"(?<!\d)0*(\d{1,3})\s*-\s*(nq|ct|kl)(?!\w)|nghị quyết số 0*(\d{1,3})(?![\d/.])")


class Studied(NamedTuple):
    """What a text names; `has_unnumbered` tells of a congress without its number, which may be any."""

    congresses: frozenset[int]
    plenums: frozenset[tuple[int, int]]  # number, and term of the committee or 0 where it is not said
    documents: frozenset[tuple[str, int]]
    has_unnumbered: bool


@lru_cache(maxsize=1 << 12)
def studied(text: str) -> Studied | None:
    """Return which resolutions a repaired text names, None where it names none."""
    plain = " ".join(text.casefold().replace("khoá", "khóa").replace("–", "-").split())
    congresses = [_congress(plain[match.end() :]) for match in _CONGRESS.finditer(plain)]
    plenums = [(_number(m[1]), _number(m[2] or "")) for m in _PLENUM.finditer(plain)]
    documents = [(m[2] or "nq", int(m[1] or m[3])) for m in _DOCUMENT.finditer(plain)]
    found = Studied(
        frozenset(filter(None, congresses)),
        frozenset((number, term) for number, term in plenums if number),
        frozenset(documents),
        0 in congresses,
    )
    return found if any(found) else None


def differ(one: Studied, other: Studied) -> bool:
    """Whether what two texts name cannot be the same: something is comparable, and nothing of it agrees.

    A document's number may be that of a plenum's resolution, or a congress's; a congress is no plenum.
    """
    is_same = (
        one.congresses & other.congresses
        or one.documents & other.documents
        or any(a == b and (not s or not t or s == t) for a, s in one.plenums for b, t in other.plenums)
    )
    if is_same or one.has_unnumbered or other.has_unnumbered:
        return False
    meetings = (one.congresses or one.plenums) and (other.congresses or other.plenums)
    return bool(meetings or (one.documents and other.documents))


def _congress(behind: str) -> int:
    """Return the number of a congress from what follows the word, 0 where there is none."""
    at_once = _AT_ONCE.match(behind)
    if at_once and _number(at_once[1]):
        return _number(at_once[1])
    end = _CONGRESS_ENDS.search(behind)
    told = behind[: end.start() if end else 100][:100]
    found = _ORDINAL.search(told) or _BARE.search(told)
    return _number(found[1]) if found else 0


def _number(text: str) -> int:
    """Return what digits, a Roman numeral or words say, 0 where they say no number."""
    if text.isdigit():
        return int(text)
    if text == "nhất":
        return 1
    if text and _WELL_FORMED.fullmatch(text):
        values = [_ROMAN[letter] for letter in text]
        return sum(-v if v < max(values[at:]) else v for at, v in enumerate(values))
    words = text.split()
    return next((n for count in (2, 1) if (n := number_from_words(" ".join(words[:count]).replace("tư", "bốn")))), 0)
