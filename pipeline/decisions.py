"""decisions.xlsx: open questions go out, a person's rulings come back and are obeyed.

A run adds one row a question and never touches what a person wrote: rows keep their place, their words
and their formatting. A ruling is tied to the content it was made about (sha256, cell, value), so that it
does not follow a file of the same name with other figures; one that matches nothing any more is reported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from schemas.decisions import COLUMNS, FILE, KINDS
from schemas.faults import Fault, FaultsError
from schemas.records import Finding, Note, Received, TallyRow, TypedTally, Value, question_id
from schemas.units import code_key
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

    `outcome` maps a row to "applied", "stale" (matches nothing any more), "incomplete" or "refused" (an
    error was confirmed).
    """

    all: list[Ruling] = field(default_factory=list)
    outcome: dict[int, str] = field(default_factory=dict)

    def of(self, kind: str) -> list[Ruling]:
        return [ruling for ruling in self.all if ruling.kind == kind and self.outcome.get(ruling.row) != "incomplete"]

    def apply(self, ruling: Ruling) -> None:
        self.outcome[ruling.row] = "applied"

    def digest(self) -> str:
        """Return the sha256 of what persons ruled, "" where nothing is: a new question is no new input."""
        if not self.all:
            return ""
        return hashlib.sha256("\n".join(repr(ruling) for ruling in self.all).encode()).hexdigest()


# --- reading -----------------------------------------------------------------------------------


def read_rulings(folder: Path, language: str) -> Rulings:
    """Read the rulings of a campaign; none where there is no decisions.xlsx.

    Raises:
        FaultsError: the file cannot be opened, has lost a column, or holds a decision that is none of the list.
    """
    path = folder / FILE
    if not path.exists():
        return Rulings()
    try:
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except CalamineError as fault:
        raise _fault("", "", str(fault)[:80], "fault_decisions_unreadable", language) from fault
    heads = {text: key for key in COLUMNS for text in WORDS[f"decision_{key}"]}
    columns = {
        heads[str(text).strip()]: n for n, text in enumerate(rows[0] if rows else []) if str(text).strip() in heads
    }
    absent = [key for key in COLUMNS if key not in columns]
    if absent:
        shown = ", ".join(word(f"decision_{key}", language) for key in absent)
        raise _fault(word("place_line", language, line=1), "", "", "fault_decisions_columns", language, columns=shown)
    kinds = {text.casefold(): kind for kind in KINDS for text in WORDS[f"ruling_{kind}"]}
    rulings = Rulings()
    for number, row in enumerate(rows[1:], 2):
        cells = {key: _text(row[n]) if n < len(row) else "" for key, n in columns.items()}
        if not cells["decision"]:
            continue
        kind = kinds.get(cells["decision"].casefold())
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


# --- obeying -----------------------------------------------------------------------------------


