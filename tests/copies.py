"""What tests of correction copies share: a form as sent out, what its first sheet says, a look into a package."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl

from pipeline.returns.cover import Letter, Remark
from pipeline.returns.marks import mark
from pipeline.settings import load_campaign
from pipeline.templates import write_template

KIEN_GIANG = load_campaign(Path(__file__).parents[1] / "inputs" / "kien-giang-2021")
COUNTS = {"members": 30, "attendees": 31, "guests": 0, "reflections": 20, "exemptions": 2, "assessment": "Tốt"}
LETTER = Letter(
    language="vi", campaign="Học tập Nghị quyết", unit_code="KG-AB-TY-05", unit="Tỉnh ủy / Chi bộ ấp Ngã Bát",
    is_unit_asked=False, round="1", is_round_asked=False, rounds="1, 2", due="", status="rejected",
    email="bantuyengiao@example.vn", source="Tệp đã nhận",
)  # fmt: skip
SHEET = "Báo cáo"
ERROR = Remark("error", SHEET, "B13", "Ô B13 = 31 lớn hơn tổng số đảng viên (30).", "Sửa B13 rồi gửi lại.")
QUERY = Remark("query", SHEET, "B15", "Ô B15 = 20, ít hơn số phải viết (28).", "Xác nhận hoặc gửi bản sửa.")
INFO = Remark("info", SHEET, "B22", "Mục kiến nghị, đề xuất để trống.", "Không cần làm gì.")


def form(**values: object) -> bytes:
    """Return a filled-in template: members in B12, attendees in B13, guests, reflections in B15."""
    buffer = io.BytesIO()
    write_template(
        buffer, campaign=KIEN_GIANG, unit_code="KG-AB-TY-05", unit_name="Chi bộ ấp Ngã Bát",
        parent_name="Đảng bộ xã Tây Yên", round="1", values=COUNTS | values,
    )  # fmt: skip
    return buffer.getvalue()


def copy_of(data: bytes, *remarks: Remark, letter: Letter = LETTER) -> bytes:
    return mark(data, remarks, letter, ())


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def changed(data: bytes, change: Any) -> bytes:
    """Return a workbook as openpyxl saves it after a change."""
    book = opened(data)
    change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def look(cell: Any) -> tuple[object, ...]:
    """Return what a person sees of a cell beside its value."""
    sides = tuple(getattr(cell.border, side).style for side in ("left", "right", "top", "bottom"))
    return repr(cell.font), repr(cell.alignment), cell.number_format, cell.fill.fgColor.rgb, sides
