"""Texts that say the same, and the register of proposals: what a person writes in it outlives every later run."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.tables import write_manifest
from pipeline.tables_earlier import carry_over
from pipeline.workbook import write_workbook
from schemas.earlier import Answered, Earlier
from schemas.likeness import key_of
from schemas.result import Result
from tests.libreoffice import convert
from tests.workbook_result import Example, flat_result, plan, small_result

# openpyxl knows no data bars of 2010 and says so
pytestmark = pytest.mark.filterwarnings("ignore:.*xtension is not supported.*:UserWarning")
ROADS = "Kiến nghị sớm nâng cấp lộ giao thông nông thôn đã xuống cấp"
BOOKS = "Đề nghị cấp thêm tài liệu học tập Nghị quyết cho các chi bộ vùng sâu"
COPIED = "Đảng viên viết thu hoạch nghiêm túc, đúng yêu cầu, đúng thời gian quy định."


def said(texts: Mapping[str, str], item: str = "proposals", **changes: Any) -> Result:
    """A run of a province with one district, in which each branch said so much."""
    example = Example(plan(), small_result().as_of)
    example.unit("KG", "Tỉnh ủy Kiên Giang")
    example.unit("KG01", "Huyện ủy An Biên", "KG")
    for number, (code, text) in enumerate(texts.items(), 1):
        example.unit(code, f"Chi bộ ấp {number}", "KG01")
        example.leaf(code, "complete", members=9)
        example.text(code, item, text)
    return replace(example.result(), **changes)


def book(result: Result, folder: Path) -> openpyxl.Workbook:
    folder.mkdir(parents=True, exist_ok=True)
    write_workbook(result, folder / "consolidated.xlsx")
    return openpyxl.load_workbook(folder / "consolidated.xlsx")


def rows(workbook: openpyxl.Workbook, sheet: str = "Kiến nghị") -> list[dict[str, Any]]:
    header, *body = workbook[sheet].iter_rows(min_row=5, values_only=True)
    return [dict(zip(header, row, strict=True)) for row in body]


def write_in(folder: Path, text: str, **answers: str) -> None:
    """What a person does: find a proposal's row, write beside it, save."""
    path = folder / "consolidated.xlsx"
    workbook = openpyxl.load_workbook(path)
    sheet = workbook["Kiến nghị"]
    titles = {cell.value: cell.column for cell in sheet[5]}
    (row,) = [cells[0].row for cells in sheet.iter_rows(min_row=6) if text in [cell.value for cell in cells]]
    for name, value in answers.items():
        title = {"authority": "Cơ quan có thẩm quyền", "outcome": "Kết quả giải quyết"}[name]
        sheet.cell(row, titles[title], value)
    workbook.save(path)


def read_earlier(output: Path) -> Earlier:
    """What a run that is about to write into this folder finds there."""
    with tempfile.TemporaryDirectory() as stage:
        return carry_over(output, Path(stage), "kien-giang-2021", {})


def next_run(result: Result, folder: Path) -> list[dict[str, Any]]:
    return rows(book(replace(result, earlier=read_earlier(folder)), folder))


# --- texts ---------------------------------------------------------------------------------------


def test_texts_alike_bear_their_group_and_how_many_units_sent_them(tmp_path: Path) -> None:
    texts = {"B1": COPIED, "B2": "Tốt, có liên hệ thực tế.", "B3": COPIED.upper(), "B4": COPIED.replace(",", "")}
    found = rows(book(said(texts, "assessment"), tmp_path), "Nhận xét, kiến nghị")
    assert [(row["Mã đơn vị"], row["Nhóm"], row["Số đơn vị giống nhau"]) for row in found] == [
        ("B1", 1, 3), ("B2", None, None), ("B3", 1, 3), ("B4", 1, 3),
    ]  # fmt: skip
    assert found[2]["Nội dung"] == COPIED.upper(), "every text stays as it was written"


def test_a_unit_that_says_the_same_in_two_rounds_copies_nobody(tmp_path: Path) -> None:
    result = said({"B1": COPIED}, "assessment")
    twice = result.texts.loc[[0, 0]].assign(round=["1", "2"]).reset_index(drop=True)
    found = rows(book(replace(result, texts=twice), tmp_path), "Nhận xét, kiến nghị")
    assert {row["Nhóm"] for row in found} == {None}


def test_leaders_are_told_of_many_copies_and_not_of_a_few(tmp_path: Path) -> None:
    many = {f"B{n}": COPIED for n in range(7)} | {"C1": "Bài viết có chiều sâu, sát với nhiệm vụ của đơn vị."}
    words = [str(v) for row in book(said(many, "assessment"), tmp_path)["Tổng quan"].values for v in row]
    assert any("7 đơn vị nộp nhận xét giống nhau: cần xem có sao chép hay không." in text for text in words)
    few = {f"B{n}": COPIED for n in range(4)} | {f"C{n}": "Tốt" for n in range(9)}
    words = [str(v) for row in book(said(few, "assessment"), tmp_path)["Tổng quan"].values for v in row]
    assert not any("giống nhau" in text for text in words), "a few may agree, and 'good' is soon written"


