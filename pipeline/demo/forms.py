"""The plan's own form as branches retype it: shifted, merged, typed in one column, in decomposed Unicode."""

from __future__ import annotations

import io
import math
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import xlsxwriter

from schemas.campaign import Campaign
from schemas.words import word

from ..templates import put
from .names import OFFICIAL

Values = Mapping[str, object]

CREATED: Final = datetime(2020, 11, 1)
OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_OFFICIAL_ITEMS: Final = ("members", "attendees", "reflections", "exemptions", "assessment", "proposals")
_TEXTS: Final = frozenset({"assessment", "proposals"})
_DOTS: Final = "." * 60


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as a sender typed it, and the result Excel stored with it ("" where it stored none)."""

    text: str
    stored: int | str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """How a sender's copy of a form looks.

    Attributes:
        sheet: the sheet's name.
        above: lines of text typed above the form, one a row.
        columns: empty columns put in front.
        is_inline: the answer is typed behind the label in its own cell.
        persons: what is typed behind each number ("đ/c"); makes it text.
        is_merged: labels span three merged columns.
        is_decomposed: texts are in decomposed Unicode, as some keyboards and systems make them.
        round_line: a line that names the round, which the plan's form does not.
        place_date: the line of place and date.
        signer: who signed.
    """

    sheet: str = "Sheet1"
    above: tuple[str, ...] = ()
    columns: int = 0
    is_inline: bool = False
    persons: str = ""
    is_merged: bool = False
    is_decomposed: bool = False
    round_line: str = ""
    place_date: str = ""
    signer: str = ""

    def text(self, text: str) -> str:
        return unicodedata.normalize("NFD", text) if self.is_decomposed else text


def official_form(
    campaign: Campaign, *, unit_name: str, parent_name: str, values: Values, look: Look | None = None
) -> bytes:
    """Return plan 004's form as a branch retypes it: no unit code, no round, texts below their labels.

    Items that the campaign does not ask for are left out, except where `values` holds them; the plan documents
    that `values` holds are added at the end.
    """
    look = look or Look()
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as book:
        book.set_properties({"created": CREATED})
        sheet = book.add_worksheet(look.sheet)
        wrap, bold = book.add_format({"text_wrap": True, "valign": "top"}), book.add_format({"bold": True})
        first = look.columns
        beside = first + (3 if look.is_merged else 1)
        sheet.set_column(first, first, 22 if look.is_merged else 58)
        sheet.set_column(beside, beside, 32)
        lines = [*((text, None) for text in look.above), *_official_head(campaign, unit_name, parent_name, look)]
        lines += _official_items(campaign, values, look)
        lines += [
            (None, None),
            (None, word("form_signed_branch", "vi")),
            (None, word("form_secretary", "vi")),
            (None, look.signer),
        ]
        for row, (left, right) in enumerate(lines):
            is_item = bool(left) and right is not None
            if look.is_merged and is_item:
                sheet.merge_range(row, first, row, first + 2, look.text(str(left)), wrap)
            elif left:
                sheet.write_string(row, first, look.text(str(left)), wrap if len(str(left)) > 60 else bold)
            width = 30 if look.is_merged and is_item else 60
            if len(str(left or "")) > width:
                sheet.set_row(row, 15.5 * math.ceil(len(str(left)) / width))
            _put(sheet, row, beside, look.text(right) if isinstance(right, str) else right, wrap)
    return buffer.getvalue()


def _official_head(campaign: Campaign, unit_name: str, parent_name: str, look: Look) -> Iterator[tuple[object, object]]:
    yield parent_name.upper(), word("form_party", "vi")
    yield unit_name.upper(), look.place_date
    yield None, None
    yield word("form_report", "vi"), None
    yield word(f"form_title_{'study' if campaign.items.reflections == 'no' else 'reflections'}", "vi"), None
    yield "_______", None
    if look.round_line:
        yield look.round_line, None


def _official_items(campaign: Campaign, values: Values, look: Look) -> Iterator[tuple[object, object]]:
    asked = [field for field in _OFFICIAL_ITEMS if field in values or campaign.items.asked(field) != "no"]
    labels = {field: OFFICIAL[field] for field in asked}
    labels |= {
        document.field: document.name for document in campaign.documents if values.get(document.field) is not None
    }
    for number, (field, text) in enumerate(labels.items(), 1):
        label = f"{number}. {text}"
        value = values.get(field)
        if field in _TEXTS:
            yield label, None
            if field == "assessment":
                yield OFFICIAL["hint"], None
            yield str(value) if value else _DOTS, None
        elif isinstance(value, bool):
            yield f"{label}:", word("form_yes" if value else "form_no", "vi")
        elif look.is_inline:
            yield f"{label}: {_shown(value, look)}", None
        else:
            is_number = isinstance(value, int) and not look.persons
            yield f"{label}:", value if is_number or isinstance(value, Formula | None) else _shown(value, look)


def _shown(value: object, look: Look) -> str:
    return "" if value is None else f"{value} {look.persons}".strip()


def _put(sheet: Any, row: int, column: int, value: object, style: Any = None) -> None:
    if isinstance(value, Formula):
        sheet.write_formula(row, column, value.text, style, value.stored)
    elif value is not None:
        put(sheet, row, column, value, style)
