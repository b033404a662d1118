"""What is still open: the units to be chased, and the findings that want an answer."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from schemas.result import Result

from .cells import texts_of

CHASED = ("missing", "rejected", "queried")
# What such a file says is nobody's business any more. Not so of one excluded: a total that a unit declares, or a unit
# that is not expected, is asked about though it is not counted; and of a file that a person excluded nothing is said.
_LAPSED = ("superseded", "duplicate", "ignored")


def chased(result: Result, filing: Iterable[str]) -> pd.DataFrame:
    """Return the filing units to be chased, indexed by unit_code, in the tree's order."""
    units = result.round_units()
    units = units.loc[units.index.isin(list(filing)) & units["flag"].isin(CHASED)]
    return units.join(result.tree[["path", "email", "monitor", "depth"]])


def open_findings(result: Result) -> pd.DataFrame:
    """Return the errors and queries of the round that still want an answer: none of a file that no longer stands."""
    lapsed = result.files[result.files["status"].isin(_LAPSED)]
    gone = set(places(lapsed))
    findings = result.findings
    findings = findings[findings["severity"].isin(("error", "query")) & (findings["round"] == result.focus)]
    return findings.loc[[place not in gone for place in places(findings)]]


def places(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Return (file, member) of each row."""
    return list(zip(texts_of(table["file"]), texts_of(table["member"]), strict=True))
