"""The raw material of made-up hostile files: workbooks and archives part by part, every byte as it is asked for.

The usual writers refuse to write what these files need (two parts of one name, lying headers, XML that is none).
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape, quoteattr

MOMENT: Final = (2021, 4, 20, 8, 0, 0)
HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"

Part = tuple[str, str | bytes]


def zipped(parts: Iterable[Part], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of parts in order; the same name may come twice."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in parts:
            info = zipfile.ZipInfo("-" * len(name.encode()), MOMENT)
            info.filename = name  # past the cleaning that ZipInfo does to a name
            info.compress_type = method
            archive.writestr(info, content)
    return made.getvalue()


@dataclass
class Book:
    """A .xlsx in the making: sheets are the XML of their `sheetData` and what stands around it."""

    sheets: list[tuple[str, str]] = field(default_factory=list)  # name, content of <worksheet>
    extra: dict[str, str | bytes] = field(default_factory=dict)  # part -> content, put in place of ours of that name
    strings: str = ""  # content of <sst>
    doctype: Mapping[str, str] = field(default_factory=dict)  # part -> text behind its XML declaration
    behind: list[Part] = field(default_factory=list)  # parts written behind all others, of any name
    around: str = ""  # elements behind the list of sheets
    relations: list[tuple[str, str, str]] = field(default_factory=list)  # of the workbook, beyond those to its sheets

    def parts(self) -> list[Part]:
        made: dict[str, str | bytes] = {
            "[Content_Types].xml": self._types(),
            "_rels/.rels": relations([("rId1", "officeDocument", "xl/workbook.xml")]),
            "xl/workbook.xml": self._workbook(),
            "xl/_rels/workbook.xml.rels": self._workbook_relations(),
        }
        if self.strings:
            made["xl/sharedStrings.xml"] = self._part(
                "xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{self.strings}</sst>'
            )
        for number, (_, content) in enumerate(self.sheets, 1):
            name = f"xl/worksheets/sheet{number}.xml"
            made[name] = self._part(name, f'<worksheet xmlns="{MAIN}">{content}</worksheet>')
        return [*{**made, **self.extra}.items(), *self.behind]

    def made(self) -> bytes:
        return zipped(self.parts())

    def _part(self, name: str, content: str) -> str:
        return f"{HEAD}{self.doctype.get(name, '')}{content}"

    def _types(self) -> str:
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        sheets = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
            for n in range(1, len(self.sheets) + 1)
        )
        return (
            f'{HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{sheets}</Types>'
        )

    def _workbook(self) -> str:
        sheets = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, (name, _) in enumerate(self.sheets, 1)
        )
        book = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets>{self.around}</workbook>'
        return self._part("xl/workbook.xml", book)

    def _workbook_relations(self) -> str:
        listed = [(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(self.sheets) + 1)]
        listed += [("rIdS", "sharedStrings", "sharedStrings.xml")] if self.strings else []
        return relations([*listed, *self.relations])


def relations(listed: Iterable[tuple[str, str, str]], mode: str = "") -> str:
    """Return the part that says what belongs to a part: (id, kind, target) each."""
    more = f' TargetMode="{mode}"' if mode else ""
    made = "".join(f'<Relationship Id="{id_}" Type="{OFFICE}/{kind}" Target="{to}"{more}/>' for id_, kind, to in listed)
    return f'{HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{made}</Relationships>'


def cell(place: str, value: str | int) -> str:
    """Return a cell with a number or a text in line."""
    if isinstance(value, int):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def rows(lines: Iterable[tuple[str | int, ...]], first: int = 1) -> str:
    """Return rows of cells from column A on."""
    return "".join(
        f'<row r="{number}">{"".join(cell(f"{chr(65 + c)}{number}", value) for c, value in enumerate(line))}</row>'
        for number, line in enumerate(lines, first)
    )


def sheet(content: str, dimension: str = "") -> str:
    return (f'<dimension ref="{dimension}"/>' if dimension else "") + f"<sheetData>{content}</sheetData>"


# --- the form -------------------------------------------------------------------------------------------

LABELS: Final = {
    "unit_code": "Mã đơn vị", "unit_name": "Tên chi bộ", "round": "Đợt", "members": "1. Tổng số đảng viên",
    "attendees": "2. Số đảng viên tham gia học tập", "reflections": "3. Số đảng viên viết thu hoạch",
    "exemptions": "4. Số đảng viên miễn viết thu hoạch", "assessment": "5. Nhận xét, đánh giá",
    "proposals": "6. Kiến nghị, đề xuất",
}  # fmt: skip
ANSWERS: Final[dict[str, str | int]] = {
    "round": "Đợt 1", "members": 20, "attendees": 19, "reflections": 18, "exemptions": 2,
    "assessment": "Nghiêm túc, đúng yêu cầu", "proposals": "Không có kiến nghị",
}  # fmt: skip


def form_lines(code: str, **answers: str | int) -> list[tuple[str | int, ...]]:
    """Return the lines of a form that is in order but for the answers given."""
    filled = {"unit_code": code, **ANSWERS, **answers}
    return [(LABELS[name], filled[name]) for name in LABELS if name in filled]


def form(code: str, sheet_name: str = "Biểu", **answers: str | int) -> bytes:
    """Return a .xlsx with a form that is in order but for the answers given."""
    return Book([(sheet_name, sheet(rows(form_lines(code, **answers))))]).made()


# --- what zip's writer does not write -------------------------------------------------------------------


def zeros(size: int) -> bytes:
    """Return so many bytes of zeros (a whole number of MiB), packed: one packed MiB again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)  # needs nothing of what stands before it
    return piece * (size >> 20) + b"\x03\x00"


@dataclass(frozen=True)
class Entry:
    """One member of a zip with every field of its headers as it is asked for."""

    name: bytes
    packed: bytes
    size: int
    crc: int = 0
    method: int = zipfile.ZIP_DEFLATED
    flags: int = 0x800
    mode: int = 0
    at: int | None = None  # where its local header is said to stand, if not where it does


def raw_zip(entries: Iterable[Entry]) -> bytes:
    """Return a zip of entries whose headers say what they are told to."""
    body, directory, count = bytearray(), bytearray(), 0
    for entry in entries:
        count += 1
        start = len(body) if entry.at is None else entry.at
        fields = (entry.flags, entry.method, 0, 0x5294, entry.crc, len(entry.packed), entry.size, len(entry.name), 0)
        if entry.at is None:
            body += b"PK\3\4" + struct.pack("<HHHHHIIIHH", 20, *fields) + entry.name + entry.packed
        more = struct.pack("<HHHII", 0, 0, 0, entry.mode << 16, start)
        directory += b"PK\1\2" + struct.pack("<HHHHHHIIIHH", 20, 20, *fields) + more + entry.name
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory + b"PK\5\6" + end)
