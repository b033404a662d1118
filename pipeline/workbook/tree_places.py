"""Where the tree stands on its sheet, for whoever refers to it, and how its rows look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from . import look
from .book import Book, Format

HEADER_ROW = 4
FIRST_ROW = HEADER_ROW + 1
Style = tuple[int, bool]


@dataclass(frozen=True)
class Tree:
    """Where things stand on the sheet of the tree.

    Attributes:
        name: the sheet's name, for formulas on other sheets.
        rows: unit_code -> row, counted from 0, of the units shown.
        columns: field -> column, counted from 0.
        values: field -> the round's figures of all units in the tree's order, None where blank.
        places: unit_code -> place in that order.
        styles: what the look of a row depends on, for each row: (depth, is_parent).
    """

    name: str
    rows: dict[str, int]
    columns: dict[str, int]
    values: dict[str, list[Any]]
    places: dict[str, int]
    styles: list[Style]

    def value(self, unit_code: str, field: str) -> Any:
        """Return a unit's figure in the round shown, None where blank."""
        return self.values[field][self.places[unit_code]]

    def cell(self, unit_code: str, field: str) -> str:
        """Return a unit's figure as an absolute reference from another sheet."""
        sheet = self.name.replace("'", "''")
        return f"'{sheet}'!${xl_col_to_name(self.columns[field])}${self.rows[unit_code] + 1}"


def row_format(book: Book, depth: int, is_parent: bool, **properties: Any) -> Format:
    """Return the format of a unit's cells: the higher it stands, the stronger it shows."""
    if not is_parent:
        return book.format(**properties)
    fill = (look.TINT, "#EDEAE6", look.PALE)[min(depth, 2)]
    return book.format(bg_color=fill, bold=depth < 2, **properties)
