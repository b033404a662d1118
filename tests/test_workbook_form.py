"""The official form: the same for a unit whether picked on the sheet or filled in as a file, and true to the table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.workbook import write_forms, write_workbook
from schemas.organisations import signed_for
from schemas.result import Result
from schemas.words import word
from tests.libreoffice import convert_all
from tests.workbook_result import Example, flat_result, plan, province_result, small_result

# openpyxl knows no data bars of 2010 and says so
pytestmark = pytest.mark.filterwarnings("ignore:.*xtension is not supported.*:UserWarning")
SHEET = "Mẫu báo cáo"


def form(result: Result, folder: Path, *, cached: bool = True) -> Any:
    write_workbook(result, folder / "consolidated.xlsx")
    return openpyxl.load_workbook(folder / "consolidated.xlsx", data_only=cached)[SHEET]


def page(sheet: Any, first_row: int) -> Iterator[tuple[str, str, Any]]:
    """Yield (label or "", place, value) of each cell of the page that is not blank."""
    for row in sheet.iter_rows(min_row=first_row, max_col=4):
        label = str(row[0].value or "")
        for cell in row:
            if cell.value not in (None, ""):
                yield label, cell.column_letter, cell.value


def numbers(sheet: Any, first_row: int = 1) -> dict[str, Any]:
    """The value at the end of each line, by the line's label; None where it is blank."""
    return {
        str(row[0].value): None if row[3].value == "" else row[3].value
        for row in sheet.iter_rows(min_row=first_row, max_col=4)
        if row[0].value and (str(row[0].value)[0].isdigit() or row[0].alignment.indent == 2)
    }


def picked(result: Result, folder: Path, choices: list[str]) -> list[Any]:
    """The sheet as LibreOffice works it out for each choice of a unit, one workbook of copies each."""
    write_workbook(result, folder / "written.xlsx")
    paths = [folder / f"choice{number}.xlsx" for number, _ in enumerate(choices)]
    for path, choice in zip(paths, choices, strict=True):
        book = openpyxl.load_workbook(folder / "written.xlsx")
        book[SHEET]["B1"].value = choice
        book.save(path)  # openpyxl keeps no cached values
    return [openpyxl.load_workbook(path, data_only=True)[SHEET] for path in convert_all(paths, folder)]


def test_the_form_shows_the_top_first_with_its_numbers(tmp_path: Path) -> None:
    result = province_result()
    sheet = form(result, tmp_path)
    top = result.round_units().loc["KG"]
    assert sheet["B1"].value == "KG – Tỉnh ủy Kiên Giang"
    assert numbers(sheet, 4) == {
        "1. Tổng số đảng viên": top["members"],
        "2. Số lượng đảng viên tham gia học tập nghị quyết": top["attendees"],
        "– Quần chúng, đoàn thể dự": top["guests"],
        "3. Số đảng viên viết thu hoạch": top["reflections"],
        "4. Số đảng viên miễn viết thu hoạch": top["exemptions"],
        "– Miễn sinh hoạt": top["exempt_activity"], "– Miễn công tác": None, "– Hưu trí": None,
        "5. Nhận xét, đánh giá": None, "6. Kiến nghị, đề xuất của cán bộ, đảng viên": None,
    }  # fmt: skip
    text = "\n".join(str(value) for _, _, value in page(sheet, 4))
    for part in (
        "TỈNH ỦY KIÊN GIANG", "BAN TUYÊN GIÁO", "ĐẢNG CỘNG SẢN VIỆT NAM", "Kiên Giang, ngày 04 tháng 5 năm 2021",
        "BÁO CÁO", "TỔNG HỢP BÀI THU HOẠCH", "T/M BAN THƯỜNG VỤ", "PHÓ BÍ THƯ THƯỜNG TRỰC",
        f"Số liệu của {top['complete'] + top['queried']}/{top['expected']} đơn vị phải gửi báo cáo",
    ):  # fmt: skip
        assert part in text


