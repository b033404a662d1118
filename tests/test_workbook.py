"""The workbook read back: what it shows is what the run knows, and nothing that was typed becomes alive."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.workbook import listing, tree, write_workbook
from pipeline.workbook.cells import CELL_LIMIT, clean, fit, has_hour
from pipeline.workbook.formulas import spans, total_formula
from pipeline.workbook.grid import Grid, Span
from pipeline.workbook.measure import lines
from schemas.result import Result
from tests.workbook_result import flat_result, province_result, small_result

# openpyxl knows no data bars of 2010 and says so
pytestmark = pytest.mark.filterwarnings("ignore:.*xtension is not supported.*:UserWarning")
SHEETS = [
    "Tổng quan", "Cây đơn vị", "Mẫu báo cáo", "Tiến độ", "Đôn đốc", "Cần xử lý", "Nhận xét, kiến nghị",
    "Kiến nghị", "Tệp đã nhận", "Giải thích",
]  # fmt: skip
ENGLISH = [
    "Overview", "Tree", "Official form", "Arrival", "Chase list", "Findings", "Texts", "Proposals",
    "Files received", "Legend",
]  # fmt: skip
LISTS = ["Tiến độ", "Đôn đốc", "Cần xử lý", "Nhận xét, kiến nghị", "Kiến nghị", "Tệp đã nhận"]
COLUMNS = {  # of the tree, in the words of its header
    "expected": "Phải gửi", "coverage": "Tỷ lệ báo cáo", "complete": "Đầy đủ", "queried": "Cần xác nhận",
    "rejected": "Bị trả lại", "missing": "Chưa gửi", "not_due": "Chưa đến hạn", "late": "Gửi muộn",
    "members": "Đảng viên", "attendees": "Dự học tập", "attendance_rate": "Tỷ lệ dự", "reflections": "Viết thu hoạch",
    "required": "Phải viết", "reflection_rate": "Tỷ lệ viết", "outstanding": "Còn phải nộp", "guests": "Quần chúng dự",
    "exemptions": "Miễn viết", "exempt_activity": "Miễn sinh hoạt",
}  # fmt: skip


def written(result: Result, folder: Path, *, cached: bool = True) -> openpyxl.Workbook:
    path = folder / "consolidated.xlsx"
    write_workbook(result, path)
    return openpyxl.load_workbook(path, data_only=cached)


def listed(sheet: Any) -> list[dict[str, Any]]:
    """The rows of a list, by the titles of its header."""
    header, *rows = sheet.iter_rows(min_row=5, values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def words(sheet: Any) -> str:
    return "\n".join(str(value) for row in sheet.iter_rows(values_only=True) for value in row if value is not None)


# --- the tree -----------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [small_result, province_result])
def test_every_figure_of_the_tree_is_that_of_the_table(tmp_path: Path, make: Any) -> None:
    result = make()
    rows = {row["Mã đơn vị"]: row for row in listed(written(result, tmp_path)["Cây đơn vị"])}
    units = result.round_units()
    assert list(rows) == list(result.tree.index)
    for name, title in COLUMNS.items():
        shown = pd.Series({code: row[title] for code, row in rows.items()}).replace("", None).astype("Float64")
        pd.testing.assert_series_equal(shown, units[name].astype("Float64"), check_names=False, obj=name)


def test_blank_stays_blank_and_zero_stays_zero(tmp_path: Path) -> None:
    rows = {row["Mã đơn vị"]: row for row in listed(written(small_result(), tmp_path)["Cây đơn vị"])}
    assert rows["KG03"]["Dự học tập"] == 0
    assert rows["KG010102"]["Quần chúng dự"] == 0
    assert rows["KG010104"]["Đảng viên"] is None, "a missing branch has no members, not none"
    assert rows["KG02"]["Đảng viên"] in (None, ""), "nor has a district where nobody reported"
    assert rows["KG02"]["Tỷ lệ viết"] in (None, "")
    assert rows["KG010101"]["Quần chúng dự"] is None


def test_a_parent_is_a_formula_over_its_children_and_a_branch_a_number(tmp_path: Path) -> None:
    rows = {row["Mã đơn vị"]: row for row in listed(written(small_result(), tmp_path, cached=False)["Cây đơn vị"])}
    for code in ("KG", "KG01", "KG0101", "KG02", "KG0201"):
        assert rows[code]["Đảng viên"].startswith("=IF(COUNT")
        assert rows[code]["Chưa gửi"].startswith("=SUM")
    assert rows["KG0102"]["Đảng viên"] == 1_250


def test_flags_are_symbol_and_word_and_colour(tmp_path: Path) -> None:
    sheet = written(small_result(), tmp_path)["Cây đơn vị"]
    flags = {row[1].value: row[2] for row in sheet.iter_rows(min_row=6)}
    assert flags["KG010101"].value == "✔ Đầy đủ"
    assert flags["KG010102"].value == "▲ Cần xác nhận"
    assert flags["KG010103"].value == "✖ Bị trả lại"
    assert flags["KG010104"].value == "○ Chưa gửi"
    assert flags["KG010105"].value == "– Không phải gửi"
    assert flags["KG01"].value == "◧ Chưa đủ"
    fills = {cell.fill.fgColor.rgb for cell in flags.values()}
    assert len(fills) >= 5


def test_levels_fold_below_their_summary_row(tmp_path: Path) -> None:
    sheet = written(province_result(), tmp_path)["Cây đơn vị"]
    levels = [sheet.row_dimensions[row].outlineLevel for row in range(6, 10)]
    assert levels == [0, 1, 2, 3]
    assert [bool(sheet.row_dimensions[row].hidden) for row in range(6, 10)] == [False, False, True, True]
    assert not sheet.sheet_properties.outlinePr.summaryBelow


def test_the_file_behind_a_figure_is_named(tmp_path: Path) -> None:
    rows = {row["Mã đơn vị"]: row for row in listed(written(small_result(), tmp_path)["Cây đơn vị"])}
    assert rows["KG010102"]["Tệp nguồn"] == "kp2.xlsx"
    assert rows["KG010102"]["Điểm cần xác nhận"] == 1
    assert rows["KG010104"]["Tệp nguồn"] is None


def links(book: Any) -> dict[str, dict[str, str]]:
    """Where the tree leads, by unit and title of the column: the row that a link points to, as text."""
    tree = book["Cây đơn vị"]
    titles = [cell.value for cell in tree[5]]
    found: dict[str, dict[str, str]] = {}
    for row in tree.iter_rows(min_row=6):
        for title, cell in zip(titles, row, strict=True):
            if cell.hyperlink:
                name, _, address = cell.hyperlink.location.rpartition("!")
                target = book[name.strip("'")][int(address[1:])]
                texts = [str(c.value) for c in target if c.value is not None]
                found.setdefault(row[1].value, {})[title] = " | ".join(texts)
    return found


def test_a_parent_leads_to_its_first_child_and_a_branch_to_its_findings_and_its_file(tmp_path: Path) -> None:
    found = links(written(small_result(), tmp_path))
    assert found["KG"]["Đơn vị"].startswith("Thành ủy Rạch Giá | KG01 ")
    assert found["KG0201"]["Đơn vị"].startswith("Chi bộ ấp Xẻo Đước | KG020101 ")
    assert "Ô C13 = 30, ít hơn số phải viết (45)." in found["KG010102"]["Tình trạng"]
    assert "Ô C12 (Số dự học tập) để trống." in found["KG010103"]["Tình trạng"]
    assert "Đơn vị tự báo 1.400" in found["KG01"]["Tình trạng"]
    assert "kp2.xlsx" in found["KG010102"]["Tệp nguồn"]
    assert "=x.xlsx" in found["KG03"]["Tệp nguồn"]


def test_what_has_nothing_behind_it_is_no_link(tmp_path: Path) -> None:
    found = links(written(small_result(), tmp_path))
    assert "KG010104" not in found, "a missing branch has neither file nor finding"
    assert list(found["KG0102"]) == ["Tệp nguồn"], "a note is no reason to look"
    assert list(found["KG02"]) == ["Đơn vị"]


def test_a_finding_of_a_file_that_no_longer_stands_is_no_link(tmp_path: Path) -> None:
    result = small_result()
    files = result.files.copy()
    files.loc[files["file"] == "kp3.xlsx", "status"] = "superseded"
    findings = result.findings.copy()
    findings.loc[findings["unit_code"] == "KG010103", "file"] = "kp3.xlsx"
    assert "KG010103" not in links(written(replace(result, files=files, findings=findings), tmp_path))


def test_links_stay_within_what_a_sheet_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MOST_LINKS", 0)
    found = links(written(small_result(), tmp_path))
    assert not [titles for titles in found.values() if "Tệp nguồn" in titles]


def test_a_unit_whose_branches_are_dissolved_stands_with_its_own_numbers(tmp_path: Path) -> None:
    """Both branches of KG0201 ceased before the due date, so that it files for itself."""
    result = small_result()
    units = result.units.set_index(["unit_code", "round"])
    statuses = ["expected", "complete", "queried", "rejected", "missing", "not_due", "late"]
    for branch in ("KG020101", "KG020102"):
        units.loc[(branch, "1"), statuses] = 0
        units.loc[(branch, "1"), "flag"] = "not_expected"
    alone = {"expected": 1, "missing": 0, "complete": 1, "members": 21, "flag": "complete"}
    for name, value in alone.items():
        units.loc[("KG0201", "1"), name] = value
    result = replace(result, units=units.reset_index()[result.units.columns])
    live = written(result, tmp_path, cached=False)["Cây đơn vị"]
    row = next(line for line in live.iter_rows(min_row=5) if "KG0201" in [cell.value for cell in line])
    assert 21 in [cell.value for cell in row]
    assert "KG0201" not in {row["Mã đơn vị"] for row in listed(written(result, tmp_path)["Đôn đốc"])}
    missing = {"missing": 1, "complete": 0, "flag": "missing"}
    units = result.units.set_index(["unit_code", "round"])
    for name, value in missing.items():
        units.loc[("KG0201", "1"), name] = value
    silent = replace(result, units=units.reset_index()[result.units.columns])
    assert "KG0201" in {row["Mã đơn vị"] for row in listed(written(silent, tmp_path)["Đôn đốc"])}


def children_by_parent(depths: Sequence[int]) -> list[list[int]]:
    children: list[list[int]] = [[] for _ in depths]
    path: list[int] = []
    for place, depth in enumerate(depths):
        path = path[:depth]
        if path:
            children[path[-1]].append(place)
        path.append(place)
    return children


@st.composite
def trees(draw: st.DrawFn) -> list[int]:
    depths = [0]
    for _ in range(draw(st.integers(0, 30))):
        depths.append(draw(st.integers(1, depths[-1] + 1)))
    return depths


@given(trees())
def test_a_sum_takes_each_direct_child_once_and_no_one_else(depths: list[int]) -> None:
    first_row = 5
    for found, children in zip(spans(depths, first_row), children_by_parent(depths), strict=True):
        if found is None:
            assert children == []
            continue
        rows = range(found.first, found.last + 1)
        taken = [row for row in rows if found.children_depth in (None, depths[row - first_row])]
        assert taken == [first_row + child for child in children]


def test_a_sum_of_thousands_of_children_is_short() -> None:
    depths = [0, *([1, 2] * 3_300)]
    (below, *_) = spans(depths, 5)
    assert below is not None
    assert len(total_formula("M", "X", below, may_be_blank=True)) < 100


# --- the overview -------------------------------------------------------------------------------


def test_headline_figures_are_those_of_the_top_and_say_what_they_cover(tmp_path: Path) -> None:
    result = province_result()
    sheet = written(result, tmp_path)["Tổng quan"]
    top = result.round_units().loc["KG"]
    values = [value for row in sheet.iter_rows(values_only=True) for value in row]
    for name in ("members", "attendees", "reflections", "outstanding", "exemptions", "guests", "coverage"):
        assert top[name] in values
    counted, expected = top["complete"] + top["queried"], top["expected"]
    assert f"{counted}/{expected} đơn vị đã báo cáo" in values
    assert f"số liệu của {counted}/{expected} đơn vị" in values


def test_coverage_of_an_optional_figure_counts_only_who_gave_it(tmp_path: Path) -> None:
    text = words(written(small_result(), tmp_path)["Tổng quan"])
    assert "số liệu của 4/8 đơn vị" in text
    assert "số liệu của 2/8 đơn vị" in text, "two of eight gave their guests"


def test_a_headline_that_nobody_reported_says_so_and_is_of_nothing(tmp_path: Path) -> None:
    result = small_result()
    blank = dict.fromkeys(("attendees", "attendance_rate", "guests"), pd.NA)
    text = words(written(replace(result, units=result.units.assign(**blank)), tmp_path)["Tổng quan"])
    assert text.count("chưa có số liệu") == 2
    assert "so với tổng số đảng viên" not in text


def test_the_head_is_that_of_a_paper(tmp_path: Path) -> None:
    text = words(written(small_result(), tmp_path)["Tổng quan"])
    for part in (
        "TỈNH ỦY KIÊN GIANG", "BAN TUYÊN GIÁO", "ĐẢNG CỘNG SẢN VIỆT NAM", "Kiên Giang, ngày 30 tháng 4 năm 2021",
        "T/M BAN THƯỜNG VỤ", "Đợt 1 – hạn gửi: hết ngày 29/4/2021 · Số liệu tính đến 08 giờ 00, ngày 30/4/2021",
    ):  # fmt: skip
        assert part in text


def test_a_paper_s_number_and_recipients_stand_where_the_plan_gives_them(tmp_path: Path) -> None:
    issuer = {"superior": "TỈNH ỦY", "name": "BAN TUYÊN GIÁO", "place": "Kiên Giang", "number": "Số    -BC/BTGTU"}
    told = words(written(small_result(issuer=issuer | {"recipients": ["Lưu BTG"]}), tmp_path)["Tổng quan"])
    assert (
        told.index("Số    -BC/BTGTU")
        < told.index("BÁO CÁO TỔNG HỢP")
        < told.index("Nơi nhận:")
        < told.index("- Lưu BTG")
    )
    assert "Nơi nhận:" not in words(written(small_result(), tmp_path)["Tổng quan"])


def test_only_what_the_plan_asks_for_is_shown(tmp_path: Path) -> None:
    book = written(flat_result(), tmp_path)
    for name in ("Tổng quan", "Cây đơn vị"):
        assert "hu hoạch" not in words(book[name])
        assert "iễn viết" not in words(book[name])
    assert "Nhận xét, kiến nghị" not in book.sheetnames


def test_units_below_the_top_stand_least_reported_first(tmp_path: Path) -> None:
    sheet = written(province_result(), tmp_path)["Tổng quan"]
    rows = [row for row in sheet.iter_rows(min_col=2, max_col=5, values_only=True) if str(row[0]).startswith("Huyện")]
    coverages = [row[3] for row in rows]
    assert len(coverages) == 11
    assert coverages == sorted(coverages)


def test_units_that_find_no_room_are_summed_in_one_row(tmp_path: Path) -> None:
    result = flat_result()
    sheet = written(result, tmp_path)["Tổng quan"]
    rows = list(sheet.iter_rows(min_col=2, max_col=12, values_only=True))
    (rest,) = [row for row in rows if row[0] == "6 đơn vị còn lại"]
    shown = [row for row in rows if str(row[0]).startswith("Đảng bộ cơ sở")]
    (top,) = [row for row in rows if str(row[0]).startswith("Tổng cộng")]
    assert len(shown) == 19
    for column in (1, 2, 10):  # expected, counted, members
        assert sum(row[column] or 0 for row in (*shown, rest)) == top[column]


def test_every_round_has_a_row(tmp_path: Path) -> None:
    sheet = written(small_result(), tmp_path)["Tổng quan"]
    rows = {row[0]: row for row in sheet.iter_rows(min_col=2, max_col=5, values_only=True)}
    assert rows["Đợt 1 – hạn gửi: hết ngày 29/4/2021"][1:] == (8, 4, 0.5)
    assert rows["Đợt 2 – hạn gửi: hết ngày 28/5/2021"][1:] == (9, 0, 0)


def test_what_needs_attention_is_said_with_units_and_numbers(tmp_path: Path) -> None:
    text = words(written(small_result(), tmp_path)["Tổng quan"])
    assert "3 đơn vị chưa gửi báo cáo: Huyện ủy An Biên\u00a0(2), Thành ủy Rạch Giá\u00a0(1)." in text
    assert "1 đơn vị bị trả lại, phải sửa và gửi lại" in text
    assert "1 đơn vị đã được tính nhưng còn 1 điểm cần xác nhận" in text
    assert "1 tệp chưa rõ của đơn vị nào" in text
    assert "1 đơn vị tự báo tổng số khác với số cộng từ cấp dưới: Thành ủy Rạch Giá." in text


def test_three_native_charts_each_told_in_words(tmp_path: Path) -> None:
    written(province_result(), tmp_path)
    with zipfile.ZipFile(tmp_path / "consolidated.xlsx") as parts:
        drawing = parts.read("xl/drawings/drawing1.xml").decode()
        charts = [name for name in parts.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) == 4, "the sheet of days has one of its own"
    states, arrival, rates = re.findall(r'descr="([^"]+)"', drawing)
    assert "tình hình gửi báo cáo của 15 đơn vị" in states
    assert "số đơn vị đã báo cáo" in arrival
    assert "của 6 đơn vị" in rates


def test_a_whole_rate_is_not_drawn_among_the_lowest(tmp_path: Path) -> None:
    result = province_result()
    whole = result.units["reflection_rate"] * 0 + 1.0
    low = result.units["unit_code"] == result.tree.index[result.tree["parent_code"] == "KG"][3]
    for known, told in ((whole.mask(low, 0.9), ["của 1 đơn vị"]), (whole, [])):
        written(replace(result, units=result.units.assign(reflection_rate=known)), tmp_path)
        with zipfile.ZipFile(tmp_path / "consolidated.xlsx") as parts:
            alts = re.findall(r'descr="([^"]+)"', parts.read("xl/drawings/drawing1.xml").decode())
        assert [text for text in alts[2:] if all(words in text for words in told)] == alts[2:]
        assert len(alts) == 2 + len(told)


def test_a_round_without_anything_left_to_do_says_so(tmp_path: Path) -> None:
    result = flat_result()
    kept = result.units[result.units["flag"] == "complete"]["unit_code"].tolist()
    units = result.units[result.units["unit_code"].isin([*kept, "K"])].copy()
    for name, value in (("expected", len(kept)), ("missing", 0), ("complete", len(kept)), ("coverage", 1.0)):
        units.loc[units["unit_code"] == "K", name] = value
    quiet = replace(result, tree=result.tree.loc[["K", *kept]], units=units)
    assert "Không còn việc nào cần xử lý." in words(written(quiet, tmp_path)["Tổng quan"])


# --- the lists ----------------------------------------------------------------------------------


def test_the_chase_list_goes_by_monitor_then_by_the_tree(tmp_path: Path) -> None:
    rows = listed(written(small_result(), tmp_path)["Đôn đốc"])
    assert [(row["Người theo dõi"], row["Mã đơn vị"], row["Tình trạng"]) for row in rows] == [
        ("Trần Thị Bình", "KG010102", "▲ Cần xác nhận"),
        ("Trần Thị Bình", "KG010103", "✖ Bị trả lại"),
        ("Trần Thị Bình", "KG010104", "○ Chưa gửi"),
        ("Lê Văn An", "KG020101", "○ Chưa gửi"),
        ("Lê Văn An", "KG020102", "○ Chưa gửi"),
    ]
    assert rows[0]["Vấn đề"] == "Ô C13 = 30, ít hơn số phải viết (45)."
    assert rows[1]["Cách xử lý"] == "Điền số vào ô C12."
    assert rows[1]["Thư điện tử"] == "kp3@kg.vn"
    assert rows[1]["Hạn gửi"] == "29/04/2021"
    assert rows[1]["Quá hạn (ngày)"] == 1
    assert rows[1]["Đơn vị cấp trên"] == "Thành ủy Rạch Giá / Đảng ủy phường An Hòa"


def test_findings_go_errors_first(tmp_path: Path) -> None:
    rows = listed(written(small_result(), tmp_path)["Cần xử lý"])
    assert [row["Mã vấn đề"] for row in rows] == [
        "count_blank", "declared_total_differs", "reflections_below_required", "proposals_blank",
    ]  # fmt: skip
    assert rows[0]["Mức độ"] == "✖ Lỗi"


def test_every_file_received_has_its_row_and_vietnamese_time(tmp_path: Path) -> None:
    result = small_result()
    utc = pd.to_datetime(result.files["received_at"], utc=True)
    rows = listed(written(replace(result, files=result.files.assign(received_at=utc)), tmp_path)["Tệp đã nhận"])
    assert [row["Tệp"] for row in rows] == result.files["file"].tolist()
    assert rows[0]["Thời điểm nhận"] == datetime(2021, 4, 27, 8, 0)
    assert rows[-1]["Trạng thái"] == "? Chưa rõ đơn vị"


def test_lists_are_tables_that_filter_under_a_frozen_header(tmp_path: Path) -> None:
    book = written(small_result(), tmp_path)
    for name in LISTS:
        (table,) = book[name].tables.values()
        assert table.autoFilter is not None
        assert book[name].freeze_panes == "A6"
        assert not book[name].merged_cells.ranges
    assert book["Cây đơn vị"].auto_filter.ref is not None
    assert book["Cây đơn vị"].freeze_panes == "B6"


def test_decisions_have_a_sheet_only_when_there_are_any(tmp_path: Path) -> None:
    assert written(small_result(), tmp_path).sheetnames == SHEETS
    ruled = pd.DataFrame({"unit_code": ["KG03"], "decision": ["=1+1"], "Decision": ["giữ"]})
    book = written(replace(small_result(), decisions=ruled), tmp_path)
    assert book.sheetnames == [*SHEETS[:-1], "Quyết định đã áp dụng", SHEETS[-1]]
    assert [cell.value for cell in book["Quyết định đã áp dụng"][6]] == ["KG03", "=1+1", "giữ"]


def test_rows_that_a_sheet_cannot_hold_are_left_to_the_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_ROWS", 4)
    monkeypatch.setattr(listing, "MOST_SHEETS", 1)
    sheet = written(small_result(), tmp_path)["Tệp đã nhận"]
    assert sheet["B9"].value == "=x.xlsx"
    assert sheet["A10"].value == "Còn 2 dòng nữa không đủ chỗ trong bảng tính; danh sách đầy đủ ở tệp CSV kèm theo."
    assert next(iter(sheet.tables.values())).ref == "A5:M9"


def test_lists_without_rows_still_open(tmp_path: Path) -> None:
    result = small_result()
    bare = replace(
        result, files=result.files.iloc[:0], findings=result.findings.iloc[:0], texts=result.texts.iloc[:0],
        sources=result.sources.iloc[:0],
    )  # fmt: skip
    book = written(bare, tmp_path)
    assert book["Cần xử lý"]["A6"].value == "Không có dòng nào."
    assert book["Tệp đã nhận"].tables


# --- what was typed -----------------------------------------------------------------------------


def test_nothing_typed_becomes_a_formula_or_a_link(tmp_path: Path) -> None:
    book = written(small_result(), tmp_path, cached=False)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert sheet.title in SHEETS[:3]
                    assert re.match(r"=(IF(ERROR)?\(|SUM|\$?[A-Z]+\d+[+-])", cell.value), cell.value
                if cell.hyperlink:
                    assert cell.hyperlink.target is None, "never out of the workbook"
                    name, _, address = cell.hyperlink.location.rpartition("!")
                    assert name.strip("'") in SHEETS
                    assert re.fullmatch(r"A\d+", address)
    assert book["Cây đơn vị"]["A19"].value == "=cmd|'/c calc'!A1"
    assert book["Cây đơn vị"]["A19"].data_type == "s"
    assert listed(book["Nhận xét, kiến nghị"])[0]["Nội dung"] == "=SUM(A1:A9) bài viết tốt"


def test_a_text_too_long_for_a_cell_is_cut_with_a_word_never_dropped(tmp_path: Path) -> None:
    text = listed(written(small_result(), tmp_path)["Nhận xét, kiến nghị"])[1]["Nội dung"]
    assert text.startswith("Kiến nghị 😀😀")
    assert text.endswith("😀 … [đã cắt vì quá dài; toàn văn ở tệp CSV kèm theo]")
    assert CELL_LIMIT - 1 <= len(text.encode("utf-16-le")) // 2 <= CELL_LIMIT


ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(st.one_of(ANY_TEXT, ANY_TEXT.map(lambda text: (text or "ă") * 40_000)))
def test_a_fitted_text_is_the_beginning_of_the_clean_one(text: str) -> None:
    fitted = fit(text, "…")
    assert len(fitted.encode("utf-16-le")) // 2 <= CELL_LIMIT
    assert fitted == clean(text) or clean(text).startswith(fitted.removesuffix("…"))


@given(ANY_TEXT)
def test_clean_text_fits_xml_and_cleaning_twice_changes_nothing(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff\r]", cleaned)


# --- the book as a whole ------------------------------------------------------------------------


def test_the_same_result_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first.xlsx", tmp_path / "second.xlsx"
    write_workbook(small_result(), first)
    write_workbook(small_result(), second)
    assert first.read_bytes() == second.read_bytes()


def test_english_words_throughout(tmp_path: Path) -> None:
    book = written(small_result("en"), tmp_path)
    assert book.sheetnames == ENGLISH
    assert "as of" in words(book["Overview"]).lower()
    assert "Chưa gửi" not in "".join(words(sheet) for sheet in book.worksheets)


def test_the_legend_explains_every_flag_status_and_severity(tmp_path: Path) -> None:
    text = words(written(small_result(), tmp_path)["Giải thích"])
    for term in (
        "✔ Đầy đủ", "▲ Cần xác nhận", "✖ Bị trả lại", "○ Chưa gửi", "… Chưa đến hạn", "– Không phải gửi", "◧ Chưa đủ",
        "◷ Gửi muộn", "✔ Được tính", "↻ Đã có bản mới", "= Trùng tệp", "? Chưa rõ đơn vị", "– Không cộng", "– Bỏ qua",
        "✖ Lỗi", "ℹ Ghi chú", "Ô trống không phải số 0", "Tỷ lệ báo cáo",
    ):  # fmt: skip
        assert term in text


def test_a_campaign_with_every_item_has_all_its_words(tmp_path: Path) -> None:
    items = {"guest_reflections": "optional"}
    grades = [{"id": "good", "name": "Loại tốt"}]
    documents = [{"id": "plan", "name": "Kế hoạch thực hiện Nghị quyết", "levels": ["branch"]}]
    for language in ("vi", "en"):
        book = written(small_result(language, items=items, grades=grades, documents=documents), tmp_path)
        assert "Loại tốt" in words(book.worksheets[1])
        assert "Kế hoạch thực hiện Nghị quyết" in words(book.worksheets[-1])


def test_every_sheet_prints_on_a4_across_one_page(tmp_path: Path) -> None:
    book = written(small_result(), tmp_path)
    for sheet in (sheet for sheet in book.worksheets if sheet.title != "Mẫu báo cáo"):
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToWidth in (None, 2 if sheet.title == "Cây đơn vị" else 1)
        assert "&P" in sheet.oddFooter.right.text or "&P" in str(sheet.oddFooter.right)
    assert book["Tổng quan"].page_setup.fitToHeight in (None, 1)
    for name in ("Cây đơn vị", *LISTS):
        assert book[name].page_setup.fitToHeight == 0
        assert book[name].print_title_rows == "$5:$5"


def test_a_tree_of_many_columns_is_printed_on_two_pages_with_the_names_on_both(tmp_path: Path) -> None:
    wide = written(small_result(), tmp_path)["Cây đơn vị"]
    assert (wide.page_setup.fitToWidth, wide.print_title_cols) == (2, "$A:$A")
    assert wide.print_area.startswith("'Cây đơn vị'!$A$5:")
    assert "Kết quả theo từng đơn vị" in str(wide.oddHeader.left.text)
    few = dict.fromkeys(("guests", "reflections", "exemptions", "assessment", "proposals"), "no")
    narrow = written(small_result(items=few, rules={"required_writers": "none"}, exemption_categories=[]), tmp_path)[
        "Cây đơn vị"
    ]
    assert narrow.page_setup.fitToWidth in (None, 1)


def test_a_share_just_under_the_whole_is_never_shown_as_the_whole(tmp_path: Path) -> None:
    book = written(small_result(), tmp_path)
    sheet = book["Cây đơn vị"]
    rates = [cell.column for cell in sheet[5] if cell.value in ("Tỷ lệ báo cáo", "Tỷ lệ dự", "Tỷ lệ viết")]
    shown = {sheet.cell(row, column).number_format for row in (6, 7) for column in rates}
    assert (len(rates), shown) == (3, {'[<0.9995][$-42A]0.0%;[<1]">99,9%";[$-42A]0.0%'})


def test_a_day_without_an_hour_is_shown_as_a_day() -> None:
    day = datetime(2021, 4, 27)
    assert (has_hour(day), has_hour(day.replace(minute=5))) == (False, True)


def test_what_needs_attention_stands_above_the_tables(tmp_path: Path) -> None:
    overview = written(small_result(), tmp_path)["Tổng quan"]
    rows = {cell.value: cell.row for row in overview.iter_rows() for cell in row if isinstance(cell.value, str)}
    first, second, third = ("Việc cần xử lý", "Kết quả theo đơn vị trực thuộc (tỷ lệ báo cáo thấp xếp trước)",
                            "Các đợt báo cáo")  # fmt: skip
    assert rows[first] < rows[second] < rows[third]


def test_headline_numbers_have_names(tmp_path: Path) -> None:
    book = written(small_result(), tmp_path)
    name, place = next(book.defined_names["members_total"].destinations)
    assert book[name][place].value == 1_380


def test_sheet_names_are_ones_that_excel_takes() -> None:
    for name in (*SHEETS, *ENGLISH, "Quyết định đã áp dụng", "Decisions applied"):
        assert len(name) <= 31
        assert not set(name) & set("[]:*?/\\")


@given(st.lists(st.integers(10, 400), min_size=8, max_size=30), st.integers(1, 4))
def test_a_span_is_parted_without_gap_or_overlap(widths: list[int], parts: int) -> None:
    grid = Grid((10, *widths), Span(1, len(widths)), Span(1, len(widths)))
    found = grid.split(grid.left, (1.0,) * parts, least=2)
    columns = [column for span in found for column in range(span.first, span.last + 1)]
    assert columns == list(range(1, len(widths) + 1))
    assert all(span.last > span.first for span in found)


def test_rows_are_as_tall_as_their_text_needs() -> None:
    assert lines("Chi bộ ấp 1", 200) == 1
    assert lines("a\nb\nc", 200) == 3
    assert 2 <= lines("Đảng ủy Khối Cơ quan và Doanh nghiệp tỉnh", 160) <= 3
