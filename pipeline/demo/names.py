"""Names and texts for made-up campaigns: names.toml, and how they are put together."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path
from typing import Any, Final

_ALL: Final[dict[str, Any]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

DISTRICTS: Final[list[dict[str, Any]]] = _ALL["districts"]
UNITS: Final[dict[str, Any]] = _ALL["units"]
MAILS: Final[dict[str, Any]] = _ALL["mails"]
OFFICIAL: Final[dict[str, str]] = _ALL["official"]
LISTS: Final[dict[str, Any]] = _ALL["lists"]
_PEOPLE: Final[dict[str, list[str]]] = _ALL["people"]
_TEXTS: Final[dict[str, list[str]]] = _ALL["texts"]


def chance(*of: object) -> random.Random:
    """Return a source of chance that is the same for the same arguments, on every machine."""
    return random.Random("/".join(map(str, of)))  # noqa: S311 - made-up data, nothing secret


def person(rng: random.Random) -> str:
    """Return a made-up name."""
    return " ".join(rng.choice(_PEOPLE[part]) for part in ("family", "middle", "given"))


def free_text(rng: random.Random, item: str) -> str:
    """Return a made-up assessment or proposals: two or three sentences, proposals one a line."""
    sentences = _TEXTS[item]
    chosen = [sentences[at] for at in sorted(rng.sample(range(len(sentences)), rng.randint(1, 3)))]
    return " ".join(chosen) if item == "assessment" else "\n".join(f"- {text}" for text in chosen)
