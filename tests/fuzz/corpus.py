"""The whole and healthy files that fuzzing starts from: real forms and lists, in each format and carrier."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

import xlwt

from pipeline.demo.forms import official_form
from pipeline.demo.lists import branch_list
from pipeline.demo.mails import mail, signature_image
from pipeline.settings import load_campaign
from pipeline.templates import write_template
from schemas.campaign import VIETNAM, Campaign
from tests.hostile.binary import form_records, xls
from tests.hostile.packages import form, form_lines
from tests.hostile.sheets import ods_form

CAMPAIGN: Final = Path(__file__).parents[2] / "inputs" / "kien-giang-2021"
VALUES: Final = {
    "members": 25, "attendees": 24, "guests": 3, "reflections": 20, "exemptions": 4,
    "assessment": "Nghiêm túc, đúng yêu cầu.\nCòn 1 bài sơ sài.", "proposals": "Đề nghị cấp thêm tài liệu (quý II).",
}  # fmt: skip
SENT: Final = datetime(2021, 4, 20, 9, 30, tzinfo=VIETNAM)


@cache
def campaign() -> Campaign:
    return load_campaign(CAMPAIGN)


@cache
def corpus() -> dict[str, bytes]:
    """Return the files to start from, by a name whose ending says what they are."""
    template = _template()
    official = official_form(
        campaign(), unit_name="Chi bộ khu phố 1", parent_name="Đảng bộ phường Vĩnh Thanh Vân", values=VALUES
    )
    listed = _list()
    old = _xls()
    packed = _zip({"Biểu/form.xlsx": official, "ds.xls": old, "ảnh.png": signature_image()})
    sent = mail(
        sender=("Chi bộ khu phố 1", "kg-rg-vtv-01@example.vn"), to="bantuyengiao.kiengiang@example.vn", sent=SENT,
        subject="Báo cáo đợt 1", body="Kính gửi",
        attachments=[("Biểu mẫu.xlsx", template), ("a.png", signature_image())],
    )  # fmt: skip
    forwarded = mail(
        sender=("VP", "kg-rg-vtv@example.vn"), to="bantuyengiao.kiengiang@example.vn", sent=SENT, subject="Fwd",
        body="Chuyển tiếp", attachments=[("Báo cáo.eml", sent), ("ds.zip", packed)],
    )  # fmt: skip
    return {
        "template.xlsx": template, "official.xlsx": official, "list.xlsx": listed, "plain.xlsx": form("KG-RG-VTV-01"),
        "form.xls": old, "records.xls": xls([("Biểu", form_records("KG-RG-VTV-01"))]),
        "form.ods": ods_form("KG-RG-VTV-01"), "sent.eml": sent.as_bytes(), "forwarded.eml": forwarded.as_bytes(),
        "packed.zip": packed, "packed.7z": _seven({"form.xlsx": official}),
    }  # fmt: skip


def _template() -> bytes:
    made = io.BytesIO()
    write_template(
        made, campaign=campaign(), unit_code="KG-RG-VTV-01", unit_name="Chi bộ khu phố 1",
        parent_name="Đảng bộ phường Vĩnh Thanh Vân", round="1", values=VALUES,
    )  # fmt: skip
    return made.getvalue()


def _list() -> bytes:
    fields = ("members", "attendees", "reflections", "exemptions", "assessment", "proposals")
    lines = [(f"KG-RG-VTV-0{n}", f"Chi bộ khu phố {n}", {**VALUES, "members": 20 + n}) for n in range(1, 6)]
    office, above = "Đảng bộ phường Vĩnh Thanh Vân", "Thành ủy Rạch Giá"
    return branch_list(office=office, above=above, fields=fields, lines=lines, total={"members": 115})


def _xls() -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Biểu")
    for row, line in enumerate(form_lines("KG-RG-VTV-01")):
        for column, value in enumerate(line):
            sheet.write(row, column, value)
    sheet.write(12, 1, xlwt.Formula("B4+B5"))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _zip(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2021, 4, 20, 8, 0, 0)), content)
    return made.getvalue()


def _seven(files: dict[str, bytes]) -> bytes:
    import py7zr

    made = io.BytesIO()
    with py7zr.SevenZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(content, name)
    return made.getvalue()
