"""The official form (end of plan 004), filled for any unit: one upright A4 page, by formulas or as fixed values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.campaign import VIETNAM
from schemas.words import word

from . import look
from .book import Book, Format, Sheet
from .cells import clean
from .compiled import TEXT_LINES, TEXT_SIZE, TEXT_WIDTH
from .dates import due_words, paper_day
from .form_answers import Answer, Item, items, live_answers
from .lookup import label_of
from .measure import SERIF, lines
from .tree import Tree

_WIDTHS = (330, 60, 160, 100)  # pixels: together TEXT_WIDTH
_LAST = len(_WIDTHS) - 1
_ROW_CELL = 5  # the column, unseen, with the row of the unit picked
_SIZE = 13  # points, as official papers have it
_LINE = 23  # pixels of a line of 13 points
_TEXT_LINE = 20  # pixels of a line of the text boxes
_SIGNING = 76


def write_form(book: Book, tree: Tree, texts: Mapping[str, Mapping[str, str]]) -> None:
    """Write the sheet on which a unit is picked and its form stands below, the top's to begin with."""
    sheet = book.add_sheet("form", header_row=None)
    _write_picker(book, sheet)
    form = _Form(book, sheet, live_answers(book, tree, texts), first_row=3)
    issuer = book.result.campaign.issuer
    names = (issuer.superior, issuer.name, *map(book.unit_name, book.codes))
    form.write(max(names, key=len))
    sheet.freeze_panes(3, 0)


def _write_picker(book: Book, sheet: Sheet) -> None:
    label = book.format(font_size=11, bold=True, align="right", bg_color=look.TINT)
    cell = book.format(font_size=11, bold=True, bg_color="#FFF8DC", border=1, border_color=look.RED, indent=1)
    note = book.format(font_size=9, italic=True, font_color=look.GREY, bg_color=look.TINT, indent=1)
    sheet.write_string(0, 0, book.say("form_pick"), label)
    sheet.merge_range(0, 1, 0, _LAST, "", cell)
    sheet.write_string(0, 1, label_of(book, book.top), cell)
    sheet.set_row_pixels(0, 28)
    hint, unknown = (book.say(key).replace('"', '""') for key in ("form_hint", "form_unknown"))
    sheet.merge_range(1, 0, 1, _LAST, "", note)
    sheet.write_formula(1, 0, f'=IF(form_row="","{unknown}","{hint}")', note, book.say("form_hint"))
    sheet.set_row_pixels(1, 20)
    sheet.set_row_pixels(2, 10)
    # Typing a code is quicker than a list of 10,000: so what is not in the list is looked up, not refused.
    sheet.data_validation(0, 1, 0, 1, {"validate": "list", "source": "=unit_labels", "show_error": False})
    picked = 'SUBSTITUTE(form_unit&"","~","~~")'
    found = '""'
    for names in ("unit_names", "unit_codes", "unit_labels"):
        found = f"IFERROR(MATCH({picked},{names},0),{found})"
    sheet.write_formula(0, _ROW_CELL, f"={found}", book.format(), 1)
    sheet.set_column(_ROW_CELL, _ROW_CELL, None, None, {"hidden": True})
    place = book.sheet_name("form").replace("'", "''")
    book.workbook.define_name("form_unit", f"='{place}'!$B$1")
    book.workbook.define_name("form_row", f"='{place}'!$F$1")


def write_filled_form(book: Book, sheet: Sheet, answers: Mapping[str, Answer]) -> None:
    """Write one unit's form as fixed values."""
    longest = max((str(answers[key].value) for key in ("parent", "unit")), key=len)
    _Form(book, sheet, answers, first_row=0).write(longest)


