"""Days and deadlines in words, as official papers write them."""

from __future__ import annotations

from datetime import date

from schemas.campaign import Deadline

from .book import Book

_FIRST_WITH_TWO_DIGITS = 10
_MONTHS_WITH_ZERO = 2


def short_day(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"


def paper_day(book: Book, day: date) -> str:
    """Return the day at the head of a paper: a zero before days under 10 and before January and February."""
    if book.language != "vi":
        return f"{day.day} {book.say('months').split()[day.month - 1]} {day.year}"
    two = f"0{day.day}" if day.day < _FIRST_WITH_TWO_DIGITS else str(day.day)
    month = f"0{day.month}" if day.month <= _MONTHS_WITH_ZERO else str(day.month)
    return book.say("paper_day", day=two, month=month, year=day.year)


def due_words(book: Book, deadline: Deadline) -> str:
    """Return by when, in the plan's two ways of saying it: the day itself counts, or it does not."""
    return book.say("due_on" if deadline.day_counts else "due_before", day=short_day(deadline.date))
