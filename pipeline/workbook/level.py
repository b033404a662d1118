"""The overview's table of the level below the top, least reported first, and its table of rounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from schemas.campaign import Round

from . import look
from .book import Book, Format
from .cells import plain
from .dates import due_words
from .figures import Figure, counts, statuses
from .formulas import rate_formula
from .grid import Page, Span
from .listing import header_format
from .measure import LINE, lines, longest_word, width_of

MOST_UNITS = 20  # more do not fit the page at a size that can be read
_LEFT = 1090  # pixels that the table fills where the campaign asks for few figures
_NAME_LEAST, _NAME_MOST, _NAME_AIR = 226, 310, 12
_BOLD = 10  # points: bold text of 9 takes the room of plain 10
_ROW = 19
_WIDTHS = {"status": 48, "count": 56, "rate": 54}


@dataclass(frozen=True)
class Table:
    """Where the table stands: its rows of units (the last may be the rest taken together), its columns."""

    header_row: int
    first_row: int
    last_row: int
    units: tuple[str, ...]
    rest: int
    columns: dict[str, int]


def figures(book: Book) -> list[Figure]:
    """Return the table's columns: the tree's, with the number of units counted before the coverage."""
    first, *others = statuses(book)
    counted = Figure("counted", book.say("col_counted"), "status", ("complete", "queried"))
    return [first, counted, *others, *counts(book, book.result.campaign)]


def left_widths(book: Book) -> list[int]:
    widths = [max(_WIDTHS[figure.kind], longest_word(figure.title, _BOLD)) for figure in figures(book)]
    rounds = (_round_name(book, plan) for plan in book.result.campaign.rounds)
    bold = (book.say("in_all", unit=book.unit_name(book.top)), *rounds)
    names = [width_of(book.unit_name(code)) for code in book.below_top] + [width_of(text, _BOLD) for text in bold]
    longest = max(names)
    name = max(_NAME_LEAST, min(_NAME_MOST, longest + _NAME_AIR))
    spare = max(0, _LEFT - name - sum(widths))
    share = spare // (2 * len(widths))  # half of it to the figures, half to the name
    return [name + spare - share * len(widths), *(width + share for width in widths)]


def _round_name(book: Book, plan: Round) -> str:
    return f"{plan.name} – {due_words(book, plan.deadline)}"


def children(page: Page) -> list[str]:
    """Return the units below the top, least coverage first, then most units missing, then in the tree's order."""
    value = page.tree.value

    def standing(code: str) -> tuple[float, int]:
        coverage = value(code, "coverage")
        return (2.0 if coverage is None else coverage, -(value(code, "rejected") + value(code, "missing")))

    return sorted(page.book.below_top, key=standing)


def write_level(page: Page, row: int) -> Table:
    """Write heading, header, the top's own row, then the units below it."""
    units = children(page)
    rest = len(units) - (MOST_UNITS - 1) if len(units) > MOST_UNITS else 0
    shown = units[: len(units) - rest]
    shape = figures(page.book)
    first = page.grid.left.first
    columns = {figure.field: first + 1 + place for place, figure in enumerate(shape)}
    page.heading(row, page.grid.left, page.book.say("heading_level"))
    page.height(row, 22)
    _write_header(page, row + 1, shape)
    table = Table(row + 1, row + 3, row + 2 + len(shown) + bool(rest), tuple(shown), rest, columns)
    _write_unit(page, table, row + 2, page.book.top, shape, is_top=True)
    for place, code in enumerate(shown):
        _write_unit(page, table, table.first_row + place, code, shape)
    if rest:
        _write_rest(page, table, units[-rest:], shape)
    _bar(page, table)
    return table


def _write_header(page: Page, row: int, shape: list[Figure]) -> None:
    header = header_format(page.book)
    first = page.grid.left.first
    page.sheet.write_string(row, first, page.book.say("col_unit"), header)
    for place, figure in enumerate(shape, first + 1):
        page.sheet.write_string(row, place, figure.title, header)
    page.height(row, 50)


def _format(book: Book, figure: Figure | None, *, is_top: bool, **more: Any) -> Format:
    style: dict[str, Any] = {"bottom": 4, "bottom_color": look.LINE} | more
    if is_top:
        style |= {"bold": True, "bg_color": "#EDEAE6", "bottom": 1}
    if figure is None:
        return book.format(**style)
    if figure.kind == "status":
        return book.format(num_format=f'{book.whole};-{book.whole};"–"', align="right", shrink=True, **style)
    number_format = book.rate if figure.kind == "rate" else book.whole
    return book.format(num_format=number_format, align="right", shrink=True, **style)


