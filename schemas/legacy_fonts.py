"""Vietnamese typed in the fonts of before Unicode: TCVN3 (.VnTime, the state's) and VNI (VNI-Times).

Their texts reach us as Latin-1 letters that only look Vietnamese in the font: "§¶ng bé", "Ñaûng boä".
The font of a cell decides; where it is not known, all texts of a file are judged together. Decode
before `repair`: TCVN3 writes ư as U+00AD, which repair takes for a soft hyphen.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Literal

LegacyEncoding = Literal["tcvn3", "vni", ""]

# TCVN 5712:1993, letters U+00A1 to U+00FE in order. A .VnTime font has small letters with tones only: the
# same codes show capitals in its sister .VnTimeH.
_TCVN3_LETTERS = (
    "ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴẮ"
    "ẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵ"
)
TCVN3 = {chr(0xA1 + place): letter for place, letter in enumerate(_TCVN3_LETTERS)}
_TCVN3_TABLE = str.maketrans(TCVN3)

_TONES = ("", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323")  # none, sắc, huyền, hỏi, ngã, nặng
# VNI writes a base letter and then a mark that says accent and tone at once; a few letters stand alone.
_VNI_MARKS = (("", " ùøûõï", "aeouy"), ("\u0302", "âáàåãä", "aeo"), ("\u0306", "êéèúüë", "a"))
_VNI_BASES = {"ô": "ơ", "ö": "ư"}
_VNI_ALONE = {"í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "ñ": "đ"}


def _vni_table() -> dict[str, str]:
    small = {
        base + mark: unicodedata.normalize("NFC", base + accent + tone)
        for accent, marks, bases in _VNI_MARKS
        for mark, tone in zip(marks, _TONES, strict=True)
        for base in bases
        if mark != " "
    }
    del small["yï"]  # ỵ stands alone, as î
    for written, letter in _VNI_BASES.items():
        marks = zip(_VNI_MARKS[0][1], _TONES, strict=True)
        small |= {(written + mark).strip(): unicodedata.normalize("NFC", letter + tone) for mark, tone in marks}
    small |= _VNI_ALONE
    return small | {written.upper(): letter.upper() for written, letter in small.items()}


VNI = _vni_table()
_VNI_LETTER = re.compile("|".join(sorted(map(re.escape, VNI), key=len, reverse=True)))
# After a capital the mark is a capital too, but hands slip: any case of the mark is read.
_VNI_PAIR = re.compile("([aeouyôöAEOUYÔÖ])([âáàåãäêéèúüëùøûõïÂÁÀÅÃÄÊÉÈÚÜËÙØÛÕÏ])")


def from_tcvn3(text: str, *, upper: bool = False) -> str:
    """Return the Unicode of a text typed in a .VnTime font; `upper` for its sister .VnTimeH."""
    decoded = unicodedata.normalize("NFC", text.translate(_TCVN3_TABLE))
    return decoded.upper() if upper else decoded


def from_vni(text: str) -> str:
    """Return the Unicode of a text typed in a VNI font."""
    in_one_case = _VNI_PAIR.sub(
        lambda pair: pair[1] + (pair[2].upper() if pair[1].isupper() else pair[2].lower()), text
    )
    return _VNI_LETTER.sub(lambda found: VNI[found[0]], in_one_case)


# --- which of them, if any ---------------------------------------------------------------------------

_ONSETS = "b|ch?|d|đ|gh?|gi|h|kh?|l|m|ngh?|nh?|ph?|qu|r|s|th?|tr|v|x"
_RHYMES = (
    "a(?:ch?|i|m|nh?|ng|o|p|t|u|y)?|ă(?:c|k|m|ng?|p|t)|â(?:c|m|ng?|p|t|u|y)|e(?:c|m|ng?|o|p|t)?|ê(?:ch|m|nh?|p|t|u)?"
    "|i(?:a|ch|m|nh?|p|t|u)?|[iy]ê(?:c|m|ng?|p|t|u)|o(?:c|i|m|ng?|p|t|oc|ong)?|ô(?:c|i|m|ng?|p|t)?|ơ(?:i|m|n|p|t)?"
    "|u(?:a|c|i|m|ng?|p|t)?|ư(?:a|c|i|m|ng?|t|u)?|uô(?:c|i|m|ng?|t)|ươ(?:c|i|m|ng?|p|t|u)|y"
    "|oa(?:ch?|i|m|nh?|ng|o|p|t|y)?|oă(?:c|m|ng?|t)|oe(?:n|o|t)?|uâ(?:c|ng?|t|y)|uê(?:ch|nh)?|uơ|uy(?:a|ch|nh?|p|t|u|ên|êt)?"
)
_SYLLABLE = re.compile(f"(?:{_ONSETS})?(?:{_RHYMES})")
_STOPPED = re.compile(".*(?:c|ch|p|t)")  # such syllables bear only sắc or nặng
_TONE = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_WORD = re.compile(r"[^\s\x00-\x40\x5b-\x60\x7b-\x7f–—…“”‘’•\u00a0]+")
_FEWEST_WORDS = 3  # different words; fewer could be a stray name in another language
_SHARE = 0.85  # of the words that must read as Vietnamese once decoded; names of peoples' own tongues do not


@lru_cache(maxsize=1 << 14)
def is_syllable(word: str) -> bool:
    """Whether a word, in Unicode, is built as a Vietnamese syllable is."""
    spelled = unicodedata.normalize("NFD", word.lower())
    tones = _TONE.findall(spelled)
    bare = unicodedata.normalize("NFC", _TONE.sub("", spelled))
    if len(tones) > 1 or not _SYLLABLE.fullmatch(bare):
        return False
    return not _STOPPED.fullmatch(bare) or (tones in (["\u0301"], ["\u0323"]))


def _telling_words(text: str) -> set[str]:
    """Return the words that an old font would have changed; none if the text is proper Unicode for sure."""
    words = {word for word in _WORD.findall(text) if not word.isascii()}
    return set() if any(max(word) > "\xff" for word in words) else words


def _share(words: set[str], decode: Callable[[str], str]) -> float:
    return sum(is_syllable(decode(word)) for word in words) / len(words)


def _looks(text: str, decode: Callable[[str], str]) -> bool:
    words = _telling_words(text)
    return bool(words) and _share(words, decode) >= _SHARE > _share(words, str)


def looks_tcvn3(text: str) -> bool:
    """Whether one text reads as Vietnamese in TCVN3 and not as it stands; short texts can deceive."""
    return _looks(text, from_tcvn3)


def looks_vni(text: str) -> bool:
    """Whether one text reads as Vietnamese in VNI and not as it stands; short texts can deceive."""
    return _looks(text, from_vni)


def legacy_encoding(texts: Iterable[str]) -> LegacyEncoding:
    """Return the old encoding in which the texts of one file are typed, "" for none.

    Texts with a letter beyond Latin-1 are Unicode and have no say, so a form with Unicode labels and
    answers typed in an old font is recognised as well: decode then only what `looks_tcvn3` or `looks_vni`.
    """
    words = {word for text in texts for word in _telling_words(text)}
    if len(words) < _FEWEST_WORDS or _share(words, str) > 0.5:
        return ""
    share, encoding = max((_share(words, from_tcvn3), "tcvn3"), (_share(words, from_vni), "vni"))
    if share < _SHARE:
        return ""
    return "tcvn3" if encoding == "tcvn3" else "vni"


# --- decoding what is known to be typed so --------------------------------------------------------------

_SMALL_CAPITALS = frozenset({".vntimeh", ".vnarialh"})


def encoding_of_font(name: str) -> tuple[LegacyEncoding, bool]:
    """Return in which old encoding texts in a font are typed ("" for none), and whether it shows capitals only."""
    small = name.strip().lower()
    if small.startswith(".vn"):
        return "tcvn3", name.strip().endswith("H") or small in _SMALL_CAPITALS
    return ("vni" if small.startswith(("vni-", "vni ")) else ""), False


def is_beyond_latin(text: str) -> bool:
    """Whether a text has a word with a letter that no old font's text can have: it is Unicode for sure."""
    return any(max(word) > "\xff" for word in _WORD.findall(text))


