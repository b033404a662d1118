"""Vietnamese text as it arrives and as it is compared: repair, comparison keys, collation.

Pure functions of text, no reference data, quick to import: the workers that read files import this.
Nothing here ever drops a diacritic: in one province 79 pairs of different communes would then be the
same (Hoằng Phụ and Hoằng Phú), so a name without its marks is no name.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# --- repair ------------------------------------------------------------------------------------------

# Ids of everything that `repair` may change, in the order in which it does; words for users stand in
# words.toml as repair_<id>.
REPAIRS = ("mojibake", "line_ends", "control", "invisible", "space", "eth", "unicode")

_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Lone surrogates and noncharacters can be written neither to UTF-8 nor to a workbook.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_SPACE = re.compile("[\u00a0\u2007\u202f]")
_ETH = str.maketrans("ÐðƉɖ", "ĐđĐđ")
_ETH_LETTER = re.compile("[ÐðƉɖ]")
# More marks on one letter than any language has, put into order, would take the square of their number.
_PILED = re.compile("(?<=[\u0300-\u036f]{8})[\u0300-\u036f]+")
# A tone typed before the breve or circumflex does not compose: á + breve is not ắ until put in order.
_TONE_FIRST = re.compile("([\u0300\u0301\u0303\u0309])([\u0302\u0306])")

# UTF-8 read as Windows-1252 (or Latin-1, for the five bytes that 1252 leaves out).
_BYTE_OF = {bytes([b]).decode("cp1252", errors="ignore") or chr(b): b for b in range(128, 256)}
_BYTE_OF |= {chr(b): b for b in range(0xA0)}
_MOJIBAKE = re.compile("[ÃÄÆÌáâï][^\x00-\x7f]")
# Any character by which a text in NFC may still need repair; nearly all texts have none. One class of characters is
# looked for several times as fast as many patterns side by side.
_CLASSES = (_CONTROL, _INVISIBLE, _SPACE, _ETH_LETTER, re.compile("[\u0300-\u036f]"))
_SUSPECT = re.compile(f"[\r\x0b\x0c\x85\u2028\u2029{''.join(each.pattern[1:-1] for each in _CLASSES)}]")

_TONES = "\u0300\u0309\u0303\u0301\u0323"  # in the order of the dictionary
_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_VIETNAMESE = {unicodedata.normalize("NFC", letter + tone) for letter in "aăâeêioôơuưy" for tone in ("", *_TONES)} | {
    "đ"
}
_TYPOGRAPHIC = set("“”‘’«»–—…•·°ºª²³½¼¾±×§ðɖ\u00a0\u200b\ufeff\u00ad")


def repair(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the text as it was meant, and the ids (of REPAIRS) of what was changed.

    Only encoding faults are mended: the wording, spelling and spacing stay as they were typed, and a
    text without such faults is returned as it is.
    """
    if text.isascii() and text.isprintable():
        return text, ()
    if not _SUSPECT.search(text) and not _MOJIBAKE.search(text) and unicodedata.is_normalized("NFC", text):
        return text, ()
    found: set[str] = set()
    while True:
        mended = _repair_once(text, found)
        if mended == text:
            return text, tuple(name for name in REPAIRS if name in found)
        text = mended


def printable(text: str) -> str:
    """Return a sender's name for something as it can be shown on one line, in a table or on a terminal.

    What breaks a line, is not seen, or turns the reading direction (a name that ends in slx.exe would read as one that
    ends in exe.xls) shows as a replacement mark, one for one, so that it still tells one name from another.
    """
    if text.isprintable():
        return text
    return "".join(ch if ch.isprintable() or unicodedata.category(ch) == "Zs" else "\ufffd" for ch in text)


def typed_key(text: object) -> str:
    """Return what makes two of our own words the same, however they were typed: a Mac may part letters and marks."""
    return " ".join(unicodedata.normalize("NFC", str(text)).casefold().split())


