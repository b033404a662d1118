"""How texts are compared: by their words, in small letters, each with its tone where the old style puts it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import product

from schemas.vietnamese import repair

_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=4096)
def _word_key(word: str) -> str:
    if word.isascii():
        return word
    from viet_text_tools import normalize_diacritics  # it asks for its own version on import, which takes long

    return str(normalize_diacritics(word))


@lru_cache(maxsize=1 << 13)
def repaired(text: str) -> str:
    """Return a text as it was meant; kept, since every question about a text begins with it."""
    return repair(text)[0]


@lru_cache(maxsize=1 << 13)
def label_key(text: str) -> str:
    """Return the form in which labels are compared: lower case, one tone style, words only."""
    return " ".join(map(_word_key, _WORD.findall(repaired(text).casefold())))


def first_word(text: str) -> str:
    """Return the first word of a repaired text's key; "" where there is none."""
    found = _WORD.search(text)
    return _word_key(found[0].casefold()) if found else ""


def alternatives(pattern: str) -> Iterator[str]:
    """Yield every label that a pattern of forms/*.toml stands for: (a|b|) is a, b or nothing."""
    parts = re.split(r"\(([^()]*\|[^()]*)\)", pattern)
    choices = [part.split("|") if place % 2 else [part] for place, part in enumerate(parts)]
    return (" ".join("".join(chosen).split()) for chosen in product(*choices))


class Keys(frozenset[str]):
    """Keys to look for in longer ones.

    Attributes:
        firsts: the first word of each; nearly every text is told by them to hold none.
        single: those of one word.
        several: the others, each with the spaces around it.
        longest: characters of the longest.
    """

    firsts: frozenset[str]
    single: frozenset[str]
    several: tuple[str, ...]
    longest: int

    def __new__(cls, known: Iterable[str]) -> Keys:
        made = super().__new__(cls, known)
        made.firsts = frozenset(key.partition(" ")[0] for key in made)
        made.single = frozenset(key for key in made if " " not in key)
        made.several = tuple(f" {key} " for key in sorted(made - made.single))
        made.longest = max(map(len, made), default=0)
        return made


def keys(patterns: Iterable[str]) -> Keys:
    """Return the keys of everything that some patterns stand for."""
    return Keys({label_key(label) for pattern in patterns for label in alternatives(pattern)} - {""})


def begins(key: str, heads: Keys) -> bool:
    """Whether a key begins with one of some others, word by word; a cell may hold a million, and no head does."""
    end = key.find(" ")
    if end < 0:
        return key in heads
    if key[:end] not in heads.firsts:
        return False
    while 0 <= end <= heads.longest:
        if key[:end] in heads:
            return True
        end = key.find(" ", end + 1)
    return key in heads


def contains(key: str, words: Keys) -> bool:
    """Whether one of some keys stands in another, word by word."""
    parts = key.split()
    if not words.single.isdisjoint(parts):
        return True
    if words.firsts.isdisjoint(parts):
        return False
    padded = f" {key} "
    return any(word in padded for word in words.several)


def end_of_words(text: str, count: int) -> int:
    """Return where the last of a text's first words ends."""
    return [word.end() for word, _ in zip(_WORD.finditer(text), range(count), strict=False)][-1]
