"""Texts that say the same: word for word but for case and punctuation, or nearly so; and the points of a text.

Copied reports are a known problem, and hundreds of branches propose the same: leaders want such texts once, with how
many units sent them. Never merged are texts with other numbers, other names or another "không": 95 % alike, and yet
not the same. Pure functions of text.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2s

from rapidfuzz import fuzz

_LIKE = 95  # of 100, as rapidfuzz's ratio counts
_NEIGHBOURS = 10  # texts compared with each on either side, in the order of their beginnings and of their ends
_LENGTHS = 0.9  # texts whose lengths differ more cannot be that much alike

_WORD = re.compile(r"\w+")
_BULLET = re.compile(r"\s*(?:[-–—+*•·▪●◦►]\s*|\d{1,2}(?:\.\d{1,2})*[.)]\s*(?=\D)|[a-hđ]\)\s*)(?=\S)")
_NEGATIONS = frozenset({"không", "chưa", "chẳng", "đừng"})
# A text of these words alone, a negation among them, proposes nothing: "Không có kiến nghị, đề xuất gì thêm."
_NOTHING = _NEGATIONS | frozenset({
    "có", "kiến", "nghị", "đề", "xuất", "gì", "ý", "thêm", "nào", "khác", "chi", "bộ", "đảng", "viên", "đơn", "vị",
    "của",
})  # fmt: skip
_SENTENCE_ENDS = frozenset(".!?:;…-–+*•\n")


@lru_cache(maxsize=1 << 15)
def plain(text: str) -> str:
    """Return a text's words in small letters, a space between: what is left when only the wording counts."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFC", text).casefold()))


def key_of(text: str) -> str:
    """Return a short name for what a text says, the same in every run and for every way to punctuate it."""
    return blake2s(plain(text).encode(), digest_size=6).hexdigest()


def leaders(texts: Sequence[str]) -> list[str]:
    """Return for each text the one that stands for all that say the same: the most frequent, in its first writing.

    Which texts go together does not depend on their order. At most 2 x 10 comparisons a distinct text.
    """
    first: dict[str, str] = {}
    for text in texts:
        first.setdefault(plain(text), text)
    groups = _Groups(Counter(map(plain, texts)), {words: _guard(text) for words, text in first.items()})
    for order in (sorted(first), sorted(first, key=lambda words: words[::-1])):
        for place, words in enumerate(order):
            for other in order[place + 1 : place + 1 + _NEIGHBOURS]:
                groups.join(words, other)
    return [first[groups.leader(plain(text))] for text in texts]


def alike(one: str, other: str) -> bool:
    """Whether two texts say the same."""
    groups = _Groups(Counter(), {plain(text): _guard(text) for text in (one, other)})
    groups.join(plain(one), plain(other))
    return groups.leader(plain(one)) == groups.leader(plain(other))


def points(text: str) -> list[str]:
    """Return the single proposals of a text: one a bullet or number that begins a line; what says "none" is none."""
    found: list[str] = []
    lead = ""
    for line in text.splitlines():
        bullet = _BULLET.match(line)
        rest = line[bullet.end() if bullet else 0 :].strip()
        if bullet:
            found.append(rest)
        elif found:
            found[-1] = f"{found[-1]} {rest}".strip()
        else:
            lead = f"{lead} {rest}".strip()
    if lead and not (found and lead.endswith(":")):
        found.insert(0, lead)
    return [point for point in found if plain(point) and not says_nothing(point)]


def says_nothing(text: str) -> bool:
    """Whether a text only says that there is nothing to say."""
    words = set(plain(text).split())
    return words <= _NOTHING and not words.isdisjoint(_NEGATIONS)


class _Groups:
    """Distinct texts on their way into groups, each led by its most frequent one."""

    def __init__(self, counts: Counter[str], guards: dict[str, tuple[str, ...]]) -> None:
        self._counts, self._guards = counts, guards
        self._above: dict[str, str] = {}

    def leader(self, words: str) -> str:
        while words in self._above:
            words = self._above[words]
        return words

    def join(self, one: str, other: str) -> None:
        """Put two texts' groups together if their leaders are alike: no chain of small steps leads far away."""
        one, other = self.leader(one), self.leader(other)
        if one == other or self._guards[one] != self._guards[other]:
            return
        if min(len(one), len(other)) < _LENGTHS * max(len(one), len(other)):
            return
        if fuzz.ratio(one, other, score_cutoff=_LIKE):
            one, other = sorted((one, other), key=lambda words: (-self._counts[words], words))
            self._above[other] = one


def _guard(text: str) -> tuple[str, ...]:
    """Return what must be equal in texts that say the same: numbers, negations, and names by their capitals.

    A text all in capitals shows no names, so it is alike only to one without any.
    """
    told: list[str] = []
    end = 0
    has_names = not text.isupper()
    for match in _WORD.finditer(text):
        word = match.group()
        if (
            (not word.isalpha() and any(letter.isdigit() for letter in word))
            or word.lower() in _NEGATIONS
            or (has_names and word[0].isupper() and end and _SENTENCE_ENDS.isdisjoint(text[end : match.start()]))
        ):
            told.append(unicodedata.normalize("NFC", word).casefold())
        end = match.end()
    return tuple(told)