# --- the register --------------------------------------------------------------------------------


def test_each_proposal_stands_once_with_who_makes_it(tmp_path: Path) -> None:
    texts = {"B1": f"- {ROADS}\n- {BOOKS}", "B2": f"1. {BOOKS}.", "B3": "Không có", "B4": BOOKS.upper()}
    found = rows(book(said(texts), tmp_path))
    assert [(row["TT"], row["Nội dung kiến nghị, đề xuất"], row["Số đơn vị nêu"]) for row in found] == [
        (1, BOOKS, 3), (2, ROADS, 1),
    ]  # fmt: skip
    assert found[1]["Đơn vị nêu"] == "Chi bộ ấp 1 (Huyện ủy An Biên)"
    assert {row["Cơ quan có thẩm quyền"] for row in found} == {None}


def test_many_units_are_told_by_the_unit_below_the_top(tmp_path: Path) -> None:
    found = rows(book(said({f"B{n}": BOOKS for n in range(6)}), tmp_path))
    assert found[0]["Đơn vị nêu"] == "Huyện ủy An Biên\u00a0(6)"


def test_what_a_person_wrote_stands_in_the_next_run_whatever_has_come_in(tmp_path: Path) -> None:
    first = said({"B1": ROADS, "B2": BOOKS})
    book(first, tmp_path)
    write_in(tmp_path, ROADS, authority="Sở Giao thông vận tải", outcome="Đã đưa vào kế hoạch 2022")
    later = said({"B1": ROADS, "B2": BOOKS, "B3": BOOKS, "B4": f"- {BOOKS}.\n- Mở thêm lớp bồi dưỡng cho cấp ủy"})
    found = {row["Nội dung kiến nghị, đề xuất"]: row for row in next_run(later, tmp_path)}
    assert next(iter(found)) == BOOKS, "sorted anew"
    assert found[ROADS]["Cơ quan có thẩm quyền"] == "Sở Giao thông vận tải"
    assert found[ROADS]["Kết quả giải quyết"] == "Đã đưa vào kế hoạch 2022"
    assert found[BOOKS]["Cơ quan có thẩm quyền"] is None


def test_a_proposal_nobody_makes_any_more_is_kept_where_a_person_wrote_beside_it(tmp_path: Path) -> None:
    book(said({"B1": ROADS, "B2": BOOKS}), tmp_path)
    write_in(tmp_path, ROADS, authority="Sở Giao thông vận tải")
    later = said({"B1": "Mở thêm lớp bồi dưỡng cho cấp ủy chi bộ", "B2": "Không"})
    for _ in range(2):  # and once more: it stays
        found = next_run(later, tmp_path)
        assert [row["Nội dung kiến nghị, đề xuất"] for row in found] == [
            "Mở thêm lớp bồi dưỡng cho cấp ủy chi bộ", ROADS,
        ]  # fmt: skip
        assert found[1]["Cơ quan có thẩm quyền"] == "Sở Giao thông vận tải"
        assert found[1]["Số đơn vị nêu"] is None
        assert found[1]["Ghi chú"].startswith("Hiện không có đơn vị nào nêu")


def test_another_writing_of_the_proposal_keeps_its_answers(tmp_path: Path) -> None:
    book(said({"B1": ROADS}), tmp_path)
    write_in(tmp_path, ROADS, outcome="Đã xong")
    found = next_run(said({"B1": ROADS.replace("xuống cấp", "xuông cấp").upper() + "."}), tmp_path)
    assert [(row["Số đơn vị nêu"], row["Kết quả giải quyết"]) for row in found] == [(1, "Đã xong")]


def test_answers_beside_proposals_that_become_one_are_both_kept(tmp_path: Path) -> None:
    slip = ROADS.replace("nông thôn", "nông thôn,").replace("sớm", "sơm")
    register = {
        key_of(ROADS): Answered(ROADS, "Sở GTVT", "Đã xong"), key_of(slip): Answered(slip, "UBND huyện", "Đã xong"),
    }  # fmt: skip
    result = said({"B1": ROADS, "B2": slip}, earlier=Earlier(register))
    (row,) = rows(book(result, tmp_path))
    assert set(row["Cơ quan có thẩm quyền"].split("; ")) == {"Sở GTVT", "UBND huyện"}
    assert row["Kết quả giải quyết"] == "Đã xong"


def test_a_row_that_a_person_added_is_kept(tmp_path: Path) -> None:
    book(said({"B1": BOOKS}), tmp_path)
    workbook = openpyxl.load_workbook(tmp_path / "consolidated.xlsx")
    workbook["Kiến nghị"].cell(7, 2, "Ý kiến nêu tại hội nghị: sửa nhà văn hóa ấp")
    workbook.save(tmp_path / "consolidated.xlsx")
    for _ in range(2):
        found = next_run(said({"B1": BOOKS}), tmp_path)
        assert [row["Nội dung kiến nghị, đề xuất"] for row in found][1:] == [
            "Ý kiến nêu tại hội nghị: sửa nhà văn hóa ấp"
        ]


