"""A rate that the tables leave blank stays blank in the workbook, whoever recalculates it."""

from __future__ import annotations

import warnings
from pathlib import Path

import openpyxl

from pipeline.workbook import write_workbook
from tests.received_tables import consolidated, plan


def test_no_formula_makes_a_rate_of_unlike_sums(tmp_path: Path) -> None:
    items = dict.fromkeys(("guests", "exemptions", "assessment", "proposals"), "no")
    result = consolidated(tmp_path, """
        | file | code | members | attendees | reflections |
        | a    | B1   | 10      | 10        | 10          |
        | b    | B2   | 10      |           | 10          |
        | c    | H2   | 10      | 9         | 9           |
    """, plan(items={**items, "attendees": "optional"}))  # fmt: skip
    write_workbook(result, tmp_path / "consolidated.xlsx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # openpyxl knows no data bars; only formulas are read here
        book = openpyxl.load_workbook(tmp_path / "consolidated.xlsx")
    ((name, cell),) = book.defined_names["attendance_rate_total"].destinations
    sheet, column = book[name], cell.replace("$", "").rstrip("0123456789")
    codes = {sheet.cell(row, 2).value: row for row in range(1, sheet.max_row + 1)}
    shown = {code: sheet[f"{column}{codes[code]}"].value for code in ("T", "X1", "B1", "B2", "H2", "X2")}
    assert [code for code, value in shown.items() if value == '=""'] == ["T", "X1"]
    assert all(str(value).startswith("=IF(COUNT(") for value in shown.values() if value != '=""')
