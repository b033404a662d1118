"""The list layout: one sheet with many branches as rows, as a commune's office sends for its branches."""

from __future__ import annotations

import re
from typing import NamedTuple

from schemas.layout import HEAD_FIELDS, TEXT_FIELDS
from schemas.records import Grid, Note, RawCell, RawTally
from schemas.vietnamese import repair

from .labels import Label, LabelIndex, label_key
from .sheet import Place, a1, cell_at, is_blank, org_lines, round_in_text

_COLUMN_NUMBER = re.compile(r"^\(?\s*[0-9A-Za-z]{1,2}\s*(?:=.*)?\)?$")


class Header(NamedTuple):
    """The header of a list: its rows, and the column of each field."""

    first: int
    last: int
    columns: dict[str, int]


def find_header(grid: Grid, labels: dict[Place, Label]) -> Header | None:
    """Return the header of a list: a row that bears several items' labels and no number."""
    by_row: dict[int, dict[str, int]] = {}
    for (r, c), label in labels.items():
        if not label.inline:
            by_row.setdefault(r, {}).setdefault(label.field, c)
    for r, fields in by_row.items():
        items = set(fields) - HEAD_FIELDS
        below = by_row.get(r + 1, {}) if not _has_number(grid, r + 1) else {}
        both = items | (set(below) - HEAD_FIELDS)
        if "members" in both and len(both) >= 3 and len(items) >= 2 and not _has_number(grid, r):
            columns = dict(fields)
            for field, c in below.items():  # a second header row says more exactly what a column holds
                columns = {known: column for known, column in columns.items() if column != c or known == field}
                columns.setdefault(field, c)
            if "unit_name" in columns or "unit_code" in columns:
                return Header(r, r + 1 if below else r, columns)
    return None


def _has_number(grid: Grid, row: int) -> bool:
    if row >= len(grid.rows):
        return False
    return any(isinstance(value, int | float) and not isinstance(value, bool) for value in grid.rows[row])


def list_tallies(grid: Grid, header: Header, labels: dict[Place, Label], index: LabelIndex) -> list[RawTally]:
    """Return one tally a line of a list, its own sum line included as layout "total"."""
    lines = org_lines(grid, 0, header.first)
    round_text, round_cell = round_in_text(grid, 0, header.first)
    named = {label.field: cell for place, label in labels.items() if (cell := _head_cell(grid, place, label, header))}
    if not round_text and "round" in named:
        round_text, round_cell = str(named["round"].value), named["round"].cell
    names = tuple(text for text, _ in lines)
    tallies = []
    for r in range(header.last + 1, len(grid.rows)):
        tally = _line(grid, r, header, index, names)
        if tally is not None:
            tallies.append((tally, round_text, round_cell))
    return [_with_round(tally, text, cell) for tally, text, cell in tallies]


def _head_cell(grid: Grid, place: Place, label: Label, header: Header) -> RawCell | None:
    if label.field != "round" or place[0] >= header.first:
        return None
    if label.inline:
        return RawCell(label.inline, a1(*place))
    row = grid.rows[place[0]]
    return next((cell for c in range(place[1] + 1, len(row)) if (cell := cell_at(grid, place[0], c))), None)


def _with_round(tally: RawTally, text: str, cell: str) -> RawTally:
    if "round" in tally.cells:
        own = tally.cells.pop("round")
        if not is_blank(own):
            text, cell = _text(own), own.cell
    return RawTally(
        layout=tally.layout, sheet=tally.sheet, row=tally.row, cells=tally.cells, org_names=tally.org_names,
        unit_code=tally.unit_code, unit_code_cell=tally.unit_code_cell, unit_name=tally.unit_name,
        unit_cell=tally.unit_cell, round_text=text, round_cell=cell, notes=tally.notes,
    )  # fmt: skip


def _text(cell: RawCell | None) -> str:
    if cell is None or cell.value is None:
        return ""
    value = cell.value
    return repair(str(int(value) if isinstance(value, float) and value.is_integer() else value))[0].strip()


def _line(grid: Grid, r: int, header: Header, index: LabelIndex, names: tuple[str, ...]) -> RawTally | None:
    row = grid.rows[r]
    cells: dict[str, RawCell] = {}
    for field, c in header.columns.items():
        cells[field] = (cell_at(grid, r, c) if c < len(row) else None) or RawCell(None, a1(r, c))
    code, name = cells.pop("unit_code", None), cells.pop("unit_name", None)
    serial = cells.pop("serial", None)
    cells.pop("remark", None), cells.pop("parent_name", None)
    numbered = [cell for field, cell in cells.items() if field not in TEXT_FIELDS and not is_blank(cell)]
    total = next((text for cell in (name, serial, code) if (text := _text(cell)) and _is_total(text, index)), "")
    if not numbered or (not total and _is_numbering(row)):
        return _empty_line(grid, r, code, name)
    unit_cell = name or code
    if total:
        return RawTally(
            "total", grid.name, r + 1, cells, names[:-1], unit_name=names[-1] if names else "",
            unit_cell=unit_cell.cell if unit_cell else "",
        )  # fmt: skip
    return RawTally(
        "list", grid.name, r + 1, cells, names,
        unit_code=_text(code), unit_code_cell=code.cell if code and _text(code) else "",
        unit_name=_text(name), unit_cell=unit_cell.cell if unit_cell else a1(r, 0),
    )  # fmt: skip


def _empty_line(grid: Grid, r: int, code: RawCell | None, name: RawCell | None) -> RawTally | None:
    """A line that names a unit but has no figure: the branch has not reported, which is no fault of the list."""
    text = _text(name)
    if _text(code) or label_key(text).startswith(("chi bộ", "đảng bộ", "cb ", "đb ")):
        note = Note(
            "list_row_empty", sheet=grid.name, cell=name.cell if name else a1(r, 0), value=str(r + 1), row=r + 1
        )
        return RawTally("empty", grid.name, r + 1, {}, notes=(note,), unit_name=text)
    return None


def _is_total(text: str, index: LabelIndex) -> bool:
    key = label_key(text)
    return any(key == total or key.startswith(total + " ") for total in index.totals)


def _is_numbering(row: list[object]) -> bool:
    """Whether a row only numbers the columns: (1) (2) (3) or A B 1 2."""
    shown = [v for v in row if v not in ("", None)]
    numbers = [int(v) for v in shown if isinstance(v, int | float) and not isinstance(v, bool)]
    if any(isinstance(v, str) and not _COLUMN_NUMBER.match(v) for v in shown):
        return False
    return numbers == list(range(numbers[0], numbers[0] + len(numbers))) and numbers[0] <= 3 if numbers else True
