"""Repair, comparison keys and collation: tables of what is what, and laws."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.vietnamese import REPAIRS, name_key, number_from_words, repair, sort_key

LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạắấẹếịọộợụựỳỵ"
VIETNAMESE = st.text(alphabet=LETTERS + LETTERS.upper() + " 0123456789.-/", max_size=30)
HARD = st.text(
    alphabet=st.one_of(
        st.sampled_from("ÐðƉ\u200b\u00ad\u0301\u0323\u0306\u0302Ä\x90áº»Ã\xa0\r\n\x00CBĐTUH.0 "), st.characters()
    ),
    max_size=20,
)


@pytest.mark.parametrize(
    ("typed", "meant", "repairs"),
    [
        ("Đảng bộ xã Hoà Điền", "Đảng bộ xã Hoà Điền", ()),
        ("  Chi bộ\t ấp  1 \n", "  Chi bộ\t ấp  1 \n", ()),
        ("12 ²³ № … “đạt”", "12 ²³ № … “đạt”", ()),
        ("", "", ()),
        (unicodedata.normalize("NFD", "Đường Hoằng Phụ"), "Đường Hoằng Phụ", ("unicode",)),
        ("â\u0301p", "ấp", ("unicode",)),
        ("\u00e1\u0302p", "ấp", ("unicode",)),  # the tone typed before the circumflex
        ("Ðảng bộ, ð/c, Ɖ, ɖ", "Đảng bộ, đ/c, Đ, đ", ("eth",)),
        ("\ufeffChi\u200b bộ\u00ad \u202eấp\u202c", "Chi bộ ấp", ("invisible",)),
        ("a\x00b\x1f\x7f\x81\ud800\uffff", "ab", ("control",)),
        ("một\r\nhai\rba\x0bbốn", "một\nhai\nba\nbốn", ("line_ends",)),
        ("Chi\u00a0bộ", "Chi bộ", ("space",)),
        ("Ä\x90áº£ng bá»™", "Đảng bộ", ("mojibake",)),
        ("Đảng ủy Hoà Điền".encode().decode("latin-1"), "Đảng ủy Hoà Điền", ("mojibake",)),
        ("Ðả\u200bng".encode().decode("latin-1"), "Đảng", ("mojibake", "invisible", "eth")),
        (unicodedata.normalize("NFD", "Hoằng").encode().decode("latin-1"), "Hoằng", ("mojibake", "unicode")),
        ("NÂNG CAO – MÃ ĐƠN VỊ", "NÂNG CAO – MÃ ĐƠN VỊ", ()),
        ("Ô Môn, Á Đông", "Ô Môn, Á Đông", ()),
        ("déjà vu à côté", "déjà vu à côté", ()),
    ],
)
def test_repair(typed: str, meant: str, repairs: tuple[str, ...]) -> None:
    assert repair(typed) == (meant, repairs)


@given(st.one_of(HARD, st.text(), VIETNAMESE))
def test_a_repaired_text_needs_no_repair(text: str) -> None:
    mended, repairs = repair(text)
    assert repair(mended) == (mended, ())
    assert (mended != text) == bool(repairs)
    assert set(repairs) <= set(REPAIRS)
    mended.encode("utf-8")


@given(VIETNAMESE)
def test_proper_vietnamese_is_never_repaired(text: str) -> None:
    assert repair(text) == (text, ())


@given(VIETNAMESE)
def test_every_fault_of_encoding_is_undone(text: str) -> None:
    assert repair(unicodedata.normalize("NFD", text))[0] == text
    assert repair(text.replace("Đ", "Ð").replace("đ", "ð"))[0] == text
    assert repair(text.encode("utf-8").decode("latin-1"))[0] == text


SAME = """
Chi bộ ấp 1 | CHI BỘ ẤP 1 | chi bộ ấp 01 | CB ấp 1 | Cb. Ấp1 | Chi  bộ - ấp 1. | Chi bộ “ấp １”
Đảng bộ thị trấn Giồng Riềng | ĐB TT. Giồng Riềng | ĐB TT Giồng Riềng | ÐẢNG BỘ TT.GIỒNG RIỀNG
Đảng bộ xã Hòa Điền | Đảng bộ xã Hoà Điền | ĐB X. Hoà Điền
Đảng ủy phường An Hòa | Đảng uỷ P. An Hoà | ĐU P.An Hòa | ĐU phường An Hòa
Thành phố Rạch Giá | TP. Rạch Giá | TP Rạch Giá | Tp.Rạch Giá
Thị xã Hà Tiên | TX. Hà Tiên
Huyện ủy Gò Quao | HU Gò Quao | Huyện uỷ Gò Quao
Chi bộ Văn phòng Tỉnh ủy | CB VP TU | Chi bộ Văn phòng TU
Phường 7 | P. 07 | P.7
Chi bộ Trung tâm Y tế | CB TT Y tế
"""
DIFFERENT = """
Xã Hoằng Phụ | Xã Hoằng Phú
Ấp 1 | Ấp 10
Ấp 1 | Ấp 11
Chi bộ A1 | Chi bộ A 2
Thị trấn Đu | Đảng ủy
Phường Hà Tu | Phường Hà Tỉnh ủy
Xã Mỹ Lý | Xã Mĩ Lí
Xã Ea H'Leo | Xã Ea Leo
P Tài chính | Phường Tài chính
Chi bộ ấp 1, 2 | Chi bộ ấp 12
Đảng bộ xã A | Chi bộ xã A
Huyện Châu Thành | Huyện Châu Thành A
"""


@pytest.mark.parametrize("line", SAME.strip().splitlines())
def test_writings_of_one_name(line: str) -> None:
    assert len({name_key(name) for name in line.split(" | ")}) == 1


@pytest.mark.parametrize("line", DIFFERENT.strip().splitlines())
def test_different_names_stay_different(line: str) -> None:
    assert len({name_key(name) for name in line.split(" | ")}) == 2


@pytest.mark.parametrize("name", ["Thị trấn Đu", "Phường Hà Tu", "Xã Tu Vũ", "Xã Pá Hu", "Huyện Tu Mơ Rông"])
def test_communes_that_look_like_abbreviations(name: str) -> None:
    assert name_key(name) == name_key(name.upper()) == name.lower()


@given(st.one_of(HARD, st.text(), VIETNAMESE))
@example("ß0")
@example("İ1")
def test_a_key_is_its_own_key(text: str) -> None:
    assert name_key(name_key(text)) == name_key(text)


@given(VIETNAMESE)
def test_a_key_keeps_every_diacritic(text: str) -> None:
    def marks(name: str) -> list[str]:
        return sorted(
            c for c in unicodedata.normalize("NFD", name.casefold().replace("đ", "d\u0335")) if "\u0300" <= c < "\u0370"
        )

    assert set(marks(text)) <= set(marks(name_key(text)))


def test_the_order_of_the_dictionary() -> None:
    ordered = [
        "", "12", "Ấp 2", "Ấp 2A", "ấp 3", "Ấp 10", "Ba", "Bà Chúa", "bả", "bã", "bá", "bạ", "ban", "Bằng", "bân",
        "da", "Đa", "đi", "e", "ê", "o", "ô", "ơ", "u", "ư", "Xã A", "xã Ý",
    ]  # fmt: skip
    shuffled = ordered[::-1]
    assert sorted(shuffled, key=sort_key) == ordered


@pytest.mark.parametrize(("one", "other"), [("hoà", "hòa"), ("ẤP 1", "ấp 01"), ("Ba - Bà", "ba bà"), ("e\u0301", "é")])
def test_writings_that_sort_alike(one: str, other: str) -> None:
    assert sort_key(one) == sort_key(other)


@given(st.lists(st.one_of(HARD, st.text(), VIETNAMESE), unique_by=sort_key))
def test_the_order_does_not_depend_on_the_order_before(texts: list[str]) -> None:
    turned = texts[::-1]
    assert sorted(texts, key=sort_key) == sorted(turned, key=sort_key)


@given(st.integers(0, 10**30), st.integers(0, 10**30))
def test_numbers_sort_by_size(one: int, other: int) -> None:
    assert (sort_key(f"ấp {one}") < sort_key(f"ấp {other}")) == (one < other)


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("không", 0),
        ("năm", 5),
        ("mười", 10),
        ("Mười lăm", 15),
        ("hai mươi", 20),
        ("bốn mươi tư", 44),
        ("một trăm linh hai", 102),
        ("chín trăm chín mươi mốt", 991),
        ("một nghìn hai trăm ba mươi tư", 1234),
        ("mười hai ngàn", 12_000),
        ("hai triệu", 2_000_000),
        ("", None),
        ("hai ba", None),
        ("mươi", None),
        ("vắng hai", None),
    ],
)
def test_numbers_in_words(words: str, number: int | None) -> None:
    assert number_from_words(words) == number
