"""Which figures a campaign shows, in what order, under which short titles: one list for all sheets."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.campaign import Campaign

from .book import Book

STATUSES = ("expected", "complete", "queried", "rejected", "missing", "not_due", "late")


@dataclass(frozen=True, slots=True)
class Figure:
    """A column of figures.

    `kind` is "status" (units, never blank), "count" (blank where nobody reported) or "rate" (a share, blank
    where undefined). A rate is `part` over `whole`, sums of the columns named.
    """

    field: str
    title: str
    kind: str
    part: tuple[str, ...] = ()
    whole: str = ""


def statuses(book: Book) -> list[Figure]:
    """Return the columns that count units, with the coverage they make."""
    figures = [Figure(name, book.say(f"col_{name}"), "status") for name in STATUSES]
    coverage = Figure("coverage", book.say("col_coverage"), "rate", ("complete", "queried"), "expected")
    return [figures[0], coverage, *figures[1:]]


def counts(book: Book, campaign: Campaign) -> list[Figure]:
    """Return the columns of what was reported and asked for, each rate after its count."""
    asked = campaign.count_fields
    figures = [_count(book, "members")]
    if "attendees" in asked:
        figures += [_count(book, "attendees"), _rate(book, "attendance_rate", "attendees", "members")]
    if "reflections" in asked:
        figures.append(_count(book, "reflections"))
        if campaign.has_required_writers:
            figures += [
                _count(book, "required"),
                _rate(book, "reflection_rate", "reflections", "required"),
                _count(book, "outstanding"),
            ]
    return figures


def further(book: Book, campaign: Campaign) -> list[Figure]:
    """Return the columns that only the tree shows: guests, exemptions, grades, plan documents."""
    shown = {"members", "attendees", "reflections"}
    return [_count(book, name) for name in (*campaign.count_fields, *campaign.document_fields) if name not in shown]


def _count(book: Book, name: str) -> Figure:
    return Figure(name, book.short(name), "count")


def _rate(book: Book, name: str, part: str, whole: str) -> Figure:
    return Figure(name, book.short(name), "rate", (part,), whole)
