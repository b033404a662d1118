"""The comparison with golden tables: each kind of difference is seen, named by its place, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compare_golden import SHOWN, main

UNITS = "unit_code,unit_name,round,members\r\nD1,Huyện ủy A,1,15\r\nB1,Chi bộ 1,1,10\r\nB1,Chi bộ 1,2,11\r\n"
TABLES = {
    "units.csv": UNITS,
    "files.csv": "file,member,status\r\na.xlsx,,counted\r\nthư.eml,b.xlsx,rejected\r\n",
    "findings.csv": "severity,code,file,member,sheet,cell,unit_code,round,field,message\r\n"
    "query,blank,a.xlsx,,Tờ 1,C9,B1,1,assessment,Chưa ghi\r\n"
    "query,blank,a.xlsx,,Tờ 1,C9,B1,1,assessment,Lần nữa\r\n",
    "texts.csv": 'unit_code,unit_path,round,item,text,file,cell\r\nB1,A / B,1,proposal,"Hai\r\ndòng",a.xlsx,C10\r\n'
    "B1,A / B,2,proposal,Ba,a.xlsx,C10\r\n",
}
BYTES = "the cells are alike, the bytes are not (byte order mark, line ends or quotes)"
BLANK_AT = "file a.xlsx, sheet Tờ 1, cell C9, unit_code B1, round 1, field assessment, code blank (its no. 2)"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project of one campaign whose outputs are the golden tables."""
    (tmp_path / "inputs" / "x").mkdir(parents=True)
    (tmp_path / "inputs" / "x" / "campaign.toml").touch()
    for folder in ("outputs/x", "tests/golden/x"):
        (tmp_path / folder).mkdir(parents=True)
        for name, text in TABLES.items():
            (tmp_path / folder / name).write_bytes(b"\xef\xbb\xbf" + text.encode())
    return tmp_path


def change(root: Path, name: str, old: str, new: str) -> None:
    path = root / "outputs" / "x" / name
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new).encode())


def told(root: Path, capsys: pytest.CaptureFixture[str], status: int = 1) -> list[str]:
    assert main([], root) == status
    return [line.strip() for line in capsys.readouterr().out.splitlines()[1:]]


def test_the_same_tables_are_alike(root, capsys):
    assert told(root, capsys, status=0) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "line"),
    [
        (
            "units.csv", "Chi bộ 1,2,11", "Chi bộ 1,2,12",
            "units.csv line 4, unit_code B1, round 2, column members: expected '11', found '12'",
        ),
        (
            "units.csv", "Chi bộ 1,2,11", "Chi bộ 1,2,",
            "units.csv line 4, unit_code B1, round 2, column members: expected '11', found ''",
        ),
        ("units.csv", "B1,Chi bộ 1,2,11\r\n", "", "units.csv: row gone: unit_code B1, round 2 (golden line 4)"),
        (
            "units.csv", ",2,11\r\n", ",2,11\r\nB2,C,1,0\r\n",
            "units.csv: row new: unit_code B2, round 1 (line 5): B2, C, 1, 0",
        ),
        ("units.csv", "unit_name", "name", "units.csv: column gone: unit_name"),
        (
            "files.csv", "thư.eml,b.xlsx,rejected", "thư.eml,b.xlsx,counted",
            "files.csv line 3, file thư.eml, member b.xlsx, column status: expected 'rejected', found 'counted'",
        ),
        (
            "findings.csv", "Lần nữa", "Lần ba",
            f"findings.csv line 3, {BLANK_AT}, column message: expected 'Lần nữa', found 'Lần ba'",
        ),
        (
            "texts.csv", ",2,proposal,Ba", ",2,proposal,Tư",
            "texts.csv line 4, unit_code B1, round 2, item proposal, file a.xlsx, "
            "column text: expected 'Ba', found 'Tư'",
        ),
        ("units.csv", "\ufeff", "", f"units.csv: {BYTES}"),
        ("files.csv", "rejected\r\n", "rejected\n", f"files.csv: {BYTES}"),
    ],
)  # fmt: skip
def test_a_difference_is_told_with_its_place(root, capsys, name, old, new, line):
    change(root, name, old, new)
    assert line in told(root, capsys)


def test_one_row_more_at_the_top_is_one_difference(root, capsys):
    change(root, "units.csv", "D1,", "A0,A,1,1\r\nD1,")
    assert told(root, capsys) == ["units.csv: row new: unit_code A0, round 1 (line 2): A0, A, 1, 1"]


def test_rows_in_another_order_are_a_difference(root, capsys):
    first, second = "D1,Huyện ủy A,1,15\r\n", "B1,Chi bộ 1,1,10\r\n"
    change(root, "units.csv", first + second, second + first)
    where = "expected unit_code D1, round 1, found unit_code B1, round 1"
    assert told(root, capsys) == [f"units.csv: rows in another order from line 2: {where}"]


def test_columns_in_another_order_are_a_difference(root, capsys):
    change(
        root, "files.csv", TABLES["files.csv"], "member,file,status\r\n,a.xlsx,counted\r\nb.xlsx,thư.eml,rejected\r\n"
    )
    assert told(root, capsys) == [
        "files.csv: columns in another order: expected file, member, status; found member, file, status"
    ]


@pytest.mark.parametrize(
    ("data", "fault"),
    [(b"", "is empty: not even a header"), (b"file,member\r\na\r\n", "line 2: 1 cells under 2 columns")],
)
def test_a_table_that_is_no_table_is_told(root, capsys, data, fault):
    (root / "outputs/x/files.csv").write_bytes(data)
    assert [line.endswith(fault) for line in told(root, capsys)] == [True]


def test_many_differences_are_counted_not_told(root, capsys):
    rows = "".join(f"C{n},C,1,1\r\n" for n in range(SHOWN + 7))
    change(root, "units.csv", ",2,11\r\n", f",2,11\r\n{rows}")
    lines = told(root, capsys)
    assert (len(lines), lines[-1]) == (SHOWN + 1, "units.csv: and 7 more differences")


def test_a_missing_table_is_a_difference(root, capsys):
    (root / "outputs/x/texts.csv").unlink()
    assert told(root, capsys) == [f"texts.csv: not in {root / 'outputs/x'}"]


def test_a_shipped_campaign_without_golden_tables_is_a_difference(root, capsys):
    (root / "inputs/y").mkdir()
    (root / "inputs/y/campaign.toml").touch()
    (root / "outputs/x").rename(root / "outputs/y")
    (root / "tests/golden/x").rename(root / "tests/golden/z")
    (root / "inputs/x/campaign.toml").unlink()
    assert main(["y"], root) == 1
    assert f"units.csv: not in {root / 'tests/golden/y'}" in capsys.readouterr().out


def test_a_campaign_that_was_not_consolidated_is_bad_usage(root, capsys):
    (root / "outputs/x").rename(root / "outputs/y")
    assert main([], root) == 2
    assert "make consolidate CAMPAIGN=x" in capsys.readouterr().err


def test_the_made_up_campaign_is_not_compared(root, capsys):
    (root / "inputs/demo").mkdir()
    (root / "inputs/demo/campaign.toml").touch()
    assert told(root, capsys, status=0) == []


def test_update_makes_the_outputs_golden(root, capsys):
    change(root, "units.csv", "2,11", "2,12")
    assert main(["--update"], root) == 0
    assert "expected '11', found '12'" in capsys.readouterr().out
    assert told(root, capsys, status=0) == []
    assert (root / "tests/golden/x/units.csv").read_bytes() == (root / "outputs/x/units.csv").read_bytes()
