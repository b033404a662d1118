"""A correction copy that comes back: its first sheet is ours, and is set aside before the forms are read.

That sheet may tell what the form itself leaves open, unit and round, and bears the number of the file that it is a copy
of: so it is recognised as the correction of the earlier file by its own content, whenever and by whomever it is sent,
even where what was wrong is the unit. What the form says of unit and round goes first.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import Final, NamedTuple

from .records import Grid, Note, TypedTally
from .vietnamese import typed_key
from .words import WORDS

AUTHORS: Final = frozenset(WORDS["return_author"])  # under which our comments stand
TITLES: Final = frozenset(WORDS["return_title"])
_TOP: Final = 12  # rows in which title, unit and round stand
_NUMBER: Final = re.compile(r"[0-9a-f]{16}")
Reading = tuple[list[TypedTally], list[Note]]


class Told(NamedTuple):
    """What a workbook says beside its cover, and the number of the file that it corrects, "" without a cover."""

    tallies: list[TypedTally]
    notes: list[Note]
    corrects: str = ""


def file_number(sha256: str) -> str:
    """Return the number by which a copy names the file that it was made of."""
    return sha256[:16]


_TITLE_KEYS: Final = frozenset(map(typed_key, TITLES))
_LONGEST_TITLE: Final = 3 * max(map(len, TITLES))  # decomposed, and with spaces around


@lru_cache(maxsize=1 << 12)
def is_title(text: object) -> bool:
    """Whether a text is the title of a correction copy's first sheet, in any language."""
    return isinstance(text, str) and len(text) <= _LONGEST_TITLE and typed_key(text) in _TITLE_KEYS


def beside_cover(grids: list[Grid], read: Callable[[list[Grid]], Reading]) -> Told:
    """Read a workbook's sheets but for a correction copy's own, whose unit and round fill what a form leaves open.

    A unit is taken only for a single form: a list names the unit on each of its lines.
    """
    covers = [grid for grid in grids if _is_cover(grid)]
    if not covers:
        return Told(*read(grids))
    tallies, notes = read([grid for grid in grids if grid not in covers])
    told = [tally for tally in tallies if tally.layout != "empty"]
    unit = _told(covers[0], "return_unit_code") if [tally.layout for tally in told] == ["form"] else ""
    round_text = _told(covers[0], "return_round")
    filled = [
        replace(tally, unit_code=tally.unit_code or unit, round_text=tally.round_text or round_text)
        for tally in tallies
    ]  # fmt: skip
    number = _told(covers[0], "return_number").casefold()
    return Told(filled, notes, number if _NUMBER.fullmatch(number) else "")


def _is_cover(grid: Grid) -> bool:
    return any(map(is_title, chain.from_iterable(row[:3] for row in grid.rows[:_TOP])))


def _told(cover: Grid, key: str) -> str:
    labels = frozenset(map(typed_key, WORDS[key]))
    for row in cover.rows[:_TOP]:
        if row and typed_key(row[0]) in labels:
            value = next((value for value in row[1:3] if value not in ("", None)), "")
            return str(int(value) if isinstance(value, float) and value.is_integer() else value).strip()
    return ""
