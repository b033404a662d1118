"""The list layout: one sheet with many branches as rows, as a commune's office sends for its branches."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from schemas.records import Note, RawCell, RawTally
from schemas.vietnamese import repair

from .answers import shown, texts_below
from .heads import OrgLine, is_org_name, org_lines, round_in_text, study_at, study_cells, unit_of
from .keys import label_key
from .list_header import Header
from .list_lines import Line, lines_of
from .one_form import MIN_ITEMS, read_form
from .sheet import Sheet, is_blank


class _Head(NamedTuple):
    """What stands above a list: the organisations it is of, outermost first, and the round."""

    names: tuple[str, ...]
    round_text: str
    round_cell: str


def read_lists(sheet: Sheet, headers: list[Header]) -> tuple[list[RawTally], list[Note]]:
    """Read the lists of a sheet, below one another, and what their sender says above and below them.

    Returns:
        One tally a line, a list's own sum line included as layout "total"; and what is doubtful about the headers.
    """
    form = _form_above(sheet, headers[0].first)
    tallies: list[RawTally] = [form] if form else []
    names: tuple[str, ...] = ()
    orgs: list[OrgLine] = []
    first = 0
    for place, header in enumerate(headers):
        end = headers[place + 1].first if place + 1 < len(headers) else len(sheet.rows)
        orgs = orgs if header.is_round else org_lines(sheet, first, header.first)
        lines = lines_of(sheet, header, end)
        names = _above(orgs, lines) or names
        if form and not place and form.unit_name:
            names = (*form.org_names, form.unit_name)
        head = _Head(names, *_round(sheet, header, first))
        first = max((line.row for line in lines), default=header.last) + 1
        texts, notes = texts_below(sheet, first, end)
        above = _texts_of(sheet, form) if form and not place else {}
        reports = [line for line in lines if line.kind in ("unit", "empty")]
        if {"unit_name", "unit_code"} & set(header.columns) or len(reports) != 1:
            tallies += _with_texts(sheet, _tallies(sheet, lines, head), head, above, texts, notes)
        else:
            tallies.append(_nameless(reports[0], sheet, head, orgs, texts, notes))
    study, cell = study_at(sheet.rows, study_cells(sheet, 0, headers[0].first))
    if study:
        tallies = [replace(tally, studied=study, studied_cell=cell) for tally in tallies]
    return tallies, [note for header in headers for note in header.notes]


def _form_above(sheet: Sheet, end: int) -> RawTally | None:
    """Return the form that stands above a list: a commune's own, or one of which the list gives the parts."""
    form = read_form(sheet, 0, end)
    counts = [cell for field, cell in form.cells.items() if sheet.index.kinds[field] == "count"] if form else []
    return form if sum(cell.value is not None for cell in counts) >= MIN_ITEMS else None


def _texts_of(sheet: Sheet, form: RawTally) -> dict[str, RawCell]:
    return {field: cell for field, cell in form.cells.items() if sheet.index.kinds[field] == "text"}


