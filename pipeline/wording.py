"""Findings -> rows with their place, what is wrong and what to do, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from schemas.campaign import Campaign
from schemas.findings import say
from schemas.records import Finding, Received
from schemas.totals import FINDINGS
from schemas.words import WORDS, word

_ORDER = {"error": 0, "query": 1, "info": 2}


def titles(campaign: Campaign, language: str) -> dict[str, str]:
    """Return what each item is called: from the catalogue, or as the plan names its grades and documents."""
    own = {part.field: part.name for part in campaign.grades} | {part.field: part.name for part in campaign.documents}
    return {key: word(key, language) for key in WORDS} | own


def in_words(finding: Finding, names: Mapping[str, str], language: str) -> tuple[str, str]:
    """Return (what is wrong, what to do) of a finding."""
    note = finding.note
    values = {"cell": note.cell, "sheet": note.sheet, "value": note.value}
    values["label"] = names.get(note.field, note.field)
    for key, text in note.detail:
        if key.endswith("_key"):
            values[key.removesuffix("_key")] = word(text, language)
        elif key == "what":
            values[key] = ", ".join(
                word(f"repair_{part.strip()}", language) for part in text.split(",") if part.strip()
            )
        elif key == "candidates":
            values[key] = word("candidates", language, units=text) if text else ""
        elif key != "label":
            values[key] = text
    return say(note.code, language, **values)


def findings_table(
    findings: Sequence[Finding],
    received: Sequence[Received],
    order: Mapping[str, int],
    campaign: Campaign,
    language: str,
) -> pd.DataFrame:
    """Return findings.csv: errors first, then queries and infos, each in the registry's order.

    Args:
        findings: of every step.
        received: what their `file` numbers point to.
        order: position of each unit in the registry.
        campaign: names its own items.
        language: "vi" or "en".
    """
    names = titles(campaign, language)
    rows = []
    for finding in findings:
        note = finding.note
        thing = received[finding.file] if finding.file >= 0 else None
        message, fix = in_words(finding, names, language)
        key = (_ORDER[finding.severity], order.get(finding.unit_code, -1), finding.round, thing.file if thing else "",
               thing.member if thing else "", note.sheet, note.row, note.code, note.field, note.cell)  # fmt: skip
        rows.append(
            (key, (finding.severity, note.code, thing.file if thing else "", thing.member if thing else "", note.sheet,
                   note.cell, finding.unit_code, finding.round, note.field, note.value, message, fix))
        )  # fmt: skip
    rows.sort(key=lambda row: row[0])
    return pd.DataFrame([row for _, row in rows], columns=list(FINDINGS), dtype="str")
