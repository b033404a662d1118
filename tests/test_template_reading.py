"""Templates come back: untouched, filled in by openpyxl and by LibreOffice; what a list and the second sheet say."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from pipeline.form.labels import label_index
from pipeline.templates.form import form_bytes, head_of
from pipeline.templates.issue import issue_templates
from pipeline.templates.list_form import list_bytes, office_of
from schemas.layout import load_form_spec
from schemas.words import word
from tests.libreoffice import convert
from tests.template_sets import (
    EVERYTHING,
    INPUTS,
    KG,
    SHIPPED,
    campaign_of,
    fill_form,
    fill_list,
    index_of,
    named_cells,
    read,
    small_campaign,
)


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("issued") / "templates"
    issue_templates(small_campaign(tmp_path_factory.mktemp("campaign")), folder)
    return folder


# --- read back ---------------------------------------------------------------------------------------


def test_an_untouched_form_is_blank_and_whose_it_is_is_known(issued: Path):
    received = read(issued / "H/X1/X1 01.xlsx", KG)
    assert (received.problem, received.notes) == (None, ())
    (tally,) = received.tallies
    assert (tally.unit_code, tally.layout, tally.notes) == ("X1/01", "form", ())
    assert set(tally.values) == set(EVERYTHING)
    assert set(tally.values.values()) == {None}


def test_an_untouched_line_is_no_report(issued: Path):
    received = read(issued / "H/X1/X1-danh-sach.xlsx", KG)
    assert [tally.layout for tally in received.tallies] == ["empty", "empty"]
    assert {note.code for tally in received.tallies for note in tally.notes} == {"list_row_empty"}


@pytest.fixture(scope="module")
def filled(issued: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A form and a list filled in by openpyxl, which stores no results of formulas."""
    folder = tmp_path_factory.mktemp("filled")
    fill_form(issued / "H/X1/X1 01.xlsx", folder / "form.xlsx", EVERYTHING)
    fill_list(issued / "H/X1/X1-danh-sach.xlsx", folder / "list.xlsx", {"X1-02": EVERYTHING})
    return {"form": folder / "form.xlsx", "list": folder / "list.xlsx"}


def test_what_openpyxl_fills_in_is_read_exactly(filled: dict[str, Path]):
    (form,) = read(filled["form"], KG).tallies
    assert (form.unit_code, form.values, form.notes) == ("X1/01", EVERYTHING, ())
    first, line, total = read(filled["list"], KG).tallies
    assert (first.layout, line.layout, total.layout) == ("empty", "list", "total")
    assert (line.unit_code, line.values, line.notes) == ("X1-02", EVERYTHING, ())


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_what_libreoffice_saves_is_read_exactly(filled: dict[str, Path], tmp_path: Path, kind: str):
    (form,) = read(convert(filled["form"], tmp_path, kind), KG).tallies
    assert (form.unit_code, form.values, form.notes) == ("X1/01", EVERYTHING, ())
    first, line = read(convert(filled["list"], tmp_path, kind), KG).tallies
    assert (first.layout, line.unit_code, line.values, line.notes) == ("empty", "X1-02", EVERYTHING, ())


def test_only_the_sum_of_all_units_is_a_total_that_the_office_declares(issued: Path, tmp_path: Path):
    """A list of some of its units would contradict the others' own forms."""
    source, lines = issued / "H/X1/X1-danh-sach.xlsx", {"X1/01": {"members": 20, "guests": 2}, "X1-02": {"members": 9}}
    fill_list(source, tmp_path / "some.xlsx", {"X1/01": lines["X1/01"]})
    fill_list(source, tmp_path / "all.xlsx", lines)
    some, whole = (convert(tmp_path / name, tmp_path) for name in ("some.xlsx", "all.xlsx"))
    assert [tally.layout for tally in read(some, KG).tallies] == ["list", "empty"]
    *_, total = read(whole, KG).tallies
    assert (total.layout, total.unit_name) == ("total", "ĐẢNG BỘ XÃ TÂY YÊN")
    assert {field: value for field, value in total.values.items() if value is not None} == {"members": 29, "guests": 2}
    shown = CalamineWorkbook.from_path(some).get_sheet_by_index(0).to_python(skip_empty_area=False)[11]
    assert [str(cell).strip() for cell in shown[3:7]] == ["(20)", "", "(2)", ""]
    assert shown[15] == "✗ Còn 1 dòng phải sửa"


def test_a_list_says_how_many_units_are_missing_until_all_are_there(issued: Path, tmp_path: Path):
    source = issued / "H/X1/X1-danh-sach.xlsx"
    fill_list(source, tmp_path / "some.xlsx", {"X1/01": EVERYTHING})
    fill_list(source, tmp_path / "all.xlsx", {"X1/01": EVERYTHING, "X1-02": EVERYTHING})
    said = [
        CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)[11][15]
        for path in (source, *(convert(tmp_path / name, tmp_path) for name in ("some.xlsx", "all.xlsx")))
    ]
    assert said == [
        "○ 2/2 đơn vị chưa báo cáo; tổng trong ngoặc là chưa đủ",
        "○ 1/2 đơn vị chưa báo cáo; tổng trong ngoặc là chưa đủ",
        "✓ Đã đủ 2 đơn vị, gửi được",
    ]


