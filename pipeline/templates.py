"""The form a filing unit fills in: plan 004's official form with unit code, round and what else a campaign asks.

One item a row, its label in column A and its answer in column B, so that the reader finds it by its label.
The sheet is locked but for the answers. Labels are Vietnamese whatever the campaign's language: branches read them.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any, Final

import xlsxwriter

from schemas.campaign import Campaign
from schemas.words import WORDS, word

_FONT: Final = "Times New Roman"
_ANSWER_FILL: Final = "#FFF8DC"
_LINE: Final = "#BFB58A"
_WIDTHS: Final = (54, 44)  # characters of columns A and B: together one A4 page upright
_TEXT_ROWS: Final = {"assessment": 9, "proposals": 7}  # lines left to write on
_LINE_HEIGHT: Final = 17.5  # points, at 13 pt
_ROW: Final = 23.0  # points: a row of one line
_MEMBERS_LIMIT: Final = frozenset({"attendees", "reflections", "exemptions"})


@dataclass(frozen=True, slots=True)
class Item:
    """One row of the form: the field it asks for, its label as printed, and whether it belongs to the item above."""

    field: str
    label: str
    is_part: bool = False


def form_items(campaign: Campaign, level: str = "") -> tuple[Item, ...]:
    """Return the items that a unit of a level is asked for, in the order and with the numbers of the form.

    Args:
        campaign: the plan; an item that is not asked for has no row.
        level: of the unit, for the plan documents it owes; the lowest level unless given.
    """
    numbered: list[Item] = []
    number = 0
    for field, is_part in _asked(campaign, level or campaign.tree.levels[-1]):
        number += not is_part
        label = _label(campaign, field)
        numbered.append(Item(field, f"- {label}" if is_part else f"{number}. {label}", is_part))
    return tuple(numbered)


def _asked(campaign: Campaign, level: str) -> Iterator[tuple[str, bool]]:
    counts = campaign.count_fields
    for field in ("members", "attendees", "guests", "reflections", "guest_reflections", "exemptions"):
        if field in counts:
            yield field, field in ("guests", "guest_reflections")
        # the grades are of the reflections; where there are none, of the study
        if field == ("reflections" if "reflections" in counts else "attendees"):
            yield from ((grade.field, True) for grade in campaign.grades)
        if field == "exemptions" and field in counts:
            yield from ((category, True) for category in campaign.exemption_categories)
    yield from ((field, False) for field in campaign.text_fields)
    yield from ((document.field, False) for document in campaign.documents if level in document.levels)


def _label(campaign: Campaign, field: str) -> str:
    names = {grade.field: grade.name for grade in campaign.grades}
    names |= {document.field: document.name for document in campaign.documents}
    if field in names:
        return names[field]
    return word(f"form_{field}" if f"form_{field}" in WORDS else field, "vi")


def write_template(
    target: Path | IO[bytes],
    *,
    campaign: Campaign,
    unit_code: str,
    unit_name: str,
    parent_name: str,
    round: str,
    values: Mapping[str, object] | None = None,
    level: str = "",
) -> None:
    """Write one unit's form.

    Args:
        target: a path, replaced where it exists, or a binary buffer.
        campaign: the plan; decides which items are asked for.
        unit_code: as in the registry; "" leaves the cell open.
        unit_name: of the filing unit; printed in capitals at the head.
        parent_name: of the unit above it.
        round: a round's id; "" leaves the cell open.
        values: field -> answer to fill in: int (persons), str, date, bool for a plan document; absent or None is blank.
            "signer" and "place_date" fill in the foot and the head.
        level: of the unit, for the plan documents it owes; the lowest level unless given.
    """
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        created = datetime.combine(campaign.rounds[0].due, time())  # a fixed moment: same answers, same bytes
        book.set_properties({"title": campaign.title, "author": "", "created": created})
        form = _Form(book, campaign, dict(values or {}))
        form.head(unit_name, parent_name)
        form.identity(unit_code, round)
        form.items(form_items(campaign, level))
        form.foot(unit_name)
    if isinstance(target, Path):
        target.write_bytes(buffer.getvalue())
    else:
        target.write(buffer.getvalue())


class _Form:
    """The sheet in the making: `row` is the next free row, 0-based."""

    def __init__(self, book: Any, campaign: Campaign, values: dict[str, object]) -> None:
        self.book, self.campaign, self.values = book, campaign, values
        self.sheet = book.add_worksheet(word("form_sheet", "vi"))
        self.row = 0
        self.members_cell = ""
        self._formats: dict[tuple[tuple[str, object], ...], Any] = {}
        self.sheet.set_column(0, 0, _WIDTHS[0])
        self.sheet.set_column(1, 1, _WIDTHS[1])
        self.sheet.hide_gridlines(2)
        self.sheet.set_paper(9)
        self.sheet.set_portrait()
        self.sheet.set_margins(left=0.7, right=0.5, top=0.7, bottom=0.6)
        self.sheet.fit_to_pages(1, 1)
        self.sheet.center_horizontally()
        self.sheet.protect(options={"format_rows": True, "format_columns": True})

    def style(self, **properties: object) -> Any:
        """Return a format, each kind made once a workbook."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            shared = {"font_name": _FONT, "font_size": 13, "valign": "vcenter", "text_wrap": True}
            self._formats[key] = self.book.add_format(shared | properties)
        return self._formats[key]

    def answer_style(self, **properties: object) -> Any:
        return self.style(locked=False, bg_color=_ANSWER_FILL, border=1, border_color=_LINE, **properties)

    def line(self, *texts: tuple[int, str, Any], height: float | None = None) -> None:
        """Write texts (column, text, format) on the next row."""
        for column, text, style in texts:
            self.sheet.write_string(self.row, column, text, style)
        if height is not None:
            self.sheet.set_row(self.row, height)
        self.row += 1

    def head(self, unit_name: str, parent_name: str) -> None:
        """The head of the plan's form: organisations to the left; the Party, place and date to the right."""
        bold, plain = self.style(bold=True, align="center"), self.style(align="center")
        year = str(self.campaign.rounds[0].due.year)
        dated = self.values.get("place_date") or word(
            "form_place_date", "vi", place=self.campaign.issuer.place, year=year
        )
        dotted = "…" * 20
        parent, unit = parent_name.upper() or dotted, unit_name.upper() or dotted
        self.line((0, parent, plain), (1, word("form_party", "vi"), self.style(bold=True, align="center", underline=1)),
                  height=_height(parent, _WIDTHS[0] - 8))  # fmt: skip
        date_style = self.style(italic=True, align="center", locked=False)
        self.line((0, unit, bold), (1, str(dated), date_style), height=_height(unit, _WIDTHS[0] - 12))
        self.line()
        has_reflections = self.campaign.items.reflections != "no"
        title = word("form_title_reflections" if has_reflections else "form_title_study", "vi")
        subject = word("form_subject", "vi", resolution=self.campaign.resolution)
        self._across(word("form_report", "vi"), self.style(bold=True, align="center", font_size=15), 20)
        self._across(title, self.style(bold=True, align="center", font_size=14), 20)
        self._across(subject, self.style(italic=True, align="center"), _height(subject, sum(_WIDTHS) - 10))
        self.line(height=8)

    def _across(self, text: str, style: Any, height: float) -> None:
        self.sheet.merge_range(self.row, 0, self.row, 1, text, style)
        self.sheet.set_row(self.row, height)
        self.row += 1

    def identity(self, unit_code: str, round: str) -> None:
        """Unit code, round and study day: what the plan's form lacks and a consolidation needs."""
        label = self.style(align="left")
        given = self.style(bold=True, align="center", border=1, border_color=_LINE, bg_color="#F2F2F2")
        code_style = given if unit_code else self.answer_style(align="center")
        self.line((0, word("form_unit_code", "vi"), label), (1, unit_code, code_style), height=_ROW)
        shown, due = "", ""
        if round:
            of_plan = self.campaign.round(round)
            shown, key = of_plan.name, "form_due_latest" if of_plan.due_day_counts else "form_due_before"
            due = f" ({word(key, 'vi', day=f'{of_plan.due.day}/{of_plan.due.month}/{of_plan.due.year}')})"
        round_style = given if round else self.answer_style(align="center")
        self.line((0, word("form_round", "vi") + due, label), (1, shown, round_style), height=_ROW)
        if self.campaign.items.asked("study_date") != "no":
            self._item(Item("study_date", word("form_study_date", "vi")))
        self.line(height=8)

    def items(self, items: tuple[Item, ...]) -> None:
        for item in items:
            self._item(item)

    def _item(self, item: Item) -> None:
        is_text = item.field in _TEXT_ROWS
        value = self.values.get(item.field)
        label = self.style(indent=2) if item.is_part else self.style(valign="top" if is_text else "vcenter")
        height = _height(item.label, _WIDTHS[0] + 10)
        if is_text:
            lines = max(_TEXT_ROWS[item.field], _lines(str(value or ""), _WIDTHS[1]))
            height = max(height, lines * _LINE_HEIGHT)
        self.sheet.set_row(self.row, height)
        self.sheet.write_string(self.row, 0, item.label, label)
        properties: dict[str, object] = {"valign": "top"} if is_text else {"align": "center"}
        if item.field == "study_date":
            properties["num_format"] = "dd/mm/yyyy"
        put(self.sheet, self.row, 1, value, self.answer_style(**properties))
        validation = self._validation(item.field)
        if validation:
            self.sheet.data_validation(self.row, 1, self.row, 1, validation)
        if item.field == "members":
            self.members_cell = f"$B${self.row + 1}"
        self.row += 1

    def _validation(self, field: str) -> dict[str, object]:
        if field in _TEXT_ROWS:
            return {}
        if field == "study_date":
            rule = {"validate": "date", "criteria": ">=", "value": date(2000, 1, 1)}
            prompt, error = "form_date_prompt", "form_date_error"
        elif field in self.campaign.document_fields:
            rule = {"validate": "list", "source": [word("form_yes", "vi"), word("form_no", "vi")]}
            prompt, error = "form_document_prompt", "form_document_error"
        elif field in _MEMBERS_LIMIT or field in self.campaign.exemption_categories:
            rule = {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": f"={self.members_cell}"}
            prompt, error = "form_count_prompt", "form_limit_error"
        else:
            rule = {"validate": "integer", "criteria": ">=", "value": 1 if field == "members" else 0}
            prompt, error = "form_count_prompt", "form_members_error" if field == "members" else "form_count_error"
        return rule | {
            "input_message": word(prompt, "vi"),
            "error_title": word("form_check", "vi"),
            "error_message": word(error, "vi"),
        }

    def foot(self, unit_name: str) -> None:
        """Who signs: the secretary, for the branch committee."""
        is_branch = unit_name.casefold().startswith("chi bộ")
        signed = word("form_signed_branch" if is_branch else "form_signed_committee", "vi")
        bold = self.style(bold=True, align="center")
        self.line(height=10)
        self.line((1, signed, bold))
        self.line((1, word("form_secretary", "vi"), bold))
        self.line(height=44)
        self.line((1, str(self.values.get("signer") or ""), self.style(bold=True, align="center", locked=False)))
        self._across(word("form_note", "vi"), self.style(italic=True, font_size=10, font_color="#7F7F7F"), 28)


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


def _lines(text: str, width: int) -> int:
    return sum(-(-max(len(line), 1) // width) for line in text.split("\n"))


def _height(text: str, width: int) -> float:
    """Return the height in points of a row that shows a text in a column of a width in characters."""
    return max(_ROW, _lines(text, width) * _LINE_HEIGHT)
