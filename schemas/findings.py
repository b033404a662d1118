"""The catalogue of findings: code -> severity, what is wrong, what to do, in Vietnamese and English.

The text is data (catalogue/findings.toml). An **error** keeps a tally from being counted; a **query**
leaves it counted, but its unit is not complete until a person confirms or corrects it; **info** is a
record. A campaign may change the severity of any code in [severity] of campaign.toml, or turn it off.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .campaign import Campaign, Severity


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of finding: its own severity, and its words with {placeholders}."""

    severity: Severity
    vi: str
    vi_fix: str
    en: str
    en_fix: str


def _load() -> dict[str, Kind]:
    path = Path(__file__).parent / "catalogue" / "findings.toml"
    return {code: Kind(**entry) for code, entry in tomllib.loads(path.read_text(encoding="utf-8")).items()}


CATALOGUE: dict[str, Kind] = _load()


class _Blank(dict[str, str]):
    """A placeholder that no step filled shows as nothing rather than stop a run."""

    def __missing__(self, key: str) -> str:
        return ""


def say(code: str, language: str, **values: str) -> tuple[str, str]:
    """Return (what is wrong, what to do) of a finding in a language."""
    kind = CATALOGUE[code]
    what, fix = (kind.vi, kind.vi_fix) if language == "vi" else (kind.en, kind.en_fix)
    filled = _Blank(values)
    return what.format_map(filled), fix.format_map(filled)


def severity(code: str, campaign: Campaign) -> Severity:
    """Return how a campaign takes a finding."""
    return campaign.severity.get(code, CATALOGUE[code].severity)
