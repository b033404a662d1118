"""Arrival over time: how many units had reported by each day of the round, against those expected and the due date."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from schemas.campaign import VIETNAM

from . import look
from .book import Book, Sheet
from .cells import moments_of
from .dates import short_day
from .listing import HEADER_ROW, Column, at_hand, write_list
from .rows import Part
from .tree import Tree

_LEAST_DAYS, _MOST_DAYS, _AFTER = 14, 90, 7  # shown before the due date at least and at most, and after the last event
_TICKS = 7
_FONT = {"name": look.SANS, "size": 7, "color": look.INK}
_EXPECTED_COLUMN, _DUE_COLUMN = 8, 10  # right of the table and a gap: days and heights of two straight lines


class Day(NamedTuple):
    """A day of the round: units whose counted report came on it, and up to it; None for a day yet to come."""

    day: date
    came: int | None
    total: int | None


@dataclass(frozen=True)
class Arrival:
    """The days of the round shown, and where they stand on their sheet: one row a day from `first_row` on."""

    days: tuple[Day, ...]
    expected: int
    first_row: int = HEADER_ROW + 1

    @property
    def last_row(self) -> int:
        return self.first_row + len(self.days) - 1


def days_of(book: Book) -> list[Day]:
    """Return the round's days in order: what came before the first or after the last is counted with it."""
    result = book.result
    sources = result.sources[result.sources["round"] == result.focus]
    came = Counter(when.date() for when in moments_of(sources["received_at"]) if when)
    due = result.campaign.round(result.focus).deadline.last_day()
    today = result.as_of.astimezone(VIETNAM).date()
    first = min(max(min(came, default=due), due - timedelta(_MOST_DAYS)), due - timedelta(_LEAST_DAYS))
    end = max(due, min(max(came, default=due), due + timedelta(_MOST_DAYS)))
    end = max(end, min(today, end + timedelta(_AFTER)))
    known = max(today, max(came, default=today))
    days: list[Day] = []
    total = 0
    for number in range((end - first).days + 1):
        day = first + timedelta(number)
        new = sum(n for of, n in came.items() if of == day or (of < day and not days) or (of > day and day == end))
        total += new
        days.append(Day(day, new, total) if day <= known else Day(day, None, None))
    return days


def write_arrival(book: Book, tree: Tree) -> Arrival:
    """Write the sheet of days, with the chart beside them; returns where they stand, for the overview's chart."""
    sheet = book.add_sheet("arrival", header_row=HEADER_ROW)
    book.head(sheet, "arrival")
    found = Arrival(tuple(days_of(book)), int(tree.value(book.top, "expected") or 0))
    columns = [
        Column(book.say("col_day"), 84, "day"),
        Column(book.say("col_came_in"), 84, "count"),
        Column(book.say("col_total"), 84, "count"),
        Column(book.say("col_expected"), 74, "count"),
        Column(book.say("col_coverage"), 74, "rate"),
        Column(book.say("col_remark"), 190),
    ]
    rows = [
        (
            _midnight(day.day),
            day.came,
            day.total,
            found.expected,
            _share(day.total, found.expected),
            _remark(book, day.day),
        )
        for day in found.days
    ]
    write_list(book, sheet, "arrival", columns, at_hand(rows, len(columns)))
    _write_lines(book, sheet, found)
    chart = arrival_chart(book, found, size=9)
    chart.set_size({"width": 760, "height": 400})
    options = {"object_position": 2, "description": alt_text(book, found)}
    sheet.insert_chart(HEADER_ROW, len(columns) + 1, chart, options)
    sheet.set_column_pixels(len(columns), len(columns), 16)
    sheet.print_area(0, 0, max(found.last_row, HEADER_ROW + 20), len(columns) + 12)
    return found


def arrival_chart(book: Book, found: Arrival, *, size: int = 7) -> Any:
    """Return the chart: the total by day, the units expected, an upright line at the due date.

    Each line bears its number, and the title says what the numbers are: longer labels are broken by some programs.

    Args:
        size: of its letters, in points.
    """
    chart = book.workbook.add_chart({"type": "scatter", "subtype": "straight"})
    known = [day.total for day in found.days if day.total is not None]
    values, name = {"value": True, "num_format": book.whole}, {"series_name": True}
    total = (found.first_row, found.last_row, 0, 2)
    drawn: tuple[tuple[str, tuple[int, int, int, int], dict[str, Any], int, dict[str, Any]], ...] = (
        ("line_total", total, {"color": look.GREEN, "width": 2.5}, len(known) - 1, values | {"position": "above"}),
        ("line_expected", _helper(found, _EXPECTED_COLUMN, 3), {"color": look.mark("missing").colour, "width": 1.25,
         "dash_type": "dash"}, 1, values | {"position": "below"}),
        ("line_due", _helper(found, _DUE_COLUMN, 2), {"color": look.RED, "width": 1.5, "dash_type": "square_dot"},
         0, name | {"position": "left" if _is_late_in(found, _due(book)) else "right"}),
    )  # fmt: skip
    for key, (first_row, last_row, days, heights), line, labelled, label in drawn:
        labels: list[dict[str, Any]] = [{"delete": True}] * (last_row - first_row + 1)
        if labelled >= 0:
            labels[labelled] = {}
        font = {"name": look.SANS, "size": size + 1, "bold": True, "color": line["color"]}
        chart.add_series(
            {
                "name": book.say(key, day=_day_of(_due(book))),
                "categories": _cells(book, first_row, last_row, days),
                "values": _cells(book, first_row, last_row, heights),
                "line": line,
                "marker": {"type": "none"},
                "data_labels": label | {"font": font, "custom": labels},
            }
        )
    _dress(book, chart, found, size)
    return chart


