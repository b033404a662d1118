"""Archives and Outlook's own mails: each file in them is a thing received, and hostile ones are one clear row."""

from __future__ import annotations

import builtins
import io
import shutil
import stat
import struct
import tempfile
import tomllib
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import py7zr
import pytest
import rarfile

from pipeline.intake import Budget, Carried, unpack
from pipeline.intake.carriers import label
from schemas import limits
from schemas.campaign import VIETNAM
from schemas.records import Received, UnreadableError
from tests.makers.forms import xlsx, zipped
from tests.makers.outlook import msg, winmail
from tests.makers.rar import rar

FIXTURES = Path(__file__).parent / "fixtures"
FOLDER_TIME = datetime(2021, 4, 25, tzinfo=VIETNAM)
MAILED = Received("thư.eml", "tệp", "", 0, FOLDER_TIME, "mail", "a@b.example", "<1@b>")
LYING = Received("tệp", "", "", 0, FOLDER_TIME, "folder")


def seven(members: dict[str, bytes], **options: Any) -> bytes:
    buffer = io.BytesIO()
    with py7zr.SevenZipFile(buffer, "w", **options) as archive:
        archive.set_encoded_header_mode("password" in options)  # else a test may change what the header says
        for name, data in members.items():
            archive.writestr(data, name)
    return buffer.getvalue()


def opened(data: bytes, kind: str, carrier: Received = LYING) -> list[Carried]:
    return unpack(Carried(carrier, data), kind, Budget())


def members(data: bytes, kind: str) -> dict[str, bytes | str]:
    """Return {member: its bytes, or the code of its problem}."""
    return {
        thing.received.member: thing.received.problem.code if thing.received.problem else thing.data
        for thing in opened(data, kind)
    }


def refusal(data: bytes, kind: str) -> str:
    with pytest.raises(UnreadableError) as fault:
        opened(data, kind)
    return fault.value.note.code


ARCHIVES: dict[str, Callable[[dict[str, bytes]], bytes]] = {"zip": zipped, "7z": seven, "rar": rar}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_each_file_of_an_archive_is_received_with_the_archive(kind: str):
    held = {"Chi bộ ấp Hòa.xlsx": xlsx(), "xã A/Chi bộ 2.xls": b"two", "ảnh.png": b"\x89PNG"}
    assert members(ARCHIVES[kind](held), kind) == held
    for carrier in (LYING, MAILED):
        for thing in opened(ARCHIVES[kind](held), kind, carrier):
            got = thing.received
            assert (got.file, got.received_at, got.received_by) == (
                carrier.file,
                carrier.received_at,
                carrier.received_by,
            )
            assert (got.sender, got.message_id) == (carrier.sender, carrier.message_id)
            assert got.member.startswith("tệp/") == (carrier is MAILED)
            assert got.size_bytes == len(thing.data)


@pytest.mark.parametrize("kind", ARCHIVES)
def test_an_empty_archive_is_one_row(kind: str):
    assert refusal(ARCHIVES[kind]({}), kind) == "archive_empty"


def test_folders_alone_are_nothing():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.mkdir("xã A")
    assert refusal(buffer.getvalue(), "zip") == "archive_empty"


# --- names are labels -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("xã A/form.xlsx", "xã A/form.xlsx"),
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("..\\..\\Windows\\form.xlsx", "Windows/form.xlsx"),
        ("C:\\form.xlsx", "form.xlsx"),
        ("./a/./b", "a/b"),
        ("a\0b\x1b[31m.xlsx", "ab[31m.xlsx"),
        ("a\u202excslx.exe", "axcslx.exe"),
        ("Hoa\u0300.xlsx", "Hoà.xlsx"),
        ("a\r\nb", "a b"),
        ("...", ""),
        ("~/.ssh/form.xlsx", ".ssh/form.xlsx"),
        ("x" * 500 + ".xlsx", "x" * 120),
    ],
)
def test_a_name_becomes_a_label(name: str, shown: str):
    assert label(name) == shown


