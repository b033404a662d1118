"""The tree: every unit of the round from the top to the branches, collapsible, its totals live formulas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from . import look
from .book import Book, Format, Sheet
from .cells import clean, fit, plain
from .figures import Figure, counts, further, statuses
from .formulas import Span, rate_formula, spans, total_formula
from .links import MOST_LINKS, Links, internal, links_of
from .listing import header_format
from .lists import carried
from .measure import lines, longest_word, row_height, width_of
from .pending import open_findings, places

HEADER_ROW = 4
FIRST_ROW = HEADER_ROW + 1
_DEEPEST_OUTLINE = 7  # Excel has no more levels
_ONE_PAGE = 16  # columns that can be read on one page; more are printed on two, the names on both
_OPEN_ROWS = 60  # levels below are folded when more rows than this would show
_NAME_LEAST, _NAME_MOST, _FLAG = 290, 430, 112
_LEAD = ("unit", "unit_code", "flag")
_TAIL = (("queries", 62), ("source", 260), ("level", 150), ("depth", 40))  # for the screen; not printed
_OWN_WIDTH = 100  # of grades and plan documents, whose names are the campaign's own
_BOLD = 10  # points: bold text of 9 takes the room of plain 10
_INDENT = 9  # pixels a level
_WIDTHS = {"status": 58, "count": 66, "rate": 62}


@dataclass(frozen=True)
class Tree:
    """Where things stand on the sheet of the tree.

    Attributes:
        name: the sheet's name, for formulas on other sheets.
        rows: unit_code -> row, counted from 0.
        columns: field -> column, counted from 0.
        values: field -> the round's figures in the tree's order, None where blank.
    """

    name: str
    rows: dict[str, int]
    columns: dict[str, int]
    values: dict[str, list[Any]]

    def value(self, unit_code: str, field: str) -> Any:
        """Return a unit's figure in the round shown, None where blank."""
        return self.values[field][self.rows[unit_code] - FIRST_ROW]

    def cell(self, unit_code: str, field: str) -> str:
        """Return a unit's figure as an absolute reference from another sheet."""
        sheet = self.name.replace("'", "''")
        return f"'{sheet}'!${xl_col_to_name(self.columns[field])}${self.rows[unit_code] + 1}"


def write_tree(book: Book) -> Tree:
    """Write the sheet of the tree and name the top's figures; returns where the figures stand."""
    sheet = book.add_sheet("tree", header_row=HEADER_ROW)
    book.head(sheet, "tree")
    campaign = book.result.campaign
    figures = [*statuses(book), *counts(book, campaign), *further(book, campaign)]
    units = book.result.tree.join(book.result.round_units().drop(columns=["unit_name", "level", "parent_code"]))
    placed = _placed(book, figures, units)
    named = _name_width(units["unit_name"].tolist(), units["depth"].tolist())
    _write_header(book, sheet, figures, named)
    _outline(sheet, units["unit_name"].tolist(), units["depth"].tolist(), named)
    links = links_of(book)
    _write_lead(book, sheet, units, links)
    filing = book.result.filing()
    standing = spans(units["depth"].tolist(), FIRST_ROW)
    below = [None if unit in filing else span for unit, span in zip(units.index, standing, strict=True)]
    for figure in figures:
        _write_figures(book, sheet, placed, figure, (placed.values[figure.field], units["depth"].tolist(), below))
    _write_tail(book, sheet, units, placed.columns, links)
    _finish(book, sheet, placed, len(units))
    return placed


def _placed(book: Book, figures: list[Figure], units: pd.DataFrame) -> Tree:
    columns = {name: place for place, name in enumerate(_LEAD)}
    fields = [*(figure.field for figure in figures), *(name for name, _ in _TAIL)]
    columns |= {name: place for place, name in enumerate(fields, len(_LEAD))}
    rows = {code: row for row, code in enumerate(book.result.tree.index, FIRST_ROW)}
    values = {figure.field: plain(units[figure.field]) for figure in figures}
    return Tree(book.sheet_name("tree"), rows, columns, values)


def _name_width(names: list[str], depths: list[int]) -> int:
    """Return the pixels of the column of names: some programs do not wrap a link, as the names of parents are."""
    parents = zip(names, depths, [*depths[1:], -1], strict=True)
    widths = (
        width_of(name, _BOLD if depth < 2 else 9) + _INDENT * depth
        for name, depth, following in parents
        if following > depth
    )
    return min(_NAME_MOST, max((_NAME_LEAST, *widths)))


