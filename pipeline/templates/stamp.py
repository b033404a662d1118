"""One workbook written once, and thousands alike made of it: only what differs is put in anew.

XlsxWriter writes a workbook with gaps for the texts that differ. They stand in the table of strings alone, so every
other part is the same in all copies, and its compressed bytes are used as they are; but for the first sheet where
numbers in its cells differ too. What comes out has the parts that XlsxWriter would have written for that unit alone,
byte for byte; tests see to that.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final
from xml.sax.saxutils import escape

_STRINGS: Final = "xl/sharedStrings.xml"
_SHEET: Final = "xl/worksheets/sheet1.xml"
_OPEN, _CLOSE = "\ue000", "\ue001"  # no registry has them: they stand for nothing
_GAP = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")
_ESCAPED = re.compile(r"(_x[0-9a-fA-F]{4}_)")
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_DEFLATED: Final = 8
_VERSION: Final = 20
_DAY: Final = (1 << 5) | 1  # 1 January 1980, the first day that a zip archive knows: same texts, same bytes


def gap(name: str) -> str:
    """Return the text that stands for one to come; written in capitals, for that text in capitals."""
    return f"{_OPEN}{name}{_CLOSE}"


class Stamp:
    """A workbook with gaps.

    Args:
        data: the workbook.
        cells: name of a gap -> the cell of the first sheet whose number, or whose formula's result, it is.

    Raises:
        ValueError: a gap stands outside the table of strings, or a cell has no number and no result.
    """

    def __init__(self, data: bytes, cells: Mapping[str, str] | None = None) -> None:
        self._before = b""
        self._directory = b""
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}
        varying = {_STRINGS: parts.pop(_STRINGS).decode()}
        if cells:
            varying = {_SHEET: _with_gaps(parts.pop(_SHEET).decode(), cells)} | varying
        for name, part in parts.items():
            if _OPEN.encode() in part:
                raise ValueError(f"a gap in {name}")
            entry = _Entry(name, part, len(self._before))
            self._before += entry.local
            self._directory += entry.central
        self._count = len(parts) + len(varying)
        self._varying = {name: _GAP.split(part) for name, part in varying.items()}  # text, gap, text, gap, ..., text

    def filled(self, texts: Mapping[str, str]) -> bytes:
        """Return the workbook with its gaps filled.

        Args:
            texts: name of a gap -> its text, as plain text.

        Raises:
            KeyError: a gap has no text.
        """
        made, directory, at = [self._before], [self._directory], len(self._before)
        for name, known in self._varying.items():
            entry = _Entry(name, _filled(known, texts).encode(), at)
            made.append(entry.local)
            directory.append(entry.central)
            at += len(entry.local)
        size = sum(map(len, directory))
        end = _END.pack(b"PK\5\6", 0, 0, self._count, self._count, size, at, 0)
        return b"".join((*made, *directory, end))


def _with_gaps(sheet: str, cells: Mapping[str, str]) -> str:
    for name, cell in cells.items():
        value = re.compile(rf'(<c r="{cell}"(?![^>]*t="s")[^>]*>(?:<f>[^<]*</f>)?<v>)[^<]*(?=</v>)')
        sheet, count = value.subn(rf"\g<1>{gap(name)}", sheet)
        if count != 1:
            raise ValueError(f"no number in {cell}")
    return sheet


def _filled(pieces: list[str], texts: Mapping[str, str]) -> str:
    filled = list(pieces)
    for place in range(1, len(filled), 2):
        name = filled[place]
        known = texts.get(name)
        filled[place] = _xml(texts[name.lower()].upper() if known is None else known)
    return "".join(filled)


def _xml(text: str) -> str:
    """Return a text as XlsxWriter writes it into the table of strings."""
    if "_x" in text:
        text = _ESCAPED.sub(r"_x005F\1", text)
    return escape(text)


class _Entry:
    """One part in a zip archive: what stands before it and itself, and its line in the directory."""

    def __init__(self, name: str, part: bytes, offset: int) -> None:
        squeezer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        squeezed = squeezer.compress(part) + squeezer.flush()
        shared = (_VERSION, 0, _DEFLATED, 0, _DAY, zlib.crc32(part), len(squeezed), len(part), len(name), 0)
        self.local = _LOCAL.pack(b"PK\3\4", *shared) + name.encode() + squeezed
        self.central = _CENTRAL.pack(b"PK\1\2", _VERSION, *shared, 0, 0, 0, 0, offset) + name.encode()
