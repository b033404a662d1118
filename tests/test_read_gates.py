"""What is let through to calamine, and what is refused before it with a clear reason."""

from __future__ import annotations

import struct
import zipfile
from typing import Any

import pytest
import xlwt
from olefile import OleFileIO

from pipeline.read import UnreadableError, decrypted, kind_of, read_workbook
from schemas import limits
from tests.makers.forms import FORM, eml, ods, with_part, xls, xlsx, zipped
from tests.makers.ole import compound_file
from tests.makers.outlook import msg, winmail
from tests.makers.protected import protected_xls, protected_xlsx
from tests.makers.rar import rar
from tests.makers.xlsb import xlsb

SHEET = "xl/worksheets/sheet1.xml"


def refusal(data: bytes, passwords: tuple[str, ...] = ()) -> tuple[str, str]:
    """Return (code, value) of the finding with which a workbook is refused; of none, if it is read."""
    kind = kind_of(data)
    try:
        if kind == "encrypted":
            data = decrypted(data, passwords)
            kind = kind_of(data)
        read_workbook(data, kind, passwords)
    except UnreadableError as fault:
        return fault.note.code, fault.note.value
    return "", ""


MHT = b"MIME-Version: 1.0\nX-Document-Type: Workbook\nContent-Type: multipart/related\n\n<html><table>"
XML2003 = b'<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("xlsx", xlsx()),
        ("xls", xls()),
        ("xlsb", xlsb(FORM)),
        ("ods", ods("")),
        ("encrypted", protected_xlsx(xlsx(), "x")),
        ("eml", eml()),
        ("eml", b"\r\nX-Mozilla-Status: 0001\r\nReceived: from a\r\n by b\r\nDate: x\r\n\r\nhello"),
        ("eml", b"From a@b.example Mon Jan 1 2021\nSubject: x\nFrom: a@b.example\n\nhello"),
        ("msg", msg([])),
        ("tnef", winmail([])),
        ("zip", zipped({"a.xlsx": xlsx()})),
        ("rar", rar({})),
        ("7z", b"7z\xbc\xaf\x27\x1c" + bytes(30)),
        ("docx", zipped({"[Content_Types].xml": b"", "word/document.xml": b""})),
        ("odt", zipped({"mimetype": b"application/vnd.oasis.opendocument.text"})),
        ("numbers", zipped({"Index/Document.iwa": b""})),
        ("doc", compound_file({"WordDocument": b"x"})),
        ("xls", compound_file({"Workbook": b"x", "WordDocument": b"x"})),
        ("ole", compound_file({"Something": b"x"})),
        ("damaged", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(10)),
        ("damaged", xlsx()[:500]),
        ("pdf", b"%PDF-1.7"),
        ("html", b"\xef\xbb\xbf  <HTML><body><table>"),
        ("html", "<table><tr><td>Tổng số".encode("utf-16")),
        ("xml2003", XML2003),
        ("mht", MHT),
        ("csv", "Mã;Tên\nKG-01;Chi bộ".encode()),
        ("csv", "Mã\tTên\nKG-01\tChi bộ".encode("utf-16")),
        ("text", "Kính gửi: chi bộ đã học xong".encode()),
        ("biff", b"\x09\x04\x06\x00\x00\x00\x10\x00"),
        ("appledouble", b"\x00\x05\x16\x07"),
        ("", bytes(range(0, 256, 3)) * 4),
    ],
)
def test_a_file_is_what_its_content_says(kind: str, data: bytes):
    assert kind_of(data, "form.xlsx") == kind


# --- passwords ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protect", [lambda p: protected_xlsx(xlsx(), p), lambda p: protected_xls(xls(), p)])
def test_read_only_files_open_and_others_by_a_password_of_the_campaign(protect: Any):
    assert refusal(protect("VelvetSweatshop")) == ("", "")
    assert refusal(protect("kg2021")) == ("file_encrypted", "")
    assert refusal(protect("kg2021"), ("sai", "kg2021")) == ("", "")
    assert refusal(protect("kg2021"), ("sai",)) == ("file_encrypted", "")


def test_what_is_read_behind_a_password_is_the_form():
    data = decrypted(protected_xlsx(xlsx(), "mật khẩu"), ("mật khẩu",))
    assert read_workbook(data, "xlsx")[0][0].rows[3] == [FORM[3][0], 45.0]
    grids, _ = read_workbook(protected_xls(xls(), "mk"), "xls", ("mk",))
    assert grids[0].rows[3] == list(FORM[3])


def test_an_encrypted_package_that_is_damaged_is_still_one_clear_line():
    data = bytearray(protected_xlsx(xlsx(), "x"))
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    assert refusal(bytes(data), ("x",))[0] in ("file_encrypted", "file_damaged")


def test_entities_in_how_a_package_is_encrypted_are_refused():
    streams = {"EncryptedPackage": b"x", "EncryptionInfo": struct.pack("<HHI", 4, 4, 64) + LAUGHS + b"<encryption/>"}
    assert refusal(compound_file(streams)) == ("file_suspicious", "<!DOCTYPE> EncryptionInfo")
    streams["EncryptionInfo"] = struct.pack("<HHI", 4, 4, 64) + b"<encryption"
    assert refusal(compound_file(streams)) == ("file_encrypted", "")


def test_an_encrypted_ods_is_told():
    manifest = b'<manifest:manifest xmlns:manifest="m"><manifest:encryption-data/></manifest:manifest>'
    assert refusal(with_part(ods(""), "META-INF/manifest.xml", lambda _: manifest)) == ("file_encrypted", "")


