"""Rows written by the thousand: cell by cell what XlsxWriter itself would have written, and whole at Excel's limits."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from pipeline.workbook import links, listing, rows, texts, tree, write_workbook
from pipeline.workbook.package import Workbook
from pipeline.workbook.rows import Part
from pipeline.workbook.texts import Texts, element
from tests.workbook_result import small_result

pytestmark = pytest.mark.filterwarnings("ignore:.*xtension is not supported.*:UserWarning")

TEXTS = [
    "Chi bộ ấp 1", "", " trước", "sau ", "\tthẻ", "hai\ndòng\n", "<b>&amp;\"'</b>", "a_x000D_b", "_x0041_",
    "chuông\x07", "cr\rlf", "😀" * 16_000, "x" * 32_767, "0123", "1e5", "=1+1", "+84", "@SUM(A1)", "http://a.vn",
    "\ufffe", "\u00a0x", "¦ ¦", "]]>", "_x", "{=A1}",
]  # fmt: skip
NUMBERS = [0, 1, -7, 2**53, 0.1, 1 / 3, 1e-9, 123456789.123456789, 0.95, 1.0, None]
FORMULAS: list[tuple[str | None, Any]] = [
    ('=IF(COUNT(A1:B1)<2,"",A1&B1)', 3), ('=""', None), (None, 5), (None, None), ("=SUM(A1:A9)", 0.25), ('=1>0', 1),
]  # fmt: skip
MOMENTS = [datetime(2021, 4, 27, 8, 0), datetime(1999, 12, 31, 23, 59, 59), datetime(2021, 4, 27), None]


def in_parts(path: Path) -> None:
    """The lists above, a column each, by the thousand."""
    book = Workbook(path, {"strings_to_formulas": False})
    bold, red = book.add_format({"bold": True}), book.add_format({"font_color": "red"})
    day = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    sheet = book.add_worksheet("A")
    sheet.write_string(0, 0, "head")
    count = len(TEXTS)
    sheet.in_parts(2, count)

    def padded(values: list[Any]) -> list[Any]:
        return [*values, *[None] * (count - len(values))]

    formulas, values = map(list, zip(*FORMULAS, strict=True))
    mixed = ["chữ", 4, 0.5, None, ""]

    def write(part: Part) -> None:
        part.texts(0, TEXTS[part.rows], ([bold, red] * count)[part.rows])
        part.figures(1, padded(NUMBERS)[part.rows], bold)
        part.formulas(2, padded(formulas)[part.rows], padded(values)[part.rows], red)
        part.moments(3, padded(MOMENTS)[part.rows], day)
        part.mixed(4, padded(mixed)[part.rows], bold)
        part.blanks(4, [row == 3 for row in range(count)][part.rows], bold)
        part.shape([20 if row % 2 else 35 for row in range(count)][part.rows])
        if part.rows.start <= 6 < part.rows.stop:
            part.link(6 - part.rows.start, 0, "'A'!A1", 'to "A" & <B>', TEXTS[6])

    sheet.add_columns(4, write)
    sheet.write_string(2 + count, 1, "foot")
    book.close()


def by_xlsxwriter(path: Path) -> None:
    """The same, cell by cell, by XlsxWriter."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
    bold, red = book.add_format({"bold": True}), book.add_format({"font_color": "red"})
    day = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    sheet = book.add_worksheet("A")
    sheet.write_string(0, 0, "head")
    for row, text in enumerate(TEXTS, 2):
        cell = (bold, red)[row % 2]
        if text:
            sheet.write_string(row, 0, text, cell)
        sheet.set_row_pixels(row, 35 if row % 2 == 0 else 20)
    sheet.write_url(8, 0, "internal:'A'!A1", bold, TEXTS[6], 'to "A" & <B>')
    for row, number in enumerate(NUMBERS, 2):
        if number is not None:
            sheet.write_number(row, 1, number, bold)
    for row, (formula, value) in enumerate(FORMULAS, 2):
        if formula:
            sheet.write_formula(row, 2, formula, red, "" if value is None else value)
        elif value is not None:
            sheet.write_number(row, 2, value, red)
    for row, moment in enumerate(MOMENTS, 2):
        if moment:
            sheet.write_datetime(row, 3, moment, day)
    sheet.write_string(2, 4, "chữ", bold)
    sheet.write_number(3, 4, 4, bold)
    sheet.write_number(4, 4, 0.5, bold)
    sheet.write_blank(5, 4, None, bold)
    sheet.write_string(2 + len(TEXTS), 1, "foot")
    book.close()


