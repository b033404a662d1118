"""What other sheets look up on the tree: a unit's label, its parent and its texts, and every column by a name.

Unseen columns of the tree, in the same rows as the units, so that a row found once gives everything of its unit.
"""

from __future__ import annotations

from collections.abc import Mapping

from xlsxwriter.utility import xl_col_to_name

from .book import Book
from .cells import clean
from .rows import Part
from .tree import FIRST_ROW, Tree

_LONGEST_LABEL = 250  # Excel looks up texts of up to 255 characters
LEAD = {"unit": "unit_names", "unit_code": "unit_codes", "flag": "unit_flags", "depth": "unit_depths"}


def label_of(book: Book, code: str) -> str:
    """Return how a unit is picked: "code – name"."""
    label = clean(f"{code} – {book.unit_name(code)}")
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"


def write_lookup(book: Book, tree: Tree, texts: Mapping[str, Mapping[str, str]]) -> None:
    """Write the unseen columns right of the tree, and name them and the tree's own columns.

    Args:
        texts: of `compiled_texts`.
    """
    sheet, codes = book.sheets["tree"], list(tree.rows)
    columns: dict[str, list[str]] = {
        "unit_parents": [book.unit_name(book.parents[code]) if book.parents[code] else "" for code in codes],
    }
    columns |= {f"unit_{item}": [told.get(code, "") for code in codes] for item, told in texts.items()}
    first, cell = max(tree.columns.values()) + 1, book.format()
    last = first + len(columns)
    for place, name in enumerate(("unit_labels", *columns), first):
        _name(book, tree, name, place)

    def write(part: Part) -> None:
        part.texts(first, [label_of(book, code) for code in codes[part.rows]], cell)
        for place, values in enumerate(columns.values(), first + 1):
            part.texts(place, values[part.rows], cell)

    sheet.add_columns(last, write)
    sheet.set_column(first, last, None, None, {"hidden": True})
    for field, name in LEAD.items():
        _name(book, tree, name, tree.columns[field])
    for field in tree.values:
        _name(book, tree, f"{field}_by_unit", tree.columns[field])


def _name(book: Book, tree: Tree, name: str, column: int) -> None:
    letter = xl_col_to_name(column)
    last = FIRST_ROW + len(tree.rows)
    sheet = tree.name.replace("'", "''")
    book.workbook.define_name(name, f"='{sheet}'!${letter}${FIRST_ROW + 1}:${letter}${last}")
