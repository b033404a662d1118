"""Where a unit's findings and files stand, for links from the tree: always to our own rows, never to what was typed."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from .book import Book
from .cells import text_of, values_of
from .listing import part_of
from .pending import places

SEVERITIES = ("error", "query", "info")


@dataclass(frozen=True)
class Links:
    """Places in the lists, counted from 0, for `listed_at`.

    Attributes:
        findings: unit_code -> its first place among the findings, for units with an open one in the round.
        files: (file, member) -> its place among the files.
    """

    findings: dict[str, int]
    files: dict[tuple[str, str], int]


def ordered_findings(book: Book) -> pd.DataFrame:
    """Return every finding as its sheet lists them: errors, then queries, then notes, each in the tree's order."""
    findings = book.result.findings
    place = {code: number for number, code in enumerate(book.codes)}
    order = pd.DataFrame(
        {
            "severity": findings["severity"].map({name: rank for rank, name in enumerate(SEVERITIES)}),
            "unit": findings["unit_code"].map(place).fillna(len(place)),
        }
    ).sort_values(["severity", "unit"], kind="stable")
    return findings.loc[order.index]


def links_of(book: Book) -> Links:
    """Return where the findings and files of the round stand, but for rows that their sheets cannot hold."""
    listed = ordered_findings(book)
    is_open = listed.index.isin(book.open_findings.index)
    findings: dict[str, int] = {}
    for place, (code, wanted) in enumerate(zip(values_of(listed["unit_code"]), is_open.tolist(), strict=True)):
        if wanted and part_of(place):
            findings.setdefault(text_of(code), place)
    files = {of: place for place, of in enumerate(places(book.result.files)) if part_of(place)}
    return Links(findings, files)


def listed_at(book: Book, sheet: str, place: int) -> str:
    """Return the address of a place in a list."""
    found = part_of(place)
    assert found, "only places that a sheet has room for are linked to"
    return address(book, sheet, found[1], found[0])


def address(book: Book, sheet: str, row: int, number: int = 1) -> str:
    """Return the address of a row, counted from 0, of a sheet."""
    name = book.sheet_name(sheet, number).replace("'", "''")
    return f"'{name}'!A{row + 1}"
