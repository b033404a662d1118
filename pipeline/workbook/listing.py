"""A list as a real Excel table: typed columns, wrapped text, a header that filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from . import look
from .book import Book, Format, Sheet
from .cells import fit_all, has_hour
from .measure import lines_of, row_height
from .rows import Part

HEADER_ROW = 4  # below the three lines of the head and a gap
_TIMES = {"day": "dd/mm/yyyy", "time": "dd/mm/yyyy hh:mm"}
MOST_ROWS = 1_048_576 - HEADER_ROW - 2  # a sheet's rows, less the head and the line that says what is left out
MOST_SHEETS = 9  # of one list; a country's texts of two rounds take two


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


@dataclass(frozen=True)
class Rows:
    """The rows of a list: how many, and what gives the values of some of them, a sequence a column, None where blank.

    They are asked for when the file is written, from the first to the last and a part at a time.
    """

    count: int
    values: Callable[[slice], Sequence[Sequence[Any]]]


def at_hand(rows: Sequence[Sequence[Any]], columns: int) -> Rows:
    """Return rows that are in memory already: one value a column each."""
    return Rows(len(rows), lambda part: list(zip(*rows[part], strict=True)) or [()] * columns)


def part_of(position: int) -> tuple[int, int] | None:
    """Return on which sheet of its list, from 1 on, a row stands and on which row there; None where it finds no room.

    Args:
        position: of the row in its list, from 0 on.
    """
    sheet, row = divmod(position, MOST_ROWS)
    return (sheet + 1, HEADER_ROW + 1 + row) if sheet < MOST_SHEETS else None


def write_list(
    book: Book,
    sheet: Sheet,
    name: str,
    columns: Sequence[Column],
    rows: Rows,
    groups: Iterable[tuple[str, str]] = (),
) -> list[Sheet]:
    """Write rows below HEADER_ROW as the Excel table `name`.

    `groups` are those of `Book.rule`. What a sheet cannot hold goes on on the next, as the table `name`_2 and so on;
    what MOST_SHEETS cannot hold is left to the CSV, and the last line says so. Returns the sheets.
    """
    groups, sheets = list(groups), [sheet]
    for number in range(1, min(MOST_SHEETS, -(-rows.count // MOST_ROWS)) + 1):
        if number > 1:
            sheets.append(book.go_on(name, number, header_row=HEADER_ROW))
    for number, shown in enumerate(sheets):
        first = number * MOST_ROWS
        count = min(MOST_ROWS, rows.count - first)
        table = name if not number else f"{name}_{number + 1}"
        _write_rows(book, shown, columns, Rows(count, _shifted(rows.values, first)))
        _make_table(book, shown, table, columns, HEADER_ROW + max(count, 1))
        book.rule(shown, (HEADER_ROW + 1, 0, HEADER_ROW + max(count, 1), len(columns) - 1), groups)
    if not rows.count:
        sheet.write_string(HEADER_ROW + 1, 0, book.say("nothing"), book.format(italic=True, font_color=look.GREY))
    left_out = rows.count - MOST_ROWS * len(sheets)
    if left_out > 0:
        note = book.say("rest_in_csv", rows=book.number(left_out))
        last = HEADER_ROW + 1 + MOST_ROWS
        sheets[-1].write_string(last, 0, note, book.format(bold=True, font_color=look.RED))
    return sheets


def _shifted(values: Callable[[slice], Sequence[Sequence[Any]]], by: int) -> Callable[[slice], Sequence[Sequence[Any]]]:
    return lambda part: values(slice(part.start + by, part.stop + by))


def _write_rows(book: Book, sheet: Sheet, columns: Sequence[Column], rows: Rows) -> None:
    writers = [_writer(book, place, column) for place, column in enumerate(columns)]
    wrapped = [(place, column.width) for place, column in enumerate(columns) if column.kind in ("text", "answer")]

    def write(part: Part) -> None:
        values = rows.values(part.rows)
        for writer, told in zip(writers, values, strict=True):
            writer(part, told)
        needed = zip(*(lines_of(values[place], width) for place, width in wrapped), strict=True)
        heights = {most: row_height(most) for most in range(1, 40)}
        part.shape([heights.get(most) or row_height(most) for most in map(max, needed)])

    sheet.in_parts(HEADER_ROW + 1, rows.count)
    sheet.add_columns(len(columns) - 1, write)


def _make_table(book: Book, sheet: Sheet, name: str, columns: Sequence[Column], last_row: int) -> None:
    for place, column in enumerate(columns):
        sheet.set_column_pixels(place, place, column.width)
    sheet.set_row_pixels(HEADER_ROW, 34)
    header = header_format(book)
    titles = [{"header": column.title, "header_format": header} for column in columns]
    options = {"name": name, "columns": titles, "style": None}
    sheet.add_long_table(HEADER_ROW, 0, last_row, len(columns) - 1, options)
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


def _writer(book: Book, place: int, column: Column) -> Callable[[Part, Sequence[Any]], None]:
    """Return what writes the values of a column into a part."""
    if column.kind in ("count", "change", "rate"):
        formats = {"count": book.whole, "change": book.change, "rate": book.rate}
        cell = book.format(num_format=formats[column.kind], align="center", valign="top")
        return lambda part, values: part.figures(place, values, cell)
    if column.kind == "value":
        cell = book.format(num_format=book.whole, align="center", valign="top")
        return lambda part, values: part.mixed(place, values, cell)
    if column.kind in ("day", "time"):
        day, cell = (book.format(num_format=_TIMES[kind], align="left", valign="top") for kind in ("day", column.kind))
        return lambda part, values: part.moments(
            place, values, [cell if when is None or has_hour(when) else day for when in values]
        )
    if column.kind == "mark":
        marks: dict[str, tuple[str, Format]] = {}

        def write_marks(part: Part, keys: Sequence[str]) -> None:
            for key in dict.fromkeys(keys):
                marks[key] = marks.get(key) or book.marked(key, valign="top")
            part.texts(place, [marks[key][0] for key in keys], [marks[key][1] for key in keys])

        return write_marks
    cell = (
        answer_format(book) if column.kind == "answer" else book.format(text_wrap=column.kind == "text", valign="top")
    )
    cut = book.say("cut")

    def write_texts(part: Part, values: Sequence[str | None]) -> None:
        part.texts(place, fit_all(values, cut), cell)
        if column.kind == "answer":
            part.blanks(place, [not text for text in values], cell)

    return write_texts
