"""Lists of branches as offices really type them -> tallies. How the tables are written: form_tables."""

from __future__ import annotations

import pytest

from pipeline.form import find_tallies
from tests.form_tables import SPEC, codes, grid, short, tallies, tally


def lines(text: str) -> list[tuple[str, str, dict[str, object]]]:
    """Return (layout, unit, what it answers) of each tally of a table."""
    found = tallies(text)
    return [(t.layout, t.unit_code or t.unit_name, {f: v for f, v in t.values.items() if v is not None}) for t in found]


def columns(header: str) -> dict[str, str]:
    """Return item -> column letter of a list whose header is given; its only line is numbered from 10 on."""
    rows = header.strip().splitlines()
    width = rows[0].count("|") - 1
    line = "| 1 | Chi bộ ấp 1 |" + "".join(f" {10 + c} |" for c in range(2, width))
    found = tally("\n".join([*rows, line]))
    assert {f: v for f, v in found.values.items() if isinstance(v, int)} == {
        f: ord(cell[0]) - 55 for f, cell in found.cells.items() if isinstance(found.values[f], int)
    }  # 55: column A is 10
    return {field: cell[0] for field, cell in found.cells.items()}


LIST = """
| HUYỆN ỦY AN BIÊN | | | | | | |
| ĐẢNG BỘ XÃ TÂY YÊN | | | | ĐẢNG CỘNG SẢN VIỆT NAM | | |
| DANH SÁCH TỔNG HỢP - ĐỢT 1 | | | | | | |
| STT | Tên chi bộ | Tổng số đảng viên | Dự học tập | Viết thu hoạch | Miễn viết | Nhận xét, đánh giá |
| (1) | (2) | (3) | (4) | (5) | (6) | (7) |
| 1 | Chi bộ ấp 1 | 12 | 12 | 10 | 2 | Tốt |
| 2 | Chi bộ ấp 2 | 13 | 12 | '11 đ/c | 2 | Khá |
| 3 | Chi bộ ấp 3 | | | | | |
| | Tổng cộng | 25 | 24 | 21 | 4 | |
| | Ghi chú: Chi bộ ấp 2 có 01 đảng viên ốm | | | | | |
| | Nơi nhận | | | | | T/M ĐẢNG ỦY |
| | Chi bộ ấp 9 | | 3 | 3 | | |
"""


