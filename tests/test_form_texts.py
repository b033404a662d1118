"""Free texts of forms: gathered whole, and nothing else taken for one. How the tables are written: form_tables."""

from __future__ import annotations

import pytest

from tests.form_tables import HINT, tally, values


def text_form(*lines: str) -> dict[str, object]:
    """Return the texts of a form whose lines below the counts are given."""
    head = (
        "| 1. Tổng số đảng viên | 45 |\n| 2. Số đảng viên dự học tập | 44 |\n| 3. Số đảng viên viết thu hoạch | 40 |\n"
    )
    found = values(head + "\n".join(line if line.startswith("|") else f"| {line} | |" for line in lines))
    assert {field: found.pop(field) for field in ("members", "attendees", "reflections")} == {
        "members": 45, "attendees": 44, "reflections": 40,
    }  # fmt: skip
    return found


def test_a_text_over_several_rows_and_cells_with_numbers_in_it() -> None:
    assert text_form(
        "5. Nhận xét đánh giá",
        "1. Ưu điểm: 40 bài đúng yêu cầu.",
        "2. Hạn chế:",
        "| 3 | bài viết ngắn |",
        "",
        "Chi bộ đã nhắc nhở các đồng chí.",
        "Bí thư chi bộ cần quan tâm hơn.",
        "6. Kiến nghị, đề xuất",
        "1. Đề nghị cấp tài liệu.",
        "2. Đề nghị mở lớp.",
    ) == {
        "assessment": "1. Ưu điểm: 40 bài đúng yêu cầu.\n2. Hạn chế:\n3 bài viết ngắn\n"
        "Chi bộ đã nhắc nhở các đồng chí.\nBí thư chi bộ cần quan tâm hơn.",
        "proposals": "1. Đề nghị cấp tài liệu.\n2. Đề nghị mở lớp.",
    }  # fmt: skip


def test_words_of_a_text_that_look_like_labels_stay_words() -> None:
    assert text_form(
        "5. Nhận xét đánh giá",
        "Tổng số đảng viên: 45 đồng chí, viết nghiêm túc.",
        "- Số bài thu hoạch: 40",
        "Tham gia học tập: đầy đủ",
        "Quần chúng: không",
        "Kiến nghị: quan tâm hơn đến đảng viên trẻ",
        "Đơn vị: đoàn kết",
        "6. Kiến nghị, đề xuất",
        "Kiến nghị: tổng số đảng viên được triệu tập nên ít hơn",
        "Kiến nghị, đề xuất cấp trên hỗ trợ",
        "Tổng số đảng viên: 46",
    ) == {
        "assessment": "Tổng số đảng viên: 45 đồng chí, viết nghiêm túc.\n- Số bài thu hoạch: 40\n"
        "Tham gia học tập: đầy đủ\nQuần chúng: không\nKiến nghị: quan tâm hơn đến đảng viên trẻ\nĐơn vị: đoàn kết",
        "proposals": "Kiến nghị: tổng số đảng viên được triệu tập nên ít hơn\nKiến nghị, đề xuất cấp trên hỗ trợ\n"
        "Tổng số đảng viên: 46",
    }  # fmt: skip


def test_an_item_behind_the_texts_ends_them_known_or_not() -> None:
    assert text_form(
        "5. Nhận xét đánh giá: Tốt",
        "6. Kiến nghị, đề xuất",
        "Không",
        "7. Quần chúng dự học tập: 6",
        "8. Số đảng viên chưa viết thu hoạch: 3",
    ) == {"assessment": "Tốt", "proposals": "Không", "guests": 6}  # fmt: skip
    assert text_form(
        "5. Nhận xét đánh giá: Tốt",
        "6. Kiến nghị, đề xuất: Không",
        "7. Số đảng viên chưa viết thu hoạch: 3",
    ) == {"assessment": "Tốt", "proposals": "Không"}  # fmt: skip


@pytest.mark.parametrize(
    "foot",
    [
        "T/M CHI ỦY CHI BỘ",
        "TM. CHI BỘ",
        "BÍ THƯ",
        "An Biên, ngày 20 tháng 4 năm 2021",
        "An Biên, ngày...... tháng...... năm 2021",
        "Nơi nhận:",
        "NGƯỜI LẬP BIỂU",
        "Xác nhận của Đảng ủy xã",
        "(Ký, ghi rõ họ tên)",
    ],
)
def test_the_foot_is_no_part_of_the_last_text(foot: str) -> None:
    rows = ("6. Kiến nghị, đề xuất", "Không", f"| | {foot} |", "| | Nguyễn Văn A |", "Tổng số đảng viên: là số có mặt")
    assert text_form(*rows) == {"proposals": "Không"}


def test_a_hint_before_an_answer_in_its_cell_is_cut_off() -> None:
    assert text_form("5. Nhận xét đánh giá", HINT) == {}
    assert text_form("5. Nhận xét đánh giá", f"{HINT}: Tốt.") == {"assessment": "Tốt."}
    assert text_form("5. Nhận xét đánh giá", f"{HINT}¶Tốt.¶Khá.") == {"assessment": "Tốt.\nKhá."}
    assert text_form("5. Nhận xét đánh giá", "(Ghi rõ ưu điểm, hạn chế)", "Nêu rõ được trách nhiệm.") == {
        "assessment": "Nêu rõ được trách nhiệm."
    }


def test_a_text_beside_its_label_and_dots_that_are_the_writers_own() -> None:
    assert text_form("| 5. Nhận xét đánh giá | Tốt... |", "| 6. Kiến nghị, đề xuất: | Không. |") == {
        "assessment": "Tốt...",
        "proposals": "Không.",
    }


def test_a_broken_cell_amid_a_text_is_said() -> None:
    found = tally("""
        | Tổng số đảng viên | 45 |
        | Số đảng viên dự học tập | 44 |
        | Nhận xét đánh giá | Tốt |
        | # | |
    """)
    assert found.values["assessment"] == "Tốt"
    assert [(note.code, note.field, note.cell) for note in found.notes] == [("cell_error", "assessment", "A4")]
