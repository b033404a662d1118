"""The headline figures of the overview, each with what it covers, and how the units stand."""

from __future__ import annotations

from dataclasses import dataclass, replace

from . import look
from .figures import STATUSES
from .grid import Page, Span


@dataclass(frozen=True, slots=True)
class Card:
    """One headline: a figure, perhaps a rate beside it, and two lines that say what it is of."""

    label: str
    field: str
    rate: str = ""
    note: str = ""
    coverage: str = ""


def write_cards(page: Page, row: int) -> int:
    """Write the headline figures over the whole width; returns the first row below them."""
    cards = _cards(page)
    for card, span in zip(cards, page.grid.split(page.grid.across, (1.0,) * len(cards), least=2), strict=True):
        _write_card(page, row, span, card)
    for place, pixels in enumerate((22, 30, 16, 18, 8)):
        page.height(row + place, pixels)
    return row + 5


def _cards(page: Page) -> list[Card]:
    """Return the headlines that the campaign asks for."""
    book, value, top = page.book, page.tree.value, page.book.top
    campaign = book.result.campaign
    asked = campaign.count_fields
    counted = value(top, "complete") + value(top, "queried")
    reported = book.say("reported", counted=book.number(counted), expected=book.number(value(top, "expected")))
    cards = [Card(book.say("card_coverage"), "coverage", note=reported, coverage=_silent(page))]
    cards.append(Card(book.say("card_members"), "members", coverage=_coverage(page, "members")))
    if "attendees" in asked:
        told = (book.say("of_members"), _coverage(page, "attendees"))
        cards.append(Card(book.say("card_attendees"), "attendees", "attendance_rate", *told))
    if "reflections" in asked:
        card = Card(book.say("card_reflections"), "reflections", coverage=_coverage(page, "reflections"))
        if campaign.has_required_writers:
            required = value(top, "required")
            note = book.say("of_required", required=book.number(required)) if required is not None else ""
            card = Card(card.label, card.field, "reflection_rate", note, card.coverage)
        cards.append(card)
    if campaign.has_required_writers:
        told = (book.say("unit_by_unit"), _coverage(page, "outstanding"))  # so it is not the required less the written
        cards.append(Card(book.say("card_outstanding"), "outstanding", "", *told))
    extra = [name for name in ("exemptions", "guests") if name in asked]
    cards += [Card(book.say(f"card_{name}"), name, coverage=_coverage(page, name)) for name in extra]
    unknown = book.say("unknown")
    return [card if value(top, card.field) is not None else replace(card, note=unknown) for card in cards]


def _coverage(page: Page, field: str) -> str:
    """Return how many of the expected filing units gave this very figure."""
    book = page.book
    filing = book.filing
    values = zip(book.codes, page.tree.values[field], strict=True)
    told = sum(1 for unit, value in values if unit in filing and value is not None)
    expected = page.tree.value(book.top, "expected")
    return book.say("covers", counted=book.number(told), expected=book.number(expected))


def _silent(page: Page) -> str:
    """Return how many expected units are not in the figures."""
    out = sum(page.tree.value(page.book.top, name) for name in ("rejected", "missing", "not_due"))
    return page.book.say("not_in_figures", units=page.book.number(out)) if out else page.book.say("all_in_figures")


def _write_card(page: Page, row: int, span: Span, card: Card) -> None:
    book = page.book
    edge = {"bg_color": look.PALE, "left": 5, "left_color": look.RED}
    body = {"bg_color": look.PALE}
    small = {"font_size": 8, "font_color": look.GREY, "align": "left", "indent": 1, **edge}
    page.text(row, span, card.label, book.format(**small | {"bold": True, "font_color": look.INK, "font_size": 9}))
    big = {"font_size": 19, "bold": True, "align": "left", "indent": 1, "shrink": True}
    whole = book.rate if card.field == "coverage" else book.whole
    if card.rate:
        figure, rate = page.grid.split(span, (60, 40))
        page.figure(row + 1, figure, book.format(num_format=whole, **big, **edge), page.book.top, card.field)
        beside = {"font_size": 14, "bold": True, "font_color": look.RED, "align": "left", "shrink": True}
        page.figure(row + 1, rate, book.format(num_format=book.rate, **beside, **body), page.book.top, card.rate)
    else:
        page.figure(row + 1, span, book.format(num_format=whole, **big, **edge), page.book.top, card.field)
    page.text(row + 2, span, card.note, book.format(**small))
    page.text(row + 3, span, card.coverage, book.format(**small | {"valign": "top"}))


def write_chips(page: Page, row: int) -> int:
    """Write the counts of units by how they stand; returns the first row below them."""
    spans = page.grid.split(page.grid.across, (1.0,) * len(STATUSES), least=2)
    for status, span in zip(STATUSES, spans, strict=True):
        mark = look.mark(status)
        label, number = page.grid.split(span, (64, 36))
        chip = {"bg_color": mark.fill, "font_color": mark.colour, "font_size": 9, "align": "left", "indent": 1}
        text = page.book.say("chip_expected") if status == "expected" else f"{mark.symbol} {page.book.term(status)}"
        page.text(row, label, text, page.book.format(**chip))
        end = {"bold": True, "align": "right", "right": 5, "right_color": "#FFFFFF", "num_format": page.book.whole}
        page.figure(row, number, page.book.format(**(chip | end)), page.book.top, status)
    page.height(row, 24)
    page.height(row + 1, 8)
    return row + 2
