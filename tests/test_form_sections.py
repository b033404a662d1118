"""Sections and sums of lists: the parents of lines, or totals, and never a branch. The tables: form_tables."""

from __future__ import annotations

import pytest

from tests.form_tables import short, tallies


def test_sections_of_organisations_are_the_parents_of_their_lines() -> None:
    found = tallies("""
        | HUYỆN ỦY AN BIÊN | | | |
        | STT | Đơn vị | Tổng số đảng viên | Dự học tập |
        | I | Đảng bộ xã A | 25 | 24 |
        | 1 | Chi bộ ấp 1 | 12 | 12 |
        | 2 | Chi bộ ấp 2 | 13 | 12 |
        | II | Đảng bộ xã B | | |
        | 1 | Chi bộ ấp 1 | 7 | 7 |
        | | Cộng | 7 | 7 |
        | | TỔNG CỘNG | 32 | 31 |
    """)
    assert [(t.layout, t.unit_name, t.org_names, t.values["members"]) for t in found] == [
        ("total", "Đảng bộ xã A", ("HUYỆN ỦY AN BIÊN",), 25),
        ("list", "Chi bộ ấp 1", ("HUYỆN ỦY AN BIÊN", "Đảng bộ xã A"), 12),
        ("list", "Chi bộ ấp 2", ("HUYỆN ỦY AN BIÊN", "Đảng bộ xã A"), 13),
        ("list", "Chi bộ ấp 1", ("HUYỆN ỦY AN BIÊN", "Đảng bộ xã B"), 7),
        ("total", "Đảng bộ xã B", ("HUYỆN ỦY AN BIÊN",), 7),
        ("total", "HUYỆN ỦY AN BIÊN", (), 32),
    ]


@pytest.mark.parametrize(("serials"), ["1 1.1 1.2 2 2.1", "'1. '1.1. '1.2. '2. '2.1.", "_ 1 2 _ 1", "I 1 2 II 1"])
@pytest.mark.parametrize("figures", ["| |", "25 | 24 |"])
def test_organisations_below_which_the_numbers_begin_anew_are_sections(serials: str, figures: str) -> None:
    a, a1, a2, b, b1 = ("" if serial == "_" else serial for serial in serials.split())
    found = tallies(f"""
        | STT | Đơn vị | Tổng số đảng viên | Dự học tập |
        | {a} | Đảng bộ xã A | {figures}
        | {a1} | Chi bộ ấp 1 | 12 | 12 |
        | {a2} | Chi bộ ấp 2 | 13 | 12 |
        | {b} | Đảng bộ xã B | | |
        | {b1} | Chi bộ ấp 1 | 7 | 7 |
    """)
    assert [(t.unit_name, t.org_names, t.values["members"]) for t in found if t.layout == "list"] == [
        ("Chi bộ ấp 1", ("Đảng bộ xã A",), 12),
        ("Chi bộ ấp 2", ("Đảng bộ xã A",), 13),
        ("Chi bộ ấp 1", ("Đảng bộ xã B",), 7),
    ]
    declared = [(t.unit_name, t.values["members"]) for t in found if t.layout == "total"]
    assert declared == ([("Đảng bộ xã A", 25)] if "25" in figures else [])


@pytest.mark.parametrize(
    "heading",
    ["| | {name} | | |", "| | {name} | {sum} | {sum} |", "| {name} | ◂ | ◂ | ◂ |", "| {name} | | | |"],
)
def test_headings_that_bear_no_number_are_sections_though_the_numbers_go_on(heading: str) -> None:
    found = tallies(f"""
        | HUYỆN ỦY AN BIÊN | | | |
        | STT | Đơn vị | Tổng số đảng viên | Dự học tập |
        {heading.format(name="ĐẢNG BỘ XÃ A", sum=25)}
        | 1 | Chi bộ ấp 1 | 12 | 12 |
        | 2 | Ấp 2 | 13 | 13 |
        {heading.format(name="ĐẢNG BỘ XÃ B", sum=15)}
        | 3 | Ấp 1 | 7 | 7 |
        | 4 | Chi bộ ấp 2 | 8 | 8 |
    """)
    assert [(t.unit_name, t.org_names, t.values["members"]) for t in found if t.layout == "list"] == [
        ("Chi bộ ấp 1", ("HUYỆN ỦY AN BIÊN", "ĐẢNG BỘ XÃ A"), 12),
        ("Ấp 2", ("HUYỆN ỦY AN BIÊN", "ĐẢNG BỘ XÃ A"), 13),
        ("Ấp 1", ("HUYỆN ỦY AN BIÊN", "ĐẢNG BỘ XÃ B"), 7),
        ("Chi bộ ấp 2", ("HUYỆN ỦY AN BIÊN", "ĐẢNG BỘ XÃ B"), 8),
    ]
    declared = [(t.unit_name, t.values["members"]) for t in found if t.layout == "total"]
    assert declared == ([("ĐẢNG BỘ XÃ A", 25), ("ĐẢNG BỘ XÃ B", 15)] if "sum" in heading else [])