def test_items_that_are_not_asked_for_are_left_out_and_the_rest_is_numbered_anew(tmp_path: Path) -> None:
    sheet = form(flat_result(), tmp_path)
    assert list(numbers(sheet, 4)) == [
        "1. Tổng số đảng viên", "2. Số lượng đảng viên tham gia học tập nghị quyết", "– Quần chúng, đoàn thể dự",
    ]  # fmt: skip
    assert "KẾT QUẢ HỌC TẬP, QUÁN TRIỆT" in [value for _, _, value in page(sheet, 4)]


def test_a_unit_picked_by_label_code_or_name_stands_as_in_its_own_file(tmp_path: Path) -> None:
    """The sheet's formulas, worked out by LibreOffice, against the fixed values of outputs/<campaign>/forms."""
    result = small_result()
    files = {path.stem: path for path in write_forms(result, tmp_path / "forms")}
    assert list(files) == ["KG01", "KG02", "KG03"]
    choices = {"KG01 – Thành ủy Rạch Giá": "KG01", "kg02": "KG02", "KG03 – =cmd|'/c calc'!A1": "KG03"}
    for sheet, code in zip(picked(result, tmp_path, list(choices)), choices.values(), strict=True):
        filled = openpyxl.load_workbook(files[code])[SHEET]
        assert list(page(sheet, 4)) == list(page(filled, 1)), code


def test_a_branch_is_found_too_and_what_is_no_unit_is_said(tmp_path: Path) -> None:
    branch, nobody, commune = picked(small_result(), tmp_path, ["KG010102", "KG99", "KG0101"])
    assert "T/M ĐẢNG ỦY" in [value for _, _, value in page(commune, 4)]
    assert numbers(branch, 4)["3. Số đảng viên viết thu hoạch"] == 30
    assert numbers(branch, 4)["– Quần chúng, đoàn thể dự"] == 0, "a zero stays a zero"
    words = [value for _, _, value in page(branch, 4)]
    assert {"CHI BỘ KHU PHỐ 2", "ĐẢNG ỦY PHƯỜNG AN HÒA", "T/M CHI ỦY CHI BỘ", "BÍ THƯ"} <= set(words)
    assert nobody["A2"].value.startswith("Không có đơn vị này")
    assert set(numbers(nobody, 4).values()) == {None}


def test_a_blank_stays_blank(tmp_path: Path) -> None:
    write_forms(small_result(), tmp_path)
    sheet = openpyxl.load_workbook(tmp_path / "KG02.xlsx")[SHEET]
    assert set(numbers(sheet).values()) == {None}, "a district of which nobody reported has no figures, not zeros"


def test_a_unit_above_has_what_its_units_say_most_often_first(tmp_path: Path) -> None:
    example = Example(plan(), small_result().as_of)
    example.unit("KG", "Tỉnh ủy")
    example.unit("KG01", "Huyện ủy An Biên", "KG")
    for number in range(1, 13):
        code = example.unit(f"KG01{number:02}", f"Chi bộ {number}", "KG01")
        example.leaf(code, "complete", members=9)
        example.text(code, "proposals", f"- Cấp tài liệu\n- Việc thứ {number}: {'sửa đường ' * 20}")
    write_forms(example.result(), tmp_path)
    sheet = openpyxl.load_workbook(tmp_path / "KG01.xlsx")[SHEET]
    rows = [row[0].value for row in sheet.iter_rows(max_col=1)]
    text = rows[rows.index("6. Kiến nghị, đề xuất của cán bộ, đảng viên") + 1]
    first, *_, last = text.split("\n")
    assert first == "– Cấp tài liệu (12 đơn vị)"
    shown = text.count("– Việc thứ")
    assert 0 < shown < 12
    assert last == f"… và {12 - shown} ý kiến khác: xem sổ tổng hợp, trang “Kiến nghị”."


