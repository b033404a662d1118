"""decisions.xlsx: open questions go out, a person's rulings come back and are obeyed.

A run adds one row a question and never touches what a person wrote: rows keep their place, their words
and their formatting. A ruling is tied to the content it was made about (sha256, cell, value), so that it
does not follow a file of the same name with other figures; one that matches nothing any more is reported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from schemas.decisions import COLUMNS, FILE, KINDS, heads
from schemas.faults import Fault, FaultsError
from schemas.vietnamese import typed_key
from schemas.words import WORDS, word


@dataclass(frozen=True, slots=True)
class Ruling:
    """One row that a person filled in."""

    row: int  # in decisions.xlsx
    kind: str  # one of KINDS
    file: str
    member: str
    sheet: str
    line: int  # of a list; 0 for a form
    field: str
    value: str  # what stood there when the question was asked
    place_unit: str
    new_value: str
    reason: str
    who: str
    ruled_on: str
    sha256: str
    id: str


@dataclass
class Rulings:
    """Every ruling of a campaign, and which of them found what they are about.

    `outcome` maps a row to "applied", "stale" (matches nothing any more), "incomplete", "refused" (an error was
    confirmed), "unfit" (the new value cannot stand there), "contradicted" (by another ruling) or "idle" (it takes a
    report that has no other beside it). `taken` maps a tally to the rulings that take it over others.
    """

    all: list[Ruling] = field(default_factory=list)
    outcome: dict[int, str] = field(default_factory=dict)
    taken: dict[int, list[Ruling]] = field(default_factory=dict)

    def of(self, kind: str) -> list[Ruling]:
        return [ruling for ruling in self.all if ruling.kind == kind and self.outcome.get(ruling.row) != "incomplete"]

    def apply(self, ruling: Ruling) -> None:
        self.outcome[ruling.row] = "applied"

    def set_aside(self, rulings: Iterable[Ruling], outcome: str) -> None:
        self.outcome.update((ruling.row, outcome) for ruling in rulings)

    def digest(self) -> str:
        """Return the sha256 of what persons ruled, "" where nothing is.

        A new question is no new input, and neither is another order of the rows.
        """
        if not self.all:
            return ""
        said = sorted(repr(replace(ruling, row=0)) for ruling in self.all)
        return hashlib.sha256("\n".join(said).encode()).hexdigest()


def read_rulings(folder: Path, language: str) -> Rulings:
    """Read the rulings of a campaign; none where there is no decisions.xlsx.

    Raises:
        FaultsError: the file cannot be opened, has lost a column, or holds a decision that is none of the list.
    """
    path = folder / FILE
    if not path.exists():
        return Rulings()
    path.open("rb").close()  # without the right to read it a run stops, and calamine would not say at which file
    try:
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except CalamineError as fault:
        raise _fault("", "", str(fault)[:80], "fault_decisions_unreadable", language) from fault
    named = heads()
    columns = {named[typed_key(text)]: n for n, text in enumerate(rows[0] if rows else []) if typed_key(text) in named}
    absent = [key for key in COLUMNS if key not in columns]
    if absent:
        shown = ", ".join(word(f"decision_{key}", language) for key in absent)
        raise _fault(word("place_line", language, line=1), "", "", "fault_decisions_columns", language, columns=shown)
    kinds = {typed_key(text): kind for kind in KINDS for text in WORDS[f"ruling_{kind}"]}
    rulings = Rulings()
    for number, row in enumerate(rows[1:], 2):
        cells = {key: _text(row[n]) if n < len(row) else "" for key, n in columns.items()}
        if not cells["decision"]:
            continue
        kind = kinds.get(typed_key(cells["decision"]))
        if kind is None:
            place = word("place_line", language, line=number)
            known = ", ".join(word(f"ruling_{kind}", language) for kind in KINDS)
            key = word("decision_decision", language)
            raise _fault(place, key, cells["decision"], "fault_decisions_kind", language, known=known)
        rulings.all.append(_ruling(number, kind, cells))
    for ruling in rulings.all:
        needs = {"place": ruling.place_unit, "override": ruling.new_value}.get(ruling.kind, "-")
        is_about = ruling.sha256 or ruling.file or ruling.id
        rulings.outcome[ruling.row] = "stale" if ruling.reason and needs and is_about else "incomplete"
    return rulings


def _ruling(number: int, kind: str, cells: Mapping[str, str]) -> Ruling:
    line = int(cells["line"]) if cells["line"].isdigit() else 0
    kept = (
        "file",
        "member",
        "sheet",
        "field",
        "value",
        "place_unit",
        "new_value",
        "reason",
        "who",
        "ruled_on",
        "sha256",
        "id",
    )
    return Ruling(row=number, kind=kind, line=line, **{key: cells[key] for key in kept})


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    return str(value).strip()


def _fault(place: str, key: str, found: str, kind: str, language: str, **values: object) -> FaultsError:
    expected = word(kind, language, **values)
    return FaultsError([Fault(FILE, place, key, found, expected, kind, language)])
