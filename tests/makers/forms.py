"""One filled-in form in the formats that branches send, each by a program of its own."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from typing import Any

import openpyxl
import xlwt
from openpyxl.styles import Font

Row = Sequence[object]

FORM: tuple[Row, ...] = (
    ("ĐẢNG BỘ XÃ BÌNH AN", "ĐẢNG CỘNG SẢN VIỆT NAM"),
    ("CHI BỘ ẤP HÒA THUẬN", ""),
    ("Mã đơn vị", "KG-CT-BA-01"),
    ("1. Tổng số đảng viên", 45),
    ("2. Số lượng đảng viên tham gia học tập nghị quyết", 40),
    ("3. Số đảng viên viết thu hoạch", 38),
    ("4. Số đảng viên miễn viết thu hoạch", 2),
    ("5. Nhận xét, đánh giá", "Bài viết nghiêm túc, đúng yêu cầu"),
    ("6. Kiến nghị, đề xuất", "Đề nghị gửi tài liệu sớm hơn"),
)
COUNTS = {"members": 45, "attendees": 40, "reflections": 38, "exemptions": 2}


def xlsx(rows: Sequence[Row] = FORM, change: Callable[[Any], None] | None = None) -> bytes:
    """Return a workbook as openpyxl saves it: formulas have no stored value; `change` has the sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    if change is not None:
        change(sheet)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def xlsx_in_font(rows: Sequence[Row], font: str) -> bytes:
    def set_font(sheet: Any) -> None:
        for row in sheet.iter_rows():
            for cell in row:
                cell.font = Font(name=font)

    return xlsx(rows, set_font)


def xls(
    rows: Sequence[Row] = FORM, change: Callable[[Any], None] | None = None, font: str = "Times New Roman"
) -> bytes:
    """Return a workbook as xlwt saves it; an xlwt.Formula among the values has no stored value."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1", cell_overwrite_ok=True)
    style = xlwt.easyxf(f"font: name {font}")
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            sheet.write(r, c, value, style)
    if change is not None:
        change(sheet)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def with_part(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return a zipped workbook with one of its parts changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return zipped(members | {part: change(members[part])})


def ods(table: str) -> bytes:
    """Return the smallest .ods with this XML in its only table."""
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )
    content = (
        f'<office:document-content {names}><office:body><office:spreadsheet><table:table table:name="Trang 1">{table}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    mimetype = b"application/vnd.oasis.opendocument.spreadsheet"
    members = {"mimetype": mimetype, "META-INF/manifest.xml": manifest.encode(), "content.xml": content.encode()}
    return zipped(members, zipfile.ZIP_STORED)


def mail(attachments: Sequence[tuple[str, bytes | EmailMessage]], **headers: str) -> EmailMessage:
    """Return a mail as a mail program writes it; an attachment that is a mail is forwarded."""
    message = EmailMessage()
    defaults = {
        "From": "Chi bộ ấp Hòa Thuận <ap.hoathuan@binhan.example>",
        "To": "bantuyengiao@kiengiang.example",
        "Date": "Tue, 20 Apr 2021 09:30:00 +0700",
        "Message-ID": "<20210420.1@binhan.example>",
        "Subject": "Báo cáo kết quả học tập",
    }
    for name, value in (defaults | {key.replace("_", "-"): value for key, value in headers.items()}).items():
        if value:
            message[name] = value
    message.set_content("Kính gửi Ban Tuyên giáo, chi bộ gửi báo cáo.\n")
    for name, content in attachments:
        if isinstance(content, bytes):
            message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        else:
            message.add_attachment(content)
    return message


def eml(*attachments: tuple[str, bytes | EmailMessage], **headers: str) -> bytes:
    return mail(attachments, **headers).as_bytes()
