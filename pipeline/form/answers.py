"""What answers a label: behind it in its own cell, to its right, for a text also below it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from schemas.records import Note, RawCell

from .keys import repaired
from .labels import Label
from .sheet import Place, Sheet, a1

_DOTS = re.compile(r"[\s.…_:\-–—]*")
_NUMBERED = re.compile(r"\s*(\d{1,2})\s*[.)/](?!\d)")


@dataclass(frozen=True, slots=True)
class Form:
    """The part of a sheet that is one form.

    Attributes:
        sheet: where it stands.
        labels: place -> label of its items and head, in reading order.
        end: the first row behind its last answer.
        passed: columns whose heads say that they hold no answers ("Tỷ lệ", "Ghi chú").
    """

    sheet: Sheet
    labels: dict[Place, Label]
    end: int
    passed: frozenset[int]


def is_dots(text: str) -> bool:
    """Whether a text is but what is printed to write on."""
    return _DOTS.fullmatch(text) is not None


def number_in_front(text: str) -> int | None:
    """Return the number with which a text begins as an item does ("7. …"), else None."""
    if not text[:3].strip(" (")[:1].isdigit():
        return None
    found = _NUMBERED.match(repaired(text))
    return int(found[1]) if found else None


def shown(value: object) -> str:
    """Return a value as a person reading the sheet sees it."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.strftime("%d/%m/%Y") if isinstance(value, date) else str(value).strip()


def beside(form: Form, place: Place, *, is_count: bool = False) -> list[RawCell]:
    """Return what stands to the right of a label, up to the next label.

    Of a count, what follows unknown words belongs to them: of "45 | trong đó nữ | 12" only 45 is returned.
    """
    row, column = place
    sheet, phrases = form.sheet, form.sheet.index.phrases
    found: list[RawCell] = []
    for c in sheet.filled[row]:
        if c <= column or c in form.passed:
            continue
        if (row, c) in sheet.labels:
            break
        cell = sheet.cell(row, c)
        if isinstance(cell.value, str):
            if phrases.is_measure(cell.value):
                continue
            if is_count and phrases.number(cell.value) is None:
                if not found:
                    found.append(cell)
                break
        found.append(cell)
    return found


def behind(form: Form, place: Place, label: Label) -> RawCell | None:
    """Return what is typed behind a label in its own cell."""
    return RawCell(label.inline, a1(*place), hidden=form.sheet.grid.is_hidden(*place)) if label.inline else None


def lone_number(form: Form, place: Place, label: Label) -> RawCell | None:
    """Return the answer to a count where it is one number beside the label and nothing else, as it nearly always is."""
    sheet, (row, column) = form.sheet, place
    beside = [c for c in sheet.filled[row] if c > column and c not in form.passed]
    if label.inline or len(beside) != 1 or sheet.grid.problems:
        return None
    c = beside[0]
    value = sheet.rows[row][c]
    if value.__class__ is not float or sheet.grid.is_hidden(row, c):
        return None
    return RawCell(value, a1(row, c))


def count_answers(form: Form, place: Place, label: Label) -> list[RawCell]:
    """Return the cells that may answer a count, the likeliest first."""
    inside = behind(form, place, label)
    if inside is not None and form.sheet.index.phrases.number(inside.value) is None:
        return [inside]
    cells = [inside] if inside is not None else []
    for row in range(place[0], form.sheet.merged_to(place)[0] + 1):
        if row > place[0] and any((row, c) in form.sheet.labels for c in form.sheet.filled[row]):
            break
        found = beside(form, (row, place[1]), is_count=True)
        if found:
            return cells + found
    return cells


def first_answer(form: Form, place: Place, label: Label) -> RawCell | None:
    """Return the answer to a label of the head, a date or a plan document."""
    return behind(form, place, label) or next(iter(beside(form, place)), None)


def text_answer(form: Form, place: Place, label: Label) -> tuple[RawCell | None, list[Note]]:
    """Gather a free text: behind its label, to its right, and on the rows below up to the next item.

    Returns:
        The text, at its first cell; and a note for each cell of it that shows an error.
    """
    sheet = form.sheet
    inside = behind(form, place, label)
    lines: list[list[RawCell]] = [[inside] if inside else []]
    next_label = min((c for r, c in form.labels if r == place[0] and c > place[1]), default=1 << 20)
    lines[0] += _written(form, place[0], [c for c in sheet.filled[place[0]] if place[1] < c < next_label])
    end = min((row for row, _ in form.labels if row > place[0]), default=form.end)
    number = item_number(sheet, place, label)
    for row in range(place[0] + 1, min(end, form.end)):
        if number and _starts_with(sheet, row, number + 1):
            is_list = row - 1 > place[0] and _starts_with(sheet, row - 1, number)
            if not is_list:
                break  # the form's next item, whose label is not known
        lines.append(_written(form, row, sheet.filled[row]))
    pieces = [cell for line in lines for cell in line]
    if len(pieces) <= 1:
        return (pieces[0] if pieces else None), []
    title = ("label", dict(sheet.index.spec.titles).get(label.field, label.field))
    notes = [
        Note("cell_error", label.field, sheet.grid.name, cell.cell, cell.problem, (title,))
        for cell in pieces
        if cell.problem
    ]
    text = "\n".join(" ".join(shown(cell.value) for cell in line if not cell.problem) for line in lines if line)
    return RawCell(text, pieces[0].cell, hidden=any(cell.hidden for cell in pieces)), notes


def texts_below(sheet: Sheet, first: int, last: int) -> tuple[dict[str, RawCell], list[Note]]:
    """Return the free texts that stand below a list in rows first..last, by field, as far as the signatures."""
    kinds, is_signature = sheet.index.kinds, sheet.index.phrases.is_signature
    end = next((row for row in range(first, last) if any(is_signature(text) for _, text in sheet.texts(row))), last)
    labels = {
        place: label
        for place, label in sheet.labels.items()
        if first <= place[0] < end and kinds[label.field] == "text"
    }
    found: dict[str, RawCell] = {}
    notes: list[Note] = []
    for place, label in labels.items():
        cell, doubts = text_answer(Form(sheet, labels, end, frozenset()), place, label)
        if cell is not None:
            found.setdefault(label.field, cell)
            notes += doubts
    return found, notes


def _written(form: Form, row: int, columns: list[int]) -> list[RawCell]:
    """Return the cells of a row that somebody wrote into: no printed dots, no instructions."""
    found = []
    for c in columns:
        cell = form.sheet.cell(row, c)
        if isinstance(cell.value, str):
            text = form.sheet.index.phrases.answer(cell.value)
            if is_dots(text):
                continue
            cell = cell if text == cell.value else RawCell(text, cell.cell, hidden=cell.hidden)
        if c not in form.passed:
            found.append(cell)
    return found


def item_number(sheet: Sheet, place: Place, label: Label) -> int:
    """Return the number of an item: in front of its label, or in a cell to the left; 0 where it has none."""
    if label.number or label.is_part:
        return label.number
    row, column = place
    for c in sheet.filled[row]:
        if c >= column:
            break
        number = sheet.index.phrases.number(sheet.cell(row, c).value)
        if number is not None and number < 100:
            return number
    return 0


def _starts_with(sheet: Sheet, row: int, number: int) -> bool:
    """Whether a row begins with a number: "7. …", or 7 in a cell of its own."""
    if not sheet.filled[row]:
        return False
    value = sheet.cell(row, sheet.filled[row][0]).value
    if isinstance(value, str):
        return number_in_front(value) == number
    return sheet.index.phrases.number(value) == number and len(sheet.filled[row]) > 1
