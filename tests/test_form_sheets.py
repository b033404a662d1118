"""Several sheets in a workbook: which are forms, and what is said of those that are not."""

from __future__ import annotations

import io
from pathlib import Path

import xlsxwriter

from pipeline.intake import find_arrivals
from pipeline.per_file import ReadingContext, read_arrival
from schemas.campaign import VIETNAM
from schemas.records import Received
from tests.form_tables import SPEC, grid

FILLED = """
    | CHI BỘ ẤP 3 | |
    | 1. Tổng số đảng viên | 45 |
    | 2. Số đảng viên dự học tập | 44 |
    | 5. Nhận xét đánh giá | Tốt |
"""
BLANK = """
    | CHI BỘ ẤP 4 | |
    | 1. Tổng số đảng viên | ..... |
    | 2. Số đảng viên dự học tập | |
    | 5. Nhận xét đánh giá | |
"""
EXPLAINED = """
    | HƯỚNG DẪN GHI BIỂU | |
    | 1. Tổng số đảng viên: | là số đảng viên có mặt đến ngày báo cáo |
    | 2. Số đảng viên dự học tập: | gồm cả người học bù |
    | 5. Nhận xét đánh giá: | viết ngắn gọn, đúng thực chất |
"""
TEXTS = """
    | Nhận xét đánh giá | Viết tốt. |
    | Kiến nghị, đề xuất | Không |
"""
TEXTS_OF_A_UNIT = "| CHI BỘ ẤP 5 | |" + TEXTS
BROKEN = FILLED.replace("45", "bốn mươi lăm 45").replace("44", "44,5")


def read(folder: Path, *sheets: str, hidden: int = -1) -> Received:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        for place, table in enumerate(sheets):
            sheet = book.add_worksheet(f"Sheet{place + 1}")
            for r, row in enumerate(grid(table).rows):
                for c, value in enumerate(row):
                    sheet.write(r, c, value)
            if place == hidden:
                sheet.hide()
    (folder / "a.xlsx").write_bytes(buffer.getvalue())
    (arrival,) = find_arrivals(folder, VIETNAM)
    (thing,) = read_arrival(arrival, ReadingContext(SPEC, ()))
    return thing


def seen(thing: Received) -> tuple[list[tuple[str, object]], list[tuple[str, str]]]:
    """Return (sheet, members) of each tally, and (code, sheet) of each note about the file."""
    tallies = [(tally.sheet, tally.values.get("members")) for tally in thing.tallies]
    return tallies, [(note.code, note.sheet) for note in thing.notes]


def test_an_empty_template_and_instructions_beside_a_filled_form_are_set_aside(tmp_path: Path) -> None:
    found = seen(read(tmp_path, EXPLAINED, FILLED, BLANK))
    assert found == ([("Sheet2", 45)], [("sheet_blank", "Sheet1"), ("sheet_blank", "Sheet3")])


def test_one_form_a_sheet_each_counts_even_with_a_fault(tmp_path: Path) -> None:
    thing = read(tmp_path, FILLED, BROKEN, FILLED.replace("ẤP 3", "ẤP 6"))
    assert seen(thing) == ([("Sheet1", 45), ("Sheet2", None), ("Sheet3", 45)], [])


def test_a_blank_form_alone_is_kept_and_its_instructions_are_not(tmp_path: Path) -> None:
    assert seen(read(tmp_path, EXPLAINED, BLANK)) == ([("Sheet2", None)], [("sheet_blank", "Sheet1")])
    assert seen(read(tmp_path, EXPLAINED)) == ([("Sheet1", None)], [])


def test_texts_on_a_sheet_of_their_own_are_not_lost_in_silence(tmp_path: Path) -> None:
    assert seen(read(tmp_path, FILLED, TEXTS)) == ([("Sheet1", 45)], [("sheet_not_read", "Sheet2")])
    assert seen(read(tmp_path, FILLED, TEXTS_OF_A_UNIT)) == ([("Sheet1", 45), ("Sheet2", None)], [])


def test_a_hidden_sheet_beside_a_shown_one(tmp_path: Path) -> None:
    assert seen(read(tmp_path, FILLED, FILLED, hidden=1)) == ([("Sheet1", 45)], [("hidden_sheet", "Sheet2")])
    assert seen(read(tmp_path, BLANK, FILLED, hidden=1)) == ([("Sheet2", 45)], [("sheet_blank", "Sheet1")])