@pytest.mark.parametrize("figures", ["| |", "15 | 15 |"])
def test_a_list_without_numbers_has_sections_where_branches_follow(figures: str) -> None:
    found = tallies(f"""
        | Đơn vị | Tổng số đảng viên | Dự học tập |
        | Đảng bộ xã A | {figures}
        | Chi bộ ấp 1 | 7 | 7 |
        | Chi bộ ấp 2 | 8 | 8 |
        | Đảng bộ xã B | {figures}
        | Chi bộ ấp 1 | 7 | 7 |
        | Chi bộ ấp 2 | 8 | 8 |
    """)
    lines = [(t.unit_name, t.org_names) for t in found if t.layout == "list"]
    assert lines == [(f"Chi bộ ấp {n}", (f"Đảng bộ xã {x}",)) for x in "AB" for n in (1, 2)]


def test_an_organisation_whose_figures_are_not_those_of_the_lines_below_is_a_unit_beside_them() -> None:
    found = tallies("""
        | Đơn vị | Tổng số đảng viên | Dự học tập |
        | Đảng bộ xã A | 25 | 24 |
        | Chi bộ Công an huyện | 12 | 12 |
        | Đảng bộ xã B | 30 | 29 |
        | Chi bộ Tòa án huyện | 9 | 9 |
    """)
    assert [t.org_names for t in found] == [()] * 4
    assert [t.layout for t in found] == ["list"] * 4


@pytest.mark.parametrize("marks", ["I II III", "A. B. C.", "1 2 3"])
def test_a_branch_that_is_marked_as_a_section_is_stands_outside_the_one_before(marks: str) -> None:
    a, b, c = marks.split()
    first, second = ("1.1", "1.2") if a == "1" else ("1", "2")
    found = tallies(f"""
        | HUYỆN ỦY AN BIÊN | | | |
        | STT | Đơn vị | Tổng số đảng viên | Dự học tập |
        | {a} | Đảng bộ xã A | | |
        | {first} | Chi bộ ấp 1 | 7 | 7 |
        | {second} | Chi bộ Quân sự | 8 | 8 |
        | {b} | Chi bộ Quân sự | 12 | 12 |
        | {c} | Chi bộ Công an | 13 | 13 |
    """)
    assert [t.org_names for t in found[:2]] == [("HUYỆN ỦY AN BIÊN", "Đảng bộ xã A")] * 2
    assert [t.org_names for t in found[2:]] == [("HUYỆN ỦY AN BIÊN",)] * 2


def test_branches_marked_below_a_section_that_is_marked_otherwise_stay_in_it() -> None:
    found = tallies("""
        | STT | Đơn vị | Tổng số đảng viên | Dự học tập |
        | A | Đảng bộ xã A | | |
        | I | Chi bộ ấp 1 | 7 | 7 |
        | II | Chi bộ ấp 2 | 8 | 8 |
        | B | Đảng bộ xã B | | |
        | I | Chi bộ ấp 1 | 12 | 12 |
        | II | Chi bộ ấp 2 | 13 | 13 |
    """)
    assert [t.org_names for t in found] == [("Đảng bộ xã A",)] * 2 + [("Đảng bộ xã B",)] * 2


