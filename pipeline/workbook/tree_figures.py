"""The tree's columns of figures: numbers at the leaves, live formulas with cached values above them."""

from __future__ import annotations

from typing import Any

from xlsxwriter.utility import xl_col_to_name

from . import look
from .book import Book, Sheet
from .figures import Figure
from .formulas import Span, rate_formula, total_formula
from .rows import Part
from .tree_places import FIRST_ROW, Style, Tree, row_format


def write_figures(
    book: Book, sheet: Sheet, placed: Tree, figure: Figure, rows: tuple[list[Style], list[Span | None]]
) -> None:
    """Write one column of figures: numbers at the leaves, formulas with cached values above them."""
    column = placed.columns[figure.field]
    letter, depth_letter = xl_col_to_name(column), xl_col_to_name(placed.columns["depth"])
    part_letters = tuple(xl_col_to_name(placed.columns[name]) for name in figure.part)
    whole = xl_col_to_name(placed.columns[figure.whole]) if figure.whole else ""
    style: dict[str, Any] = {"num_format": _number_format(book, figure)}
    if figure.field == "coverage":
        style |= {"bottom": 4, "bottom_color": look.LINE}  # its bars leave no room for the sheet's rule
    looks, below = rows
    cells = {key: row_format(book, *key, **style) for key in dict.fromkeys(looks)}
    values = _shown(placed, figure.field)
    counted = [_shown(placed, name) for name in (*figure.part, figure.whole) if name]

    def rates(rows: slice) -> list[str]:
        formulas = [rate_formula(FIRST_ROW + row, part_letters, whole) for row in range(rows.start, rows.stop)]
        for row, value in enumerate(values[rows]):
            if value is None and all(of[rows.start + row] for of in counted):
                formulas[row] = '=""'  # a quotient would divide what is known of some by what is known of others
        return formulas

    def write(part: Part) -> None:
        rows = part.rows
        told = values[rows]
        formulas: list[str | None]
        if whole:
            formulas = [*rates(rows)]
        else:
            blank = figure.kind == "count"
            formulas = [
                total_formula(letter, depth_letter, span, may_be_blank=blank) if span else None for span in below[rows]
            ]
        part.formulas(column, formulas, told, [cells[key] for key in looks[rows]])

    sheet.add_columns(column, write)


def _shown(placed: Tree, field: str) -> list[Any]:
    """Return a field's values in the rows shown."""
    values = placed.values[field]
    return values if len(values) == len(placed.rows) else [values[placed.places[code]] for code in placed.rows]


def _number_format(book: Book, figure: Figure) -> str:
    if figure.kind == "rate":
        return book.rate
    return f'{book.whole};-{book.whole};"–"' if figure.kind == "status" else book.whole
