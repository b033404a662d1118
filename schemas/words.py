"""Every word that branches and leaders read, beside the findings: catalogue/words.toml, in vi and en."""

from __future__ import annotations

import tomllib
from datetime import datetime
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


def hour_and_day(moment: datetime) -> str:
    """Return 08:30 27/04/2021; the day alone at midnight, which stands for a day of which no more is known."""
    return f"{moment:%d/%m/%Y}" if (moment.hour, moment.minute) == (0, 0) else f"{moment:%H:%M %d/%m/%Y}"
