"""decisions.xlsx as it is written: whatever a sender typed stays text, and every later run can open the file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from pipeline.questions import write_questions
from schemas.campaign import VIETNAM
from schemas.decisions import FILE
from schemas.words import word
from tests.hostile.texts import LIVE

AS_OF = datetime(2021, 5, 10, 8, tzinfo=VIETNAM)
SENDERS = ("question", "unit_name", "file", "item", "value", "member", "sheet", "field")


def question(text: str, number: int) -> dict[Any, Any]:
    asked: dict[Any, Any] = dict.fromkeys(SENDERS, text)
    return asked | {
        "unit_code": "B1",
        "round": "1",
        "cell": "B3",
        "line": 0,
        "code": "over_members",
        "sha256": "",
        "id": f"q{number}",
    }


def written(folder: Path, texts: list[str]) -> Any:
    write_questions(folder, [question(text, number) for number, text in enumerate(texts)], "vi", AS_OF)
    return openpyxl.load_workbook(folder / FILE).worksheets[0]


def values(sheet: Any, key: str) -> list[str]:
    column = next(cell.column for cell in sheet[1] if cell.value == word(f"decision_{key}", "vi"))
    return [
        cell.value for cell in sheet.iter_cols(column, column, 2, sheet.max_row).__next__() if cell.value is not None
    ]


def test_no_text_is_taken_for_a_formula_in_this_run_or_the_next(tmp_path: Path) -> None:
    for more in ([], ["another question"]):
        sheet = written(tmp_path, [*LIVE, *more])
        assert not [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize(
    "text", ["\uffff\ufffe", "\ud800", "a\x00b\x1b]0;c\x07", "\x85\x9f", "x" * 200_000, "😀" * 60_000]
)
def test_what_no_workbook_can_hold_is_left_out_and_the_file_opens_again(tmp_path: Path, text: str) -> None:
    for more in ([], ["another question"]):
        for value in values(written(tmp_path, [f"before {text} after", *more]), "file"):
            assert value.startswith(("before", "another"))
            assert len(value.encode("utf-16-le")) <= 2 * 32_767


def test_a_text_that_looks_like_an_escaped_character_reads_as_it_was_typed(tmp_path: Path) -> None:
    written(tmp_path, ["_x003D_1+1 _x000D_ x_x0041"])
    rows = CalamineWorkbook.from_path(tmp_path / FILE).get_sheet_by_index(0).to_python()
    assert "_x003D_1+1 _x000D_ x_x0041" in rows[1]


def test_no_row_is_higher_than_excel_allows(tmp_path: Path) -> None:
    sheet = written(tmp_path, ["x" * 30_000])
    assert sheet.row_dimensions[2].height <= 409


def test_a_decision_stands_on_the_first_screen_and_prints_at_a_size_that_can_be_read(tmp_path: Path) -> None:
    sheet = written(tmp_path, ["Ô B12 (tổng số đảng viên) = 31, danh bạ ghi 15."])
    shown = [(column, side) for column, side in sheet.column_dimensions.items() if not side.hidden]
    decision = next(cell.column_letter for cell in sheet[1] if cell.value == word("decision_decision", "vi"))
    letters = [column for column, _ in shown]
    pixels = [7 * side.width + 5 for _, side in shown]
    assert sum(pixels[: letters.index(decision) + 1]) < 1366  # of a small laptop
    margins = sheet.page_margins
    room = (297 / 25.4 - margins.left - margins.right) * 96  # pixels that a page of A4 holds across
    assert 11 * room / sum(pixels) > 6.5  # points, of letters of 11
