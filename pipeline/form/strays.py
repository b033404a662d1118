"""A count left blank beside whose label a number stands where no answer goes: told with both cells, never read."""

from __future__ import annotations

from schemas.records import Note, RawCell

from .answers import Form, shown
from .sheet import Place, Sheet


def stray_number(form: Form, field: str, place: Place, answer: str) -> list[Note]:
    """Return a note where a number stands in a column for remarks beside a label, or alone below it.

    Args:
        form: the form.
        field: the item that is left blank.
        place: of its label.
        answer: the cell in which its number belongs.
    """
    cell = _in_column_of_remarks(form, place) or _below(form.sheet, place)
    if cell is None:
        return []
    title = ("label", dict(form.sheet.index.spec.titles).get(field, field))
    return [
        Note(
            "count_misplaced",
            field,
            form.sheet.grid.name,
            answer,
            shown(cell.value),
            (title, ("other_cell", cell.cell)),
        )
    ]


def _in_column_of_remarks(form: Form, place: Place) -> RawCell | None:
    row, column = place
    remarks = {c for (_, c), label in form.labels.items() if label.field == "remark"} & form.passed
    cells = [form.sheet.cell(row, c) for c in form.sheet.filled[row] if c > column and c in remarks]
    return next((cell for cell in cells if form.sheet.index.phrases.number(cell.value) is not None), None)


def _below(sheet: Sheet, place: Place) -> RawCell | None:
    row, column = sheet.merged_to(place)[0] + 1, place[1]
    if row >= len(sheet.rows) or any((row, c) in sheet.labels for c in sheet.filled[row]):
        return None
    cell = sheet.cell(row, column)
    return cell if sheet.index.phrases.number(cell.value) is not None else None