# --- size and distance ----------------------------------------------------------------------------------


def test_a_part_that_unfolds_too_far_is_refused():
    bomb = with_part(xlsx(), "xl/styles.xml", lambda _: bytes(limits.MAX_INFLATED_BYTES + 1))
    assert len(bomb) < limits.MEBI
    assert refusal(bomb) == ("inflates_too_far", "")


def test_a_thin_part_is_refused_by_its_ratio_alone():
    thin = with_part(xlsx(), "xl/styles.xml", lambda xml: xml + b" " * (8 * limits.MEBI))
    assert refusal(thin) == ("inflates_too_far", "")


def test_a_size_that_lies_in_the_directory_does_not_help():
    data = bytearray(with_part(xlsx(), "xl/styles.xml", lambda _: bytes(limits.MAX_INFLATED_BYTES + 1)))
    start = data.rfind(b"xl/styles.xml") - 46
    assert data[start : start + 4] == b"PK\x01\x02"
    data[start + 24 : start + 28] = struct.pack("<I", 100)
    assert refusal(bytes(data)) == ("inflates_too_far", "")


def test_too_many_parts_and_too_many_sheets_are_refused():
    parts = {f"xl/{number}.xml": b"" for number in range(limits.MAX_ARCHIVE_MEMBERS)}
    assert refusal(zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b"", **parts})) == ("too_many_members", "")
    book = xlwt.Workbook()
    for number in range(limits.MAX_SHEETS + 1):
        book.add_sheet(str(number))
    assert refusal(saved(book)) == ("too_many_sheets", str(limits.MAX_SHEETS + 1))


def saved(book: xlwt.Workbook) -> bytes:
    from io import BytesIO

    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def far_xlsx(sheet: Any) -> None:
    sheet["A1"], sheet["XFD1048576"] = 1, 2


def far_xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    sheet.write(0, 0, 1)
    sheet.write(65535, 255, 2)
    return saved(book)


FAR_ODS = (
    '<table:table-row table:number-rows-repeated="1048575"><table:table-cell/></table:table-row>'
    '<table:table-row><table:table-cell table:number-columns-repeated="16383"/>'
    '<table:table-cell office:value-type="float" office:value="1"/></table:table-row>'
)
WIDE_ODS = (
    '<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384" '
    'office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell></table:table-row>'
)


@pytest.mark.parametrize(
    ("data", "area"),
    [
        (xlsx(FORM, far_xlsx), "1048576 × 16384"),
        (far_xls(), "65536 × 256"),
        (ods(FAR_ODS), "1048576 × 16384"),
        (ods(WIDE_ODS), "1048576 × 16384"),
    ],
    ids=["xlsx", "xls", "ods", "ods-repeated"],
)
def test_cells_too_far_apart_are_refused_before_they_are_laid_out(data: bytes, area: str):
    assert refusal(data) == ("cells_too_far", area)


def test_far_cells_of_xlsb_are_refused():
    row = struct.pack("<BBIIHBBBI", 0, 17, 1048575, 0, 300, 0, 0, 0, 0)
    cell = struct.pack("<BBIId", 5, 16, 16383, 0, 1.0)
    far = with_part(
        xlsb(FORM), "xl/worksheets/sheet1.bin", lambda data: data.replace(b"\x92\x01\x00", row + cell + b"\x92\x01\x00")
    )
    assert refusal(far) == ("cells_too_far", "1048576 × 16384")


def test_empty_cells_far_away_harm_nobody():
    filler = (
        '<table:table-row table:number-rows-repeated="1048575">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    cell = '<table:table-row><table:table-cell office:value-type="float" office:value="1"/></table:table-row>'
    assert refusal(ods(cell + filler)) == ("", "")
    assert refusal(with_part(xlsx(), SHEET, lambda xml: xml.replace(b"A1:B9", b"A1:XFD1048576"))) == ("", "")


# --- hostile content ------------------------------------------------------------------------------------

LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
XXE = b'<?xml version="1.0"?>' + b" " * 3000 + b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("head", [LAUGHS, XXE])
@pytest.mark.parametrize("part", [SHEET, "xl/styles.xml", "xl/workbook.xml"])
def test_entities_are_refused(head: bytes, part: str):
    data = with_part(xlsx(), part, lambda xml: head + xml[xml.find(b"?>") + 2 if xml.startswith(b"<?") else 0 :])
    assert refusal(data) == ("file_suspicious", f"<!DOCTYPE> {part}")


def test_entities_in_ods_are_refused():
    assert refusal(with_part(ods(""), "content.xml", lambda xml: LAUGHS + xml)) == (
        "file_suspicious", "<!DOCTYPE> content.xml",
    )  # fmt: skip


def test_records_of_an_xls_that_point_back_or_beyond_end_as_damage_or_as_nothing():
    """Each byte of sizes and sheet positions may lie; the walk over records ends all the same."""
    with OleFileIO(xls()) as ole:
        stream = bytearray(ole.openstream("Workbook").read())
    place = stream.find(struct.pack("<H", 0x0085))
    for lie in (0, place, len(stream) - 2, 0x7FFFFFFF):
        stream[place + 4 : place + 8] = struct.pack("<I", lie)
        assert refusal(compound_file({"Workbook": bytes(stream)}))[0] in ("", "file_damaged")


def test_a_part_packed_in_another_way_is_named():
    assert refusal(zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b"x" * 99}, zipfile.ZIP_BZIP2)) == (
        "format_unsupported", "zip/12",
    )  # fmt: skip
