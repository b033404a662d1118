"""A grid with what stands on it found once: its filled cells and its labels, each with its place."""

from __future__ import annotations

from functools import lru_cache

from schemas.records import Grid, Note, RawCell
from schemas.vietnamese import repair

from .labels import Label, LabelIndex

Place = tuple[int, int]  # 0-based row and column


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


def is_blank(cell: RawCell) -> bool:
    return not cell.problem and (cell.value is None or (isinstance(cell.value, str) and not cell.value.strip()))


def hidden_label(sheet: Sheet, field: str, place: Place) -> list[Note]:
    """Return a note where a label that an answer was found by is one that nobody sees."""
    if not sheet.grid.is_hidden(*place):
        return []
    title = dict(sheet.index.spec.titles).get(field, field)
    written = repair(str(sheet.rows[place[0]][place[1]]))[0]
    return [Note("hidden_label", field, sheet.grid.name, a1(*place), " ".join(written.split()), (("label", title),))]


class Sheet:
    """One sheet as forms and lists are looked for on it.

    Attributes:
        rows: the grid's rows; they may differ in length.
        filled: of each row, the columns in which something stands, from left to right.
        labels: place -> label, in reading order.
    """

    __slots__ = ("filled", "grid", "index", "labels", "rows")

    def __init__(self, grid: Grid, index: LabelIndex) -> None:
        self.grid, self.index, self.rows = grid, index, grid.rows
        self.filled: list[list[int]] = []
        self.labels: dict[Place, Label] = {}
        match = index.match
        for r, row in enumerate(grid.rows):
            here = []
            for c, value in enumerate(row):
                if value == "" or value is None:
                    continue
                if value.__class__ is str:
                    if value.isspace():
                        continue
                    label = match(value)
                    if label is not None:
                        self.labels[r, c] = label
                here.append(c)
            self.filled.append(here)
        for r, c in grid.problems:
            if c not in self.filled[r]:
                self.filled[r] = sorted([*self.filled[r], c])

    def cell(self, row: int, column: int) -> RawCell:
        """Return a cell with what the second look found of it."""
        values = self.rows[row]
        problem = self.grid.problems.get((row, column), "") if self.grid.problems else ""
        value = None if problem or column >= len(values) else values[column]
        return RawCell(value, a1(row, column), problem, self.grid.is_hidden(row, column))

    def has_number(self, row: int) -> bool:
        values = self.rows[row]
        return any(values[c].__class__ in (int, float) for c in self.filled[row] if c < len(values))

    def texts(self, row: int) -> list[tuple[int, str]]:
        """Return (column, text) of every cell of a row that holds text."""
        values = self.rows[row]
        return [(c, value) for c in self.filled[row] if c < len(values) and isinstance(value := values[c], str)]

    def merged_to(self, place: Place) -> Place:
        """Return the last cell of the merged area that begins at a place; the place itself where none does."""
        row, column = next((last for start, last in self.grid.merged if start == place), place)
        return min(row, len(self.rows) - 1), column