def test_a_list() -> None:
    assert lines(LIST) == [
        (
            "list",
            "Chi bộ ấp 1",
            {"members": 12, "attendees": 12, "reflections": 10, "exemptions": 2, "assessment": "Tốt"},
        ),
        (
            "list",
            "Chi bộ ấp 2",
            {"members": 13, "attendees": 12, "reflections": 11, "exemptions": 2, "assessment": "Khá"},
        ),
        ("empty", "Chi bộ ấp 3", {}),
        ("total", "ĐẢNG BỘ XÃ TÂY YÊN", {"members": 25, "attendees": 24, "reflections": 21, "exemptions": 4}),
    ]
    first, _, _, total = tallies(LIST)
    assert (first.row, first.unit_cell, first.cells["members"]) == (6, "B6", "C6")
    assert (first.org_names, total.org_names) == (("HUYỆN ỦY AN BIÊN", "ĐẢNG BỘ XÃ TÂY YÊN"), ("HUYỆN ỦY AN BIÊN",))
    assert (first.round_text, first.round_cell) == ("1", "A3")


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (
            "| STT | Đơn vị | Tổng số đảng viên | Dự học tập |",
            {"members": "C", "attendees": "D"},
        ),
        (
            "| TT | Tên tổ chức đảng | Số¶đảng viên | Số đảng viên¶dự học tập | Số đảng viên¶vắng | Viết thu hoạch |",
            {"members": "C", "attendees": "D", "reflections": "F"},
        ),
        (
            "| STT | Chi bộ | TỔNG SỐ ĐẢNG VIÊN | Số ĐV dự học tập | Tỷ lệ (%) | Số bài thu hoạch | Tỷ lệ | Ghi chú |",
            {"members": "C", "attendees": "D", "reflections": "F"},
        ),
        (
            """| STT | Chi bộ | Tổng số đảng viên | ◂ | Dự học tập | ◂ | Viết thu hoạch | ◂ |
               | ▴ | ▴ | Tổng số | Nữ | Tỷ lệ | Số lượng | SL | % |""",
            {"members": "C", "attendees": "F", "reflections": "G"},
        ),
        (
            """| STT | Chi bộ | Tổng số đảng viên | Dự học tập | Viết thu hoạch | Miễn viết | ◂ | ◂ | ◂ |
               | ▴ | ▴ | ▴ | ▴ | ▴ | Miễn sinh hoạt | Miễn công tác | Hưu trí | Cộng |
               | | | (đ/c) | (đ/c) | (bài) | | | | (đ/c) |""",
            {"members": "C", "attendees": "D", "reflections": "E", "exempt_activity": "F", "exempt_work": "G",
             "exempt_retired": "H", "exemptions": "I"},
        ),
        (
            """| STT | Chi bộ | Tổng số đảng viên | Dự học tập | ◂ | Viết thu hoạch |
               | ▴ | ▴ | ▴ | Trực tiếp | Trực tuyến | ▴ |""",
            {"members": "C", "reflections": "F"},
        ),
        (
            """| STT | Chi bộ | Quần chúng | ◂ | Đảng viên | ◂ | ◂ |
               | ▴ | ▴ | Dự học tập | Viết thu hoạch | Tổng số đảng viên | Dự học tập | Viết thu hoạch |""",
            {"members": "E", "attendees": "F", "reflections": "G", "guests": "C", "guest_reflections": "D"},
        ),
        (
            """| STT | Chi bộ | Tổng số đảng viên | Dự học tập | | Viết thu hoạch | |
               | | | | Số đảng viên | Tỷ lệ | Số đảng viên | Tỷ lệ |""",
            {"members": "C", "attendees": "D", "reflections": "F"},
        ),
        (
            """| STT | Chi bộ | Tổng số đảng viên | ◂ | Dự học tập |
               | ▴ | ▴ | Số lượng | Hưu trí | ▴ |""",
            {"members": "C", "attendees": "E"},
        ),
        (
            """| STT | Chi bộ | Đảng viên | ◂ | ◂ | ◂ | ◂ |
               | ▴ | ▴ | Tổng số | Nữ | Tham gia học tập | Viết thu hoạch | Miễn viết thu hoạch |""",
            {"members": "C", "attendees": "E", "reflections": "F", "exemptions": "G"},
        ),
        (
            """| STT | Chi bộ | Số đảng viên | ◂ | Học tập nghị quyết | Thu hoạch | ◂ | ◂ |
               | ▴ | ▴ | Hiện có | Vắng | Số tham gia | Đã viết | Miễn viết | Chưa viết |""",
            {"members": "C", "attendees": "E", "reflections": "F", "exemptions": "G"},
        ),
        (
            """| STT | Chi bộ | Tổng số đảng viên | Viết thu hoạch | Số đảng viên được miễn | ◂ | ◂ |
               | ▴ | ▴ | ▴ | ▴ | Sinh hoạt | Công tác | Viết thu hoạch |""",
            {"members": "C", "reflections": "D", "exempt_activity": "E", "exempt_work": "F", "exemptions": "G"},
        ),
    ],
)  # fmt: skip
def test_the_columns_of_a_header(header: str, found: dict[str, str]) -> None:
    assert columns(header) == found


def test_the_only_line_of_a_table_may_be_typed_as_text() -> None:
    found = tally("""
        | CHI BỘ ẤP 1 | | | |
        | Tổng số đảng viên | Số đảng viên dự học tập | Viết thu hoạch | Miễn viết |
        | '45 đ/c | '44 đ/c | '38 bài | không |
    """)
    counts = {"members": 45, "attendees": 44, "reflections": 38, "exemptions": 0}
    assert (found.unit_name, found.values) == ("CHI BỘ ẤP 1", counts)


def test_two_columns_of_one_item_are_neither() -> None:
    text = """
        | STT | Chi bộ | Tổng số đảng viên | Viết thu hoạch | Đợt 1 | ◂ | Đợt 2 | ◂ |
        | ▴ | ▴ | ▴ | ▴ | Dự học tập | Tỷ lệ | Dự học tập | Tỷ lệ |
        | 1 | Chi bộ ấp 1 | 12 | 10 | 11 | | 12 | |
    """
    assert lines(text) == [("list", "Chi bộ ấp 1", {"members": 12, "reflections": 10})]
    _, notes = find_tallies(grid(text), SPEC)
    assert [(n.code, n.field, n.cell, dict(n.detail)["other_cell"]) for n in notes] == [
        ("label_twice", "attendees", "E2", "G2")
    ]