def decode_in_font(text: str, font: str) -> str:
    """Return the Unicode of a text in a cell of some font; the font decides, but against what plainly is Unicode.

    Old templates keep their font when a later hand types Unicode into them: such a text has letters beyond
    Latin-1, or reads as Vietnamese as it stands and does not once decoded.
    """
    encoding, is_upper = encoding_of_font(font)
    if not encoding or is_beyond_latin(text):
        return text
    words = _telling_words(text)
    decoded = _decoder(encoding)(text)
    if words and _share(words, str) > _share(words, _decoder(encoding)):
        return text
    return decoded.upper() if is_upper else decoded


def decode_in_file(text: str, encoding: LegacyEncoding, *, is_mixed: bool) -> str:
    """Return the Unicode of a text in a file that `legacy_encoding` recognised.

    Args:
        text: of one cell.
        encoding: of the file.
        is_mixed: whether other texts of the file are Unicode for sure; then a doubtful one is left alone.
    """
    words = _telling_words(text)
    if not words or not encoding:
        return text
    before, after = _share(words, str), _share(words, _decoder(encoding))
    return _decoder(encoding)(text) if after > before or (after == before and not is_mixed) else text


def _decoder(encoding: LegacyEncoding) -> Callable[[str], str]:
    return from_tcvn3 if encoding == "tcvn3" else from_vni
