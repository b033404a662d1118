"""returned/ of a run: who gets a copy, where it lies, that it goes back alone, and that it is known when it returns."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import pipeline.returns
from pipeline.consolidate import Run, consolidate
from pipeline.intake import arrival_of
from pipeline.per_file import ReadingContext, read_arrival
from pipeline.returns import write_returns
from schemas.campaign import VIETNAM
from schemas.layout import load_form_spec
from schemas.records import Received
from schemas.result import Result
from tests.copies import opened
from tests.makers import forms
from tests.makers.protected import protected_xlsx

CAMPAIGN = """
title = "Học tập Nghị quyết"
resolution = "Nghị quyết"
passwords = ["chibo2021"]
rounds = [{ id = "1", name = "Đợt 1", due = 2021-04-29 }, { id = "2", name = "Đợt 2", due = 2021-05-28 }]
exemption_categories = ["exempt_activity", "exempt_work", "exempt_retired"]
issuer = { superior = "TỈNH ỦY", name = "BAN TUYÊN GIÁO", place = "Kiên Giang", email = "btg@example.vn" }
tree = { levels = ["province", "grassroots", "branch"] }
"""
UNITS = """unit_code,unit_name,level,parent_code,email
T,Tỉnh ủy Kiên Giang,province,,
X,Đảng bộ xã Tây Yên,grassroots,T,xa.tayyen@example.vn
""" + "".join(f"{code},Chi bộ ấp {n},branch,X,ap{n}@example.vn\n" for n, code in enumerate(
    ("B/1", "B2", "B3", "B4", "B5", "B6", "B7", "B8"), 1))  # fmt: skip
AS_OF = datetime(2021, 5, 10, 8, tzinfo=VIETNAM)
LABELS = (
    "Tổng số đảng viên",
    "Số đảng viên dự học tập",
    "Số đảng viên viết thu hoạch",
    "Số đảng viên miễn viết thu hoạch",
)


def rows(code: str, *counts: object, name: str = "", said: str = "Tốt", asked: str = "") -> list[forms.Row]:
    """Return the official form; attendees stand in B5."""
    head = [("ĐẢNG BỘ XÃ TÂY YÊN", ""), (name, asked), ("Mã đơn vị", code)]
    return [*head, *zip(LABELS, counts, strict=True), ("Nhận xét, đánh giá", said)]


GOOD, WRONG = (10, 9, 9, 1), (10, 11, 9, 1)


def campaign(folder: Path, submissions: dict[str, bytes]) -> Path:
    (folder / "submissions").mkdir(parents=True)
    (folder / "campaign.toml").write_text(CAMPAIGN, encoding="utf-8")
    (folder / "units.csv").write_text(UNITS, encoding="utf-8")
    for name, data in submissions.items():
        send(folder, name, data)
    return folder


def send(folder: Path, name: str, data: bytes) -> None:
    path = folder / "submissions" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def run(folder: Path, output: Path, jobs: int = 1) -> Result:
    return consolidate(Run(folder, output, as_of=AS_OF, jobs=jobs), lambda *_: None, lambda: None)


def index(output: Path) -> dict[str, dict[str, str]]:
    with (output / "returned" / "returned.csv").open(encoding="utf-8-sig", newline="") as file:
        return {f"{row['file']} › {row['member']}".removesuffix(" › "): row for row in csv.DictReader(file)}


def returned(output: Path) -> dict[str, str]:
    files = (path for path in (output / "returned").rglob("*") if path.is_file())
    return {p.relative_to(output / "returned").as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def received(path: Path) -> Received:
    context = ReadingContext(load_form_spec())
    return read_arrival(arrival_of(path, VIETNAM), context)[0]


MAIL = forms.mail(
    [
        ("bao cao.xlsx", forms.xlsx(rows("B/1", 721, 722, 9, 1))),
        ("bao cao.xlsx", forms.xlsx(rows("B4", 931, 932, 9, 1))),
    ],
    From="xa.tayyen@example.vn",
)
SENT = {
    "2021-04-10/loi.xlsx": forms.xlsx(rows("B2", *WRONG)),
    "2021-04-11/hoi.xlsx": forms.xlsx(rows("B3", *GOOD, said="")),
    "2021-04-12/tot.xlsx": forms.xlsx(rows("B5", *GOOD)),
    "2021-04-12/hong.xlsx": forms.xlsx(rows("B5", *WRONG))[:2000],
    "2021-04-12/thu.eml": MAIL.as_bytes(),
    "2021-04-13/goi.zip": forms.zipped({"a/../CON.xlsx": forms.xlsx(rows("B6", *WRONG))}),
    "2021-04-14/cu.xls": forms.xls(rows("B7", *WRONG)),
    "2021-04-15/kin.xlsx": protected_xlsx(forms.xlsx(rows("B8", *WRONG)), "chibo2021"),
    "2021-04-16/ai.xlsx": forms.xlsx(rows("", *GOOD, name="CHI BỘ ẤP KHÔNG CÓ")),
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Result]:
    home = tmp_path_factory.mktemp("returned")
    folder = campaign(home / "dot", SENT)
    return folder, home / "out", run(folder, home / "out")


def test_each_rejected_or_queried_workbook_has_a_copy_in_its_unit_s_folder(ran: tuple[Path, Path, Result]):
    rows_ = index(ran[1])
    assert {name: (row["status"], row["copy"], row["made"]) for name, row in rows_.items()} == {
        "2021-04-10/loi.xlsx": ("rejected", "B2/loi - đợt 1.xlsx", "kept"),
        "2021-04-11/hoi.xlsx": ("counted", "B3/hoi - đợt 1.xlsx", "kept"),
        "2021-04-12/thu.eml › bao cao.xlsx": ("rejected", "B 1/bao cao - đợt 1.xlsx", "kept"),
        "2021-04-12/thu.eml › bao cao (2).xlsx": ("rejected", "B4/bao cao (2) - đợt 1.xlsx", "kept"),
        "2021-04-13/goi.zip › a/CON.xlsx": ("rejected", "B6/bao cao CON - đợt 1.xlsx", "kept"),
        "2021-04-14/cu.xls": ("rejected", "B7/cu - đợt 1.xlsx", "values"),
        "2021-04-15/kin.xlsx": ("rejected", "B8/kin - đợt 1.xlsx", "kept"),
        "2021-04-16/ai.xlsx": ("unidentified", "unidentified/ai - đợt 1.xlsx", "kept"),
    }
    assert set(returned(ran[1])) == {row["copy"] for row in rows_.values()} | {"returned.csv"}
    assert rows_["2021-04-12/thu.eml › bao cao.xlsx"]["sender"] == "xa.tayyen@example.vn"


def test_only_a_report_that_is_not_counted_is_called_overdue(ran: tuple[Path, Path, Result]):
    said = {copy: str(cover_of(ran[1], copy)) for copy in ("B2/loi - đợt 1.xlsx", "B3/hoi - đợt 1.xlsx")}
    assert ["Đã quá hạn báo cáo" in text for text in said.values()] == [True, False]
    assert "Hạn báo cáo" in said["B3/hoi - đợt 1.xlsx"]


def test_every_copy_is_in_the_manifest(ran: tuple[Path, Path, Result]):
    manifest = (ran[1] / "run.json").read_text("utf-8")
    assert [name for name, digest in returned(ran[1]).items() if f'"returned/{name}": "{digest}"' not in manifest] == []


def test_a_copy_holds_nothing_of_another_unit(ran: tuple[Path, Path, Result]):
    copies = ("B 1/bao cao - đợt 1.xlsx", "B4/bao cao (2) - đợt 1.xlsx")
    books = [opened((ran[1] / "returned" / name).read_bytes()) for name in copies]
    said = [" ".join(str(c.value) for sheet in book for row in sheet for c in row if c.value) for book in books]
    assert [("722" in text, "932" in text) for text in said] == [(True, False), (False, True)]


def test_marks_comments_and_first_sheet_do_not_disturb_the_reading(ran: tuple[Path, Path, Result]):
    for name, row in index(ran[1]).items():
        if row["member"] or row["file"].endswith("kin.xlsx"):
            continue
        before, after = received(ran[0] / "submissions" / name), received(ran[1] / "returned" / row["copy"])
        [tally], [same] = before.tallies, after.tallies
        assert dataclasses.replace(same, unit_code=tally.unit_code, round_text=tally.round_text) == tally
        assert (same.unit_code or "") == row["unit_code"]
        assert after.problem is None


def test_the_same_run_gives_the_same_bytes_whatever_the_number_of_processes(
    ran: tuple[Path, Path, Result], tmp_path: Path
):
    run(ran[0], tmp_path / "out", jobs=3)
    assert returned(tmp_path / "out") == returned(ran[1])


def test_stale_copies_vanish(tmp_path: Path):
    folder = campaign(tmp_path / "dot", {"2021-04-10/loi.xlsx": SENT["2021-04-10/loi.xlsx"]})
    run(folder, tmp_path / "out")
    assert len(returned(tmp_path / "out")) == 2
    shutil.rmtree(folder / "submissions" / "2021-04-10")
    run(folder, tmp_path / "out")
    assert not (tmp_path / "out" / "returned").exists()


# --- there and back -------------------------------------------------------------------------------------


def mended(path: Path, cell: str, value: object, sheet: int = 1) -> bytes:
    book = openpyxl.load_workbook(path)
    book.worksheets[sheet][cell] = value
    book.save(path)
    return path.read_bytes()


def state(result: Result, name: str) -> tuple[str, str, str]:
    row = result.files.set_index("file").loc[name]
    return row["status"], row["unit_code"], row["round"]


def test_a_mended_copy_takes_the_place_of_what_it_corrects(tmp_path: Path):
    folder = campaign(tmp_path / "dot", {name: SENT[name] for name in ("2021-04-10/loi.xlsx", "2021-04-11/hoi.xlsx")})
    run(folder, tmp_path / "out")
    for name, copy, cell, value in (
        ("2021-05-02/sua.xlsx", "B2/loi - đợt 1.xlsx", "B5", 10),
        ("2021-05-03/hoi.xlsx", "B3/hoi - đợt 1.xlsx", "B8", "Bài viết tốt"),
    ):
        send(folder, name, mended(tmp_path / "out" / "returned" / copy, cell, value))
    result = run(folder, tmp_path / "out")
    assert state(result, "2021-05-02/sua.xlsx") == ("counted", "B2", "1")
    assert state(result, "2021-05-03/hoi.xlsx") == ("counted", "B3", "1")
    assert state(result, "2021-04-11/hoi.xlsx") == ("superseded", "B3", "1")
    units = result.round_units("1")
    assert list(units.loc[["B2", "B3"], "flag"]) == ["complete", "complete"]
    assert units.at["B2", "attendees"] == 10
    # the faulty one is settled too: it is returned no more as if it were to be mended
    assert state(result, "2021-04-10/loi.xlsx") == ("superseded", "B2", "1")
    assert not (tmp_path / "out" / "returned").exists()


def test_a_copy_says_whose_and_of_which_round_it_is_where_the_form_does_not(tmp_path: Path):
    """Placed by its sender and by its day; it comes back by another way, when the other round is open."""
    mail = forms.mail([("bc.xlsx", forms.xlsx(rows("", *WRONG)))], From="ap2@example.vn")
    folder = campaign(tmp_path / "dot", {"thu.eml": mail.as_bytes()})
    run(folder, tmp_path / "out")
    copy = tmp_path / "out" / "returned" / "B2" / "bc - đợt 1.xlsx"
    send(folder, "2021-05-05/khong ten.xlsx", mended(copy, "B5", 10))
    result = run(folder, tmp_path / "out")
    assert state(result, "2021-05-05/khong ten.xlsx") == ("counted", "B2", "1")


def test_what_the_form_says_goes_before_what_the_first_sheet_says(tmp_path: Path):
    """A copy used as a form by another branch is not taken for the first branch's."""
    folder = campaign(tmp_path / "dot", {"2021-04-10/loi.xlsx": SENT["2021-04-10/loi.xlsx"]})
    run(folder, tmp_path / "out")
    copy = tmp_path / "out" / "returned" / "B2" / "loi - đợt 1.xlsx"
    mended(copy, "B5", 10)
    send(folder, "2021-05-05/khac.xlsx", mended(copy, "B3", "B5"))
    assert state(run(folder, tmp_path / "out"), "2021-05-05/khac.xlsx") == ("counted", "B5", "1")


