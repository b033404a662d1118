"""The list an office fills in for all its units at once: one line a unit, codes and names given, a sum line.

A line left blank is no report; the reader finds columns by their heads, which are labels of schemas/forms/list.toml.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from schemas.campaign import Campaign
from schemas.organisations import signed_for
from schemas.words import word

from .checks import BAD, GOOD, OPEN, formula_of, verdict_of
from .form import due_text, validation
from .guide import write_guide
from .items import TEXTS, asked, is_limited, label_of
from .list_checks import line_rules
from .look import GREY, LINE_HEIGHT, ROW, Look, height_of, lines_of

_LEAD: Final = (("serial", 5), ("unit_code", 14), ("unit_name", 28))  # columns before the answers, characters
_WIDTHS: Final = {"study_date": 11.5, "assessment": 26, "proposals": 26}
_COUNT: Final = 9.5
_VERDICT: Final = 46
_LINE: Final = {True: 38.0, False: 26.0}  # points, at least: where there are texts, room for two lines of one
_HEAD: Final = (36.0, 52.0)  # points of the two rows of column heads
_FIRST_HEAD: Final = 7  # 0-based row


@dataclass(frozen=True, slots=True)
class Office:
    """Whose list it is, and of which units.

    Attributes:
        name, parent: of the office and of the unit above it, in capitals; "" where there is none.
        units: (code, name) of each unit that files, in the registry's order.
        levels: of those units.
        heights: of the lines with the parent's and the office's name, points.
        line: height of every line of the list, points.
        signed: key of the words that stand above the signature.
    """

    name: str
    parent: str
    units: tuple[tuple[str, str], ...]
    levels: tuple[str, ...]
    heights: tuple[float, float]
    line: float
    signed: str = "form_signed_committee"


def office_of(
    campaign: Campaign, name: str, parent: str, units: Sequence[tuple[str, str]], levels: Sequence[str]
) -> Office:
    """Return an office with the units of its list, rows tall enough for their names and for what is asked."""
    width = sum(width for _, width in _LEAD) - 6
    heights = (height_of(parent.upper(), width), height_of(name.upper(), width - 4))
    lines = max(lines_of(unit, _LEAD[2][1] - 2) for _, unit in units)
    line = max(_LINE[bool(campaign.text_fields)], lines * LINE_HEIGHT)
    kinds = tuple(dict.fromkeys(levels))
    return Office(name.upper(), parent.upper(), tuple(units), kinds, heights, line, signed_for(name))


def list_bytes(campaign: Campaign, office: Office, round: str) -> bytes:
    """Return an office's list as a workbook."""
    buffer = io.BytesIO()
    look = Look(buffer, campaign)
    made = _List(look, campaign, office, round)
    made.head()
    made.column_heads()
    for number, unit in enumerate(office.units):
        made.line(number, *unit)
    made.sums()
    made.rules()
    made.foot()
    write_guide(look, campaign, round, "list")
    look.close()
    return buffer.getvalue()


