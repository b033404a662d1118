"""The overview: one screen, one printed page, laid out as an official report."""

from __future__ import annotations

from . import look
from .arrival import Arrival
from .attention import Told, write_attention
from .book import Book, Sheet
from .charts import insert_charts
from .grid import MARGIN, Page, make_grid
from .head import write_head, write_recipients, write_signature
from .headline import write_cards, write_chips
from .level import left_widths, write_level, write_rounds
from .tree import Tree

_SIGNATURE = 112  # pixels kept below the charts: two lines, and room to sign
_ZOOM = 85  # so that its width shows whole on a laptop's screen


def write_overview(book: Book, sheet: Sheet, tree: Tree, arrival: Arrival, told: Told) -> None:
    """Fill the first sheet; its figures are linked to those of the tree, a chart of it to the days of arrival."""
    page = Page(book, sheet, make_grid(left_widths(book)), tree)
    for column, width in enumerate(page.grid.widths):
        sheet.set_column_pixels(column, column, width)
    row = write_head(page)
    row = write_cards(page, row)
    main = write_chips(page, row)
    below = write_attention(page, main, told)
    page.height(below, MARGIN)
    table = write_level(page, below + 1)
    page.height(table.last_row + 1, MARGIN)
    last = write_recipients(page, write_rounds(page, table.last_row + 2, table), page.grid.left)
    filled = insert_charts(page, main, page.depth(main, last) - _SIGNATURE, table, arrival)
    signed = write_signature(page, page.row_at(main, filled + MARGIN), page.grid.right)
    last = max(last, page.row_at(signed, _SIGNATURE // 2))
    _finish(page, last)


def _finish(page: Page, last_row: int) -> None:
    sheet = page.sheet
    sheet.print_area(0, 0, last_row, page.grid.right.last)
    sheet.fit_to_pages(1, 1)
    sheet.center_horizontally()
    sheet.set_zoom(_ZOOM)
    sheet.hide_row_col_headers()
    sheet.set_tab_color(look.RED)
    sheet.activate()
    sheet.set_first_sheet()
