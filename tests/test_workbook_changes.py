"""What has changed since the run before and since the first round, and that a second run on the same inputs agrees."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.report import report
from pipeline.tables import staged, write_manifest, write_tables
from pipeline.tables_earlier import PREVIOUS, carry_over
from pipeline.workbook import write_workbook
from pipeline.workbook.book import Book
from pipeline.workbook.changes import changes_of
from schemas.campaign import VIETNAM
from schemas.result import Result
from tests.received_tables import TREE, TWO_ROUNDS, plan, received
from tests.registry_tables import table, write_csv

# openpyxl knows no data bars of 2010 and says so
pytestmark = pytest.mark.filterwarnings("ignore:.*xtension is not supported.*:UserWarning")
FIRST = """
    | file | day  | code | round | members | attendees | reflections |
    | a    | 20/4 | B1   | 1     | 10      | 9         | 10          |
    | b    | 21/4 | B2   | 1     | 10      | 11        | 10          |
    | c    | 21/4 | X2   | 1     | 30      | 28        | 25          |
"""
BEFORE_DUE, AFTER_DUE = "2021-04-25T08:00", "2021-05-03T08:00"


def run(
    folder: Path, things: str, as_of: str = AFTER_DUE, focus: str = "1", tree: str = TREE, **changes: Any
) -> Result:
    """Do what a run does once everything is read: tables, workbook and manifest into folder/outputs."""
    (folder / "inputs").mkdir(exist_ok=True)
    write_csv(folder / "inputs", table(tree))
    moment = datetime.fromisoformat(as_of).replace(tzinfo=VIETNAM)
    campaign = plan(**{"rounds": TWO_ROUNDS, "language": "vi"} | changes)
    result, inputs = report(folder / "inputs", campaign, received(things), moment, focus, "vi")
    output = folder / "outputs"
    with staged(output, (PREVIOUS,)) as stage:
        result = replace(result, earlier=carry_over(output, stage, campaign.id, inputs))
        write_tables(result, stage)
        write_workbook(result, stage / "consolidated.xlsx")
        write_manifest(result, stage, inputs, "1")
    return result


def told(result: Result, since: str = "run") -> list[tuple[str, ...]]:
    """(unit, round, kind, field, before, after) of each change."""
    found = changes_of(Book(None, result))
    return [tuple("" if v is None else str(v) for v in (c.unit, *c[3:])) for c in found if c.since == since]


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


# --- since the run before ------------------------------------------------------------------------


def test_the_first_run_has_nothing_to_compare_with(tmp_path: Path) -> None:
    assert told(run(tmp_path, FIRST)) == []
    assert not (tmp_path / "outputs" / PREVIOUS).exists()
    assert "Thay đổi" not in openpyxl.load_workbook(tmp_path / "outputs" / "consolidated.xlsx").sheetnames


def test_new_corrected_queried_late_and_missing_are_each_told(tmp_path: Path) -> None:
    run(tmp_path, FIRST, BEFORE_DUE, rounds=TWO_ROUNDS[:1])
    later = run(
        tmp_path,
        """
        | file | day  | code | round | members | attendees | reflections |
        | a    | 20/4 | B1   | 1     | 10      | 9         | 10          |
        | b    | 21/4 | B2   | 1     | 10      | 11        | 10          |
        | b2   | 24/4 | B2   | 1     | 10      | 10        | 10          |
        | c    | 21/4 | X2   | 1     | 30      | 28        | 25          |
        | d    | 30/4 | B1   | 1     | 12      | 9         | 12          |
    """,
        rounds=TWO_ROUNDS[:1],
    )
    assert [change for change in told(later) if change[0] not in ("T", "H1")] == [
        ("H2", "1", "missing", "flag", "not_due", "missing"),
        ("B1", "1", "late", "", "", ""),
        ("B1", "1", "moved", "members", "10", "12"),
        ("B1", "1", "moved", "reflections", "10", "12"),
        ("B2", "1", "corrected", "flag", "rejected", "complete"),
    ]


def test_the_numbers_of_the_top_and_of_the_units_below_it_are_told_too(tmp_path: Path) -> None:
    run(tmp_path, FIRST)
    later = run(tmp_path, FIRST + "| e    | 2/5  | H2   | 1     | 50      | 50        | 50          |\n")
    assert [change for change in told(later) if change[2] == "moved"] == [
        ("T", "1", "moved", "members", "40", "90"),
        ("T", "1", "moved", "attendees", "37", "87"),
        ("T", "1", "moved", "reflections", "35", "85"),
    ]
    assert ("H2", "1", "arrived", "flag", "missing", "complete") in told(later)


def test_newly_rejected_and_no_longer_counted(tmp_path: Path) -> None:
    run(tmp_path, FIRST)
    later = run(
        tmp_path,
        """
        | file | day  | code | round | members | attendees | reflections |
        | a    | 20/4 | B1   | 1     | 10      | 11        | 10          |
        | b    | 21/4 | B2   | 1     | 10      | 10        | 10          |
    """,
    )
    flags = {unit: (kind, after) for unit, _, kind, field, _, after in told(later) if field == "flag"}
    assert flags["B1"] == ("rejected", "rejected")
    assert flags["X2"] == ("uncounted", "missing")


def test_units_that_came_and_went(tmp_path: Path) -> None:
    run(tmp_path, FIRST)
    without = TREE.replace("| X2        | Chi bộ Bưu điện      | grassroots | H1          |\n", "")
    new = without + "| X3        | Chi bộ Thuế          | grassroots | H1          |\n"
    later = run(tmp_path, FIRST, tree=new)
    flags = {(unit, kind) for unit, _, kind, field, *_ in told(later) if field == "flag"}
    assert {("X3", "joined"), ("X2", "left")} <= flags
    sheet = openpyxl.load_workbook(tmp_path / "outputs" / "consolidated.xlsx")["Thay đổi"]
    assert "Chi bộ Bưu điện" in [cell.value for row in sheet.iter_rows() for cell in row]


def test_a_column_that_the_earlier_table_lacks_is_passed_over(tmp_path: Path) -> None:
    run(tmp_path, FIRST)
    items = {"guests": "optional", "exemptions": "no", "assessment": "no", "proposals": "no"}
    things = FIRST.replace("| reflections |", "| reflections | guests |").replace(
        "| 10          |", "| 10          | 4      |"
    )
    things = things.replace("| 25          |", "| 25          | 4      |")
    later = [change for change in told(run(tmp_path, things, items=items)) if change[3] == "guests"]
    assert later == [("X2", "1", "moved", "guests", "", "4"), ("B1", "1", "moved", "guests", "", "4")]
    path = tmp_path / "outputs" / "units.csv"
    path.write_text(path.read_text("utf-8-sig").replace("late,", "belated,", 1), "utf-8-sig")
    manifest = tmp_path / "outputs" / "run.json"
    told_sums = json.loads(manifest.read_text())
    told_sums["outputs"]["units.csv"] = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(told_sums))
    assert "late" not in {change[2] for change in told(run(tmp_path, FIRST, items=items))}


# --- running again -------------------------------------------------------------------------------


def test_the_same_inputs_again_give_the_same_bytes_with_and_without_an_earlier_run(tmp_path: Path) -> None:
    more = FIRST + "| e    | 2/5  | H2   | 1     | 50      | 50        | 50          |\n"
    for things in (FIRST, more):
        run(tmp_path, things)
        once = content(tmp_path / "outputs")
        run(tmp_path, things)
        assert content(tmp_path / "outputs") == once
    assert told(run(tmp_path, more)), "and still tells what had changed"


def test_what_is_compared_with_changes_only_when_the_inputs_do(tmp_path: Path) -> None:
    more = FIRST + "| e    | 2/5  | H2   | 1     | 50      | 50        | 50          |\n"
    run(tmp_path, FIRST, BEFORE_DUE)
    run(tmp_path, more, AFTER_DUE)
    result = run(tmp_path, more, "2021-05-09T08:00")
    assert result.earlier.as_of == datetime(2021, 4, 25, 8, tzinfo=VIETNAM)
    assert run(tmp_path, FIRST).earlier.as_of == datetime(2021, 5, 9, 8, tzinfo=VIETNAM)


def test_a_table_that_its_manifest_does_not_vouch_for_is_not_compared_with(tmp_path: Path) -> None:
    """As after a run that was killed between putting its tables and its manifest in place."""
    more = FIRST + "| e    | 2/5  | H2   | 1     | 50      | 50        | 50          |\n"
    run(tmp_path, FIRST, BEFORE_DUE)
    run(tmp_path, more)
    (tmp_path / "outputs" / "units.csv").write_text("unit_code\n", "utf-8")
    result = run(tmp_path, FIRST)
    assert result.earlier.as_of == datetime(2021, 4, 25, 8, tzinfo=VIETNAM)


def test_outputs_of_another_campaign_are_let_be(tmp_path: Path) -> None:
    run(tmp_path, FIRST)
    assert told(run(tmp_path, FIRST + "\n", id="another")) == []


@pytest.mark.parametrize("text", ["", "[]", "{", '{"inputs": 1}'])
def test_a_manifest_that_says_nothing_is_as_none(tmp_path: Path, text: str) -> None:
    run(tmp_path, FIRST)
    (tmp_path / "outputs" / "run.json").write_text(text)
    assert told(run(tmp_path, FIRST)) == []


# --- since the first round -----------------------------------------------------------------------


def test_what_moved_since_the_first_round_is_told_by_unit(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        FIRST
        + """
        | f    | 20/5 | B1   | 2     | 10      | 10        | 10          |
        | g    | 20/5 | X2   | 2     | 29      | 28        | 27          |
        | h    | 20/5 | H2   | 2     | 50      | 50        | 50          |
    """.strip("\n"),
        "2021-05-30T08:00",
        "2",
    )
    assert told(result, "round") == [
        ("X2", "2", "moved", "members", "30", "29"),
        ("X2", "2", "moved", "reflections", "25", "27"),
        ("B1", "2", "moved", "attendees", "9", "10"),
    ]
    assert told(result) == []


def test_the_sheet_says_since_when_what_and_by_how_much(tmp_path: Path) -> None:
    run(tmp_path, FIRST, BEFORE_DUE)
    run(tmp_path, FIRST.replace("| 30      | 28 ", "| 31      | 28 "))
    sheet = openpyxl.load_workbook(tmp_path / "outputs" / "consolidated.xlsx")["Thay đổi"]
    header, *rows = sheet.iter_rows(min_row=5, values_only=True)
    listed = [dict(zip(header, row, strict=True)) for row in rows]
    assert sheet["A3"].value == "So với lần tổng hợp 08:00 25/4/2021: 1 mới quá hạn, 1 số liệu thay đổi."
    (moved,) = [row for row in listed if row["Mã đơn vị"] == "X2"]
    assert (moved["So với"], moved["Thay đổi"], moved["Mục"]) == (
        "Lần trước, 25/4/2021",
        "↕ Số liệu thay đổi",
        "Đảng viên",
    )
    assert (moved["Trước"], moved["Nay"], moved["Tăng, giảm"]) == (30, 31, 1)
    (missing,) = [row for row in listed if row["Mã đơn vị"] == "H2"]
    assert (missing["Trước"], missing["Nay"], missing["Tăng, giảm"]) == ("Chưa đến hạn", "Chưa gửi", None)


def test_leaders_are_told_on_the_overview(tmp_path: Path) -> None:
    run(tmp_path, FIRST, BEFORE_DUE)
    run(tmp_path, FIRST, BEFORE_DUE, items={"guests": "no", "exemptions": "no", "assessment": "no", "proposals": "no"})
    run(tmp_path, FIRST + "| e    | 2/5  | H2   | 1     | 50      | 50        | 50          |\n", BEFORE_DUE)
    values = [
        v for row in openpyxl.load_workbook(tmp_path / "outputs" / "consolidated.xlsx")["Tổng quan"].values for v in row
    ]
    assert any("So với lần tổng hợp 08:00 25/4/2021: 1 mới gửi, 1 mới gửi muộn." in str(value) for value in values)
