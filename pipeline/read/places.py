"""Cells by their place, whatever the format: 0-based row and column, and how far apart they may lie."""

from __future__ import annotations

from typing import Final

from schemas import limits
from schemas.records import Grid, UnreadableError

Place = tuple[int, int]

LAST_COLUMN: Final = 16_384  # XFD, the widest sheet of any format


def column_number(letters: str) -> int:
    """Return the 0-based number of a column: A -> 0, AA -> 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def check_area(rows: int, columns: int) -> None:
    """Refuse a sheet whose filled cells span so many rows and columns that it would not fit in memory.

    Raises:
        UnreadableError: `cells_too_far`.
    """
    if rows * columns > limits.MAX_AREA_CELLS:
        raise UnreadableError("cells_too_far", f"{rows} × {columns}")


def note_problem(grid: Grid, place: Place, problem: str) -> None:
    """Note what calamine shows as a blank; it leaves out what lies beyond the last value, so make room for it."""
    row, column = place
    check_area(max(row + 1, len(grid.rows)), column + 1)
    grid.problems[place] = problem
    grid.rows.extend([] for _ in range(row + 1 - len(grid.rows)))
    grid.rows[row].extend("" for _ in range(column + 1 - len(grid.rows[row])))
