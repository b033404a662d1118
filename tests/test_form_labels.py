"""Which cells are labels, and of what: the words of schemas/forms/*.toml as they are really typed."""

from __future__ import annotations

import unicodedata

import pytest

from pipeline.form.labels import label_index
from tests.form_tables import SPEC

MATCH = label_index(SPEC).match


@pytest.mark.parametrize(
    ("text", "field", "inline"),
    [
        ("1. Tổng số đảng viên: .......................", "members", ""),
        ("1. Tổng số đảng viên: 45 đ/c", "members", "45 đ/c"),
        ("1. Tổng số đảng viên: ........45........", "members", "45"),
        ("Tổng số đảng viên…………45……", "members", "45"),
        ("Tổng số đảng viên 45 đ/c", "members", "45 đ/c"),
        ("TỔNG SỐ ĐẢNG VIÊN", "members", ""),
        ("1 Tổng số đảng viên", "members", ""),
        ("1/ Tổng số đảng viên :", "members", ""),
        ("(1) Tổng số ĐV", "members", ""),
        ("- Tổng số đảng viên", "members", ""),
        ("Tổng số đảng viên của chi bộ", "members", ""),
        ("Tổng số đảng viên (đ/c): 45", "members", "45"),
        ("Tổng số đảng viên: (đồng chí)", "members", ""),
        ("Tổng số đảng viên (trong đó nữ: 12 đ/c): 45 đ/c", "members", "45 đ/c"),
        ("Tổng số đảng viên: 45 đ/c (nữ: 12)", "members", "45 đ/c"),
        ("Tổng số đảng viên tính đến thời điểm báo cáo", "members", ""),
        ("2. Số đảng viên", "members", ""),
        ("Tổng số đảng viên dự học tập", "attendees", ""),
        ("2. Số lượng đảng viên tham gia học tập nghị quyết: 44", "attendees", "44"),
        ("Số đảng viên tham gia học tập, quán triệt Nghị quyết Đại hội XIII của Đảng: 44", "attendees", "44"),
        ("Số đảng viên¶dự học tập", "attendees", ""),
        ("Số ĐV được học tập, quán triệt Nghị quyết", "attendees", ""),
        ("Số đảng viên tham dự hội nghị", "attendees", ""),
        ("Số đảng viên đã viết thu hoạch", "reflections", ""),
        ("Số đảng viên viết thu hoach", None, ""),
        ("3. Tổng số bài thu hoạch đã nộp", "reflections", ""),
        ("4. Số đảng viên miễn viết thu hoạch (được miễn sinh hoạt, miễn công tác; hưu trí): 5", "exemptions", "5"),
        ("4. Số đảng viên miễn viết thu hoạch (gồm: miễn sinh hoạt; hưu trí): 5", "exemptions", "5"),
        ("4. Số đảng viên miễn viết thu hoạch: (miễn sinh hoạt; hưu trí)", "exemptions", ""),
        ("a) Miễn sinh hoạt: 1", "exempt_activity", "1"),
        ("4.1. Miễn công tác", "exempt_work", ""),
        ("Trong đó: đảng viên hưu trí: 3", "exempt_retired", "3"),
        ("+ Trong đó: - Hưu trí", "exempt_retired", ""),
        ("Quần chúng, đoàn thể dự học tập (không tính vào số đảng viên)", "guests", ""),
        ("Quần chúng viết thu hoạch", "guest_reflections", ""),
        ("Số đảng viên viết thu hoạch (không kể quần chúng)", "reflections", ""),
        ("5. Nhận xét đánh giá", "assessment", ""),
        ("5. Nhận xét,¶đánh giá việc viết thu hoạch", "assessment", ""),
        ("5. Nhận xét, đánh giá¶Tốt: 40 bài", "assessment", "Tốt: 40 bài"),
        ("Nhận xét, đánh giá: Nghiêm túc.", "assessment", "Nghiêm túc."),
        ("6. Kiến nghị, đề xuất của cán bộ, đảng viên", "proposals", ""),
        ("6. Kiến nghị, đề xuất cấp thêm tài liệu học tập.", "proposals", "cấp thêm tài liệu học tập."),
        ("Đợt báo cáo (chậm nhất ngày 29/4/2021)", "round", ""),
        ("Đợt 1", "round", "1"),
        ("đợt: 02", "round", "02"),
        ("Tỷ lệ dự học tập", "share", ""),
        ("(%)", "share", ""),
    ],
)  # fmt: skip
def test_a_label_is_known_however_it_is_written(text: str, field: str | None, inline: str) -> None:
    text = text.replace("¶", "\n")
    for written in (text, unicodedata.normalize("NFD", text), text.replace("oạch", "ọach"), f"  {text}  "):
        found = MATCH(written)
        assert (found and (found.field, found.inline)) == (field and (field, inline)), written


@pytest.mark.parametrize(
    "text",
    [
        "Số đảng viên chưa viết thu hoạch",
        "Số đảng viên không viết thu hoạch: 5",
        "Số đảng viên phải viết thu hoạch",
        "Số đảng viên vắng",
        "Số đảng viên¶vắng",
        "Số đảng viên vắng mặt có lý do: 3",
        "Tổng số đảng viên nữ",
        "Tổng số đảng viên (nữ)",
        "Tổng số đảng viên được triệu tập",
        "Tổng số đảng viên dự bị",
        "Tổng số đảng viên năm 2020",
        "Tổng số đảng viên 2021",
        "Tổng số đảng viên của chi bộ 3",
        "Tổng số đảng viên/ số đảng viên dự học tập: 45/44",
        "Đảng viên",
        "- Số đảng viên: 44",
        "Số người dự học tập",
        "Số đảng viên chưa dự học tập",
        "Số đảng viên tham gia học tập nhưng chưa viết thu hoạch",
        "Số đảng viên dự học tập trực tuyến",
        "Số đảng viên dự học tập (trực tuyến)",
        "Số đảng viên dự học tập (%)",
        "Số đảng viên tham gia học tập và viết thu hoạch",
        "Số đảng viên viết thu hoạch (chưa nộp)",
        "Tổng số đảng viên (không tính dự bị)",
        "Số đảng viên tham gia học tập (không kể đảng viên miễn sinh hoạt)",
        "Số bài thu hoạch đạt yêu cầu",
        "12 đảng viên miễn viết thu hoạch",
        "Nhận xét đánh giá đúng thực chất việc viết thu hoạch của cán bộ, đảng viên",
        "CHI BỘ 3",
        "Đợt vừa qua",
    ],
)
def test_what_only_looks_like_a_label_is_none(text: str) -> None:
    assert MATCH(text.replace("¶", "\n")) is None
