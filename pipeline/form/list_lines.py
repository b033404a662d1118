"""A row below a list's header -> what it is: a branch's line, a section's or a sum's, or nothing of the list."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
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
_ROMANS: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV")
_LETTERS: Final = "ABCDĐEGHKLMN"  # as Vietnamese counts with them


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
        is_apart: whether it stands outside of the section before it.
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
    is_apart: bool = False


def lines_of(sheet: Sheet, header: Header, end: int) -> list[Line]:
    """Return the lines below a header, as far as the signatures or row `end`."""
    parents, joint = _parents(sheet, header, end), _joint(sheet, header)
    found: list[Line] = []
    for row in range(header.last + 1, end):
        if not sheet.filled[row] or is_numbering(sheet, row) or _is_of_the_line_above(sheet, header, row):
            continue
        is_below_sum = any(line.kind == "sum" for line in found)
        line = _line(sheet, header, row, parents.get(row, ""), is_below_sum=is_below_sum)
        is_foot = found and any(sheet.index.phrases.is_signature(text) for _, text in sheet.texts(row))
        if is_foot and (line is None or not line.kind):
            break
        if line is not None:
            found.append(_without_joint(line, joint.get(row, ())))
    return _with_sums(_with_sections(found, sheet), sheet)


def _line(sheet: Sheet, header: Header, row: int, parent: str, *, is_below_sum: bool) -> Line | None:
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
    elif has_figures or (is_named and has_answers) or (not is_below_sum and _has_words(sheet, header, row, cells)):
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


def _joint(sheet: Sheet, header: Header) -> dict[int, list[Note]]:
    """Return row -> a note for each count there that is merged over the line of another unit: whose is it?"""
    names = header.columns.get("unit_name", header.columns.get("unit_code"))
    fields = {c: field for field, c in header.columns.items() if sheet.index.kinds[field] == "count"}
    found: dict[int, list[Note]] = {}
    for (row, column), (last, _) in sheet.grid.merged if names is not None else ():
        field, below = fields.get(column, ""), range(row + 1, min(last + 1, len(sheet.rows)))
        if field and row > header.last and column in sheet.filled[row] and any(names in sheet.filled[r] for r in below):
            cell = sheet.cell(row, column)
            title = ("label", dict(sheet.index.spec.titles).get(field, field))
            detail = (title, ("area", f"{cell.cell}:{a1(last, column)}"))
            note = Note("count_joint", field, sheet.grid.name, cell.cell, shown(cell.value), detail, row + 1)
            found.setdefault(row, []).append(note)
    return found


def _without_joint(line: Line, joint: Sequence[Note]) -> Line:
    blank = {note.field: RawCell(None, note.cell) for note in joint}
    return replace(line, cells=line.cells | blank, notes=(*line.notes, *joint)) if joint else line


def _is_of_the_line_above(sheet: Sheet, header: Header, row: int) -> bool:
    """Whether a row without a number only says more of the line above it: "Tỷ lệ (%)", "Trong đó: nữ", "Kế hoạch"."""
    label = sheet.labels.get((row, header.columns.get("unit_name", -1)))
    if label is None or label.field not in ("share", "measure"):
        return False
    return not any(header.columns.get(field) in sheet.filled[row] for field in ("serial", "unit_code"))


def _has_words(sheet: Sheet, header: Header, row: int, cells: Mapping[str, RawCell]) -> bool:
    """Whether a row names something in the column of units and says in words what a count should ("chưa học")."""
    column = header.columns.get("unit_name")
    if column is None or column not in sheet.filled[row] or (row, column) in sheet.labels:
        return False
    texts = [text for _, text in sheet.texts(row)]
    if any(sheet.index.phrases.is_signature(text) or text.rstrip().endswith(":") for text in texts):
        return False
    said = [cell.value for field, cell in cells.items() if sheet.index.kinds[field] == "count"]
    return any(isinstance(value, str) and label_key(value) and len(value) <= _MAX_ANSWER for value in said)


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


def _with_sections(lines: list[Line], sheet: Sheet) -> list[Line]:
    """Take marked lines (I, II, A, B) for sections only where other lines are the units, and never a branch.

    A line that only names an organisation is a section too, where what is below it says so (`_heads_lines`). A line
    marked as the section before it is, but one further, stands outside of that.
    """
    has_units = any(line.kind == "unit" for line in lines) or _has_marked_branches(lines)
    is_numbered = any(line.is_numbered for line in lines)
    found: list[Line] = []
    mark = None  # of the section that the lines stand in
    for place, line in enumerate(lines):
        if line.kind == "section" and (_is_branch(line) or not has_units):
            line = replace(line, kind="unit" if line.has_figures else "empty")
        elif line.kind in ("unit", "empty", "") and _is_above_branches(line):
            below = _until(lines[place + 1 :], lambda other: other.kind == "section" or _is_above_branches(other))
            if below and _heads_lines(line, below, sheet, is_numbered=is_numbered):
                line = replace(line, kind="section")
        if line.kind == "section":
            mark = _mark_of(line) if is_org_name(line.name) else None
        elif _is_next(_mark_of(line), mark):
            line, mark = replace(line, is_apart=True), None
        found.append(line)
    return [line for line in found if line.kind]


def _has_marked_branches(lines: Sequence[Line]) -> bool:
    """Whether branches are marked (I, II) below organisations that are marked in another way (A, B)."""
    mark = None
    for line in lines:
        if line.kind == "section" and not _is_branch(line):
            mark = _mark_of(line) if is_org_name(line.name) else None
        elif line.kind == "section" and mark and (own := _mark_of(line)) and own[0] != mark[0]:
            return True
    return False


def _mark_of(line: Line) -> tuple[str, int] | None:
    """Return of what kind the mark of a line is, and its number; None where it has none."""
    mark = line.serial.strip(" .)/-").upper()
    if line.is_numbered:
        above, _, last = mark.rpartition(".")
        return f"{above.count('.')}{bool(above)}", int(last)
    if mark in _ROMANS:
        return "roman", _ROMANS.index(mark)
    return ("letter", _LETTERS.index(mark)) if len(mark) == 1 and mark in _LETTERS else None


def _is_next(own: tuple[str, int] | None, mark: tuple[str, int] | None) -> bool:
    return own is not None and mark is not None and own[0] == mark[0] and own[1] > mark[1]


def _is_branch(line: Line) -> bool:
    return label_key(line.name).startswith("chi bộ ")


def _is_above_branches(line: Line) -> bool:
    return not line.code and is_org_name(line.name) and not _is_branch(line)


def _heads_lines(line: Line, below: Sequence[Line], sheet: Sheet, *, is_numbered: bool) -> bool:
    """Whether a line of an organisation is the heading of those below it, rather than one of them.

    It is where their numbers begin anew ("1 Đảng bộ xã A", "1.1 …"); where they are numbered and it is not, also if
    their numbers go on; and in a list without numbers where a branch follows, and its own figures are their sum.
    """
    if below[0].serial.strip(" .") == (f"{line.serial.strip(' .')}.1" if line.is_numbered else "1"):
        return True
    if line.is_numbered or (is_numbered and not below[0].is_numbered):
        return False
    if is_numbered:
        return True
    units = [other.cells for other in below if other.kind == "unit"]
    return _is_branch(below[0]) and (not line.has_figures or _is_sum(sheet, line.cells, units))


def _with_sums(lines: list[Line], sheet: Sheet) -> list[Line]:
    """Recognise sums by their figures: of a section, and a last line that says nothing else."""
    found = list(lines)
    for place, line in enumerate(lines):
        if line.kind == "section" and line.has_figures and not is_org_name(line.name):
            below = _until(lines[place + 1 :], lambda other: other.kind in ("section", "part", "sum"))
            is_sum = _is_sum(sheet, line.cells, [other.cells for other in below])
            found[place] = replace(line, kind="section" if is_sum else "unit")
    last = found[-1] if found else None
    if last is not None and last.kind == "unit" and not (last.code or last.name or last.is_numbered):
        units = [line.cells for line in found[:-1] if line.kind == "unit"]
        if len(units) > 1 and _is_sum(sheet, last.cells, units):
            found[-1] = replace(last, kind="sum")
    return found


def _until(lines: Sequence[Line], is_end: Callable[[Line], bool]) -> list[Line]:
    return list(takewhile(lambda line: not is_end(line), lines))


def _is_sum(sheet: Sheet, said: Mapping[str, RawCell], cells: Sequence[Mapping[str, RawCell]]) -> bool:
    """Whether every number of a line is the sum of the numbers of other lines."""
    number = sheet.index.phrases.number
    counts = {field: number(cell.value) for field, cell in said.items() if sheet.index.kinds[field] == "count"}
    sums = {field: sum(number(line[field].value) or 0 for line in cells) for field in counts}
    return bool(cells) and all(count is None or count == sums[field] for field, count in counts.items())
