"""Files whose names, endings or first bytes say what they are not, and files beside no rule at all."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from .binary import form_records, xls
from .maker import SENT, SET_ASIDE, Hostile, counted
from .packages import form
from .sheets import ods_form

_ENDINGS: Final = ("xlsx", "xlsm", "xls", "xlsb", "ods", "csv", "zip", "7z", "rar", "eml", "msg", "dat", "pdf", "")
_CONTENTS: Final = {
    "png": b"\x89PNG\r\n\x1a\n" + bytes(40),
    "pdf": b"%PDF-1.7\n%%EOF",
    "exe": b"MZ" + bytes(200),
    "html": b"<html><table><tr><td>1",
    "xml": b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
    "rubbish": bytes(range(256)) * 9,
    "zeros": bytes(5000),
    "text": b"\xef\xbb\xbfTong so;20\nDu;19\n",
    "nothing": b"",
    "php": b"<?php system('x'); ?>",
    "pk": b"PK\3\4" + b"\xff" * 300,
    "end": b"PK\5\6" + b"\xff" * 18,
    "rtf": b"{\\rtf1 x}",
    "gz": b"\x1f\x8b\x08" + bytes(30),
    "seven": b"7z\xbc\xaf\x27\x1c" + b"\xff" * 60,
    "tnef": b"x\x9f>\x22" + b"\xff" * 60,
    "ole": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 600,
}
_SAY_WHY: Final = frozenset(
    {
        "file_ignored",
        "file_damaged",
        "file_empty",
        "format_unsupported",
        "file_other_document",
        "mail_unreadable",
        "mail_without_workbook",
        "archive_empty",
        "extra_missing",
        "file_crashed",
    }
)
# Names that a file system lets stand; each is given to a good form that must count.
NAMES: Final = {
    "H-N1": '=HYPERLINK("http:\\evil","x").xlsx',
    "H-N2": "@SUM(1+1)*cmd|' C calc'!A0.xlsx",
    "H-N3": "-2+3.xlsx",
    "H-N4": "+1.xlsx",
    "H-N5": "a\nb\t=1+1\r.xlsx",
    "H-N6": "\u202exslx.gnp",
    "H-N7": "\uffff\ufffe\x1b]0;x\x07.xlsx",
    "H-N8": "<b>'\"&amp;]]>.xlsx",
    "H-N9": "x" * 250 + ".xlsx",
    "H-N10": "Bie\u0302\u0309u ma\u0302\u0303u.xlsx",
    "H-N11": "'; DROP TABLE units; --.xlsx",
    "H-N12": ".hidden.xlsx",
    "H-N13": "~$lock.xlsx",
    "H-N14": "con.xlsx",
    "H-N15": " .xlsx",
    "H-N16": "_x003D_1+1.xlsx",
    "H-N17": "%s%n{0}{value}.xlsx",
}


def _wrong_endings() -> Iterator[Hostile]:
    for what, content in _CONTENTS.items():
        for ending in _ENDINGS:
            named = f"wrong/{what}.{ending}" if ending else f"wrong/{what}"
            made = content + (f"\n{ending}".encode() if content else b"")  # no two alike
            yield Hostile(named, lambda made=made: made, _SAY_WHY, SET_ASIDE)


def _right_content() -> Iterator[Hostile]:
    """Good forms under endings that are not theirs: the content decides."""
    for number, ending in enumerate(("xls", "pdf", "zip", "csv", "jpg", "")):
        yield counted(f"right/form.{ending}".rstrip("."), form, f"H-E{number}", members=20)
    yield counted("right/old.xlsx", lambda code: xls([("B", form_records(code))]), "H-E6", members=20)
    yield counted("right/calculated.xlsx", ods_form, "H-E7", members=20)


def _doubtful(code: str) -> bytes:
    """A form that counts and is asked about: its name goes into every output there is."""
    return form(code, attendees=5, reflections=3)


HOSTILE: Final = (
    *_wrong_endings(),
    *_right_content(),
    *(counted(f"names/{name}", _doubtful, unit, members=20) for unit, name in NAMES.items()),
    counted("0001-01-01/early.xlsx", form, "H-EARLY", members=20),
    counted("9999-12-31T2359/late.xlsx", form, "H-LATE", "received_after_as_of", members=20),
    counted("/".join(["deep"] * 300) + "/form.xlsx", form, "H-DEEP", members=20),
)

# Things that are no files: name below submissions -> the finding that tells.
SPECIAL: Final = {
    "special/link.xlsx": "file_not_regular",
    "special/dangling.xlsx": "file_not_regular",
    "special/link-to-folder": "file_not_regular",
    "special/pipe.xlsx": "file_not_regular",
    "special/socket.xlsx": "file_not_regular",
    "special/large.xlsx": "file_too_large",
    "special/folder.xlsx/inside.txt": "file_ignored",
    "special/bytes-\ufffd\ufffd.xlsx": "file_damaged",
}


def send_special(submissions: Path, outside: Path) -> None:
    """Make what no file is: links to a good form outside, a pipe, a socket, a folder named like a file ..."""
    folder = submissions / "special"
    folder.mkdir(parents=True)
    (outside / "target.xlsx").write_bytes(form("H-NONE", proposals="never to be read"))
    (folder / "link.xlsx").symlink_to(outside / "target.xlsx")
    (folder / "dangling.xlsx").symlink_to(outside / "nowhere")
    (folder / "link-to-folder").symlink_to(outside, target_is_directory=True)
    os.mkfifo(folder / "pipe.xlsx")
    with socket.socket(socket.AF_UNIX) as bound:
        here = os.open(folder, os.O_RDONLY)  # the path of a socket may have 107 bytes only
        bound.bind(f"/proc/self/fd/{here}/socket.xlsx")
        os.close(here)
    with (folder / "large.xlsx").open("wb") as large:
        large.truncate(21 << 20)
    (folder / "folder.xlsx").mkdir()
    (folder / "folder.xlsx" / "inside.txt").write_text("x", encoding="utf-8")
    Path(os.fsdecode(os.fsencode(folder) + b"/bytes-\xff\xfe.xlsx")).write_bytes(b"PK\3\4")
    for path in folder.rglob("*"):
        os.utime(path, (SENT, SENT), follow_symlinks=False)
