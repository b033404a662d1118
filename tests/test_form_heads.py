"""Whose a form is, and how many a sheet bears. How the tables are written: form_tables."""

from __future__ import annotations

import csv

import pytest

from pipeline.form import find_tallies
from schemas.records import Grid
from tests.form_tables import SPEC, codes, grid, short, tallies, tally
from tests.imports_of import ROOT

REGISTRIES = sorted(ROOT.glob("inputs/*/units.csv"))


@pytest.mark.parametrize(
    ("head", "unit", "above"),
    [
        ("| ĐẢNG BỘ XÃ A |\n| CHI BỘ ẤP 3 |", "CHI BỘ ẤP 3", ("ĐẢNG BỘ XÃ A",)),
        ("| ĐẢNG BỘ XÃ A      ĐẢNG CỘNG SẢN VIỆT NAM |\n| CHI BỘ ẤP 3 |", "CHI BỘ ẤP 3", ("ĐẢNG BỘ XÃ A",)),
        ("| ĐẢNG BỘ XÃ A ĐẢNG CỘNG SẢN VIỆT NAM |\n| CHI BỘ ẤP 3 |", "CHI BỘ ẤP 3", ("ĐẢNG BỘ XÃ A",)),
        ("| ĐẢNG BỘ XÃ A¶CHI BỘ ẤP 3 | ĐẢNG CỘNG SẢN VIỆT NAM |", "CHI BỘ ẤP 3", ("ĐẢNG BỘ XÃ A",)),
        ("| ĐẢNG BỘ: XÃ A | |\n| CHI BỘ: | ẤP 3 |", "CHI BỘ ẤP 3", ("ĐẢNG BỘ XÃ A",)),
        ("| Đảng bộ cấp trên | Đảng bộ xã A |\n| Tên chi bộ | Chi bộ ấp 3 |", "Chi bộ ấp 3", ("Đảng bộ xã A",)),
        ("| HUYỆN ỦY B |\n| Đơn vị: Chi bộ 3 |\n| Thuộc: Đảng bộ A |", "Chi bộ 3", ("HUYỆN ỦY B", "Đảng bộ A")),
        ("| ĐẢNG BỘ XÃ A |\n| CHI BỘ ........ | An Biên, ngày 20 tháng 4 năm 2021 |", "ĐẢNG BỘ XÃ A", ()),
        ("| ĐẢNG BỘ........XÃ A....... |\n| CHI BỘ ......ẤP 3....... |", "CHI BỘ ẤP 3", ("ĐẢNG BỘ XÃ A",)),
        ("| CHI BỘ ẤP 3, An Biên, ngày 20 tháng 4 năm 2021 |", "CHI BỘ ẤP 3", ()),
        ("| CHI BỘ ẤP 3 |\n| Kính gửi: | Đảng ủy xã A |", "CHI BỘ ẤP 3", ()),
        ("| CHI BỘ ẤP 3 |\n| Kính gửi: Đảng ủy xã A |", "CHI BỘ ẤP 3", ()),
        ("| CHI BỘ ẤP 3 |\n| Đảng ủy xã A yêu cầu gửi trước ngày 29/4 |", "CHI BỘ ẤP 3", ()),
        ("| Chi bộ ấp 3 báo cáo kết quả học tập như sau |", "Chi bộ ấp 3", ()),
        ("| HUYỆN ỦY B |\n| ĐẢNG BỘ XÃ A |", "ĐẢNG BỘ XÃ A", ("HUYỆN ỦY B",)),
        ("| CHI BỘ ẤP 3 | | ĐVT: người |\n| Đơn vị: đồng chí |", "CHI BỘ ẤP 3", ()),
        ("| BÁO CÁO |", "", ()),
        ("| ĐẢNG BỘ XÃ A |\n| CHI BỘ TRƯỜNG¶TÂY YÊN 2 |", "CHI BỘ TRƯỜNG TÂY YÊN 2", ("ĐẢNG BỘ XÃ A",)),
        ("| ĐẢNG BỘ XÃ A |\n| CHI BỘ KHU PHỐ¶SỐ 2¶* |", "CHI BỘ KHU PHỐ SỐ 2", ("ĐẢNG BỘ XÃ A",)),
        ("| ĐẢNG BỘ XÃ¶TÂY YÊN¶CHI BỘ ẤP¶2 |", "CHI BỘ ẤP 2", ("ĐẢNG BỘ XÃ TÂY YÊN",)),
        ("| ĐẢNG BỘ XÃ A |\n| CHI BỘ |\n| ẤP 3 |", "CHI BỘ ẤP 3", ("ĐẢNG BỘ XÃ A",)),
        ("| ĐẢNG BỘ XÃ A |\n| CHI BỘ |\n| SỐ 03-BC/CB |", "ĐẢNG BỘ XÃ A", ()),
        ("| ĐẢNG BỘ XÃ A |\n| CHI BỘ ẤP 3¶SỐ 12-BC/CB |", "CHI BỘ ẤP 3", ("ĐẢNG BỘ XÃ A",)),
        ("| ĐẢNG BỘ XÃ A |\n| CHI BỘ ẤP 3¶Số: 12-BC/CB |", "CHI BỘ ẤP 3", ("ĐẢNG BỘ XÃ A",)),
        ("| ĐẢNG BỘ XÃ A |\n| CHI BỘ ẤP 3¶BÁO CÁO KẾT QUẢ |", "CHI BỘ ẤP 3", ("ĐẢNG BỘ XÃ A",)),
        ("| CHI BỘ ẤP 3¶(Thuộc ĐẢNG BỘ XÃ A) |", "CHI BỘ ẤP 3", ()),
        ("| CHI BỘ ẤP 3¶Tây Yên, ngày 20 tháng 4 năm 2021 |", "CHI BỘ ẤP 3", ()),
    ],
)  # fmt: skip
def test_the_unit_and_those_above_it(head: str, unit: str, above: tuple[str, ...]) -> None:
    found = tally(f"{head}\n| 1. Tổng số đảng viên | 45 |\n| 2. Số đảng viên dự học tập | 44 |")
    assert (found.unit_name, found.org_names) == (unit, above)