def _repair_once(text: str, found: set[str]) -> str:
    if _MOJIBAKE.search(text) and (meant := _undo_mojibake(text)):
        text = meant
        found.add("mojibake")
    for name, pattern, instead in (
        ("line_ends", _LINE_ENDS, "\n"),
        ("control", _CONTROL, ""),
        ("invisible", _INVISIBLE, ""),
        ("space", _SPACE, " "),
        ("unicode", _PILED, ""),
    ):
        if pattern.search(text):
            text = pattern.sub(instead, text)
            found.add(name)
    if _ETH_LETTER.search(text):
        text = text.translate(_ETH)
        found.add("eth")
    composed = unicodedata.normalize("NFC", _TONE_FIRST.sub(r"\2\1", unicodedata.normalize("NFD", text)))
    if composed != text:
        text = composed
        found.add("unicode")
    return text


def _undo_mojibake(text: str) -> str:
    """Return what the bytes say in UTF-8 if they say something Vietnamese, else ""."""
    try:
        meant = bytes(_BYTE_OF[character] for character in text).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return ""
    letters = {character for character in unicodedata.normalize("NFC", meant.lower()) if character > "\x7f"}
    return meant if letters <= _VIETNAMESE | _TYPOGRAPHIC else ""


# --- comparing names ---------------------------------------------------------------------------------

# Abbreviations that are no Vietnamese syllable, so safe in any case and without a dot.
_ABBREVIATIONS = {
    "cb": "chi bộ",
    "đb": "đảng bộ",
    "cbcs": "chi bộ cơ sở",
    "đbcs": "đảng bộ cơ sở",
    "tp": "thành phố",
    "tx": "thị xã",
    "kp": "khu phố",
    "vp": "văn phòng",
    "tdp": "tổ dân phố",
    "ubnd": "ủy ban nhân dân",
    "hđnd": "hội đồng nhân dân",
    "mttq": "mặt trận tổ quốc",
    "thpt": "trung học phổ thông",
    "thcs": "trung học cơ sở",
}
# Single letters mean many things (P Tài chính is an office), so only with the dot and before a word.
_DOTTED = {"p": "phường", "x": "xã", "h": "huyện", "q": "quận"}
# Also syllables of real communes (thị trấn Đu, xã Tu Vũ, xã Pá Hu): only in capitals, and not amid capitals.
_CAPITALS_ONLY = {"ĐU": "đảng ủy", "HU": "huyện ủy", "TU": "tỉnh ủy"}
# TT is thị trấn before a name, but a centre (trung tâm) before what centres are for.
_CENTRES = frozenset((
    "y tế", "văn hóa", "giáo dục", "dạy nghề", "bồi dưỡng", "dịch vụ", "hành chính", "phát triển", "khuyến nông",
    "phục vụ", "chính trị",
))  # fmt: skip

FULL_WIDTH = {0xFF01 + place: chr(0x21 + place) for place in range(94)}  # ０ to 0, Ａ to A, ．to .
_LETTER = r"[^\W\d_]|[\u0300-\u036f]"
_TOKEN = re.compile(rf"((?:{_LETTER}|\d)+)(\.?)")
_GLUED = re.compile(r"([^\W\d_]{2,})([0-9]+)$")  # "ấp1", but not "A1"
_ZEROS = re.compile(r"^0+(?=[0-9])")


@lru_cache(maxsize=1 << 16)
def name_key(text: str) -> str:
    """Return the key by which two writings of one unit's name are equal.

    Case, spacing, punctuation, the place of the tone (hoà, hòa), encoding faults, usual abbreviations
    (CB, ĐB, TT., P., X., TP.) and leading zeros do not matter; every diacritic, letter and number does.
    """
    tokens = [token for match in _TOKEN.finditer(repair(text)[0].translate(FULL_WIDTH)) for token in _parts(match)]
    return " ".join(_expanded(tokens, place) for place in range(len(tokens)))


def _parts(match: re.Match[str]) -> list[tuple[str, bool]]:
    token, dotted = match.group(1), bool(match.group(2))
    glued = _GLUED.match(token)
    return [(glued.group(1), False), (glued.group(2), dotted)] if glued else [(token, dotted)]


