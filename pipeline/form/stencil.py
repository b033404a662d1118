"""Forms made from one template differ only in their answers: what one was read by, the next is read by as well.

Two sheets with the same marks (marks.py) are read at the same places. So the first is read in full and leaves a plan
of where its answers stand, and the others are read by that. Nothing is guessed: a sheet whose marks are not known, or
leave no plan, is read in full, and both ways give the same (tests/test_form_stencil.py holds them against each other).

What makes marks enough is what `plan_of` asks for before there is a plan. It rules out whatever compares one value
with another, or with what stands beside it: lists, several forms, a label that comes twice or counts for nothing, a
count with several candidates, a text in several pieces, and a number where the number of an item may stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from schemas.layout import PASSED_FIELDS, FormSpec
from schemas.records import Grid, Note, RawCell, RawTally

from .answers import Form, count_answers, first_answer, lone_number
from .heads import lines_at, org_cells, pieces, round_in_text, study_at, study_cells
from .labels import Label, LabelIndex, label_index
from .marks import Marks
from .near import REQUIRED, nearest
from .one_form import answers_of, form_of, forms_on
from .one_head import captions_of, tally_of
from .sheet import Place, Sheet, a1

Found = tuple[list[RawTally], list[Note]]

_MOST_PLANS: Final = 512


class _Answer(NamedTuple):
    """Where the answer to a field stands; `cell` is the answer itself where the place is None."""

    field: str
    place: Place | None
    cell: RawCell
    is_inline: bool = False  # typed behind the label in its own cell


class Plan(NamedTuple):
    """How sheets with the same marks are read.

    Attributes:
        answers: in the order in which they are read; none where there is nothing to read.
        orgs: cells of the head that name organisations.
        round: (round, cell) as the texts of the head name it, where no label gives it.
        studies: cells of the head that say what is studied.
        missing: required items without a label.
        suspects: texts that may be meant for those, and whether only those with a colon may.
    """

    answers: tuple[_Answer, ...] = ()
    orgs: tuple[Place, ...] = ()
    round: tuple[str, str] = ("", "")
    studies: tuple[Place, ...] = ()
    missing: tuple[str, ...] = ()
    suspects: tuple[tuple[Place, bool], ...] = ()


class Slot:
    """What is kept for the marks of a sheet: nothing yet, the plan, or that there is none."""

    __slots__ = ("is_known", "plan")

    def __init__(self, _: object) -> None:
        self.is_known = False
        self.plan: Plan | None = None


class Stencils:
    """The plans of a form spec, by the marks of the sheets that they are for."""

    def __init__(self, index: LabelIndex) -> None:
        self.index, self.marks = index, Marks(index)
        self._slots = lru_cache(maxsize=_MOST_PLANS)(Slot)

    def slot(self, grid: Grid) -> Slot | None:
        """Return what is kept for a sheet's marks; None where these are not enough."""
        marks = self.marks.of_sheet(grid)
        return None if marks is None else self._slots(marks)

    def keep(self, slot: Slot, sheet: Sheet, found: Found) -> None:
        """Keep the plan by which a sheet can be read that was read in full."""
        tallies, notes = found
        slot.is_known = True
        if not notes and not any(tally.notes for tally in tallies):
            slot.plan = plan_of(sheet, tallies, self.marks)

    def read(self, grid: Grid, plan: Plan) -> Found | None:
        """Read a sheet by the plan of its marks; None where it has to be read in full after all."""
        if not plan.answers:
            return [], []
        rows, match = grid.rows, self.index.match
        for (r, c), needs_colon in plan.suspects:
            text = str(rows[r][c])
            if (not needs_colon or ":" in text) and nearest(self.index, text, plan.missing)[0]:
                return None
        cells: dict[str, RawCell] = {}
        for field, place, cell, is_inline in plan.answers:
            if place is not None:
                value = rows[place[0]][place[1]]
                if is_inline:
                    label = match(str(value))
                    value = label.inline if label else None
                cell = RawCell(value, cell.cell)
            cells[field] = cell
        lines, study = lines_at(rows, plan.orgs), study_at(rows, plan.studies)
        return [tally_of(grid, self.index.spec, cells, lines, lambda: plan.round, study, ())], []


