"""Grid -> the tally's raw cells, found by their labels and never by fixed positions.

Two layouts: a **form** (one item a row, the answer to the right of its label) and a **list** (a header of
labels, one branch a line). A shifted row or column, a renamed sheet, merged label cells and text around do
not matter; each value keeps its sheet and cell. Where it is not plain whose a number is, it is a finding.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain

from schemas.layout import HEAD_FIELDS, FormSpec
from schemas.records import Grid, Note, RawTally
from schemas.vietnamese import repair

from .branch_list import read_lists
from .labels import label_index
from .list_header import find_headers
from .one_form import forms_on, read_form
from .sheet import Place, Sheet, a1


def find_tallies(grid: Grid, spec: FormSpec) -> tuple[list[RawTally], list[Note]]:
    """Find every tally on a sheet.

    Returns:
        The tallies, and notes about the sheet itself: doubtful heads of columns, or a count beside a label where
        there are too few labels for a form.
    """
    is_sound = not grid.problems and not grid.hidden_rows and not grid.hidden_columns
    if is_sound and set(map(type, chain.from_iterable(grid.rows))) == {str}:
        found, notes = _found_in_words(grid.name, tuple(map(tuple, grid.rows)), tuple(grid.merged), spec)
        return list(found), list(notes)
    return _found(grid, spec)


@lru_cache(maxsize=32)
def _found_in_words(
    name: str, rows: tuple[tuple[str, ...], ...], merged: tuple[tuple[Place, Place], ...], spec: FormSpec
) -> tuple[list[RawTally], list[Note]]:
    """Read a sheet of words alone; once, where many files bring the same instructions."""
    return _found(Grid(name, list(map(list, rows)), merged=list(merged)), spec)


def _found(grid: Grid, spec: FormSpec) -> tuple[list[RawTally], list[Note]]:
    sheet = Sheet(grid, label_index(spec))
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
