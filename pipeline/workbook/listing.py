"""A list as a real Excel table: typed columns, wrapped text, a header that filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from . import look
from .book import Book, Format, Sheet
from .cells import fit, has_hour
from .measure import lines, row_height

HEADER_ROW = 4  # below the three lines of the head and a gap
_TIMES = {"day": "dd/mm/yyyy", "time": "dd/mm/yyyy hh:mm"}
MOST_ROWS = 1_048_576 - HEADER_ROW - 2  # a sheet's rows, less the head and the line that says what is left out


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list: its title, its width in pixels, and what it holds.

    `kind` is "text" (wrapped), "code" (one line), "count", "change" (a count with its sign), "value" (a count or a
    word), "rate", "day", "time", "answer" (text that a person fills in) or "mark": a flag, status or severity, shown as
    symbol, word and colour. What is not printed stands to the right of what is.
    """

    title: str
    width: int
    kind: str = "text"
    is_printed: bool = True


def write_list(
    book: Book,
    sheet: Sheet,
    name: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    groups: Iterable[tuple[str, str]] = (),
) -> int:
    """Write rows below HEADER_ROW as the Excel table `name`: one value a column, None where blank.

    `groups` are those of `Book.rule`. Returns the number of rows written. What a sheet cannot hold is left to the
    CSV, and the last line says so.
    """
    rows = iter(rows)
    writers = [_writer(book, sheet, place, column) for place, column in enumerate(columns)]
    wrapped = [(place, column.width) for place, column in enumerate(columns) if column.kind in ("text", "answer")]
    answers = [place for place, column in enumerate(columns) if column.kind == "answer"]
    answer = answer_format(book)
    written = 0
    for row, values in enumerate(islice(rows, MOST_ROWS), HEADER_ROW + 1):
        for write, value in zip(writers, values, strict=True):
            if value is not None and value != "":
                write(row, value)
        for place in answers:
            if not values[place]:
                sheet.write_blank(row, place, None, answer)
        most_lines = max((lines(values[place], width) for place, width in wrapped if values[place]), default=1)
        if most_lines > 1:
            sheet.set_row_pixels(row, row_height(most_lines))
        written += 1
    if not written:
        sheet.write_string(HEADER_ROW + 1, 0, book.say("nothing"), book.format(italic=True, font_color=look.GREY))
    left_out = sum(1 for _ in rows)
    if left_out:
        note = book.say("rest_in_csv", rows=book.number(left_out))
        sheet.write_string(HEADER_ROW + 1 + written, 0, note, book.format(bold=True, font_color=look.RED))
    last_row = HEADER_ROW + max(written, 1)
    _make_table(book, sheet, name, columns, last_row)
    book.rule(sheet, (HEADER_ROW + 1, 0, last_row, len(columns) - 1), groups)
    return written


def _make_table(book: Book, sheet: Sheet, name: str, columns: Sequence[Column], last_row: int) -> None:
    for place, column in enumerate(columns):
        sheet.set_column_pixels(place, place, column.width)
    sheet.set_row_pixels(HEADER_ROW, 34)
    header = header_format(book)
    titles = [{"header": column.title, "header_format": header} for column in columns]
    options = {"name": name, "columns": titles, "style": None}
    sheet.add_table(HEADER_ROW, 0, last_row, len(columns) - 1, options)
    sheet.freeze_panes(HEADER_ROW + 1, 0)
    sheet.print_area(0, 0, last_row + 1, sum(column.is_printed for column in columns) - 1)


def header_format(book: Book) -> Format:
    return book.format(
        bold=True, text_wrap=True, align="center", bg_color=look.TINT, font_color=look.RED,
        bottom=1, bottom_color=look.RED, top=1, top_color=look.RED,
    )  # fmt: skip


def answer_format(book: Book) -> Format:
    """Return the format of a cell that a person fills in."""
    return book.format(text_wrap=True, valign="top", bg_color="#FFF8DC", left=4, left_color=look.LINE)


def _writer(book: Book, sheet: Sheet, place: int, column: Column) -> Callable[[int, Any], object]:
    """Return what writes a value of a column into a row."""
    if column.kind in ("count", "change", "rate"):
        formats = {"count": book.whole, "change": book.change, "rate": book.rate}
        cell = book.format(num_format=formats[column.kind], align="center", valign="top")
        return lambda row, value: sheet.write_number(row, place, value, cell)
    if column.kind == "value":
        cell = book.format(num_format=book.whole, align="center", valign="top")
        return lambda row, value: (sheet.write_string if isinstance(value, str) else sheet.write_number)(
            row, place, value, cell
        )
    if column.kind in ("day", "time"):
        day, cell = (book.format(num_format=_TIMES[kind], align="left", valign="top") for kind in ("day", column.kind))
        return lambda row, value: sheet.write_datetime(row, place, value, cell if has_hour(value) else day)
    if column.kind == "mark":
        marks: dict[str, tuple[str, Format]] = {}

        def write_mark(row: int, key: str) -> None:
            if key not in marks:
                marks[key] = book.marked(key, valign="top")
            sheet.write_string(row, place, *marks[key])

        return write_mark
    cell = (
        answer_format(book) if column.kind == "answer" else book.format(text_wrap=column.kind == "text", valign="top")
    )
    cut = book.say("cut")
    return lambda row, value: sheet.write_string(row, place, fit(value, cut), cell)
