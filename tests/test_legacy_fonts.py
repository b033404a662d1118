"""Texts typed in the fonts of before Unicode: decoded whole, recognised only when surely so."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.legacy_fonts import (
    decode_in_file,
    decode_in_font,
    encoding_of_font,
    from_tcvn3,
    from_vni,
    is_syllable,
    legacy_encoding,
    looks_tcvn3,
    looks_vni,
)
from schemas.vietnamese import repair
from tests.makers.old_fonts import TO_TCVN3, TO_VNI, in_tcvn3, in_vni

NAMES = (
    """
Huyện Gò Quao|Thị trấn Giồng Riềng|Xã Hoằng Phụ|Xã Hoằng Phú|Phường Vĩnh Bảo|Xã Thổ Sơn|Xã Mỹ Lâm|Xã Tân Hiệp B
Xã Nghĩa Thuỷ|Xã Quỳ Hợp|Xã Yên Định|Thị xã Nghi Sơn|Huyện Kỳ Anh|Xã Cẩm Nhượng|Xã Đức Bồng|Thành phố Hà Tĩnh
Phường Ngũ Hiệp|Xã Ỷ La|Xã Bình Giã|Xã Kẻ Sặt|Xã Mường Khương|Xã Đắk Rơ Wa|Xã Ẳng Tở|Xã Khuổi Mạ|Xã Nậm Lỳ
Chi bộ ấp Hòa Mỹ|Đảng bộ xã Thuận Hòa|Nhận xét, đánh giá|Số đảng viên viết thu hoạch|Kiến nghị, đề xuất
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("§¶ng bé x· Hßa §iÒn", "Đảng bộ xã Hòa Điền"),
        ("B¶o Th¾ng, B¸t X¸t", "Bảo Thắng, Bát Xát"),
        ("M\u00ad\u00eang Kh\u00ad\u00acng", "Mường Khương"),
        ("12 ®/c", "12 đ/c"),
    ],
)
def test_tcvn3(typed: str, meant: str) -> None:
    assert from_tcvn3(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Ñaûng boä xaõ Hoøa Ñieàn", "Đảng bộ xã Hòa Điền"),
        ("Xin chaøo caùc baïn", "Xin chào các bạn"),
        ("ÑAÛNG BOÄ THÒ TRAÁN", "ĐẢNG BỘ THỊ TRẤN"),
        ("Ngöôøi vöôït ñöôøng", "Người vượt đường"),
        ("Aáp Myõ Lyù, kyõ, tyû, lî", "Ấp Mỹ Lý, kỹ, tỷ, lỵ"),
        ("12 ñ/c", "12 đ/c"),
    ],
)
def test_vni(typed: str, meant: str) -> None:
    assert from_vni(typed) == meant


def test_every_letter_has_a_place() -> None:
    letters = {
        unicodedata.normalize("NFC", vowel + tone)
        for vowel in "aăâeêioôơuưy"
        for tone in ("", *"\u0300\u0301\u0303\u0309\u0323")
    }
    letters = {letter for letter in letters if not letter.isascii()} | {"đ"}
    assert letters <= set(TO_TCVN3)
    assert set(TO_VNI) == letters | {letter.upper() for letter in letters}


@pytest.mark.parametrize("name", NAMES)
def test_names_come_back_whole(name: str) -> None:
    assert from_tcvn3(in_tcvn3(name.lower())) == name.lower()
    assert from_tcvn3(in_tcvn3(name.lower()), upper=True) == name.upper()
    assert from_vni(in_vni(name)) == name
    assert from_vni(in_vni(name.upper())) == name.upper()


@given(st.lists(st.sampled_from(NAMES), min_size=5, unique=True))
def test_the_texts_of_a_file_tell_their_encoding(names: list[str]) -> None:
    assert legacy_encoding([in_tcvn3(name.lower()) for name in names]) in ("tcvn3", "")
    assert legacy_encoding([in_vni(name) for name in names]) in ("vni", "")
    assert legacy_encoding(names) == ""
    assert legacy_encoding([unicodedata.normalize("NFD", name) for name in names]) == ""


def test_a_whole_form_is_recognised() -> None:
    assert legacy_encoding([in_tcvn3(name.lower()) for name in NAMES]) == "tcvn3"
    assert legacy_encoding([in_vni(name) for name in NAMES]) == "vni"
    assert legacy_encoding([in_vni(name.upper()) for name in NAMES]) == "vni"


def test_answers_in_an_old_font_under_labels_in_unicode() -> None:
    labels = ["Tổng số đảng viên", "Nhận xét, đánh giá", "Cô Tô"]
    answers = ["Đảng bộ thị trấn giồng riềng", "bài viết nghiêm túc, đạt yêu cầu"]
    assert legacy_encoding(labels + [in_tcvn3(answer.lower()) for answer in answers]) == "tcvn3"
    assert legacy_encoding(labels + [in_vni(answer) for answer in answers]) == "vni"


