"""The tree that the registry makes: its reading order, who files in which round, whose a tally is."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from pipeline.registry import Registry, load_registry
from tests.registry_tables import THREE_TIERS, UNITS, Rows, campaign, faults_of, load, table, write_csv

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
