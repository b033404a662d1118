"""What needs attention, in words: the few things that a leader should know or have done."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from schemas.words import word

from . import look
from .book import Book
from .change_list import moment_of, summary_of
from .changes import Change
from .dates import due_words
from .grid import Page
from .measure import LINE, lines, row_height
from .opinions import groups
from .register import Entry
from .tree import Tree

_NAMED = 3  # units named in a line
_FEWEST_COPIES, _SHARE_OF_COPIES = 5, 0.02  # units that sent the same words before a leader is told
_SHORTEST_COPIED = 30  # characters: everybody may write "good" without copying


class Point(NamedTuple):
    """One line: the mark it bears, what it says, and the sheet that has the details."""

    mark: str
    text: str
    sheet: str


class Told(NamedTuple):
    """What other sheets list, as far as the lines speak of it."""

    proposals: Sequence[Entry]
    changes: Sequence[Change]


def points(book: Book, tree: Tree, told: Told) -> list[Point]:
    """Return the lines, most pressing first; none where nothing is open."""
    found = (
        _units(book, tree, "missing"), _units(book, tree, "rejected"), _queried(book, tree), _unplaced(book),
        _declared(book), _outstanding(book, tree), _units(book, tree, "late"), _not_due(book, tree), _copied(book),
        _proposals(book, told.proposals), _not_applied(book), _changed(book, told.changes),
    )  # fmt: skip
    return [point for point in found if point is not None]


def write_attention(page: Page, row: int, told: Told) -> int:
    """Write the lines in the left block, each with a link to its details; returns the first row below."""
    book, span = page.book, page.grid.left
    page.heading(row, span, book.say("heading_attention"))
    page.height(row, 22)
    found = points(book, page.tree, told)
    if not found:
        page.text(row + 1, span, book.say("nothing_to_do"), book.format(font_size=10, indent=1))
        page.height(row + 1, 20)
        return row + 2
    text_span, link_span = page.grid.split(span, (86, 14))
    for place, point in enumerate(found, row + 1):
        mark = look.mark(point.mark)
        cell = book.format(font_size=10, indent=1, text_wrap=True)
        page.text(place, text_span, f"{mark.symbol}  {point.text}", cell)
        link = book.format(font_size=9, font_color=look.RED, underline=1, align="right")
        page.text(place, link_span, "", link)
        sheet = book.sheet_name(point.sheet)
        page.sheet.write_url(place, link_span.first, f"internal:'{sheet}'!A1", link, book.say("see", sheet=sheet))
        page.height(place, row_height(lines(f"{mark.symbol}  {point.text}", page.grid.width(text_span) - 2 * LINE, 10)))
    return row + 1 + len(found)


def _top(book: Book, tree: Tree, field: str) -> int:
    return int(tree.value(book.top, field) or 0)


def _most(book: Book, tree: Tree, field: str) -> str:
    """Return the units below the top that have most of something: "; nhiều nhất: A (21), B (15)"."""
    below = [(code, int(tree.value(code, field) or 0)) for code in book.below_top]
    concerned = sorted((pair for pair in below if pair[1]), key=lambda pair: -pair[1])
    largest = concerned[:_NAMED]
    if not largest or len(below) == 1:
        return ""
    names = ", ".join(f"{book.unit_name(code)}\u00a0({book.number(count)})" for code, count in largest)
    if len(concerned) <= _NAMED:
        return book.say("all_in", names=names)
    is_tied = concerned[_NAMED][1] == largest[0][1]  # then none of those named has most
    return book.say("among_them" if is_tied else "most_in", names=names)


def _units(book: Book, tree: Tree, flag: str) -> Point | None:
    units = _top(book, tree, flag)
    text = book.say(f"point_{flag}", units=book.number(units), most=_most(book, tree, flag))
    return Point(flag, text, "tree" if flag == "late" else "chase") if units else None


def _queried(book: Book, tree: Tree) -> Point | None:
    units = _top(book, tree, "queried")
    if not units:
        return None
    findings = book.open_findings
    waiting = set(book.chased.query("flag == 'queried'").index)
    queries = int((findings["unit_code"].isin(waiting) & (findings["severity"] == "query")).sum())
    values = {"units": book.number(units), "queries": book.number(queries), "most": _most(book, tree, "queried")}
    return Point("queried", book.say("point_queried", **values), "chase")


def _unplaced(book: Book) -> Point | None:
    files = int((book.result.files["status"] == "unidentified").sum())
    return Point("unidentified", book.say("point_unidentified", files=book.number(files)), "files") if files else None


def _declared(book: Book) -> Point | None:
    findings = book.open_findings
    units = findings.loc[findings["code"] == "declared_total_differs", "unit_code"].drop_duplicates().tolist()
    if not units:
        return None
    names = ", ".join(book.unit_name(code) for code in units[:_NAMED]) + (", …" if len(units) > _NAMED else "")
    return Point("query", book.say("point_declared", units=book.number(len(units)), names=names), "findings")


def _outstanding(book: Book, tree: Tree) -> Point | None:
    if not book.result.campaign.has_required_writers:
        return None
    persons = _top(book, tree, "outstanding")
    text = book.say("point_outstanding", persons=book.number(persons), most=_most(book, tree, "outstanding"))
    return Point("outstanding", text, "tree") if persons else None


def _not_due(book: Book, tree: Tree) -> Point | None:
    units = _top(book, tree, "not_due")
    due = due_words(book, book.result.campaign.round(book.result.focus).deadline)
    return Point("not_due", book.say("point_not_due", units=book.number(units), due=due), "tree") if units else None


def _copied(book: Book) -> Point | None:
    """Assessments that many units of the round sent alike: copied, most likely."""
    focus = book.result.focus
    said = [row for row in book.opinions.texts if row.item == "assessment" and row.round == focus]
    large = max(_FEWEST_COPIES, math.ceil(_SHARE_OF_COPIES * len(said)))
    found = [group for group in groups(said) if len(group.units) >= large and len(group.leader) >= _SHORTEST_COPIED]
    if not found:
        return None
    units, most = (book.number(count) for count in (sum(len(g.units) for g in found), len(found[0].units)))
    key = "point_copied" if len(found) == 1 else "point_copied_groups"
    return Point("query", book.say(key, units=units, groups=book.number(len(found)), most=most), "texts")


def _proposals(book: Book, listed: Sequence[Entry]) -> Point | None:
    made = [entry for entry in listed if entry.units]
    if not made:
        return None
    units = len({unit for entry in made for unit in entry.units})
    unanswered = sum(not entry.authority for entry in made)
    values = {"proposals": len(made), "units": units, "open": unanswered}
    key = "point_proposals" if unanswered else "point_proposals_answered"
    return Point("info", book.say(key, **{name: book.number(value) for name, value in values.items()}), "register")


def _not_applied(book: Book) -> Point | None:
    """Rulings that matched nothing, or lacked something: their outcome is in words already."""
    decisions = book.result.decisions
    if "outcome" not in decisions.columns:
        return None
    rulings = int((decisions["outcome"] != word("outcome_applied", book.language)).sum())
    return Point("query", book.say("point_not_applied", rulings=book.number(rulings)), "decisions") if rulings else None


def _changed(book: Book, changes: Sequence[Change]) -> Point | None:
    if not any(change.since == "run" for change in changes):
        return None
    text = book.say("point_changed", moment=moment_of(book), told=summary_of(book, changes))
    return Point("superseded", text, "changes")
