"""The registry's file: what may differ in it, and every fault at its line or cell, all at once."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal

from pipeline.registry import load_registry
from schemas.units import COLUMNS
from tests.registry_tables import UNITS, Rows, brief, campaign, faults_in, faults_of, load, table, write_csv, write_xlsx

# --- the file ----------------------------------------------------------------------------------------

HEADER = "unit_code,unit_name,level,parent_code\n"
FULL: Rows = [
    list(COLUMNS),
    ["T", "Tỉnh ủy, thành phố", "province", "", "t@tinh.vn", "", "", "", "", "", ""],
    ["01", "Đảng ủy “khối”; \"cơ quan\"", "district", "T", "", "Ông Ba", "2021-01-02", "2021-12-31", "ĐUK;Khối", "120",
     "false"],
]  # fmt: skip


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_any_delimiter_and_byte_order_mark_gives_the_same_tree(tmp_path: Path, delimiter: str, encoding: str) -> None:
    (tmp_path / "plain").mkdir()
    plain = load_registry(write_csv(tmp_path / "plain", FULL), campaign())
    other = load_registry(write_csv(tmp_path, FULL, delimiter, encoding), campaign())
    assert_frame_equal(other.tree, plain.tree)
    assert other.tree.at["01", "aliases"] == ("ĐUK", "Khối")


def test_a_workbook_gives_the_same_tree(tmp_path: Path) -> None:
    (tmp_path / "csv").mkdir()
    plain = load_registry(write_csv(tmp_path / "csv", FULL), campaign())
    typed: Rows = [
        *FULL[:2],
        [*FULL[2][:6], date(2021, 1, 2), datetime(2021, 12, 31), "ĐUK;Khối", 120, False],
    ]
    for rows in (FULL, typed):
        assert_frame_equal(load_registry(write_xlsx(tmp_path, rows), campaign()).tree, plain.tree)


def test_other_columns_blank_lines_and_short_lines_do_not_matter(tmp_path: Path) -> None:
    text = (
        "parent_code,Ghi chú,unit_code,,parent_name,unit_name,level\n,x,T,,,Tỉnh ủy,province\n\n,,,\n"
        'T,,B,,Tỉnh ủy,"Chi bộ\nA",branch\nT,"x",C,,,Chi bộ C,brunch\n'
    )
    (tmp_path / "units.csv").write_text(text, encoding="utf-8")
    (fault,) = faults_in(tmp_path)
    assert (fault.place, fault.key, fault.kind) == ("line 7", "level", "level_unknown")  # the lines of an editor
    (tmp_path / "units.csv").write_text(text.replace("brunch", "branch"), encoding="utf-8")
    assert load_registry(tmp_path, campaign()).tree["unit_name"].tolist() == ["Tỉnh ủy", "Chi bộ A", "Chi bộ C"]


def test_a_delimiter_at_the_end_of_each_line_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text(HEADER + "T,Tỉnh ủy,province,,\nB,Chi bộ B,branch,T,\n", encoding="utf-8")
    assert load_registry(tmp_path, campaign()).leaves == ("B",)


def test_no_registry_or_two(tmp_path: Path) -> None:
    folder = tmp_path / "kien-giang-2021"
    folder.mkdir()
    (fault,) = faults_in(folder)
    assert (fault.file, fault.kind) == ("kien-giang-2021/units.csv", "registry_missing")
    write_xlsx(write_csv(folder, FULL), FULL)
    (fault,) = faults_in(folder)
    assert (fault.kind, fault.found) == ("registry_twice", "units.csv, units.xlsx")


FILES = {
    b"": ("", "", "registry_empty"),
    HEADER.encode(): ("line 1", "", "registry_empty"),
    (HEADER + "T,Tỉnh ủy,province,\n").encode("utf-16"): ("line 1", "", "not_utf8"),
    (HEADER + "T,Tinh uy,province,\nB,Chi bô,branch,T").encode("cp1258", "ignore"): ("line 3", "", "not_utf8"),
    (HEADER + 'T,"Tỉnh ủy,province,\nB,Chi bộ,branch,T\n').encode(): ("line 2", "", "csv_quotes"),
    (HEADER + 'T,Tỉnh ủy,province,\nB,"Chi bộ" A,branch,T\n').encode(): ("line 3", "", "csv_quotes"),
    (HEADER + "T,Tỉnh ủy,province,\nB,Chi bộ A, xã B,branch,T\n").encode(): ("line 3", "", "row_too_long"),
    (HEADER + "T,Tỉnh ủy,province,\nB,Chi bộ A,,branch,T\n").encode(): ("line 3", "", "row_too_long"),
    b"unit_code,unit_name,level\nT,T,province\n": ("line 1", "parent_code", "column_missing"),
}  # fmt: skip


@pytest.mark.parametrize("content", FILES)
def test_a_file_that_is_no_table(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "units.csv").write_bytes(content)
    assert brief(faults_in(tmp_path)) == [FILES[content]]


def test_a_file_that_is_no_workbook(tmp_path: Path) -> None:
    (tmp_path / "units.xlsx").write_bytes(HEADER.encode())
    assert brief(faults_in(tmp_path)) == [("", "", "registry_unreadable")]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("valid form", "column_near_miss"),
        ("e-mail", "column_near_miss"),
        ("Report", "column_near_miss"),
        ("alias", "column_near_miss"),
        ("member_on_register", "column_near_miss"),
        ("level", "column_twice"),
    ],
)
def test_a_misspelt_column_is_told_together_with_what_is_wrong_below_it(tmp_path: Path, header: str, kind: str) -> None:
    rows: Rows = [[*line, header if at == 0 else ""] for at, line in enumerate(table(UNITS))]
    rows[4][2] = "village"
    assert faults_of(tmp_path, rows) == [
        ("line 1", header.casefold(), kind), ("line 5", "level", "level_unknown"),
    ]  # fmt: skip
    (tmp_path / "units.csv").unlink()
    assert brief(faults_in(write_xlsx(tmp_path, rows))) == [
        ("cell E1", header.casefold(), kind), ("cell C5", "level", "level_unknown"),
    ]  # fmt: skip


@pytest.mark.parametrize("header", ["ghi chú", "parent_name", "old_code", "unit_type", "số điện thoại", "name", "stt"])
def test_another_column_is_left_alone(tmp_path: Path, header: str) -> None:
    rows: Rows = [[*line, header if at == 0 else "x"] for at, line in enumerate(table(UNITS))]
    assert len(load(tmp_path, rows).tree) == 7


def test_cells_that_a_workbook_shows_as_errors_are_not_taken_for_blank(tmp_path: Path) -> None:
    rows: Rows = [[*line, "" if at else "valid_to"] for at, line in enumerate(table(UNITS))]
    rows[2][4] = "=VLOOKUP(A3,Z:Z,1,FALSE)"
    rows[3][1] = "#REF!"
    assert brief(faults_in(write_xlsx(tmp_path, rows))) == [
        ("cell E3", "valid_to", "formula_without_value"), ("cell B4", "unit_name", "cell_error"),
    ]  # fmt: skip


# --- faults of the units -----------------------------------------------------------------------------

# A line of UNITS (the header is 1) with some of its values replaced: which faults then.
ONE_FAULT = """
    | line | value                     | faults                              |
    | 7    | unit_code=                | 7 unit_code unit_code_blank         |
    | 7    | unit_code=B2              | 8 unit_code unit_code_twice         |
    | 7    | unit_code=b 2             | 8 unit_code unit_code_twice         |
    | 7    | unit_name=                | 7 unit_name unit_name_blank         |
    | 7    | level=                    | 7 level level_unknown               |
    | 7    | level=chi bộ              | 7 level level_unknown               |
    | 7    | level=grassroots          | 7 level level_not_below             |
    | 7    | level=district            | 7 level level_not_below             |
    | 7    | parent_code=X9            | 7 parent_code parent_unknown        |
    | 7    | parent_code=              | 7 parent_code top_twice             |
    | 7    | parent_code=B2            | 7 level level_not_below             |
    | 7    | parent_code=B1            | 7 parent_code cycle                 |
    | 2    | level=district            | 2 level top_level, 3 level level_not_below, 4 level level_not_below |
    | 2    | parent_code=H1            | 0 parent_code top_none, 2 level level_not_below, 2 parent_code cycle |
    | 2    | unit_code=Z               | 3 parent_code parent_unknown, 4 parent_code parent_unknown |
    | 7    | email=chi bộ 10           | 7 email email_shape                 |
    | 7    | email=a@b.vn; c@d.vn      | 7 email email_shape                 |
    | 7    | email=a@localhost         | 7 email email_shape                 |
    | 7    | valid_from=29-4           | 7 valid_from date_unclear           |
    | 7    | valid_from=30/2/2021      | 7 valid_from date_unclear           |
    | 7    | valid_to=4/29/2021        | 7 valid_to date_unclear             |
    | 7    | valid_to=44315            | 7 valid_to date_unclear             |
    | 7    | valid_from=2/1/2021;valid_to=2021-01-01 | 7 valid_to valid_to_before_from |
    | 7    | members_on_register=12,5  | 7 members_on_register members_not_whole |
    | 7    | members_on_register=-1    | 7 members_on_register members_not_whole |
    | 7    | members_on_register=1.204 | 7 members_on_register members_not_whole |
    | 7    | members_on_register=１２  | 7 members_on_register members_not_whole |
    | 7    | reports=maybe             | 7 reports reports_unclear           |
