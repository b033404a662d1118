"""Labels that are nearly known: the finding names the cell and the label that is meant; nothing is read by it."""

from __future__ import annotations

import pytest

from pipeline.form import find_tallies
from schemas.records import Note
from tests.form_tables import SPEC, grid, tally

REST = """
| CHI BỘ ẤP 3 | |
| {label} | 45 |
| 7. Quần chúng dự học tập | 6 |
| Nhận xét đánh giá | |
| Tổng số đản viên: 45 | |
"""


def near(label: str) -> list[tuple[str, str, str, str]]:
    notes = tally(REST.format(label=label)).notes
    return [(note.code, note.field, note.cell, dict(note.detail).get("near", "")) for note in notes]


@pytest.mark.parametrize(
    ("label", "field", "known"),
    [
        ("1. Tổng số đản viên", "members", "Tổng số đảng viên"),
        ("1. Tổng sồ đảng viên:", "members", "Tổng số đảng viên"),
        ("Tong so dang vien", "members", "Tổng số đảng viên"),
        ("2. Số đảng viên tham gai học tập", "attendees", "Số đảng viên tham gia học tập"),
        ("2. Số đảng viên tham gai học tập Nghị quyết Đại hội XIII", "attendees", "Số đảng viên tham gia học tập"),
        ("3. Số đảng viên viết thu hoach", "reflections", "Số đảng viên viết thu hoạch"),
        ("4. Số đảng viên miễm viết thu hoạch (hưu trí)", "exemptions", "Số đảng viên miễn viết thu hoạch"),
    ],
)
def test_a_slip_of_the_pen_is_told_with_its_cell(label: str, field: str, known: str) -> None:
    assert near(label) == [("label_near", field, "A2", known)]
    assert field not in tally(REST.format(label=label)).values


def test_what_is_near_is_told_without_what_cannot_be_shown() -> None:
    (note,) = tally(REST.format(label="1. Tổng\0 số đản\u202e viên")).notes
    assert (note.code, note.value) == ("label_near", "1. Tổng số đản viên")


@pytest.mark.parametrize(
    "label",
    [
        "3. Số đảng viên chưa viết thu hoạch",
        "3. Số đảng viên không viết thu hoạch",
        "3. Số đảng viên phải viết thu hoạch",
        "Số đảng viên vắng",
        "Số đoàn viên tham gia học tập",
        "Số đảng viên nam viết thu hoạch",
        "Tổng số đảng viên của chi bộ 3",
        "Tổng số đảng viên nữ",
        "Nguyễn Văn A",
    ],
)
def test_another_meaning_is_not_near(label: str) -> None:
    assert near(label) == []


def test_nothing_is_near_where_nothing_is_missing() -> None:
    found = tally("""
        | Tổng số đảng viên | 45 |
        | Số đảng viên dự học tập | 44 |
        | Số đảng viên viết thu hoạch | 40 |
        | Số đảng viên miễn viết thu hoạch | 5 |
        | Tổng số đản viên | 46 |
    """)
    assert found.notes == ()


def test_a_head_of_a_list_that_is_nearly_known() -> None:
    found, notes = find_tallies(
        grid("""
            | STT | Chi bộ | Tổng số đản viên | Dự học tập | Viết thu hoạch |
            | 1 | Chi bộ ấp 1 | 12 | 12 | 12 |
        """),
        SPEC,
    )
    assert "members" not in found[0].cells
    detail = (("near", "Tổng số đảng viên"),)
    assert notes == [Note("label_near", "members", "S", "C1", "Tổng số đản viên", detail)]
