"""Expected v received v counted: flags on every unit, measured from the leaves up.

It starts from the registry, so that a unit that sent nothing has its row. The sums themselves are
merge's business: this module says of whom there is what, and how whole each sum is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
import pandas as pd

from schemas.campaign import Campaign, Round
from schemas.records import Finding, TallyRow
from schemas.tally import required_writers
from schemas.totals import STATUS_COUNTS, summed_columns, unit_columns

from .registry import Registry

_RATES = {"attendance_rate": ("attendees", "members"), "reflection_rate": ("reflections", "required")}
FLAGS = ("complete", "queried", "rejected", "missing", "not_due")


def reported(frame: pd.DataFrame, state: Mapping[int, str], round_id: str, campaign: Campaign) -> pd.DataFrame:
    """Return what the counted tallies of a round report.

    Returns:
        One row a unit that has a counted tally (index unit_code); Int64 persons in the columns of
        `schemas.totals.summed_columns`, <NA> where an item is not asked for or was left blank. For each rate a
        column of ones and zeros, `<rate>_unlike`: 1 where only one of its two counts is known of the unit.
    """
    counted = frame.loc[[tally for tally, what in state.items() if what == "counted"]]
    counted = counted[counted["round"] == round_id].set_index("unit_code")
    asked = {*campaign.count_fields, *campaign.document_fields}
    columns = {
        name: counted[name] if name in asked else pd.Series(pd.NA, index=counted.index, dtype="Int64")
        for name in summed_columns(campaign)
    }
    columns["required"] = required_writers(counted, campaign).astype("Int64")
    # By unit, never by parent: one unit's surplus does not settle what another owes.
    columns["outstanding"] = (columns["required"] - columns["reflections"]).clip(lower=0)
    for rate, (part, whole) in _RATES.items():
        columns[f"{rate}_unlike"] = (columns[part].isna() != columns[whole].isna()).astype("Int64")
    return pd.DataFrame(columns, index=counted.index)


def filing_status(
    rows: Sequence[TallyRow],
    state: Mapping[int, str],
    findings: Sequence[Finding],
    registry: Registry,
    round_: Round,
    as_of: datetime,
) -> pd.DataFrame:
    """Return the flag of every filing unit of a round.

    Returns:
        One row an expected unit (index unit_code) with `flag`, and the columns of
        `schemas.totals.STATUS_COUNTS` as Int64 ones and zeros, ready to be merged upward.
    """
    expected = registry.expected(round_)
    units = expected.index[expected]
    counted = {
        rows[tally].unit_code: tally
        for tally, what in state.items()
        if what == "counted" and rows[tally].round == round_.id
    }
    rejected = {
        rows[tally].unit_code for tally, what in state.items() if what == "rejected" and rows[tally].round == round_.id
    }
    asked_about = {finding.tally for finding in findings if finding.severity == "query"}
    queried = {unit for unit, tally in counted.items() if tally in asked_about}
    late = {unit for unit, tally in counted.items() if rows[tally].is_late}
    flags = np.select(
        [units.isin(queried), units.isin(counted), units.isin(rejected), np.full(len(units), round_.is_due(as_of))],
        _words("queried", "complete", "rejected", "missing"),
        default=_word("not_due"),
    )
    status = pd.DataFrame({"flag": flags}, index=units)
    status["expected"] = 1
    for flag in FLAGS:
        status[flag] = (status["flag"] == flag).astype(int)
    status["late"] = units.isin(late).astype(int)
    return status.astype(dict.fromkeys(STATUS_COUNTS, "Int64"))


def units_of_round(
    sums: pd.DataFrame,
    status: pd.DataFrame,
    counts: pd.DataFrame,
    doubted: set[str],
    registry: Registry,
    round_: Round,
    campaign: Campaign,
) -> pd.DataFrame:
    """Put one round's rows of units.csv together.

    Args:
        sums: every unit's counts, from merge.
        status: filing units' flags, from `filing_status`.
        counts: every unit's status counts, merged upward.
        doubted: units above the filing ones that have an open query of their own.
        registry: gives every unit its row.
        round_: the round.
        campaign: the columns asked for.

    Returns:
        One row a unit in the registry's order, with the columns of `schemas.totals.unit_columns`.
    """
    table = registry.tree[["unit_name", "level", "parent_code"]].copy()
    table["round"] = round_.id
    counts = counts.reindex(table.index).fillna(0).astype("Int64")
    table[list(STATUS_COUNTS)] = counts[list(STATUS_COUNTS)]
    table["flag"] = _parent_flags(counts, table.index.isin(doubted))
    table.loc[status.index, "flag"] = status["flag"]
    received = counts["complete"] + counts["queried"]
    table["coverage"] = _rate(received, counts["expected"])
    table[list(sums.columns)] = sums.reindex(table.index)
    for rate, (part, whole) in _RATES.items():
        # Only where both sides are known of the same units: a rate of unlike sums would take a blank for a 0.
        is_alike = table[f"{rate}_unlike"].eq(0).fillna(False)
        table[rate] = _rate(table[part], table[whole]).where(is_alike)
    return table.reset_index(names="unit_code")[list(unit_columns(campaign))]


def _parent_flags(counts: pd.DataFrame, is_doubted: np.ndarray) -> np.ndarray:
    """A unit above is complete when all that is expected below it is, and nothing it declared itself is in doubt."""
    expected, received = counts["expected"], counts["complete"] + counts["queried"]
    whole = (counts["complete"] == expected).to_numpy(dtype=bool) & ~is_doubted
    return np.select(
        [
            (expected == 0).to_numpy(dtype=bool),
            whole,
            (received > 0).to_numpy(dtype=bool),
            (counts["not_due"] > 0).to_numpy(dtype=bool),
        ],
        _words("not_expected", "complete", "partial", "not_due"),
        default=_word("missing"),
    )


def _words(*words: str) -> list[np.ndarray]:
    return [_word(word) for word in words]


def _word(word: str) -> np.ndarray:
    """Return a word for `np.select` to give as it is: of a plain one it would make a new text for each unit."""
    return np.array(word, dtype=object)


def _rate(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Return part / whole as Float64, <NA> where either is unknown or the whole is 0."""
    return part.astype("Float64") / whole.astype("Float64").where(whole > 0)
