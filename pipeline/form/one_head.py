"""Whose a form is: its answers put together with what its head says of unit, organisations above it and round."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from schemas.layout import FormSpec
from schemas.records import Grid, Note, RawCell, RawTally
from schemas.vietnamese import repair

from .answers import Form, shown
from .heads import OrgLine, repairs, unit_of
from .keys import label_key
from .sheet import Place, a1

NAMES: Final = ("unit_name", "parent_name")


def captions_of(form: Form) -> set[Place]:
    """Return the cells that only announce an organisation's name."""
    return {place for place, label in form.labels.items() if label.field in NAMES}


def tally_of(
    grid: Grid,
    spec: FormSpec,
    cells: dict[str, RawCell],
    lines: list[OrgLine],
    round_elsewhere: Callable[[], tuple[str, str]],
    study: tuple[str, str],
    notes: tuple[Note, ...],
) -> RawTally:
    """Put a form's answers and its head together.

    Args:
        grid: the sheet.
        spec: names the fields.
        cells: the answers; those to labels of the head are taken out.
        lines: the organisations that its head names.
        round_elsewhere: looks for (round, cell) where no label gives it.
        study: (text, cell) of what it says is studied.
        notes: what is doubtful of the answers.
    """
    heads = {field: cells.pop(field, None) for field in ("unit_name", "parent_name", "unit_code", "round")}
    unit, parent, code, named_round = heads.values()
    name = _plain(unit)
    if name:
        above = [line.text for line in lines if not line.is_branch and label_key(line.text) != label_key(name)]
        unit_cell = unit.cell if unit else ""
    else:
        name, unit_cell, above = unit_of(lines)
    mended = _mended(grid, spec, heads, lines, name)
    parent_name, unit_code, round_text = _plain(parent), _plain(code), _plain(named_round)
    if parent_name and label_key(parent_name) not in map(label_key, above):
        above.append(parent_name)
    round_cell = named_round.cell if named_round else ""
    if not round_text:
        round_text, round_cell = round_elsewhere()
    return RawTally(
        layout="form", sheet=grid.name, row=0, cells=cells, org_names=tuple(above),
        unit_code=unit_code, unit_code_cell=code.cell if code and unit_code else "",
        unit_name=name, unit_cell=unit_cell, round_text=round_text, round_cell=round_cell,
        notes=(*notes, *mended), studied=study[0], studied_cell=study[1],
    )  # fmt: skip


def _mended(
    grid: Grid, spec: FormSpec, heads: Mapping[str, RawCell | None], lines: list[OrgLine], name: str
) -> Iterable[Note]:
    """Return a note for each cell of the head whose encoding had to be mended."""
    told = [
        note for field, cell in heads.items() if cell for note in repairs(grid, spec, field, cell.cell, cell.value)
    ]  # fmt: skip
    for line in lines:
        field, text = "unit_name" if line.text == name else "parent_name", grid.rows[line.row][line.column]
        told += repairs(grid, spec, field, a1(line.row, line.column), text)
    return {note.cell: note for note in told}.values()


def _plain(cell: RawCell | None) -> str:
    if cell is None or cell.value is None:
        return ""
    text = repair(shown(cell.value))[0].strip()
    return text if label_key(text) else ""
