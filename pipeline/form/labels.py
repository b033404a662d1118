"""Text of a cell -> the item it is the label of. The labels themselves are data: schemas/forms/*.toml.

Wrong is worse than unread: a label that says more than a known one ("Số đảng viên chưa viết thu hoạch") is no
label, whatever it looks like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from schemas.layout import FormSpec
from schemas.vietnamese import number_from_words

from .keys import alternatives, begins, contains, end_of_words, first_word, keys, label_key, repaired
from .phrases import EDGES, Phrases

_NUMBERING = re.compile(
    r"\s*(?:(?P<part>trong đó\s*[:,]?|[-+*•–—]|\d{1,2}(?:\.\d{1,2})+\s*[.)]?|[(\[]?[a-hk-uyđ]\s*[.)\]])\s*"
    r"|(?:[(\[]?(?P<number>\d{1,2})\s*[.)\]:/-]|[ivx]{1,4}\s*[.)/-])\s*)*",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(r"\s*(?P<number>\d{1,2})\s+(?=[^\W\d_])")  # "1 Tổng số đảng viên"
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_FILLER = re.compile(r"[.…_]{2,}|…")
_OF_WHICH = re.compile(r"\s*\((?:trong đó[^()]*|[^()]*(?:%|\bnữ\b)[^()]*)\)\s*$", re.IGNORECASE)  # "45 (nữ: 12)"
_INLINE_NUMBER = re.compile(
    r"(?P<head>\D*[^\W\d])\W+?(?P<tail>\d[\d.,]*\s*(?P<unit>(?:đ/c|đồng chí|đảng viên|người|đv|bài)?))\W*",
    re.IGNORECASE,
)
_LAST_REMARK = re.compile(r"\(([^()\d]*)\)[^()\d]*$")
_PERSONS: Final = frozenset({"đ", "c", "đồng", "chí", "đảng", "viên", "người", "đv", "bài"})
_PRINTED_DOTS = re.compile(r"^\s*(?:[.…_]{2,}|…)|(?:[.…_]{4,}|…{2,})\s*$")
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"(?:19|20)\d\d")
_MEMBERS: Final = frozenset({"viên", "đv", "tsđv"})
_MAX_LABEL: Final = 300


@dataclass(frozen=True, slots=True)
class Label:
    """A cell that bears a label.

    Attributes:
        field: the item it is the label of.
        inline: what is typed behind the label in the same cell.
        number: of the item, where it is numbered ("4."), else 0.
        is_part: whether it is marked as part of an item above ("-", "a)", "4.1", "trong đó").
        is_generic: whether it leaves open who is counted ("Dự học tập").
    """

    field: str
    inline: str = ""
    number: int = 0
    is_part: bool = False
    is_generic: bool = False


def is_part(text: str) -> bool:
    """Whether a line is marked as part of the one above ("- …", "a) …", "trong đó …")."""
    numbering = _NUMBERING.match(text)
    return numbering is not None and bool(numbering["part"])


def without_numbering(text: str) -> str:
    """Return a text without the number or dash in front of it."""
    return _NUMBERING.sub("", text, count=1)


class LabelIndex:
    """Every known label and word of a form spec, ready to be compared; answers are kept by text."""

    def __init__(self, spec: FormSpec) -> None:
        self.spec = spec
        self.known: dict[str, tuple[str, str]] = {}  # key -> (field, the label as written)
        self._open: dict[str, str] = {}  # key -> how the label may go on: "+" or "*"
        self._counts: dict[tuple[str, str], list[int]] = {}  # (first word, "+" or "*") -> numbers of words, downwards
        for pattern, field in spec.labels:
            for label in alternatives(pattern):
                key = label_key(label)
                if key and key not in self.known:
                    self.known[key] = (field, label.rstrip("+* "))
                    if label[-1] in "+*":
                        self._open[key] = label[-1]
        for key, sign in self._open.items():
            counts = self._counts.setdefault((key.partition(" ")[0], sign), [])
            counts[:] = sorted({*counts, len(key.split())}, reverse=True)
        self.kinds = {field: spec.kind(field) for field, _ in self.known.values()}
        words = dict(spec.words)
        self.phrases = Phrases(spec)
        self.subjects, self._besides, self._wholes = (
            keys(words.get(name, ())) for name in ("subjects", "besides", "wholes")
        )
        self._tails = keys(spec.tails)
        self._last_of_tails = {key.rpartition(" ")[2] for key in self._tails}
        self.first_words = {key.partition(" ")[0] for key in self.known}
        self.match = lru_cache(maxsize=1 << 14)(self._match)

    def _match(self, text: str) -> Label | None:
        """Return the label that a cell bears, or None."""
        text = repaired(text)
        numbering = _NUMBERING.match(text)
        if not numbering or not numbering[0].strip():
            bare = _BARE_NUMBER.match(text)
            numbering = bare if bare and text[bare.end()].isupper() else None
        groups = numbering.groupdict() if numbering else {}
        is_part = bool(groups.get("part"))
        for head, tail, is_number in _readings(text[numbering.end() if numbering else 0 :]):
            first = first_word(head)
            if first and first not in self.first_words:
                continue  # as nearly every text that is no label
            words = label_key(head).split()
            found = self._numbered(words) if is_number else self._field(head, words)
            if found is None or (found[0] == "members" and is_part and " ".join(words) in self._wholes):
                continue
            field, inline = found
            if is_number:
                inline = tail.strip(EDGES)
            elif tail:
                inline = self._inline(field, tail)
                if _is_wrapped_label(tail, inline, self.kinds[field]):
                    continue
            number = 0 if is_part else int(groups.get("number") or 0)
            return Label(field, inline, number, is_part, is_generic=not _MEMBERS & set(words))
        return None

    def _inline(self, field: str, tail: str) -> str:
        """Return what is typed behind a label, without the printed dots and instructions."""
        if self.kinds[field] == "text":
            return self.phrases.answer(_PRINTED_DOTS.sub("", tail).strip())
        text = _FILLER.sub(" ", _OF_WHICH.sub("", tail)).strip()
        is_remark = bool(_BRACKETS.fullmatch(text)) and not re.search(r"\d", text)
        return "" if is_remark or self.phrases.is_measure(text) else text

    def _numbered(self, words: list[str]) -> tuple[str, str] | None:
        """Return the item of a label before a number without a colon: none that ends in a name ("chi bộ 3")."""
        field, _ = self.known.get(" ".join(words), ("", ""))
        return (field, "") if field == "round" or (field and self.kinds[field] == "count") else None

    def _field(self, head: str, words: list[str]) -> tuple[str, str] | None:
        """Return (field, sentence typed behind a text's label without a colon) of a label, or None."""
        if not words:
            return ("share", "") if head.strip(" ()[]") == "%" else None
        if words[0] not in self.first_words or self.phrases.is_asked(" ".join(words)):
            return None
        field = self._named(words)
        if field is None and ("(" in head or "[" in head):
            field = self._named(label_key(_BRACKETS.sub(" ", head)).split())
        if field is None:
            return self._followed(head, words)
        is_narrowed = self.kinds[field] == "count" and (
            "%" in head or any(map(self.phrases.narrows, _BRACKETS.findall(head)))
        )
        return None if is_narrowed else (field, "")

    def _followed(self, head: str, words: list[str]) -> tuple[str, str] | None:
        """Return the field of a label that anything may follow, where one line holds all of it or it breaks inside."""
        for count in self._counts.get((words[0], "*"), ()):
            key = " ".join(words[:count])
            if count <= len(words) and self._open.get(key) == "*":
                line = head.strip().partition("\n")[0]
                is_broken = line == head.strip() or count > len(label_key(line).split())
                return (self.known[key][0], _sentence(head, count)) if is_broken else None
        return None

    def _named(self, words: list[str]) -> str | None:
        key = " ".join(words)
        if key in self.known:
            return self.known[key][0]
        for count in self._counts.get((words[0], "+"), ()) if words else ():
            known = " ".join(words[:count])
            is_open = count < len(words) and self._open.get(known) == "+"
            if is_open and begins(rest := " ".join(words[count:]), self.subjects):
                is_other = contains(rest, self._besides) or self.phrases.leaves_some_out(rest)
                return None if is_other else self.known[known][0]
        if words and words[-1] in self._last_of_tails:
            for count in range(1, len(words)):
                if " ".join(words[count:]) in self._tails:
                    return self._named(words[:count])
        return None


def _is_wrapped_label(tail: str, inline: str, kind: str) -> bool:
    """Whether what follows a line break is more of the label ("Số đảng viên / vắng"), rather than its answer."""
    return tail.startswith("\n") and kind == "count" and bool(inline) and not inline[0].isdigit()


def _sentence(head: str, count: int) -> str:
    """Return what follows a label's words without a colon where it is plainly a sentence, else ""."""
    end = end_of_words(head, count)
    is_sentence = head.rstrip().endswith((".", "!")) and not head.rstrip().endswith("..")
    return head[end:].strip(" -–,") if is_sentence and len(head[end:].split()) > 4 else ""


def _readings(text: str) -> Iterator[tuple[str, str, bool]]:
    """Yield the ways to part a cell's text into a label and what is typed behind it, and whether that is a number."""
    start = text[:_MAX_LABEL]
    masked = _BRACKETS.sub(lambda remark: "\x00" * len(remark[0]), start)
    colon, newline = masked.find(":"), masked.find("\n")
    if colon >= 0:
        yield text[:colon], text[colon + 1 :], False
    elif len(text) <= _MAX_LABEL:
        yield text, "", False
    if newline >= 0 and not 0 <= colon < newline:
        yield text[:newline], text[newline:], False
    if colon < 0 and len(text) <= _MAX_LABEL and _DIGIT.search(text):
        inline = _INLINE_NUMBER.fullmatch(_BRACKETS.sub("", text).strip())
        if inline and (inline["unit"] or not _YEAR.fullmatch(inline["tail"])):
            yield inline["head"], f"{inline['tail']}{_said_in_words(text)}", True


def _said_in_words(text: str) -> str:
    """Return the remark in brackets with which a text ends where it says a number ("44 (bốn mươi bốn) đ/c")."""
    found = _LAST_REMARK.search(text)
    words = [word for word in label_key(found[1]).split() if word not in _PERSONS] if found else []
    return f" ({found[1]})" if found and words and number_from_words(" ".join(words)) is not None else ""


@lru_cache(maxsize=4)
def label_index(spec: FormSpec) -> LabelIndex:
    """Return the index of a form spec, built once a process."""
    return LabelIndex(spec)
