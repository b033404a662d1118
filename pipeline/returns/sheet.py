"""The XML of one sheet: cells get another look, and what is missing for that is put in, all else staying as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from .package import OFFICE, NotPlainError, attributes, with_attribute, without_attribute

Place = tuple[int, int]  # 1-based row and column

_DATA = re.compile(rb"(<sheetData\b[^>]*?)(?:/>|>(.*)</sheetData>)", re.DOTALL)
_ROW = re.compile(rb"<row\b([^>]*?)(?:/>|>(.*?)</row>)", re.DOTALL)
_CELL = re.compile(rb"<c\b([^>]*?)(/>|>.*?</c>)", re.DOTALL)
_COLUMN = re.compile(rb"<col\b([^>]*?)/>")
_MERGED = re.compile(rb"<mergeCell\b([^>]*?)/?>")
_DRAWING = re.compile(rb"<legacyDrawing\b[^>]*?(?:/>|>\s*</legacyDrawing>)")
# What the schema puts behind the drawing of comments; conditional formats may hold extensions of their own.
_AFTER = re.compile(
    rb"<(?:legacyDrawingHF|drawingHF|picture|oleObjects|controls|webPublishItems|tableParts|extLst)\b|</worksheet>"
)
_NESTED: Final = (b"</sheetData>", b"</conditionalFormatting>", b"</customSheetViews>")
_ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_USUAL_WIDTH: Final = "8.43"  # characters
_USUAL_HEIGHT: Final = "15"  # points
_MOST_MERGED: Final = 400  # cells of one merged area that get the mark; beyond, only the first does


class Area(NamedTuple):
    """A cell, or the merged cells that it is part of: shown under the first of them."""

    first: Place
    last: Place

    def places(self) -> Iterator[Place]:
        (top, left), (bottom, right) = self
        if (bottom - top + 1) * (right - left + 1) > _MOST_MERGED:
            yield self.first
            return
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                yield row, column


def place_of(address: str) -> Place:
    """Return (row, column) of an address, (0, 0) where it is none."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        return 0, 0
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def letters_of(column: int) -> str:
    """Return the letters of a column, 1-based."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address_of(place: Place) -> str:
    """Return the address of a cell."""
    return f"{letters_of(place[1])}{place[0]}"


class SheetXml:
    """One sheet's part, cut into what stands before, in and behind its cells.

    Raises:
        NotPlainError: cells or rows that do not say where they are.
    """

    def __init__(self, xml: bytes) -> None:
        found = _DATA.search(xml)
        if found is None:
            raise NotPlainError("a sheet without cells")
        self._head, self._open, self._tail = xml[: found.start()], found[1], xml[found.end() :]
        self._rows: dict[int, tuple[bytes, bytes]] = {}
        for row in _ROW.finditer(found[2] or b""):
            number = attributes(row[1]).get("r", "")
            if not number.isdigit() or int(number) in self._rows:
                raise NotPlainError("a row without a number of its own")
            self._rows[int(number)] = row[1], row[2] or b""
        self._merged = [_area(attributes(tag).get("ref", "")) for tag in _MERGED.findall(self._tail)]

    def area(self, address: str) -> Area:
        """Return the merged cells that a cell is part of, or the cell alone."""
        place = place_of(address)
        for area in self._merged:
            if area.first[0] <= place[0] <= area.last[0] and area.first[1] <= place[1] <= area.last[1]:
                return area
        return Area(place, place)

    def style(self, place: Place) -> str:
        """Return the number of the look that a cell has, be it only its row's or its column's."""
        cells = {found: tag for found, tag, _ in self._cells(place[0])}
        if place in cells:
            return attributes(cells[place]).get("s", "0")
        row = attributes(self._rows.get(place[0], (b"", b""))[0])
        return row.get("s", "0") if row.get("customFormat") in ("1", "true") else self._column(place[1]).get("s", "0")

    def _column(self, number: int) -> dict[str, str]:
        for tag in _COLUMN.findall(self._head):
            known = attributes(tag)
            if int(known.get("min", "0")) <= number <= int(known.get("max", "0")):
                return known | {"s": known.get("style", "0")}
        return {}

    def _cells(self, row: int) -> list[tuple[Place, bytes, bytes]]:
        cells = []
        for tag, rest in _CELL.findall(self._rows.get(row, (b"", b""))[1]):
            place = place_of(attributes(tag).get("r", ""))
            if place[0] != row:
                raise NotPlainError("a cell without an address of its row")
            cells.append((place, tag, rest))
        return cells

    def pixels(self, *, column: int = 0, row: int = 0) -> int:
        """Return how wide a column or how high a row is shown, about."""
        if column:
            known = self._column(column)
            if known.get("hidden") in ("1", "true"):
                return 0
            return round(float(known.get("width", _USUAL_WIDTH)) * 7) + 5
        known = attributes(self._rows.get(row, (b"", b""))[0])
        return 0 if known.get("hidden") in ("1", "true") else round(float(known.get("ht", _USUAL_HEIGHT)) * 4 / 3)

    def restyle(self, styles: Mapping[Place, int]) -> None:
        """Give cells other looks; a cell that is not there is put in, empty."""
        for row in sorted({place[0] for place in styles}):
            cells = {place: (tag, rest) for place, tag, rest in self._cells(row)}
            for place, style in styles.items():
                if place[0] == row:
                    tag, rest = cells.get(place, (f' r="{address_of(place)}"'.encode(), b"/>"))
                    cells[place] = with_attribute(tag, "s", str(style)), rest
            inner = b"".join(b"<c" + tag + rest for _, (tag, rest) in sorted(cells.items()))
            attributes_of_row = self._rows.get(row, (f' r="{row}"'.encode(), b""))[0]
            self._rows[row] = without_attribute(attributes_of_row, "spans"), inner

    def unhide(self, place: Place) -> None:
        """Show the row and the column of a cell."""
        row, column = place
        if row in self._rows:
            tag, inner = self._rows[row]
            self._rows[row] = without_attribute(tag, "hidden"), inner
        spans = self._column(column)
        if spans.get("hidden") in ("1", "true"):
            wanted = spans["min"], spans["max"]

            def shown(found: re.Match[bytes]) -> bytes:
                known = attributes(found[1])
                is_it = (known.get("min"), known.get("max")) == wanted
                return b"<col" + without_attribute(found[1], "hidden") + b"/>" if is_it else found[0]

            self._head = _COLUMN.sub(shown, self._head)

    @property
    def drawing(self) -> str:
        """The relation by which the sheet draws its comments, "" for none."""
        found = _DRAWING.search(self._tail)
        known = attributes(found[0]) if found else {}
        return next((value for name, value in known.items() if name.endswith(":id")), "")

    def draw(self, relation: str) -> None:
        """Let the sheet draw its comments by a relation, or none where it is ""."""
        entry = f'<legacyDrawing xmlns:r="{OFFICE}" r:id="{relation}"/>'.encode() if relation else b""
        if _DRAWING.search(self._tail):
            self._tail = _DRAWING.sub(entry, self._tail, count=1)
            return
        start = max(self._tail.rfind(end) + len(end) if end in self._tail else 0 for end in _NESTED)
        found = _AFTER.search(self._tail, start)
        if found is None:
            raise NotPlainError("a sheet without an end")
        self._tail = self._tail[: found.start()] + entry + self._tail[found.start() :]

    def to_bytes(self) -> bytes:
        body = b"".join(b"<row" + tag + b">" + inner + b"</row>" for _, (tag, inner) in sorted(self._rows.items()))
        return self._head + self._open + b">" + body + b"</sheetData>" + self._tail


def _area(ref: str) -> Area:
    first, _, last = ref.partition(":")
    return Area(place_of(first), place_of(last or first))
