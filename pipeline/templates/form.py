"""The form a filing unit fills in: plan 004's official form with unit code, round and what else a campaign asks.

One item a row, its label in column A and its answer in column B, so that the reader finds it by its label; beside it in
column C, which is not printed, a verdict on the answer. The sheet is locked but for the answers. Labels are Vietnamese
whatever the campaign's language: branches read them.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from schemas.campaign import Campaign
from schemas.organisations import signed_for
from schemas.words import word

from .checks import BAD, FIRST_DAY, formula_of, overall_formula, overall_of, rules_for, verdict_of
from .guide import write_guide
from .items import TEXTS, Item, form_items, is_limited
from .look import GREY, LINE, LINE_HEIGHT, ROW, Look, day_text, height_of, lines_of, put

_WIDTHS: Final = (54, 44, 42)  # characters; A and B together are one A4 page upright, C is for the screen
_TEXT_ROWS: Final = {"assessment": 11, "proposals": 9}  # lines left to write on
_CHECKS: Final = 2  # the column of verdicts
_VERDICT: Final = {"font_size": 11, "align": "left", "indent": 1}
_RULED: Final = {"bottom": 4, "bottom_color": LINE}  # leads the eye from a label to its answer


@dataclass(frozen=True, slots=True)
class Head:
    """What the head and foot of a form say of its unit.

    Attributes:
        unit_code: as in the registry; "" leaves the cell open.
        unit, parent: names in capitals, "" for a line of dots.
        signed: key of the words that stand above the signature.
        heights: of the lines with the parent's and the unit's name, points.
    """

    unit_code: str
    unit: str
    parent: str
    signed: str
    heights: tuple[float, float]


def head_of(unit_code: str, unit_name: str, parent_name: str) -> Head:
    """Return the head of a unit's form."""
    unit, parent = unit_name.upper(), parent_name.upper()
    heights = (height_of(parent, _WIDTHS[0] - 8), height_of(unit, _WIDTHS[0] - 12))
    return Head(unit_code, unit, parent, signed_for(unit_name), heights)


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
    data = form_bytes(campaign, head_of(unit_code, unit_name, parent_name), round, values, level)
    if isinstance(target, Path):
        target.write_bytes(data)
    else:
        target.write(data)


def form_bytes(
    campaign: Campaign, head: Head, round: str, values: Mapping[str, object] | None = None, level: str = ""
) -> bytes:
    """Return one form as a workbook; see `write_template`."""
    buffer = io.BytesIO()
    look = Look(buffer, campaign)
    form = _Form(look, campaign, dict(values or {}), level or campaign.tree.levels[-1])
    form.head(head)
    form.identity(head.unit_code, round)
    form.items(form_items(campaign, level))
    form.foot(head)
    form.check()
    write_guide(look, campaign, round, "form")
    look.close()
    return buffer.getvalue()