def _write_header(book: Book, sheet: Sheet, figures: list[Figure], named: int) -> None:
    lead = zip(_LEAD, (named, book.code_width, _FLAG), strict=True)
    columns = [(book.say(f"col_{name}"), width) for name, width in lead]
    own = {*(grade.field for grade in book.result.campaign.grades), *book.result.campaign.document_fields}
    columns += [(figure.title, _OWN_WIDTH if figure.field in own else _WIDTHS[figure.kind]) for figure in figures]
    columns += [(book.say(f"col_{name}"), width) for name, width in _TAIL]
    columns = [(title, max(width, longest_word(title, _BOLD))) for title, width in columns]
    for place, (title, width) in enumerate(columns):
        sheet.set_column_pixels(place, place, width)
        sheet.write_string(HEADER_ROW, place, title, header_format(book))
    sheet.set_row_pixels(HEADER_ROW, max(50, row_height(max(lines(*column, _BOLD) for column in columns))))


def _outline(sheet: Sheet, names: list[str], depths: list[int], named: int) -> None:
    """Give each row its outline level, and fold the levels that would make the sheet long."""
    sheet.outline_settings(True, False, True, False)  # the summary stands above what it sums
    deepest = max(depths)
    shown = next(
        (d for d in range(deepest, 1, -1) if sum(depth <= d for depth in depths) <= _OPEN_ROWS), min(1, deepest)
    )
    for place, (name, depth) in enumerate(zip(names, depths, strict=True)):
        below = place + 1 < len(depths) and depths[place + 1] > depth
        options: dict[str, Any] = {"level": min(depth, _DEEPEST_OUTLINE)}
        if depth > shown:
            options["hidden"] = True
        if below and depth >= shown:
            options["collapsed"] = True
        size = _BOLD if below and depth < 2 else 9
        height = row_height(lines(name, named - _INDENT * depth, size))
        sheet.set_row_pixels(FIRST_ROW + place, height, None, options)


def row_format(book: Book, depth: int, is_parent: bool, **properties: Any) -> Format:
    """Return the format of a unit's cells: the higher it stands, the stronger it shows."""
    if not is_parent:
        return book.format(**properties)
    fill = (look.TINT, "#EDEAE6", look.PALE)[min(depth, 2)]
    return book.format(bg_color=fill, bold=depth < 2, **properties)


def _write_lead(book: Book, sheet: Sheet, units: pd.DataFrame, links: Links) -> None:
    """Write what names a unit: name, code, flag; a parent's name leads to its first child, a flag to its findings."""
    to_child, to_findings = book.say("tip_child"), book.say("tip_findings")
    depths = units["depth"].tolist()
    cells: dict[tuple[int, bool], tuple[Format, Format]] = {}
    marks: dict[tuple[str, bool, bool], tuple[str, Format]] = {}
    names, flags = units["unit_name"].tolist(), units["flag"].tolist()
    rows = zip(units.index.tolist(), names, depths, [*depths[1:], -1], flags, strict=True)
    for row, (code, name, depth, following, flag) in enumerate(rows, FIRST_ROW):
        style = (depth, following > depth)
        if style not in cells:
            indented = row_format(book, *style, indent=min(depth, 15), text_wrap=True)
            cells[style] = (indented, row_format(book, *style))
        if following > depth:
            sheet.write_url(row, 0, internal(book, "tree", row + 2), cells[style][0], clean(name), to_child)
        else:
            sheet.write_string(row, 0, clean(name), cells[style][0])
        sheet.write_string(row, 1, clean(code), cells[style][1])
        is_bold = style[1] and depth < 2
        found = links.findings.get(code)
        key = (flag, is_bold, found is not None)
        if key not in marks:
            marks[key] = book.marked(flag, bold=is_bold, underline=int(found is not None))
        text, cell = marks[key]
        if found:
            sheet.write_url(row, 2, internal(book, "findings", found), cell, text, to_findings)
        else:
            sheet.write_string(row, 2, text, cell)


def _write_figures(
    book: Book, sheet: Sheet, placed: Tree, figure: Figure, told: tuple[list[Any], list[int], list[Span | None]]
) -> None:
    """Write one column of figures: numbers at the leaves, formulas with cached values above them."""
    column = placed.columns[figure.field]
    letter, depth_letter = xl_col_to_name(column), xl_col_to_name(placed.columns["depth"])
    part = tuple(xl_col_to_name(placed.columns[name]) for name in figure.part)
    whole = xl_col_to_name(placed.columns[figure.whole]) if figure.whole else ""
    style: dict[str, Any] = {"num_format": _number_format(book, figure)}
    if figure.field == "coverage":
        style |= {"bottom": 4, "bottom_color": look.LINE}  # its bars leave no room for the sheet's rule
    cells: dict[tuple[int, bool], Format] = {}
    for row, (value, depth, below) in enumerate(zip(*told, strict=True), FIRST_ROW):
        key = (min(depth, 2), below is not None)
        if key not in cells:
            cells[key] = row_format(book, *key, **style)
        if whole and value is None and _is_unlike(placed, figure, row - FIRST_ROW):
            formula = '=""'  # a quotient would divide what is known of some units by what is known of others
        elif whole:
            formula = rate_formula(row, part, whole)
        elif below is not None:
            formula = total_formula(letter, depth_letter, below, may_be_blank=figure.kind == "count")
        elif value is None:
            continue  # an empty cell is no zero
        else:
            sheet.write_number(row, column, value, cells[key])
            continue
        sheet.write_formula(row, column, formula, cells[key], "" if value is None else value)


