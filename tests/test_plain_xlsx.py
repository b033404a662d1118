"""Scanning the plain dialect gives what calamine reads, and gives up on whatever may hide something."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from pipeline.read import _careful_xlsx, _grids, kind_of
from pipeline.read.package import packed_parts
from pipeline.read.plain_xlsx import read_plain
from schemas.records import Grid, UnreadableError
from tests.libreoffice import convert
from tests.makers.forms import FORM, with_part, xlsx

INPUTS = Path(__file__).parents[1] / "inputs"
SHEET = "xl/worksheets/sheet1.xml"


def shown(grids: list[Grid]) -> list[tuple[object, ...]]:
    return [(grid.name, grid.is_visible, grid.merged, [list(map(repr, row)) for row in grid.rows]) for grid in grids]


def made(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    data = BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        fill(book)
    return data.getvalue()


def of_all_kinds(book: xlsxwriter.Workbook) -> None:
    """Every kind of cell that a form may have."""
    sheet, day = book.add_worksheet("A & <b> 'c' d"), book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.write_number(2, 1, 44293, day)
    sheet.write_number(2, 2, 12)
    sheet.write_number(2, 3, 12.5, book.add_format({"num_format": "#,##0"}))
    sheet.write_number(2, 4, -1e20, book.add_format({"num_format": "#,##0.00"}))
    sheet.write_number(3, 1, 44293, book.add_format({"num_format": 14}))
    for column, look in enumerate(("d/m/yyyy", "dd\\/mm\\/yyyy", "[$-42A]dd.mm.yy;@", "yyyy-mm-dd", "DD-MM-YYYY"), 2):
        sheet.write_number(3, column, 44293, book.add_format({"num_format": look}))
    for column, text in enumerate(("  a  b ", "x\ny", "a\u00a0", " ", "&amp; <>\"'", "Đảng bộ ấp 3")):
        sheet.write_string(4, column, text)
    sheet.write_boolean(5, 1, True)
    sheet.write_formula(5, 2, '=IF(B3>1,"<&>","")', None, "<&>")
    sheet.write_formula(5, 3, "=B3+1", None, 3)
    sheet.write_blank(9, 9, None, day)
    sheet.merge_range(7, 0, 8, 1, "m")
    book.add_worksheet("empty")
    book.add_worksheet("hidden").hide()


@pytest.mark.parametrize("name", sorted(path.name for path in INPUTS.iterdir() if (path / "units.csv").is_file()))
def test_every_shipped_workbook_reads_as_calamine_reads_it(name: str):
    found = {"plain": 0, "careful": 0}
    for path in sorted((INPUTS / name / "submissions").rglob("*.xlsx")):
        data = path.read_bytes()
        if kind_of(data) == "xlsx":
            plain = read_plain(data)
            found["careful" if plain is None else "plain"] += 1
            assert plain is None or shown(plain) == shown(_grids(data)), path
    assert found["plain"] > 10 * found["careful"]


def test_every_kind_of_cell_reads_as_calamine_reads_it():
    data = made(of_all_kinds)
    plain = read_plain(data)
    assert plain is not None
    assert shown(plain) == shown(_grids(data))


def test_percentages_are_read_as_they_show_in_both_ways():
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        for row, (value, code) in enumerate([(1, "0%"), (0.9565, "0.00%"), (0.5, 10), (45, "0"), (-0.125, "#,##0.0%")]):
            sheet.write_number(row, 1, value, book.add_format({"num_format": code}))
        sheet.write_blank(7, 1, None, book.add_format({"num_format": "0%"}))
        sheet.write_string(8, 1, "x", book.add_format({"num_format": "0%"}))

    data = made(fill)
    plain, (careful, _) = read_plain(data), _careful_xlsx(data)
    assert plain is not None
    assert [row[1] for row in plain[0].rows] == ["100%", "95,65%", "50,00%", 45.0, "-12,5%", "", "", "", "x"]
    assert shown(plain) == shown(careful)


def test_texts_that_stand_in_their_cells_go_the_careful_way():
    assert read_plain(xlsx(FORM)) is None  # as openpyxl writes them


def test_what_libreoffice_saves_reads_as_calamine_reads_it(tmp_path: Path):
    (tmp_path / "form.xlsx").write_bytes(made(of_all_kinds))
    (tmp_path / "saved").mkdir()
    data = convert(tmp_path / "form.xlsx", tmp_path / "saved", "xlsx").read_bytes()
    plain = read_plain(data)
    assert plain is not None
    assert shown(plain) == shown(_grids(data))


def plain_form() -> bytes:
    """A form in the plain dialect, to be made unplain in one place."""
    return made(lambda book: _two_rows(book.add_worksheet("Báo cáo")))


def _two_rows(sheet: xlsxwriter.worksheet.Worksheet) -> None:
    for row, (label, count) in enumerate((("Tổng số đảng viên", 45), ("Số dự học tập", 40))):
        sheet.write_string(row, 0, label)
        sheet.write_number(row, 1, count)


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (SHEET, b'<row r="1"', b'<row r="1" ht="18.75" x14ac:dyDescent="0.25" hidden="0"'),
        (SHEET, b'<c r="B1"><v>45</v>', b'<c r="B1"><f t="shared" ref="B1:B2" si="0">A1</f><v>45</v>'),
        (SHEET, b'<c r="B1"><v>45</v>', b'<c r="B1"><f t="shared" si="0"/><v>45</v>'),
        (SHEET, b'<c r="B1"><v>45</v>', b'<c r="B1" t="str"><f>IF(A1="","",1)</f><v></v>'),
        (SHEET, b'<c r="B1"><v>45</v>', b'<c r="C1" t="str"><f>""</f><v></v>'),
        ("xl/sharedStrings.xml", b"<t>", b"<r><t>a</t></r><r><rPr><b/><sz val=\"9\"/></rPr><t>b</t></r></si><si><t>"),
        ("xl/sharedStrings.xml", b"</t>", b'</t><phoneticPr fontId="1" type="noConversion"/>'),
        ("xl/sharedStrings.xml", b"<t>", b"<t>a&#10;b &amp;#10; "),
        ("xl/workbook.xml", b"<workbookPr ", b'<workbookPr date1904="0" '),
        ("xl/workbook.xml", b"<workbookPr ", b'<workbookPr date1904="false" '),
    ],
)  # fmt: skip
def test_what_excel_and_others_write_reads_as_calamine_reads_it(part: str, old: bytes, new: bytes):
    changed = with_part(plain_form(), part, lambda xml: xml.replace(old, new, 1))
    assert new in parts_of(changed)[part]
    plain = read_plain(changed)
    assert plain is not None
    assert shown(plain) == shown(_grids(changed))


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (SHEET, b'<c r="B1"><v>45</v>', b'<c r="B1" t="e"><v>#REF!</v>'),
        (SHEET, b'<c r="B1"><v>45</v>', b'<c r="B1"><f>A1</f><v></v>'),
        (SHEET, b'<c r="B1"><v>45</v>', b'<c r="B1"><f>A1</f>'),
        (SHEET, b'<c r="B1"><v>45</v>', b'<c r="B1" t="inlineStr"><is><t>45</t></is>'),
        (SHEET, b'<c r="B1"><v>45</v>', b'<c r="B1"><v>4<!-- 9 -->5</v>'),
        (SHEET, b'<c r="B1"><v>45</v>', b'<c r="A1"><v>45</v>'),
        (SHEET, b'<c r="B1"><v>45</v>', b'<c r="B2"><v>45</v>'),
        (SHEET, b'<c r="B1"><v>45</v>', b'<c><v>45</v>'),
        (SHEET, b'<c r="B1"><v>45</v>', b'<c r="AAA1"><v>45</v>'),
        (SHEET, b'<c r="B1"><v>45</v>', b'<c r="B1" t="s"><v>99</v>'),
        (SHEET, b'<c r="B1"><v>45</v>', b'<c r="B1" s="9"><v>45</v>'),
        (SHEET, b'<row r="1"', b'<row r="1" hidden="1"'),
        (SHEET, b'<row r="1"', b"<row r=\"1\" hidden='1'"),
        (SHEET, b'<row r="1"', b'<row r="1" hidden="&#49;"'),
        (SHEET, b'<row r="1"', b'<row r="1" ht="0"'),
        (SHEET, b'<row r="1"', b'<row r="7"'),
        (SHEET, b"<sheetData>", b'<cols><col min="2" max="2" width="0"/></cols><sheetData>'),
        (SHEET, b"<sheetData>", b'<cols><col min="2" max="2" hidden="true"/></cols><sheetData>'),
        (SHEET, b'<sheetFormatPr ', b'<sheetFormatPr zeroHeight="1" '),
        (SHEET, b"<sheetData>", b'<!DOCTYPE a [<!ENTITY b "c">]><sheetData>'),
        (SHEET, b'encoding="UTF-8"', b'encoding="UTF-16"'),
        ("xl/sharedStrings.xml", b"<t>", b"<r><t>a</t></r><t>"),
        ("xl/sharedStrings.xml", b"<t>", b'<r><rPr><rFont val=".VnTime"/></rPr><t>a</t></r></si><si><t>'),
        ("xl/sharedStrings.xml", b"<t>", b"<r><t>a </t></r></si><si><t>"),
        ("xl/sharedStrings.xml", b"<t>", b"<t> "),
        ("xl/sharedStrings.xml", b"<t>", b"<t>&#10;"),
        ("xl/sharedStrings.xml", b"<t>", b"<t>&#65;"),
        ("xl/sharedStrings.xml", b"<t>", b"<t>_x0041_"),
        ("xl/sharedStrings.xml", b"<t>", b"<t>&other;"),
        ("xl/workbook.xml", b"<workbookPr ", b'<workbookPr date1904="1" '),
        ("xl/workbook.xml", b"<workbookPr ", b"<workbookPr date1904 = 'true' "),
        ("xl/styles.xml", b'<name val="Calibri"/>', b'<name val=".VnTime"/>'),
    ],
)  # fmt: skip
def test_whatever_may_hide_something_goes_the_careful_way(part: str, old: bytes, new: bytes):
    assert read_plain(plain_form()) is not None
    assert old in parts_of(plain_form())[part]
    changed = with_part(plain_form(), part, lambda xml: xml.replace(old, new, 1))
    assert read_plain(changed) is None


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


@pytest.mark.parametrize("cut", [b"", b"PK\x05\x06", plain_form()[:-1], plain_form() + b"x", b"x" + plain_form()])
def test_an_unusual_zip_goes_the_careful_way(cut: bytes):
    assert packed_parts(cut) is None
    assert read_plain(cut) is None


def test_a_size_that_lies_goes_the_careful_way():
    data = bytearray(plain_form())
    place = data.find(b"PK\x03\x04")
    data[place + 18 : place + 22] = (1).to_bytes(4, "little")
    assert read_plain(bytes(data)) is None


def test_cells_far_apart_are_refused_here_too():
    far = [[""] * 700 for _ in range(9998)]
    far[9997][699] = 1
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["ZZ9998"] = 1, 1
    data = BytesIO()
    book.save(data)
    with pytest.raises(UnreadableError, match="cells_too_far"):
        read_plain(data.getvalue())


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=40)


@given(st.lists(TEXT, min_size=1, max_size=5))
def test_any_text_is_given_up_or_read_as_calamine_reads_it(texts: list[str]):
    data = made(lambda book: book.add_worksheet("a").write_column(0, 0, texts) and None)
    plain = read_plain(data)
    assert plain is None or shown(plain) == shown(_grids(data))


@given(st.data())
def test_a_spoiled_byte_is_given_up_or_read_as_calamine_reads_it(data: st.DataObject):
    xml = parts_of(plain_form())[SHEET]
    place = data.draw(st.integers(xml.index(b"<sheetData"), len(xml) - 1))
    byte = data.draw(st.sampled_from([b"<", b">", b"/", b'"', b"0", b"9", b" ", b"A", b"s", b"&"]))
    changed = with_part(plain_form(), SHEET, lambda xml: xml[:place] + byte + xml[place + 1 :])
    try:
        plain = read_plain(changed)
    except UnreadableError:
        return
    if plain is not None and re.search(rb"<sheetData>.*</sheetData>", xml[:place] + byte + xml[place + 1 :], re.DOTALL):
        assert shown(plain) == shown(_grids(changed))


@pytest.mark.parametrize("part", ["xl/_rels/workbook.xml.rels", "xl/workbook.xml", "xl/styles.xml"])
@pytest.mark.parametrize("spoil", [lambda xml: xml[:-3], lambda xml: xml.replace(b"<", b"<\x01<", 3)])
def test_a_part_that_is_not_well_formed_goes_the_careful_way(part: str, spoil: Callable[[bytes], bytes]):
    assert read_plain(with_part(xlsx(FORM), part, spoil)) is None