@pytest.mark.parametrize("kind", ARCHIVES)
def test_names_that_lead_out_are_only_labels(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to("/etc")
    held = {"../up.xlsx": b"1", "/root.xlsx": b"2", "link/passwd": b"3"}
    if kind == "7z":  # py7zr writes no such names: put them in afterwards, in letters of the same length
        data = seven({"xx/up.xlsx": b"1", "xroot.xlsx": b"2", "link/passwd": b"3"})
        for written, meant in (("xx/up.xlsx", "../up.xlsx"), ("xroot.xlsx", "/root.xlsx")):
            data = renamed(data, written, meant)
    else:
        data = ARCHIVES[kind](held)
    assert members(data, kind) == {"up.xlsx": b"1", "root.xlsx": b"2", "link/passwd": b"3"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link"]


def renamed(data: bytes, written: str, meant: str) -> bytes:
    """Change a name in the (plain) header of a .7z and put its checksums right."""
    data = data.replace(written.encode("utf-16-le"), meant.encode("utf-16-le"))
    offset, size = struct.unpack_from("<QQ", data, 12)
    header = data[32 + offset : 32 + offset + size]
    start = struct.pack("<QQI", offset, size, zlib.crc32(header))
    return data[:8] + struct.pack("<I", zlib.crc32(start)) + start + data[32:]


def test_a_member_without_a_name_is_numbered():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo(""), b"1")
    assert members(buffer.getvalue(), "zip") == {"#1": b"1"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_of_one_name_are_numbered():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(3):
            archive.writestr("xã/a.xlsx", str(number))
    assert members(buffer.getvalue(), "zip") == {"xã/a.xlsx": b"0", "xã/a (2).xlsx": b"1", "xã/a (3).xlsx": b"2"}


@pytest.mark.parametrize(("encoding", "name"), [("cp1258", "Chi bộ ấp Hòa.xlsx"), ("utf-8", "Chi bộ ấp Hòa.xlsx")])
def test_names_without_the_mark_of_unicode(encoding: str, name: str):
    """Windows writes them in its code page, in which tones stand apart; other programs in UTF-8 without saying so."""
    apart = unicodedata.normalize("NFD", name).replace("o\u0323\u0302", "ô\u0323").replace("a\u0302\u0301", "â\u0301")
    written = (apart if encoding == "cp1258" else name).encode(encoding)
    data = zipped({"n" * len(written): b"x"}).replace(b"n" * len(written), written)
    assert members(data, "zip") == {name: b"x"}


# --- encrypted, damaged, links --------------------------------------------------------------------------


def encrypted_zip(names: list[str]) -> bytes:
    """Return a zip whose members say that they are encrypted."""
    data = bytearray(zipped({"a.xlsx": b"one", "b.xlsx": b"two"}))
    for name in names:
        place = data.rfind(name.encode()) - 46
        data[place + 8] |= 1
    return bytes(data)


def test_an_encrypted_archive_is_one_row_and_an_encrypted_member_another():
    assert refusal(encrypted_zip(["a.xlsx", "b.xlsx"]), "zip") == "file_encrypted"
    assert members(encrypted_zip(["a.xlsx"]), "zip") == {"a.xlsx": "file_encrypted", "b.xlsx": b"two"}
    assert refusal(seven({"a.xlsx": b"x"}, password="mk"), "7z") == "file_encrypted"
    assert refusal(seven({"a.xlsx": b"x"}, password="mk", header_encryption=True), "7z") == "file_encrypted"
    assert refusal((FIXTURES / "rar5-psw.rar").read_bytes(), "rar") == "file_encrypted"
    assert refusal((FIXTURES / "rar5-hpsw.rar").read_bytes(), "rar") == "file_encrypted"


@pytest.mark.parametrize("kind", ARCHIVES)
def test_an_archive_cut_short_or_spoiled_is_damage_and_nothing_else(kind: str):
    data = ARCHIVES[kind]({"a.xlsx": bytes(range(256)) * 40, "b.xlsx": b"two"})
    for end in range(10, len(data), 97):
        assert outcome(data[:end], kind) <= {"file_damaged", "archive_empty", ""}
    for place in range(8, len(data), 61):
        spoiled = data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]
        assert outcome(spoiled, kind) <= SPOILED


SPOILED = {"", "file_damaged", "file_encrypted", "format_unsupported", "file_empty", "file_not_regular", "archive_part",
           "archive_empty", "inflates_too_far", "extra_missing"}  # fmt: skip


def outcome(data: bytes, kind: str) -> set[str]:
    try:
        return {thing.received.problem.code if thing.received.problem else "" for thing in opened(data, kind)}
    except UnreadableError as fault:
        return {fault.note.code}


def test_links_in_archives_are_told_and_not_followed():
    link = zipfile.ZipInfo("liên kết.xlsx")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert members(buffer.getvalue(), "zip") == {"liên kết.xlsx": "file_not_regular"}
    held = members((FIXTURES / "rar3-symlink-unix.rar").read_bytes(), "rar")
    assert held == {"data_link": "file_not_regular", "data.txt": b"data\n", "random_link": "file_not_regular"}


def test_a_compressed_rar_is_read_by_unar():
    held = members((FIXTURES / "rar5-solid.rar").read_bytes(), "rar")
    assert {name: len(data) for name, data in held.items()} == {"stest1.txt": 2048, "stest2.txt": 2048}


def test_one_part_of_a_split_rar_says_so():
    data = bytearray(rar({"a.xlsx": b"x" * 100}))
    head = data.find(b"\x74", 20)
    data[head + 1] |= 0x02  # goes on in the next part
    size = struct.unpack_from("<H", data, head + 3)[0]
    data[head - 2 : head] = struct.pack("<H", zlib.crc32(data[head : head - 2 + size]) & 0xFFFF)
    assert refusal(bytes(data), "rar") == "archive_part"


# --- bombs ----------------------------------------------------------------------------------------------


def test_what_unfolds_too_far_is_one_row_whatever_else_is_in_it():
    bomb = bytes(limits.MAX_INFLATED_BYTES // 2 + 1)
    assert refusal(zipped({"a.xlsx": b"ok", "b.bin": bomb}), "zip") == "inflates_too_far"
    assert refusal(seven({"a.xlsx": b"ok", "b.bin": bomb, "c.bin": bomb}), "7z") == "inflates_too_far"


def test_the_limit_holds_for_all_carriers_of_an_arrival_together():
    budget = Budget()
    half = zipped({f"{n}.bin": bytes(limits.MEBI) for n in range(60)})
    unpack(Carried(LYING, half), "zip", budget)
    with pytest.raises(UnreadableError) as fault:
        unpack(Carried(LYING, half), "zip", budget)
    assert fault.value.note.code == "inflates_too_far"


def test_too_many_members_are_one_row():
    assert refusal(zipped({str(n): b"" for n in range(limits.MAX_ARCHIVE_MEMBERS + 1)}), "zip") == "too_many_members"


# --- programs that are not there ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "module", "extra", "what"),
    [
        ("7z", "py7zr", "archives", ".7z"),
        ("rar", "rarfile", "archives", ".rar"),
        ("msg", "oxmsg.storage", "msg", ".msg"),
        ("tnef", "tnefparse", "tnef", "winmail.dat"),
    ],
)
def test_without_its_extra_a_file_says_which(
    kind: str, module: str, extra: str, what: str, monkeypatch: pytest.MonkeyPatch
):
    imported = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == module:
            raise ModuleNotFoundError(name=name)
        return imported(name, *args, **kwargs)

    data = {"7z": seven({"a": b"x"}), "rar": rar({"a": b"x"}), "msg": msg([]), "tnef": winmail([])}[kind]
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UnreadableError) as fault:
        opened(data, kind)
    note = fault.value.note
    assert (note.code, note.value, dict(note.detail)["extra"]) == ("extra_missing", what, extra)
    project = tomllib.loads((FIXTURES.parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    assert dict(note.detail)["install"].endswith(" ".join(project["optional-dependencies"][extra]))


def test_without_unar_a_compressed_rar_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(rarfile, "CURRENT_SETUP", None)
    assert shutil.which("unar") is None
    with pytest.raises(UnreadableError) as fault:
        opened((FIXTURES / "rar5-solid.rar").read_bytes(), "rar")
    assert (fault.value.note.code, dict(fault.value.note.detail)["extra"]) == ("extra_missing", "unar")
    assert not list(tmp_path.iterdir()), "what was sent lies about in the temporary folder"
    assert members(rar({"a.xlsx": b"x"}), "rar") == {"a.xlsx": b"x"}  # what is not compressed needs no program
