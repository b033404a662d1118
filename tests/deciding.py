"""A small campaign with forms to rule on, and the rulings that tests write into its decisions.xlsx."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl

from pipeline.consolidate import Run, consolidate
from schemas.campaign import VIETNAM
from schemas.decisions import KINDS
from schemas.result import Result
from schemas.words import word

CAMPAIGN = """
title = "Học tập"
resolution = "Nghị quyết"
rounds = [{ id = "1", name = "Đợt 1", due = 2021-04-29 }]
exemption_categories = ["exempt_activity", "exempt_work", "exempt_retired"]
issuer = { superior = "TỈNH ỦY", name = "BAN TUYÊN GIÁO", place = "Kiên Giang" }
tree = { levels = ["province", "grassroots", "branch"] }
"""
UNITS = """unit_code,unit_name,level,parent_code,email
T,Tỉnh ủy Kiên Giang,province,,
X,Đảng bộ xã Tây Yên,grassroots,T,xa.tayyen@example.vn
B1,Chi bộ ấp 1,branch,X,ap1@example.vn
B2,Chi bộ ấp 2,branch,X,ap2@example.vn
"""
AS_OF = datetime(2021, 5, 10, 8, tzinfo=VIETNAM)
RULED = {"reason": "Đã gọi điện", "who": "Nguyễn Văn A"}


def write_form(
    path: Path, *, code: str = "", name: str = "", counts: tuple[object, ...], assessment: str = "Tốt", head: str = ""
) -> None:
    """Write the official form: members, attendees, reflections, exemptions."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    labels = (
        "Tổng số đảng viên",
        "Số đảng viên dự học tập",
        "Số đảng viên viết thu hoạch",
        "Số đảng viên miễn viết thu hoạch",
    )
    rows = [
        ("ĐẢNG BỘ XÃ TÂY YÊN", ""),
        (name, ""),
        *([(head, "")] if head else []),
        ("Mã đơn vị", code),
        *zip(labels, counts, strict=True),
        ("Nhận xét, đánh giá", assessment),
    ]
    for row in rows:
        sheet.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def make_campaign(folder: Path) -> Path:
    folder.mkdir()
    (folder / "campaign.toml").write_text(CAMPAIGN, encoding="utf-8")
    (folder / "units.csv").write_text(UNITS, encoding="utf-8")
    return folder


def run(folder: Path) -> Result:
    return consolidate(Run(folder, folder.parent / "out", as_of=AS_OF, jobs=1), lambda *_: None, lambda: None)


def rule(folder: Path, code: str, sheet_of: str = "", file: str = "", **filled: object) -> int:
    """Fill in the first question with a finding's code, of one sheet or file where that is given; return its row."""
    path = folder / "decisions.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    columns = {cell.value: cell.column for cell in sheet[1]}
    row = next(
        r
        for r in range(2, sheet.max_row + 1)
        if sheet.cell(r, columns[word("decision_code", "vi")]).value == code
        and sheet_of in ("", sheet.cell(r, columns[word("decision_sheet", "vi")]).value)
        and str(sheet.cell(r, columns[word("decision_file", "vi")]).value).endswith(file)
    )
    for key, value in {**RULED, **filled}.items():
        shown = word(f"ruling_{value}", "vi") if key == "decision" and value in KINDS else value
        sheet.cell(row, columns[word(f"decision_{key}", "vi")]).value = shown
    book.save(path)
    return row


def flag(result: Result, unit: str) -> str:
    return str(result.round_units("1").at[unit, "flag"])


def status(result: Result, file: str) -> str:
    return str(result.files.set_index("file").at[file, "status"])


def outcomes(result: Result) -> list[str]:
    return result.decisions["outcome"].tolist()


APPLIED, STALE = word("outcome_applied", "vi"), word("outcome_stale", "vi")