@dataclass
class _Form:
    """The page in the making; `row` is the next free row."""

    book: Book
    sheet: Sheet
    answers: Mapping[str, Answer]
    first_row: int

    def __post_init__(self) -> None:
        self.row = self.first_row
        for column, width in enumerate(_WIDTHS):
            self.sheet.set_column_pixels(column, column, width)

    def write(self, longest_name: str) -> None:
        """Write the page; `longest_name` is the longest name that its head may have to show."""
        self._head(longest_name)
        self._title()
        for item in items(self.book):
            if item.field in TEXT_LINES:
                self._text(item)
            else:
                self._count(item)
        self._foot()
        sheet = self.sheet
        sheet.set_portrait()
        sheet.set_footer("")
        sheet.set_margins(left=0.75, right=0.6, top=0.7, bottom=0.6)
        sheet.fit_to_pages(1, 1)
        sheet.center_horizontally()
        sheet.print_area(self.first_row, 0, self.row - 1, _LAST)

    def style(self, **properties: Any) -> Format:
        return self.book.format(**{"font_name": look.SERIF, "font_size": _SIZE, "text_wrap": True} | properties)

    def put(self, first: int, last: int, key: str, cell: Format) -> None:
        """Write an answer over columns of the current row."""
        answer = self.answers[key]
        if first != last:
            self.sheet.merge_range(self.row, first, self.row, last, "", cell)
        if answer.formula:
            self.sheet.write_formula(self.row, first, answer.formula, cell, answer.cached)
        elif answer.value is None or answer.value == "":
            self.sheet.write_blank(self.row, first, None, cell)
        elif isinstance(answer.value, str):
            self.sheet.write_string(self.row, first, clean(answer.value), cell)
        else:
            self.sheet.write_number(self.row, first, answer.value, cell)

    def say(self, first: int, last: int, text: str, cell: Format) -> None:
        """Write a text that is the same for every unit over columns of the current row."""
        if first != last:
            self.sheet.merge_range(self.row, first, self.row, last, "", cell)
        self.sheet.write_string(self.row, first, clean(text), cell)

    def next(self, pixels: int = _LINE) -> None:
        self.sheet.set_row_pixels(self.row, pixels)
        self.row += 1

    def _head(self, longest_name: str) -> None:
        book, issuer = self.book, self.book.result.campaign.issuer
        day = book.result.as_of.astimezone(VIETNAM).date()
        height = _LINE * min(3, lines(longest_name.upper(), _WIDTHS[0], _SIZE))
        self.put(0, 0, "parent", self.style(align="center", valign="bottom"))
        party = self.style(bold=True, underline=1, align="center", valign="bottom")
        self.say(1, _LAST, word("form_party", book.language), party)
        self.next(height)
        self.put(0, 0, "unit", self.style(bold=True, align="center", valign="top"))
        dated = f"{issuer.place}, {paper_day(book, day)}"
        self.say(1, _LAST, dated, self.style(italic=True, align="center", valign="top"))
        self.next(height)
        self.next(10)

    def _title(self) -> None:
        book, campaign = self.book, self.book.result.campaign
        key = "form_title_study" if campaign.items.reflections == "no" else "form_title_reflections"
        self.say(0, _LAST, word("form_report", book.language), self.style(bold=True, align="center", font_size=15))
        self.next(26)
        self.say(0, _LAST, word(key, book.language), self.style(bold=True, align="center", font_size=14))
        self.next(26)
        subject = word("form_subject", book.language, resolution=campaign.resolution)
        self.say(0, _LAST, subject, self.style(italic=True, align="center"))
        self.next(_LINE * _lines(subject, TEXT_WIDTH))
        due = due_words(book, campaign.round(book.result.focus).deadline)
        self.say(0, _LAST, f"{book.round_name()} – {due}", self.style(italic=True, align="center"))
        self.next()
        self.say(0, _LAST, "_______", self.style(align="center", valign="top"))
        self.next(26)

    def _count(self, item: Item) -> None:
        ruled = {"bottom": 4, "bottom_color": look.GREY}
        label = self.style(indent=2, font_size=12, **ruled) if item.is_part else self.style(**ruled)
        self.say(0, _LAST - 1, item.label, label)
        cell = self.style(bold=not item.is_part, align="right", num_format=self.book.whole, **ruled)
        self.put(_LAST, _LAST, item.field, cell)
        self.next(_LINE * _lines(item.label, TEXT_WIDTH - _WIDTHS[-1]) + (0 if item.is_part else 5))

    def _text(self, item: Item) -> None:
        self.next(4)
        self.say(0, _LAST, item.label, self.style())
        self.next(_LINE * _lines(item.label, TEXT_WIDTH))
        box = self.style(font_size=TEXT_SIZE, valign="top", align="left", indent=1, border=4, border_color=look.GREY)
        self.put(0, _LAST, item.field, box)
        self.next(_TEXT_LINE * TEXT_LINES[item.field] + 8)

    def _foot(self) -> None:
        self.next(6)
        self.put(0, _LAST, "covers", self.style(font_size=11, italic=True, valign="top", font_color=look.GREY))
        self.next(2 * _TEXT_LINE)
        for key in ("signed_for", "signer"):
            self.put(1, _LAST, key, self.style(bold=True, align="center"))
            self.next()
        self.next(_SIGNING)


def _lines(text: str, width: int) -> int:
    return lines(text, round(width * SERIF), _SIZE)
