"""The overview's native charts: how each unit has reported, arrival over time, and the lowest rates."""

from __future__ import annotations

from typing import Any

from . import look
from .arrival import Arrival, alt_text, arrival_chart
from .book import Book
from .cells import clean
from .grid import Page, Span
from .level import Table
from .measure import lines

_LABELS = 0.42  # of a chart's width, for the names of units
_LABEL_SIZE = 7
_FONT = {"name": look.SANS, "size": _LABEL_SIZE, "color": look.INK}
_TITLE = {"name": look.SANS, "size": 10, "bold": True, "color": look.RED}
_UNITS_AXIS = {"reverse": True, "num_font": _FONT, "line": {"color": look.LINE}, "major_tick_mark": "none"}
_LEAST_RATES, _MOST_RATES = 4, 6  # units whose rates are drawn: the lowest; all of them stand in the table
_STATES_FRAME, _RATES_FRAME = 92, 48  # pixels of a chart around its bars
_STATES_BAR, _RATES_BAR = 12, 15  # pixels of a bar whose label can be read
_GAP = 35  # between bars, in percent of one
_LEAST_ARRIVAL, _MOST_ARRIVAL = 150, 230
_STACKED = ("complete", "queried", "rejected", "missing", "not_due")


def insert_charts(page: Page, row: int, room: int, table: Table, arrival: Arrival) -> int:
    """Put the charts one above the other into the right block, from `row` down.

    Args:
        room: pixels that they may fill; where their labels need more, they take more.

    Returns:
        The pixels that they fill.
    """
    units = [code for code in table.units if page.tree.value(code, "expected")]
    lowest = _lowest(page)
    drawn = [(arrival_chart(page.book, arrival), (34, 24, 0.085), alt_text(page.book, arrival), 0)]
    if units:
        _write_names(page, table, units)
        states = _STATES_FRAME + _STATES_BAR * len(units)
        drawn.insert(0, (_states(page, table, units), (56, 30, _LABELS), _alt(page, "alt_states", units), states))
    if lowest:
        field = rate_field(page.book)
        rates = _RATES_FRAME + _RATES_BAR * max(_LEAST_RATES, len(lowest))
        chart = _rates(page, _write_lowest(page, row, lowest, field), lowest, field)
        drawn.append((chart, (32, 10, _LABELS), _alt(page, f"alt_{field}", lowest), rates))
    left = room - sum(height for *_, height in drawn)
    free = min(_MOST_ARRIVAL, max(_LEAST_ARRIVAL, left))
    offset = 0
    for chart, frame, alt, fixed in drawn:
        height = fixed or free
        _insert(page, (row, offset), (chart, frame, alt), height - 6)
        offset += height
    return offset


def _insert(page: Page, place: tuple[int, int], drawn: tuple[Any, tuple[int, int, float], str], size: int) -> None:
    """Insert a chart `size` pixels high at a row and an offset below its top, its plot inside a frame."""
    chart, (above, below, left), alt = drawn
    chart.set_size({"width": page.grid.width(page.grid.right), "height": size})
    plot = {"x": left, "y": above / size, "width": 0.955 - left, "height": (size - above - below) / size}
    chart.set_plotarea({"layout": plot})
    options = {"y_offset": place[1], "object_position": 2, "description": alt}
    page.sheet.insert_chart(place[0], page.grid.right.first, chart, options)


def _lowest(page: Page) -> list[str]:
    """Return the units below the top whose rates are lowest; a whole rate is never low, however few are lower."""
    field, value = rate_field(page.book), page.tree.value
    rates = {code: rate for code in page.book.below_top if (rate := value(code, field)) is not None and rate < 1}
    return sorted(rates, key=rates.__getitem__)[:_MOST_RATES]


def _write_lowest(page: Page, row: int, units: list[str], field: str) -> tuple[int, int]:
    """Write what the chart of rates is drawn from right of the page, unseen; returns its first row and column."""
    column = page.grid.right.last + 2
    unseen = page.book.format(font_color="#FFFFFF", font_size=6, num_format=page.book.rate)
    for place, code in enumerate(units, row):
        page.sheet.write_string(place, column, _short_name(page, code), unseen)
        page.figure(place, Span(column + 1, column + 1), unseen, code, field)
    return row, column


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
                "gap": _GAP,
            }
        )
    _dress(chart, page.book.say("chart_states"))
    chart.set_x_axis(_axis_of_shares(top=1))
    chart.set_legend({"position": "bottom", "font": _FONT})
    return chart


def _rates(page: Page, place: tuple[int, int], units: list[str], field: str) -> Any:
    row, column = place
    last, name = row + len(units) - 1, page.book.sheet_name("overview")
    chart = page.book.workbook.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": page.book.term(field) if field != "coverage" else page.book.say("col_coverage"),
            "categories": [name, row, column, last, column],
            "values": [name, row, column + 1, last, column + 1],
            "fill": {"color": "#B9574F"},
            "border": {"none": True},
            "gap": max(1, _LEAST_RATES / len(units)) * (100 + _GAP) - 100,  # few bars are no thicker than many
            "data_labels": {"value": True, "num_format": page.book.rate, "font": _FONT, "position": "outside_end"},
        }
    )
    title = page.book.say(f"chart_{field}")
    rated = sum(page.tree.value(code, field) is not None for code in page.book.below_top)
    _dress(chart, page.book.say("chart_lowest", title=title) if len(units) < rated else title)
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
    for row, code in enumerate(units, table.first_row):
        page.sheet.write_string(row, page.grid.gap, _short_name(page, code), unseen)


def _short_name(page: Page, code: str) -> str:
    room = int(_LABELS * page.grid.width(page.grid.right))
    name = clean(page.book.unit_name(code))
    while lines(name, room, _LABEL_SIZE) > 1:
        name = name.removesuffix("…")[:-1].rstrip() + "…"
    return name


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
