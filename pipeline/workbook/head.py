"""The head and foot of the overview, laid out as a Party paper: who issues it, what it is, who signs."""

from __future__ import annotations

from schemas.campaign import VIETNAM

from . import look
from .cells import clean
from .dates import due_words, paper_day
from .grid import Page, Span
from .measure import lines

_SIGNERS_ROWS = 3


def write_head(page: Page) -> int:
    """Write the head from row 0; returns the first row below it."""
    book, issuer = page.book, page.book.result.campaign.issuer
    left, _, right = page.grid.split(page.grid.across, (36, 28, 36))
    plain = book.format(font_name=look.SERIF, font_size=12, align="center", shrink=True)
    bold = book.format(font_name=look.SERIF, font_size=12, bold=True, align="center", shrink=True)
    italic = book.format(font_name=look.SERIF, font_size=12, italic=True, align="center")
    party = book.format(font_name=look.SERIF, font_size=12, bold=True, underline=1, align="center")
    day = book.result.as_of.astimezone(VIETNAM).date()
    page.text(0, left, issuer.superior, plain)
    page.text(0, right, book.say("party"), party)
    page.text(1, left, issuer.name, bold)
    page.text(1, right, f"{issuer.place}, {paper_day(book, day)}", italic)
    page.text(2, left, "*", plain)
    for row, pixels in ((0, 20), (1, 20), (2, 14)):
        page.height(row, pixels)
    if not issuer.number:
        return _write_title(page, 3)
    page.text(3, left, issuer.number, plain)
    page.height(3, 20)
    return _write_title(page, 4)


def _write_title(page: Page, row: int) -> int:
    book, campaign = page.book, page.book.result.campaign
    across = page.grid.across
    title = {"font_name": look.SERIF, "bold": True, "align": "center", "text_wrap": True}
    page.text(row, across, book.say("report"), book.format(font_size=17, font_color=look.RED, **title))
    page.height(row, 26)
    page.text(row + 1, across, campaign.title, book.format(font_size=14, **title))
    page.height(row + 1, 22 * lines(campaign.title, page.grid.width(across), 14))
    deadline = campaign.round(book.result.focus).deadline
    said = campaign.title.casefold()
    line = " · ".join(part for part in (campaign.resolution, campaign.plan) if part and part.casefold() not in said)
    small = {"font_name": look.SERIF, "font_size": 11, "align": "center", "text_wrap": True}
    row += 2
    if line:
        page.text(row, across, line, book.format(**small, italic=True))
        page.height(row, 18 * lines(line, page.grid.width(across), 11))
        row += 1
    line = f"{book.round_name()} – {due_words(book, deadline)} · {book.as_of_line()}"
    page.text(row, across, line, book.format(**small, bold=True))
    page.height(row, 20)
    page.height(row + 1, 8)
    return row + 2


def write_signature(page: Page, row: int, span: Span) -> int:
    """Write who signs, with room for the signature; returns the first row below it."""
    issuer = page.book.result.campaign.issuer
    cell = page.book.format(font_name=look.SERIF, font_size=12, bold=True, align="center", valign="top", text_wrap=True)
    last = row + _SIGNERS_ROWS - 1  # rows are as tall as the table beside them needs, too low for this size of letters
    page.sheet.merge_range(row, span.first, last, span.last, "", cell)
    page.sheet.write_string(row, span.first, clean(f"{issuer.signed_for}\n{issuer.signer}"), cell)
    return last + 1


def write_recipients(page: Page, row: int, span: Span) -> int:
    """Write to whom the paper goes, where the campaign says; returns the first row below."""
    recipients = page.book.result.campaign.issuer.recipients
    if not recipients:
        return row
    book, serif = page.book, {"font_name": look.SERIF, "indent": 1}
    page.height(row, 6)
    page.text(row + 1, span, book.say("recipients"), book.format(font_size=11, bold=True, italic=True, **serif))
    for place, name in enumerate(recipients, row + 2):
        page.text(place, span, f"- {name}", book.format(font_size=10, **serif))
        page.height(place, 17)
    return row + 2 + len(recipients)
