"""docs/workbook.md names every defined name, table and column of the workbook, and nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest

from pipeline.workbook import write_workbook
from schemas.words import WORDS
from tests.imports_of import ROOT
from tests.workbook_result import small_result

# openpyxl knows no data bars of 2010 and says so
pytestmark = pytest.mark.filterwarnings("ignore:.*xtension is not supported.*:UserWarning")
PAGE = (ROOT / "docs" / "workbook.md").read_text("utf-8")
OWN = re.compile(r"(grade|doc)_\w+")  # named by the campaign


def described() -> dict[str, list[tuple[str, str]]]:
    """Return table -> (Vietnamese, English) title of each column, as the page has them."""
    tables: dict[str, list[tuple[str, str]]] = {}
    name = ""
    for line in PAGE.partition("## Tables")[2].splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 6 and cells[1] != "table" and not cells[1].startswith("-"):
            name = cells[1].strip("`") or name
            tables.setdefault(name, []).append((cells[2], cells[3]))
    return tables


def fields() -> set[str]:
    sentence = PAGE.partition("`<column>` is any of")[2].partition("and the campaign's own")[0]
    return set(re.findall(r"`(\w+)`", sentence))


def names_of_columns() -> set[str]:
    rows = PAGE.partition("## Names")[2].partition("`<column>` is any of")[0]
    return {name for name in re.findall(r"`(\w+)`", rows) if name.startswith(("unit_", "form_"))}


def written(folder: Path, language: str) -> openpyxl.Workbook:
    path = folder / f"{language}.xlsx"
    items = {"guest_reflections": "optional"}
    grades = [{"id": "good", "name": "Loại tốt"}]
    write_workbook(small_result(language, items=items, grades=grades), path)
    return openpyxl.load_workbook(path)


@pytest.mark.parametrize(("place", "language"), [(0, "vi"), (1, "en")])
def test_every_table_and_its_columns_are_described(tmp_path: Path, place: int, language: str) -> None:
    book = written(tmp_path, language)
    found = {
        table.name: [cell.value for cell in sheet[table.ref][0]] for sheet in book for table in sheet.tables.values()
    }
    told = {name: [titles[place] for titles in columns] for name, columns in described().items()}
    assert found == {name: titles for name, titles in told.items() if name in found}
    assert set(told) - set(found) == {"changes"}  # not on a first run


def test_the_columns_of_changes_are_the_catalogue_s() -> None:
    keys = ("since", "parent", "unit", "unit_code", "round", "change", "item", "before", "after", "difference")
    assert described()["changes"] == [WORDS[f"wb_col_{key}"] for key in keys]


def test_every_name_is_described_and_every_name_described_is_there(tmp_path: Path) -> None:
    names = set(written(tmp_path, "vi").defined_names)
    figures = {name.rpartition("_total")[0] for name in names if name.endswith("_total")}
    assert {name for name in figures if not OWN.fullmatch(name)} <= fields()
    assert names - {f"{figure}{end}" for figure in figures for end in ("_total", "_by_unit")} == names_of_columns()
    assert fields() - figures <= {"exempt_work", "exempt_retired"}  # the example exempts from activity only
