"""Placed tallies -> one frame, validated by pandera once, and every failure a finding with its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, Protocol

import numpy as np
import pandas as pd
from pandera.errors import SchemaErrorReason, SchemaErrors

from schemas.campaign import EXEMPTION_CATEGORIES, VIETNAM, Campaign
from schemas.findings import severity
from schemas.records import Finding, Note, Received, TallyRow, TypedTally
from schemas.tally import COUNTS, is_idle, required_writers, tally_columns, tally_schema
from schemas.words import hour_and_day

from .registry import Registry

# What makes a cell unreadable: an error on a count that the plan requires, on any other item a query.
_OF_A_CELL: Final = frozenset(
    {
        "count_negative",
        "count_not_whole",
        "count_unclear",
        "count_ambiguous",
        "two_values",
        "count_misplaced",
        "count_joint",
        "cell_error",
        "formula_without_value",
    }
)
# What a cell's reader may doubt; on an item that the plan has no use for it is only a record.
_OF_READING: Final = _OF_A_CELL | {
    "answer_elsewhere",
    "hidden_value",
    "date_unclear",
    "answer_unclear",
    "text_too_long",
    "text_cut",
    "hidden_label",
}
_JUDGED: Final = ("form", "list", "total")  # layouts that are a report of a unit, or may be
# Not said of a cell that something is written in, but could not be read: that has its own finding.
_OF_BLANKS: Final = frozenset({"count_blank", "assessment_blank", "proposals_blank", "document_missing"})
# What a check holds its field against.
_LIMITS: Final = {
    "over_members": "members",
    "attendance_low": "members",
    "reflections_below_required": "required",
    "reflections_over_attendees": "attendees",
    "writers_and_exempt_over_members": "members",
    "exempt_categories_differ": "exemptions",
    "grades_differ": "reflections",
    "members_differ_from_register": "members_on_register",
    "study_after_deadline": "study_deadline",
    "study_after_report": "received_day",
}


class Place(Protocol):
    """What validation needs to know of a placed tally."""

    @property
    def file(self) -> int: ...
    @property
    def tally(self) -> TypedTally: ...
    @property
    def unit_code(self) -> str: ...
    @property
    def round(self) -> str: ...
    @property
    def is_round_assumed(self) -> bool: ...
    @property
    def notes(self) -> tuple[Note, ...]: ...


def rows_of(
    placed: Sequence[Place], received: Sequence[Received], registry: Registry, campaign: Campaign
) -> list[TallyRow]:
    """Return of each placed tally what deciding about it needs, in the order of `placed`."""
    rounds = {r.id: r for r in campaign.rounds}
    expected = {r.id: registry.expectations(r) for r in campaign.rounds}
    rows = []
    for entry in placed:
        tally, thing, unit, round_id = entry.tally, received[entry.file], entry.unit_code, entry.round
        stands_above = bool(unit and round_id and registry.children[unit] and not expected[round_id][unit])
        is_own = bool(unit) and not registry.children[unit]  # a sum of what no unit is asked for
        rows.append(
            TallyRow(
                entry.file, tally.layout, tally.sheet, tally.row, unit, round_id, entry.is_round_assumed,
                is_declared=(tally.layout == "total" and not is_own) or stands_above,
                is_late=bool(round_id) and rounds[round_id].is_late(thing.received_at),
                received_at=thing.received_at,
                round_cell=tally.round_cell,
            )
        )  # fmt: skip
    return rows


def tabulate(placed: Sequence[Place], rows: Sequence[TallyRow], registry: Registry, campaign: Campaign) -> pd.DataFrame:
    """Lay the values of every placed tally out as one row.

    Returns:
        Index `tally` (position in `placed`); the columns of `schemas.tally.tally_columns`.
    """
    columns = tally_columns(campaign)
    values = [entry.tally.values for entry in placed]
    data: dict[str, list[object]] = {name: [of_tally.get(name) for of_tally in values] for name in columns}
    levels, registers = registry.of("level"), registry.of("members_on_register")
    data["unit_code"] = [row.unit_code for row in rows]
    data["round"] = [row.round for row in rows]
    data["level"] = [levels.get(row.unit_code, "") for row in rows]
    data["members_on_register"] = [registers.get(row.unit_code, pd.NA) for row in rows]
    last_days = {level: day.last_day() for level in campaign.tree.levels if (day := campaign.study_deadline(level))}
    data["study_deadline"] = [last_days.get(level) for level in data["level"]]  # type: ignore[call-overload]
    data["received_day"] = [row.received_at.astimezone(VIETNAM).date() for row in rows]
    index = pd.RangeIndex(len(placed), name="tally")
    return pd.DataFrame({name: pd.Series(data[name], index=index, dtype=dtype) for name, dtype in columns.items()})


def validate(
    frame: pd.DataFrame, placed: Sequence[Place], rows: Sequence[TallyRow], campaign: Campaign, as_of: datetime
) -> list[Finding]:
    """Find what is wrong with every tally: what reading noted, what placing noted, what pandera says.

    Args:
        frame: as `tabulate` made it.
        placed: the tallies behind its rows.
        rows: what is known of each; figures are judged of those whose unit and round are known, declared totals not.
        campaign: whose rules hold, and at which severity.
        as_of: decides which plan documents are due.

    Raises:
        Exception: a check that itself crashes is our own bug, and passes through.
    """
    noted = [(number, note) for number, entry in enumerate(placed) for note in (*entry.tally.notes, *entry.notes)]
    unread = {(number, note.field) for number, note in noted if note.code in _OF_READING - {"hidden_value"}}
    judged = frame[[bool(r.unit_code and r.round and not r.is_declared and r.layout in _JUDGED) for r in rows]]
    facts = _Facts(frame, campaign)
    failed = [
        (number, _note(code, field, facts, placed[number].tally, number, campaign))
        for number, code, field in _failures(judged, campaign, as_of)
        if not (code in _OF_BLANKS and (number, field) in unread)
    ]
    findings = []
    for number, note in sorted([*noted, *failed], key=lambda entry: entry[0]):
        how = _severity(note, campaign, is_declared=rows[number].is_declared)
        if how != "off":
            entry = placed[number]
            findings.append(Finding(how, note, entry.file, number, entry.unit_code, entry.round))
    return findings


def _severity(note: Note, campaign: Campaign, *, is_declared: bool) -> str:
    how = severity(note.code, campaign)
    if note.code in _OF_READING and how in ("error", "query") and is_idle(note.field, campaign):
        return "info"
    is_owed = note.field in COUNTS and campaign.items.asked(note.field) == "required"
    # A declared total is never counted, so nothing in it can keep it from counting.
    if note.code in _OF_A_CELL and how == "error" and (is_declared or not is_owed):
        return "query"
    return how


class _Facts:
    """The frame's columns as plain lists: one look-up in a list costs a hundredth of one in a frame."""

    def __init__(self, frame: pd.DataFrame, campaign: Campaign) -> None:
        self._frame, self._campaign = frame, campaign
        self._columns: dict[str, list[object]] = {}

    def at(self, number: int, column: str) -> object:
        """Return the value of a tally; "required" is who must write."""
        if column not in self._columns:
            of = required_writers(self._frame, self._campaign) if column == "required" else self._frame[column]
            self._columns[column] = of.tolist()
        return self._columns[column][number]