def test_a_branch_names_itself_and_the_round_on_the_first_sheet(tmp_path: Path):
    folder = campaign(tmp_path / "dot", {
        "2021-04-16/ai.xlsx": SENT["2021-04-16/ai.xlsx"], "2021-05-04/dot nao.xlsx": forms.xlsx(rows("B5", *GOOD)),
    })  # fmt: skip
    run(folder, tmp_path / "out")
    home = tmp_path / "out" / "returned"
    cover = openpyxl.load_workbook(home / "unidentified" / "ai - đợt 1.xlsx").worksheets[0]
    assert (cover["A4"].value, cover["C4"].protection.locked) == ("Mã đơn vị báo cáo", False)
    send(folder, "2021-05-06/ai.xlsx", mended(home / "unidentified" / "ai - đợt 1.xlsx", "C4", "b3", sheet=0))
    send(folder, "2021-05-06/dot.xlsx", mended(home / "B5" / "dot nao - đợt 2.xlsx", "C5", 1, sheet=0))
    result = run(folder, tmp_path / "out")
    assert state(result, "2021-05-06/ai.xlsx")[1:] == ("B3", "1")
    assert state(result, "2021-05-06/dot.xlsx") == ("counted", "B5", "1")
    # what they correct is settled, though it was of no unit and of another round
    assert state(result, "2021-04-16/ai.xlsx") == ("superseded", "", "1")
    assert state(result, "2021-05-04/dot nao.xlsx") == ("superseded", "B5", "2")