def test_branches_side_by_side_are_nobody() -> None:
    found = tally("""
        | ĐẢNG BỘ XÃ A | | |
        | Nội dung | Chi bộ ấp 1 | Chi bộ ấp 2 |
        | Tổng số đảng viên | 12 | |
        | Số đảng viên dự học tập | 11 | |
    """)
    assert (found.unit_name, found.org_names) == ("Chi bộ ấp 1 / Chi bộ ấp 2", ("ĐẢNG BỘ XÃ A",))


@pytest.mark.parametrize(
    ("head", "named"),
    [
        ("| BÁO CÁO (Đợt 1) |", "1"),
        ("| BÁO CÁO ĐỢT II NĂM 2021 |", "II"),
        ("| BÁO CÁO ĐỢT 1/2021 |", "1"),
        ("| Đợt: 02 |", "02"),
        ("| Đợt báo cáo | 2 |", "2"),
        ("| Đợt báo cáo (chậm nhất ngày 29/4/2021) | Đợt 1 |", "1"),
        ("| Báo cáo đợt thứ nhất |", "1"),
        ("| Báo cáo đợt hai |", "2"),
        ("| Báo cáo đợt 20/4/2021 |", ""),
        ("| Đợt 1 gửi trước 29/4, đợt 2 gửi trước 28/5 |", ""),
        ("| Nội dung | Đợt 1 | Đợt 2 |", "1 / 2"),
        ("| Đợt học tập nghị quyết vừa qua |", ""),
    ],
)
def test_the_round(head: str, named: str) -> None:
    found = tally(f"{head}\n| 1. Tổng số đảng viên | 45 |\n| 2. Số đảng viên dự học tập | 44 |")
    assert found.round_text == named


