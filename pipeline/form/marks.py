"""What reading a form makes of a cell, whatever is written in it: cells with the same mark are read alike.

A whole number is as good as another, and so is a text about which every question that reading asks has the same
answer. Any other cell is its own mark. Only of single forms: what tells the lines of lists apart is not asked here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from itertools import chain
from typing import Final

from schemas.layout import PASSED_FIELDS
from schemas.records import Grid

from .answers import is_dots, number_in_front
from .heads import STUDY_SIGNS, first_words, is_addressed, names_study, pieces, rounds
from .keys import label_key, repaired
from .labels import Label, LabelIndex, is_part
from .one_head import NAMES
from .sheet import Sheet

_MOST_CELLS: Final = 2000  # of a sheet that may be a form
_MOST_KEPT: Final = 1 << 14  # values whose marks are kept
_LONGEST_KEPT: Final = 1000  # characters of such a value
_MOST_PERSONS: Final = 10_000_000
_LONGEST_BARE: Final = 40
_BARE: Final = re.compile(r"(?![ivx]{1,4}-)[^\W\d_][^\W_]*(?:[ -][^\W_]+)*", re.IGNORECASE)  # no bullet, no sign
# Rounds; what stands behind a name; what is studied.
_ANYWHERE: Final = ("đợt", "cộng", "ngày", "báo", *STUDY_SIGNS)
_TYPES: Final = frozenset({str, float, int, date, datetime})
# Marks that are whole numbers: no cell that is its own mark can be equal to one. Of a text they are bits.
_OTHERS, _SIGNED, _ORG, _COUNTED = 1, 2, 4, 8
_NUMBER, _DATE, _STUDY = 16, 32, 64


class _Kept(dict[object, object]):
    """What was made of values before; a dictionary answers several times as fast as a function that remembers."""

    def __init__(self, make: Callable[[object], object]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: object) -> object:
        made = self._make(value)
        if not isinstance(value, str) or len(value) <= _LONGEST_KEPT:
            self[value] = made
        return made


class Marks:
    """The marks that a form spec gives; they are kept by value."""

    def __init__(self, index: LabelIndex) -> None:
        self.index = index
        self._firsts = index.first_words | index.phrases.firsts | first_words() | {"trong"}
        self._kept = _Kept(self._of)
        self.of = self._kept.__getitem__

    def of_sheet(self, grid: Grid) -> object:
        """Return all that reading a sheet depends on; None where it depends on more than its cells' marks."""
        if grid.problems or grid.hidden_rows or grid.hidden_columns:
            return None
        values = list(chain.from_iterable(grid.rows))
        if len(values) > _MOST_CELLS or not _TYPES.issuperset(map(type, values)):
            return None
        if len(self._kept) > _MOST_KEPT:
            self._kept.clear()
        return tuple(map(self.of, values)), tuple(map(len, grid.rows)), tuple(grid.merged)

    def is_own(self, value: object) -> bool:
        """Whether a text is its own mark: it is the same on all sheets with the same marks."""
        return isinstance(self.of(value), str)

    def is_number_in_the_way(self, sheet: Sheet) -> bool:
        """Whether a number stands first in its row, or in front of a label: it may number an item."""
        for r, filled in enumerate(sheet.filled):
            last = max((c for c in filled if (r, c) in sheet.labels), default=-1)
            for c in filled:
                mark = self.of(sheet.rows[r][c])
                if isinstance(mark, int) and mark & (_NUMBER | _COUNTED) and (c == filled[0] or c < last):
                    return True
        return False

    def _of(self, value: object) -> object:
        if isinstance(value, int | float):
            return _NUMBER if 0 <= value <= _MOST_PERSONS and value % 1 == 0 else value
        if isinstance(value, date):
            return _DATE
        text = str(value)
        if not text or text.isspace():
            return ""
        if self._is_bare(text):
            return 0
        said = self._said(text)
        if said is None:
            return text
        label = self.index.match(text)
        if label is not None:
            return self._of_label(text, label, said)
        return said if number_in_front(text) is None else text

    def _is_bare(self, text: str) -> bool:
        """Whether a few words, as of a person's name or a code, can be none of what `_said` and `match` look for.

        All of that begins with one of some words, or contains one, or has a sign, or a digit in front.
        """
        if len(text) > _LONGEST_BARE or not _BARE.fullmatch(text) or repaired(text) != text:
            return False
        key = label_key(text)
        words = key.split(" ")
        is_usual = words[0] in self._firsts or not self.index.phrases.firsts_of_others.isdisjoint(words)
        return not is_usual and not any(word in key for word in _ANYWHERE)

    def _of_label(self, text: str, label: Label, said: int) -> object:
        """Return the mark of a label: what it is the label of, where an answer is typed behind it."""
        if not label.inline or label.field in PASSED_FIELDS or label.field in NAMES:
            return text
        if self.index.kinds[label.field] == "count" and self.index.phrases.number(label.inline) is None:
            return text
        return label.field, label.number, label.is_part, label.is_generic, number_in_front(text), said

    def _said(self, text: str) -> int | None:
        """Return what a text says apart from being a label, as bits; None of a text that is not like any other.

        These are the questions that reading a single form asks of a text:
        - `answers`: whether it is a measure or an instruction, dots, a number, or begins with the number of an item;
        - `one_form`: whether it ends the form, speaks of others than members, or leaves some out;
        - `heads`: whether it names organisations, a round or a resolution, or says to whom the form goes.
        What `near` asks is asked anew for each sheet.
        """
        phrases = self.index.phrases
        if not label_key(text) or phrases.is_measure(text) or phrases.answer(text) != text or is_dots(text):
            return None
        named = pieces(text)
        if is_addressed(text) or rounds(text) or any(name.endswith(":") for name in named):
            return None
        speaks_of_others = not is_part(text) and (phrases.speaks_of_others(text) or phrases.leaves_some_out(text))
        return (
            (_OTHERS if speaks_of_others else 0)
            | (_SIGNED if phrases.is_signature(text) else 0)
            | (_ORG if named else 0)
            | (_STUDY if names_study(text) else 0)
            | (_COUNTED if phrases.number(text) is not None else 0)
        )
