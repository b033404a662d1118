"""The sheet behind a form: how to fill it in, what the marks mean, and where to send it.

Nothing on it may look like an item's label, or the reader would take the sheet for a second form; a test sees to that.
"""

from __future__ import annotations

from typing import Any, Final

from schemas.campaign import Campaign
from schemas.words import word

from .look import GREY, VERDICTS, Look, day_text, height_of

_WIDTHS: Final = (5, 88)  # characters: one A4 page upright
_STEPS: Final = {
    "form": ("open", "count", "zero", "limit", "once", "text", "tick"),
    "list": ("list_open", "count", "zero", "limit", "once", "list_line", "list_text", "list_tick"),
}
_MARKS: Final = {"✓": "good", "▲": "doubt", "✗": "bad", "○": "open"}


def write_guide(look: Look, campaign: Campaign, round: str, layout: str) -> None:
    """Write the sheet of instructions.

    Args:
        look: the workbook, its form or list being there already.
        campaign: the plan; its issuer's address is where reports go.
        round: a round's id, "" where the sender is to say.
        layout: "form" or "list".
    """
    sheet = look.sheet(word("guide_sheet", "vi"))
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    bold, plain = look.style(bold=True), look.style(valign="top")
    sheet.merge_range(0, 0, 0, 1, word("guide_title", "vi"), look.style(bold=True, align="center", font_size=15))
    sheet.set_row(0, 30)
    row = _section(sheet, 1, word("guide_how", "vi"), bold)
    for number, step in enumerate(_steps(campaign, layout), 1):
        row = _line(sheet, row, f"{number}.", word(f"guide_{step}", "vi"), plain, plain)
    row = _section(sheet, row, word("guide_marks", "vi"), bold)
    for mark, key in _MARKS.items():
        letters, background = VERDICTS[mark]
        marked = look.style(font_color=letters, bg_color=background, bold=True, align="center", valign="top")
        row = _line(sheet, row, mark, word(f"guide_mark_{key}", "vi"), marked, plain)
    row = _section(sheet, row, word("guide_where", "vi"), bold)
    for number, text in enumerate(_sending(campaign, round, layout), 1):
        row = _line(sheet, row, f"{number}.", text, plain, plain)
    note = word("guide_sheet_note", "vi")
    sheet.merge_range(row + 1, 0, row + 1, 1, note, look.style(italic=True, font_size=10, font_color=GREY))
    sheet.set_row(row + 1, height_of(note, sum(_WIDTHS)))


def _steps(campaign: Campaign, layout: str) -> list[str]:
    """Return the steps of a layout, but for those about what the plan does not ask."""
    idle = set() if campaign.text_fields else {"text", "list_text"}
    idle |= set() if len(campaign.exemption_categories) > 1 else {"once"}
    return [step for step in _STEPS[layout] if step not in idle]


def _section(sheet: Any, row: int, title: str, style: Any) -> int:
    sheet.set_row(row, 12)
    sheet.merge_range(row + 1, 0, row + 1, 1, title, style)
    sheet.set_row(row + 1, 24)
    return row + 2


def _line(sheet: Any, row: int, lead: str, text: str, lead_style: Any, style: Any) -> int:
    sheet.write_string(row, 0, lead, lead_style)
    sheet.write_string(row, 1, text, style)
    sheet.set_row(row, height_of(text, _WIDTHS[1]))
    return row + 1


def _sending(campaign: Campaign, round: str, layout: str) -> list[str]:
    email = campaign.issuer.email
    address = word("guide_email", "vi", email=email) if email else word("guide_email_above", "vi")
    texts = [word("guide_save", "vi"), address]
    if round:
        of_plan = campaign.round(round)
        key = "guide_due_latest" if of_plan.due_day_counts else "guide_due_before"
        texts.append(word(key, "vi", round=of_plan.name, day=day_text(of_plan.due)))
    return [*texts, word("guide_again" if layout == "form" else "guide_list_again", "vi")]