def test_the_unit_code() -> None:
    found = tally("| Mã đơn vị | KG-01-002 |\n| Tổng số đảng viên | 45 |\n| Số đảng viên dự học tập | 44 |")
    assert (found.unit_code, found.unit_code_cell) == ("KG-01-002", "B1")
    found = tally("| Mã đơn vị: 1203 | |\n| Tổng số đảng viên | 45 |\n| Số đảng viên dự học tập | 44 |")
    assert (found.unit_code, found.unit_code_cell) == ("1203", "A1")


# --- several forms, and sheets that are none ---------------------------------------------------------


def test_forms_below_one_another_keep_their_texts_and_heads() -> None:
    form = """
        | ĐẢNG BỘ XÃ A | ĐẢNG CỘNG SẢN VIỆT NAM |
        | CHI BỘ ẤP {n} | |
        | 1. Tổng số đảng viên | 4{n} |
        | 2. Số đảng viên dự học tập | 3{n} |
        | 5. Nhận xét đánh giá | |
        | Tốt {n} | |
        | 6. Kiến nghị, đề xuất | |
        | Chi bộ đề nghị cấp tài liệu {n} | |
        """
    for foot in ("| | T/M CHI ỦY CHI BỘ |\n| | BÍ THƯ |\n", "| | |\n", ""):
        found = tallies("".join(form.format(n=n).strip() + "\n" + foot for n in (1, 2, 3)))
        assert [(t.unit_name, t.org_names, t.values["members"], t.values["proposals"]) for t in found] == [
            (f"CHI BỘ ẤP {n}", ("ĐẢNG BỘ XÃ A",), 40 + n, f"Chi bộ đề nghị cấp tài liệu {n}") for n in (1, 2, 3)
        ]


def test_forms_below_one_another_with_plain_heads() -> None:
    found = tallies("""
        | Chi bộ ấp 1 | |
        | Tổng số đảng viên | 41 |
        | Số đảng viên dự học tập | 31 |
        | Kiến nghị, đề xuất | Không |
        | Chi bộ ấp 2 | |
        | Tổng số đảng viên | 42 |
        | Số đảng viên dự học tập | 32 |
    """)
    assert short(found) == [("form", 0, "Chi bộ ấp 1", 41), ("form", 0, "Chi bộ ấp 2", 42)]


def test_forms_side_by_side_are_not_mixed() -> None:
    found = tally("""
        | Tổng số đảng viên | 41 | | Tổng số đảng viên | 42 |
        | Số đảng viên dự học tập | 31 | | Số đảng viên dự học tập | 32 |
    """)
    assert found.values == {"members": None, "attendees": None}
    assert codes(found) == ["two_values", "two_values"]


def test_a_sheet_that_only_mentions_an_item_is_no_form() -> None:
    assert find_tallies(grid("| Kính gửi các chi bộ |\n| Đề nghị ghi tổng số đảng viên |"), SPEC) == ([], [])
    assert find_tallies(grid("| Tổng số đảng viên: là số có mặt |"), SPEC) == ([], [])
    found, notes = find_tallies(grid("| Tổng số đảng viên | 45 |"), SPEC)
    assert (found, [(note.code, note.cell) for note in notes]) == ([], [("sheet_not_read", "A1")])
    assert find_tallies(Grid("S", []), SPEC) == ([], [])
    assert find_tallies(Grid("S", [[""], []]), SPEC) == ([], [])


REAL_NAMES = sorted(
    {row["unit_name"] for file in REGISTRIES for row in csv.DictReader(file.open(encoding="utf-8-sig"))}
)


def test_every_unit_of_the_shipped_registries_is_read_by_its_name() -> None:
    assert len(REAL_NAMES) > 500
    for name in REAL_NAMES:
        head = f"| TỈNH ỦY X | |\n| {name.upper()} | ngày..... tháng..... năm |\n"
        found = tally(f"{head}| Tổng số đảng viên | 45 |\n| Số đảng viên dự học tập | 44 |")
        assert (found.unit_name, found.org_names) == (name.upper(), ("TỈNH ỦY X",))
        header = "| Đơn vị | Tổng số đảng viên | Dự học tập |\n"
        assert short(tallies(f"{header}| {name} | 45 | 44 |\n| Chi bộ 0 | 1 | 1 |"))[0] == ("list", 2, name, 45)