WRONG_CODE = forms.xlsx(rows("B3", 20, 19, 18, 2, name="CHI BỘ ẤP 4"))


def test_a_mended_unit_code_gives_the_unit_written_by_mistake_its_own_report_back(tmp_path: Path):
    sent = {"2021-04-09/ap 3.xlsx": forms.xlsx(rows("B3", *GOOD)), "2021-04-12/nham.xlsx": WRONG_CODE}
    folder = campaign(tmp_path / "dot", sent)
    assert state(run(folder, tmp_path / "out"), "2021-04-09/ap 3.xlsx")[0] == "superseded"
    copy = tmp_path / "out" / "returned" / "B3" / "nham - đợt 1.xlsx"
    send(folder, "2021-05-06/nham.xlsx", mended(copy, "B3", "B4"))
    result = run(folder, tmp_path / "out")
    assert state(result, "2021-05-06/nham.xlsx") == ("counted", "B4", "1")
    assert state(result, "2021-04-12/nham.xlsx") == ("superseded", "B3", "1")
    assert state(result, "2021-04-09/ap 3.xlsx") == ("counted", "B3", "1")
    assert list(result.round_units("1").loc[["B3", "B4"], "members"]) == [10, 20]


def test_a_copy_still_wrong_settles_nothing_and_a_copy_of_it_settles_both(tmp_path: Path):
    folder = campaign(tmp_path / "dot", {"2021-04-12/nham.xlsx": WRONG_CODE})
    run(folder, tmp_path / "out")
    home = tmp_path / "out" / "returned"
    mended(home / "B3" / "nham - đợt 1.xlsx", "B5", 30)
    send(folder, "2021-05-06/nham.xlsx", mended(home / "B3" / "nham - đợt 1.xlsx", "B3", "B4"))
    result = run(folder, tmp_path / "out")
    assert (state(result, "2021-05-06/nham.xlsx")[0], state(result, "2021-04-12/nham.xlsx")[0]) == (
        "rejected",
        "counted",
    )
    send(folder, "2021-05-07/nham.xlsx", mended(home / "B4" / "nham - đợt 1.xlsx", "B5", 19))
    result = run(folder, tmp_path / "out")
    assert [state(result, f"2021-{day}/nham.xlsx")[0] for day in ("04-12", "05-06", "05-07")] == [
        "superseded", "superseded", "counted",
    ]  # fmt: skip


