"""What a text on a form says, beside being a label: an instruction, a unit of count, a sum's name, a signature."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from schemas.layout import FormSpec

from .keys import begins, contains, end_of_words, keys, label_key, repaired

EDGES: Final = " \t\n.…_"  # what is printed for an answer to be written on
_SIGNS: Final = frozenset("-−–—%+×✓✔☑")  # that may be an answer by themselves
_NUMBER = re.compile(r"(?P<number>\d{1,3}(?:[. ]\d{3})+|\d+)(?:[.,]00?)?(?P<unit>[^\d%]*)")
_DATED = re.compile(r"(?:[^:]{0,60},)?\s*ngày[\s\d.…_,/]*tháng[\s\d.…_,/]*năm[\s\d.…_,/]*", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-+*•]|[(\[]?(?:\d{1,3}|[ivx]{1,5}|[a-hđ])\s*[.)\]/-])\s*(?=[^\W\d])", re.IGNORECASE)
_MOST_WORDS_OF_A_SIGNATURE: Final = 12


class _Sayings:
    """Phrases that stand alone, and those (*) behind which more may follow."""

    def __init__(self, patterns: Iterable[str]) -> None:
        known = list(patterns)
        self._all = keys(known)
        self._open = keys(pattern for pattern in known if pattern.endswith("*"))
        self.firsts = self._all.firsts

    def has(self, key: str) -> bool:
        return key in self._all or begins(key, self._open)


def without_bullet(text: str) -> str:
    """Return a text without the number, letter or dash in front of it."""
    return _BULLET.sub("", text, count=1)


class Phrases:
    """The lists of words of a form spec, ready to be compared; answers are kept by text."""

    def __init__(self, spec: FormSpec) -> None:
        words = dict(spec.words)
        self._hints = [(label_key(hint), hint.endswith("*")) for hint in spec.hints]
        self._hinted = keys(spec.hints)
        self._totals = ((1, _Sayings(words.get("subtotals", ()))), (2, _Sayings(spec.totals)))
        self._signs = _Sayings(words.get("signs", ()))
        self._never, self._asides, self._asks, self._others, self._parts = (
            keys(words.get(name, ())) for name in ("never", "asides", "asks", "others", "parts")
        )
        self._measures, self._counted = (keys(words.get(name, ())) for name in ("measures", "counted"))
        # The words with which anything above begins, and those of which one is in whatever speaks of others.
        self.firsts = self._hinted.firsts | self._asks.firsts | self._measures.firsts | self._signs.firsts
        self.firsts_of_others = self._never.firsts | self._others.firsts
        self.answer = lru_cache(maxsize=1 << 12)(self._answer)
        self.is_measure = lru_cache(maxsize=1 << 12)(self._is_measure)
        self.is_signature = lru_cache(maxsize=1 << 12)(self._is_signature)

    def _is_measure(self, text: str) -> bool:
        """Whether a text only says what the number beside it counts ("đ/c"), asks for it, or says nothing."""
        key = label_key(text)
        if not key:
            return not _SIGNS & set(text)
        return key in self._measures or self.is_asked(key)

    def is_asked(self, key: str) -> bool:
        """Whether a key is that of a printed instruction."""
        return begins(key, self._asks) or begins(key, self._hinted)

    def _answer(self, text: str) -> str:
        """Return a text without the printed instructions at its beginning; "" where they are all."""
        line, _, rest = text.partition("\n")
        key = label_key(line)
        if line.strip().startswith("(") and line.strip().endswith(")") and begins(key, self._asks):
            return self._answer(rest) if rest else ""
        if not begins(key, self._hinted):
            return text
        for hint, is_open in self._hints:
            if key == hint or key.startswith(f"{hint} "):
                if not is_open:
                    mended = repaired(text)
                    rest = mended[end_of_words(mended, len(hint.split())) :]
                rest = rest.lstrip(" )].:;…\n")
                return self._answer(rest) if rest else ""
        return text

    def _is_signature(self, text: str) -> bool:
        """Whether a text is of those with which a form ends: who signs, place and date, to whom it goes."""
        text = repaired(text).strip()
        if _DATED.fullmatch(text):
            return True
        key = label_key(text)
        return len(key.split()) <= _MOST_WORDS_OF_A_SIGNATURE and not text.endswith((";", "!")) and self._signs.has(key)

    def is_counted(self, text: str) -> bool:
        """Whether a column head only repeats that what stands above it is counted ("Số lượng")."""
        return label_key(text) in self._counted

    def speaks_of_others(self, text: str) -> bool:
        """Whether a text names people who are no members."""
        return contains(label_key(text), self._others)

    def leaves_some_out(self, text: str) -> bool:
        """Whether a text says that only some are counted, or those who did not."""
        return "%" in text or contains(label_key(text), self._never)

    def narrows(self, remark: str) -> bool:
        """Whether a remark in brackets behind a label says that not all are counted."""
        key = label_key(remark)
        is_aside = begins(key, self._asides) and not contains(key, self._parts)
        return "%" in remark or (begins(key, self._never) and not is_aside)

    def total_rank(self, text: str) -> int:
        """Return 2 for the words of a list's own sum line, 1 for those of the sum of a part of it, else 0."""
        key = label_key(without_bullet(text))
        return next((rank for rank, sayings in self._totals if sayings.has(key)), 0)

    def number(self, value: object) -> int | None:
        """Return the plain whole number that a cell holds, in digits alone or with what they count, else None."""
        if isinstance(value, str):
            found = _NUMBER.fullmatch(repaired(value).strip(EDGES))
            if not found or (label_key(found["unit"]) and label_key(found["unit"]) not in self._measures):
                return None
            return int(re.sub(r"[. ]", "", found["number"]))
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
            return None
        return int(value)
