"""Text of a cell -> the item it is the label of. The labels themselves are data: schemas/forms/*.toml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from viet_text_tools import normalize_diacritics

from schemas.layout import FormSpec
from schemas.vietnamese import repair

_NUMBERING = re.compile(
    r"^\s*(?:trong đó\s*[:,]?\s*|[(\[]?\d{1,2}(?:\.\d{1,2})*\s*[.)\]:/-]\s*|\d{1,2}\s+"
    r"|[a-zđivx]{1,4}\s*[.)]\s*|[-+*•–—]\s*)+",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_FILLER = re.compile(r"[.…_]{2,}|…")
_INLINE_NUMBER = re.compile(
    r"^(?P<head>\D*?[^\W\d])\s+(?P<tail>\d[\d.,]*\s*(?:đ/c|đồng chí|đảng viên|người|đv)?)\s*\.?$", re.IGNORECASE
)
_WORD = re.compile(r"[^\W_]+(?:/[^\W\d_]+)?")
_MAX_LABEL: Final = 200


@dataclass(frozen=True, slots=True)
class Label:
    """A cell that bears a label: of which item, and what is typed behind it in the same cell."""

    field: str
    inline: str = ""


@lru_cache(maxsize=4096)
def _word_key(word: str) -> str:
    return str(normalize_diacritics(word))


def label_key(text: str) -> str:
    """Return the form in which labels are compared: lower case, one tone style, words only."""
    return " ".join(_word_key(word) for word in _WORD.findall(repair(text)[0].casefold()))


class LabelIndex:
    """Every known label of a form spec, ready to be compared."""

    def __init__(self, spec: FormSpec) -> None:
        self._exact: dict[str, str] = {}
        self._open: list[tuple[str, str]] = []
        for label, field in spec.labels:
            key = label_key(label)
            self._exact.setdefault(key, field)
            if label.endswith("*"):
                self._open.append((key, field))
        self._open.sort(key=lambda entry: -len(entry[0]))
        self._tails = sorted((label_key(tail) for tail in spec.tails), key=len, reverse=True)
        self._hints = tuple(label_key(hint) for hint in spec.hints)
        self.totals = frozenset(label_key(total) for total in spec.totals)
        self.match = lru_cache(maxsize=16384)(self._match)

    def is_hint(self, text: str) -> bool:
        """Whether a text is a printed instruction rather than an answer."""
        key = label_key(text[:_MAX_LABEL])
        return any(key.startswith(hint) for hint in self._hints)

    def _match(self, text: str) -> Label | None:
        """Return the label a cell bears, or None."""
        stripped = _NUMBERING.sub("", text, count=1)
        head, colon, tail = stripped[:_MAX_LABEL].partition(":")
        if colon:
            tail = stripped[len(head) + 1 :]
        elif "\n" in head:
            head, _, _ = head.partition("\n")
            tail = stripped[len(head) + 1 :]
        elif len(stripped) > _MAX_LABEL:
            return None
        field = self._field(head)
        if field is not None:
            return Label(
                field, _FILLER.sub(" ", _BRACKETS.sub("", tail) if tail.strip().endswith(")") else tail).strip()
            )
        inline = _INLINE_NUMBER.match(_FILLER.sub(" ", _BRACKETS.sub("", stripped)).strip()) if not colon else None
        if inline is not None:
            field = self._field(inline["head"])
            if field is not None:
                return Label(field, inline["tail"])
        return None

    def _field(self, head: str) -> str | None:
        if any(label_key(head).startswith(hint) for hint in self._hints):
            return None
        for reading in dict.fromkeys((head, _BRACKETS.sub(" ", head))):
            key = label_key(reading)
            if not key:
                continue
            field = self._exact.get(key) or self._without_tail(key)
            if field is not None:
                return field
        return (
            next((field for known, field in self._open if key == known or key.startswith(known + " ")), None)
            if key
            else None
        )

    def _without_tail(self, key: str) -> str | None:
        for tail in self._tails:
            if key.endswith(" " + tail):
                shorter = key[: -len(tail) - 1]
                return self._exact.get(shorter) or self._without_tail(shorter)
        return None


@lru_cache(maxsize=4)
def label_index(spec: FormSpec) -> LabelIndex:
    """Return the index of a form spec, built once a process."""
    return LabelIndex(spec)
