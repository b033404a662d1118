"""Which texts say the same, which only nearly do, and what single proposals a text holds."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.likeness import key_of, leaders, plain, points

LONG = "Đảng viên viết thu hoạch nghiêm túc, đúng yêu cầu, có liên hệ thực tế tại chi bộ và địa phương"


@pytest.mark.parametrize(
    "other",
    [
        LONG + ".",
        LONG.upper(),
        LONG.replace(",", " ,"),
        LONG.replace("nghiêm túc", "nghiêm tuc"),
        LONG.replace("tại chi bộ", "ở chi bộ"),
    ],
)
def test_texts_alike_but_for_case_signs_or_a_slip_say_the_same(other: str) -> None:
    assert len(set(leaders([LONG, other]))) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Đề nghị cấp thêm 20 cuốn tài liệu học tập cho chi bộ",
            "Đề nghị cấp thêm 50 cuốn tài liệu học tập cho chi bộ",
        ),
        ("Kiến nghị sửa đường vào ấp Xẻo Đước cho bà con", "Kiến nghị sửa đường vào ấp Xẻo Đôi cho bà con"),
        (LONG, LONG.replace("nghiêm túc", "không nghiêm túc")),
        (LONG, LONG + " và đã nộp đủ bài đúng thời gian quy định"),
    ],
)
def test_other_numbers_names_negations_or_much_more_are_not_the_same(one: str, other: str) -> None:
    assert len(set(leaders([one, other]))) == 2


def test_the_most_frequent_writing_leads() -> None:
    slip = LONG.replace("nghiêm túc", "nghiêm tuc")
    assert set(leaders([slip, LONG, LONG])) == {LONG}


def test_small_steps_do_not_lead_far_away() -> None:
    words = [f"từ{chr(97 + n)}" for n in range(26)]
    chain = [" ".join([*("khác" for _ in range(n)), *words[n:]]) for n in range(20)]
    assert len(set(leaders(chain))) > 1


@given(st.lists(st.sampled_from([LONG, LONG + ".", LONG.replace("đúng", "đung"), "Tốt", "tốt.", "Đạt"]), max_size=12))
def test_groups_do_not_depend_on_the_order(texts: list[str]) -> None:
    mixed = texts[:]
    random.Random(1).shuffle(mixed)
    assert dict(zip(texts, map(plain, leaders(texts)), strict=True)) == dict(
        zip(mixed, map(plain, leaders(mixed)), strict=True)
    )


@given(st.lists(st.text(max_size=30), max_size=20))
def test_a_leader_is_one_of_the_texts_and_leads_itself(texts: list[str]) -> None:
    found = leaders(texts)
    assert set(found) <= set(texts)
    assert all(plain(found[texts.index(leader)]) == plain(leader) for leader in found)


def test_a_key_is_that_of_the_wording() -> None:
    assert key_of("Đề nghị cấp tài liệu.") == key_of("  đề nghị CẤP tài liệu") != key_of("Đề nghị cấp tài liệu mới")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("- Đề nghị A.\n- Kiến nghị B.", ["Đề nghị A.", "Kiến nghị B."]),
        ("Chi bộ kiến nghị:\n1. Nâng lương\n2) Sửa đường\nvào ấp", ["Nâng lương", "Sửa đường vào ấp"]),
        ("Đề nghị cấp thêm tài liệu\ncho chi bộ", ["Đề nghị cấp thêm tài liệu cho chi bộ"]),
        ("Trước hết cảm ơn cấp trên.\n+Mở lớp", ["Trước hết cảm ơn cấp trên.", "Mở lớp"]),
        ("Hỗ trợ mỗi ấp\n12.000.000 đồng", ["Hỗ trợ mỗi ấp 12.000.000 đồng"]),
        ("Không", []),
        ("Không có kiến nghị, đề xuất gì thêm.", []),
        ("- Không có ý kiến\n- Không thu quỹ", ["Không thu quỹ"]),
        ("", []),
        ("-", []),
    ],
)
def test_single_proposals(text: str, found: list[str]) -> None:
    assert points(text) == found
