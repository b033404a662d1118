"""Texts typed in the fonts of before Unicode: decoded in place, by each cell's font or by all texts of the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from schemas.legacy_fonts import (
    LegacyEncoding,
    decode_in_file,
    decode_in_font,
    encoding_of_font,
    is_beyond_latin,
    legacy_encoding,
)
from schemas.records import Grid, Note

from .places import Place

Runs = list[tuple[str, str]]  # (font, text)

# Latin-1 letters and signs that no Vietnamese text in Unicode has, and nearly every text in an old font does.
_TELLING = re.compile(
    "[\xa1-\xaa\xac-\xb2\xb4-\xba\xbc-\xbf\xc4-\xc7\xcb\xce\xcf\xd1\xd6-\xd8\xdb\xdc\xde\xdf"
    "\xe4-\xe7\xeb\xee\xef\xf1\xf6-\xf8\xfb\xfc\xfe\xff]"
)


def decode_by_fonts(grids: list[Grid], fonts: Iterable[tuple[str, Mapping[Place, Runs]]]) -> list[Note]:
    """Decode each cell, and each piece of a cell, that is in an old font; return a note for each sheet and encoding."""
    by_name = {grid.name: grid for grid in grids}
    notes: list[Note] = []
    for sheet, cells in fonts:
        if sheet in by_name:
            notes += _decode_sheet(by_name[sheet], cells)
    return notes


def _decode_sheet(grid: Grid, cells: Mapping[Place, Runs]) -> list[Note]:
    changed: dict[LegacyEncoding, int] = {}
    for (row, column), runs in cells.items():
        encodings = [found for font, _ in runs if (found := encoding_of_font(font)[0])]
        if not encodings or row >= len(grid.rows) or column >= len(grid.rows[row]):
            continue
        before = grid.rows[row][column]
        if not isinstance(before, str):
            continue
        pieces = runs if len(runs) > 1 else [(runs[0][0], before)]
        after = "".join(decode_in_font(text, font) for font, text in pieces).strip()
        if after != before:
            grid.rows[row][column] = after
            changed[encodings[0]] = changed.get(encodings[0], 0) + 1
    return [_note(encoding, count, grid.name) for encoding, count in changed.items()]


def decode_by_content(grids: list[Grid]) -> list[Note]:
    """Decode the texts of a file that is typed in an old font by what they say; return a note for each sheet."""
    texts = [value for grid in grids for row in grid.rows for value in row if isinstance(value, str) and value]
    if not _TELLING.search("\n".join(texts)):
        return []
    encoding = legacy_encoding(texts)
    if not encoding:
        return []
    is_mixed = any(map(is_beyond_latin, texts))
    return [note for grid in grids if (note := _decode_all(grid, encoding, is_mixed=is_mixed))]


def _decode_all(grid: Grid, encoding: LegacyEncoding, *, is_mixed: bool) -> Note | None:
    count = 0
    for row in grid.rows:
        for column, value in enumerate(row):
            if isinstance(value, str) and (after := decode_in_file(value, encoding, is_mixed=is_mixed)) != value:
                row[column] = after
                count += 1
    return _note(encoding, count, grid.name) if count else None


def _note(encoding: LegacyEncoding, count: int, sheet: str) -> Note:
    return Note("font_decoded", sheet=sheet, value=str(count), detail=(("what", encoding),))