def test_a_nameless_line_with_figures_is_not_lost() -> None:
    found = tallies("""
        | STT | Đơn vị | Tổng số đảng viên | Dự học tập |
        | 1 | Chi bộ ấp 1 | 12 | 12 |
        | 2 | | 13 | 12 |
        | 3 | | | |
        | 4 | Trường Tiểu học A | chưa báo cáo | |
        | 5 | Chi bộ ấp 5 | # | 3 |
    """)
    assert [(t.layout, t.unit_name, t.values.get("members"), [n.code for n in t.notes]) for t in found] == [
        ("list", "Chi bộ ấp 1", 12, []),
        ("list", "", 13, []),
        ("list", "Trường Tiểu học A", None, ["count_unclear"]),
        ("list", "Chi bộ ấp 5", None, ["cell_error"]),
    ]


def test_a_line_without_a_number_that_has_only_words_is_not_lost() -> None:
    found = tallies("""
        | STT | Đơn vị | Tổng số đảng viên | Dự học tập | Ghi chú |
        | | Ấp 1 | 12 | 12 | |
        | | Ấp 2 | chưa học | | |
        | | Ấp 3 | | | chưa học |
        | | (số liệu đến ngày 29/4) | | | |
        | | Ghi chú: | Ấp 2 học bù | | |
        | | Nhận xét, đánh giá | Tốt | | |
        | | NGƯỜI LẬP | T/M ĐẢNG ỦY | | |
        | | Nguyễn Văn A | Trần Văn B | | |
    """)
    assert [(t.layout, t.unit_name, t.values.get("members"), codes(t)) for t in found[:2]] == [
        ("list", "Ấp 1", 12, []),
        ("list", "Ấp 2", None, ["count_unclear"]),
    ]
    assert [(t.layout, t.values) for t in found[2:]] == [("total", {"assessment": "Tốt"})]


def test_rows_that_say_more_of_the_line_above_are_no_lines() -> None:
    found = tallies("""
        | STT | Chi bộ | Tổng số đảng viên | Dự học tập |
        | 1 | Chi bộ ấp 1 | 12 | 12 |
        | | Trong đó: nữ | 5 | 5 |
        | | Tỷ lệ (%) | | 100 |
        | 2 | Chi bộ ấp 2 | 13 | 12 |
        | | Trang trước mang sang | 25 | 24 |
        | 3 | Tỷ lệ | 3 | 3 |
        | | Tổng cộng | 28 | 27 |
        | | Tỷ lệ % | | 96 |
        | | Kế hoạch giao | 28 | 28 |
    """)
    assert short(found) == [
        ("list", 2, "Chi bộ ấp 1", 12),
        ("list", 5, "Chi bộ ấp 2", 13),
        ("list", 7, "Tỷ lệ", 3),
        ("total", 8, "", 28),
    ]


def test_a_count_merged_over_two_branches_is_nobodys() -> None:
    found = tallies("""
        | STT | Chi bộ | Tổng số đảng viên | Dự học tập | Nhận xét, đánh giá |
        | 1 | Chi bộ ấp 1 | 12 | 25 | Tốt |
        | 2 | Chi bộ ấp 2 | 13 | ▴ | ▴ |
        | 3 | Chi bộ ấp 3 | 14 | 13 | |
        | ▴ | ▴ | ▴ | ▴ | |
    """)
    assert [(t.values["members"], t.values["attendees"], codes(t)) for t in found] == [
        (12, None, ["count_joint"]),
        (13, None, []),
        (14, 13, []),
    ]
    (note,) = found[0].notes
    assert (note.cell, note.row, note.value, dict(note.detail)["area"]) == ("D2", 2, "25", "D2:D3")


def test_words_below_the_sum_are_no_line() -> None:
    found = tallies("""
        | STT | Đơn vị | Tổng số đảng viên | Dự học tập |
        | | Ấp 1 | 12 | 12 |
        | | Ấp 2 | 12 | 12 |
        | | Tổng cộng | 24 | 24 |
        | | CHUYÊN VIÊN | PHÓ BAN | |
        | | Nguyễn Văn A | Trần Văn B | |
    """)
    assert short(found) == [
        ("list", 2, "Ấp 1", 12),
        ("list", 3, "Ấp 2", 12),
        ("total", 4, "", 24),
    ]