"""


@pytest.mark.parametrize(("number", "values", "faults"), table(ONE_FAULT)[1:])
def test_one_fault(tmp_path: Path, number: str, values: str, faults: str) -> None:
    rows: Rows = [list(COLUMNS), *([*line, *[""] * 7] for line in table(UNITS)[1:])]
    for part in values.split(";v"):
        column, value = part.split("=", 1)
        rows[int(number) - 1][COLUMNS.index(column if column in COLUMNS else f"v{column}")] = value
    wanted = [fault.split() for fault in faults.split(", ")]
    lines = [("" if line == "0" else f"line {line}", key, kind) for line, key, kind in wanted]
    assert faults_of(tmp_path, rows) == lines
    (tmp_path / "units.csv").unlink()
    letters = dict(zip(COLUMNS, "ABCDEFGHIJK", strict=True))
    cells = [("" if line == "0" else f"cell {letters[key]}{line}", key, kind) for line, key, kind in wanted]
    assert brief(faults_in(write_xlsx(tmp_path, rows))) == cells


def test_codes_that_differ_by_case_spaces_or_dash_are_one_code_and_a_parent_may_be_written_so(tmp_path: Path) -> None:
    units = """
        | unit_code | unit_name | level    | parent_code |
        | kg 01     | Tỉnh ủy   | province |             |
        | KG–01-b   | Chi bộ B  | branch   | KG01        |
    """
    registry = load(tmp_path, units)
    assert registry.parents.to_dict() == {"kg 01": "", "KG–01-b": "kg 01"}
    assert registry.by_code == {"KG01": "kg 01", "KG-01-B": "KG–01-b"}


def test_a_fault_names_what_stands_there_and_what_would_do(tmp_path: Path) -> None:
    rows = table(UNITS)
    rows[6][3], rows[7][0], rows[5][2] = "X 11", "b1", "brnch"
    faults = {fault.kind: fault for fault in faults_in(write_csv(tmp_path, rows))}
    assert {kind: fault.found for kind, fault in faults.items()} == {
        "level_unknown": "brnch", "parent_unknown": "X 11", "unit_code_twice": "b1",
    }  # fmt: skip
    assert "“branch”" in faults["level_unknown"].expected
    assert "“X1”" in faults["parent_unknown"].expected
    assert "line 7" in faults["unit_code_twice"].expected
    for fault in faults.values():
        assert str(fault).startswith(f"{tmp_path.name}/units.csv, {fault.place}, {fault.key}: ")


def test_a_cycle_is_named_round_from_its_first_line(tmp_path: Path) -> None:
    units = """
        | unit_code | unit_name | level      | parent_code |
        | T         | Tỉnh ủy   | province   |             |
        | C         | C         | branch     | B           |
        | A         | A         | branch     | C           |
        | B         | B         | grassroots | A           |
        | D         | D         | branch     | B           |
    """
    faults = faults_in(write_csv(tmp_path, table(units)))
    (cycle,) = [fault for fault in faults if fault.kind == "cycle"]
    assert cycle.place == "line 3"
    assert "C → B → A → C" in cycle.expected


def test_every_fault_is_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    rows: Rows = [[*line, "email" if at == 0 else ""] for at, line in enumerate(table(UNITS))]
    rows[2][4], rows[3][1], rows[5][2], rows[6][3], rows[7][3] = "thư", "", "xã", "", "X7"
    rows.append(["B3", "Chi bộ ấp 3", " xã Mỹ Lâm", "branch", "X1", ""])
    rows.append(["b1", "Chi bộ ấp 1", "branch", "X1", ""])
    assert faults_of(tmp_path, rows) == [
        ("line 3", "email", "email_shape"),
        ("line 4", "unit_name", "unit_name_blank"),
        ("line 6", "level", "level_unknown"),
        ("line 7", "parent_code", "top_twice"),
        ("line 8", "parent_code", "parent_unknown"),
        ("line 9", "", "row_too_long"),
        ("line 10", "unit_code", "unit_code_twice"),
    ]
