"""Children -> parent, level by level. Pure: no file, no clock, no campaign."""

from __future__ import annotations

import pandas as pd


def merge_up(tallies: pd.DataFrame, parents: pd.Series) -> pd.DataFrame:
    """Sum every unit into its parent, one level up.

    Args:
        tallies: one row per unit_code (the index); counts are Int64, <NA> where not reported.
        parents: parent code, indexed by unit_code, from the registry.

    Returns:
        One row per parent, same columns, sorted by code. A sum is <NA> only if every child's is:
        blank never becomes 0. Whether a sum is whole is completeness's business.

    Raises:
        ValueError: a unit occurs twice, or is not in the registry.
    """
    _check_codes(tallies.index, parents.index)
    sums = tallies.groupby(parents.reindex(tallies.index).to_numpy(), sort=True).sum(min_count=1)
    sums.index.name = tallies.index.name
    return sums


def _check_codes(codes: pd.Index, known: pd.Index) -> None:
    if not codes.is_unique:
        raise ValueError(f"counted twice: {', '.join(map(str, codes[codes.duplicated()].unique()[:5]))}")
    unknown = codes.difference(known)
    if len(unknown):
        raise ValueError(f"not in the registry: {', '.join(map(str, unknown[:5]))}")


def merge_to_top(reported: pd.DataFrame, parents: pd.Series, depth: pd.Series) -> pd.DataFrame:
    """Sum what the filing units reported through every level up to the top.

    Args:
        reported: one row per filing unit that has something counted; Int64 counts.
        parents: parent code by unit_code, "" for the top.
        depth: 0 at the top, by unit_code.

    Returns:
        One row for every unit of the registry, in the registry's order; <NA> where nothing was
        reported at or below it. A parent's value is the sum of its children's.

    Raises:
        ValueError: a unit occurs twice, is not in the registry, or stands above another that reports.
    """
    _check_codes(reported.index, depth.index)
    levels = depth.reindex(reported.index)
    made: list[pd.DataFrame] = []
    sums = reported.iloc[0:0]
    for level in range(int(depth.max()), -1, -1):
        own = reported[levels == level]
        both = own.index.intersection(sums.index)
        if len(both):
            raise ValueError(f"reports for itself and through its units: {', '.join(map(str, both[:5]))}")
        here = pd.concat([own, sums]) if len(sums) else own
        made.append(here)
        sums = merge_up(here, parents) if level else here
    return pd.concat(made).reindex(parents.index)
