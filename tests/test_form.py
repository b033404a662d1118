"""Forms as branches really type them -> tallies, read by their labels. How the tables are written: form_tables."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.form import find_tallies
from pipeline.normalise import type_tally
from schemas.campaign import Document, Grade
from schemas.layout import load_form_spec
from tests.form_tables import HINT, SPEC, codes, grid, tally, values

FOUR = {"members": 45, "attendees": 44, "reflections": 40, "exemptions": 5}


OFFICIAL = f"""
| ĐẢNG BỘ XÃ TÂY YÊN | | ĐẢNG CỘNG SẢN VIỆT NAM |
| CHI BỘ ẤP XẺO RÔ | | An Biên, ngày 20 tháng 4 năm 2021 |
| | BÁO CÁO | |
| | TỔNG HỢP BÀI THU HOẠCH | |
| 1. Tổng số đảng viên: | 45 | |
| 2. Số lượng đảng viên tham gia học tập nghị quyết: | 44 | |
| 3. Số đảng viên viết thu hoạch: | 40 đ/c | |
| 4. Số đảng viên miễn viết thu hoạch (đảng viên được miễn sinh hoạt, miễn công tác; đảng viên hưu trí): | 5 | |
| 5. Nhận xét đánh giá | | |
| {HINT} | | |
| Đa số viết nghiêm túc. | | |
| Còn vài đồng chí viết sơ sài. | | |
| ............................... | | |
| 6. Kiến nghị, đề xuất của cán bộ, đảng viên | | |
| Không | | |
| | T/M CHI ỦY CHI BỘ | |
| | BÍ THƯ | |
| | Nguyễn Văn A | |
"""
TEXTS = {"assessment": "Đa số viết nghiêm túc.\nCòn vài đồng chí viết sơ sài.", "proposals": "Không"}


def test_the_official_form() -> None:
    found = tally(OFFICIAL)
    assert found.values == {**FOUR, **TEXTS}
    assert found.cells == {"members": "B5", "attendees": "B6", "reflections": "B7", "exemptions": "B8",
                           "assessment": "A11", "proposals": "A15"}  # fmt: skip
    assert (found.unit_name, found.unit_cell, found.org_names) == ("CHI BỘ ẤP XẺO RÔ", "A2", ("ĐẢNG BỘ XÃ TÂY YÊN",))
    assert (found.layout, found.row, found.round_text, codes(found)) == ("form", 0, "", ["number_from_text"])


@given(st.integers(0, 5), st.integers(0, 3), st.booleans())
def test_rows_above_columns_in_front_and_decomposed_letters_change_nothing(above: int, columns: int, nfd: bool) -> None:
    sheet = grid(OFFICIAL)
    sheet.rows = [[""] * columns + row for row in [["Ghi gì đó"] + [""] * 2] * above + sheet.rows]
    if nfd:
        sheet.rows = [[unicodedata.normalize("NFD", v) if isinstance(v, str) else v for v in row] for row in sheet.rows]
    (raw,), _ = find_tallies(sheet, SPEC)
    found = type_tally(raw, SPEC)
    assert found.values == {**FOUR, **TEXTS}
    assert (found.unit_name, found.cells["members"]) == ("CHI BỘ ẤP XẺO RÔ", f"{'BCDE'[columns]}{5 + above}")


def test_label_and_value_in_one_cell() -> None:
    found = tally("""
        | ĐẢNG BỘ XÃ TÂY YÊN                  ĐẢNG CỘNG SẢN VIỆT NAM |
        | CHI BỘ: ấp 3    An Biên, ngày 3 tháng 4 năm 2021 |
        | BÁO CÁO TỔNG HỢP (Đợt 2) |
        | 1. Tổng số đảng viên: 45 đ/c |
        | 2. Số lượng đảng viên tham gia học tập nghị quyết: ....44.... |
        | 3. Số đảng viên viết thu hoạch: không |
        | 4. Số đảng viên miễn viết thu hoạch (hưu trí): ........ |
        | 5. Nhận xét đánh giá: Tốt, nghiêm túc. |
        | 6. Kiến nghị, đề xuất: Đề nghị cấp thêm tài liệu |
    """)
    assert found.values == {"members": 45, "attendees": 44, "reflections": 0, "exemptions": None,
                            "assessment": "Tốt, nghiêm túc.", "proposals": "Đề nghị cấp thêm tài liệu"}  # fmt: skip
    assert (found.unit_name, found.org_names) == ("CHI BỘ ấp 3", ("ĐẢNG BỘ XÃ TÂY YÊN",))
    assert (found.round_text, found.round_cell) == ("2", "A3")


def test_a_table_with_units_of_count_shares_and_remarks() -> None:
    assert values("""
        | TT | Nội dung | Đơn vị | Tỷ lệ % | Số lượng | Ghi chú |
        | 1 | Tổng số đảng viên | Đ/c | | 45 | 2 đ/c dự bị |
        | 2 | Số đảng viên tham gia học tập | Đ/c | 1 | 44 | 1 |
        | 3 | Số đảng viên viết thu hoạch | Bài | 0.89 | 40 | 3 đ/c ốm |
        | 4 | Số đảng viên được miễn viết thu hoạch | (đ/c) | '11,1% | 5 | |
        | | - Trong đó: Nữ | Đ/c | | 2 | |
        | | - Miễn sinh hoạt | Đ/c | | 1 | |
        | | - Hưu trí | Đ/c | | 4 | |
    """) == {**FOUR, "exempt_activity": 1, "exempt_retired": 4}  # fmt: skip


def test_a_share_alone_is_never_the_count() -> None:
    found = tally("""
        | Nội dung | Số lượng | Tỷ lệ |
        | Tổng số đảng viên | 45 | |
        | Số đảng viên dự học tập | | 1 |
        | Số đảng viên viết thu hoạch | | '89% |
    """)
    assert found.values == {"members": 45, "attendees": None, "reflections": None}
    assert codes(found) == []


@pytest.mark.parametrize(
    ("head", "row", "read"),
    [
        ("Tổng số | Nữ | Dân tộc", "44 | 12 | 3", 44),
        ("Tổng số | Nữ | Dự bị", "44 | 12 | 3", 44),
        ("Tổng số | Nữ | Dự bị", " | | 3", None),
        ("Có mặt | Vắng | Ghi chú", "44 | 1 | ", 44),
        ("Có mặt | Vắng | Ghi chú", " | 5 | ", None),
        ("Kế hoạch | Thực hiện | Tỷ lệ", "45 | 44 | 0.98", 44),
        ("Chỉ tiêu giao | Thực hiện | Tỷ lệ", "45 | | ", None),
        ("Năm trước | Năm nay | ", "43 | 44 | ", 44),
        ("Nam | Nữ | ", "22 | 22 | ", None),
    ],
)
def test_a_column_of_some_only_or_of_what_was_planned_is_never_the_count(head: str, row: str, read: int | None) -> None:
    found = tally(f"""
        | TT | Nội dung | {head} |
        | 1 | Tổng số đảng viên | 45 | 45 | |
        | 2 | Số đảng viên dự học tập | {row} |
    """)
    assert (found.values["attendees"], codes(found)) == (read, [])


@pytest.mark.parametrize(
    ("row", "read"),
    [
        ("| Tổng số đảng viên | 45 | Nữ: 12 |", 45),
        ("| Tổng số đảng viên | 45 | trong đó nữ | 12 |", 45),
        ("| Tổng số đảng viên | 45 | đ/c | nữ | 12 | đ/c |", 45),
        ("| Tổng số đảng viên | : | 45 | ◂ | |", 45),
        ("| Tổng số đảng viên | ◂ | ◂ | | 45 |", 45),
        ("| Tổng số đảng viên: 45 | 45 |", 45),
        ("| Tổng số đảng viên: 45 | đủ |", 45),
        ("| Tổng số đảng viên: đ/c | 45 |", 45),
        ("| Tổng số đảng viên | 45 | 0.978 |", 45),
        ("| Tổng số đảng viên | 45 | # |", 45),
        ("| Tổng số đảng viên | (ghi số) | |", None),
        ("| 2 | Tổng số đảng viên | | |", None),
        ("| Tổng số đảng viên | Nữ | 12 |", None),
    ],
)
def test_the_number_of_an_item(row: str, read: int | None) -> None:
    found = tally(f"{row}\n| Số đảng viên dự học tập | 44 |")
    assert (found.values["members"], [code for code in codes(found) if code != "number_from_text"]) == (read, [])


@pytest.mark.parametrize(
    ("row", "code", "shown"),
    [
        ("| Tổng số đảng viên | 45 | 46 |", "two_values", "45"),
        ("| Tổng số đảng viên | '45 đ/c | 46 |", "two_values", "45 đ/c"),
        ("| Tổng số đảng viên: 45 | 46 |", "two_values", "45"),
        ("| Tổng số đảng viên | 45 | | Tổng số đảng viên | 54 |", "two_values", "45"),
        ("| Tổng số đảng viên | Chính thức | 12 |", "count_unclear", "Chính thức"),
        ("| Tổng số đảng viên: nữ | 12 |", "count_unclear", "nữ"),
        ("| Tổng số đảng viên: 45, nữ 12 | |", "count_unclear", "45, nữ 12"),
        ("| Tổng số đảng viên | 100% |", "count_unclear", "100%"),
        ("| Tổng số đảng viên 44 (bốn mươi ba) |", "count_ambiguous", "44 (bốn mươi ba)"),
        ("| 1. Tổng số đảng viên 44 đ/c (bốn mươi ba đồng chí) |", "count_ambiguous", "44 đ/c (bốn mươi ba đồng chí)"),
        ("| Tổng số đảng viên | 0.5 | 45 |", "count_not_whole", "0,5"),
        ("| Tổng số đảng viên | # | |", "cell_error", "#REF!"),
        ("| Tổng số đảng viên | ƒ | |", "formula_without_value", ""),
        ("| Tổng số đảng viên | không rõ | |", "count_unclear", "không rõ"),
    ],
)
def test_a_doubtful_number_is_a_finding_and_no_number(row: str, code: str, shown: str) -> None:
    found = tally(f"{row}\n| Số đảng viên dự học tập | 44 |")
    assert found.values["members"] is None
    assert [(note.code, note.field, note.value) for note in found.notes] == [(code, "members", shown)]


@pytest.mark.parametrize("behind", ["(bốn mươi lăm)", "(bốn mươi lăm) đ/c", "(nữ: không)", "(chính thức và dự bị)"])
def test_a_number_behind_its_label_is_read_with_what_stands_in_brackets(behind: str) -> None:
    found = tally(f"| Tổng số đảng viên 45 {behind} |\n| Số đảng viên dự học tập | 44 |")
    assert (found.values["members"], codes(found)) == (45, ["number_from_text"])


@pytest.mark.parametrize(
    ("text", "cell", "other"),
    [
        ("| Nội dung | Số liệu | Ghi chú |\n| Tổng số đảng viên | | 45 |\n| Số đảng viên dự học tập | | |", "B2", "C2"),
        ("| Tổng số đảng viên | |\n| '45 đ/c | |\n| Số đảng viên dự học tập | 44 |", "B1", "A2"),
        ("| Tổng số đảng viên | |\n| Số đảng viên dự học tập | 44 |", "", ""),
        ("| Tổng số đảng viên | |\n| 45 | Quần chúng | 3 |\n| Số đảng viên dự học tập | 44 |", "", ""),
    ],
)
def test_a_number_where_no_answer_goes_is_told_and_not_read(text: str, cell: str, other: str) -> None:
    found = tally(text)
    assert found.values["members"] is None
    told = [(note.code, note.field, note.cell, dict(note.detail)["other_cell"]) for note in found.notes if other]
    assert told == [("count_misplaced", "members", cell, other)] * bool(other)
    assert ("count_misplaced" in codes(found)) == bool(other)


def test_a_percentage_beside_a_count_is_none() -> None:
    found = tally("| Tổng số đảng viên | 45 | |\n| Số đảng viên dự học tập | 44 | 97,8% |")
    assert (found.values, codes(found)) == ({"members": 45, "attendees": 44}, [])


def test_two_values_say_where_both_stand() -> None:
    (note,) = tally("| Tổng số đảng viên: | 45 | 46 |\n| Số đảng viên dự học tập | 44 |").notes
    assert (note.cell, dict(note.detail)["other_cell"], dict(note.detail)["other"]) == ("B1", "C1", "46")


def test_lines_about_others_are_not_the_members() -> None:
    found = tally("""
        | 1. Tổng số đảng viên | 45 |
        | 2. Số người dự học tập | 50 |
        | - Số đảng viên | 44 |
        | - Quần chúng | 6 |
        | 3. Quần chúng, đoàn thể | |
        | - Dự học tập | 6 |
        | - Viết thu hoạch | 2 |
        | 4. Số đảng viên vắng | 3 |
        | - Hưu trí | 1 |
        | - Miễn sinh hoạt | 2 |
        | 5. Số đảng viên chưa viết thu hoạch | 7 |
        | 6. Số đảng viên viết thu hoạch | 40 |
    """)
    assert found.values == {"members": 45, "guests": 6, "reflections": 40}


def test_the_retired_among_all_members_are_not_the_exempt() -> None:
    assert values("""
        | 1. Tổng số đảng viên | 45 |
        | Trong đó: - Nữ | 12 |
        | - Hưu trí | 10 |
        | 2. Số đảng viên dự học tập | 44 |
        | 4. Số đảng viên miễn viết thu hoạch | 5 |
        | - Hưu trí | 3 |
    """) == {"members": 45, "attendees": 44, "exemptions": 5, "exempt_retired": 3}  # fmt: skip


def test_merged_label_cells_and_an_answer_in_the_second_row_of_one() -> None:
    assert values("""
        | 1. Tổng số đảng viên | ◂ | ◂ | 45 |
        | 2. Số lượng đảng viên tham gia học tập nghị quyết | ◂ | ◂ | |
        | ▴ | ◂ | ◂ | 44 |
        | 3. Số đảng viên viết thu hoạch | ◂ | ◂ | 40 |
    """) == {"members": 45, "attendees": 44, "reflections": 40}  # fmt: skip


def test_two_items_a_row() -> None:
    assert values("""
        | Tổng số đảng viên | 45 | | Số đảng viên dự học tập | 44 |
        | Số đảng viên viết thu hoạch | 40 | | Số đảng viên miễn viết thu hoạch | 5 |
    """) == FOUR  # fmt: skip


def test_hidden_rows_are_read_and_said() -> None:
    found = tally("| Tổng số đảng viên | 45 |\n| Số đảng viên dự học tập | 44 |", hidden_rows=frozenset({0}))
    assert (found.values["members"], [(n.code, n.field) for n in found.notes]) == (45, [("hidden_value", "members")])


def test_a_blank_answer_is_named_by_its_cell() -> None:
    found = tally("""
        | 1. Tổng số đảng viên | | đ/c |
        | 2. Số đảng viên dự học tập | 44 | đ/c |
        | 3. Số đảng viên viết thu hoạch | ....... | đ/c |
    """)
    assert found.values == {"attendees": 44, "members": None, "reflections": None}
    assert (found.cells["members"], found.cells["reflections"]) == ("B1", "B3")


def test_plan_documents_grades_and_a_day() -> None:
    class Plan:
        grades = (Grade(id="good", name="Bài thu hoạch loại Tốt", labels=("Loại Tốt",)),)
        documents = (Document(id="action", name="Chương trình hành động thực hiện Nghị quyết", levels=("branch",)),)
        document_fields = ("doc_action",)

    spec = load_form_spec(Plan())  # type: ignore[arg-type]  # the three parts of a campaign that labels come from
    found = values(
        """
        | CHƯƠNG TRÌNH HÀNH ĐỘNG THỰC HIỆN NGHỊ QUYẾT | |
        | CHI BỘ ẤP 3 | |
        | Thời gian tổ chức học tập | ngày 20 tháng 4 năm 2021 |
        | 1. Tổng số đảng viên | 45 |
        | 2. Số đảng viên viết thu hoạch | 40 |
        | - Loại Tốt: 30 bài | |
        | 3. Chương trình hành động thực hiện Nghị quyết | Có |
    """,
        spec,
    )
    assert {k: str(v) for k, v in found.items()} == {
        "study_date": "2021-04-20", "members": "45", "reflections": "40", "grade_good": "30", "doc_action": "1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("second", "below", "read", "said"),
    [
        ("|", "| Tổng hợp đợt 1 | |\n| Số đảng viên tham gia học tập | 30 |", 30, ["answer_elsewhere"]),
        ("| không", "| Tổng hợp đợt 1 | |\n| Số đảng viên tham gia học tập | 30 |", 30, ["answer_elsewhere"]),
        ("| 44", "| Tổng hợp đợt 1 | |\n| Số đảng viên tham gia học tập | |", 44, []),
        ("| 44", "| Tổng hợp đợt 1 | |\n| Số đảng viên tham gia học tập | 44 |", 44, []),
        ("|", "| Tổng hợp đợt 1 | |\n| Số đảng viên tham gia học tập | |", None, []),
    ],
)
def test_a_number_from_where_a_blank_item_stands_once_more_is_a_query(
    second: str, below: str, read: int | None, said: list[str]
) -> None:
    found = tally(f"""
        | 1. Tổng số đảng viên: | 45 |
        | 2. Số lượng đảng viên tham gia học tập nghị quyết: {second} |
        | 3. Số đảng viên viết thu hoạch: | 40 |
        {below}
    """)
    assert (found.values["attendees"], codes(found)) == (read, said)
    assert [(note.cell, dict(note.detail)["other_cell"]) for note in found.notes] == [("B5", "A2")] * len(said)


def test_a_heading_directly_above_the_line_that_asks_for_the_same_is_no_blank_item() -> None:
    found = tally("""
        | 1. Tổng số đảng viên: | 45 |
        | 2. Dự học tập | |
        | - Số đảng viên tham gia học tập: | 44 |
    """)
    assert (found.values["attendees"], codes(found)) == (44, [])