def test_organisations_of_one_rank_are_units() -> None:
    found = tallies("""
        | STT | Đơn vị | Tổng số đảng viên | Dự học tập |
        | 1 | Đảng bộ xã A | 25 | 24 |
        | 2 | Chi bộ cơ sở Huyện ủy | 12 | 12 |
    """)
    assert short(found) == [("list", 2, "Đảng bộ xã A", 25), ("list", 3, "Chi bộ cơ sở Huyện ủy", 12)]


@pytest.mark.parametrize("mark", ["| I | Khối nông thôn |", "| | I. Khối nông thôn |", "| I. Khối nông thôn | |"])
@pytest.mark.parametrize("figures", [" | |", " 25 | 24 |"])
def test_sections_of_a_list_are_no_branches(mark: str, figures: str) -> None:
    found = tallies(f"""
        | ĐẢNG BỘ XÃ A | | | |
        | STT | Chi bộ | Tổng số đảng viên | Dự học tập |
        {mark}{figures}
        | 1 | Chi bộ ấp 1 | 12 | 12 |
        | 2 | Chi bộ ấp 2 | 13 | 12 |
        | | Cộng khối nông thôn | 25 | 24 |
        | II | Khối cơ quan | | |
        | 3 | Chi bộ Quân sự | 7 | 7 |
        | | TỔNG SỐ | 32 | 31 |
    """)
    assert short(found) == [
        ("list", 4, "Chi bộ ấp 1", 12), ("list", 5, "Chi bộ ấp 2", 13), ("list", 8, "Chi bộ Quân sự", 7),
        ("total", 9, "ĐẢNG BỘ XÃ A", 32),
    ]  # fmt: skip


def test_a_marked_line_whose_figures_are_no_sum_is_a_unit() -> None:
    found = tallies("""
        | STT | Đơn vị | Tổng số đảng viên | Dự học tập |
        | A | Trường THPT | 30 | 29 |
        | 1 | Chi bộ ấp 1 | 12 | 12 |
    """)
    assert short(found) == [("list", 2, "Trường THPT", 30), ("list", 3, "Chi bộ ấp 1", 12)]


@pytest.mark.parametrize("total", ["Tổng cộng", "Cộng:", "TỔNG SỐ", "Tổng", "Tổng cộng (3 chi bộ)", "Toàn đảng bộ", ""])
def test_the_sum_line_at_the_bottom(total: str) -> None:
    found = tallies(f"""
        | ĐẢNG BỘ XÃ A | | |
        | Chi bộ | Tổng số đảng viên | Dự học tập |
        | Chi bộ ấp 1 | 12 | 12 |
        | Chi bộ ấp 2 | 13 | 12 |
        | {total} | 25 | 24 |
    """)
    assert short(found) == [
        ("list", 3, "Chi bộ ấp 1", 12),
        ("list", 4, "Chi bộ ấp 2", 13),
        ("total", 5, "ĐẢNG BỘ XÃ A", 25),
    ]


def test_the_sum_line_at_the_top_and_merged() -> None:
    found = tallies("""
        | ĐẢNG BỘ XÃ A | | | |
        | STT | Chi bộ | Tổng số đảng viên | Dự học tập |
        | TỔNG CỘNG | ◂ | 25 | 24 |
        | 1 | 1. Chi bộ ấp 1 | 12 | 12 |
        | 2 | Ấp 2 | 13 | 12 |
    """)
    assert short(found) == [("total", 3, "ĐẢNG BỘ XÃ A", 25), ("list", 4, "Chi bộ ấp 1", 12), ("list", 5, "Ấp 2", 13)]


@pytest.mark.parametrize("name", ["Tổng công ty Điện lực", "Cộng Hòa", "Tổng đội TNXP", "Khối Đảng - Đoàn thể"])
def test_a_unit_whose_name_begins_like_a_sum_is_a_unit(name: str) -> None:
    found = tallies(f"""
        | STT | Đơn vị | Tổng số đảng viên | Dự học tập |
        | 1 | {name} | 12 | 12 |
        | 2 | Chi bộ ấp 2 | 13 | 12 |
    """)
    assert short(found) == [("list", 2, name, 12), ("list", 3, "Chi bộ ấp 2", 13)]


