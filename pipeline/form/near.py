"""Cells whose text is nearly the label of an item that was not found: the sender is told which cell to mend."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from schemas.records import Note
from schemas.vietnamese import repair

from .answers import Form
from .keys import begins, label_key
from .labels import LabelIndex, without_numbering
from .sheet import Place, Sheet, a1

REQUIRED: Final = ("members", "attendees", "reflections", "exemptions")
_LIKE: Final = 85.0
_LIKE_WORD: Final = 50.0
_MAX_WORDS: Final = 24
_DIGITS = re.compile(r"\d+")


def near_labels(form: Form, found: set[str], first: int, end: int) -> list[Note]:
    """Return a note for each line of a form that may be meant for an item whose label is not there.

    Args:
        form: the form as far as it is known.
        found: the fields whose labels are there.
        first: its first row.
        end: the first row behind it.
    """
    missing = tuple(field for field in REQUIRED if field not in found)
    if not missing or not found:
        return []
    sheet = form.sheet
    texts = [row for (row, _), label in form.labels.items() if sheet.index.kinds[label.field] == "text"]
    rows = range(first, min([end, *texts]))
    columns = {c for _, c in form.labels}
    places = [
        (r, c) for r in rows for c, text in sheet.texts(r)
        if (r, c) not in sheet.labels and (c in columns or ":" in text) and _is_asking(sheet, r, c, text)
    ]  # fmt: skip
    return notes_of(sheet, places, missing)


def notes_of(sheet: Sheet, places: Iterable[Place], missing: tuple[str, ...]) -> list[Note]:
    """Return a note for each of some cells that is near to a label of an item that is missing."""
    notes = []
    for r, c in places:
        text = str(sheet.rows[r][c])
        field, label = nearest(sheet.index, text, missing)
        if field:
            shown = " ".join(repair(text)[0].split())
            notes.append(Note("label_near", field, sheet.grid.name, a1(r, c), shown, (("near", label),)))
    return notes


def _is_asking(sheet: Sheet, row: int, column: int, text: str) -> bool:
    """Whether a cell looks like a label: numbered, or with a number or an open answer behind it."""
    if ":" in text or without_numbering(text) != text or any(ch.isdigit() for ch in text):
        return True
    number = sheet.index.phrases.number
    return any(c > column and number(sheet.cell(row, c).value) is not None for c in sheet.filled[row])


@lru_cache(maxsize=1 << 12)
def nearest(index: LabelIndex, text: str, missing: tuple[str, ...]) -> tuple[str, str]:
    """Return (field, label) of a missing item that a text is nearly the label of, else ("", "").

    Nearly: the same words but for slips of the pen. A word more, or another word, is another meaning; a label of an
    item that is not missing and as near is meant rather.
    """
    from rapidfuzz import fuzz, process  # late: a worker seldom needs it

    head = re.split(r"[:\n]|\s\d+\s*$", re.sub(r"\([^()]*\)", " ", without_numbering(text)), maxsplit=1)[0]
    key = label_key(head)
    if not 2 <= len(key.split()) <= _MAX_WORDS or _DIGITS.search(key) or index.phrases.leaves_some_out(head):
        return "", ""
    is_unmarked = key.isascii()
    known = _unmarked(index) if is_unmarked else {label: label for label in index.known}
    for reading in _readings(index, key):
        for label, _, _ in process.extract(reading, list(known), scorer=fuzz.ratio, score_cutoff=_LIKE, limit=3):
            field, written = index.known[known[label]]
            if _has_same_words(reading, label):
                return (field, written[:1].upper() + written[1:]) if field in missing else ("", "")
    return "", ""


@lru_cache(maxsize=4)
def _unmarked(index: LabelIndex) -> dict[str, str]:
    """Return every known label without its diacritics -> the label; for telling a sender, never for reading."""
    return {_without_marks(label): label for label in reversed(index.known)}


def _without_marks(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return "".join(ch for ch in plain if not unicodedata.combining(ch))


def _readings(index: LabelIndex, key: str) -> Iterable[str]:
    """Yield a key, and the beginning of it before the name of what was studied."""
    words = key.split()
    yield key
    for count in range(len(words) - 1, 1, -1):
        if begins(" ".join(words[count:]), index.subjects):
            yield " ".join(words[:count])


def _has_same_words(text: str, label: str) -> bool:
    """Whether each word of a text is one of a label's or a slip of the pen for one, none twice."""
    from rapidfuzz import fuzz

    left = label.split()
    strange = []
    for word in text.split():
        if word in left:
            left.remove(word)
        else:
            strange.append(word)
    for word in strange:
        like = max(left, key=lambda other: fuzz.ratio(word, other), default="")
        if not like or fuzz.ratio(word, like) < _LIKE_WORD:
            return False
        left.remove(like)
    return len(left) <= 1
