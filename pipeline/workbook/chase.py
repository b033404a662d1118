"""The chase list: whom to call, by who chases them, with what is wrong and what to do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from . import look
from .book import Book
from .cells import has_hour, moments_of, records, text_of, values_of
from .listing import HEADER_ROW, Column, at_hand, write_list
from .lists import above_top


def write_chase(book: Book) -> None:
    """Write the round's filing units that are missing, rejected or queried, by monitor, then in the tree's order."""
    sheet = book.add_sheet("chase", header_row=HEADER_ROW)
    book.head(sheet, "chase")
    columns = [
        Column(book.say("col_monitor"), 132),
        Column(book.say("col_parent"), 210),
        Column(book.say("col_unit"), 160),
        Column(book.say("col_unit_code"), book.code_width, "code"),
        Column(book.say("col_flag"), 108, "mark"),
        Column(book.say("col_due"), 74, "code"),
        Column(book.say("col_overdue"), 56, "count"),
        Column(book.say("col_came"), 108),
        Column(book.say("col_wrong"), 300),
        Column(book.say("col_fix"), 230),
        Column(book.say("col_email"), 190),
    ]
    rows = _rows(book)
    above, here = HEADER_ROW + 1, HEADER_ROW + 2  # of the first unit, counted from 1 as formulas do
    groups = ((f"=$A{here}<>$A{above}", look.RED), (f"=$B{here}<>$B{above}", "#A9A39E"))  # monitor, then parent
    write_list(book, sheet, "chase", columns, at_hand(rows, len(columns)), groups)


def _rows(book: Book) -> list[tuple[Any, ...]]:
    result = book.result
    units = book.chased
    due = result.campaign.round(result.focus).deadline
    last_day = due.last_day()
    overdue = max(0, (result.as_of.astimezone(due.ends().tzinfo) - due.ends() + timedelta(days=1)).days)
    wrong, fix = _faults(book)
    came = _received(book, set(units.index))
    rows = [
        (
            text_of(unit.monitor), above_top(unit.path), unit.unit_name, code, unit.flag,
            f"{last_day:%d/%m/%Y}", (overdue or None) if unit.flag != "queried" else None, came.get(code, ""),
            wrong.get(code, "") or book.say(f"chase_{unit.flag}"), fix.get(code, "") or book.say(f"do_{unit.flag}"),
            text_of(unit.email),
        )
        for code, unit in zip(units.index, records(units), strict=True)
    ]  # fmt: skip
    monitors = {name: place for place, name in enumerate(dict.fromkeys(row[0] for row in rows))}
    return sorted(rows, key=lambda row: (row[0] == "", monitors[row[0]]))  # stable: the tree's order within a monitor


def _faults(book: Book) -> tuple[dict[str, str], dict[str, str]]:
    """Return what is wrong with each unit and what to do, a line for each finding, errors first."""
    findings = book.open_findings.sort_values("severity", kind="stable")
    wrong: dict[str, list[str]] = {}
    fix: dict[str, list[str]] = {}
    for code, message, to_do in zip(
        *(values_of(findings[name]) for name in ("unit_code", "message", "fix")), strict=True
    ):
        wrong.setdefault(code, []).append(text_of(message))
        fix.setdefault(code, []).append(text_of(to_do))
    return {c: "\n".join(lines) for c, lines in wrong.items()}, {
        c: "\n".join(dict.fromkeys(line for line in lines if line)) for c, lines in fix.items()
    }


def _received(book: Book, units: set[str]) -> dict[str, str]:
    """Return when the newest report of each of these units came, with a word where it came late."""
    result = book.result
    files = result.files[(result.files["round"] == result.focus) & (result.files["status"] == "rejected")]
    sources = result.sources[result.sources["round"] == result.focus]
    last: dict[str, datetime] = {}
    for table in (sources, files):
        for code, when in zip(values_of(table["unit_code"]), moments_of(table["received_at"]), strict=True):
            if when and code in units and (code not in last or when > last[code]):
                last[code] = when
    ends = result.campaign.round(result.focus).deadline.ends().replace(tzinfo=None)
    late = f"\n{book.term('late')}"
    shown = {code: f"{when:%d/%m/%Y %H:%M}" if has_hour(when) else f"{when:%d/%m/%Y}" for code, when in last.items()}
    return {code: f"{shown[code]}{late if when >= ends else ''}" for code, when in last.items()}