class _Arrivals:
    """Where each content and each path stands among what was received: a long campaign has thousands of rulings."""

    def __init__(self, received: Sequence[Received]) -> None:
        self._received = received

    @cached_property
    def _by_content(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, thing in enumerate(self._received):
            found.setdefault(thing.sha256, []).append(number)
        return found

    @cached_property
    def _by_path(self) -> dict[tuple[str, str], list[int]]:
        found: dict[tuple[str, str], list[int]] = {}
        for number, thing in enumerate(self._received):
            found.setdefault((thing.file, thing.member), []).append(number)
        return found

    def about(self, ruling: Ruling) -> list[int]:
        """Return what a ruling is about: by content where the question gave it, else by the path a person wrote."""
        if ruling.sha256:
            return self._by_content.get(ruling.sha256, [])
        return self._by_path.get((ruling.file, ruling.member), []) if ruling.file else []


def exclude_and_override(received: Sequence[Received], rulings: Rulings) -> list[Received]:
    """Set excluded files aside, and put overriding values in place of what was read.

    The old value must be what the ruling says it was: a ruling made about other figures is stale.
    """
    arrivals, kept = _Arrivals(received), list(received)
    for ruling in rulings.of("exclude"):
        for number in arrivals.about(ruling):
            rulings.apply(ruling)
            note = Note("excluded_by_decision", value=ruling.reason, detail=(("who", ruling.who),))
            kept[number] = replace(kept[number], tallies=(), notes=(), problem=note)
    overriding: dict[int, list[Ruling]] = {}
    for ruling in rulings.of("override"):
        for number in arrivals.about(ruling):
            overriding.setdefault(number, []).append(ruling)
    for number, about in overriding.items():
        tallies = tuple(_overridden(tally, about, rulings) for tally in kept[number].tallies)
        kept[number] = replace(kept[number], tallies=tallies)
    return kept


def _overridden(tally: TypedTally, about: list[Ruling], rulings: Rulings) -> TypedTally:
    for ruling in about:
        if (ruling.sheet or tally.sheet, ruling.line) != (tally.sheet, tally.row) or ruling.field not in tally.cells:
            continue
        old = tally.values.get(ruling.field)
        shown = next((note.value for note in tally.notes if note.field == ruling.field and note.value), _shown(old))
        new = _typed(ruling.new_value, old)
        if ruling.value not in (_shown(old), shown) or new is None:
            continue
        rulings.apply(ruling)
        detail = (("read", ruling.new_value), ("reason", ruling.reason), ("who", ruling.who))
        note = Note("value_overridden", ruling.field, tally.sheet, tally.cells[ruling.field], shown, detail, tally.row)
        notes = (*(known for known in tally.notes if known.field != ruling.field), note)
        tally = replace(tally, values={**tally.values, ruling.field: new}, notes=notes)
    return tally


def _shown(value: Value) -> str:
    return "" if value is None else str(value)


def _typed(text: str, old: Value) -> Value:
    if isinstance(old, str):
        return text
    if isinstance(old, date):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None
    return int(text) if text.isascii() and text.isdigit() else None


def placements(
    received: Sequence[Received], rulings: Rulings, known: Mapping[str, str]
) -> dict[tuple[int, str, int], str]:
    """Return (thing received, sheet, line) -> the unit at which a person placed it.

    A ruling without a sheet places every form of the file. `known` maps code keys to the registry's codes.
    """
    placed = {}
    arrivals = _Arrivals(received)
    for ruling in rulings.of("place"):
        unit = known.get(code_key(ruling.place_unit.split()[0]))
        if unit is None:
            rulings.outcome[ruling.row] = "incomplete"
            continue
        for number in arrivals.about(ruling):
            for tally in received[number].tallies:
                if ruling.sheet in ("", tally.sheet) and ruling.line in (0, tally.row):
                    placed[number, tally.sheet, tally.row] = unit
                    rulings.apply(ruling)
    return placed


def preferred(
    rows: Sequence[TallyRow],
    received: Sequence[Received],
    tallies: Sequence[TypedTally],
    findings: Sequence[Finding],
    rulings: Rulings,
) -> set[int]:
    """Return the tallies that a person took over others of the same unit and round; one with errors cannot be taken."""
    faulty = {finding.tally for finding in findings if finding.severity == "error"}
    faulty |= {number for number, row in enumerate(rows) if row.layout == "unread"}
    taken = set()
    arrivals = _Arrivals(received)
    of_file: dict[int, list[int]] = {}
    for number, row in enumerate(rows):
        of_file.setdefault(row.file, []).append(number)
    for ruling in rulings.of("prefer"):
        for number in (tally for file in arrivals.about(ruling) for tally in of_file.get(file, ())):
            here = ruling.sheet in ("", tallies[number].sheet) and ruling.line in (0, rows[number].row)
            if rows[number].unit_code and here and number in faulty:
                rulings.outcome[ruling.row] = "refused"
            elif rows[number].unit_code and here:
                taken.add(number)
                rulings.apply(ruling)
    return taken


def confirm(findings: Sequence[Finding], received: Sequence[Received], rulings: Rulings) -> list[Finding]:
    """Turn every query that a person confirmed into a record; an error cannot be confirmed away, only mended."""
    confirming = {ruling.id: ruling for ruling in rulings.of("confirm") if ruling.id}
    if not confirming:
        return list(findings)
    settled = []
    for finding in findings:
        ruling = confirming.get(_id_of(finding, received))
        if ruling is not None and finding.severity == "query":
            rulings.apply(ruling)
            finding = replace(finding, severity="info")
        elif ruling is not None and finding.severity == "error":
            rulings.outcome[ruling.row] = "refused"
        settled.append(finding)
    return settled


def _id_of(finding: Finding, received: Sequence[Received]) -> str:
    return question_id(finding, received[finding.file].sha256 if finding.file >= 0 else "")


def unanswered(rulings: Rulings) -> list[Finding]:
    """Return a finding for each ruling that could not be obeyed."""
    codes = {"stale": "decision_stale", "incomplete": "decision_incomplete", "refused": "decision_refused"}
    return [
        Finding("query", Note(codes[outcome], value=str(ruling.row), detail=(("kind_key", f"ruling_{ruling.kind}"),)))
        for ruling in rulings.all
        if (outcome := rulings.outcome[ruling.row]) in codes
    ]
