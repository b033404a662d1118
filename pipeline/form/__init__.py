"""Grid -> the tally's raw cells, found by their labels and never by fixed positions.

Two layouts: a **form** (one item a row, the answer to the right of its label) and a **list** (one
header row of labels, one branch a line). A shifted row or column, a renamed sheet, merged label
cells and text around do not matter; each value keeps its sheet and cell.
"""

from __future__ import annotations

import re
from typing import Final

from schemas.layout import HEAD_FIELDS, FormSpec
from schemas.records import Grid, Note, RawCell, RawTally
from schemas.vietnamese import repair

from .branch_list import find_header, list_tallies
from .labels import Label, LabelIndex, label_index, label_key
from .sheet import Place, a1, cell_at, is_blank, is_org_word, org_lines, round_in_text

_UNITS_OF_COUNT: Final = frozenset({"người", "đ/c", "đồng chí", "đảng viên", "đv", "đ c", "bài", "%"})
_SIGN_OFF = re.compile(r"^\s*(?:t\s*/\s*m\b|tm\b|bí thư|phó bí thư|nơi nhận|người lập|xác nhận|\(?ký)", re.IGNORECASE)
_DOTS = re.compile(r"^[\s.…_\-–—]*$")
_MIN_ITEMS: Final = 2
_NAMES: Final = ("unit_name", "parent_name")


def find_tallies(grid: Grid, spec: FormSpec) -> tuple[list[RawTally], list[Note]]:
    """Find every tally on a sheet.

    Returns:
        The tallies, and notes about the sheet itself (labels that do not make up a form).
    """
    index = label_index(spec)
    labels = _labels(grid, index)
    header = find_header(grid, labels)
    if header is not None:
        return list_tallies(grid, header, labels, index), []
    items = {place: label for place, label in labels.items() if label.field not in HEAD_FIELDS}
    if len({label.field for label in items.values()}) < _MIN_ITEMS:
        return [], []
    return [_form(grid, labels, spec, index, *span) for span in _spans(items, len(grid.rows))], []


def _labels(grid: Grid, index: LabelIndex) -> dict[Place, Label]:
    found: dict[Place, Label] = {}
    for r, row in enumerate(grid.rows):
        for c, value in enumerate(row):
            if value.__class__ is str and value:
                label = index.match(value)
                if label is not None:
                    found[r, c] = label
    return found


def _spans(items: dict[Place, Label], height: int) -> list[tuple[int, int]]:
    """Cut a sheet that bears several forms below one another into their rows (first, behind the last)."""
    starts = [place[0] for place, label in items.items() if label.field == "members"]
    cuts = [0]
    for start in starts[1:]:
        above = [place[0] for place in items if place[0] < start]
        if above and len({items[p].field for p in items if cuts[-1] <= p[0] < start}) >= _MIN_ITEMS:
            cuts.append(max(above) + 1)
    return list(zip(cuts, [*cuts[1:], height], strict=True))


def _form(grid: Grid, labels: dict[Place, Label], spec: FormSpec, index: LabelIndex, first: int, end: int) -> RawTally:
    here = {
        place: label
        for place, label in labels.items()
        if first <= place[0] < end and not (label.field in _NAMES and is_org_word(str(grid.rows[place[0]][place[1]])))
    }
    item_places = [place for place, label in here.items() if label.field not in HEAD_FIELDS]
    head_end = min(row for row, _ in item_places)
    cells: dict[str, RawCell] = {}
    notes: list[Note] = []
    blank: list[tuple[str, Place]] = []
    for place, label in here.items():
        kind = spec.kind(label.field)
        if kind == "text":
            found = _text_answer(grid, here, place, label, index, end)
        else:
            found, doubt = _answer(grid, here, place, label, is_count=kind == "count")
            notes += doubt
        if found is not None and (label.field not in cells or is_blank(cells[label.field])):
            cells[label.field] = found
        elif found is None and label.field not in cells:
            blank.append((label.field, place))
    column = _answer_column(grid, cells, here)
    for name, place in blank:
        cells.setdefault(name, RawCell(None, a1(place[0], max(column, place[1]))))
    captions = {place for place, label in here.items() if label.field in _NAMES}
    return _with_head(grid, cells, tuple(notes), org_lines(grid, first, head_end, captions), (first, head_end))


