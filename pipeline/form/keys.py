"""How texts are compared: by their words, in small letters, each with its tone where the old style puts it."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from functools import lru_cache
from itertools import product
from typing import Final

from schemas.vietnamese import repair

_WORD = re.compile(r"[^\W_]+")
_LONGEST_HEAD: Final = 500  # characters; the longest label of all forms has a third of it


@lru_cache(maxsize=4096)
def _word_key(word: str) -> str:
    if word.isascii():
        return word
    from viet_text_tools import normalize_diacritics  # it asks for its own version on import, which takes long

    return str(normalize_diacritics(word))


@lru_cache(maxsize=1 << 13)
def label_key(text: str) -> str:
    """Return the form in which labels are compared: lower case, one tone style, words only."""
    return " ".join(_word_key(word) for word in _WORD.findall(repair(text)[0].casefold()))


def first_word(text: str) -> str:
    """Return the first word of a repaired text's key; "" where there is none."""
    found = _WORD.search(text)
    return _word_key(found[0].casefold()) if found else ""


def alternatives(pattern: str) -> Iterator[str]:
    """Yield every label that a pattern of forms/*.toml stands for: (a|b|) is a, b or nothing."""
    parts = re.split(r"\(([^()]*\|[^()]*)\)", pattern)
    choices = [part.split("|") if place % 2 else [part] for place, part in enumerate(parts)]
    return (" ".join("".join(chosen).split()) for chosen in product(*choices))


def keys(patterns: Iterable[str]) -> frozenset[str]:
    """Return the keys of everything that some patterns stand for."""
    return frozenset(label_key(label) for pattern in patterns for label in alternatives(pattern)) - {""}


def begins(key: str, heads: Container[str]) -> bool:
    """Whether a key begins with one of some others, word by word; a cell may hold a million words, and no head does."""
    end = key.find(" ")
    while 0 <= end <= _LONGEST_HEAD:
        if key[:end] in heads:
            return True
        end = key.find(" ", end + 1)
    return key in heads


def contains(key: str, words: Iterable[str]) -> bool:
    padded = f" {key} "
    return any(f" {word} " in padded for word in words)


def end_of_words(text: str, count: int) -> int:
    """Return where the last of a text's first words ends."""
    return [word.end() for word, _ in zip(_WORD.finditer(text), range(count), strict=False)][-1]
