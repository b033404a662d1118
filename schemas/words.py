"""Every word that branches and leaders read, beside the findings: catalogue/words.toml, in vi and en."""

from __future__ import annotations

import tomllib
from pathlib import Path

_PATH = Path(__file__).parent / "catalogue" / "words.toml"
WORDS: dict[str, tuple[str, str]] = {
    key: (entry["vi"], entry["en"]) for key, entry in tomllib.loads(_PATH.read_text(encoding="utf-8")).items()
}


def word(key: str, language: str, **values: object) -> str:
    """Return a word or sentence in a language, its {placeholders} filled.

    Raises:
        KeyError: the key is not in the catalogue, or a placeholder is not filled.
    """
    vi, en = WORDS[key]
    text = vi if language == "vi" else en
    return text.format(**values) if values else text
