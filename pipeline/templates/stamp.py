"""One workbook written once, and thousands alike made of it: only the texts that differ are put in anew.

XlsxWriter writes a workbook with gaps for what differs, all of it texts. A gap stands in the table of strings alone, so
every other part is the same in all copies, and its compressed bytes are used as they are. What comes out has the parts
that XlsxWriter would have written for that unit alone, byte for byte; a test sees to that.
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

    Raises:
        ValueError: a gap stands outside the table of strings.
    """

    def __init__(self, data: bytes) -> None:
        self._before = b""
        self._directory = b""
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}
        strings = parts.pop(_STRINGS).decode()
        for name, part in parts.items():
            if _OPEN.encode() in part:
                raise ValueError(f"a gap in {name}")
            entry = _Entry(name, part, len(self._before))
            self._before += entry.local
            self._directory += entry.central
        self._count = len(parts) + 1
        self._pieces = _GAP.split(strings)  # text, gap, text, gap, ..., text

    def filled(self, texts: Mapping[str, str]) -> bytes:
        """Return the workbook with its gaps filled.

        Args:
            texts: name of a gap -> its text, as plain text.

        Raises:
            KeyError: a gap has no text.
        """
        pieces = list(self._pieces)
        for place in range(1, len(pieces), 2):
            name = pieces[place]
            known = texts.get(name)
            pieces[place] = _xml(texts[name.lower()].upper() if known is None else known)
        entry = _Entry(_STRINGS, "".join(pieces).encode(), len(self._before))
        directory = self._directory + entry.central
        end = _END.pack(
            b"PK\5\6", 0, 0, self._count, self._count, len(directory), len(self._before) + len(entry.local), 0
        )
        return b"".join((self._before, entry.local, directory, end))


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