def test_a_column_of_parents_speaks_for_the_rows_it_is_merged_over() -> None:
    found = tallies("""
        | STT | Đảng bộ | Chi bộ | Tổng số đảng viên | Dự học tập |
        | 1 | Xã A | Ấp 1 | 12 | 12 |
        | 2 | ▴ | Ấp 2 | 13 | 12 |
        | 3 | | Ấp 3 | 14 | 12 |
    """)
    assert [(t.unit_name, t.org_names) for t in found] == [
        ("Ấp 1", ("đảng bộ Xã A",)), ("Ấp 2", ("đảng bộ Xã A",)), ("Ấp 3", ()),
    ]  # fmt: skip


def test_codes_rounds_and_texts_of_lines() -> None:
    found = tallies("""
        | Đợt báo cáo: 1 | | | | | |
        | Mã đơn vị | Đợt | Tổng số đảng viên | Dự học tập | Kiến nghị, đề xuất | Ghi chú |
        | KG-01 | | 12 | 12 | Không | x |
        | KG-02 | 2 | 13 | 13 | | |
        | KG-03 | | | | Chỉ có kiến nghị | |
    """)
    assert [(t.unit_code, t.unit_code_cell, t.round_text, t.values["proposals"]) for t in found] == [
        ("KG-01", "A3", "1", "Không"), ("KG-02", "A4", "2", None), ("KG-03", "A5", "1", "Chỉ có kiến nghị"),
    ]  # fmt: skip


def test_names_in_a_column_without_a_head() -> None:
    found = tallies("""
        | | | Tổng số đảng viên | Dự học tập |
        | 1 | Chi bộ ấp 1 | 12 | 12 |
        | 2 | Chi bộ ấp 2 | 13 | 12 |
    """)
    assert short(found) == [("list", 2, "Chi bộ ấp 1", 12), ("list", 3, "Chi bộ ấp 2", 13)]


def test_one_line_without_a_name_is_the_form_of_the_unit_named_above() -> None:
    found = tally("""
        | ĐẢNG BỘ XÃ A | | |
        | CHI BỘ ẤP 3 | | |
        | Tổng số đảng viên | Dự học tập | Viết thu hoạch |
        | (1) | (2) | (3) |
        | 45 | 44 | 40 |
    """)
    assert (found.layout, found.unit_name, found.org_names) == ("form", "CHI BỘ ẤP 3", ("ĐẢNG BỘ XÃ A",))
    assert found.values == {"members": 45, "attendees": 44, "reflections": 40}


def test_lists_below_one_another() -> None:
    found = tallies("""
        | ĐẢNG BỘ XÃ A | | |
        | STT | Chi bộ | Tổng số đảng viên | Dự học tập |
        | 1 | Chi bộ ấp 1 | 12 | 12 |
        | | Cộng | 12 | 12 |
        | ĐẢNG BỘ XÃ B | | |
        | STT | Chi bộ | Dự học tập | Tổng số đảng viên |
        | 1 | Chi bộ ấp 1 | 6 | 7 |
        | STT | Chi bộ | Tổng số đảng viên | Dự học tập |
        | 2 | Chi bộ ấp 2 | 8 | 8 |
    """)
    assert [(t.layout, t.row, t.unit_name, t.org_names, t.values["members"]) for t in found] == [
        ("list", 3, "Chi bộ ấp 1", ("ĐẢNG BỘ XÃ A",), 12),
        ("total", 4, "ĐẢNG BỘ XÃ A", (), 12),
        ("list", 7, "Chi bộ ấp 1", ("ĐẢNG BỘ XÃ B",), 7),
        ("list", 9, "Chi bộ ấp 2", ("ĐẢNG BỘ XÃ B",), 8),
    ]


def test_a_blank_form_laid_out_as_a_table_is_no_list() -> None:
    found = tally("""
        | TT | Nội dung | Đơn vị | Số lượng |
        | | Tổng số đảng viên | Đ/c | |
        | | Số đảng viên dự học tập | Đ/c | |
        | | Số đảng viên viết thu hoạch | Đ/c | |
    """)
    assert (found.layout, found.unit_name, set(found.values.values())) == ("form", "", {None})


