"""One thing that arrived -> what was received and read of it: the pure part that runs anywhere.

A function of bytes and the form spec alone, so that it runs in this process, in a pool or on another
machine. It imports neither pandas nor pandera: a worker starts in tens of milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Final

from schemas.layout import FormSpec
from schemas.records import Grid, Note, Received, TypedTally

from .form import find_tallies
from .intake import Arrival, Carried, is_mail, load, unpack_mail
from .normalise import type_tally
from .read import WORKBOOKS, UnreadableError, kind_of, read_workbook

_ARCHIVES: Final = frozenset({"zip", "rar", "7z", "gz", "tnef"})
_DOCUMENTS: Final = frozenset({"docx", "doc", "odt", "pdf", "rtf"})
_SPREADSHEET_NAMES: Final = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".xltx", ".csv")


def read_arrival(arrival: Arrival, spec: FormSpec) -> list[Received]:
    """Open one arrival and read every tally in it; never raises for what a sender did."""
    carried = load(arrival)
    if carried.received.problem is None and is_mail(arrival.file, carried.data):
        return [_read(part, spec) for part in unpack_mail(carried)]
    return [_read(carried, spec)]


def _read(carried: Carried, spec: FormSpec) -> Received:
    received = carried.received
    if received.problem is not None:
        return received
    kind = kind_of(carried.data)
    if kind not in WORKBOOKS:
        return replace(received, problem=_not_a_workbook(kind, received.member or received.file))
    try:
        grids = read_workbook(carried.data, kind)
    except UnreadableError as fault:
        return replace(received, problem=fault.note)
    tallies, notes = _tallies(grids, spec)
    problem = None if any(tally.layout != "empty" for tally in tallies) else Note("no_form")
    return replace(received, tallies=tuple(tallies), notes=tuple(notes), problem=problem)


def _not_a_workbook(kind: str, name: str) -> Note:
    if kind == "encrypted":
        return Note("file_encrypted")
    if kind == "damaged" or (name.lower().endswith(_SPREADSHEET_NAMES) and kind in ("", "zip", "ole")):
        return Note("file_damaged", value="not a whole workbook")
    if kind in _ARCHIVES or kind == "msg":
        return Note("format_unsupported", value=f".{kind}")
    if kind in _DOCUMENTS:
        return Note("file_other_document", value=f".{kind}")
    return Note("file_ignored", value=kind or "?")


def _tallies(grids: list[Grid], spec: FormSpec) -> tuple[list[TypedTally], list[Note]]:
    """Read every sheet; a hidden or blank form beside a filled one is set aside with a note.

    Where nothing at all is filled in, the blank forms are kept: their unit did send something.
    """
    found = [(grid, *_sheet(grid, spec)) for grid in grids]
    is_any_shown = any(grid.is_visible and any(map(_is_filled, tallies)) for grid, tallies, _ in found)
    is_any_filled = any(map(_is_filled, chain.from_iterable(tallies for _, tallies, _ in found)))
    kept: list[TypedTally] = []
    notes: list[Note] = []
    for grid, tallies, sheet_notes in found:
        notes += sheet_notes
        if tallies and not grid.is_visible and is_any_shown:
            notes.append(Note("hidden_sheet", sheet=grid.name))
        elif tallies and is_any_filled and not any(map(_is_filled, tallies)):
            notes.append(Note("sheet_blank", sheet=grid.name))
        else:
            kept += tallies
    return kept, notes


def _sheet(grid: Grid, spec: FormSpec) -> tuple[list[TypedTally], list[Note]]:
    raw, notes = find_tallies(grid, spec)
    return [type_tally(tally, spec) for tally in raw], notes


def _is_filled(tally: TypedTally) -> bool:
    """Whether anything was answered: a value, or a cell that could not be read as one."""
    return any(value is not None for value in tally.values.values()) or any(note.cell for note in tally.notes)


def read_many(arrivals: list[Arrival], spec: FormSpec) -> list[list[Received]]:
    """Read a chunk of arrivals, one list of things received for each."""
    return list(_each(arrivals, spec))


def _each(arrivals: list[Arrival], spec: FormSpec) -> Iterator[list[Received]]:
    for arrival in arrivals:
        yield read_arrival(arrival, spec)