class _Form:
    """The sheet in the making: `row` is the next free row, 0-based."""

    def __init__(self, look: Look, campaign: Campaign, values: dict[str, object], level: str) -> None:
        self.look, self.campaign, self.values, self.level = look, campaign, values, level
        self.name = word("form_sheet", "vi")
        self.sheet = look.sheet(self.name)
        self.row = 0
        self.rows: dict[str, int] = {}  # of each answer, 0-based
        self.first = 0  # row of the first verdict
        for column, width in enumerate(_WIDTHS):
            self.sheet.set_column(column, column, width)

    def line(self, *texts: tuple[int, str, Any], height: float | None = None) -> None:
        """Write texts (column, text, format) on the next row."""
        for column, text, style in texts:
            self.sheet.write_string(self.row, column, text, style)
        if height is not None:
            self.sheet.set_row(self.row, height)
        self.row += 1

    def head(self, head: Head) -> None:
        """The head of the plan's form: organisations to the left; the Party, place and date to the right."""
        style = self.look.style
        bold, plain = style(bold=True, align="center"), style(align="center")
        year = str(self.campaign.rounds[0].due.year)
        place = self.campaign.issuer.place
        dated = self.values.get("place_date") or word("form_place_date", "vi", place=place, year=year)
        dotted = "…" * 20
        party = (1, word("form_party", "vi"), style(bold=True, align="center", underline=1))
        self.line((0, head.parent or dotted, plain), party, height=head.heights[0])
        date_style = style(italic=True, align="center", locked=False)
        self.line((0, head.unit or dotted, bold), (1, str(dated), date_style), height=head.heights[1])
        self.line()
        has_reflections = self.campaign.items.reflections != "no"
        title = word("form_title_reflections" if has_reflections else "form_title_study", "vi")
        subject = word("form_subject", "vi", resolution=self.campaign.resolution)
        self._across(word("form_report", "vi"), style(bold=True, align="center", font_size=15), 20)
        self._across(title, style(bold=True, align="center", font_size=14), 20)
        self._across(subject, style(italic=True, align="center"), height_of(subject, sum(_WIDTHS[:2]) - 10))
        caption = style(bold=True, font_size=11, font_color=GREY)
        self.sheet.write_string(self.row, _CHECKS, word("tpl_checks", "vi"), caption)
        self._across("_" * 12, style(align="center", valign="top", font_color=GREY), 20)

    def _across(self, text: str, style: Any, height: float) -> None:
        self.sheet.merge_range(self.row, 0, self.row, 1, text, style)
        self.sheet.set_row(self.row, height)
        self.row += 1

    def identity(self, unit_code: str, round: str) -> None:
        """Unit code, round and study day: what the plan's form lacks and a consolidation needs."""
        look = self.look
        label = look.style(align="left", **_RULED)
        given, open_ = look.given(align="center"), look.answer(align="center")
        self.first = self.rows["unit_code"] = self.row
        code = (1, unit_code, given if unit_code else open_)
        self.line((0, word("form_unit_code", "vi"), label), code, height=ROW)
        shown, due = "", ""
        if round:
            of_plan = self.campaign.round(round)
            shown, due = of_plan.name, f" ({due_text(self.campaign, round)})"
        self.rows["round"] = self.row
        named = (1, shown, given if round else open_)
        self.line((0, word("form_round", "vi") + due, label), named, height=ROW)
        if self.campaign.items.asked("study_date") != "no":
            self._item(Item("study_date", word("form_study_date", "vi")))
        self.line(height=8)

    def items(self, items: tuple[Item, ...]) -> None:
        for item in items:
            self._item(item)

    def _item(self, item: Item) -> None:
        is_text = item.field in TEXTS
        value = self.values.get(item.field)
        style = self.look.style
        label = style(indent=2, **_RULED) if item.is_part else style(valign="top" if is_text else "vcenter", **_RULED)
        height = height_of(item.label, _WIDTHS[0] + 10)
        if is_text:
            height = max(height, text_height(item.field, str(value or "")))
        self.sheet.set_row(self.row, height)
        self.sheet.write_string(self.row, 0, item.label, label)
        placed: dict[str, object] = {"valign": "top", "align": "left", "indent": 1} if is_text else {"align": "center"}
        if item.field == "study_date":
            placed["num_format"] = "dd/mm/yyyy"
        put(self.sheet, self.row, 1, value, self.look.answer(**placed))
        self.rows[item.field] = self.row
        rule = validation(self.campaign, item.field, self._cell("members") if "members" in self.rows else "")
        if rule:
            self.sheet.data_validation(self.row, 1, self.row, 1, rule)
        self.row += 1

    def _cell(self, name: str) -> str:
        return f"$B${self.rows[name] + 1}"

    def foot(self, head: Head) -> None:
        """Who signs: the secretary, for the committee."""
        bold = self.look.style(bold=True, align="center")
        self.line(height=10)
        self.line((1, word(head.signed, "vi"), bold))
        self.line((1, word("form_secretary", "vi"), bold))
        self.line(height=44)
        signer = self.look.style(bold=True, align="center", locked=False)
        self.line((1, str(self.values.get("signer") or ""), signer))
        self._across(word("form_note", "vi"), self.look.style(italic=True, font_size=10, font_color=GREY), 28)

    def check(self) -> None:
        """Verdicts beside the answers, one on the whole above them; a name for each answer; what is printed."""
        cells = {name: f"B{row + 1}" for name, row in self.rows.items()}
        answers = {name: self.values.get(name) for name in cells}
        verdicts: dict[int, str] = {}
        for name, row in self.rows.items():
            if name not in ("unit_code", "round"):
                rules = rules_for(name, self.campaign, self.level)
                verdicts[row] = verdict_of(rules, answers)
                style = self.look.style(valign="top" if name in TEXTS else "vcenter", **_VERDICT)
                self.sheet.write_formula(row, _CHECKS, formula_of(rules, cells), style, verdicts[row])
            self.look.book.define_name(f"tally_{name}", f"='{self.name}'!$B${row + 1}")
        last = max(verdicts)
        overall = overall_formula(f"C{min(verdicts) + 1}:C{last + 1}")
        bold = self.look.style(bold=True, **_VERDICT)
        self.sheet.write_formula(self.first, _CHECKS, overall, bold, overall_of(list(verdicts.values())))
        self.look.verdict_colours(self.sheet, self.first, _CHECKS, last, _CHECKS)
        is_bad = f'=LEFT($C{min(verdicts) + 1},1)="{BAD}"'
        red = {"type": "formula", "criteria": is_bad, "format": self.look.colour(BAD)}
        self.sheet.conditional_format(min(verdicts), 1, last, 1, red)
        self.sheet.print_area(0, 0, self.row - 1, 1)


def text_height(field: str, text: str) -> float:
    """Return the height in points of the answer to a free text; the same for all that fit into the room left for it."""
    return max(_TEXT_ROWS[field], lines_of(text, _WIDTHS[1])) * LINE_HEIGHT


def due_text(campaign: Campaign, round: str) -> str:
    """Return by when a round is due, in words."""
    of_plan = campaign.round(round)
    return word("form_due_latest" if of_plan.due_day_counts else "form_due_before", "vi", day=day_text(of_plan.due))


def validation(campaign: Campaign, field: str, members: str) -> dict[str, object]:
    """Return what an answer's cell takes, with words that say so; nothing for a free text.

    Args:
        campaign: the plan.
        field: which answer.
        members: the cell of the members, the limit of other counts.
    """
    example = day_text(campaign.rounds[0].due)
    if field in TEXTS:
        return {}
    if field == "study_date":
        rule = {"validate": "date", "criteria": ">=", "value": FIRST_DAY}
        prompt, error = word("form_date_prompt", "vi", example=example), word("form_date_error", "vi", example=example)
    elif field in campaign.document_fields:
        rule = {"validate": "list", "source": [word("form_yes", "vi"), word("form_no", "vi")]}
        prompt, error = word("form_document_prompt", "vi"), word("form_document_error", "vi")
    elif is_limited(campaign, field):
        rule = {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": f"={members}"}
        prompt, error = word("form_limit_prompt", "vi"), word("form_limit_error", "vi")
    elif field == "members":
        rule = {"validate": "integer", "criteria": ">=", "value": 1}
        prompt, error = word("form_members_prompt", "vi"), word("form_members_error", "vi")
    else:
        rule = {"validate": "integer", "criteria": ">=", "value": 0}
        prompt, error = word("form_count_prompt", "vi"), word("form_count_error", "vi")
    return rule | {"input_message": prompt, "error_title": word("form_check", "vi"), "error_message": error}