def _expanded(tokens: list[tuple[str, bool]], place: int) -> str:
    """Return the word at a place, its abbreviation written out where that is safe."""
    token, dotted = tokens[place]
    following = [_syllable(word.lower()) for word, _ in tokens[place + 1 : place + 3]]
    before = tokens[place - 1][0] if place else ""
    is_amid_capitals = before.isupper() and before.lower() not in _ABBREVIATIONS
    if token in _CAPITALS_ONLY and not is_amid_capitals:
        return _CAPITALS_ONLY[token]
    lower = token.lower()
    if lower in _ABBREVIATIONS:
        return _ABBREVIATIONS[lower]
    if dotted and following and lower in _DOTTED:
        return _DOTTED[lower]
    if lower == "tt" and following and following[0][0].isalpha():
        return "trung tâm" if " ".join(following) in _CENTRES else "thị trấn"
    return _ZEROS.sub("", _syllable(lower))


@lru_cache(maxsize=1 << 14)
def _syllable(word: str) -> str:
    """Return a word in small letters with its tone on the vowel where the old style puts it (hòa, ủy)."""
    word = unicodedata.normalize("NFC", word)
    if word.isascii():
        return word
    # Imported late: it asks for its own version on import, which takes longer than all the rest here.
    from viet_text_tools import normalize_diacritics

    placed: str = normalize_diacritics(word)
    # On words that are not Vietnamese it may move marks for ever; those are left alone.
    return placed if normalize_diacritics(placed) == placed else word


# --- collation ---------------------------------------------------------------------------------------

_RANK = {letter: chr(0x21 + place) for place, letter in enumerate(_LETTERS)}
_TONE_RANK = {tone: chr(0x11 + place) for place, tone in enumerate(_TONES)}
_WORD_END, _TONE_MARK, _NUMBER = "\x01", "\x02", "\x03"  # each below every tone, each tone below every letter
_SORTABLE = re.compile(rf"[0-9]+|(?:{_LETTER}|[^\W0-9_])+")


@lru_cache(maxsize=1 << 16)
def sort_key(text: str) -> str:
    """Return a text whose plain order is the Vietnamese dictionary's: ấp 2, ấp 10; bà, bạ, ban; da, đa.

    Syllable by syllable, letters before tones (ngang, huyền, hỏi, ngã, sắc, nặng), numbers before
    letters and by their size, whatever the case and punctuation.
    """
    plain = repair(text)[0].translate(FULL_WIDTH).casefold()
    return "".join(_rank(word) + _WORD_END for word in _SORTABLE.findall(plain))


@lru_cache(maxsize=1 << 14)
def _rank(word: str) -> str:
    if word[0] in "0123456789":
        digits = word.lstrip("0")
        return _NUMBER + chr(0x100 + min(len(digits), 0xFF)) + digits
    tones = ""
    letters = ""
    for character in unicodedata.normalize("NFC", word):
        base = character
        for mark in unicodedata.normalize("NFD", character):
            if mark in _TONE_RANK:
                tones += _TONE_RANK[mark]
                base = unicodedata.normalize("NFC", unicodedata.normalize("NFD", character).replace(mark, "", 1))
        letters += _RANK.get(base, base)
    return letters + _TONE_MARK + tones


# --- numbers in words --------------------------------------------------------------------------------

_DIGITS = {
    word: digit
    for digit, words in enumerate(
        ("không", "một mốt", "hai", "ba", "bốn tư", "năm lăm nhăm", "sáu", "bảy bẩy", "tám", "chín")
    )
    for word in words.split()
}
_SCALES = {"mươi": 10, "trăm": 100, "nghìn": 1000, "ngàn": 1000, "triệu": 1_000_000}


def number_from_words(text: str) -> int | None:
    """Return the number that Vietnamese words say in full ("một trăm linh hai"), None if they do not."""
    total, section, digit = 0, 0, -1
    words = name_key(text).split()
    for word in words:
        if word in _DIGITS and digit < 0:
            digit = _DIGITS[word]
        elif word == "mười" and digit < 0:
            section += 10
        elif word in ("mươi", "trăm") and digit > 0:
            section, digit = section + digit * _SCALES[word], -1
        elif word in _SCALES and word != "mươi" and section + max(digit, 0) > 0:
            total, section, digit = total + (section + max(digit, 0)) * _SCALES[word], 0, -1
        elif word not in ("linh", "lẻ"):
            return None
    return total + section + max(digit, 0) if words else None
