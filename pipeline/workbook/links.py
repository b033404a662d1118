"""Where a unit's findings and files stand, for links from the tree: always to our own rows, never to what was typed."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from .book import Book
from .cells import text_of
from .listing import HEADER_ROW, MOST_ROWS
from .pending import open_findings, places

SEVERITIES = ("error", "query", "info")
MOST_LINKS = 65_530  # Excel takes no more on a sheet


@dataclass(frozen=True)
class Links:
    """Rows of the lists, counted from 1 as in an address.

    Attributes:
        findings: unit_code -> its first row on the sheet of findings, for units with an open one in the round.
        files: (file, member) -> its row on the sheet of files.
    """

    findings: dict[str, int]
    files: dict[tuple[str, str], int]


def ordered_findings(book: Book) -> pd.DataFrame:
    """Return every finding as its sheet lists them: errors, then queries, then notes, each in the tree's order."""
    findings, tree = book.result.findings, book.result.tree
    place = {code: number for number, code in enumerate(tree.index)}
    order = pd.DataFrame(
        {
            "severity": findings["severity"].map({name: rank for rank, name in enumerate(SEVERITIES)}),
            "unit": findings["unit_code"].map(place).fillna(len(place)),
        }
    ).sort_values(["severity", "unit"], kind="stable")
    return findings.loc[order.index]


def links_of(book: Book) -> Links:
    """Return where the findings and files of the round stand, but for rows that their sheets cannot hold."""
    first = HEADER_ROW + 2
    listed = ordered_findings(book)
    is_open = listed.index.isin(open_findings(book.result).index)
    findings: dict[str, int] = {}
    for row, (code, wanted) in enumerate(zip(listed["unit_code"].tolist(), is_open, strict=True), first):
        if wanted and row < first + MOST_ROWS:
            findings.setdefault(text_of(code), row)
    files = {place: row for row, place in enumerate(places(book.result.files), first) if row < first + MOST_ROWS}
    return Links(findings, files)


def internal(book: Book, sheet: str, row: int) -> str:
    """Return the address of a row of a sheet, for `write_url`."""
    name = book.sheet_name(sheet).replace("'", "''")
    return f"internal:'{name}'!A{row}"