def _is_unlike(placed: Tree, figure: Figure, row: int) -> bool:
    """Whether a rate is unknown although both its counts are there: they are not of the same units."""
    return all(placed.values[name][row] for name in (*figure.part, figure.whole))


def _number_format(book: Book, figure: Figure) -> str:
    if figure.kind == "rate":
        return book.rate
    return f'{book.whole};-{book.whole};"–"' if figure.kind == "status" else book.whole


def _write_tail(book: Book, sheet: Sheet, units: pd.DataFrame, columns: dict[str, int], links: Links) -> None:
    """Write a unit's queries, its level, and the depth that the formulas go by."""
    result = book.result
    waiting = open_findings(result)
    asked = waiting[waiting["severity"] == "query"].groupby("unit_code").size().to_dict()
    _write_sources(book, sheet, units, columns["source"], links)
    levels = {level: book.term(level) for level in units["level"].unique()}
    depths = units["depth"].tolist()
    cells: dict[tuple[int, bool], Format] = {}
    rows = zip(units.index, depths, [*depths[1:], -1], units["level"], strict=True)
    for row, (code, depth, following, level) in enumerate(rows, FIRST_ROW):
        style = (min(depth, 2), following > depth)
        cell = cells.get(style) or cells.setdefault(style, row_format(book, *style))
        sheet.write_string(row, columns["level"], levels[level], cell)
        sheet.write_number(row, columns["depth"], depth, cell)
        if code in asked:
            sheet.write_number(row, columns["queries"], asked[code], cell)
        elif style[1]:
            sheet.write_blank(row, columns["queries"], None, cell)


def _write_sources(book: Book, sheet: Sheet, units: pd.DataFrame, column: int, links: Links) -> None:
    """Write the file that a unit's figures come from, with a link to its row on the sheet of files."""
    sources = book.result.sources[book.result.sources["round"] == book.result.focus]
    files = dict(zip(sources["unit_code"].tolist(), places(sources), strict=True))
    tip, cut = book.say("tip_file"), book.say("cut")
    free = MOST_LINKS - len(links.findings) - len(units)
    depths = units["depth"].tolist()
    cells: dict[tuple[int, bool], Format] = {}
    for row, (code, depth, following) in enumerate(zip(units.index, depths, [*depths[1:], -1], strict=True), FIRST_ROW):
        style = (min(depth, 2), following > depth)
        cell = cells.get(style) or cells.setdefault(style, row_format(book, *style))
        place = files.get(code)
        if place and place in links.files and row - FIRST_ROW < free:
            link = internal(book, "files", links.files[place])
            sheet.write_url(row, column, link, cell, fit(carried(*place), cut), tip)
        elif place:
            sheet.write_string(row, column, fit(carried(*place), cut), cell)
        elif style[1]:
            sheet.write_blank(row, column, None, cell)


def _finish(book: Book, sheet: Sheet, placed: Tree, units: int) -> None:
    last = FIRST_ROW + units - 1
    sheet.autofilter(HEADER_ROW, 0, last, max(placed.columns.values()))
    sheet.freeze_panes(FIRST_ROW, 1)
    sheet.repeat_columns(0)
    coverage = placed.columns["coverage"]
    book.rule(sheet, (FIRST_ROW, 0, last, coverage - 1))  # a bar and a line in one cell do not show everywhere
    book.rule(sheet, (FIRST_ROW, coverage + 1, last, max(placed.columns.values())))
    bar = {"type": "data_bar", "bar_solid": True, "bar_color": "#CFE3D8", "bar_border_color": "#CFE3D8"}
    limits = {"min_type": "num", "max_type": "num", "min_value": 0, "max_value": 1, "bar_no_border": True}
    sheet.conditional_format(FIRST_ROW, coverage, last, coverage, bar | limits)
    _for_print(book, sheet, last, placed.columns["queries"] - 1)
    for field in placed.values:
        book.workbook.define_name(f"{field}_total", f"={placed.cell(book.top, field)}")


def _for_print(book: Book, sheet: Sheet, last_row: int, last_column: int) -> None:
    """Print the table alone, the head in the margin of every page: lines of a sheet would break off between pages."""
    sheet.print_area(HEADER_ROW, 0, last_row, last_column)
    sheet.fit_to_pages(2 if last_column > _ONE_PAGE else 1, 0)
    title, told = (text.replace("&", "&&") for text in (book.say("title_tree"), book.as_of_line()))
    name = book.round_name().replace("&", "&&")
    font = f'&"{look.SANS},Bold"&12'
    sheet.set_header(f'&L{font}{title}&R&"{look.SANS}"&9{name} · {told}', {"margin": 0.3})
    sheet.set_margins(left=0.4, right=0.4, top=0.75, bottom=0.6)