def test_a_text_longer_than_its_box_says_where_the_whole_is(tmp_path: Path) -> None:
    example = Example(plan(), small_result().as_of)
    example.unit("KG", "Tỉnh ủy")
    example.unit("KG01", "Chi bộ Chi cục Thuế", "KG")
    example.leaf("KG01", "complete", members=9)
    example.text("KG01", "assessment", "nghiêm túc " * 300)
    write_forms(example.result(), tmp_path)
    values = [v for _, _, v in page(openpyxl.load_workbook(tmp_path / "KG01.xlsx")[SHEET], 1) if isinstance(v, str)]
    (text,) = [value for value in values if value.startswith("nghiêm túc")]
    assert text.endswith("nghiêm túc… (toàn văn: sổ tổng hợp, trang “Nhận xét, kiến nghị”)")


def test_it_prints_as_one_upright_page_without_the_picker(tmp_path: Path) -> None:
    sheet = form(small_result(), tmp_path)
    assert sheet.page_setup.orientation == "portrait"
    assert sheet.page_setup.paperSize == 9
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight or 1) == (1, 1)
    assert sheet.print_area.startswith(f"'{SHEET}'!$A$4:$D$")


def test_the_picker_lists_every_unit_and_takes_a_code_that_is_typed(tmp_path: Path) -> None:
    sheet = form(province_result(), tmp_path, cached=False)
    (rule,) = sheet.data_validations.dataValidation
    assert (str(rule.sqref), rule.formula1, bool(rule.showErrorMessage)) == ("B1", "unit_labels", False)
    book = sheet.parent
    name, place = next(book.defined_names["unit_labels"].destinations)
    labels = [row[0].value for row in book[name][place]]
    tree = province_result().tree
    assert labels == [f"{code} – {name}" for code, name in zip(tree.index, tree["unit_name"], strict=True)]


def test_formulas_are_those_that_excel_2010_knows(tmp_path: Path) -> None:
    sheet = form(small_result(), tmp_path, cached=False)
    formulas = [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert len(formulas) >= 14
    functions = {name for formula in formulas for name in re.findall(r"([A-Z]+)\(", formula)}
    assert functions <= {"IF", "IFERROR", "INDEX", "LEFT", "MATCH", "SUBSTITUTE", "UPPER"}


def test_file_names_are_ones_that_every_system_takes(tmp_path: Path) -> None:
    example = Example(plan(), small_result().as_of)
    example.unit("KG", "Tỉnh ủy")
    for code in ("A/B", "a?b", "D."):
        example.unit(code, f"Huyện ủy {code}", "KG")
        example.leaf(code, "complete", members=3)
    gone = example.unit("E", "Huyện ủy E", "KG")
    example.leaf(gone, "not_expected")
    names = [path.name for path in write_forms(example.result(), tmp_path)]
    assert names == ["A_B.xlsx", "a_b (2).xlsx", "D.xlsx"]


def test_the_same_result_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_forms(small_result(), tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_in_english_too(tmp_path: Path) -> None:
    write_workbook(small_result("en"), tmp_path / "consolidated.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "consolidated.xlsx", data_only=True)["Official form"]
    assert "1. Members" in numbers(sheet, 4)
    assert "SUMMARY OF REFLECTIONS" in [value for _, _, value in page(sheet, 4)]


def test_a_campaign_that_asks_for_no_texts_has_none_on_the_tree(tmp_path: Path) -> None:
    book = form(replace(flat_result(), texts=flat_result().texts.iloc[:0]), tmp_path).parent
    assert "unit_assessment" not in book.defined_names
    assert "unit_parents" in book.defined_names


@pytest.mark.parametrize(
    ("name", "signed"),
    [
        ("Chi bộ ấp Rẫy Mới", "T/M CHI ỦY CHI BỘ"),
        ("CHI BỘ CƠ SỞ THANH TRA TỈNH", "T/M CHI ỦY CHI BỘ"),
        ("Đảng bộ xã Tây Yên", "T/M ĐẢNG ỦY"),
        ("Đảng uỷ phường An Hòa", "T/M ĐẢNG ỦY"),
        ("Huyện ủy An Biên", "T/M BAN THƯỜNG VỤ"),
        ("Thành ủy Rạch Giá", "T/M BAN THƯỜNG VỤ"),
    ],
)
def test_each_organisation_signs_as_such_papers_are_signed(name: str, signed: str) -> None:
    assert word(signed_for(name), "vi") == signed
