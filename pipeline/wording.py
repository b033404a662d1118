"""Findings -> rows with their place, what is wrong and what to do, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from schemas.campaign import Campaign
from schemas.findings import say
from schemas.records import Finding, Received, question_id
from schemas.totals import FINDINGS
from schemas.words import WORDS, word

from .registry import Registry

_ORDER = {"error": 0, "query": 1, "info": 2}
_SHARES = ("rate", "threshold")  # in percent, noted with the comma of the language that most read


def titles(campaign: Campaign, language: str) -> dict[str, str]:
    """Return what each item is called: from the catalogue, or as the plan names its grades and documents."""
    own = {part.field: part.name for part in campaign.grades} | {part.field: part.name for part in campaign.documents}
    return {key: word(key, language) for key in WORDS} | own


def in_words(finding: Finding, names: Mapping[str, str], language: str) -> tuple[str, str]:
    """Return (what is wrong, what to do) of a finding."""
    note = finding.note
    values = {"cell": note.cell, "sheet": note.sheet, "value": note.value}
    label = names.get(note.field, note.field)
    values |= {"label": label, "item": label[:1].lower() + label[1:] if note.field in WORDS else label}
    for key, text in note.detail:
        if key.endswith("_key"):
            values[key.removesuffix("_key")] = word(text, language)
        elif key == "what":
            values[key] = ", ".join(
                word(f"repair_{part.strip()}", language) for part in text.split(",") if part.strip()
            )
        elif key == "candidates":
            values[key] = word("candidates", language, units=text) if text else ""
        elif key in _SHARES and language != "vi":
            values[key] = text.replace(",", ".")
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


_NO_QUESTION = frozenset(
    {"decision_stale", "decision_incomplete", "decision_refused", "decision_unfit", "decision_contradicted"}
)


def questions_table(
    findings: Sequence[Finding],
    received: Sequence[Received],
    registry: Registry,
    names: Mapping[str, str],
    language: str,
) -> pd.DataFrame:
    """Return what decisions.xlsx is to ask: every query, and every error of a form that was read.

    In the registry's order, so that an analyst goes through one district after the other.
    """
    order, units = registry.order, registry.of("unit_name")
    rows = {}
    for finding in findings:
        note, is_asked = (
            finding.note,
            finding.severity == "query" or (finding.severity == "error" and finding.tally >= 0),
        )
        if not is_asked or note.code in _NO_QUESTION:
            continue
        thing = received[finding.file] if finding.file >= 0 else None
        row = {
            "question": " ".join(in_words(finding, names, language)),
            "unit_code": finding.unit_code, "unit_name": units.get(finding.unit_code, ""), "round": finding.round,
            "file": thing.file if thing else "", "member": thing.member if thing else "", "sheet": note.sheet,
            "cell": note.cell, "item": names.get(note.field, note.field), "value": note.value, "line": note.row,
            "field": note.field, "code": note.code, "sha256": thing.sha256 if thing else "",
            "id": question_id(finding, thing.sha256 if thing else ""),
        }  # fmt: skip
        rows[row["id"]] = (order.get(finding.unit_code, -1), finding.round, row["file"], note.row, note.code, row)
    ordered = sorted(rows.values(), key=lambda entry: entry[:-1])
    return pd.DataFrame([entry[-1] for entry in ordered])