def told(path: Path) -> Iterator[tuple[Any, ...]]:
    """What a reader finds in each cell and row."""
    for live, cached in zip(
        *(openpyxl.load_workbook(path, data_only=only)["A"].iter_rows() for only in (False, True)), strict=True
    ):
        for cell, value in zip(live, cached, strict=True):
            link = cell.hyperlink and (cell.hyperlink.location, cell.hyperlink.tooltip, cell.hyperlink.display)
            looks = (cell.font.b, cell.font.color and cell.font.color.rgb, cell.number_format)
            yield cell.coordinate, cell.data_type, cell.value, value.value, looks, link
        yield (cell.row, cell.parent.row_dimensions[cell.row].height)


@pytest.mark.parametrize("part", [1_000, 4])
@pytest.mark.parametrize("most_shared", [texts.MOST_SHARED, 3])
def test_what_is_read_is_what_xlsxwriter_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int, most_shared: int
) -> None:
    monkeypatch.setattr(rows, "PART", part)
    monkeypatch.setattr(texts, "MOST_SHARED", most_shared)
    in_parts(tmp_path / "ours.xlsx")
    by_xlsxwriter(tmp_path / "theirs.xlsx")
    assert list(told(tmp_path / "ours.xlsx")) == list(told(tmp_path / "theirs.xlsx"))
    with zipfile.ZipFile(tmp_path / "ours.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert (b"inlineStr" in sheet) == (most_shared == 3)


def test_the_sheet_is_xlsxwriters_to_the_letter(tmp_path: Path) -> None:
    """But for which columns a row spans, which is a hint alone, and the order in which texts and looks are numbered."""
    in_parts(tmp_path / "ours.xlsx")
    by_xlsxwriter(tmp_path / "theirs.xlsx")
    parts: dict[str, list[str]] = {}
    for name in ("ours", "theirs"):
        with zipfile.ZipFile(tmp_path / f"{name}.xlsx") as archive:
            parts[name] = sorted(archive.namelist())
            sheet = archive.read("xl/worksheets/sheet1.xml").decode()
            sheet = re.sub(r' spans="[\d:]+"| s="\d+"', "", sheet)
            parts[name].append(re.sub(r't="s"><v>\d+</v>', 't="s"/>', sheet))
    assert parts["ours"] == parts["theirs"]


def test_what_looks_like_markup_stays_text(tmp_path: Path) -> None:
    """XlsxWriter takes a text that begins with <r> and ends with </r> for its own markup."""
    result = small_result()
    said = result.texts.copy()
    said.loc[said.index[0], "text"] = "<r><t>đậm</t></r>"
    object.__setattr__(result, "texts", said)
    write_workbook(result, tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    found = {cell.value for row in book["Nhận xét, kiến nghị"].iter_rows() for cell in row}
    assert "<r><t>đậm</t></r>" in found


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), unique=True, max_size=8))
def test_texts_looked_at_together_are_written_as_one_by_one(found: list[str]) -> None:
    table = Texts()
    for number, text in enumerate(found):
        assert table[text] == number
    items = "".join(f"<si>{element(text)}</si>" for text in found)
    assert "".join(table.written()).endswith(f'uniqueCount="{len(found)}">{items}</sst>')


# --- Excel's limits -------------------------------------------------------------------------------


