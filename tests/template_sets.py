"""What tests of the templates share: a small campaign's set, what is read of a workbook, answers filled in by name."""

from __future__ import annotations

import csv
import io
import re
import shutil
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl

from pipeline.intake import arrival_of
from pipeline.per_file import ReadingContext, read_arrival
from pipeline.settings import load_campaign
from schemas.campaign import VIETNAM, Campaign
from schemas.layout import load_form_spec
from schemas.records import Received
from schemas.words import word

INPUTS = Path(__file__).parents[1] / "inputs"
SHIPPED = sorted(path.parent.name for path in INPUTS.glob("*/campaign.toml") if path.parent.name != "demo")

KG = "kien-giang-2021"
REGISTRY = """unit_code,unit_name,level,parent_code,valid_to,reports
T,Tỉnh ủy Kiên Giang,province,,,
H,Huyện ủy <An Biên> & "Bạn",district,T,,
X1,Đảng bộ xã Tây Yên,grassroots,H,,
X1/01,Chi bộ ấp <1> & 'ấp' 2,branch,X1,,
X1-02,Chi bộ ấp _x0041_,branch,X1,,
X1-03,Chi bộ đã giải thể,branch,X1,2021-01-01,
X1-04,Chi bộ không báo cáo,branch,X1,,false
X2,Đảng bộ Bưu điện,grassroots,H,,
CON,Chi bộ =1+1,branch,X2,,
C,Chi bộ cơ sở Trường Chính trị,district,T,,
"""
EVERYTHING: dict[str, object] = {
    "study_date": date(2021, 4, 20), "members": 45, "attendees": 43, "guests": 3, "reflections": 40,
    "guest_reflections": 0, "exemptions": 5, "exempt_activity": 2, "exempt_work": 1, "exempt_retired": 2,
    "assessment": "- Chi bộ ấp 3: 12 đ/c viết tốt\nTổng số đảng viên: 3\nT/M CHI ỦY", "proposals": "Không",
}  # fmt: skip


def small_campaign(folder: Path) -> Path:
    """Write a campaign of few units with names and codes that are hard to write: the plan of Kiên Giang."""
    shutil.copy(INPUTS / KG / "campaign.toml", folder)
    (folder / "units.csv").write_text(REGISTRY, encoding="utf-8")
    return folder


@cache
def campaign_of(name: str) -> Campaign:
    return load_campaign(INPUTS / name)


@cache
def context_of(name: str) -> ReadingContext:
    return ReadingContext(load_form_spec(campaign_of(name)), ())


def read(path: Path, name: str) -> Received:
    """Return what a run reads of one file of a shipped campaign."""
    (received,) = read_arrival(arrival_of(path, VIETNAM), context_of(name))
    return received


def index_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "templates.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def named_cells(book: Any) -> dict[str, list[str]]:
    """Return field -> [cell] of a form, or [first, last] of a list's column, by the names that the workbook defines."""
    return {
        name.removeprefix("tally_"): defined.attr_text.partition("!")[2].replace("$", "").split(":")
        for name, defined in book.defined_names.items()
    }


def fill_form(source: Path, target: Path, answers: Mapping[str, object]) -> None:
    """Type answers into a form with openpyxl, found by the names of its cells."""
    book = openpyxl.load_workbook(source)
    cells = named_cells(book)
    for field, value in answers.items():
        book.worksheets[0][cells[field][0]] = _typed(value)
    book.save(target)


def fill_list(source: Path, target: Path, lines: Mapping[str, Mapping[str, object]]) -> None:
    """Type answers into the lines of a list, by unit code."""
    book = openpyxl.load_workbook(source)
    sheet, cells = book.worksheets[0], named_cells(book)
    first, last = (int(re.sub(r"\D", "", cell)) for cell in cells["members"])
    rows = {sheet.cell(row, 2).value: row for row in range(first, last + 1)}
    for code, answers in lines.items():
        for field, value in answers.items():
            sheet[f"{re.sub(r'[0-9]', '', cells[field][0])}{rows[code]}"] = _typed(value)
    book.save(target)


def _typed(value: object) -> object:
    if isinstance(value, bool):
        return word("form_yes" if value else "form_no", "vi")
    return datetime(value.year, value.month, value.day) if isinstance(value, date) else value
