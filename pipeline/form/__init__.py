"""Grid -> the tally's raw cells, found by their labels and never by fixed positions.

Two layouts: a **form** (one item a row, the answer to the right of its label) and a **list** (a header of
labels, one branch a line). A shifted row or column, a renamed sheet, merged label cells and text around do
not matter; each value keeps its sheet and cell. Where it is not plain whose a number is, it is a finding.
"""

from __future__ import annotations

from schemas.layout import HEAD_FIELDS, FormSpec
from schemas.records import Grid, Note, RawTally
from schemas.vietnamese import repair

from .branch_list import read_lists
from .labels import label_index
from .list_header import find_headers
from .one_form import forms_on, read_form
from .sheet import Sheet, a1
from .stencil import stencils


def find_tallies(grid: Grid, spec: FormSpec) -> tuple[list[RawTally], list[Note]]:
    """Find every tally on a sheet.

    Returns:
        The tallies, and notes about the sheet itself: doubtful heads of columns, or a count beside a label where
        there are too few labels for a form.
    """
    known = stencils(spec)
    slot = known.slot(grid)
    if slot is not None and slot.plan is not None:
        planned = known.read(grid, slot.plan)
        if planned is not None:
            return planned
    sheet = Sheet(grid, label_index(spec))
    found = read_in_full(sheet, spec)
    if slot is not None and not slot.is_known:
        known.keep(slot, sheet, found)
    return found


def read_in_full(sheet: Sheet, spec: FormSpec) -> tuple[list[RawTally], list[Note]]:
    """Find every tally on a sheet whatever was read before."""
    headers = find_headers(sheet)
    if headers:
        return read_lists(sheet, headers)
    forms = [form for first, end in forms_on(sheet) if (form := read_form(sheet, first, end)) is not None]
    return forms, [] if forms else _unread(sheet, spec)


def _unread(sheet: Sheet, spec: FormSpec) -> list[Note]:
    """Note a lone count: a sheet that only mentions an item is none of our business."""
    for (row, c), label in sheet.labels.items():
        if label.field not in HEAD_FIELDS and spec.kind(label.field) == "count":
            beside = [sheet.cell(row, right).value for right in sheet.filled[row] if right > c]
            if any(sheet.index.phrases.number(value) is not None for value in (label.inline, *beside)):
                text = " ".join(repair(str(sheet.rows[row][c]))[0].split())
                return [Note("sheet_not_read", sheet=sheet.grid.name, cell=a1(row, c), value=text)]
    return []