def test_a_copy_used_again_as_the_form_of_another_unit_takes_nothing_from_the_first(tmp_path: Path):
    folder = campaign(tmp_path / "dot", {"2021-04-11/hoi.xlsx": SENT["2021-04-11/hoi.xlsx"]})
    run(folder, tmp_path / "out")
    copy = tmp_path / "out" / "returned" / "B3" / "hoi - đợt 1.xlsx"
    mended(copy, "B8", "Bài viết tốt")
    send(folder, "2021-05-05/khac.xlsx", mended(copy, "B3", "B5"))
    result = run(folder, tmp_path / "out")
    assert state(result, "2021-05-05/khac.xlsx") == ("counted", "B5", "1")
    assert state(result, "2021-04-11/hoi.xlsx") == ("counted", "B3", "1")


# --- what goes wrong ------------------------------------------------------------------------------------


class _Crashing:
    """Workers of which every second item dies."""

    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> _Crashing:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def map_chunks(self, work: Any, items: Sequence[Any], shared: Any, on_crash: Any) -> Iterator[list[str]]:
        for number, item in enumerate(items):
            yield [on_crash(item, "out of memory")] if number % 2 else work([item], shared)


def a_list(*lines: tuple[object, ...], said: bool = True) -> bytes:
    """Return a list as the office of xã Tây Yên sends it; its first line stands in row 4."""
    head = ("STT", "Tên chi bộ", *LABELS, *["Nhận xét, đánh giá"] * said)
    top = [("ĐẢNG BỘ XÃ TÂY YÊN",), ("Đợt 1",), head]
    return forms.xlsx([*top, *((n, *line) for n, line in enumerate(lines, 1))])


