"""How tall a row must be for its wrapped text: not every program works it out on opening, so the rows say it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

LINE = 15  # pixels of a line of 9 point text
_EM = 12  # pixels of 9 points
_PADDING = 8  # pixels of a cell that hold no text
_WIDEST = 0.62  # of an em, on average, in the widest plain text: a quick test that most cells pass
_MOST_WORDS = 1 << 16
SERIF = 1.1  # so much more of a text in Times goes into a line than of one in Arial
_TALLEST_ROW = 545  # Excel allows 409 points

_NARROW, _USUAL, _CAPITAL, _WIDE = 0.3, 0.56, 0.72, 0.9
_WIDTHS = dict.fromkeys(" .,:;!'|ijl/\\ft()[]-Ir", _NARROW) | dict.fromkeys("mwMW@%…✔▲✖○", _WIDE)


def lines(text: str, width: int, size: int = 9) -> int:
    """Return how many lines a text takes in a cell this many pixels wide, in sans serif of `size` points."""
    room = (width - _PADDING) * 9 / size
    if len(text) * _EM * _WIDEST <= room and "\n" not in text:
        return 1
    return _wrapped(text, room / _EM)


def lines_of(texts: Sequence[str | None], width: int) -> list[int]:
    """Return how many lines each of a column's texts takes, 1 where there is none."""
    room = width - _PADDING
    safe = int(room / (_EM * _WIDEST))
    long = {text for text in texts if text and (len(text) > safe or "\n" in text)}
    several = {text: _wrapped(text, room / _EM) for text in long}
    return [several.get(text or "", 1) for text in texts] if several else [1] * len(texts)


@lru_cache(maxsize=1 << 14)
def _wrapped(text: str, room: float) -> int:
    count = 0
    for paragraph in text.split("\n"):
        count += 1
        used = 0.0
        for long in map(_LENGTHS.__getitem__, paragraph.split(" ")):
            after = used + _NARROW + long if used else long
            if after > room:
                count, after = (count + 1, long) if used else (count, after)
                if after > room:  # a word longer than the line is broken
                    count, after = count + int(after // room), after % room
            used = after
    return count


class _Lengths(dict[str, float]):
    """Word -> its length in ems."""

    def __missing__(self, word: str) -> float:
        if len(self) > _MOST_WORDS:
            self.clear()
        length = self[word] = sum(map(_LETTERS.__getitem__, word))
        return length


_LENGTHS = _Lengths()


class _Letters(dict[str, float]):
    """Letter -> its width in ems; marks above and below letters take no room."""

    def __missing__(self, letter: str) -> float:
        parts = (part for part in unicodedata.normalize("NFD", letter) if not unicodedata.combining(part))
        width = self[letter] = sum(_WIDTHS.get(part, _CAPITAL if part.isupper() else _USUAL) for part in parts)
        return width


_LETTERS = _Letters()


def width_of(text: str, size: int = 9) -> int:
    """Return the pixels that a column needs to hold a text in one line."""
    return _PADDING + round(_LENGTHS[text] * _EM * size / 9)


def longest_word(text: str, size: int = 9) -> int:
    """Return the pixels that a column needs so that no word of its title is broken."""
    return max((width_of(word, size) for word in text.split()), default=_PADDING)


def row_height(most_lines: int) -> int:
    """Return the height in pixels of a row of 9 point text."""
    return min(_TALLEST_ROW, 5 + LINE * most_lines)
