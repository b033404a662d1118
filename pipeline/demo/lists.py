"""Made-up lists: one sheet on which an office lists its branches, one a row."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import xlsxwriter

from ..templates import put
from .forms import CREATED, OPTIONS, Look, Values
from .names import LISTS

_WIDTHS: Final = {"serial": 5, "unit_name": 36, "assessment": 50, "proposals": 50}  # characters


def branch_list(
    *,
    office: str,
    above: str,
    fields: Sequence[str],
    lines: Sequence[tuple[str, str, Values]],
    total: Values | None = None,
    title: str = "",
    labels: Mapping[str, str] | None = None,
    look: Look | None = None,
) -> bytes:
    """Return one sheet that lists many branches as rows, as a commune's office sends for its branches.

    Args:
        office: the unit whose branches these are; named above the table.
        above: the unit above it.
        fields: the items that have a column, in order.
        lines: (unit code or "", unit name, values) of each branch; a column of codes stands only where there are any.
        total: the office's own sum line.
        title: above the table; a usual one unless given.
        labels: headings of fields that have no usual one, such as a campaign's plan documents.
        look: `sheet`, `above`, `columns`, `round_line`, `is_decomposed` and `place_date` apply.
    """
    look = look or Look(sheet="Tổng hợp")
    has_codes = any(code for code, _, _ in lines)
    columns = ["serial", *(["unit_code"] if has_codes else []), "unit_name", *fields, "remark"]
    title = title or LISTS["title"]
    top = [*look.above, above.upper(), office.upper(), "", title, look.round_line, look.place_date, ""]
    table = [{**values, "unit_code": code, "unit_name": name} for code, name, values in lines]
    table = [{**values, "serial": serial} for serial, values in enumerate(table, 1)]
    table += [{**total, "unit_name": LISTS["total"]}] if total is not None else []
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as book:
        book.set_properties({"created": CREATED})
        _write(book, look, top, [{**LISTS["columns"], **(labels or {})}, *table], columns)
    return buffer.getvalue()


def _write(book: Any, look: Look, top: Sequence[str], table: Sequence[Values], columns: Sequence[str]) -> None:
    """Write the lines above the table, and the table, its first row being the headings."""
    sheet = book.add_worksheet(look.sheet)
    bold = book.add_format({"bold": True})
    boxed = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    heading = book.add_format({"bold": True, "border": 1, "text_wrap": True, "align": "center"})
    for at, field in enumerate(columns, look.columns):
        sheet.set_column(at, at, _WIDTHS.get(field, 13))
    for row, text in enumerate(top):
        sheet.write_string(row, look.columns, look.text(text), bold)
    for row, values in enumerate(table, len(top)):
        for at, field in enumerate(columns, look.columns):
            value = values.get(field)
            shown = look.text(value) if isinstance(value, str) else value
            put(sheet, row, at, shown, boxed if "serial" in values and row > len(top) else heading)
        longest = max(len(str(values.get(field) or "")) / _WIDTHS.get(field, 13) for field in columns)
        sheet.set_row(row, 15.5 * max(1, math.ceil(longest)))


def total_of(lines: Sequence[Values], fields: Sequence[str]) -> dict[str, int]:
    """Return the sums of the counts among the fields, as an office adds them up."""
    sums: dict[str, int] = {}
    for field in fields:
        counts = [value for values in lines if isinstance(value := values.get(field), int)]
        if counts:
            sums[field] = sum(counts)
    return sums