def test_rows_sorted_by_hand_and_saved_by_another_program_are_read_the_same(tmp_path: Path) -> None:
    book(said({"B1": ROADS, "B2": BOOKS}), tmp_path / "outputs")
    write_in(tmp_path / "outputs", BOOKS, authority="Ban Tuyên giáo", outcome="12/5/2021")
    path = tmp_path / "outputs" / "consolidated.xlsx"
    workbook = openpyxl.load_workbook(path)
    sheet = workbook["Kiến nghị"]
    sheet.delete_cols(1)  # the numbers, not needed
    sheet.insert_rows(3, 2)
    workbook.save(path)
    path.write_bytes(convert(path, tmp_path).read_bytes())
    assert read_earlier(tmp_path / "outputs").register == {
        key_of(BOOKS): Answered(BOOKS, "Ban Tuyên giáo", "12/5/2021")
    }


def test_an_english_workbook_takes_over_what_stood_in_a_vietnamese_one(tmp_path: Path) -> None:
    book(said({"B1": ROADS}), tmp_path)
    write_in(tmp_path, ROADS, authority="Sở Giao thông vận tải")
    (row,) = rows(
        book(said({"B1": ROADS}, language="en", earlier=read_earlier(tmp_path)), tmp_path / "en"), "Proposals"
    )
    assert row["Authority"] == "Sở Giao thông vận tải"


def test_an_earlier_workbook_with_nothing_written_in_it_changes_nothing(tmp_path: Path) -> None:
    result = said({"B1": ROADS, "B2": BOOKS})
    book(result, tmp_path)
    fresh = (tmp_path / "consolidated.xlsx").read_bytes()
    next_run(result, tmp_path)
    assert (tmp_path / "consolidated.xlsx").read_bytes() == fresh
    write_in(tmp_path, ROADS, authority="Sở Giao thông vận tải")
    next_run(result, tmp_path)
    filled = (tmp_path / "consolidated.xlsx").read_bytes()
    next_run(result, tmp_path)
    assert (tmp_path / "consolidated.xlsx").read_bytes() == filled != fresh


def test_a_folder_without_a_workbook_or_register_has_nothing(tmp_path: Path) -> None:
    assert (read_earlier(tmp_path).register, read_earlier(tmp_path).kept_aside) == ({}, "")
    workbook = openpyxl.Workbook()
    workbook.save(tmp_path / "consolidated.xlsx")
    assert (read_earlier(tmp_path).register, read_earlier(tmp_path).kept_aside) == ({}, "")


def test_a_workbook_that_cannot_be_opened_is_kept_and_said_so(tmp_path: Path) -> None:
    (tmp_path / "consolidated.xlsx").write_bytes(b"PK\x03\x04 no workbook any more")
    (tmp_path / "stage").mkdir()
    earlier = carry_over(tmp_path, tmp_path / "stage", "kien-giang-2021", {})
    assert earlier.kept_aside.startswith("consolidated-")
    assert (tmp_path / "stage" / earlier.kept_aside).read_bytes() == b"PK\x03\x04 no workbook any more"
    sheet = book(said({"B1": ROADS}, earlier=earlier), tmp_path / "new")["Kiến nghị"]
    assert earlier.kept_aside in sheet["A3"].value


def test_what_is_written_stays_text(tmp_path: Path) -> None:
    register = {key_of(ROADS): Answered(ROADS, "=cmd|'/c calc'!A1", "+84")}
    sheet = book(said({"B1": ROADS}, earlier=Earlier(register)), tmp_path)["Kiến nghị"]
    assert [(cell.value, cell.data_type) for cell in sheet[6][5:7]] == [("=cmd|'/c calc'!A1", "s"), ("+84", "s")]


def test_a_plan_that_asks_for_no_proposals_has_no_register(tmp_path: Path) -> None:
    assert "Kiến nghị" not in book(flat_result(), tmp_path).sheetnames


def test_the_overview_counts_proposals_without_an_authority(tmp_path: Path) -> None:
    register = {key_of(ROADS): Answered(ROADS, "Sở Giao thông vận tải", "")}
    result = said({"B1": f"- {ROADS}\n- {BOOKS}", "B2": BOOKS}, earlier=Earlier(register))
    words = [str(v) for row in book(result, tmp_path)["Tổng quan"].values for v in row]
    assert any("2 kiến nghị, đề xuất của 2 đơn vị; 1 chưa ghi cơ quan có thẩm quyền." in text for text in words)


def test_a_run_vouches_for_what_persons_wrote(tmp_path: Path) -> None:
    register = {key_of(ROADS): Answered(ROADS, "Sở Giao thông vận tải", "")}
    for number, earlier in enumerate((Earlier(), Earlier(register))):
        folder = tmp_path / str(number)
        folder.mkdir()
        write_manifest(said({"B1": ROADS}, earlier=earlier), folder, {}, "1")
        assert ("register" in json.loads((folder / "run.json").read_text(encoding="utf-8"))) == bool(number)
