"""Every limit on what is read, in one place. docs/what-arrives.md explains each to users."""

from __future__ import annotations

from typing import Final

MEBI: Final = 1024 * 1024

MAX_FILE_BYTES: Final = 20 * MEBI  # a tally form is 8-40 KB; a mail with pictures a few MB
MAX_INFLATED_BYTES: Final = 100 * MEBI  # all parts of one archive or workbook together
MAX_INFLATION_RATIO: Final = 300  # real sheets reach about 30; empty styled rows about 150
MAX_ARCHIVE_MEMBERS: Final = 2000
MAX_NESTING: Final = 4  # a mail in a mail with an archive in an archive
MAX_SHEETS: Final = 200
MAX_AREA_CELLS: Final = 3_000_000  # rows x columns that a sheet's cells span
MAX_LINES: Final = 20_000  # filled rows of one sheet; the longest list, of a province's every branch, has 8,000
SECONDS_A_FILE: Final = 20
MEMORY_A_WORKER: Final = 1536 * MEBI  # address space beyond what the interpreter itself maps

MAX_CELL_CHARACTERS: Final = 32_767  # of a workbook's cell, in UTF-16 units
MAX_RESAVED_BYTES: Final = 8 * MEBI  # of XML that openpyxl loads for a correction copy: it takes 50 times that
