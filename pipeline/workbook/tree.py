"""The tree: every unit of the round from the top to the branches, collapsible, its totals live formulas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from . import look
from .book import Book, Format, Sheet
from .cells import alike, clean, fit, plain, values_of
from .figures import Figure, counts, further, statuses
from .formulas import spans
from .links import Links, address, links_of, listed_at
from .listing import MOST_ROWS, header_format
from .lists import carried
from .measure import lines, longest_word, row_height, width_of
from .pending import places
from .rows import MOST_LINKS, Part
from .tree_figures import write_figures
from .tree_places import FIRST_ROW, HEADER_ROW, Style, Tree, row_format

__all__ = ["FIRST_ROW", "HEADER_ROW", "Tree", "deepest_shown", "write_tree"]

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


def write_tree(book: Book) -> Tree:
    """Write the sheet of the tree and name the top's figures; returns where the figures stand."""
    sheet = book.add_sheet("tree", header_row=HEADER_ROW)
    book.head(sheet, "tree")
    campaign = book.result.campaign
    figures = [*statuses(book), *counts(book, campaign), *further(book, campaign)]
    units = book.result.tree.join(book.result.round_units().drop(columns=["unit_name", "level", "parent_code"]))
    placed = _placed(book, figures, units)
    every = len(units)
    units = units if len(placed.rows) == every else units.loc[list(placed.rows)]
    sheet.in_parts(FIRST_ROW, len(units))
    names, depths = values_of(units["unit_name"]), units["depth"].tolist()
    named = _name_width(names, depths)
    _write_header(book, sheet, figures, named)
    _outline(sheet, names, depths, named)
    links = links_of(book)
    _write_lead(book, sheet, units, placed, links)
    standing = spans(units["depth"].tolist(), FIRST_ROW)
    below = [None if unit in book.filing else span for unit, span in zip(placed.rows, standing, strict=True)]
    looks = alike((min(depth, 2), span is not None) for (depth, _), span in zip(placed.styles, below, strict=True))
    for figure in figures:
        write_figures(book, sheet, placed, figure, (looks, below))
    _write_tail(book, sheet, units, placed, links)
    _finish(book, sheet, placed, len(units))
    if every > len(units):
        note = book.say("rest_in_csv", rows=book.number(every - len(units)))
        sheet.write_string(FIRST_ROW + len(units), 0, note, book.format(bold=True, font_color=look.RED))
    return placed


def _placed(book: Book, figures: list[Figure], units: pd.DataFrame) -> Tree:
    columns = {name: place for place, name in enumerate(_LEAD)}
    fields = [*(figure.field for figure in figures), *(name for name, _ in _TAIL)]
    columns |= {name: place for place, name in enumerate(fields, len(_LEAD))}
    codes, depths = units.index.tolist(), units["depth"].tolist()
    deepest = deepest_shown(depths)
    shown = [(code, depth) for code, depth in zip(codes, depths, strict=True) if depth <= deepest]
    rows = {code: row for row, (code, _) in enumerate(shown, FIRST_ROW)}
    following = [*(depth for _, depth in shown[1:]), -1]
    styles = alike((depth, below > depth) for (_, depth), below in zip(shown, following, strict=True))
    values = {figure.field: plain(units[figure.field]) for figure in figures}
    places = {code: place for place, code in enumerate(codes)}
    return Tree(book.sheet_name("tree"), rows, columns, values, places, styles)


def deepest_shown(depths: Sequence[int]) -> int:
    """Return the deepest level that a sheet has room for: units below it stand in units.csv alone."""
    at, total = Counter(depths), 0
    for depth in sorted(at):
        total += at[depth]
        if total > MOST_ROWS:
            return max(1, depth - 1)
    return max(at)


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
    outlines, heights = [], []
    for name, depth, following in zip(names, depths, [*depths[1:], -1], strict=True):
        below = following > depth
        hidden = ' hidden="1"' if depth > shown else ""
        level = f' outlineLevel="{min(depth, _DEEPEST_OUTLINE)}"' if depth else ""
        outlines.append(f"{hidden}{level}" + (' collapsed="1"' if below and depth >= shown else ""))
        size = _BOLD if below and depth < 2 else 9
        heights.append(row_height(lines(name, named - _INDENT * depth, size)))
    sheet.outline_row_level = min(deepest, _DEEPEST_OUTLINE)
    outline = alike(outlines)
    sheet.add_columns(0, lambda part: part.shape(heights[part.rows], outline[part.rows]))


