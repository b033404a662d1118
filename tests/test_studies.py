"""Which resolution a text names, however it is written, and which texts surely name different ones."""

from __future__ import annotations

from itertools import product

import pytest

from schemas.studies import differ, studied

SAME = {
    "congress 11": """
        | Nghị quyết Đại hội XI Đảng bộ tỉnh                                          |
        | Nghị quyết Đại hội đại biểu Đảng bộ tỉnh Kiên Giang lần thứ XI, nhiệm kỳ 2020-2025 |
        | KẾT QUẢ HỌC TẬP NQ ĐH ĐẢNG BỘ TỈNH LẦN THỨ 11                                |
        | Đại hội Đảng bộ tỉnh khoá XI                                                |
        | Đại hội lần thứ mười một Đảng bộ tỉnh                                        |
    """,
    "congress 13": """
        | Nghị quyết Đại hội đại biểu toàn quốc lần thứ XIII của Đảng |
        | NQ ĐH XIII                                                 |
        | Nghị quyết Đại hội 13 của Đảng                              |
    """,
    "plenum 4": """
        | Nghị quyết Trung ương 4 khóa XII                                            |
        | NQTW 4 (khóa XII)                                                           |
        | NQ TW4                                                                      |
        | Nghị quyết Hội nghị lần thứ tư Ban Chấp hành Trung ương Đảng khóa XII        |
    """,
    "plenum 4 of the next term": "| Nghị quyết Hội nghị Trung ương 4 khóa XIII |",
    "plenum 8": "| Nghị quyết Trung ương 8 (khóa XII) |",
}
ANY = """
    | Nghị quyết của Đảng                                                            |
    | kết quả học tập nghị quyết                                                    |
    | Nghị quyết Đại hội Đảng bộ các cấp                                             |
    | Nghị quyết Đại hội XIII của Đảng và Nghị quyết Đại hội Đảng bộ tỉnh, huyện      |
    | Kế hoạch số 13-KH/TU, ngày 05-3-2021                                           |
    | Hội nghị học tập ngày 12 tháng 4 năm 2021                                      |
    | Nghị quyết số 17-NQ/TU ngày 04/7/2024                                          |
"""


def texts(block: str) -> list[str]:
    return [text for line in block.splitlines() if (text := line.strip(" |"))]


def do_differ(one: str, other: str) -> bool:
    first, second = studied(one), studied(other)
    return first is not None and second is not None and differ(first, second)


@pytest.mark.parametrize("name", SAME)
def test_names_of_one_resolution_do_not_differ(name: str) -> None:
    names = texts(SAME[name])
    assert all(studied(text) for text in names)
    assert [(a, b) for a, b in product(names, names) if do_differ(a, b)] == []


def test_names_of_different_resolutions_differ() -> None:
    alike = {("NQ TW4", text) for text in ("Nghị quyết Hội nghị Trung ương 4 khóa XIII",)}  # no term: may be either
    for one, other in product(SAME, SAME):
        if one != other:
            pairs = product(texts(SAME[one]), texts(SAME[other]))
            told = {(a, b) for a, b in pairs if not do_differ(a, b)}
            assert told <= alike | {(b, a) for a, b in alike}


@pytest.mark.parametrize("text", texts(ANY))
def test_what_may_be_any_resolution_differs_from_none(text: str) -> None:
    known = [other for name in SAME for other in texts(SAME[name])]
    assert [other for other in known if do_differ(text, other)] == []


def test_numbers_of_documents_differ() -> None:
    planned = "Nghị quyết số 17-NQ/TU ngày 04/7/2024 của Ban Chấp hành Đảng bộ tỉnh"
    assert not do_differ("học tập Nghị quyết số 17", planned)
    assert not do_differ("NQ 17-NQ/TU", planned)
    assert do_differ("Nghị quyết số 18-NQ/TU", planned)
    assert do_differ("Chỉ thị số 05-CT/TW", planned)