def _with_texts(
    sheet: Sheet, tallies: list[RawTally], head: _Head, above: dict[str, RawCell], below: dict[str, RawCell],
    notes: list[Note],
) -> list[RawTally]:  # fmt: skip
    """What is said above and below a list is said by the office that sends it, as its sum is."""
    unit, names = (head.names[-1], head.names[:-1]) if head.names else ("", ())
    sums = [at for at, tally in enumerate(tallies) if tally.layout == "total" and tally.unit_name == unit]
    if sums:
        whole = tallies[sums[-1]]
        tallies[sums[-1]] = replace(
            whole, cells=_joined(_joined(whole.cells, below), above), notes=(*whole.notes, *notes)
        )
    if sums or not below:
        return tallies
    row = int(next(iter(below.values())).cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    spoken = RawTally(
        "total", sheet.grid.name, row, below, names, unit_name=unit,
        round_text=head.round_text, round_cell=head.round_cell, notes=tuple(notes),
    )  # fmt: skip
    return [*tallies, spoken]


def _above(orgs: list[OrgLine], lines: list[Line]) -> tuple[str, ...]:
    """Return the organisations that a list is of; a branch is one only where no line of it is a branch."""
    unit, _, above = unit_of([line for line in orgs if not line.is_branch])
    found = (*above, unit) if unit else ()
    branches = {label_key(line.text): line.text for line in orgs if line.is_branch}
    own = [text for key, text in branches.items() if not key.startswith("chi bộ trực thuộc")]
    is_of_parts = lines and not any(line.code or is_org_name(line.name) for line in lines if line.kind != "section")
    return (*found, *own) if is_of_parts and len(branches) == 1 else found


def _round(sheet: Sheet, header: Header, first: int) -> tuple[str, str]:
    """Return (round, cell) as a label above the list gives it, else a text above or in its header."""
    for (row, c), label in sheet.labels.items():
        if label.field == "round" and first <= row < header.first:
            right = next((other for other in sheet.filled[row] if other > c), None)
            value = label.inline or ("" if right is None else shown(sheet.cell(row, right).value))
            if value:
                cell = sheet.cell(row, c if label.inline or right is None else right)
                return repair(value)[0], cell.cell
    return round_in_text(sheet, first, header.last + 1)


def _tallies(sheet: Sheet, lines: list[Line], head: _Head) -> list[RawTally]:
    """Return the tallies of a list's lines, each below the section that it stands in."""
    found: list[RawTally] = []
    names = head.names
    is_in_section = False
    sums = [line for line in lines if line.kind == "sum"]
    parts = [line for line in lines if line.kind == "part"]
    whole = sums[-1] if sums else parts[0] if len(parts) == 1 and not any(x.kind == "section" for x in lines) else None
    for line in lines:
        if line.is_apart:
            names, is_in_section = head.names, False
        if line.kind == "section":
            is_org = is_org_name(line.name)
            names = (*head.names, line.name) if is_org else head.names
            is_in_section = is_org
            if is_org and line.has_figures:
                found.append(_total(sheet, line, names, head))
        elif line is whole:
            found.append(_total(sheet, line, head.names, head))
        elif line.kind == "part" and is_in_section:
            found.append(_total(sheet, line, names, head))
        elif line.kind == "empty":
            note = Note(
                "list_row_empty", sheet=sheet.grid.name, cell=line.name_cell, value=str(line.row + 1), row=line.row + 1
            )
            found.append(RawTally("empty", sheet.grid.name, line.row + 1, {}, notes=(note,), unit_name=line.name))
        elif line.kind == "unit":
            found.append(_unit(sheet, line, names, head))
    return found


def _total(sheet: Sheet, line: Line, names: tuple[str, ...], head: _Head) -> RawTally:
    cells, round_text, round_cell = _parted(line, head)
    return RawTally(
        "total", sheet.grid.name, line.row + 1, cells, names[:-1], unit_name=names[-1] if names else "",
        unit_cell=line.name_cell, round_text=round_text, round_cell=round_cell,
    )  # fmt: skip


def _unit(sheet: Sheet, line: Line, names: tuple[str, ...], head: _Head) -> RawTally:
    cells, round_text, round_cell = _parted(line, head)
    return RawTally(
        "list", sheet.grid.name, line.row + 1, cells, (*names, line.parent) if line.parent else names,
        unit_code=line.code, unit_code_cell=line.code_cell, unit_name=line.name, unit_cell=line.name_cell,
        round_text=round_text, round_cell=round_cell, notes=line.notes,
    )  # fmt: skip


def _parted(line: Line, head: _Head) -> tuple[dict[str, RawCell], str, str]:
    """Return a line's items, and its round: its own, else the list's."""
    cells = {field: cell for field, cell in line.cells.items() if field != "round"}
    own = line.cells.get("round")
    if own is not None and own.value not in (None, ""):
        return cells, repair(shown(own.value))[0], own.cell
    return cells, head.round_text, head.round_cell


def _nameless(
    line: Line, sheet: Sheet, head: _Head, orgs: list[OrgLine], texts: dict[str, RawCell], notes: list[Note]
) -> RawTally:
    """Return the tally of a table that names no units: its only line is that of the unit which its head names."""
    cells, round_text, round_cell = _parted(line, head)
    unit, unit_cell, above = unit_of(orgs)
    return RawTally(
        "form", sheet.grid.name, 0, _joined(cells, texts), tuple(above), unit_name=unit, unit_cell=unit_cell,
        round_text=round_text, round_cell=round_cell, notes=tuple(notes),
    )  # fmt: skip


def _joined(cells: dict[str, RawCell], texts: dict[str, RawCell]) -> dict[str, RawCell]:
    """Return the cells of a line with the texts that stand below the list where it says nothing itself."""
    return cells | {field: cell for field, cell in texts.items() if field not in cells or is_blank(cells[field])}
