"""The page that explains: every flag, status and severity, every figure, and the rules behind them."""

from __future__ import annotations

from schemas.totals import FILE_STATUSES, PARENT_FLAGS, UNIT_FLAGS

from . import look
from .book import Book, Sheet
from .figures import counts, further, statuses
from .links import SEVERITIES
from .listing import header_format
from .measure import lines, row_height

_TERM, _MEANING = 250, 830
_INDENT = 9
_BOLD = 10  # points: bold text of 9 takes the room of plain 10
_RULES = ("blank", "total", "coverage", "declared", "live", "newest", "late", "thousands")


def write_legend(book: Book) -> None:
    sheet = book.add_sheet("legend", header_row=None)
    book.head(sheet, "legend")
    sheet.set_column_pixels(0, 0, _TERM)
    sheet.set_column_pixels(1, 1, _MEANING)
    sheet.freeze_panes(4, 0)
    row = 4
    row = _marks(book, sheet, row, "legend_unit_flags", "flag", (*UNIT_FLAGS, "late"))
    row = _marks(book, sheet, row, "legend_parent_flags", "parent_flag", PARENT_FLAGS)
    row = _marks(book, sheet, row, "legend_file_statuses", "status", FILE_STATUSES)
    row = _marks(book, sheet, row, "legend_severities", "severity", SEVERITIES)
    row = _figures(book, sheet, row)
    _rules(book, sheet, row)


def _marks(book: Book, sheet: Sheet, row: int, title: str, kind: str, keys: tuple[str, ...]) -> int:
    row = _section(book, sheet, row, title)
    for key in keys:
        sheet.write_string(row, 0, *book.marked(key, valign="top", indent=1, bottom=4, bottom_color=look.LINE))
        _meaning(book, sheet, row, book.say(f"means_{kind}_{key}"))
        row += 1
    return row + 1


def _figures(book: Book, sheet: Sheet, row: int) -> int:
    row = _section(book, sheet, row, "legend_figures")
    campaign = book.result.campaign
    documents = set(campaign.document_fields)
    own = {grade.field for grade in campaign.grades} | documents
    for figure in (*statuses(book)[:2], *counts(book, campaign), *further(book, campaign)):
        kind = "document" if figure.field in documents else "grade"
        key = f"means_figure_{kind}" if figure.field in own else f"means_figure_{figure.field}"
        _meaning(book, sheet, row, book.say(key))
        _term(book, sheet, row, figure.title)
        row += 1
    return row + 1


def _rules(book: Book, sheet: Sheet, row: int) -> None:
    row = _section(book, sheet, row, "legend_rules")
    for rule in _RULES:
        _meaning(book, sheet, row, book.say(f"means_rule_{rule}"))
        _term(book, sheet, row, book.say(f"rule_{rule}"))
        row += 1


def _section(book: Book, sheet: Sheet, row: int, title: str) -> int:
    sheet.write_string(row, 0, book.say(title), header_format(book))
    sheet.write_string(row, 1, book.say("col_meaning"), header_format(book))
    sheet.set_row_pixels(row, 24)
    return row + 1


def _term(book: Book, sheet: Sheet, row: int, text: str) -> None:
    line = {"bottom": 4, "bottom_color": look.LINE}
    if (height := row_height(lines(text, _TERM - _INDENT, _BOLD))) > row_height(1):
        sheet.set_row_pixels(row, height)
    sheet.write_string(
        row, 0, text, book.format(bold=True, text_wrap=True, valign="top", align="left", indent=1, **line)
    )


def _meaning(book: Book, sheet: Sheet, row: int, text: str) -> None:
    sheet.set_row_pixels(row, row_height(lines(text, _MEANING)))
    sheet.write_string(row, 1, text, book.format(text_wrap=True, valign="top", bottom=4, bottom_color=look.LINE))