@pytest.mark.parametrize(
    "text",
    [
        "Hà Tiên, Cô Tô, Hòa Bình, An Bình, Cái Bè, Long Phú, Bàu Bàng, Hàm Tân, Lâm Hà, Tri Tôn",
        "Où est passé le garçon ? Il a mangé là-bas, près de la forêt, au mois d'août, pour Noël, déjà très fatigué.",
        "La naïveté du maïs et de l'héroïne ; le château, l'hôpital, l'île, le cœur, être, goût, sûr, mûr, dû, crû",
        "The café's résumé was naïve; the façade, the jalapeño and the piñata; Zoë, Brontë, Chloë, Beyoncé",
        "Die Bücher über schöne Mädchen in Köln, Düsseldorf und Österreich, für größere Gefühle, natürlich",
        "El niño español soñó con un señor año tras año; también él comió después en el jardín, aquí, allí",
        "As eleições não são só às vezes úteis; você está lá, então há opções e ações, irmão, mãe, pão",
        "40 °C ± 2, 12 m², § 5, © 2021, 1½ giờ, 3 × 4, « ok », £5",
        "",
    ],
)
def test_other_writing_is_left_alone(text: str) -> None:
    assert legacy_encoding([text]) == legacy_encoding(text.split()) == ""
    assert not looks_tcvn3(text)
    assert not looks_vni(text)


def test_a_single_text_can_be_asked_about() -> None:
    assert looks_tcvn3("§¶ng bé x· Hßa §iÒn")
    assert not looks_vni("§¶ng bé x· Hßa §iÒn")
    assert looks_vni("Ñaûng boä xaõ Hoøa Ñieàn")
    assert not looks_tcvn3("Ñaûng boä xaõ Hoøa Ñieàn")
    assert not looks_tcvn3("Đảng bộ xã Hòa Điền")


def test_repair_before_decoding_would_lose_a_letter() -> None:
    typed = in_tcvn3("mường khương")
    assert repair(from_tcvn3(typed)) == ("mường khương", ())
    assert from_tcvn3(repair(typed)[0]) != "mường khương"


def test_syllables() -> None:
    words = "nghiêng khuỷu quyển giếng gìn oai yếu thuở ngoằn quốc ướp Ấp ĐẢNG hoà hòa Đắk"
    assert [word for word in words.split() if not is_syllable(word)] == []


@pytest.mark.parametrize("word", ["août", "maïs", "thàch", "niño", "où", "été", "hòá", "đak", "fà", "12"])
def test_no_syllables(word: str) -> None:
    assert not is_syllable(word)


@given(st.text())
def test_any_text_can_be_judged(text: str) -> None:
    assert legacy_encoding([text, text[::-1]]) in ("tcvn3", "vni", "")
    assert from_vni(from_tcvn3(text)) is not None


@pytest.mark.parametrize(
    ("font", "encoding"),
    [
        (".VnTime", ("tcvn3", False)),
        (".VnTimeH", ("tcvn3", True)),
        (".VNTIMEH", ("tcvn3", True)),
        (".vntimeh", ("tcvn3", True)),
        (".VnArial Narrow", ("tcvn3", False)),
        ("VNI-Times", ("vni", False)),
        ("Times New Roman", ("", False)),
        ("Vni", ("", False)),
    ],
)
def test_a_font_tells_its_encoding(font: str, encoding: tuple[str, bool]) -> None:
    assert encoding_of_font(font) == encoding


@pytest.mark.parametrize(
    ("font", "typed", "shown"),
    [
        (".VnTime", "Chi bé Êp 3", "Chi bộ ấp 3"),
        (".VnTimeH", "chi bé Êp 3", "CHI BỘ ẤP 3"),
        ("VNI-Times", "Chi boä aáp 3", "Chi bộ ấp 3"),
        (".VnTime", "Chi bộ ấp 3", "Chi bộ ấp 3"),  # Unicode typed into an old template
        (".VnTime", "Hòa Bình", "Hòa Bình"),  # the same, without a letter that says so at once
        (".VnTime", "12", "12"),
        ("Arial", "Chi bé", "Chi bé"),
    ],
)
def test_the_font_decides_but_against_what_plainly_is_unicode(font: str, typed: str, shown: str) -> None:
    assert decode_in_font(typed, font) == shown


@pytest.mark.parametrize(("text", "alone", "mixed"), [("cã", "có", "cã"), ("®ñ", "đủ", "đủ"), ("12", "12", "12")])
def test_in_a_mixed_file_a_doubtful_text_is_left_alone(text: str, alone: str, mixed: str) -> None:
    """«cã» is a syllable as it stands and one, «có», once decoded; what the rest of the file is typed in decides."""
    assert decode_in_file(text, "tcvn3", is_mixed=False) == alone
    assert decode_in_file(text, "tcvn3", is_mixed=True) == mixed
