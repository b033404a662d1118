"""The registry: every fault at its line or cell, the tree in reading order, who files in which round."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from pipeline.registry import Registry, load_registry
from schemas.campaign import Campaign, Issuer, Level, Round, Tree
from schemas.faults import Fault, FaultsError
from schemas.units import COLUMNS

THREE_TIERS: tuple[Level, ...] = ("province", "district", "grassroots", "branch")
Rows = list[list[object]]

UNITS = """
    | unit_code | unit_name              | level      | parent_code |
    | T         | Tỉnh ủy Kiên Giang     | province   |             |
    | H1        | Huyện ủy Hòn Đất       | district   | T           |
    | H2        | Đảng ủy Quân sự tỉnh   | district   | T           |
    | X1        | Đảng ủy xã Mỹ Lâm      | grassroots | H1          |
    | X2        | Chi bộ Bưu điện        | grassroots | H1          |
    | B1        | Chi bộ ấp 10           | branch     | X1          |
    | B2        | Chi bộ ấp 2            | branch     | X1          |
"""


def table(text: str) -> Rows:
    lines = [line.strip().strip("|").split("|") for line in text.strip().splitlines()]
    return [[cell.strip() for cell in line] for line in lines]


def campaign(levels: Sequence[Level] = THREE_TIERS, *rounds: date) -> Campaign:
    return Campaign(
        title="Học tập",
        resolution="Nghị quyết",
        language="en",
        issuer=Issuer(superior="TỈNH ỦY", name="BAN THƯỜNG VỤ", place="Rạch Giá"),
        tree=Tree(levels=tuple(levels)),
        rounds=tuple(
            Round(id=str(number), name=f"Đợt {number}", due=due)
            for number, due in enumerate(rounds or (date(2021, 4, 29),), start=1)
        ),
    )


def write_csv(folder: Path, rows: Rows, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    with (folder / "units.csv").open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return folder


def write_xlsx(folder: Path, rows: Rows) -> Path:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.worksheets[0].append([None if value == "" else value for value in row])
    workbook.save(folder / "units.xlsx")
    return folder


def load(folder: Path, text: str | Rows, levels: Sequence[Level] = THREE_TIERS) -> Registry:
    return load_registry(write_csv(folder, table(text) if isinstance(text, str) else text), campaign(levels))


def faults_in(folder: Path, levels: Sequence[Level] = THREE_TIERS) -> tuple[Fault, ...]:
    with pytest.raises(FaultsError) as refused:
        load_registry(folder, campaign(levels))
    return refused.value.faults


def brief(faults: tuple[Fault, ...]) -> list[tuple[str, str, str]]:
    return [(fault.place, fault.key, fault.kind) for fault in faults]


def faults_of(folder: Path, text: str | Rows, levels: Sequence[Level] = THREE_TIERS) -> list[tuple[str, str, str]]:
    rows = table(text) if isinstance(text, str) else text
    return brief(faults_in(write_csv(folder, rows), levels))


# --- the tree ----------------------------------------------------------------------------------------


def test_the_tree_stands_in_reading_order_with_its_depths_and_paths(tmp_path: Path) -> None:
    registry = load(tmp_path, UNITS)
    shown = registry.tree.reset_index()[["unit_code", "parent_code", "depth", "is_filing", "path"]]
    assert shown.to_numpy().tolist() == [
        ["T", "", 0, False, "Tỉnh ủy Kiên Giang"],
        ["H2", "T", 1, True, "Tỉnh ủy Kiên Giang / Đảng ủy Quân sự tỉnh"],
        ["H1", "T", 1, False, "Tỉnh ủy Kiên Giang / Huyện ủy Hòn Đất"],
        ["X2", "H1", 2, True, "Tỉnh ủy Kiên Giang / Huyện ủy Hòn Đất / Chi bộ Bưu điện"],
        ["X1", "H1", 2, False, "Tỉnh ủy Kiên Giang / Huyện ủy Hòn Đất / Đảng ủy xã Mỹ Lâm"],
        ["B2", "X1", 3, True, "Tỉnh ủy Kiên Giang / Huyện ủy Hòn Đất / Đảng ủy xã Mỹ Lâm / Chi bộ ấp 2"],
        ["B1", "X1", 3, True, "Tỉnh ủy Kiên Giang / Huyện ủy Hòn Đất / Đảng ủy xã Mỹ Lâm / Chi bộ ấp 10"],
    ]


def test_a_ragged_tree_has_leaves_at_any_level(tmp_path: Path) -> None:
    registry = load(tmp_path, UNITS)
    assert registry.top == "T"
    assert registry.leaves == ("H2", "X2", "B2", "B1")
    assert registry.children == {
        "T": ("H2", "H1"), "H2": (), "H1": ("X2", "X1"), "X2": (), "X1": ("B2", "B1"), "B2": (), "B1": (),
    }  # fmt: skip
    assert registry.parents.to_dict() == {
        "T": "", "H2": "T", "H1": "T", "X2": "H1", "X1": "H1", "B2": "X1", "B1": "X1",
    }  # fmt: skip
    assert list(registry.expected(campaign().rounds[0])) == [False, True, False, True, False, True, True]


def test_two_tiers_as_since_july_2025(tmp_path: Path) -> None:
    units = """
        | unit_code | unit_name         | level      | parent_code |
        | T         | Tỉnh ủy An Giang  | province   |             |
        | X         | Đảng ủy xã An Phú | grassroots | T           |
        | B         | Chi bộ ấp 1       | branch     | X           |
    """
    assert load(tmp_path, units, ("province", "grassroots", "branch")).leaves == ("B",)
    assert faults_of(tmp_path, UNITS, ("province", "grassroots", "branch"))[0] == ("line 3", "level", "level_unknown")


def test_optional_columns_are_typed(tmp_path: Path) -> None:
    units = """
        | unit_code | unit_name | level    | parent_code | email  | monitor | aliases | members_on_register | reports |
        | T         | Tỉnh ủy   | province |             |        |         |         |                     |         |
        | A         | Đơn vị A  | branch   | T           | A@b.vn | Bà Lan  | A1; A2; | 0                   | không   |
        | B         | Đơn vị B  | branch   | T           |        |         |         | 1204                | 1       |
    """
    days = table("""
        | valid_from | valid_to            |
        |            |                     |
        | 2021-01-02 | 3/2/2021            |
        | 01/02/2021 | 2021-03-04 00:00:00 |
    """)
    rows: Rows = [[*line, *more] for line, more in zip(table(units), days, strict=True)]
    tree = load(tmp_path, rows).tree
    columns = ["email", "monitor", "is_filing", "valid_from", "valid_to", "aliases", "members_on_register", "reports"]
    assert tree.loc["A", columns].tolist() == [
        "A@b.vn", "Bà Lan", False, date(2021, 1, 2), date(2021, 2, 3), ("A1", "A2"), 0, False,
    ]  # fmt: skip
    assert tree.loc["B", columns].tolist() == ["", "", True, date(2021, 2, 1), date(2021, 3, 4), (), 1204, True]
    assert tree["members_on_register"].isna().tolist() == [True, False, False]


def test_names_are_nfc_without_needless_spaces(tmp_path: Path) -> None:
    rows = table(UNITS)
    rows[1][1] = "  Tỉnh\u00a0ủy  Kie\u0302n Giang\u200b "
    assert load(tmp_path, rows).tree.at["T", "unit_name"] == "Tỉnh ủy Kiên Giang"


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


# --- who files in a round ----------------------------------------------------------------------------

DATED = """
    | unit_code | unit_name        | level      | parent_code | valid_from | valid_to   | reports |
    | T         | Tỉnh ủy          | province   |             |            |            |         |
    | X1        | Xã còn chi bộ    | grassroots | T           |            |            |         |
    | B1        | Luôn có          | branch     | X1          |            |            |         |
    | B2        | Giải thể hôm hạn | branch     | X1          |            | 2021-04-29 |         |
    | B3        | Giải thể trước   | branch     | X1          |            | 2021-04-28 |         |
    | B4        | Lập đúng hạn     | branch     | X1          | 2021-04-29 |            |         |
    | B5        | Lập sau hạn      | branch     | X1          | 2021-04-30 |            |         |
    | B6        | Không báo cáo    | branch     | X1          |            |            | không   |
    | X2        | Xã hết chi bộ    | grassroots | T           |            |            |         |
    | B7        | Giải thể trước   | branch     | X2          |            | 2021-04-01 |         |
    | X3        | Xã giải thể      | grassroots | T           |            | 2021-04-01 |         |
    | B8        | Quên ghi ngày    | branch     | X3          |            |            |         |
    | X4        | Xã mới, chi bộ cũ | grassroots | T          | 2021-05-01 |            |         |
    | B9        | Chi bộ cũ        | branch     | X4          |            |            |         |
