"""A total that a parent declares is held against the sum of its units, and never added."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from schemas.campaign import Campaign
from schemas.findings import severity
from schemas.records import Finding, Note, TallyRow, TypedTally

from .registry import Registry


def newest_declared(
    rows: Sequence[TallyRow],
    state: Mapping[int, str],
    tallies: Sequence[TypedTally],
    fields: Collection[str] | None = None,
) -> list[int]:
    """Return the newest declared total of each unit and round that says any of some items: positions of tallies.

    Without any items given, the newest of all. An office's words below a list without a sum are
    declared too, and take no figures away that it sent before.
    """
    newest: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows):
        is_declared = row.is_declared and state[number] == "excluded"
        if is_declared and (fields is None or _says(tallies[number], fields)):
            known = newest.setdefault((row.unit_code, row.round), number)
            if (row.received_at, row.file, row.row) > (rows[known].received_at, rows[known].file, rows[known].row):
                newest[row.unit_code, row.round] = number
    return sorted(newest.values())


def lines_waiting(
    declared: Sequence[int], rows: Sequence[TallyRow], state: Mapping[int, str], registry: Registry
) -> dict[int, list[int]]:
    """Return declared total -> the lines of its own list that count for nothing yet, until somebody mends them."""
    lines: dict[tuple[int, str, str], list[int]] = {}
    for number, row in enumerate(rows):
        if row.layout == "list" and state[number] in ("rejected", "unidentified"):
            lines.setdefault((row.file, row.sheet, row.round), []).append(number)
    found: dict[int, list[int]] = {}
    for number in declared:
        row = rows[number]
        own = lines.get((row.file, row.sheet, row.round), ())
        found[number] = [n for n in own if not rows[n].unit_code or registry.is_under(rows[n].unit_code, row.unit_code)]
    return found


def reconcile(
    declared: Mapping[int, Sequence[int]],
    rows: Sequence[TallyRow],
    tallies: Sequence[TypedTally],
    sums: Mapping[str, pd.DataFrame],
    counts: Mapping[str, pd.DataFrame],
    campaign: Campaign,
) -> list[Finding]:
    """Compare every declared total with the sum of the units below it.

    Args:
        declared: as `newest_declared` gives, each with the lines of its list that wait to be mended.
        rows: what is known of each tally.
        tallies: the typed tallies.
        sums: every unit's merged counts, by round.
        counts: every unit's merged status counts, by round.
        campaign: which counts are summed.

    Returns:
        A query on the parent for each count that differs; an info where all that it declares agrees. What differs by
        no more than the lines that wait is neither: they are told of themselves, and it is compared when they count.
    """
    findings: list[Finding] = []
    for number, waiting in declared.items():
        row = rows[number]
        status = counts[row.round].loc[row.unit_code].to_dict()
        received = "0" if pd.isna(status["expected"]) else str(status["complete"] + status["queried"])
        expected = "0" if pd.isna(status["expected"]) else str(status["expected"])
        total = sums[row.round].loc[row.unit_code].to_dict()
        differing = _differences(tallies[number], total, received, expected, campaign)
        told = [note for note in differing if not _waits_for(note, [tallies[line] for line in waiting], total)]
        agrees = Note("declared_total_agrees", sheet=tallies[number].sheet, row=row.row)
        for note in told or [agrees] * (not differing and _says(tallies[number], campaign.count_fields)):
            how = severity(note.code, campaign)
            if how != "off":
                findings.append(Finding(how, note, row.file, number, row.unit_code, row.round))
    return findings


def _says(tally: TypedTally, fields: Collection[str]) -> bool:
    return any(tally.values.get(field) is not None for field in fields)


def _waits_for(note: Note, lines: Sequence[TypedTally], total: Mapping[Hashable, Any]) -> bool:
    """Whether what a count differs by may be in lines that count for nothing yet."""
    values = [line.values.get(note.field) for line in lines]
    known = [value for value in values if isinstance(value, int)]
    below = 0 if pd.isna(total[note.field]) else int(total[note.field])
    missing = int(note.value) - below - sum(known)
    return bool(values) and (missing == 0 if len(known) == len(values) else missing >= 0)


def _differences(
    tally: TypedTally, total: Mapping[Hashable, Any], received: str, expected: str, campaign: Campaign
) -> list[Note]:
    notes = []
    for field in campaign.count_fields:
        said, below = tally.values.get(field), "–" if pd.isna(total[field]) else str(total[field])
        if isinstance(said, int) and str(said) != below:
            detail = (("reported", received), ("expected", expected), ("limit", below))
            place = (tally.sheet, tally.cells.get(field, ""))
            notes.append(Note("declared_total_differs", field, *place, str(said), detail, tally.row))
    return notes
