"""The overview's native charts: how each unit has reported, and its rate, drawn from the table's cells."""

from __future__ import annotations

from typing import Any

from . import look
from .book import Book
from .cells import clean
from .grid import Page
from .level import Table
from .measure import lines

_LABELS = 0.42  # of a chart's width, for the names of units
_LABEL_SIZE = 7
_FONT = {"name": look.SANS, "size": _LABEL_SIZE, "color": look.INK}
_TITLE = {"name": look.SANS, "size": 10, "bold": True, "color": look.RED}
_UNITS_AXIS = {"reverse": True, "num_font": _FONT, "line": {"color": look.LINE}, "major_tick_mark": "none"}
_STACKED = ("complete", "queried", "rejected", "missing", "not_due")


def insert_charts(page: Page, row: int, heights: tuple[int, int], table: Table) -> None:
    """Put the two charts one above the other into the right block, from `row` down.

    Args:
        heights: of each chart, in pixels.
    """
    units = [code for code in table.units if page.tree.value(code, "expected")]
    if not units:
        return
    _write_names(page, table, units)
    width = page.grid.width(page.grid.right)
    field = rate_field(page.book)
    drawn = (
        (_states(page, table, units), 56, 30, "alt_states"),
        (_rates(page, table, units, field), 32, 10, f"alt_{field}"),
    )
    offset = 0
    for (chart, above, below, alt), height in zip(drawn, heights, strict=True):
        size = height - 6
        chart.set_size({"width": width, "height": size})
        plot = {"x": _LABELS, "y": above / size, "width": 0.955 - _LABELS, "height": (size - above - below) / size}
        chart.set_plotarea({"layout": plot})
        options = {"y_offset": offset, "object_position": 2, "description": _alt(page, alt, units)}
        page.sheet.insert_chart(row, page.grid.right.first, chart, options)
        offset += height


def rate_field(book: Book) -> str:
    """Return the rate that the plan is about: reflections, else attendance, else coverage."""
    if book.result.campaign.has_required_writers:
        return "reflection_rate"
    return "attendance_rate" if "attendees" in book.result.campaign.count_fields else "coverage"


def _states(page: Page, table: Table, units: list[str]) -> Any:
    """A bar a unit, parted by how its filing units stand; whole bars are alike long, so that shares compare."""
    chart = page.book.workbook.add_chart({"type": "bar", "subtype": "percent_stacked"})
    shown = [name for name in _STACKED if any(page.tree.value(code, name) for code in units)]
    for status in shown or _STACKED[:1]:
        fill = {"color": look.mark(status).strong}
        chart.add_series(
            {
                "name": page.book.term(status),
                "categories": _cells(page, table, page.grid.gap, len(units)),
                "values": _cells(page, table, table.columns[status], len(units)),
                "fill": fill,
                "border": {"none": True},
                "gap": 35,
            }
        )
    _dress(chart, page.book.say("chart_states"))
    chart.set_x_axis(_axis_of_shares(top=1))
    chart.set_legend({"position": "bottom", "font": _FONT})
    return chart


def _rates(page: Page, table: Table, units: list[str], field: str) -> Any:
    chart = page.book.workbook.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": page.book.term(field) if field != "coverage" else page.book.say("col_coverage"),
            "categories": _cells(page, table, page.grid.gap, len(units)),
            "values": _cells(page, table, table.columns[field], len(units)),
            "fill": {"color": "#B9574F"},
            "border": {"none": True},
            "gap": 35,
            "data_labels": {"value": True, "num_format": page.book.rate, "font": _FONT, "position": "outside_end"},
        }
    )
    _dress(chart, page.book.say(f"chart_{field}"))
    highest = max((value for code in units if (value := page.tree.value(code, field)) is not None), default=0)
    room = 1.18  # for the label of the longest bar
    chart.set_x_axis(_axis_of_shares(top=room * max(1, highest)) | {"label_position": "none"})
    chart.set_legend({"none": True})
    return chart


def _write_names(page: Page, table: Table, units: list[str]) -> None:
    """Write the names that label the bars into the gap beside the table, unseen there.

    A label that needs two lines makes some programs leave out every other label: so a long name is cut.
    """
    unseen = page.book.format(font_color="#FFFFFF", font_size=6)
    room = int(_LABELS * page.grid.width(page.grid.right))
    for row, code in enumerate(units, table.first_row):
        name = page.book.unit_name(code)
        while lines(name, room, _LABEL_SIZE) > 1:
            name = name.removesuffix("…")[:-1].rstrip() + "…"
        page.sheet.write_string(row, page.grid.gap, clean(name), unseen)


def _cells(page: Page, table: Table, column: int, units: int) -> list[Any]:
    last = table.first_row + units - 1
    return [page.book.sheet_name("overview"), table.first_row, column, last, column]


def _dress(chart: Any, title: str) -> None:
    chart.set_title({"name": title, "name_font": _TITLE, "overlay": False})
    chart.set_y_axis({**_UNITS_AXIS, "interval_unit": 1})
    chart.set_chartarea({"border": {"color": look.LINE}})
    chart.show_blanks_as("gap")


def _axis_of_shares(top: float) -> dict[str, Any]:
    return {
        "min": 0,
        "max": top,
        "major_unit": 0.25,
        "num_format": "0%",
        "num_font": _FONT,
        "line": {"none": True},
        "major_gridlines": {"visible": True, "line": {"color": "#ECE8E4", "width": 0.5}},
    }


def _alt(page: Page, key: str, units: list[str]) -> str:
    """Return what the chart shows for those who cannot see it: the first and last unit by name."""
    first, last = page.book.unit_name(units[0]), page.book.unit_name(units[-1])
    return page.book.say(key, units=len(units), first=first, last=last)
