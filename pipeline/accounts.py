"""What became of each thing received, each text and each counted tally: the tables that account for all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Protocol

import pandas as pd

from schemas.campaign import Campaign
from schemas.records import Finding, Received, TallyRow, TypedTally
from schemas.totals import FILES, TEXTS
from schemas.words import word

from .registry import Registry

_IGNORED = frozenset({"file_ignored", "file_other_document", "mail_without_workbook"})
# What a file of several tallies is called: the first of these that any of them is.
_FIRST = ("counted", "rejected", "unidentified", "superseded", "duplicate", "excluded")
_MAX_REASONS = 3


class Ruled(Protocol):
    """A person's rulings, as pipeline/decisions.py reads them."""

    @property
    def all(self) -> Sequence[Any]: ...
    @property
    def outcome(self) -> Mapping[int, str]: ...


def files_table(
    received: Sequence[Received],
    copies: Mapping[int, int],
    rows: Sequence[TallyRow],
    state: Mapping[int, str],
    reasons: Mapping[int, list[str]],
    file_reasons: Mapping[int, list[str]],
    findings: Sequence[Finding],
    registry: Registry,
    zone: tzinfo,
    language: str,
) -> pd.DataFrame:
    """Return files.csv and received_by, message_id, is_list: one row for each thing received, by file and member.

    Args:
        received: everything, in order of arrival.
        copies: copy -> the first arrival of the same bytes.
        rows: the tallies.
        state: what became of each tally.
        reasons: tally -> why, in words.
        file_reasons: thing received -> why, in words, where it is about the whole of it.
        findings: counted per thing received.
        registry: names the unit above the lines of a list.
        zone: in which times are shown.
        language: "vi" or "en".
    """
    of_file: dict[int, list[int]] = {}
    for tally, row in enumerate(rows):
        if state[tally] != "empty":
            of_file.setdefault(row.file, []).append(tally)
    errors, queries = _tallied(findings, "error"), _tallied(findings, "query")
    lines = []
    shown: dict[datetime, str] = {}  # much arrived at the same time, as its folder tells
    for number, thing in enumerate(received):
        tallies = of_file.get(copies.get(number, number), [])
        status = _status(thing, number in copies, [state[tally] for tally in tallies])
        if number in copies:
            first = received[copies[number]]
            reason = word("reason_duplicate", language, file=_name(first))
        else:
            reason = _reason(tallies, state, reasons, file_reasons.get(number, []), language)
        unit = _common([unit for tally in tallies if (unit := rows[tally].unit_code)], registry)
        named = {round_id for tally in tallies if (round_id := rows[tally].round)}
        at = thing.received_at
        moment = shown.get(at) or shown.setdefault(at, at.astimezone(zone).isoformat(timespec="seconds"))
        round_id = named.pop() if len(named) == 1 else ""
        what = (thing.file, thing.member, thing.sha256, thing.size_bytes, moment, thing.sender)
        found = (errors.get(number, 0), queries.get(number, 0))
        is_list = any(rows[tally].row for tally in tallies)
        lines.append((*what, unit, round_id, status, reason, *found, thing.received_by, thing.message_id, is_list))
    lines.sort(key=lambda line: line[:3])
    table = pd.DataFrame(lines, columns=[*FILES, "received_by", "message_id", "is_list"])
    return table.astype(dict.fromkeys(("size_bytes", "error_count", "query_count"), "Int64"))


def _tallied(findings: Sequence[Finding], how: str) -> dict[int, int]:
    counts: dict[int, int] = {}
    for finding in findings:
        if finding.severity == how and finding.file >= 0:
            counts[finding.file] = counts.get(finding.file, 0) + 1
    return counts


def _status(thing: Received, is_copy: bool, states: list[str]) -> str:
    if is_copy:
        return "duplicate"
    if thing.problem is not None:
        if thing.problem.code == "excluded_by_decision":
            return "excluded"
        return "ignored" if thing.problem.code in _IGNORED else "rejected"
    return next((status for status in _FIRST if status in states), "rejected")