"""
REASONS = """
    | unit_code | round_1              | round_2              |
    | T         | why_units_below      | why_units_below      |
    | X1        | why_units_below      | why_units_below      |
    | B1        |                      |                      |
    | B2        |                      | why_dissolved        |
    | B3        | why_dissolved        | why_dissolved        |
    | B4        |                      |                      |
    | B5        | why_not_founded      |                      |
    | B6        | why_files_nothing    | why_files_nothing    |
    | X2        |                      |                      |
    | B7        | why_dissolved        | why_dissolved        |
    | X3        | why_dissolved        | why_dissolved        |
    | B8        | why_parent_dissolved | why_parent_dissolved |
    | X4        | why_not_founded      | why_units_below      |
    | B9        |                      |                      |
"""


def test_who_files_is_read_from_the_tree_as_it_stood_on_the_due_date(tmp_path: Path) -> None:
    registry = load(tmp_path, DATED)
    for code, *reasons in table(REASONS)[1:]:
        for due, reason in zip(
            campaign(THREE_TIERS, date(2021, 4, 29), date(2021, 5, 28)).rounds, reasons, strict=True
        ):
            assert (code, due.id, registry.why_not_expected(str(code), due)) == (code, due.id, reason)
            assert registry.expected(due)[code] == (reason == "")


# --- whose a tally is --------------------------------------------------------------------------------


def test_units_are_found_by_code_name_alias_and_address(tmp_path: Path) -> None:
    units = """
        | unit_code | unit_name         | level      | parent_code | email       | aliases               |
        | T         | Tỉnh ủy           | province   |             |             |                       |
        | X         | Đảng ủy xã Hòa An | grassroots | T           | Xa@huyen.vn | Hòa An cũ;ĐU Hoà An   |
        | X-1       | Chi bộ ấp 1       | branch     | X           | xa@huyen.vn |                       |
        | Y         | Đảng ủy xã Mỹ An  | grassroots | T           |             |                       |
        | Y-1       | Chi bộ ấp 1       | branch     | Y           |             | Chi bộ ấp 1; CB Ấp 01 |
    """
    registry = load(tmp_path, units)
    assert registry.by_code["X-1"] == "X-1"
    assert sorted(registry.by_name.values()) == [("T",), ("X",), ("X",), ("X",), ("X-1", "Y-1"), ("Y",)]
    assert registry.by_email == {"xa@huyen.vn": ("X", "X-1")}
    under = {
        (code, above) for code in registry.tree.index for above in registry.tree.index if registry.is_under(code, above)
    }
    assert under == {("X", "T"), ("X-1", "T"), ("X-1", "X"), ("Y", "T"), ("Y-1", "T"), ("Y-1", "Y")}
    with pytest.raises(KeyError):
        registry.is_under("Z", "T")


# --- laws --------------------------------------------------------------------------------------------


@st.composite
def trees(draw: st.DrawFn) -> Rows:
    """A registry of a random tree, its lines in any order; units may bear one name and end or begin at any time."""
    days = st.sampled_from(["", "2021-04-28", "2021-04-29", "2021-05-10"])
    rows: Rows = [["U0", "Tỉnh ủy", "province", "", "", "", ""]]
    for number in range(1, draw(st.integers(1, 15))):
        above = draw(st.sampled_from([row for row in rows if row[2] != "branch"]))
        level = draw(st.sampled_from(THREE_TIERS[THREE_TIERS.index(above[2]) + 1 :]))  # type: ignore[arg-type]  # a level
        name = draw(st.sampled_from(["Chi bộ ấp 1", "Chi bộ ấp 2", "Chi bộ ấp 10", "Đảng ủy xã Ô Lâm", "Ấp Đá Bạc"]))
        start, end = sorted((draw(days), draw(days)))
        reports = draw(st.sampled_from(["", "", "không"]))
        rows.append([f"U{number}", name, level, above[0], start, end, reports])
    return draw(st.permutations(rows))


def loaded(rows: Rows) -> Registry:
    with TemporaryDirectory() as folder:
        header: Rows = [["unit_code", "unit_name", "level", "parent_code", "valid_from", "valid_to", "reports"]]
        return load_registry(write_csv(Path(folder), header + rows), campaign())


@given(trees())
def test_every_unit_stands_once_below_its_parent_and_above_its_own(rows: Rows) -> None:
    tree = loaded(rows).tree
    assert sorted(tree.index) == sorted(str(row[0]) for row in rows)
    seen: list[str] = []
    for code, unit in tree.iterrows():
        while seen and seen[-1] != unit["parent_code"]:
            seen.pop()  # a unit's whole subtree stands together, so what is left on the stack is above it
        assert len(seen) == unit["depth"]
        seen.append(str(code))


@given(trees(), st.randoms(use_true_random=False))
def test_the_order_of_the_lines_does_not_matter(rows: Rows, rng: random.Random) -> None:
    shuffled = rows[:]
    rng.shuffle(shuffled)
    assert_frame_equal(loaded(shuffled).tree, loaded(rows).tree)


@given(trees())
def test_no_unit_that_files_stands_above_another_that_does(rows: Rows) -> None:
    registry = loaded(rows)
    for due in campaign(THREE_TIERS, date(2021, 4, 29), date(2021, 5, 28)).rounds:
        expected: pd.Series[bool] = registry.expected(due)
        filing = [str(code) for code in expected.index[expected]]
        assert not [(code, above) for code in filing for above in filing if registry.is_under(code, above)]
        assert all(bool(expected[code]) == (registry.why_not_expected(code, due) == "") for code in expected.index)
