"""One thing that arrived -> what was received and read of it: the pure part that runs anywhere.

A function of bytes and the reading context alone, so that it runs in this process, in a pool or on another
machine. It imports neither pandas nor pandera: a worker starts in tens of milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from schemas import limits
from schemas.layout import FormSpec
from schemas.records import Grid, Note, Received, TypedTally, UnreadableError, cut
from schemas.returned import beside_cover
from schemas.vietnamese import printable

from .form import find_tallies
from .intake import CARRIERS, Arrival, Budget, Carried, came_by_mail, fetched, load, unpack, unused
from .normalise import type_tally
from .read import WORKBOOKS, decrypted, kind_of, read_workbook

# How far a form is filled in.
_NO_FORM, _EXPLAINED, _BLANK, _WORDED, _COUNTED = range(5)
# Notes about a cell that do not say that something was written for an answer.
_NO_ANSWERS: Final = frozenset(
    {"label_near", "list_row_empty", "text_repaired", "text_too_long", "text_cut", "hidden_value", "hidden_label"}
)
_DOCUMENTS: Final = frozenset({"docx", "doc", "odt", "pdf", "rtf", "pptx", "ppt", "exe"})
_SPREADSHEET_NAMES: Final = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".xltx", ".xlt", ".csv", ".et")
_CARRIER_NAMES: Final = (".eml", ".msg", ".zip", ".rar", ".7z")
# Kinds that are tables whatever they are called, and kinds that may be one only where the name says so.
_OTHER_TABLES: Final = {
    "xml2003": "XML Spreadsheet 2003", "fods": "Flat ODF", "biff": "Excel 2-4", "numbers": "Apple Numbers",
    "gz": ".gz", "bz2": ".bz2", "xz": ".xz",
}  # fmt: skip
_NAMED_TABLES: Final = {"html": "HTML", "mht": "MHTML", "csv": "CSV", "text": "CSV", "xml": "XML"}


@dataclass(frozen=True, slots=True)
class ReadingContext:
    """What reading needs to know of a campaign: its form's labels, and the passwords it gave out."""

    spec: FormSpec
    passwords: tuple[str, ...] = ()


def read_many(arrivals: list[Arrival], context: ReadingContext) -> list[list[Received]]:
    """Read a chunk of arrivals, one list of things received for each."""
    return [read_arrival(arrival, context) for arrival in fetched(arrivals)]


def read_arrival(arrival: Arrival, context: ReadingContext) -> list[Received]:
    """Open one arrival, and what it carries, and read every tally; never raises for what a sender did.

    A mail or archive that carries nothing but pictures and their like is itself received too, so that somebody looks.
    """
    things = [_read(thing, context) for thing in contents(arrival)]
    if all(thing.member and thing.problem and thing.problem.code == "file_ignored" for thing in things):
        code = "mail_without_workbook" if came_by_mail(things[0]) else "archive_empty"
        carrier = replace(
            things[0], member="", sha256=things[0].file_sha256, size_bytes=arrival.size_bytes, problem=Note(code)
        )
        return [carrier, *things]
    return things


def contents(arrival: Arrival) -> Iterator[Carried]:
    """Open one arrival and yield each thing that it holds, to any depth, with its bytes and its kind."""
    (ready,) = fetched([arrival]) if arrival.data is None else [arrival]
    return _opened(load(ready), Budget(), 0)


def _opened(carried: Carried, budget: Budget, depth: int) -> Iterator[Carried]:
    """Yield a thing received, or what it carries, to any depth that the limits allow; each with its kind."""
    received = carried.received
    if received.problem is not None:
        yield carried
        return
    kind = carried.kind or kind_of(carried.data, received.member or received.file)
    if kind not in CARRIERS:
        yield Carried(received, carried.data, kind, carried.levels)
        return
    try:
        if depth >= limits.MAX_NESTING:
            raise UnreadableError("carrier_too_deep", limit=str(limits.MAX_NESTING))
        inside = unpack(carried, kind, budget)
    except UnreadableError as fault:
        yield replace(carried, received=replace(received, problem=fault.note))
        return
    for thing in inside:
        yield from _opened(thing, budget, depth + thing.levels)


