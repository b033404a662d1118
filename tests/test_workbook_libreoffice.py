"""Another program opens the workbook, works out every formula anew, and comes to the same numbers."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from pipeline.workbook import write_workbook
from pipeline.workbook.book import open_book
from schemas.result import Result
from tests import libreoffice
from tests.libreoffice import convert
from tests.workbook_result import flat_result, province_result, small_result

# openpyxl knows no data bars of 2010 and says so
pytestmark = pytest.mark.filterwarnings("ignore:.*xtension is not supported.*:UserWarning")
RESULTS = {"small": small_result, "province": province_result, "flat": flat_result}


def numbers(path: Path) -> Iterator[tuple[str, str, float | None]]:
    """Yield (sheet, cell, value) of overview and tree: a number, or None where there is none."""
    book = openpyxl.load_workbook(path, data_only=True)
    for sheet in book.worksheets[:2]:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, int | float):
                    yield sheet.title, cell.coordinate, cell.value


def formulas(path: Path) -> set[tuple[str, str]]:
    book = openpyxl.load_workbook(path)
    cells = ((sheet.title, cell) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)
    return {(title, cell.coordinate) for title, cell in cells if cell.data_type == "f"}


@pytest.mark.parametrize("name", RESULTS)
def test_recalculated_totals_equal_the_cached_ones(tmp_path: Path, name: str) -> None:
    path = tmp_path / "consolidated.xlsx"
    write_workbook(RESULTS[name](), path)
    again = convert(path, tmp_path)
    cached = {(sheet, cell): value for sheet, cell, value in numbers(path)}
    recalculated = {(sheet, cell): value for sheet, cell, value in numbers(again)}
    assert len(formulas(path)) > 200
    assert formulas(again) == formulas(path)
    assert recalculated.keys() == cached.keys(), "a blank became a number, or a number a blank"
    assert recalculated == pytest.approx(cached, abs=1e-6)


def test_the_number_format_of_shares_keeps_100_percent_for_the_whole(tmp_path: Path) -> None:
    book = open_book(small_result(), tmp_path / "shares.xlsx")
    sheet = book.workbook.add_worksheet()
    for row, share in enumerate((0.67, 0.9994, 0.9998, 1, 1.02)):
        sheet.write_number(row, 0, share, book.format(num_format=book.rate))
    book.workbook.close()
    page = convert(tmp_path / "shares.xlsx", tmp_path, "html").read_text("utf-8")
    shown = re.findall(r"(?:&gt;)?\d+[.,]\d%(?=<)", page)
    assert shown == ["67,0%", "99,9%", "&gt;99,9%", "100,0%", "102,0%"]


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, dict[str, tuple[object, ...]]]:
    """A workbook in which a branch's members grew by 7, without any cached value left: row of the tree by code."""
    folder = tmp_path_factory.mktemp("changed")
    result = small_result()
    write_workbook(result, folder / "written.xlsx")
    book = openpyxl.load_workbook(folder / "written.xlsx")
    tree = book.worksheets[1]
    row = next(row for row in tree.iter_rows(min_row=6) if row[1].value == "KG010101")
    cell = next(cell for cell in row if cell.value == 45)
    cell.value = 52
    book.save(folder / "changed.xlsx")  # openpyxl keeps no cached values
    again = openpyxl.load_workbook(convert(folder / "changed.xlsx", folder), data_only=True)
    rows = again.worksheets[1].iter_rows(min_row=6, values_only=True)
    overview = [value for line in again.worksheets[0].iter_rows(values_only=True) for value in line]
    return result, {str(row[1]): row for row in rows} | {"overview": tuple(overview)}


def test_a_changed_cell_reaches_every_total_above_it(
    changed: tuple[Result, dict[str, tuple[object, ...]]],
) -> None:
    result, rows = changed
    members = result.round_units()["members"]
    for code in ("KG010101", "KG0101", "KG01", "KG"):
        assert members[code] + 7 in rows[code]
        assert members[code] not in rows[code]
    assert members["KG"] + 7 in rows["overview"]


def test_units_beside_it_stay_as_they_were(changed: tuple[Result, dict[str, tuple[object, ...]]]) -> None:
    result, rows = changed
    assert result.round_units().at["KG0102", "members"] in rows["KG0102"]
    assert not any(isinstance(value, int | float) and value > 2 for value in rows["KG02"][3:-1])


def test_without_libreoffice_the_ci_machine_fails_and_others_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="not installed"):
        libreoffice.soffice()
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="not installed"):
        libreoffice.soffice()


def test_a_libreoffice_that_hangs_is_killed_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child = tmp_path / "child"
    hung = tmp_path / "soffice"
    hung.write_text(f"#!/bin/sh\nsleep 600 &\necho $! > {child}\nwait\n")
    hung.chmod(0o755)
    monkeypatch.setattr(libreoffice, "soffice", lambda: str(hung))
    monkeypatch.setattr(libreoffice, "_TIME_OUT", 2)
    with pytest.raises(TimeoutError):
        convert(tmp_path / "none.xlsx", tmp_path)
    assert _ends(int(child.read_text()), within=30), "the child outlived its parent"


def _ends(process: int, *, within: float) -> bool:
    """Whether a process ends (or waits only to be reaped) in so many seconds: a kill is delivered, not instant."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            state = Path("/proc", str(process), "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False