@pytest.mark.parametrize("name", SHIPPED)
def test_each_plans_form_and_list_are_read_back(name: str, tmp_path: Path):
    """Other items, grades and documents: each count another number, so that none is taken for another."""
    campaign = campaign_of(name)
    issue_templates(INPUTS / name, tmp_path / "set")
    for row in {row["kind"]: row for row in index_of(tmp_path / "set")}.values():
        source, target = tmp_path / "set" / row["path"], tmp_path / f"{row['kind']}.xlsx"
        fields = [field for field in named_cells(openpyxl.load_workbook(source)) if field not in ("unit_code", "round")]
        answers: dict[str, object] = {field: 100 - number for number, field in enumerate(fields)}
        answers |= dict.fromkeys(set(fields) & set(campaign.document_fields), True)
        answers |= {field: "Tốt" for field in fields if field in campaign.text_fields}
        answers |= {"study_date": date(2021, 4, 20)}
        if row["kind"] == "form":
            code = row["unit_code"]
            fill_form(source, target, answers)
        else:
            sheet = openpyxl.load_workbook(source).worksheets[0]
            code = str(sheet.cell(10, 2).value)
            fill_list(source, target, {code: answers})
        read_back = [tally for tally in read(target, name).tallies if tally.layout in ("form", "list")]
        assert [(tally.unit_code, tally.values, tally.notes) for tally in read_back] == [(code, answers, ())]


# --- the sheet of instructions, the list -------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_on_the_sheet_of_instructions_is_a_label(name: str, tmp_path: Path):
    index = label_index(load_form_spec(campaign_of(name)))
    issue_templates(INPUTS / name, tmp_path / "set")
    for row in {row["kind"]: row for row in index_of(tmp_path / "set")}.values():
        sheet = openpyxl.load_workbook(tmp_path / "set" / row["path"]).worksheets[1]
        texts = [str(cell.value) for line in sheet.iter_rows() for cell in line if cell.value]
        assert len(texts) > 15
        assert [text for text in texts if index.match(text)] == []
        assert any(campaign_of(name).issuer.email in text for text in texts)


def test_without_an_address_the_report_goes_to_the_committee_above():
    campaign = campaign_of(KG)
    bare = campaign.model_copy(update={"issuer": campaign.issuer.model_copy(update={"email": ""})})
    book = openpyxl.load_workbook(io.BytesIO(form_bytes(bare, head_of("A", "Chi bộ", "Đảng bộ"), "1")))
    texts = [cell.value for row in book.worksheets[1].iter_rows() for cell in row]
    assert word("guide_email_above", "vi") in texts


def test_on_a_list_only_the_answers_can_be_changed(issued: Path):
    sheet = openpyxl.load_workbook(issued / "H/X1/X1-danh-sach.xlsx").worksheets[0]
    open_cells = {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
    answers = {f"{chr(column)}{row}" for row in (10, 11) for column in range(ord("D"), ord("P"))}
    assert sheet.protection.sheet
    assert answers <= open_cells
    assert all(int(cell.strip("ABCDEFGHIJKLMNO")) not in range(6, 10) for cell in open_cells)
    assert {sheet.cell(row, column).protection.locked for row in (10, 11, 12) for column in (1, 2, 3)} == {True}


def test_every_column_of_a_list_is_validated_against_its_own_line(issued: Path):
    sheet = openpyxl.load_workbook(issued / "H/X1/X1-danh-sach.xlsx").worksheets[0]
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert (rules["D10:D11"].type, rules["D10:D11"].formula1) == ("whole", "1")
    assert (rules["E10:E11"].formula1, rules["E10:E11"].formula2) == ("0", "$D10")
    assert rules["F10:F11"].operator == "greaterThanOrEqual"
    assert rules["M10:M11"].type == "date"
    assert all(rule.error and rule.prompt for rule in rules.values())


@pytest.mark.parametrize(
    ("answers", "shown"),
    [
        ({}, "○ Chưa báo cáo"),
        ({"members": 20}, "✗ Còn thiếu 3 số"),
        ({"members": 20, "attendees": "hai"}, "✗ Chỉ ghi một số nguyên, từ 0 trở lên"),
        ({"members": 0, "attendees": 0}, "✗ Tổng số đảng viên phải từ 1 trở lên"),
        ({"members": 20, "attendees": 21}, "✗ Có số lớn hơn tổng số đảng viên"),
        ({"members": 20, "attendees": 20, "exemptions": 2, "reflections": 15}, "▲ Số viết thu hoạch: còn thiếu 3 bài"),
        ({"members": 20, "attendees": 5, "exemptions": 2, "reflections": 5}, "▲ Số đảng viên dự học tập: dưới 50%"),
        ({"members": 20, "attendees": 20, "exemptions": 2, "reflections": 18}, "▲ Nhận xét, đánh giá: chưa ghi"),
        (EVERYTHING, "✓ Hợp lệ"),
    ],
)
def test_a_line_of_a_list_says_what_is_wrong_with_it(verdicts_of_lines, answers: dict[str, object], shown: str):
    assert verdicts_of_lines[repr(answers)].startswith(shown)


@pytest.fixture(scope="module")
def verdicts_of_lines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One list with a line for each case above, worked out by LibreOffice."""
    folder = tmp_path_factory.mktemp("lines")
    cases = test_a_line_of_a_list_says_what_is_wrong_with_it.pytestmark[0].args[1]
    units = [(f"X-{number}", f"Chi bộ {number}") for number in range(len(cases))]
    office = office_of(campaign_of(KG), "Đảng bộ xã", "Huyện ủy", units, ["branch"])
    (folder / "blank.xlsx").write_bytes(list_bytes(campaign_of(KG), office, "1"))
    lines = {code: answers for (code, _), (answers, _) in zip(units, cases, strict=True)}
    fill_list(folder / "blank.xlsx", folder / "list.xlsx", lines)
    rows = (
        CalamineWorkbook.from_path(convert(folder / "list.xlsx", folder))
        .get_sheet_by_index(0)
        .to_python(skip_empty_area=False)
    )
    assert rows[9 + len(cases)][15] == "✗ Còn 4 dòng phải sửa"
    return {repr(answers): str(rows[9 + number][15]) for number, (answers, _) in enumerate(cases)}
