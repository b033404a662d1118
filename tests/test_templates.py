"""The form sent out: the reader finds it again, answers stand beside their labels, all else is locked."""

from __future__ import annotations

import html
import io
import re
import unicodedata
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from pipeline.form.labels import label_index
from pipeline.settings import load_campaign
from pipeline.templates import form_items, write_template
from schemas.campaign import Campaign
from schemas.layout import load_form_spec
from schemas.words import WORDS, word

INPUTS = Path(__file__).parents[1] / "inputs"
SHIPPED = sorted(path.parent.name for path in INPUTS.glob("*/campaign.toml") if path.parent.name != "demo")
FIGURES: dict[str, object] = {
    "members": 45,
    "attendees": 43,
    "guests": 0,
    "reflections": 38,
    "guest_reflections": 0,
    "exemptions": 5,
    "exempt_activity": 2,
    "exempt_work": 1,
    "exempt_retired": 2,
    "study_date": date(2021, 4, 20),
    "assessment": "Viết nghiêm túc.",
    "proposals": "=HYPERLINK(1)",
}


def campaign_of(name: str) -> Campaign:
    return load_campaign(INPUTS / name)


def written(campaign: Campaign, values: dict[str, object] | None = None, **asked: str) -> bytes:
    unit = {
        "unit_code": "KG-AB-TY-03",
        "unit_name": "Chi bộ ấp Rẫy Mới",
        "parent_name": "Đảng bộ xã Tây Yên",
        "round": campaign.rounds[0].id,
    }
    buffer = io.BytesIO()
    write_template(buffer, campaign=campaign, values=values, **(unit | asked))  # type: ignore[arg-type]
    return buffer.getvalue()


def sheet_of(data: bytes):
    return openpyxl.load_workbook(io.BytesIO(data)).active


def beside(data: bytes) -> dict[str, object]:
    """Return label -> what stands in the cell to its right."""
    return {row[0].value: row[1].value for row in sheet_of(data).iter_rows(max_col=2) if row[0].value}


@pytest.mark.parametrize("name", SHIPPED)
def test_the_reader_knows_every_label_for_what_it_is(name: str):
    campaign = campaign_of(name)
    index = label_index(load_form_spec(campaign))
    for level in campaign.tree.levels:
        for item in form_items(campaign, level):
            found = index.match(item.label)
            assert found is not None, item.label
            assert (found.field, found.inline) == (item.field, "")
    due = f"{word('form_round', 'vi')} (chậm nhất ngày 29/4/2021)"
    for label, field in ((word("form_unit_code", "vi"), "unit_code"), (due, "round"), ("Ngày học tập", "study_date")):
        found = index.match(label)
        assert found is not None
        assert found.field == field


@pytest.mark.parametrize("name", SHIPPED)
def test_a_form_asks_for_what_the_plan_asks_and_no_more(name: str):
    campaign = campaign_of(name)
    level = campaign.tree.levels[-1]
    asked = {*campaign.count_fields, *campaign.text_fields}
    asked |= {document.field for document in campaign.documents if level in document.levels}
    fields = [item.field for item in form_items(campaign)]
    assert sorted(fields) == sorted(asked)


def test_the_numbers_are_those_of_the_plans_form():
    labels = [item.label for item in form_items(campaign_of("kien-giang-2021")) if not item.is_part]
    assert [label.split(".")[0] for label in labels] == ["1", "2", "3", "4", "5", "6"]
    assert labels[0] == "1. Tổng số đảng viên"
    assert labels[2] == "3. Số đảng viên viết thu hoạch"


def test_each_answer_stands_to_the_right_of_its_label():
    campaign = campaign_of("kien-giang-2021")
    cells = beside(written(campaign, FIGURES))
    for item in form_items(campaign):
        assert cells[item.label] == FIGURES[item.field]
    assert cells["Mã đơn vị"] == "KG-AB-TY-03"
    assert cells["Đợt báo cáo (chậm nhất ngày 29/4/2021)"] == "Đợt 1"
    assert cells["Ngày học tập"] == datetime(2021, 4, 20)


def test_text_stays_text_however_it_looks():
    sheet = sheet_of(written(campaign_of("kien-giang-2021"), {"members": "045", "proposals": "=1+1"}))
    kinds = {cell.value: cell.data_type for row in sheet.iter_rows(max_col=2) for cell in row}
    assert kinds["045"] == "s"
    assert kinds["=1+1"] == "s"


def test_a_form_without_answers_is_blank_and_not_zero():
    campaign = campaign_of("kien-giang-2021")
    cells = beside(written(campaign))
    assert [cells[item.label] for item in form_items(campaign)] == [None] * len(form_items(campaign))


def test_only_the_answers_can_be_changed():
    campaign = campaign_of("hai-duong-khoi-2021")
    sheet = sheet_of(written(campaign))
    assert sheet.protection.sheet
    labels = {item.label for item in form_items(campaign)}
    for row in sheet.iter_rows(max_col=2):
        assert row[0].protection.locked
        if row[0].value in labels:
            assert not row[1].protection.locked
        elif row[0].value == "Mã đơn vị":
            assert row[1].protection.locked