class _List:
    """The sheet in the making."""

    def __init__(self, look: Look, campaign: Campaign, office: Office, round: str) -> None:
        self.look, self.campaign, self.office, self.round = look, campaign, office, round
        answers = [field for field, _ in asked(campaign, *office.levels)]
        if campaign.items.asked("study_date") != "no":
            answers.insert(len(campaign.count_fields), "study_date")
        self.columns = {field: place for place, field in enumerate(answers, len(_LEAD))}
        self.last = len(_LEAD) + len(answers) - 1
        self.verdict = self.last + 1
        self.name = word("list_sheet", "vi")
        self.sheet = look.sheet(self.name, is_landscape=True)
        self.sheet.fit_to_pages(1, 0)
        self.first = _FIRST_HEAD + 2
        self.end = self.first + len(office.units)  # the sum line
        for place, (_, width) in enumerate(_LEAD):
            self.sheet.set_column(place, place, width)
        for field, place in self.columns.items():
            self.sheet.set_column(place, place, _WIDTHS.get(field, _COUNT))
        self.sheet.set_column(self.verdict, self.verdict, _VERDICT)

    def head(self) -> None:
        """Organisations to the left, the Party, place and date to the right; title, resolution, round."""
        style, campaign = self.look.style, self.campaign
        plain, bold = style(align="center"), style(align="center", bold=True)
        year, place = str(campaign.rounds[0].due.year), campaign.issuer.place
        dated = word("form_place_date", "vi", place=place, year=year)
        party = style(bold=True, align="center", underline=1)
        right = len(_LEAD)
        self._across(0, 0, right - 1, self.office.parent, plain)
        self._across(0, right, self.last, word("form_party", "vi"), party)
        self._across(1, 0, right - 1, self.office.name, bold)
        self._across(1, right, self.last, dated, style(italic=True, align="center", locked=False))
        for row, height in enumerate(self.office.heights):
            self.sheet.set_row(row, height)
        self.sheet.set_row(2, 10)
        has_reflections = campaign.items.reflections != "no"
        title = word("list_title_reflections" if has_reflections else "list_title_study", "vi")
        subject = word("form_subject", "vi", resolution=campaign.resolution)
        self._across(3, 0, self.last, title, style(bold=True, align="center", font_size=15))
        self._across(4, 0, self.last, subject, style(italic=True, align="center"))
        self._across(5, 0, 2, f"{word('form_round', 'vi')} ({due_text(campaign, self.round)})", style())
        self._across(5, 3, 4, campaign.round(self.round).name, self.look.given(align="center"))
        for row in (3, 4, 5):
            self.sheet.set_row(row, ROW)
        self.sheet.set_row(6, 10)

    def _across(self, row: int, first: int, last: int, text: str, style: Any) -> None:
        self.sheet.merge_range(row, first, row, last, text, style)

    def column_heads(self) -> None:
        """Two rows of heads; the categories of exemption stand below one."""
        top, below = _FIRST_HEAD, _FIRST_HEAD + 1
        style = self.look.style(bold=True, align="center", border=1, font_size=11, bg_color="#EAF1DD")
        for place, (field, _) in enumerate(_LEAD):
            key = "list_unit_name" if self.office.levels == ("branch",) else "list_unit_name_other"
            text = word(key if field == "unit_name" else f"list_{field}", "vi")
            self.sheet.merge_range(top, place, below, place, text, style)
        categories = self.campaign.exemption_categories
        for field, place in self.columns.items():
            label = label_of(self.campaign, field, "list")
            if field in categories:
                self.sheet.write_string(below, place, label, style)
            elif field == "exemptions" and categories:
                self._across(top, place, place + len(categories), label, style)
                self.sheet.write_string(below, place, word("list_total_of", "vi"), style)
            else:
                self.sheet.merge_range(top, place, below, place, label, style)
        caption = self.look.style(bold=True, font_size=11, font_color=GREY)
        self.sheet.merge_range(top, self.verdict, below, self.verdict, word("tpl_checks", "vi"), caption)
        for row, height in zip((top, below), _HEAD, strict=True):
            self.sheet.set_row(row, height)
        self.sheet.freeze_panes(self.first, len(_LEAD))
        self.sheet.repeat_rows(top, below)

    def line(self, number: int, code: str, name: str) -> None:
        """One unit's line: serial, code and name given, the rest to be filled in."""
        row, style = self.first + number, self.look.style
        boxed = {"border": 1, "border_color": "#A6A6A6", "font_size": 12}
        self.sheet.set_row(row, self.office.line)
        self.sheet.write_number(row, 0, number + 1, style(align="center", **boxed))
        self.sheet.write_string(row, 1, code, style(**boxed))
        self.sheet.write_string(row, 2, name, style(bold=True, **boxed))
        for field, place in self.columns.items():
            look: dict[str, object] = {"valign": "top", "font_size": 11} if field in TEXTS else {"align": "center"}
            if field == "study_date":
                look["num_format"] = "dd/mm/yyyy"
            self.sheet.write_blank(row, place, None, self.look.answer(**look))
        rules = line_rules(self.campaign, list(self.columns), self.office.levels[0])
        cells = {field: f"{_letters(place)}{row + 1}" for field, place in self.columns.items()}
        verdict = style(font_size=11, align="left", indent=1)
        self.sheet.write_formula(row, self.verdict, formula_of(rules, cells), verdict, verdict_of(rules, {}))

    def sums(self) -> None:
        """The sum line: of some of the units in brackets, a text, since only the sum of all is a total to be held to.

        A sum is blank until one of its numbers is there: blank is not zero.
        """
        style = self.look.style(bold=True, align="center", border=1, bg_color="#F2F2F2")
        for place in range(self.verdict):
            self.sheet.write_blank(self.end, place, None, style)
        self.sheet.write_string(self.end, len(_LEAD) - 1, word("list_sum", "vi"), style)
        is_part = f"COUNT({self._span('members', '$')})<{len(self.office.units)}"
        for field in self.columns:
            if field in self.campaign.count_fields:
                span = self._span(field)
                # a space rather than nothing: a formula whose stored result is empty looks as if it had none
                formula = f'=IF(COUNT({span})=0," ",IF({is_part},"("&SUM({span})&")",SUM({span})))'
                self.sheet.write_formula(self.end, self.columns[field], formula, style, " ")
        self.sheet.set_row(self.end, 26)
        self._overall()

    def _span(self, field: str, lock: str = "") -> str:
        letters = _letters(self.columns.get(field, self.verdict))
        return f"{lock}{letters}{lock}{self.first + 1}:{lock}{letters}{lock}{self.end}"

    def _overall(self) -> None:
        """The last verdict: lines to be mended, else units that have not reported, else that it can be sent."""
        span, total = self._span(""), len(self.office.units)
        open_, bad = f'COUNTIF({span},"{OPEN}*")', f'COUNTIF({span},"{BAD}*")'
        spliced = {"open": f'"&{open_}&"', "bad": f'"&{bad}&"'}
        is_bad = word("list_overall_bad", "vi", bad=spliced["bad"])
        is_open = word("list_overall_open", "vi", open=spliced["open"], total=total)
        is_good = word("list_overall_good", "vi", total=total)
        formula = f'=IF({bad}>0,"{BAD} {is_bad}",IF({open_}>0,"{OPEN} {is_open}","{GOOD} {is_good}"))'
        shown = f"{OPEN} {word('list_overall_open', 'vi', open=total, total=total)}"
        style = self.look.style(bold=True, font_size=11, align="left", indent=1)
        self.sheet.write_formula(self.end, self.verdict, formula, style, shown)
        self.look.verdict_colours(self.sheet, self.first, self.verdict, self.end, self.verdict)

    def rules(self) -> None:
        """What each column takes; a number over its line's members turns red; a name for each column."""
        last = self.end - 1
        members = f"${_letters(self.columns['members'])}{self.first + 1}"
        red = self.look.colour(BAD)
        for field, place in self.columns.items():
            rule = validation(self.campaign, field, members)
            if rule:
                self.sheet.data_validation(self.first, place, last, place, rule)
            if is_limited(self.campaign, field):
                own = f"{_letters(place)}{self.first + 1}"
                over = f"=AND(COUNT({own},{members})=2,{own}>{members})"
                self.sheet.conditional_format(
                    self.first, place, last, place, {"type": "formula", "criteria": over, "format": red}
                )
            self.look.book.define_name(f"tally_{field}", f"='{self.name}'!{self._span(field, '$')}")

    def foot(self) -> None:
        """Who signs, for the committee of the office."""
        bold, row = self.look.style(bold=True, align="center"), self.end + 2
        first = max(len(_LEAD), self.last - 3)
        self.sheet.set_row(self.end + 1, 10)
        for key in (self.office.signed, "form_secretary"):
            self._across(row, first, self.last, word(key, "vi"), bold)
            row += 1
        self.sheet.set_row(row, 40)
        signer = self.look.style(bold=True, align="center", locked=False)
        self._across(row + 1, first, self.last, "", signer)
        note = self.look.style(italic=True, font_size=10, font_color=GREY)
        self._across(row + 2, 0, self.last, word("list_note", "vi"), note)
        self.sheet.print_area(0, 0, row + 2, self.last)


def _letters(column: int) -> str:
    return chr(65 + column) if column < 26 else f"{chr(64 + column // 26)}{chr(65 + column % 26)}"
