"""The set of templates: who gets which, that what is stamped is what XlsxWriter would write, the command."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from pipeline.cli import main
from pipeline.registry import load_registry
from pipeline.templates.form import form_bytes, head_of
from pipeline.templates.issue import issue_templates
from pipeline.templates.list_form import list_bytes, office_of
from pipeline.templates.paths import Paths
from pipeline.templates.stamp import Stamp, gap
from tests.template_sets import INPUTS, KG, SHIPPED, campaign_of, index_of, parts, read, small_campaign


@pytest.fixture(scope="module")
def campaign_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_campaign(tmp_path_factory.mktemp("campaign"))


@pytest.fixture(scope="module")
def issued(campaign_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("issued") / "templates"
    issue_templates(campaign_folder, folder)
    return folder


# --- who gets which ----------------------------------------------------------------------------------


def test_each_unit_that_files_gets_a_form_and_each_above_it_a_list(issued: Path):
    rows = [(row["kind"], row["unit_code"], row["path"]) for row in index_of(issued)]
    assert rows == [
        ("list", "T", "T-danh-sach.xlsx"),
        ("form", "C", "C.xlsx"),
        ("list", "X2", "H/X2/X2-danh-sach.xlsx"),
        ("form", "CON", "H/X2/unit CON.xlsx"),
        ("list", "X1", "H/X1/X1-danh-sach.xlsx"),
        ("form", "X1/01", "H/X1/X1 01.xlsx"),
        ("form", "X1-02", "H/X1/X1-02.xlsx"),
    ]
    on_disk = {path.relative_to(issued).as_posix() for path in issued.rglob("*.xlsx")}
    assert on_disk == {path for _, _, path in rows}


@pytest.mark.parametrize("name", SHIPPED)
def test_the_forms_are_those_of_the_units_expected(name: str, tmp_path: Path):
    made = issue_templates(INPUTS / name, tmp_path / "set")
    expected = load_registry(INPUTS / name, campaign_of(name)).expected(made.round)
    rows = index_of(tmp_path / "set")
    assert [row["unit_code"] for row in rows if row["kind"] == "form"] == list(expected.index[expected])
    assert (made.forms, made.lists) == (int(expected.sum()), len(rows) - int(expected.sum()))


@pytest.mark.parametrize(
    ("asked", "as_of", "round_"),
    [("", "2021-04-01", "1"), ("", "2021-05-10", "2"), ("", "2022-01-01", "2"), ("1", "2021-05-10", "1")],
)
def test_the_round_is_the_next_one_due_unless_one_is_asked_for(
    campaign_folder: Path, tmp_path: Path, asked: str, as_of: str, round_: str
):
    arguments = ["templates", str(campaign_folder), "--output", str(tmp_path / "set"), "--as-of", as_of]
    assert main([*arguments, *(["--round", asked] if asked else [])]) == 0
    assert {row["round"] for row in index_of(tmp_path / "set")} == {round_}
    received = read(tmp_path / "set" / "C.xlsx", KG)
    assert received.tallies[0].round_text.removeprefix("Đợt ") == round_


@given(st.lists(st.text(min_size=1, max_size=80), min_size=1, max_size=12, unique=True))
def test_whatever_codes_are_like_paths_are_safe_and_each_once(codes: list[str]):
    parents = dict(zip(codes, ["", *codes], strict=False))  # each below the one before
    paths = Paths(parents)
    found = [paths.form(code) for code in codes] + [paths.list(code, "danh-sach") for code in codes]
    assert len({path.casefold() for path in found}) == len(found)
    for path in found:
        assert not any(ord(letter) < 32 or letter in '<>:"\\|?*' for letter in path)
        for step in path.split("/"):
            assert step.strip(" .") == step != ""
            assert step.partition(".")[0].upper() not in ("CON", "PRN", "AUX", "NUL")
            assert len(step) <= 80


# --- the command -------------------------------------------------------------------------------------


def test_it_says_in_one_line_what_was_made_and_where(campaign_folder: Path, tmp_path: Path, capsys):
    folder = tmp_path / "set"
    assert main(["templates", str(campaign_folder), "--output", str(folder)]) == 0
    assert main(["templates", str(campaign_folder), "--output", str(folder), "--lang", "en"]) == 0
    vi, en = capsys.readouterr().out.splitlines()
    assert vi == f"4 biểu mẫu và 3 danh sách cho Đợt 2 (hạn 28/05/2021): {folder.as_posix()}"
    assert en == f"4 forms and 3 lists for Đợt 2 (due 28/05/2021): {folder.as_posix()}"


def test_bad_usage_ends_with_2_and_a_line_that_says_what_is_expected(campaign_folder: Path, tmp_path: Path, capsys):
    assert main(["templates", str(campaign_folder), "--output", str(tmp_path / "set"), "--round", "3"]) == 2
    assert capsys.readouterr().err == "--round: hiện ghi “3”; cần một trong: 1, 2\n"
    assert not (tmp_path / "set").exists()
    assert main(["templates", str(tmp_path), "--output", str(tmp_path / "set")]) == 2


def test_a_set_takes_the_place_of_the_earlier_one_and_of_nothing_else(campaign_folder: Path, tmp_path: Path):
    folder = tmp_path / "set"
    arguments = ["templates", str(campaign_folder), "--output", str(folder)]
    assert main(arguments) == 0
    shutil.copytree(campaign_folder, tmp_path / "smaller")
    units = tmp_path / "smaller" / "units.csv"
    units.write_text(units.read_text("utf-8").replace("C,Chi bộ cơ sở Trường Chính trị,district,T,,\n", ""), "utf-8")
    assert main([*arguments[:1], str(tmp_path / "smaller"), *arguments[2:]]) == 0
    assert not (folder / "C.xlsx").exists()
    before = {path: path.read_bytes() for path in folder.rglob("*.xlsx")}
    (folder / "H" / "ghi chú.txt").write_text("của tôi", encoding="utf-8")
    assert main(arguments) == 2
    assert {path: path.read_bytes() for path in folder.rglob("*.xlsx")} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["set", "smaller"]


def test_a_set_that_cannot_be_finished_leaves_the_earlier_one_whole(
    campaign_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "set"
    issue_templates(campaign_folder, folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def full(*_: object) -> bytes:
        raise OSError("no space left")

    monkeypatch.setattr(Stamp, "filled", full)
    with pytest.raises(OSError, match="no space"):
        issue_templates(campaign_folder, folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_progress_reaches_the_whole(campaign_folder: Path, tmp_path: Path):
    told: list[tuple[int, int]] = []
    issue_templates(campaign_folder, tmp_path / "set", progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (7, 7)


# --- stamped, and the same as written ----------------------------------------------------------------


def test_a_stamped_workbook_has_the_parts_that_xlsxwriter_writes(issued: Path):
    campaign = campaign_of(KG)
    head = head_of("X1/01", "Chi bộ ấp <1> & 'ấp' 2", "Đảng bộ xã Tây Yên")
    written = form_bytes(campaign, head, "2", level="branch")
    assert parts((issued / "H/X1/X1 01.xlsx").read_bytes()) == parts(written)
    units = [("X1/01", "Chi bộ ấp <1> & 'ấp' 2"), ("X1-02", "Chi bộ ấp _x0041_")]
    office = office_of(campaign, "Đảng bộ xã Tây Yên", 'Huyện ủy <An Biên> & "Bạn"', units, ["branch"])
    assert parts((issued / "H/X1/X1-danh-sach.xlsx").read_bytes()) == parts(list_bytes(campaign, office, "2"))


def test_same_registry_same_bytes(campaign_folder: Path, issued: Path, tmp_path: Path):
    issue_templates(campaign_folder, tmp_path / "set")
    files = [path.relative_to(issued) for path in sorted(issued.rglob("*")) if path.is_file()]
    assert files
    assert all((tmp_path / "set" / file).read_bytes() == (issued / file).read_bytes() for file in files)


def test_every_workbook_opens_in_openpyxl_and_calamine_with_its_names(issued: Path):
    for row in index_of(issued):
        data = (issued / row["path"]).read_bytes()
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
        texts = {str(value) for line in sheet.to_python() for value in line}
        assert row["unit_name"].upper() in texts
        assert {row["unit_code"]} <= texts or row["kind"] == "list"
        assert len(openpyxl.load_workbook(io.BytesIO(data)).sheetnames) == 2


def test_a_gap_is_filled_with_plain_text_and_only_in_the_table_of_strings():
    head = head_of("", "", "")
    data = form_bytes(campaign_of(KG), head, "1", {"assessment": gap("text")})
    stamp = Stamp(data)
    for text in ("a & b", "<r>x</r>", "_x0041_", "…" * 300):
        filled = stamp.filled({"text": text})
        book = openpyxl.load_workbook(io.BytesIO(filled))
        assert text in [cell.value for row in book.worksheets[0].iter_rows() for cell in row]
    with pytest.raises(KeyError):
        stamp.filled({})
    with pytest.raises(ValueError, match=r"gap in xl/worksheets/sheet1\.xml"):
        Stamp(_with_formula(gap("x")))


def test_a_cell_without_a_number_takes_no_gap():
    data = form_bytes(campaign_of(KG), head_of("", "", ""), "1", {"members": 12})
    stamped = Stamp(data, {"members": "B12"}).filled({"members": "345"})
    assert openpyxl.load_workbook(io.BytesIO(stamped)).worksheets[0]["B12"].value == 345
    for cell in ("A12", "B13", "Z99"):  # a text, a blank, none at all
        with pytest.raises(ValueError, match=f"no number in {cell}"):
            Stamp(data, {"members": cell})


def _with_formula(text: str) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.write_formula(0, 0, f'="{text}"', None, "x")
        sheet.write_string(1, 0, "x")
    return buffer.getvalue()