def test_a_wrong_count_is_stopped_with_words_in_vietnamese():
    campaign = campaign_of("kien-giang-2021")
    sheet = sheet_of(written(campaign))
    rows = {row[0].value: row[1].coordinate for row in sheet.iter_rows(max_col=2) if row[0].value}
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    members = rules[rows["1. Tổng số đảng viên"]]
    attendees = rules[rows["2. Số lượng đảng viên tham gia học tập nghị quyết"]]
    assert (members.type, members.operator, members.formula1) == ("whole", "greaterThanOrEqual", "1")
    at = rows["1. Tổng số đảng viên"]
    assert (attendees.type, attendees.formula1, attendees.formula2) == ("whole", "0", f"${at[0]}${at[1:]}")
    assert attendees.error == word("form_limit_error", "vi")
    for code, sentences in WORDS.items():
        if code.startswith("form_") and code.endswith(("_error", "_prompt")):
            assert all(len(text) <= 255 for text in sentences)  # Excel refuses the workbook otherwise


def test_a_unit_is_asked_only_for_the_documents_of_its_level():
    campaign = campaign_of("thanh-hoa-khoi-2024")
    assert "doc_own_plan" in [item.field for item in form_items(campaign, "grassroots")]
    assert "doc_own_plan" not in [item.field for item in form_items(campaign, "district")]
    cells = beside(written(campaign, {"doc_own_plan": True}, level="grassroots"))
    assert cells["3. Kế hoạch thực hiện Nghị quyết của cấp ủy"] == "Có"


def test_the_head_names_the_unit_and_its_parent():
    top = [row[0].value for row in sheet_of(written(campaign_of("kien-giang-2021"))).iter_rows(max_row=2, max_col=1)]
    assert top == ["ĐẢNG BỘ XÃ TÂY YÊN", "CHI BỘ ẤP RẪY MỚI"]


def test_same_answers_same_bytes(tmp_path: Path):
    campaign = campaign_of("an-giang-2026")
    assert written(campaign, FIGURES) == written(campaign, FIGURES)
    path = tmp_path / "bieu mau.xlsx"
    path.write_bytes(b"old")
    unit = {"unit_code": "A", "unit_name": "Chi bộ", "parent_name": "Đảng bộ", "round": "1"}
    write_template(path, campaign=campaign, **unit)
    assert sheet_of(path.read_bytes()).title == "Báo cáo"


def test_every_printed_word_is_in_composed_unicode():
    for campaign in map(campaign_of, SHIPPED):
        for item in form_items(campaign):
            assert unicodedata.is_normalized("NFC", item.label)


@pytest.mark.parametrize("name", SHIPPED)
def test_each_answer_has_a_name_and_a_verdict_beside_it(name: str):
    campaign = campaign_of(name)
    book = openpyxl.load_workbook(io.BytesIO(written(campaign)))
    sheet = book.worksheets[0]
    rows = {row[0].value: row[0].row for row in sheet.iter_rows(max_col=1) if row[0].value}
    for item in form_items(campaign):
        row = rows[item.label]
        assert book.defined_names[f"tally_{item.field}"].attr_text == f"'Báo cáo'!$B${row}"
        assert str(sheet.cell(row, 3).value).startswith("=IF(B")
        assert sheet.cell(row, 3).protection.locked
    assert book.defined_names["tally_unit_code"].attr_text == "'Báo cáo'!$B$8"
    assert book.defined_names["tally_round"].attr_text == "'Báo cáo'!$B$9"


@pytest.mark.parametrize("name", SHIPPED)
def test_every_formula_is_stored_with_its_result_and_within_what_excel_takes(name: str):
    with zipfile.ZipFile(io.BytesIO(written(campaign_of(name)))) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    cells = re.findall(r"<f>(.*?)</f><v>(.*?)</v>", xml)
    assert len(cells) == xml.count("<f>") >= 5
    for formula, result in cells:
        text = html.unescape(formula)
        assert result.strip()
        assert len(text) <= 8192
        assert all(len(literal) <= 255 for literal in re.findall(r'"([^"]*)"', text))
        assert not re.search(r"_xlfn|\bLET\(|\bLAMBDA\(|\bFILTER\(|#", text)  # newer than Excel 2010


def test_the_first_line_says_whether_the_form_can_be_sent():
    campaign = campaign_of("kien-giang-2021")

    def overall(**values: object) -> object:
        data = written(campaign, FIGURES | {"reflections": 40, "proposals": None} | values)
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
        return book.worksheets[0]["C8"].value

    assert overall() == "✓ Đã điền đủ, gửi được"
    assert overall(attendees=47) == "✗ Còn 1 ô phải sửa"
    assert overall(attendees=None) == "○ Còn 1 ô chưa điền"
    assert overall(guest_reflections=1) == "▲ Đã điền đủ; xem lại 1 ô có dấu ▲"


def test_marks_turn_red_amber_green_and_grey_and_a_wrong_answer_red():
    sheet = sheet_of(written(campaign_of("kien-giang-2021")))
    rules = {(str(area.sqref), rule.formula[0]) for area in sheet.conditional_formatting for rule in area.rules}
    assert {(area, formula[-3:-1] + formula[-1]) for area, formula in rules if area == "C8:C22"} == {
        ("C8:C22", f'"{mark}"') for mark in "✗▲✓○"
    }
    assert ("B10:B22", 'LEFT($C10,1)="✗"') in rules


def test_what_is_printed_is_one_page_without_the_verdicts():
    sheet = sheet_of(written(campaign_of("kien-giang-2021")))
    assert sheet.print_area == f"'Báo cáo'!$A$1:$B${sheet.max_row}"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "portrait")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage


@pytest.mark.parametrize("name", SHIPPED)
def test_prompts_and_errors_fit_what_excel_takes(name: str):
    sheet = sheet_of(written(campaign_of(name)))
    rules = sheet.data_validations.dataValidation
    assert rules
    for rule in rules:
        assert 0 < len(rule.prompt) <= 255
        assert 0 < len(rule.error) <= 255
        assert len(rule.errorTitle) <= 32
