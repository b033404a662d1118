"""A row below a list's header -> what it is: a branch's line, a section's or a sum's, or nothing of the list."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Final

from schemas.layout import HEAD_FIELDS
from schemas.records import Note, RawCell
from schemas.vietnamese import repair

from .answers import shown
from .heads import is_org_name, repairs
from .keys import label_key
from .list_header import Header, is_numbering
from .phrases import without_bullet
from .sheet import Sheet, a1, is_blank

_MARK = re.compile(r"\s*(?:[IVX]{1,5}|[A-ZĐ])\s*[.)/-]?\s*")  # of a section, in the column of serials
_MARKED = re.compile(r"\s*(?:[IVX]{1,5}|[A-ZĐ])\s*[.)/-]\s+(?=[^\W\d])")  # in front of its name
_SERIAL = re.compile(r"\s*\d{1,4}(?:\.\d{1,4})*\s*[.)]?\s*")
_MAX_ANSWER: Final = 40  # characters of a count


@dataclass(frozen=True, slots=True)
class Line:
    """A row below a list's header.

    Attributes:
        row: 0-based.
        cells: of the items, by field.
        code: of the unit, "" where none is given.
        code_cell: its address.
        name: of the unit, or of a section or sum.
        name_cell: its address.
        parent: of the unit, as a column of its own names it.
        kind: "unit", "section", "sum" (of the list), "part" (the sum of a part of it) or "empty".
        serial: as it stands in the column of serials.
        is_numbered: whether that is a number.
        has_figures: whether any count is a number or shows a fault.
        notes: what had to be mended of its code and name.
    """

    row: int
    cells: dict[str, RawCell]
    code: str
    code_cell: str
    name: str
    name_cell: str
    parent: str
    kind: str
    serial: str
    is_numbered: bool
    has_figures: bool
    notes: tuple[Note, ...] = ()


def lines_of(sheet: Sheet, header: Header, end: int) -> list[Line]:
    """Return the lines below a header, as far as the signatures or row `end`."""
    parents = _parents(sheet, header, end)
    found: list[Line] = []
    for row in range(header.last + 1, end):
        if not sheet.filled[row] or is_numbering(sheet, row):
            continue
        line = _line(sheet, header, row, parents.get(row, ""))
        is_foot = found and any(sheet.index.phrases.is_signature(text) for _, text in sheet.texts(row))
        if is_foot and (line is None or not line.kind):
            break
        if line is not None:
            found.append(line)
    return _with_sums(_with_sections(found), sheet)


def _line(sheet: Sheet, header: Header, row: int, parent: str) -> Line | None:
    filled = set(sheet.filled[row])
    at = {
        field: sheet.cell(row, c) if c in filled else RawCell(None, a1(row, c)) for field, c in header.columns.items()
    }
    cells = {field: cell for field, cell in at.items() if field not in HEAD_FIELDS or field == "round"}
    code, name, serial = (at.get(field) for field in ("unit_code", "unit_name", "serial"))
    code_text, serial_text = _text(code), _text(serial)
    first_item = min(header.columns[field] for field in cells if field != "round")
    titles = [repair(text)[0] for c, text in sheet.texts(row) if c < first_item]
    written = _text(name) or next((text for text in titles if len(label_key(text).split()) > 1), "")
    rank = max(map(sheet.index.phrases.total_rank, titles), default=0)
    has_figures = any(_is_figure(sheet, field, cell) for field, cell in cells.items())
    is_numbered = bool(_SERIAL.fullmatch(serial_text))
    is_marked = bool(_MARK.fullmatch(serial_text)) or (not is_numbered and bool(_MARKED.match(written)))
    is_named = bool(code_text) or (bool(written) and (is_numbered or is_org_name(without_bullet(written))))
    has_answers = any(not is_blank(cell) for cell in cells.values())
    if rank:
        kind = ("part", "sum")[rank - 1] if has_figures else ""
    elif is_marked and written:
        kind = "section"
    elif has_figures or (is_named and has_answers):
        kind = "unit"
    else:
        kind = "empty" if is_named and (is_numbered or code_text or "serial" not in header.columns) else ""
    if not kind and not is_org_name(written):
        return None
    place = name if name is not None and _text(name) else code
    heads = (("unit_code", code), ("unit_name", name))
    grid, spec = sheet.grid, sheet.index.spec
    notes = [note for field, cell in heads if cell for note in repairs(grid, spec, field, cell.cell, cell.value)]
    return Line(
        row, cells, code_text, code.cell if code and code_text else "", without_bullet(written),
        place.cell if place else a1(row, sheet.filled[row][0]), parent, kind, serial_text, is_numbered, has_figures,
        tuple(replace(note, row=row + 1) for note in notes),
    )  # fmt: skip


def _text(cell: RawCell | None) -> str:
    return "" if cell is None or cell.value is None else repair(shown(cell.value))[0].strip()


def _is_figure(sheet: Sheet, field: str, cell: RawCell) -> bool:
    """Whether a cell of a count is a number, even one that cannot be right, or shows a fault."""
    if sheet.index.kinds[field] != "count":
        return False
    value = cell.value
    if isinstance(value, str):
        return len(value) <= _MAX_ANSWER and sheet.index.phrases.number(value) is not None
    return bool(cell.problem) or (isinstance(value, int | float) and not isinstance(value, bool))


def _parents(sheet: Sheet, header: Header, end: int) -> dict[int, str]:
    """Return what the column of parents says of each row; a merged cell speaks for all its rows."""
    column = header.columns.get("parent_name")
    if column is None:
        return {}
    found: dict[int, str] = {}
    for row in range(header.last + 1, end):
        text = _text(sheet.cell(row, column)) if column in sheet.filled[row] else ""
        if text:
            named = text if is_org_name(text) else f"đảng bộ {text}"
            found |= dict.fromkeys(range(row, sheet.merged_to((row, column))[0] + 1), named)
    return found


def _with_sections(lines: list[Line]) -> list[Line]:
    """Take marked lines (I, II, A, B) for sections only where other lines are the units, and never a branch.

    A line of an organisation is a section too where the numbers below it begin anew ("1 Đảng bộ xã A", "1.1 …").
    """
    has_units = any(line.kind == "unit" for line in lines)
    found = []
    for line, below in zip_longest(lines, lines[1:]):
        is_branch = label_key(line.name).startswith("chi bộ ")
        first = f"{line.serial.strip(' .')}.1" if line.serial else "1"
        begins_anew = below is not None and below.serial.strip(" .") == first
        if line.kind == "section" and (is_branch or not has_units):
            line = replace(line, kind="unit" if line.has_figures else "empty")
        elif line.kind in ("unit", "empty", "") and begins_anew and is_org_name(line.name) and not is_branch:
            line = replace(line, kind="section")
        found.append(line)
    return [line for line in found if line.kind]


def _with_sums(lines: list[Line], sheet: Sheet) -> list[Line]:
    """Recognise sums by their figures: of a section, and a last line that says nothing else."""
    found = list(lines)
    for place, line in enumerate(lines):
        if line.kind == "section" and line.has_figures and not is_org_name(line.name):
            below = _until_next(lines[place + 1 :])
            is_sum = _is_sum(sheet, line.cells, [other.cells for other in below])
            found[place] = replace(line, kind="section" if is_sum else "unit")
    last = found[-1] if found else None
    if last is not None and last.kind == "unit" and not (last.code or last.name or last.is_numbered):
        units = [line.cells for line in found[:-1] if line.kind == "unit"]
        if len(units) > 1 and _is_sum(sheet, last.cells, units):
            found[-1] = replace(last, kind="sum")
    return found


def _until_next(lines: Sequence[Line]) -> list[Line]:
    below = []
    for line in lines:
        if line.kind in ("section", "part", "sum"):
            break
        below.append(line)
    return below


def _is_sum(sheet: Sheet, said: Mapping[str, RawCell], cells: Sequence[Mapping[str, RawCell]]) -> bool:
    """Whether every number of a line is the sum of the numbers of other lines."""
    number = sheet.index.phrases.number
    counts = {field: number(cell.value) for field, cell in said.items() if sheet.index.kinds[field] == "count"}
    sums = {field: sum(number(line[field].value) or 0 for line in cells) for field in counts}
    return bool(cells) and all(count is None or count == sums[field] for field, count in counts.items())