def _read(carried: Carried, context: ReadingContext) -> Received:
    received, data, kind = carried.received, carried.data, carried.kind
    if received.problem is not None:
        return received
    try:
        if kind == "encrypted":
            data = decrypted(data, context.passwords)
            kind = kind_of(data)
        if kind not in WORKBOOKS:
            return replace(received, problem=_not_a_workbook(kind, received.member or received.file))
        grids, decoded = read_workbook(data, kind, context.passwords)
    except UnreadableError as fault:
        return replace(received, problem=fault.note)
    _name_plainly(grids)
    tallies, notes, corrects = beside_cover(grids, partial(_tallies, spec=context.spec))
    problem = None if any(tally.layout != "empty" for tally in tallies) else Note("no_form")
    told = (*decoded, *notes)
    return replace(received, tallies=tuple(tallies), notes=told, problem=problem, corrects=corrects)


def _name_plainly(grids: list[Grid]) -> None:
    """Give sheets names that can be shown, no two alike, in place of those that cannot."""
    taken = {grid.name for grid in grids}
    for grid in grids:
        if cut(printable(grid.name)) != grid.name:
            grid.name = unused(cut(printable(grid.name)), taken)


def _not_a_workbook(kind: str, name: str) -> Note:
    is_named_table = name.lower().endswith(_SPREADSHEET_NAMES)
    if kind in _OTHER_TABLES or (is_named_table and kind in _NAMED_TABLES):
        return Note("format_unsupported", value=_OTHER_TABLES.get(kind) or _NAMED_TABLES[kind])
    if name.lower().endswith(".p7m"):
        return Note("format_unsupported", value="S/MIME (.p7m)")
    if kind == "damaged" or (is_named_table and kind in ("", "ole")):
        return Note("file_damaged")
    if kind == "" and name.lower().endswith(_CARRIER_NAMES):
        return Note("mail_unreadable" if name.lower().endswith((".eml", ".msg")) else "file_damaged", value="?")
    if kind in _DOCUMENTS:
        return Note("file_other_document", value=f".{kind}")
    return Note("file_ignored", value=kind or "?")


def _tallies(grids: list[Grid], spec: FormSpec) -> tuple[list[TypedTally], list[Note]]:
    """Read every sheet; what stands beside a filled form and is none is set aside with a note.

    That is a hidden sheet, a blank form, and one whose counts are explained rather than answered; a sheet of texts
    that names no unit is told, so that they are not lost. Where nothing is filled in, the sheets that say most are
    kept: their unit did send something.
    """
    found = [(grid, *_sheet(grid, spec)) for grid in grids]
    ranks = [max(map(_filled, tallies), default=_NO_FORM) for _, tallies, _ in found]
    best = max(ranks, default=_NO_FORM)
    is_any_shown = any(grid.is_visible and rank == _COUNTED for (grid, _, _), rank in zip(found, ranks, strict=True))
    kept: list[TypedTally] = []
    notes: list[Note] = []
    for (grid, tallies, sheet_notes), rank in zip(found, ranks, strict=True):
        notes += sheet_notes
        names_unit = any(tally.unit_code or tally.unit_name for tally in tallies)
        if tallies and not grid.is_visible and is_any_shown:
            notes.append(Note("hidden_sheet", sheet=grid.name))
        elif rank == _WORDED and best == _COUNTED and not names_unit:
            notes.append(Note("sheet_not_read", sheet=grid.name, value=_first_text(tallies, spec)))
        elif tallies and rank < best and (best == _COUNTED or rank == _EXPLAINED) and rank != _WORDED:
            notes.append(Note("sheet_blank", sheet=grid.name))
        else:
            kept += tallies
    return kept, notes


def _sheet(grid: Grid, spec: FormSpec) -> tuple[list[TypedTally], list[Note]]:
    raw, notes = find_tallies(grid, spec)
    return [type_tally(tally, spec) for tally in raw], notes


def _filled(tally: TypedTally) -> int:
    """Return how far a form is filled in: counts or what was meant for one, texts, nothing, or words for counts."""
    if any(value is not None and not isinstance(value, str) for value in tally.values.values()):
        return _COUNTED
    doubts = [note for note in tally.notes if note.cell and note.code not in _NO_ANSWERS]
    if any(note.code != "count_unclear" or any(map(str.isdigit, note.value)) for note in doubts):
        return _COUNTED
    if doubts:
        return _EXPLAINED
    return _WORDED if any(tally.values.values()) else _BLANK


def _first_text(tallies: list[TypedTally], spec: FormSpec) -> str:
    field = next(field for tally in tallies for field, value in tally.values.items() if value)
    return dict(spec.titles).get(field, field)