@pytest.mark.parametrize("name", ["Cộng mang sang", "Cộng chuyển sang trang 2", "Mang sang", "Cộng trang 1"])
def test_what_is_carried_over_to_the_next_page_is_no_branch(name: str) -> None:
    found = tallies(f"""
        | ĐẢNG BỘ XÃ A | | | |
        | STT | Chi bộ | Tổng số đảng viên | Dự học tập |
        | 1 | Chi bộ ấp 1 | 12 | 12 |
        | | {name} | 12 | 12 |
        | 2 | Chi bộ ấp 2 | 13 | 12 |
        | | Tổng cộng | 25 | 24 |
    """)
    assert short(found) == [
        ("list", 3, "Chi bộ ấp 1", 12), ("list", 5, "Chi bộ ấp 2", 13), ("total", 6, "ĐẢNG BỘ XÃ A", 25),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "named"),
    [
        ("| ĐỢT 1 | ◂ | ◂ | ◂ |", "| ĐỢT 2 | ◂ | ◂ | ◂ |", ("1", "2")),
        ("| I | Kết quả đợt 1 | | |", "| II | Kết quả đợt 2 | | |", ("1", "2")),
        ("| | Đợt I (đến ngày 29/4/2021) | 50 | 48 |", "| | Đợt II (đến ngày 28/5/2021) | 50 | 50 |", ("I", "II")),
    ],
)
def test_both_rounds_below_one_header(first: str, second: str, named: tuple[str, str]) -> None:
    found = tallies(f"""
        | ĐẢNG BỘ XÃ A | | | |
        | TỔNG HỢP ĐỢT 1 | | | |
        | STT | Chi bộ | Tổng số đảng viên | Dự học tập |
        {first}
        | 1 | Chi bộ ấp 1 | 20 | 19 |
        | 2 | Chi bộ ấp 2 | 30 | 29 |
        | | Tổng cộng đợt 1 | 50 | 48 |
        {second}
        | 1 | Chi bộ ấp 1 | 20 | 20 |
        | 2 | Chi bộ ấp 2 | 30 | 30 |
        | | Tổng cộng đợt 2 | 50 | 50 |
        | Ghi chú: Đợt 2 học bù ngày 3/6 | | | |
    """)
    assert [(t.layout, t.unit_name, t.round_text, t.values["attendees"]) for t in found] == [
        ("list", "Chi bộ ấp 1", named[0], 19),
        ("list", "Chi bộ ấp 2", named[0], 29),
        ("total", "ĐẢNG BỘ XÃ A", named[0], 48),
        ("list", "Chi bộ ấp 1", named[1], 20),
        ("list", "Chi bộ ấp 2", named[1], 30),
        ("total", "ĐẢNG BỘ XÃ A", named[1], 50),
    ]
    assert {t.org_names for t in found if t.layout == "list"} == {("ĐẢNG BỘ XÃ A",)}


def test_rounds_below_the_header_of_one_branch() -> None:
    found = tallies("""
        | ĐẢNG BỘ XÃ A | | |
        | CHI BỘ ẤP 1 | | |
        | Tổng số đảng viên | Dự học tập | Viết thu hoạch |
        | ĐỢT 1 | | |
        | 20 | 19 | 18 |
        | ĐỢT 2 | | |
        | 20 | 20 | 19 |
    """)
    assert [(t.unit_name, t.round_text, t.values["members"], t.values["attendees"]) for t in found] == [
        ("CHI BỘ ẤP 1", "1", 20, 19),
        ("CHI BỘ ẤP 1", "2", 20, 20),
    ]


def test_a_branch_whose_line_mentions_a_round_begins_no_round() -> None:
    found = tallies("""
        | ĐẢNG BỘ XÃ A | | | | |
        | STT | Chi bộ | Tổng số đảng viên | Dự học tập | Ghi chú |
        | 1 | Chi bộ ấp 1 (đợt 2) | 20 | 19 | |
        | 2 | Chi bộ ấp 2 | 30 | 29 | Đợt 2 học bù |
        | 3 | Chi bộ ấp 3 | 30 | 29 | |
    """)
    assert [t.round_text for t in found] == ["", "", ""]