def _with_head(
    grid: Grid,
    cells: dict[str, RawCell],
    notes: tuple[Note, ...],
    lines: list[tuple[str, str]],
    head: tuple[int, int],
) -> RawTally:
    named, parent = _plain(cells.pop("unit_name", None)), _plain(cells.pop("parent_name", None))
    code = cells.pop("unit_code", None)
    round_cell = cells.pop("round", None)
    cells.pop("serial", None), cells.pop("remark", None)
    round_text, round_place = _plain(round_cell), round_cell.cell if round_cell and not is_blank(round_cell) else ""
    if not round_text:
        round_text, round_place = round_in_text(grid, *head)
    unit_cell = ""
    if named:
        lines = [line for line in lines if label_key(line[0]) != label_key(named)]
    elif lines:
        named, unit_cell = lines.pop()
    orgs = [text for text, _ in lines]
    if parent and label_key(parent) not in map(label_key, orgs):
        orgs.append(parent)
    return RawTally(
        layout="form", sheet=grid.name, row=0, cells=cells, org_names=tuple(orgs),
        unit_code=_plain(code), unit_code_cell=code.cell if code and not is_blank(code) else "",
        unit_name=named, unit_cell=unit_cell, round_text=round_text, round_cell=round_place, notes=notes,
    )  # fmt: skip


def _plain(cell: RawCell | None) -> str:
    if cell is None or cell.value is None:
        return ""
    value = cell.value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = repair(str(value))[0].strip()
    return "" if _DOTS.match(text) else text


def _answer(
    grid: Grid, labels: dict[Place, Label], place: Place, label: Label, *, is_count: bool
) -> tuple[RawCell | None, list[Note]]:
    """Return what answers a label: behind it in its own cell, else the first cell to its right."""
    inside = RawCell(label.inline, a1(*place), hidden=grid.is_hidden(*place)) if label.inline else None
    beside = _beside(grid, labels, place)
    if inside is not None and (not beside or not any(ch.isdigit() for ch in str(beside[0].value))):
        return inside, []
    if not beside:
        return None, []
    first = beside[0]
    rivals = [cell for cell in ([inside] if inside else []) + beside[1:] if cell and _is_rival(first.value, cell.value)]
    if is_count and rivals:
        detail = (("other_cell", rivals[0].cell), ("other", _shown(rivals[0].value)))
        return RawCell(None, first.cell), [
            Note("two_values", label.field, grid.name, first.cell, _shown(first.value), detail)
        ]
    return first, []


def _beside(grid: Grid, labels: dict[Place, Label], place: Place) -> list[RawCell]:
    row, column = place
    found: list[RawCell] = []
    for c in range(column + 1, len(grid.rows[row])):
        if (row, c) in labels:
            break
        cell = cell_at(grid, row, c)
        if cell is None or (_DOTS.match(str(cell.value)) and not cell.problem and "-" not in str(cell.value)):
            continue
        if isinstance(cell.value, str) and label_key(cell.value) in _UNITS_OF_COUNT:
            continue
        found.append(cell)
    return found


def _is_rival(first: object, other: object) -> bool:
    """Whether a second number on an item's row contradicts the first: not a share, not the same."""
    if isinstance(other, bool) or not isinstance(other, int | float):
        return False
    return float(other).is_integer() and isinstance(first, int | float) and first != other


def _shown(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _text_answer(
    grid: Grid, labels: dict[Place, Label], place: Place, label: Label, index: LabelIndex, end: int
) -> RawCell | None:
    """Gather a free text: behind its label, to its right, and on the rows below up to the next item."""
    pieces: list[RawCell] = []
    if label.inline and not _DOTS.match(label.inline) and not index.is_hint(label.inline):
        pieces.append(RawCell(label.inline, a1(*place)))
    pieces += [cell for cell in _beside(grid, labels, place) if not index.is_hint(str(cell.value))]
    for r in range(place[0] + 1, end):
        row = [cell for c in range(len(grid.rows[r])) if (cell := cell_at(grid, r, c)) is not None]
        if any((r, c) in labels for c in range(len(grid.rows[r]))) or any(
            _SIGN_OFF.match(str(cell.value)) for cell in row
        ):
            break
        if org_lines(grid, r, r + 1):
            break
        pieces += [cell for cell in row if not _DOTS.match(str(cell.value)) and not index.is_hint(str(cell.value))]
    if not pieces:
        return None
    if len(pieces) == 1:
        return pieces[0]
    return RawCell("\n".join(_shown(piece.value).strip() for piece in pieces), pieces[0].cell)


def _answer_column(grid: Grid, cells: dict[str, RawCell], labels: dict[Place, Label]) -> int:
    """Return the column in which this form's answers stand, to name the cell of a blank one."""
    from_labels = [c for _, c in labels]
    answered = sorted(cell.cell.rstrip("0123456789") for cell in cells.values() if cell.value is not None)
    if answered:
        usual = max(dict.fromkeys(answered), key=answered.count)
        number = 0
        for letter in usual:
            number = number * 26 + ord(letter) - 64
        return number - 1
    ends = [last[1] + 1 for start, last in grid.merged if start in labels]
    return max(ends, default=max(from_labels) + 1)
