"""From one arrival to what was received and read of it: the rows that docs/what-arrives.md promises."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from pipeline.intake import find_arrivals
from pipeline.per_file import ReadingContext, read_arrival, read_many
from pipeline.settings import load_campaign
from pipeline.templates import write_template
from schemas import limits
from schemas.campaign import VIETNAM, Campaign
from schemas.layout import load_form_spec
from schemas.records import Received
from tests.hostile.packages import form
from tests.libreoffice import convert
from tests.makers.forms import COUNTS, FORM, eml, mail, ods, xls, xlsx, xlsx_in_font, zipped
from tests.makers.old_fonts import in_tcvn3
from tests.makers.ole import compound_file
from tests.makers.outlook import msg, winmail
from tests.makers.protected import protected_xls, protected_xlsx
from tests.makers.rar import rar
from tests.makers.xlsb import xlsb
from tests.test_carriers import seven

INPUTS = Path(__file__).resolve().parents[1] / "inputs"
CONTEXT = ReadingContext(load_form_spec(), ("kg2021",))
FORWARDED = eml(("", mail([("a.xlsx", xlsx())])))


def received(folder: Path, name: str, data: bytes) -> list[Received]:
    (folder / name).write_bytes(data)
    os.utime(folder / name, (0, 1_600_000_000))
    return [thing for arrival in find_arrivals(folder, VIETNAM) for thing in read_arrival(arrival, CONTEXT)]


def rows(folder: Path, name: str, data: bytes) -> dict[str, str]:
    """Return {member: code of the problem, or "counts" where the form in it reads as it was filled in}."""
    return {thing.member: shown(thing) for thing in received(folder, name, data)}


def shown(thing: Received) -> str:
    if thing.problem is not None:
        return thing.problem.code
    (tally,) = thing.tallies
    assert {field: tally.values[field] for field in COUNTS} == COUNTS
    return "counts"


OLD = [(label, in_tcvn3(value) if isinstance(value, str) else value) for label, value in FORM[3:]]
READABLE = {
    "form.xlsx": xlsx(),
    "form.xls": xls(),
    "form.xlsb": xlsb(FORM),
    "wrong ending.pdf": xlsx(),
    "no ending": xls(),
    "old font.xlsx": xlsx_in_font(
        [[in_tcvn3(v) if isinstance(v, str) else v for v in row] for row in FORM[3:]], ".VnTime"
    ),
    "read only.xlsx": protected_xlsx(xlsx(), "VelvetSweatshop"),
    "password.xlsx": protected_xlsx(xlsx(), "kg2021"),
    "password.xls": protected_xls(xls(), "kg2021"),
}


@pytest.mark.parametrize("name", READABLE)
def test_a_form_is_read_whatever_it_is_saved_as(name: str, tmp_path: Path):
    assert rows(tmp_path, name, READABLE[name]) == {"": "counts"}


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.eml", eml(("a.xlsx", xlsx())), {"a.xlsx": "counts"}),
        ("a.msg", msg([("a.xlsx", xlsx())]), {"a.xlsx": "counts"}),
        ("a.eml", eml(("winmail.dat", winmail([("a.xlsx", xlsx())]))), {"winmail.dat/a.xlsx": "counts"}),
        ("a.eml", FORWARDED, {"part-1.eml/a.xlsx": "counts"}),
        ("a.zip", zipped({"xã/a.xlsx": xlsx(), "b.xls": xls()}), {"xã/a.xlsx": "counts", "b.xls": "counts"}),
        ("a.7z", seven({"a.xlsx": xlsx()}), {"a.xlsx": "counts"}),
        ("a.rar", rar({"a.xlsx": xlsx()}), {"a.xlsx": "counts"}),
        ("a.bin", zipped({"a.xlsx": xlsx()}), {"a.xlsx": "counts"}),
        ("a.zip", zipped({"a.eml": eml(("a.xlsx", xlsx()))}), {"a.eml/a.xlsx": "counts"}),
        ("a.eml", eml(("a.xlsx", xlsx()), ("logo.png", b"\x89PNG")), {"a.xlsx": "counts", "logo.png": "file_ignored"}),
        (
            "a.eml",
            eml(("a.zip", zipped({"b.7z": seven({"c.rar": rar({"d.xlsx": xlsx()})})}))),
            {"a.zip/b.7z/c.rar/d.xlsx": "counts"},
        ),
    ],
)
def test_a_form_is_read_whatever_carries_it(name: str, data: bytes, expected: dict[str, str], tmp_path: Path):
    assert rows(tmp_path, name, data) == expected


def test_carriers_of_all_kinds_count_together_against_the_depth(tmp_path: Path):
    data, path = xlsx(), "x.xlsx"
    for number in range(limits.MAX_NESTING + 1):
        inner = path.partition("/")[0]
        data = zipped({inner: data}) if number % 2 else eml((inner, data))
        path = f"{number}.{'zip' if number % 2 else 'eml'}/{path}"
    outer, _, inside = path.partition("/")
    assert rows(tmp_path, outer, data) == {inside.rpartition("/")[0]: "carrier_too_deep"}


def test_an_archive_in_a_folder_keeps_its_time_and_a_mail_in_it_has_its_own(tmp_path: Path):
    things = received(tmp_path, "a.zip", zipped({"a.xlsx": xlsx(), "b.eml": eml(("b.xlsx", xlsx()))}))
    assert [(thing.member, thing.received_at, thing.received_by, thing.sender) for thing in things] == [
        ("a.xlsx", datetime.fromtimestamp(1_600_000_000, VIETNAM), "clock", ""),
        ("b.eml/b.xlsx", datetime(2021, 4, 20, 9, 30, tzinfo=VIETNAM), "mail", "ap.hoathuan@binhan.example"),
    ]


@pytest.mark.parametrize(
    ("name", "data", "code", "value"),
    [
        ("a.xlsx", b"", "file_empty", ""),
        ("a.xlsx", b"\x07 rubbish \xff\x00", "file_damaged", ""),
        ("a.xlsx", xlsx()[:3000], "file_damaged", ""),
        ("a.xlsx", protected_xlsx(xlsx(), "other"), "file_encrypted", ""),
        ("a.xls", protected_xls(xls(), "other"), "file_encrypted", ""),
        ("a.xls", b"<html><table><tr><td>1", "format_unsupported", "HTML"),
        ("a.xls", b"a;b\n1;2\n", "format_unsupported", "CSV"),
        ("a.csv", b"a,b\n1,2\n", "format_unsupported", "CSV"),
        ("a.xls", b"MIME-Version: 1.0\nContent-Type: multipart/related\n\n", "format_unsupported", "MHTML"),
        ("a.xls", b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
         "format_unsupported", "XML Spreadsheet 2003"),
        ("a.xls", b"\x09\x04\x06\x00\x00\x00\x10\x00", "format_unsupported", "Excel 2-4"),
        ("a.numbers", zipped({"Index/Document.iwa": b"x"}), "format_unsupported", "Apple Numbers"),
        ("smime.p7m", b"\x30\x82\x01\x00\x00", "format_unsupported", "S/MIME (.p7m)"),
        ("a.docx", zipped({"[Content_Types].xml": b"", "word/document.xml": b""}), "file_other_document", ".docx"),
        ("a.xlsx", compound_file({"WordDocument": b"x"}), "file_other_document", ".doc"),
        ("a.pdf", b"%PDF-1.7", "file_other_document", ".pdf"),
        ("a.xlsx.exe", b"MZ\x90\x00", "file_other_document", ".exe"),
        ("ảnh.jpg", b"\xff\xd8\xff\xe0", "file_ignored", "jpeg"),
        ("a.html", b"<html>", "file_ignored", "html"),
        ("a.xlsx", xlsx([("một", "hai")]), "no_form", ""),
        ("a.zip", zipped({}), "archive_empty", ""),
        ("a.eml", eml(), "mail_without_workbook", ""),
        ("a.eml", b"\x00\x01\x02", "mail_unreadable", "?"),
        ("a.rar", b"\x00\x01\x02", "file_damaged", "?"),
        ("a.bin", b"\x00\x01\x02", "file_ignored", "?"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_row_with_a_clear_reason(
    name: str, data: bytes, code: str, value: str, tmp_path: Path
):
    (thing,) = received(tmp_path, name, data)
    assert thing.problem is not None
    assert (thing.member, thing.problem.code, thing.problem.value) == ("", code, value)


def test_a_mail_or_archive_of_pictures_alone_is_shown_to_somebody(tmp_path: Path):
    ignored = {"a.png": "file_ignored"}
    assert rows(tmp_path, "a.eml", eml(("a.png", b"\x89PNG"))) == {"": "mail_without_workbook"} | ignored
    (tmp_path / "a.eml").unlink()
    assert rows(tmp_path, "a.zip", zipped({"a.png": b"\x89PNG"})) == {"": "archive_empty"} | ignored


def test_hidden_and_broken_cells_come_as_notes_of_their_tally(tmp_path: Path):
    def spoil(sheet: object) -> None:
        sheet["B4"] = "=1/0"  # type: ignore[index]
        sheet["B5"] = "#REF!"  # type: ignore[index]
        sheet.row_dimensions[6].hidden = True  # type: ignore[attr-defined]

    (thing,) = received(tmp_path, "a.xlsx", xlsx(FORM, spoil))
    codes = {note.cell: note.code for note in thing.tallies[0].notes}
    assert codes == {"B4": "formula_without_value", "B5": "cell_error", "B6": "hidden_value"}


def test_a_label_that_nobody_sees_is_told(tmp_path: Path):
    def hide(sheet: object) -> None:
        sheet.column_dimensions["A"].hidden = True  # type: ignore[attr-defined]

    (thing,) = received(tmp_path, "a.xlsx", xlsx(FORM, hide))
    notes = {note.cell: note for note in thing.tallies[0].notes}
    assert {cell: note.code for cell, note in notes.items()} == dict.fromkeys(notes, "hidden_label")
    assert {notes[cell].field for cell in notes} >= {*COUNTS}
    assert notes["A4"].value == FORM[3][0]


LISTED = [
    ("STT", "Chi bộ", "Tổng số đảng viên", "Số đảng viên dự học tập", "Số bài thu hoạch"),
    (1, "Chi bộ ấp 1", 20, 19, 18),
    (2, "Chi bộ ấp 2", 30, 29, 28),
]


def test_the_head_of_a_list_that_nobody_sees_is_told(tmp_path: Path):
    def hide(sheet: object) -> None:
        sheet.row_dimensions[1].hidden = True  # type: ignore[attr-defined]

    (thing,) = received(tmp_path, "a.xlsx", xlsx(LISTED, hide))
    assert len(thing.tallies) == 2
    assert {(note.code, note.cell) for note in thing.notes} == {("hidden_label", f"{column}1") for column in "CDE"}


@pytest.mark.parametrize(
    ("spoilt", "what"),
    [
        (lambda text: unicodedata.normalize("NFD", text), "unicode"),
        (lambda text: text.replace("đ", "ð").replace("Đ", "Ð"), "eth"),
        (
            lambda text: "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode()),
            "mojibake",
        ),
    ],
    ids=["decomposed", "eth", "mojibake"],
)
def test_a_name_whose_encoding_is_mended_is_noted(tmp_path: Path, spoilt: Callable[[str], str], what: str):
    head = [("Đảng bộ cấp trên", "Đảng ủy xã Mỹ Lâm"), ("Tên chi bộ", "Chi bộ ấp Đường Bàng")]
    form = [(label, spoilt(name)) for label, name in head] + [line for line in FORM if line[0][:1].isdigit()]
    (thing,) = received(tmp_path, "a.xlsx", xlsx(form))
    tally = thing.tallies[0]
    assert (tally.org_names, tally.unit_name) == ((head[0][1],), head[1][1])
    assert {(n.code, n.cell, dict(n.detail)["what"]) for n in tally.notes if n.code == "text_repaired"} == {
        ("text_repaired", "B1", what),
        ("text_repaired", "B2", what),
    }


def test_the_names_of_a_list_whose_encoding_is_mended_are_noted_with_their_lines(tmp_path: Path):
    lines = [LISTED[0], (1, unicodedata.normalize("NFD", LISTED[1][1]), 20, 19, 18), LISTED[2]]
    (thing,) = received(tmp_path, "a.xlsx", xlsx(lines))
    assert [[(note.code, note.cell, note.row) for note in tally.notes] for tally in thing.tallies] == [
        [("text_repaired", "B2", 2)],
        [],
    ]


def test_a_sheet_is_called_by_what_can_be_shown(tmp_path: Path):
    data = form("B1", sheet_name="gnp\u202exslx")
    (thing,) = received(tmp_path, "a.xlsx", data)
    assert thing.tallies[0].sheet == "gnp\ufffdxslx"


def test_a_text_beyond_any_cell_is_cut_and_said_to_be(tmp_path: Path):
    (thing,) = received(tmp_path, "a.xlsx", form("B1", assessment="Dài. " * 40_000))
    (note,) = thing.tallies[0].notes
    assert (note.code, note.value) == ("text_cut", "199999")
    assert thing.tallies[0].values["assessment"] == ("Dài. " * 40_000)[:100_000]


def test_a_code_or_round_longer_than_any_name_is_cut(tmp_path: Path):
    (thing,) = received(tmp_path, "a.xlsx", form("B" * 5000, round="Đợt " * 5000))
    assert (len(thing.tallies[0].unit_code), len(thing.tallies[0].round_text)) == (300, 300)


def test_an_old_font_is_noted_beside_what_was_read(tmp_path: Path):
    (thing,) = received(tmp_path, "old font.xlsx", READABLE["old font.xlsx"])
    assert [(note.code, note.detail) for note in thing.notes] == [("font_decoded", (("what", "tcvn3"),))]
    assert thing.tallies[0].values["proposals"] == FORM[8][1]


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    return load_campaign(INPUTS / "kien-giang-2021")


def test_our_template_reads_alike_after_libreoffice_saved_it(campaign: Campaign, tmp_path: Path):
    values = {**COUNTS, "guests": 3, "assessment": "Nghiêm túc", "proposals": "Gửi tài liệu sớm hơn"}
    write_template(
        tmp_path / "form.xlsx", campaign=campaign, unit_code="KG-01", unit_name="Chi bộ ấp Hòa Thuận",
        parent_name="Đảng bộ xã Bình An", round=campaign.rounds[0].id, values=values,
    )  # fmt: skip
    saved = [convert(tmp_path / "form.xlsx", tmp_path, ending) for ending in ("xls", "ods", "xlsx")]
    context = ReadingContext(load_form_spec(campaign))
    read = []
    for path in [tmp_path / "form.xlsx", *saved]:
        folder = tmp_path / f"as {path.suffix} of {path.parent.name}"
        folder.mkdir()
        (folder / path.name).write_bytes(path.read_bytes())
        ((thing,),) = read_many(find_arrivals(folder, VIETNAM), context)
        (tally,) = thing.tallies
        read.append((tally.values, tally.cells, tally.unit_code, tally.org_names, tally.round_text, tally.notes))
    assert {field: read[0][0][field] for field in values} == values
    assert all(other == read[0] for other in read[1:])


def test_each_of_many_files_in_one_archive_has_its_row(tmp_path: Path):
    held = {f"{number}.ods": ods(f"<table:table-row/>{'<!-- -->' * number}") for number in range(100)}
    assert rows(tmp_path, "a.7z", seven(held)) == dict.fromkeys(held, "no_form")