def _write_unit(page: Page, table: Table, row: int, code: str, shape: list[Figure], *, is_top: bool = False) -> None:
    book = page.book
    name = book.unit_name(code)
    text = book.say("in_all", unit=name) if is_top else name
    _write_name(page, row, text, _format(book, None, is_top=is_top, text_wrap=True), is_bold=is_top)
    for figure in shape:
        column = table.columns[figure.field]
        cell = _format(book, figure, is_top=is_top)
        if figure.field == "counted":
            _write_counted(page, table, row, page.tree.value(code, "complete") + page.tree.value(code, "queried"), cell)
        else:
            page.figure(row, Span(column, column), cell, code, figure.field)


def _write_name(page: Page, row: int, text: str, cell: Format, *, is_bold: bool = False) -> None:
    """Write the first cell of a row, which is as tall as the name needs."""
    page.text(row, Span(page.grid.left.first, page.grid.left.first), text, cell)
    needed = lines(text, page.grid.widths[page.grid.left.first], _BOLD if is_bold else 9)
    page.height(row, _ROW + LINE * (needed - 1))


def _write_counted(page: Page, table: Table, row: int, value: int, cell: Format) -> None:
    complete, queried = (xl_col_to_name(table.columns[name]) for name in ("complete", "queried"))
    formula = f"={complete}{row + 1}+{queried}{row + 1}"
    page.sheet.write_formula(row, table.columns["counted"], formula, cell, value)


def _write_rest(page: Page, table: Table, units: list[str], shape: list[Figure]) -> None:
    """Write what the units that found no room come to together: the top's figure less those shown."""
    row, book = table.last_row, page.book
    values = _sums(page, units, shape)
    name = book.say("other_units", units=book.number(len(units)))
    _write_name(page, row, name, _format(book, None, is_top=False, italic=True))
    for figure in shape:
        column = table.columns[figure.field]
        cell, value = _format(book, figure, is_top=False, italic=True), values[figure.field]
        if value is None:
            page.sheet.write_blank(row, column, None, cell)
            continue
        if figure.kind == "rate":
            parts = tuple(xl_col_to_name(table.columns[name]) for name in figure.part)
            formula = rate_formula(row, parts, xl_col_to_name(table.columns[figure.whole]))
        else:
            letter = xl_col_to_name(column)
            formula = f"={letter}{table.first_row}-SUM({letter}{table.first_row + 1}:{letter}{row})"
        page.sheet.write_formula(row, column, formula, cell, value)


def _sums(page: Page, units: list[str], shape: list[Figure]) -> dict[str, Any]:
    sums: dict[str, Any] = {}
    for figure in shape:
        if figure.kind == "rate":
            parts, whole = [sums.get(name, _sum(page, units, name)) for name in figure.part], sums[figure.whole]
            sums[figure.field] = sum(parts) / whole if whole and None not in parts else None
        elif figure.field == "counted":
            sums["counted"] = _sum(page, units, "complete") + _sum(page, units, "queried")
        else:
            sums[figure.field] = _sum(page, units, figure.field)
    return sums


def _sum(page: Page, units: list[str], field: str) -> Any:
    known = [value for value in (page.tree.value(code, field) for code in units) if value is not None]
    return sum(known) if known else None


def _bar(page: Page, table: Table) -> None:
    column = table.columns["coverage"]
    bar = {"type": "data_bar", "bar_solid": True, "bar_color": "#CFE3D8", "bar_no_border": True}
    limits = {"min_type": "num", "max_type": "num", "min_value": 0, "max_value": 1}
    page.sheet.conditional_format(table.first_row - 1, column, table.last_row, column, bar | limits)


def write_rounds(page: Page, row: int, table: Table) -> int:
    """Write one row a round in the table's columns; returns the first row below."""
    book, campaign = page.book, page.book.result.campaign
    page.heading(row, page.grid.left, book.say("heading_rounds"))
    page.height(row, 22)
    for place, plan in enumerate(campaign.rounds, row + 1):
        is_focus = plan.id == book.result.focus
        line: dict[str, Any] = {"bold": is_focus}
        cell = _format(book, None, is_top=False, text_wrap=True, **line)
        _write_name(page, place, _round_name(book, plan), cell, is_bold=is_focus)
        figures_of_round = book.result.round_units(plan.id).loc[book.top]
        values = dict(zip(figures_of_round.index, plain(figures_of_round), strict=True))
        values["counted"] = values["complete"] + values["queried"]
        for figure in figures(book):
            cell, value = _format(book, figure, is_top=False, **line), values[figure.field]
            if value is None:
                page.sheet.write_blank(place, table.columns[figure.field], None, cell)
            else:
                page.sheet.write_number(place, table.columns[figure.field], value, cell)
    return row + 1 + len(campaign.rounds)
