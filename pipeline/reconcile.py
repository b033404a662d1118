"""A total that a parent declares is held against the sum of its units, and never added."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from schemas.campaign import Campaign
from schemas.findings import severity
from schemas.records import Finding, Note, TallyRow, TypedTally


def newest_declared(rows: Sequence[TallyRow], state: Mapping[int, str]) -> list[int]:
    """Return the newest declared total of each unit and round: positions of tallies."""
    newest: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows):
        if row.is_declared and state[number] == "excluded":
            known = newest.setdefault((row.unit_code, row.round), number)
            if (row.received_at, row.file, row.row) > (rows[known].received_at, rows[known].file, rows[known].row):
                newest[row.unit_code, row.round] = number
    return sorted(newest.values())


def reconcile(
    declared: Sequence[int],
    rows: Sequence[TallyRow],
    tallies: Sequence[TypedTally],
    sums: Mapping[str, pd.DataFrame],
    counts: Mapping[str, pd.DataFrame],
    campaign: Campaign,
) -> list[Finding]:
    """Compare every declared total with the sum of the units below it.

    Args:
        declared: as `newest_declared` gives.
        rows: what is known of each tally.
        tallies: the typed tallies.
        sums: every unit's merged counts, by round.
        counts: every unit's merged status counts, by round.
        campaign: which counts are summed.

    Returns:
        A query on the parent for each count that differs; an info where all that it declares agrees.
    """
    findings: list[Finding] = []
    for number in declared:
        row = rows[number]
        status = counts[row.round].loc[row.unit_code].to_dict()
        received = "0" if pd.isna(status["expected"]) else str(status["complete"] + status["queried"])
        expected = "0" if pd.isna(status["expected"]) else str(status["expected"])
        total = sums[row.round].loc[row.unit_code].to_dict()
        differing = _differences(tallies[number], total, received, expected, campaign)
        is_any_said = any(tallies[number].values.get(field) is not None for field in campaign.count_fields)
        agrees = Note("declared_total_agrees", sheet=tallies[number].sheet, row=row.row)
        for note in differing or [agrees] * is_any_said:
            how = severity(note.code, campaign)
            if how != "off":
                findings.append(Finding(how, note, row.file, number, row.unit_code, row.round))
    return findings


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
