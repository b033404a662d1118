"""The sheet of changes: one row a change, since the run before and since the first round."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from schemas.campaign import VIETNAM

from . import look
from .book import Book
from .changes import Change
from .dates import short_day
from .listing import HEADER_ROW, Column, at_hand, write_list
from .lists import above_each

KINDS = (
    "arrived", "corrected", "confirmed", "queried", "rejected", "missing", "late", "moved", "uncounted", "joined",
    "left",
)  # fmt: skip


def write_changes(book: Book, changes: Sequence[Change]) -> None:
    """Write the changes; no sheet where there is nothing to compare with: no earlier run, no earlier round."""
    result = book.result
    if result.earlier.units.empty and result.focus == result.campaign.rounds[0].id:
        return
    sheet = book.add_sheet("changes", header_row=HEADER_ROW)
    book.head(sheet, "changes", every_round=True)
    if result.earlier.as_of:
        note = book.format(font_size=9, bold=True, font_color=look.INK)
        sheet.write_string(
            2, 0, book.say("changes_since", moment=moment_of(book), told=summary_of(book, changes)), note
        )
    columns = [
        Column(book.say("col_since"), 130),
        Column(book.say("col_parent"), 210),
        Column(book.say("col_unit"), 180),
        Column(book.say("col_unit_code"), book.code_width, "code"),
        Column(book.say("col_round"), 48),
        Column(book.say("col_change"), 150, "mark"),
        Column(book.say("col_item"), 150),
        Column(book.say("col_before"), 100, "value"),
        Column(book.say("col_after"), 100, "value"),
        Column(book.say("col_difference"), 72, "change"),
    ]
    above = above_each(book)
    rows = [_row(book, change, above) for change in changes]
    write_list(book, sheet, "changes", columns, at_hand(rows, len(columns)))


def summary_of(book: Book, changes: Sequence[Change]) -> str:
    """Return how many units have changed in what way since the run before: "12 mới gửi, 3 đã sửa"."""
    filing = {plan.id: book.result.filing(plan.id) for plan in book.result.campaign.rounds}
    units = Counter(
        kind
        for kind, _, _ in dict.fromkeys(
            (change.kind, change.unit, change.round)
            for change in changes
            if change.since == "run" and (change.unit in filing[change.round] or change.kind == "left")
        )
    )
    named = (f"{book.number(units[kind])} {book.term(f'change_{kind}').lower()}" for kind in KINDS if units[kind])
    return ", ".join(named) or book.say("no_change")


def moment_of(book: Book) -> str:
    """Return the moment of the run compared with."""
    as_of = book.result.earlier.as_of
    if as_of is None:
        return ""
    moment = as_of.astimezone(VIETNAM)
    return f"{moment:%H:%M} {short_day(moment.date())}"


def _row(book: Book, change: Change, above: dict[Any, str]) -> tuple[Any, ...]:
    first = book.result.campaign.rounds[0].id
    since = book.say("since_run", day=moment_of(book).split()[-1]) if change.since == "run" else book.round_name(first)
    is_flag = change.field == "flag"
    before, after = (book.term(value) if is_flag else value for value in (change.before, change.after))
    has_both = not is_flag and change.before is not None and change.after is not None
    item = book.say("col_flag") if is_flag else book.short(change.field) if change.field else ""
    unit = (above.get(change.unit, ""), change.name, change.unit, change.round)
    difference = change.after - change.before if has_both else None
    return (since, *unit, f"change_{change.kind}", item, before, after, difference)
