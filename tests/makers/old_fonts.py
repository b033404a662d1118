"""Texts as they were typed for the fonts of before Unicode."""

from __future__ import annotations

from schemas.legacy_fonts import TCVN3, VNI

# The capitals with tones exist only in the sister font .VnTimeH, so those codes are never written.
TO_TCVN3 = {letter: code for code, letter in TCVN3.items() if letter.islower() or letter in "ĂÂÊÔƠƯĐ"}
TO_VNI = {letter: written for written, letter in VNI.items()}


def in_tcvn3(text: str) -> str:
    return "".join(TO_TCVN3.get(letter, letter) for letter in text)


def in_vni(text: str) -> str:
    return "".join(TO_VNI.get(letter, letter) for letter in text)