def _reason(
    tallies: list[int], state: Mapping[int, str], reasons: Mapping[int, list[str]], of_file: list[str], language: str
) -> str:
    if of_file:
        return " ".join(of_file)
    if len(tallies) <= 1:
        return " ".join(reasons.get(tallies[0], [])[:_MAX_REASONS]) if tallies else ""
    counts: dict[str, int] = {}
    for tally in tallies:
        counts[state[tally]] = counts.get(state[tally], 0) + 1
    shown = ", ".join(f"{word(status, language)}: {counts[status]}" for status in _FIRST if status in counts)
    return word("reason_several", language, tallies=len(tallies), shown=shown)


def _common(units: list[str], registry: Registry) -> str:
    """Return the unit that all tallies of a file are of, or the one directly above them all."""
    distinct = set(units)
    if len(distinct) <= 1:
        return next(iter(distinct), "")
    above = {registry.parents[unit] for unit in distinct}
    if len(above) == 1:
        return str(above.pop())
    tops = [unit for unit in distinct if all(other == unit or registry.is_under(other, unit) for other in distinct)]
    return tops[0] if tops else ""


def _name(thing: Received) -> str:
    return f"{thing.file} › {thing.member}" if thing.member else thing.file


def texts_table(
    spoken: Sequence[int],
    rows: Sequence[TallyRow],
    tallies: Sequence[TypedTally],
    received: Sequence[Received],
    registry: Registry,
    campaign: Campaign,
) -> pd.DataFrame:
    """Return texts.csv: the assessments and proposals of the tallies that speak, verbatim, in the registry's order.

    Args:
        spoken: the counted tallies, and of each unit above the newest declared one that says any text.
        rows: what is known of each tally.
        tallies: their typed values.
        received: their files.
        registry: unit paths and order.
        campaign: which texts are compiled.
    """
    paths, order = registry.of("path"), registry.order
    lines = []
    for number in spoken:
        tally, row = tallies[number], rows[number]
        for item in campaign.text_fields:
            text = tally.values.get(item)
            if text:
                place = (_name(received[row.file]), tally.cells.get(item, ""))
                lines.append(
                    (order[row.unit_code], row.unit_code, paths[row.unit_code], row.round, item, str(text), *place)
                )
    lines.sort(key=lambda line: (line[0], line[3], line[4], line[6], line[7]))
    return pd.DataFrame([line[1:] for line in lines], columns=list(TEXTS), dtype="str")


def sources_table(
    rows: Sequence[TallyRow], state: Mapping[int, str], tallies: Sequence[TypedTally], received: Sequence[Received]
) -> pd.DataFrame:
    """Return where each counted tally stands: unit_code, round, file, member, sheet, row, received_at, late."""
    lines = []
    for number, what in state.items():
        if what == "counted":
            row, tally = rows[number], tallies[number]
            thing = received[row.file]
            place = (thing.file, thing.member, tally.sheet, row.row, thing.received_at)
            lines.append((row.unit_code, row.round, *place, row.is_late))
    lines.sort(key=lambda line: line[:2])
    columns = ["unit_code", "round", "file", "member", "sheet", "row", "received_at", "late"]
    return pd.DataFrame(lines, columns=columns)


def decisions_table(rulings: Ruled, language: str) -> pd.DataFrame:
    """Return a person's rulings and what became of each, in the order of decisions.xlsx."""
    columns = ["row", "decision", "outcome", "file", "field", "value", "new_value", "reason", "who", "ruled_on"]
    lines = []
    for r in rulings.all:
        outcome = word(f"outcome_{rulings.outcome[r.row]}", language)
        about = (r.file, r.field, r.value, r.new_value or r.place_unit)
        lines.append((r.row, word(f"ruling_{r.kind}", language), outcome, *about, r.reason, r.who, r.ruled_on))
    return pd.DataFrame(lines, columns=columns)