def test_a_list_too_long_for_a_sheet_goes_on_on_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_ROWS", 4)
    result = small_result()
    write_workbook(result, tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    first, second = book["Tệp đã nhận"], book["Tệp đã nhận (2)"]
    assert book.sheetnames.index(second.title) == book.sheetnames.index(first.title) + 1
    shown = [sheet.cell(row, 2).value for sheet in (first, second) for row in range(6, sheet.max_row + 1)]
    assert shown == result.files["file"].tolist()
    assert [dict(sheet.tables.items()) for sheet in (first, second)] == [{"files": "A5:M9"}, {"files_2": "A5:M7"}]
    assert second["A5"].value == first["A5"].value
    assert [second[f"A{row}"].value for row in (1, 2, 3)] == [first[f"A{row}"].value for row in (1, 2, 3)]
    assert second.freeze_panes == first.freeze_panes
    assert second.column_dimensions["B"].width == first.column_dimensions["B"].width


def test_links_find_the_sheet_on_which_a_list_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_ROWS", 3)
    result = small_result()
    write_workbook(result, tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    row = next(row for row in book["Cây đơn vị"].iter_rows(min_row=6) if row[1].value == "KG03")
    (source,) = [cell for cell in row if cell.value == "=x.xlsx"]
    assert source.hyperlink.location == "'Tệp đã nhận (2)'!A6"
    assert book["Tệp đã nhận (2)"]["B6"].value == "=x.xlsx"


def test_places_beyond_the_last_sheet_have_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_ROWS", 10)
    monkeypatch.setattr(listing, "MOST_SHEETS", 2)
    assert listing.part_of(9) == (1, listing.HEADER_ROW + 10)
    assert listing.part_of(10) == (2, listing.HEADER_ROW + 1)
    assert listing.part_of(20) is None
    assert links.part_of is listing.part_of


def test_levels_that_the_tree_has_no_room_for_stand_in_the_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MOST_ROWS", 9)
    result = small_result()
    write_workbook(result, tmp_path / "book.xlsx")
    live, cached = (
        openpyxl.load_workbook(tmp_path / "book.xlsx", data_only=only)["Cây đơn vị"] for only in (False, True)
    )
    shown = [live.cell(row, 2).value for row in range(6, live.max_row)]
    assert shown == result.tree.index[result.tree["depth"] <= 2].tolist()
    left_out = len(result.tree) - len(shown)
    assert live.cell(live.max_row, 1).value.startswith(f"Còn {left_out} dòng nữa không đủ chỗ")
    members = [cell.value for cell in live[5]].index("Đảng viên") + 1
    place = {code: row for row, code in enumerate(shown, 6)}
    assert live.cell(place["KG0101"], members).value == 95, "a number, as its branches are not there to be summed"
    assert live.cell(place["KG01"], members).value.startswith("=IF(COUNT")
    assert cached.cell(6, members).value == 1_380
    assert live.auto_filter.ref.endswith(str(5 + len(shown)))


def test_memory_does_not_grow_with_the_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rows, so many are asked for at a time, and so many texts are kept."""
    monkeypatch.setattr(texts, "MOST_SHARED", 50)
    asked: list[int] = []
    book = Workbook(tmp_path / "long.xlsx", {})
    sheet, plain = book.add_worksheet("A"), book.add_format()
    sheet.in_parts(0, 25_000)

    def write(part: Part) -> None:
        asked.append(len(part.numbers))
        part.texts(0, [f"text {number}" for number in part.numbers], plain)

    sheet.add_columns(0, write)
    book.close()
    assert max(asked) <= rows.PART
    assert sum(asked) == 25_000
    assert len(book.str_table) <= 50 + rows.PART
    found = openpyxl.load_workbook(tmp_path / "long.xlsx", read_only=True)["A"]
    assert [row[0] for row in found.iter_rows(values_only=True)] == [f"text {number}" for number in range(1, 25_001)]


def test_what_the_disk_answers_is_raised_as_it_is() -> None:
    with pytest.raises(OSError, match="No space left"):
        write_workbook(small_result(), Path("/dev/full"))