def _write_lead(book: Book, sheet: Sheet, units: pd.DataFrame, placed: Tree, links: Links) -> None:
    """Write what names a unit: name, code, flag; a parent's name leads to its first child, a flag to its findings."""
    to_child, to_findings = book.say("tip_child"), book.say("tip_findings")
    names, codes = ([clean(text) for text in texts] for texts in (values_of(units["unit_name"]), units.index.tolist()))
    cells: dict[Style, tuple[Format, Format]] = {}
    for style in dict.fromkeys(placed.styles):
        indented = row_format(book, *style, indent=min(style[0], 15), text_wrap=True)
        cells[style] = (indented, row_format(book, *style))
    found = [links.findings.get(code) for code in units.index.tolist()]
    keys = alike(
        (flag, is_parent and depth < 2, finding is not None)
        for flag, (depth, is_parent), finding in zip(values_of(units["flag"]), placed.styles, found, strict=True)
    )
    marks = {key: book.marked(key[0], bold=key[1], underline=int(key[2])) for key in dict.fromkeys(keys)}

    def write(part: Part) -> None:
        rows = part.rows
        part.texts(0, names[rows], [cells[style][0] for style in placed.styles[rows]])
        part.texts(1, codes[rows], [cells[style][1] for style in placed.styles[rows]])
        part.texts(2, [marks[key][0] for key in keys[rows]], [marks[key][1] for key in keys[rows]])
        told = zip(placed.styles[rows], found[rows], keys[rows], strict=True)
        for place, ((_, is_parent), finding, key) in enumerate(told):
            if is_parent:
                row = rows.start + place
                part.link(place, 0, address(book, "tree", FIRST_ROW + row + 1), to_child, names[row])
            if finding is not None:
                part.link(place, 2, listed_at(book, "findings", finding), to_findings, marks[key][0])

    sheet.add_columns(len(_LEAD) - 1, write)


def _write_tail(book: Book, sheet: Sheet, units: pd.DataFrame, placed: Tree, links: Links) -> None:
    """Write a unit's queries, its level, and the depth that the formulas go by."""
    waiting = book.open_findings
    asked = waiting[waiting["severity"] == "query"].groupby("unit_code").size().to_dict()
    queries = [asked.get(code) for code in units.index.tolist()]
    words = {level: book.term(level) for level in units["level"].unique()}
    levels, depths = [words[level] for level in values_of(units["level"])], units["depth"].tolist()
    keys = alike((min(depth, 2), is_parent) for depth, is_parent in placed.styles)
    cells = {key: row_format(book, *key) for key in dict.fromkeys(keys)}
    is_parent = [key[1] for key in keys]
    sources, locations = _sources(book, units, links)
    tip, place_of = book.say("tip_file"), placed.columns

    def write(part: Part) -> None:
        rows = part.rows
        formats = [cells[key] for key in keys[rows]]
        part.figures(place_of["queries"], queries[rows], formats)
        part.blanks(place_of["queries"], is_parent[rows], formats)
        part.texts(place_of["source"], sources[rows], formats)
        part.blanks(place_of["source"], is_parent[rows], formats)
        for place, (text, location) in enumerate(zip(sources[rows], locations[rows], strict=True)):
            if location:
                part.link(place, place_of["source"], location, tip, text)
        part.texts(place_of["level"], levels[rows], formats)
        part.figures(place_of["depth"], depths[rows], formats)

    sheet.add_columns(max(placed.columns.values()), write)


def _sources(book: Book, units: pd.DataFrame, links: Links) -> tuple[list[str], list[str]]:
    """Return the files that the units' figures come from, and their rows on the sheet of files, "" for no link."""
    sources = book.result.sources[book.result.sources["round"] == book.result.focus]
    files = dict(zip(values_of(sources["unit_code"]), places(sources), strict=True))
    cut, free = book.say("cut"), MOST_LINKS - len(links.findings) - len(units)
    texts: list[str] = []
    locations: list[str] = []
    for row, code in enumerate(units.index.tolist()):
        place = files.get(code)
        row_of_file = links.files.get(place) if place and row < free else None
        locations.append(listed_at(book, "files", row_of_file) if row_of_file is not None else "")
        texts.append(fit(carried(*place), cut) if place else "")
    return texts, locations


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
