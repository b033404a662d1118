"""What stands where on a sheet: cell addresses, organisation lines, the round named in a text."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Final

from schemas.records import Grid, RawCell
from schemas.vietnamese import repair

from .labels import label_key

Place = tuple[int, int]  # 0-based row and column

_ORG: Final = (
    "đảng bộ", "đảng ủy", "chi bộ", "chi ủy", "huyện ủy", "thành ủy", "thị ủy", "tỉnh ủy", "đb", "đu", "cb",
)  # fmt: skip
_ORG_KEYS = tuple(label_key(word) for word in _ORG)
_SEPARATE = re.compile(r"\s{3,}|\n|\t")
_FILLER = re.compile(r"[.…_]{2,}|…")
_ROUND = re.compile(r"\bđợt\s*(?:báo cáo\s*)?(?:thứ\s*|số\s*)?[:\s]*0*(\d{1,2}|[ivx]{1,4})\b", re.IGNORECASE)
_MAX_ORG_LINE: Final = 140


@lru_cache(maxsize=1024)
def _letters(column: int) -> str:
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def a1(row: int, column: int) -> str:
    """Return the address of a cell given 0-based row and column."""
    return f"{_letters(column)}{row + 1}"


def cell_at(grid: Grid, row: int, column: int) -> RawCell | None:
    """Return a cell with what the second look found of it, or None where nothing stands."""
    value = grid.rows[row][column]
    problem = grid.problems.get((row, column), "") if grid.problems else ""
    if not problem and (value == "" or value is None or (isinstance(value, str) and not value.strip())):
        return None
    return RawCell(None if problem else value, a1(row, column), problem, grid.is_hidden(row, column))


def is_blank(cell: RawCell) -> bool:
    return not cell.problem and (cell.value is None or (isinstance(cell.value, str) and not cell.value.strip()))


def is_org_word(text: str) -> bool:
    """Whether a cell says "CHI BỘ: …" or "ĐẢNG BỘ …": the name itself, rather than a caption for one."""
    return label_key(text.partition(":")[0]) in _ORG_KEYS


def org_lines(grid: Grid, first: int, end: int, captions: Collection[Place] = ()) -> list[tuple[str, str]]:
    """Return (organisation line, cell) found in rows first..end in reading order, each name once.

    `captions` are cells that only announce a name ("Tên chi bộ"); the name stands beside them.
    """
    found: dict[str, tuple[str, str]] = {}
    for r in range(first, min(end, len(grid.rows))):
        row = grid.rows[r]
        for c, value in enumerate(row):
            if value.__class__ is not str or not value or len(value) > 4 * _MAX_ORG_LINE:
                continue
            if (r, c) in captions:
                continue
            for piece in _SEPARATE.split(value):
                line = _org_line(piece, row[c + 1 :])
                if line:
                    found.setdefault(label_key(line), (line, a1(r, c)))
    return list(found.values())


def _org_line(piece: str, right: list[object]) -> str:
    text = _FILLER.sub(" ", repair(piece)[0]).strip(" .:-–—")
    key = label_key(text)
    if not key or len(text) > _MAX_ORG_LINE or not key.startswith(_ORG_KEYS) or key.startswith("đảng cộng sản"):
        return ""
    head = next(word for word in _ORG_KEYS if key.startswith(word))
    if key != head:
        return " ".join(text.replace(":", " ").split()) if key.startswith(head + " ") else ""
    value = next((str(v) for v in right if isinstance(v, str) and v.strip()), "")
    value = _FILLER.sub(" ", repair(value)[0]).strip(" .:-–—")
    if not value or label_key(value).startswith("đảng cộng sản"):
        return ""
    return value if label_key(value).startswith(_ORG_KEYS) else f"{text} {value}"


def round_in_text(grid: Grid, first: int, end: int) -> tuple[str, str]:
    """Return (round, cell) where the head of a form names exactly one round, else ("", "")."""
    named: dict[str, str] = {}
    for r in range(first, min(end, len(grid.rows))):
        for c, value in enumerate(grid.rows[r]):
            if isinstance(value, str) and len(value) < 400:
                for match in _ROUND.finditer(repair(value)[0]):
                    named.setdefault(match[1].upper(), a1(r, c))
    return next(iter(named.items())) if len(named) == 1 else ("", "")