FORM_ABOVE = """
    | HUYỆN ỦY AN BIÊN | | | |
    | ĐẢNG BỘ XÃ A | | | |
    | {branch} | | | |
    | 1. Tổng số đảng viên | 45 | | |
    | 2. Số đảng viên dự học tập | 44 | | |
    | 3. Nhận xét, đánh giá | Tốt | | |
    | 4. Kiến nghị, đề xuất | Cấp thêm sách | | |
    | TT | Đơn vị | Tổng số đảng viên | Dự học tập |
    | 1 | {one} | 20 | 20 |
    | 2 | {two} | 25 | 24 |
    {total}
"""
SAID = {"assessment": "Tốt", "proposals": "Cấp thêm sách"}


@pytest.mark.parametrize("total", ["", "| | Tổng cộng | 45 | 44 |"])
def test_a_form_above_a_list_is_read_too(total: str) -> None:
    found = lines(FORM_ABOVE.format(branch="", one="Chi bộ ấp 1", two="Chi bộ ấp 2", total=total))
    assert found[0] == ("form", "ĐẢNG BỘ XÃ A", {"members": 45, "attendees": 44, **SAID})
    assert [line[:2] for line in found[1:3]] == [("list", "Chi bộ ấp 1"), ("list", "Chi bộ ấp 2")]
    assert found[3:] == [("total", "ĐẢNG BỘ XÃ A", {"members": 45, "attendees": 44, **SAID})] * bool(total)


def test_the_lines_below_a_branch_s_form_are_its_parts() -> None:
    total = "| | Cộng | 45 | 44 |"
    found = tallies(FORM_ABOVE.format(branch="CHI BỘ ẤP 1", one="Tổ 1", two="Tổ 2", total=total))
    assert [(t.layout, t.unit_name, t.org_names[-1]) for t in found] == [
        ("form", "CHI BỘ ẤP 1", "ĐẢNG BỘ XÃ A"), ("list", "Tổ 1", "CHI BỘ ẤP 1"), ("list", "Tổ 2", "CHI BỘ ẤP 1"),
        ("total", "CHI BỘ ẤP 1", "ĐẢNG BỘ XÃ A"),
    ]  # fmt: skip


BELOW = """
    | | | | |
    | 5. Nhận xét, đánh giá: | | | |
    | Tốt | | | |
    | 6. Kiến nghị, đề xuất: Cấp thêm sách | | | |
    | Nơi nhận: | | | T/M ĐẢNG ỦY |
    | Kiến nghị | Không phải lời của đảng ủy | | |
"""


@pytest.mark.parametrize("total", ["", "| | Tổng cộng | 25 | 24 |"])
def test_what_an_office_says_below_its_list_is_its_own(total: str) -> None:
    found = lines(f"""
        | ĐẢNG BỘ XÃ A | | | |
        | STT | Chi bộ | Tổng số đảng viên | Dự học tập |
        | 1 | Chi bộ ấp 1 | 12 | 12 |
        | 2 | Chi bộ ấp 2 | 13 | 12 |
        {total}
        {BELOW.strip()}
    """)
    counts = {"members": 25, "attendees": 24} if total else {}
    assert found[2:] == [("total", "ĐẢNG BỘ XÃ A", {**counts, **SAID})]


def test_what_a_branch_says_below_its_only_line_is_its_own() -> None:
    found = lines(f"""
        | CHI BỘ ẤP 1 | | | |
        | Tổng số đảng viên | Dự học tập | Viết thu hoạch | Ghi chú |
        | 12 | 12 | 11 | |
        {BELOW.strip()}
    """)
    assert found == [("form", "CHI BỘ ẤP 1", {"members": 12, "attendees": 12, "reflections": 11, **SAID})]


@pytest.mark.parametrize(("one", "of"), [("Tổ 1", ("ĐẢNG BỘ XÃ A", "CHI BỘ ẤP 1")), ("Chi bộ ấp 2", ("ĐẢNG BỘ XÃ A",))])
def test_a_branch_in_the_head_is_what_a_list_is_of_unless_its_lines_are_branches(one: str, of: tuple[str, ...]) -> None:
    found = tallies(f"""
        | ĐẢNG BỘ XÃ A | | | |
        | CHI BỘ ẤP 1 | | | |
        | STT | Đơn vị | Tổng số đảng viên | Dự học tập |
        | 1 | {one} | 12 | 12 |
        | 2 | Tổ 2 | 13 | 12 |
    """)
    assert [t.org_names for t in found] == [of] * 2