def cover_of(output: Path, copy: str) -> list[list[str]]:
    sheet = opened((output / "returned" / copy).read_bytes()).worksheets[0]
    return [[str(v) for v in row if v is not None] for row in sheet.iter_rows(values_only=True)]


def test_a_list_of_which_a_line_is_not_counted_goes_back_and_says_so(tmp_path: Path):
    lines = (("Chi bộ ấp 1", *GOOD, "Tốt"), ("Chi bộ ấp 2", *WRONG, "Tốt"), ("Chi bộ ấp 33", *GOOD, "Tốt"))
    folder = campaign(tmp_path / "dot", {"2021-04-10/ds.xlsx": a_list(*lines)})
    run(folder, tmp_path / "out")
    (row,) = index(tmp_path / "out").values()
    assert (row["unit_code"], row["status"]) == ("X", "counted")
    rows_ = cover_of(tmp_path / "out", row["copy"])
    said = "\n".join(" ".join(row) for row in rows_)
    assert "MỚI ĐƯỢC TÍNH MỘT PHẦN: có 2 lỗi phải sửa" in said
    assert "Ghi mã đơn vị vào" not in said  # what is written on the first sheet is read for a single form alone
    assert [row[3] for row in rows_ if row[1:2] == ["✖ Lỗi"]] == ["D5", "B6"]


def test_what_stands_in_no_cell_of_a_list_says_whose_it_is_and_names_no_cell(tmp_path: Path):
    lines = [(f"Chi bộ ấp {n}", *GOOD) for n in (1, 2)]
    folder = campaign(tmp_path / "dot", {"2021-04-10/ds.xlsx": a_list(*lines, said=False)})
    run(folder, tmp_path / "out")
    (row,) = index(tmp_path / "out").values()
    asked = [row for row in cover_of(tmp_path / "out", row["copy"]) if row[1:2] == ["▲ Cần xác nhận"]]
    assert [(row[3], row[4].partition(":")[0]) for row in asked] == [("–", "Chi bộ ấp 1"), ("–", "Chi bộ ấp 2")]
    assert {row[5] for row in asked} == {"Điền thêm mục này (biểu mẫu đang thiếu) rồi gửi lại tệp này."}


def test_a_crash_costs_one_copy_and_is_told(
    ran: tuple[Path, Path, Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pipeline.returns, "Workers", _Crashing)
    told: list[tuple[int, int]] = []
    made = write_returns(ran[2], ran[0] / "submissions", tmp_path, lambda _, done, total: told.append((done, total)))
    assert told[-1] == (8, 8)  # the damaged file is not opened a second time
    failed = [row for row in index(tmp_path).values() if not row["copy"]]
    assert made + len(failed) == 8
    assert failed
    assert {row["reason"] for row in failed} == {"out of memory"}


def test_a_file_that_changed_since_it_was_read_is_not_copied(ran: tuple[Path, Path, Result], tmp_path: Path):
    shutil.copytree(ran[0] / "submissions", tmp_path / "submissions")
    (tmp_path / "submissions" / "2021-04-10" / "loi.xlsx").write_bytes(SENT["2021-04-12/tot.xlsx"])
    os.unlink(tmp_path / "submissions" / "2021-04-11" / "hoi.xlsx")
    write_returns(ran[2], tmp_path / "submissions", tmp_path, lambda *_: None, 1)
    failed = {name: row["reason"] for name, row in index(tmp_path).items() if not row["copy"]}
    assert failed == dict.fromkeys(("2021-04-10/loi.xlsx", "2021-04-11/hoi.xlsx"), "it is no longer what was read")


def test_where_all_is_well_there_is_no_folder(tmp_path: Path):
    folder = campaign(tmp_path / "dot", {"2021-04-12/tot.xlsx": SENT["2021-04-12/tot.xlsx"]})
    result = run(folder, tmp_path / "out")
    assert not (tmp_path / "out" / "returned").exists()
    assert write_returns(result, folder / "submissions", tmp_path, lambda *_: None) == 0
