"""The register of proposals: each one once, who makes it, and what a person wrote beside it, run after run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from schemas.earlier import Answered
from schemas.likeness import alike, key_of
from schemas.vietnamese import sort_key

from .book import Book
from .listing import HEADER_ROW, Column, at_hand, write_list
from .opinions import Group, groups

_NAMED = 4  # units named one by one; more are counted by the unit below the top that they belong to
_PARTS = 5
_KEY_COLUMN = 8
_ANSWER_COLUMNS = (5, 6)


class Entry(NamedTuple):
    """One row: the proposal, who makes it (nobody any more where `units` is empty), and what a person wrote."""

    text: str
    key: str
    units: tuple[str, ...]
    rounds: tuple[str, ...]
    authority: str
    outcome: str


def entries(book: Book) -> list[Entry]:
    """Return the register: proposals of most units first, then what a person wrote beside proposals now gone."""
    found = groups(book.opinions.proposals)
    answered, gone = _placed(book, found)
    rows = []
    for group in found:
        told = answered.get(group.leader, [])
        authority, outcome = (_joined(told, place) for place in (1, 2))
        rows.append(Entry(group.leader, key_of(group.leader), group.units, group.rounds, authority, outcome))
    return rows + [Entry(a.text, key, (), (), a.authority, a.outcome) for key, a in gone]


def _placed(book: Book, found: Sequence[Group]) -> tuple[dict[str, list[Answered]], list[tuple[str, Answered]]]:
    """Return what persons wrote by the leader of its group, and what belongs to no group any more.

    Written beside one wording, it stays with the group that this wording is in, whichever wording leads it now.
    """
    of_key = {key_of(row.text): row.leader for row in book.opinions.proposals}
    leaders = [group.leader for group in found]
    placed: dict[str, list[Answered]] = {}
    gone: list[tuple[str, Answered]] = []
    for key, answered in sorted(book.result.earlier.register.items()):
        leader = of_key.get(key) or next((text for text in leaders if alike(answered.text, text)), None)
        if leader is not None:
            placed.setdefault(leader, []).append(answered)
        else:
            gone.append((key, answered))
    return placed, sorted(gone, key=lambda pair: sort_key(pair[1].text))


def _joined(told: list[Answered], place: int) -> str:
    return "; ".join(dict.fromkeys(answered[place] for answered in told if answered[place]))


def write_register(book: Book, listed: Sequence[Entry]) -> None:
    """Write the register; no sheet where the campaign does not ask for proposals and nobody wrote anything."""
    if not listed and "proposals" not in book.result.campaign.text_fields:
        return
    sheet = book.add_sheet("register", header_row=HEADER_ROW)
    book.head(sheet, "register", every_round=True)
    if book.result.earlier.kept_aside:
        lost = book.say("register_lost", file=book.result.earlier.kept_aside)
        sheet.write_string(2, 0, lost, book.format(font_size=9, bold=True, font_color="#A31F1B"))
    columns = [
        Column(book.say("col_number"), 40, "count"),
        Column(book.say("col_proposal"), 400),
        Column(book.say("col_unit_count"), 62, "count"),
        Column(book.say("col_who"), 270),
        Column(book.say("col_round"), 48),
        Column(book.say("col_authority"), 190, "answer"),
        Column(book.say("col_settled"), 250, "answer"),
        Column(book.say("col_remark"), 130),
        Column(book.say("col_key"), 90, "code", is_printed=False),
    ]
    within = _districts(book)
    rows = [_row(book, number, entry, within) for number, entry in enumerate(listed, 1)]
    for written in write_list(book, sheet, "register", columns, at_hand(rows, len(columns))):
        written.set_column(_KEY_COLUMN, _KEY_COLUMN, None, None, {"hidden": True})


def _row(book: Book, number: int, entry: Entry, within: dict[str, str]) -> tuple[Any, ...]:
    who = _who(book, entry.units, within) if entry.units else ""
    remark = "" if entry.units else book.say("register_gone")
    rounds = ", ".join(sorted(entry.rounds))
    return (
        number, entry.text, len(entry.units) or None, who, rounds, entry.authority, entry.outcome, remark, entry.key,
    )  # fmt: skip


def _who(book: Book, units: Sequence[str], within: dict[str, str]) -> str:
    """Return who says it: a few units by name, many by the unit below the top that they belong to."""
    if len(units) <= _NAMED:
        return "; ".join(_full_name(book, code) for code in units)
    parts = [(book.unit_name(code), units) for code, units in Counter(within[code] for code in units).most_common()]
    told = [f"{name}\u00a0({book.number(count)})" if count > 1 else name for name, count in parts[:_PARTS]]
    if len(parts) > _PARTS:
        told.append(book.say("and_more", units=book.number(len(parts) - _PARTS)))
    return ", ".join(told)


def _full_name(book: Book, code: str) -> str:
    parent = book.parents[code]
    name = book.unit_name(code)
    return name if parent in ("", book.top) else f"{name} ({book.unit_name(parent)})"


def _districts(book: Book) -> dict[str, str]:
    """Return for each unit the one directly below the top that it belongs to; itself for those and the top."""
    tree = book.result.tree
    within: dict[str, str] = {}
    for code, parent, depth in zip(
        tree.index.tolist(), tree["parent_code"].tolist(), tree["depth"].tolist(), strict=True
    ):
        within[code] = code if depth <= 1 else within[parent]
    return within
