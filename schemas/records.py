"""The few frozen types that pass between steps, small enough to cross a process boundary."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Final, NamedTuple, TypeVar

Value = int | str | date | None
Record = TypeVar("Record")

_LONGEST_SHARED: Final = 1_000  # characters of a text that is looked for among others: all of those stay in memory
LONGEST_SHOWN: Final = 300  # characters of what a sender wrote that a note, a name or a code keeps


def cut(text: str) -> str:
    """Return a text that can stand in a line; what is longer than any name or label is cut, and shows it."""
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def passed_on(record: type[Record]) -> type[Record]:
    """Make a frozen record cross a process boundary as its plain values: a third of the time that its state takes."""
    values = attrgetter(*(field.name for field in fields(record)))  # type: ignore[arg-type]  # each is a dataclass
    record.__reduce__ = lambda self: (record, values(self))  # type: ignore[method-assign]
    return record


@lru_cache(maxsize=1 << 14)
def _one(thing: Record) -> Record:
    """Return the first of all that are equal to a thing that stays as it is, so that they take the memory of one."""
    return thing


@lru_cache(maxsize=1 << 12)
def _one_mapping(items: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return dict(items)


@passed_on
@dataclass(frozen=True, slots=True)
class Note:
    """Something seen while reading, not yet put into words (that is the catalogue's business).

    `detail` fills the catalogue's placeholders beyond the place: pairs of name and text.
    """

    code: str
    field: str = ""
    sheet: str = ""
    cell: str = ""
    value: str = ""
    detail: tuple[tuple[str, str], ...] = ()
    row: int = 0  # of a list's line, so that a note about one unit stays with that unit

    def __post_init__(self) -> None:
        if len(self.value) > LONGEST_SHOWN or len(self.sheet) > LONGEST_SHOWN:
            object.__setattr__(self, "value", cut(self.value))
            object.__setattr__(self, "sheet", cut(self.sheet))


@passed_on
@dataclass(frozen=True, slots=True)
class Arrival:
    """One entry found under submissions/: a path to read, or the reason not to.

    `stamp` changes whenever the file does (its times in ns and its inode); empty where nothing can be told.
    """

    path: str
    file: str  # below submissions/, with forward slashes: a label that can be shown, no two alike
    received_at: datetime
    received_by: str  # "folder" or "clock"
    size_bytes: int
    problem: Note | None = None
    stamp: tuple[int, ...] = ()
    data: bytes | None = None  # of an object that has been fetched


class UnreadableError(Exception):
    """A file that cannot be read; `note` is the finding that tells its sender why."""

    def __init__(self, code: str, value: str = "", **detail: str) -> None:
        super().__init__(f"{code}: {value}")
        self.note = Note(code, value=value, detail=tuple(detail.items()))


@dataclass(slots=True)
class Grid:
    """One sheet: `rows[r][c]` is the value of the cell in row r+1, column c+1 ("" where nothing stands)."""

    name: str
    rows: list[list[object]]
    is_visible: bool = True
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    problems: dict[tuple[int, int], str] = field(default_factory=dict)  # "#REF!" or "formula"
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()

    def is_hidden(self, row: int, column: int) -> bool:
        return row in self.hidden_rows or column in self.hidden_columns


class RawCell(NamedTuple):
    """A cell as it stands in a file: the value read, and where it truly is; a dozen are made for each form."""

    value: object
    cell: str  # A1 address; where nothing stands, the address where the value was looked for
    problem: str = ""  # "#REF!" and its like, or "formula" for a formula without a stored value
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class RawTally:
    """One filled-in form, or one line of a list of branches, found by its labels.

    `layout` is "form", "list" (a line of a list), "total" (the list's own sum line: declared, never
    added) or "empty" (a line that names a unit and nothing else). `org_names` are the organisation
    lines above the items, outermost first.
    """

    layout: str
    sheet: str
    row: int  # 1-based row of a list's line; 0 for a form
    cells: dict[str, RawCell]  # field -> cell, for each item whose label was found
    org_names: tuple[str, ...] = ()
    unit_code: str = ""
    unit_code_cell: str = ""
    unit_name: str = ""
    unit_cell: str = ""
    round_text: str = ""
    round_cell: str = ""
    notes: tuple[Note, ...] = ()
    studied: str = ""  # what the head says is studied, where it tells one resolution from others
    studied_cell: str = ""


@passed_on
@dataclass(frozen=True, slots=True)
class TypedTally:
    """A tally whose cells have become typed values; what could not be typed is None and a note.

    Besides the layouts of `RawTally`: "unread" stands for a file that could not be read at all, "part" for a line that
    the registry has no unit for, of a list whose sum is a unit's own report.

    What many tallies have alike (where a form's cells are, what stands above it, a text that was handed down) they
    share, in each process that they pass through: not to be changed.
    """

    layout: str
    sheet: str
    row: int
    values: dict[str, Value]
    cells: dict[str, str]  # field -> A1 address
    org_names: tuple[str, ...]
    unit_code: str
    unit_code_cell: str
    unit_name: str
    unit_cell: str
    round_text: str
    round_cell: str
    notes: tuple[Note, ...]
    studied: str = ""
    studied_cell: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "cells", _one_mapping(tuple(self.cells.items())))
        object.__setattr__(self, "org_names", _one(self.org_names))
        for name in ("unit_cell", "unit_code_cell", "round_cell"):
            object.__setattr__(self, name, _one(getattr(self, name)))
        for name, value in self.values.items():
            if value.__class__ is str and len(value) <= _LONGEST_SHARED:
                self.values[name] = _one(value)


@passed_on
@dataclass(frozen=True, slots=True)
class Received:
    """One thing received: a file, or what a mail or an archive carried.

    `problem` is the file-level note for which nothing could be read, if any. `corrects` is the beginning of the sha256
    of the file that a correction copy was made of, "" for anything else.
    """

    file: str  # path below submissions/, with forward slashes
    member: str  # path inside the mail or archive, "" for the file itself
    sha256: str
    size_bytes: int
    received_at: datetime
    received_by: str  # "mail", "folder" or "clock" (the file's modification time)
    sender: str = ""
    message_id: str = ""
    file_sha256: str = ""  # of the file that carried it, which for a mail or archive is another
    problem: Note | None = None
    notes: tuple[Note, ...] = ()
    tallies: tuple[TypedTally, ...] = field(default=())
    corrects: str = ""


class TallyRow(NamedTuple):
    """Of one placed tally, what deciding about it needs; the numbers themselves stay in the frame."""

    file: int  # position of the thing received
    layout: str
    sheet: str
    row: int
    unit_code: str  # "" where not known
    round: str  # "" where not known
    is_round_assumed: bool
    is_declared: bool  # a total that a parent declares: reconciled, never added
    is_late: bool
    received_at: datetime
    round_cell: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A note with its severity in this campaign, and what it is about.

    `file` is the position of the thing received, -1 where it is about none; `tally` the tally's, -1 for a
    finding about a whole file or unit.
    """

    severity: str  # "error", "query" or "info"
    note: Note
    file: int = -1
    tally: int = -1
    unit_code: str = ""
    round: str = ""


def question_id(finding: Finding, sha256: str) -> str:
    """Return a name for what a finding asks that is the same in every run while the facts are.

    `sha256` is that of the thing received which it is about, "" for none: other content is another question.
    """
    note = finding.note
    limit = dict(note.detail).get("limit", "")
    place = (note.sheet, note.cell, str(note.row), note.field)
    facts = (note.code, sha256, *place, note.value, limit, finding.unit_code, finding.round)
    return hashlib.blake2s("\x1f".join(facts).encode(), digest_size=6).hexdigest()
