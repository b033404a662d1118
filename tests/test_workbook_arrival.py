"""Arrival over time: every counted unit once, on the day its report came; and the chart drawn from it."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from pipeline.workbook import write_workbook
from pipeline.workbook.arrival import Day, days_of
from pipeline.workbook.book import Book
from schemas.campaign import VIETNAM
from schemas.result import Result
from tests.workbook_result import Example, plan, province_result, small_result

# openpyxl knows no data bars of 2010 and says so
pytestmark = pytest.mark.filterwarnings("ignore:.*xtension is not supported.*:UserWarning")
DUE = date(2021, 4, 29)


def came(days: dict[str, int], as_of: str = "2021-05-02T08:00", focus: str = "1") -> Result:
    """A run in which so many units' reports came on each day."""
    example = Example(plan(), datetime.fromisoformat(as_of).replace(tzinfo=VIETNAM), focus=focus)
    example.unit("KG", "Tỉnh ủy")
    number = 0
    for day, units in days.items():
        for _ in range(units):
            number += 1
            code = example.unit(f"K{number:03}", f"Chi bộ {number}", "KG")
            example.leaf(code, "complete", focus, members=9)
            moment = datetime.fromisoformat(day).replace(hour=23, minute=30, tzinfo=VIETNAM)
            example.source(code, "a.xlsx", received_at=moment, round=focus)
    example.leaf(example.unit("K999", "Chi bộ im lặng", "KG"), "missing", focus)
    return example.result()


def days(result: Result) -> list[Day]:
    return days_of(Book(None, result))


def test_units_are_counted_on_the_day_their_report_came_in_vietnamese_time() -> None:
    found = {day.day: day for day in days(came({"2021-04-27": 2, "2021-04-29": 1, "2021-04-30": 1}))}
    assert found[date(2021, 4, 26)] == (date(2021, 4, 26), 0, 0)
    assert found[date(2021, 4, 27)] == (date(2021, 4, 27), 2, 2)
    assert found[date(2021, 4, 28)] == (date(2021, 4, 28), 0, 2)
    assert found[DUE] == (DUE, 1, 3)
    assert found[date(2021, 4, 30)] == (date(2021, 4, 30), 1, 4)


def test_the_last_total_is_that_of_all_counted_units() -> None:
    result = province_result()
    top = result.round_units().loc["KG"]
    assert [day.total for day in days(result) if day.total is not None][-1] == top["complete"] + top["queried"]


def test_days_to_come_are_blank_not_zero_and_the_due_date_is_always_there() -> None:
    found = days(came({"2021-04-10": 1}, as_of="2021-04-12T08:00"))
    assert found[-1] == (DUE, None, None)
    assert next(day for day in found if day.day == date(2021, 4, 12)).total == 1
    assert next(day for day in found if day.day == date(2021, 4, 13)).total is None


def test_a_report_dated_years_away_does_not_stretch_the_days() -> None:
    found = days(came({"2012-01-01": 1, "2021-04-27": 2, "2030-01-01": 1}))
    assert (found[0].day, found[0].came) == (DUE - timedelta(90), 1)
    assert (found[-1].day, found[-1].came, found[-1].total) == (DUE + timedelta(90), 1, 4)
    assert len(found) == 181


def test_days_end_soon_after_the_last_event_however_late_the_run_is() -> None:
    assert days(came({"2021-04-27": 1}, as_of="2026-01-01T08:00"))[-1].day == DUE + timedelta(7)


def test_a_round_of_which_nothing_came_has_days_too() -> None:
    assert {day.total for day in days(came({}))} == {0}


def test_another_round_is_not_counted() -> None:
    result = came({"2021-04-27": 2})
    later = result.sources.assign(round="2")
    assert days(replace(result, sources=pd.concat([result.sources, later])))[-1].total == 2


def rows(path: Path) -> list[dict[str, Any]]:
    sheet = openpyxl.load_workbook(path, data_only=True)["Tiến độ"]
    header, *body = sheet.iter_rows(min_row=5, max_col=6, values_only=True)
    return [dict(zip(header, row, strict=True)) for row in body]


def test_the_sheet_has_a_row_a_day_with_the_due_date_marked(tmp_path: Path) -> None:
    write_workbook(came({"2021-04-27": 2, "2021-04-30": 1}), tmp_path / "consolidated.xlsx")
    found = {row["Ngày"].date(): row for row in rows(tmp_path / "consolidated.xlsx") if row["Ngày"]}
    assert found[DUE]["Ghi chú"] == "Hạn gửi"
    assert found[DUE]["Lũy kế"] == 2
    assert found[DUE]["Tỷ lệ báo cáo"] == 0.5
    assert found[date(2021, 5, 2)]["Ghi chú"] == "Ngày lấy số liệu"
    assert {row["Phải gửi"] for row in found.values()} == {4}


def test_the_chart_tells_its_numbers_in_words(tmp_path: Path) -> None:
    write_workbook(came({"2021-04-27": 2, "2021-04-30": 1}), tmp_path / "consolidated.xlsx")
    with zipfile.ZipFile(tmp_path / "consolidated.xlsx") as parts:
        drawing = parts.read("xl/drawings/drawing1.xml").decode()
        chart = parts.read("xl/charts/chart2.xml").decode()
    assert "Đến hạn 29/4/2021 có 2, đến nay có 3 trên 4 đơn vị phải gửi" in drawing
    assert "Đã báo cáo: 3/4 đơn vị, hạn hết 29/4" in chart
    assert "<c:scatterChart>" in chart


def test_units_without_a_known_moment_are_let_be(tmp_path: Path) -> None:
    result = small_result()
    bare = replace(result, sources=result.sources.assign(received_at=None))
    assert {day.total for day in days(bare)} == {0}
    write_workbook(bare, tmp_path / "consolidated.xlsx")
