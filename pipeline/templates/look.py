"""How forms look: the type of official documents, answer cells in yellow, rows tall enough for what they hold."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import IO, Any, Final

import xlsxwriter

from schemas.campaign import Campaign
from schemas.words import word

FONT: Final = "Times New Roman"
LINE: Final = "#BFB58A"
LINE_HEIGHT: Final = 17.5  # points, at 13 pt
ROW: Final = 23.0  # points: a row of one line
GREY: Final = "#7F7F7F"
_ANSWER_FILL: Final = "#FFF8DC"
_GIVEN_FILL: Final = "#F2F2F2"
_A4: Final = 9
_OPTIONS: Final = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
}  # fmt: skip
# A verdict begins with its mark, so that it is told without its colour too: (letters, background) of each.
VERDICTS: Final = {
    "✗": ("#9C0006", "#FFC7CE"),
    "▲": ("#7F4F00", "#FFE699"),
    "✓": ("#006100", "#C6EFCE"),
    "○": ("#595959", "#EDEDED"),
}


class Look:
    """A workbook in the making, with each kind of format made once."""

    def __init__(self, target: IO[bytes], campaign: Campaign) -> None:
        self.book = xlsxwriter.Workbook(target, _OPTIONS)
        created = datetime.combine(campaign.rounds[0].due, time())  # a fixed moment: same answers, same bytes
        self.book.set_properties({"title": campaign.title, "author": "", "created": created})
        self._formats: dict[tuple[tuple[str, object], ...], Any] = {}

    def sheet(self, name: str, *, is_landscape: bool = False) -> Any:
        """Return a new sheet for one A4 page, locked without a password but for the cells that are not."""
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_paper(_A4)
        if is_landscape:
            sheet.set_landscape()
            sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
        else:
            sheet.set_margins(left=0.7, right=0.5, top=0.7, bottom=0.6)
        sheet.fit_to_pages(1, 1)
        sheet.center_horizontally()
        sheet.protect(options={"format_rows": True, "format_columns": True})
        return sheet

    def style(self, **properties: object) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            shared = {"font_name": FONT, "font_size": 13, "valign": "vcenter", "text_wrap": True}
            self._formats[key] = self.book.add_format(shared | properties)
        return self._formats[key]

    def answer(self, **properties: object) -> Any:
        """A cell to be filled in."""
        return self.style(locked=False, bg_color=_ANSWER_FILL, border=1, border_color=LINE, **properties)

    def given(self, **properties: object) -> Any:
        """A cell that is filled in already."""
        return self.style(bold=True, border=1, border_color=LINE, bg_color=_GIVEN_FILL, **properties)

    def colour(self, mark: str) -> Any:
        """Return the format that a verdict takes on by its mark."""
        letters, background = VERDICTS[mark]
        key = (("mark", mark),)
        if key not in self._formats:
            self._formats[key] = self.book.add_format({"font_color": letters, "bg_color": background})
        return self._formats[key]

    def verdict_colours(self, sheet: Any, first_row: int, column: int, last_row: int, last_column: int) -> None:
        """Let cells of verdicts take on the colour of their mark."""
        for mark in VERDICTS:
            rule = {"type": "text", "criteria": "begins with", "value": mark, "format": self.colour(mark)}
            sheet.conditional_format(first_row, column, last_row, last_column, rule)

    def close(self) -> None:
        self.book.close()


def put(sheet: Any, row: int, column: int, value: object, style: Any = None) -> None:
    """Write a value as what it is; text stays text, however much it looks like a number or a formula."""
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        sheet.write_string(row, column, word("form_yes" if value else "form_no", "vi"), style)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, style)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, style)
    else:
        sheet.write_string(row, column, str(value), style)


def lines_of(text: str, width: int) -> int:
    """Return how many lines a text takes in a column of a width in characters."""
    return sum(-(-max(len(line), 1) // width) for line in text.split("\n"))


def height_of(text: str, width: int) -> float:
    """Return the height in points of a row that shows a text in a column of a width in characters."""
    return max(ROW, lines_of(text, width) * LINE_HEIGHT)


def day_text(day: date) -> str:
    """Return a day as branches write it."""
    return f"{day.day}/{day.month}/{day.year}"