def _is_late_in(found: Arrival, day: date) -> bool:
    """Whether a day stands so far right that its name finds no room there."""
    first, last = found.days[0].day, found.days[-1].day
    return 4 * (day - first) > 3 * (last - first)


def _day_of(day: date) -> str:
    return f"{day.day}/{day.month}"


def _helper(found: Arrival, column: int, points: int) -> tuple[int, int, int, int]:
    """Return first and last row of a straight line's points, and its columns of days and of heights."""
    return found.first_row, found.first_row + points - 1, column, column + 1


def alt_text(book: Book, found: Arrival) -> str:
    """Return what the chart shows for those who cannot see it."""
    due = _due(book)
    known = [day for day in found.days if day.total is not None]
    in_time = next((day.total for day in reversed(known) if day.day <= due), 0) or 0
    last = known[-1].total if known else 0
    values = {"in_time": book.number(in_time), "total": book.number(last or 0), "expected": book.number(found.expected)}
    return book.say("alt_arrival", first=short_day(found.days[0].day), due=short_day(due), **values)


def _dress(book: Book, chart: Any, found: Arrival, size: int) -> None:
    font = _FONT | {"size": size}
    title = {"name": look.SANS, "size": 10, "bold": True, "color": look.RED}
    last = next((day.total for day in reversed(found.days) if day.total is not None), 0)
    told = {"units": book.number(last), "expected": book.number(found.expected), "day": _day_of(_due(book))}
    chart.set_title({"name": book.say("chart_arrival", **told), "name_font": title, "overlay": False})
    first, last = (_serial(found.days[place].day) for place in (0, -1))
    step = max(1, -(-(last - first) // _TICKS))
    grid = {"visible": True, "line": {"color": "#ECE8E4", "width": 0.5}}
    plain = {"num_font": font, "line": {"color": look.LINE}, "major_tick_mark": "none"}
    days = {"min": first, "max": last, "major_unit": step, "num_format": "d/m", "major_gridlines": {"visible": False}}
    chart.set_x_axis(plain | days)
    chart.set_y_axis(plain | {"min": 0, "max": _ceiling(found), "num_format": book.whole, "major_gridlines": grid})
    chart.set_legend({"none": True})
    chart.set_chartarea({"border": {"color": look.LINE}})
    chart.show_blanks_as("gap")


def _ceiling(found: Arrival) -> int:
    """Return where the axis ends: the next round number above what is expected, or above what came."""
    highest = max(1, found.expected, *(day.total or 0 for day in found.days))
    tops = (share * 10 ** len(str(highest)) // 100 for share in (10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100))
    return next((top for top in tops if top >= highest), highest)


def _write_lines(book: Book, sheet: Sheet, found: Arrival) -> None:
    """Write the points of the two straight lines, unseen behind the chart; each is named at one of them."""
    days = [day.day for day in found.days]
    level = (days[0], days[len(days) // 5], days[-1])
    top = _ceiling(found)
    lines: tuple[tuple[int, list[tuple[date | None, int | None]]], ...] = (
             (_EXPECTED_COLUMN, [(day, found.expected) for day in level]),
             (_DUE_COLUMN, [(_due(book), top * 7 // 100), (_due(book), top), ]))  # fmt: skip
    day_format, plain = (book.format(**look_of, font_color="#FFFFFF") for look_of in ({"num_format": "dd/mm/yyyy"}, {}))

    def write(part: Part) -> None:
        for column, points in lines:
            shown = [*points, *[(None, None)] * len(found.days)][part.rows]
            part.moments(column, [_midnight(day) if day else None for day, _ in shown], day_format)
            part.figures(column + 1, [height for _, height in shown], plain)

    sheet.add_columns(_DUE_COLUMN + 1, write)


def _remark(book: Book, day: date) -> str:
    if day == _due(book):
        return book.say("remark_due")
    return book.say("remark_as_of") if day == book.result.as_of.astimezone(VIETNAM).date() else ""


def _share(total: int | None, expected: int) -> float | None:
    return total / expected if total is not None and expected else None


def _due(book: Book) -> date:
    return book.result.campaign.round(book.result.focus).deadline.last_day()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _serial(day: date) -> int:
    return (day - date(1899, 12, 30)).days


def _cells(book: Book, first: int, last: int, column: int) -> list[Any]:
    return [book.sheet_name("arrival"), first, column, last, column]