def plan_of(sheet: Sheet, tallies: list[RawTally], marks: Marks) -> Plan | None:
    """Return the plan by which all sheets with the marks of this one can be read, None where there is none.

    Args:
        sheet: one of them.
        tallies: what was found on it, without any note.
        marks: of its form spec.
    """
    if _may_be_list(sheet) or _has_label_twice(sheet) or marks.is_number_in_the_way(sheet):
        return None
    forms = forms_on(sheet)
    if not forms and not tallies:
        return Plan()
    if len(forms) != 1 or len(tallies) != 1:
        return None
    form, head_end = form_of(sheet, 0, len(sheet.rows))
    cells, _ = answers_of(form)
    answers = _answers(form, cells, marks)
    orgs = org_cells(sheet, 0, head_end, captions_of(form))
    is_beside = any(name.endswith(":") for r, c in orgs for name in pieces(str(sheet.rows[r][c])))
    if answers is None or is_beside or form.labels != sheet.labels:
        return None
    missing = tuple(field for field in REQUIRED if field not in cells)
    suspects = _suspects(form, marks) if missing else ()
    studies = tuple(study_cells(sheet, 0, head_end))
    return Plan(answers, tuple(orgs), round_in_text(sheet, 0, head_end), studies, missing, suspects)


def _may_be_list(sheet: Sheet) -> bool:
    """Whether any row has several labels with nothing typed behind them, as the header of a list."""
    rows = [row for (row, _), label in sheet.labels.items() if not label.inline]
    return len(rows) != len(set(rows))


def _has_label_twice(sheet: Sheet) -> bool:
    """Whether two labels ask for one thing; "Đợt 1" beside "Đợt báo cáo" is a label itself."""
    fields = [label.field for label in sheet.labels.values() if label.field not in PASSED_FIELDS | {"round"}]
    return len(fields) != len(set(fields))


def _answers(form: Form, cells: Mapping[str, RawCell], marks: Marks) -> tuple[_Answer, ...] | None:
    """Return where the answers stand; None where one is not taken from a single cell as it is."""
    places = {a1(r, c): (r, c) for r, filled in enumerate(form.sheet.filled) for c in filled}
    labels: dict[str, dict[Place, Label]] = {}
    for place, label in form.labels.items():
        labels.setdefault(label.field, {})[place] = label
    found = []
    for field, cell in cells.items():
        answer = _answer(form, field, cell, labels[field], places.get(cell.cell), marks)
        if answer is None:
            return None
        found.append(answer)
    return tuple(found)


def _answer(
    form: Form, field: str, cell: RawCell, labels: Mapping[Place, Label], place: Place | None, marks: Marks
) -> _Answer | None:
    rows = form.sheet.rows
    if len(labels) > 1:  # of the round; which one holds, and whether they agree, depends on what they say
        said = [answer for at, label in labels.items() if (answer := first_answer(form, at, label)) is not None]
        places = {a1(*at): at for at in form.labels}
        is_same = all(other.cell in places and marks.is_own(_at(rows, places[other.cell])) for other in said)
        return _Answer(field, None, cell) if is_same else None
    ((at, label),) = labels.items()
    is_plain = form.sheet.index.kinds[field] != "count" or lone_number(form, at, label) is not None
    if not is_plain and len(count_answers(form, at, label)) > 1:
        return None
    if cell.value is None:
        return _Answer(field, None, cell)
    if place is not None and _at(rows, place) is cell.value:
        return _Answer(field, place, cell)
    return _Answer(field, at, cell, is_inline=True) if place == at and label.inline == cell.value else None


def _at(rows: list[list[object]], place: Place) -> object:
    return rows[place[0]][place[1]]


def _suspects(form: Form, marks: Marks) -> tuple[tuple[Place, bool], ...]:
    """Return the texts that `near_labels` looks at and that differ from sheet to sheet."""
    sheet = form.sheet
    columns = {c for _, c in form.labels}
    ends = [r for (r, _), label in form.labels.items() if sheet.index.kinds[label.field] == "text"]
    return tuple(
        ((r, c), c not in columns)
        for r in range(min([len(sheet.rows), *ends]))
        for c, text in sheet.texts(r)
        if (r, c) not in sheet.labels and not marks.is_own(text)
    )


@lru_cache(maxsize=4)
def stencils(spec: FormSpec) -> Stencils:
    """Return the stencils of a form spec, made once a process."""
    return Stencils(label_index(spec))
