"""Findings -> the remarks of a correction copy: put as its sender is to read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, cast

from schemas.words import WORDS, word

from .cover import Remark
from .sheet import place_of

if TYPE_CHECKING:
    import pandas as pd

    from schemas.result import Result

_MOST_REMARKS: Final = 1000  # that a first sheet lists; nobody reads on
_ORDER: Final = {"error": 0, "query": 1, "info": 2}


def findings_by_thing(findings: pd.DataFrame) -> dict[tuple[str, str], list[Any]]:
    """Return the findings about each thing received, gravest first, then as the sheets read."""
    found: dict[tuple[str, str], list[Any]] = {}
    for finding in cast(Iterator[Any], findings.itertuples(index=False)):
        found.setdefault((finding.file, finding.member), []).append(finding)
    for about in found.values():
        about.sort(key=lambda finding: (_ORDER[finding.severity], finding.sheet, *place_of(finding.cell)))
    return found


def remarks_of(findings: list[Any], result: Result, *, is_list: bool) -> tuple[Remark, ...]:
    """Put findings as their sender is to read them: some advice of the catalogue speaks to an analyst instead.

    What no cell of a list is at fault for says whose line it is about.
    """
    language, remarks = result.language, []
    for finding in findings[:_MOST_REMARKS]:
        keys = [f"return_advice_line_{finding.code}"] * is_list + [f"return_advice_{finding.code}"]
        advice = next((word(key, language) for key in keys if key in WORDS), finding.fix)
        message = finding.message
        if is_list and finding.unit_code and not finding.cell:
            unit = str(result.tree.loc[finding.unit_code, "unit_name"])
            message = word("return_of_unit", language, unit=unit, message=message)
        remarks.append(Remark(finding.severity, finding.sheet, finding.cell, message, advice))
    if len(findings) > _MOST_REMARKS:
        rest = word("return_more", language, count=len(findings) - _MOST_REMARKS)
        remarks.append(Remark("info", "", "", rest, ""))
    return tuple(remarks)
