"""A correction copy is the sender's own file: faults marked, explained and listed, all else as it was."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.worksheet.formula import ArrayFormula

from pipeline.returns.marks import mark
from pipeline.returns.names import LONGEST, Names, safe
from pipeline.returns.package import NotPlainError
from tests.copies import ERROR, INFO, LETTER, QUERY, SHEET, changed, copy_of, form, look, opened, parts

AUTHOR, COVER = "Kiểm tra báo cáo", "Nội dung cần sửa"


def test_cells_at_fault_are_marked_and_say_what_is_wrong_and_what_to_do():
    sheet = opened(copy_of(form(), ERROR, QUERY, INFO))[SHEET]
    error, query = sheet["B13"], sheet["B15"]
    assert (error.fill.fgColor.rgb, error.border.left.style, error.border.top.style) == ("FFF7B2AC", "thick", "thick")
    assert (query.fill.fgColor.rgb, query.border.left.style) == ("FFFFDF80", "mediumDashed")
    assert error.comment.text == f"{AUTHOR}:\nLỖI: {ERROR.message}\nCách sửa: {ERROR.fix}"
    assert query.comment.text == f"{AUTHOR}:\nCẦN XÁC NHẬN: {QUERY.message}\nCách sửa: {QUERY.fix}"
    assert {error.comment.author, query.comment.author} == {AUTHOR}
    assert error.protection.locked is False  # on a locked sheet it can be mended
    assert [c.coordinate for row in sheet for c in row if c.comment] == ["B13", "B15"]


def test_all_else_of_the_form_is_as_it_was():
    data = form()
    copy = copy_of(data, ERROR, QUERY)
    before, after = opened(data)[SHEET], opened(copy)[SHEET]
    for row in before.iter_rows():
        for cell in row:
            same = after[cell.coordinate]
            assert same.value == cell.value
            if cell.coordinate not in ("B13", "B15"):
                assert look(same) == look(cell), cell.coordinate
            else:
                assert look(same)[:3] == look(cell)[:3]
    assert {k: d.width for k, d in after.column_dimensions.items()} == {
        k: d.width for k, d in before.column_dimensions.items()
    }
    assert {k: d.height for k, d in after.row_dimensions.items()} == {
        k: d.height for k, d in before.row_dimensions.items()
    }
    assert sorted(map(str, after.merged_cells.ranges)) == sorted(map(str, before.merged_cells.ranges))
    assert len(after.data_validations.dataValidation) == len(before.data_validations.dataValidation) > 0
    assert after.protection.sheet
    touched = {name for name, content in parts(data).items() if parts(copy)[name] != content}
    book = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"}
    assert touched == book | {"xl/styles.xml", "xl/worksheets/sheet1.xml"}


def test_the_first_sheet_lists_every_finding_with_a_link_to_its_cell():
    book = opened(copy_of(form(), ERROR, QUERY, INFO))
    cover = book.worksheets[0]
    assert book.sheetnames == [COVER, *opened(form()).sheetnames]
    assert book.active.title == cover.title
    assert [sheet.title for sheet in book.worksheets if sheet.sheet_view.tabSelected] == [cover.title]
    rows = [row for row in cover.iter_rows(values_only=True) if row[0] in ("1", "2", "3")]
    assert [row[:6] for row in rows] == [
        ("1", "✖ Lỗi", SHEET, "B13", ERROR.message, ERROR.fix),
        ("2", "▲ Cần xác nhận", SHEET, "B15", QUERY.message, QUERY.fix),
        ("3", "ℹ Ghi chú", SHEET, "B22", INFO.message, INFO.fix),
    ]
    links = [cell.hyperlink.location for row in cover for cell in row if cell.hyperlink]
    assert links == [f"'{SHEET}'!B13", f"'{SHEET}'!B15", f"'{SHEET}'!B22"]
    said = " ".join(str(cell.value) for row in cover for cell in row if cell.value)
    assert "CHƯA ĐƯỢC TÍNH: có 1 lỗi phải sửa" in said
    assert "bantuyengiao@example.vn" in said


@pytest.mark.parametrize(
    ("status", "shown"),
    [("counted", "Báo cáo này đã được tính"), ("unidentified", "chưa xác định được là của đơn vị nào")],
)
def test_the_first_sheet_says_what_became_of_the_report(status: str, shown: str):
    cover = opened(copy_of(form(), QUERY, letter=replace(LETTER, status=status, email=""))).worksheets[0]
    said = " ".join(str(cell.value) for row in cover for cell in row if cell.value)
    assert shown in said
    assert "gửi chính tệp này về nơi đã trả tệp" in said


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("a@example.vn", "2. Gửi biểu mẫu đã điền về a@example.vn;"),
        ("", "2. Gửi biểu mẫu đã điền về nơi đã trả tệp này;"),
    ],
)
def test_where_there_is_no_form_it_is_the_form_that_is_to_be_sent_not_this_file(email: str, shown: str):
    remark = ERROR._replace(sheet="", cell="", message="Không tìm thấy biểu mẫu trong tệp.")
    letter = replace(LETTER, status="unidentified", email=email, is_form_wanted=True)
    cover = opened(copy_of(form(), remark, letter=letter)).worksheets[0]
    said = " ".join(str(cell.value) for row in cover for cell in row if cell.value)
    assert shown in said
    assert "gửi chính tệp này" not in said


def test_typed_text_stays_text():
    hostile = ERROR._replace(message='=cmd|"/c calc"!A1', fix="\u202e=1+1\x07" + "x" * 5000, sheet=SHEET)
    copy = copy_of(form(), hostile)
    cover = opened(copy).worksheets[0]
    cells = [cell for row in cover for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.quotePrefix for cell in cells} == {True}
    row = next(cell.row for cell in cells if cell.value == hostile.message)
    assert cover.cell(row, 6).value.startswith("=1+1x")
    assert len(cover.cell(row, 6).value) == 1500
    xml = parts(copy)["xl/worksheets/returned1.xml"]
    assert b"<f" not in xml.replace(b"<font", b"")


def test_several_findings_of_a_cell_share_one_comment_and_the_gravest_mark():
    cell = opened(copy_of(form(), QUERY._replace(cell="B13"), ERROR))[SHEET]["B13"]
    assert cell.fill.fgColor.rgb == "FFF7B2AC"
    assert cell.comment.text.count("Cách sửa:") == 2


def test_a_sender_s_own_comments_stay():
    def comment(book):
        book[SHEET]["B13"].comment = Comment("đã hỏi đồng chí Ba", "Nguyễn Văn Ba")
        book[SHEET]["A1"].comment = Comment("lưu ý", "Nguyễn Văn Ba")

    sheet = opened(copy_of(changed(form(), comment), ERROR))[SHEET]
    assert sheet["B13"].comment.text.endswith("đã hỏi đồng chí Ba")
    assert sheet["B13"].comment.text.startswith(AUTHOR)
    assert (sheet["A1"].comment.author, sheet["A1"].comment.text) == ("Nguyễn Văn Ba", "lưu ý")


def test_merged_missing_and_hidden_cells_are_marked_where_they_can_be_seen():
    def change(book):
        sheet = book[SHEET]
        sheet.merge_cells("D12:E13")
        sheet.row_dimensions[15].hidden = True
        sheet.column_dimensions["B"].hidden = True
        book.create_sheet("Phụ lục")
        book[SHEET].sheet_state = "hidden"

    remarks = (
        ERROR._replace(cell="E13"),
        QUERY,
        ERROR._replace(cell="H60"),
        ERROR._replace(sheet="không có", cell="A1"),
    )
    sheet = opened(copy_of(changed(form(), change), *remarks))[SHEET]
    assert sheet["D12"].comment
    assert {sheet[cell].fill.fgColor.rgb for cell in ("D12", "H60")} == {"FFF7B2AC"}
    assert not sheet.row_dimensions[15].hidden
    assert not sheet.column_dimensions["B"].hidden
    assert sheet.sheet_state == "visible"


def test_names_of_a_sheet_stay_with_their_sheet():
    def name(book):
        book[SHEET].print_title_rows = "1:2"
        book.create_sheet("Hai").print_area = "A1:B2"
        book.active = 1

    book = opened(copy_of(changed(form(), name), ERROR))
    assert book[SHEET].print_title_rows == "$1:$2"
    assert book["Hai"].print_area == "'Hai'!$A$1:$B$2"
    assert book.active.title == COVER


def test_a_copy_come_back_is_marked_anew_and_bears_no_trace_of_the_first():
    data = form()
    first = copy_of(data, ERROR, QUERY)
    second = copy_of(first, QUERY)
    book = opened(second)
    assert book.sheetnames == [COVER, *opened(data).sheetnames]
    assert look(book[SHEET]["B13"]) == look(opened(data)[SHEET]["B13"])
    assert [c.coordinate for row in book[SHEET] for c in row if c.comment] == ["B15"]
    assert [c.value for c in book.worksheets[0]["E"] if c.value and "B1" in str(c.value)] == [QUERY.message]
    third = opened(copy_of(second, letter=replace(LETTER, language="en")))
    assert third.sheetnames == [COVER, *opened(data).sheetnames]
    assert third.worksheets[0]["A1"].value == "WHAT TO MEND IN THIS REPORT"
    assert look(third[SHEET]["B15"]) == look(opened(data)[SHEET]["B15"])


def test_the_same_faults_give_the_same_bytes():
    assert copy_of(form(), ERROR, QUERY) == copy_of(form(), ERROR, QUERY)
    with zipfile.ZipFile(io.BytesIO(copy_of(form(), ERROR))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_every_part_is_declared_and_every_relation_leads_somewhere():
    held = parts(copy_of(form(), ERROR))
    types = held["[Content_Types].xml"].decode()
    for name in held:
        assert f'PartName="/{name}"' in types or name.endswith(".rels") or name == "[Content_Types].xml", name
    for name, content in held.items():
        if name.endswith(".rels"):
            for target in re.findall(r'Target="/([^"]*)"', content.decode()):
                assert target in held


@pytest.mark.parametrize(
    "change",
    [
        lambda book: book[SHEET].__setitem__("D1", "='[1]Sheet1'!A1"),
        lambda book: book[SHEET].__setitem__("D1", '=WEBSERVICE("http://example.vn")'),
        lambda book: book[SHEET].__setitem__("D1", ArrayFormula("D1", "=cmd|'/c calc'!A0")),
        lambda book: setattr(book[SHEET]["D1"], "hyperlink", "http://example.vn"),
    ],
)
def test_a_workbook_that_reaches_out_is_not_edited_as_it_is(change):
    with pytest.raises(NotPlainError):
        mark(changed(form(), change), [ERROR], LETTER, ())


# --- names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "step"),
    [
        ("Chi bộ ấp 1.xlsx", "Chi bộ ấp 1.xlsx"),
        (unicodedata.normalize("NFD", "Chi bộ ấp Hòa"), "Chi bộ ấp Hòa"),
        ("../../etc/passwd", "etc passwd"),
        ("C:\\temp\\x", "C temp x"),
        ("con", "bao cao con"),
        ("LPT1.txt", "bao cao LPT1.txt"),
        ("  .hidden. ", "hidden"),
        ("=1+1[a]\u202egpj", "1+1 a gpj"),
        ("~$BC", "BC"),
        ("...", "bao cao"),
    ],
)
def test_a_name_is_safe(typed: str, step: str):
    assert safe(typed, 60, "bao cao") == step


@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=300)), max_size=8))
def test_every_copy_has_a_safe_path_of_its_own(sent: list[tuple[str, str]]):
    names = Names()
    paths = [names.copy(code, name, " - đợt 1") for code, name in sent]
    assert len({path.casefold() for path in paths}) == len(paths)
    for path in paths:
        folder, slash, file = path.partition("/")
        assert slash
        assert "/" not in file
        assert len(path) <= LONGEST
        assert file.endswith(".xlsx")
        assert unicodedata.is_normalized("NFC", path)
        for step in (folder, file):
            assert len(step.encode()) <= 255
            assert not re.search(r'[<>:"\\|?*\[\]\x00-\x1f]', step)
            assert step.strip(" .") == step
            assert step not in ("", ".", "..")


def test_units_whose_codes_look_alike_do_not_share_a_folder():
    names = Names()
    folders = [names.folder(code) for code in ("A/1", "A:1", "a 1", "unidentified", "")]
    assert folders == ["A 1", "A 1 (2)", "a 1 (3)", "unidentified (2)", "unidentified"]
    assert names.folder("A:1") == "A 1 (2)"
