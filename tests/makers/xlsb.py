"""The smallest .xlsb there is ([MS-XLSB]): nothing on this machine else writes the format."""

from __future__ import annotations

import struct
from collections.abc import Collection, Sequence

from .forms import zipped

_TYPES = """<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>"""
_RELATION = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/>
</Relationships>"""


def xlsb(
    rows: Sequence[Sequence[object]], hidden_rows: Collection[int] = (), hidden_columns: Collection[int] = ()
) -> bytes:
    """Return a workbook of one sheet; a text that starts with # is an error cell (#REF!)."""
    width = max(map(len, rows))
    sheet = _record(129) + _record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1)) + _record(390)
    sheet += b"".join(_record(60, struct.pack("<IIIIH", c, c, 2560, 0, 1)) for c in hidden_columns) + _record(391)
    sheet += _record(145)  # begin data
    for r, row in enumerate(rows):
        flags = 0x10 if r in hidden_rows else 0
        sheet += _record(0, struct.pack("<IIHBBBI", r, 0, 300, 0, flags, 0, 0))
        sheet += b"".join(_cell(c, value) for c, value in enumerate(row) if value not in ("", None))
    sheet += _record(146) + _record(130)
    book = _record(131) + _record(143) + _record(156, struct.pack("<II", 0, 1) + _text("rId1") + _text("Sheet1"))
    book += _record(144) + _record(132)
    return zipped(
        {
            "[Content_Types].xml": _TYPES.encode(),
            "_rels/.rels": _RELATION.format(kind="officeDocument", target="xl/workbook.bin").encode(),
            "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": _RELATION.format(kind="worksheet", target="worksheets/sheet1.bin").encode(),
            "xl/worksheets/sheet1.bin": sheet,
        }
    )


def _cell(column: int, value: object) -> bytes:
    head = struct.pack("<II", column, 0)
    if isinstance(value, str):
        return _record(3, head + b"\x17") if value.startswith("#") else _record(6, head + _text(value))
    return _record(5, head + struct.pack("<d", value))


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _record(kind: int, body: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = len(body), b""
    while True:
        length += bytes([size & 0x7F | (0x80 if size > 127 else 0)])
        size >>= 7
        if not size:
            return head + length + body