def _failures(judged: pd.DataFrame, campaign: Campaign, as_of: datetime) -> Iterable[tuple[int, str, str]]:
    """Yield (tally, code, field) of every failed check."""
    if judged.empty:
        return
    try:
        tally_schema(campaign, as_of).validate(judged, lazy=True)
    except SchemaErrors as errors:
        for fault in errors.schema_errors:
            if fault.reason_code == SchemaErrorReason.CHECK_ERROR or fault.check_output is None:
                raise  # our own check crashed, or the frame is not what we built: never the sender's fault
            code, _, field = str(fault.check.name).partition(":")
            holds = fault.check_output.to_numpy(dtype=bool)
            for number in judged.index[~holds]:
                yield int(number), code, field


def _note(code: str, field: str, facts: _Facts, tally: TypedTally, number: int, campaign: Campaign) -> Note:
    """Put a failed check into a note: the cell at fault, its value, and what it was held against."""
    cell = tally.cells.get(field, "")
    if code == "count_blank" and not cell:
        code = "item_not_found"
    limit = _LIMITS.get(code, "")
    detail = {"limit": _shown(facts.at(number, limit)) if limit else "", "other_cell": tally.cells.get("members", "")}
    value = _shown(facts.at(number, field))
    if code == "writers_and_exempt_over_members":
        detail |= {"other": _shown(tally.values.get("exemptions")), "other_cell": tally.cells.get("exemptions", "")}
        detail["allowed_key"] = "exempt_may_write" if campaign.rules.exempt_may_write else "exempt_may_not_write"
    elif code == "attendance_low":
        rate = int(value) / max(int(detail["limit"]), 1)
        detail |= {"rate": _percent(rate), "threshold": _percent(campaign.rules.attendance_rate_below)}
    elif code in ("exempt_categories_differ", "grades_differ"):
        parts = EXEMPTION_CATEGORIES if code == "exempt_categories_differ" else tuple(g.field for g in campaign.grades)
        value = str(sum(int(v) for part in parts if isinstance(v := tally.values.get(part), int)))
    elif code == "assessment_blank":
        detail["where_key"] = "fill_cell" if cell else "fill_item"
    elif code == "study_long_before":
        detail["limit"] = f"{campaign.earliest_study:%d/%m/%Y}"
    elif code == "document_missing":
        due = next(d.due for d in campaign.documents if d.field == field)
        detail["limit"] = f"{due.last_day():%d/%m/%Y}" if due else ""
    return Note(code, field, tally.sheet, cell, value, tuple(detail.items()), tally.row)


def _percent(share: float) -> str:
    return f"{share:.1%}".replace(".", ",")


def _shown(value: object) -> str:
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return ""
    if isinstance(value, pd.Timestamp | np.datetime64):
        return f"{pd.Timestamp(value):%d/%m/%Y}"
    return str(value)


def file_findings(received: Sequence[Received], campaign: Campaign, as_of: datetime) -> list[Finding]:
    """Find what is to be said of each thing received as a whole."""
    findings = []
    for number, thing in enumerate(received):
        notes = [*thing.notes, *([thing.problem] if thing.problem else [])]
        if thing.received_at > as_of:
            shown = hour_and_day(thing.received_at.astimezone(as_of.tzinfo))
            notes.append(Note("received_after_as_of", value=shown, detail=(("limit", f"{as_of:%H:%M %d/%m/%Y}"),)))
        findings += [Finding(how, note, number) for note in notes if (how := severity(note.code, campaign)) != "off"]
    return findings
