"""Hostile .zip and .7z, and things that are none."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Final

from .maker import SET_ASIDE, Hostile, counted, refused
from .packages import Entry, form, raw_zip, zeros, zipped

_GIB: Final = 1 << 30
_CRASH: Final = ("file_crashed", "file_damaged")
# Names that would lead out of a folder, or are no names; and what may be shown of them.
NAMES: Final = (
    b"../../../escaped.xlsx",
    b"/escaped.xlsx",
    b"C:\\escaped.xlsx",
    b"..\\..\\escaped.xlsx",
    b"\\\\server\\share\\escaped.xlsx",
    b"a/../../escaped.xlsx",
    b"C:escaped.xlsx",
    b"~/escaped.xlsx",
    b"%2e%2e%2fescaped.xlsx",
    b"escaped.xlsx:stream",
    b"con.xlsx",
    b"-rf.xlsx",
    b"=cmd|'/C calc'!A0.xlsx",
    b"@SUM(1).xlsx",
    b"<b>bold</b>&amp;.xlsx",
    b"a\0b.xlsx",
    b"a\nb\r\n=1+1.xlsx",
    "gnp\u202exslx.exe".encode(),
    "\uffff\ufffe.xlsx".encode(),
    b"\x1b]0;title\x07.xlsx",
    b"x" * 5000 + b".xlsx",
    b"x/" * 2000 + b"y.xlsx",
    "Bie\u0302\u0309u ma\u0302\u0303u.xlsx".encode(),
    b".",
    b"..",
    b"",
)


def _named(name: bytes) -> bytes:
    content = form("H-NONE", proposals=repr(name)[:80])  # no two alike, or one would be called a copy of the other
    return raw_zip([Entry(name, content, len(content), method=0)])


def _cp1258() -> bytes:
    """Names in the code page of Vietnamese Windows, none of them said to be in UTF-8."""
    content = form("H-NONE", proposals="cp1258")
    return raw_zip([Entry("Bi\xeaÒu mâÞu.xlsx".encode("latin-1", "replace"), content, len(content), method=0, flags=0)])


def _nested(levels: int) -> bytes:
    packed = form("H-NONE", proposals=f"{levels} deep")
    for level in range(levels):
        packed = zipped([(f"{level}.zip" if level else "form.xlsx", packed)])
    return packed


def _wide() -> bytes:
    """Fifty archives in one, each of them below the limit by itself."""
    inner = [raw_zip([Entry(b"%d.txt" % n, zeros(60 << 20), 60 << 20)]) for n in range(50)]
    return zipped([(f"{n}.zip", content) for n, content in enumerate(inner)], zipfile.ZIP_STORED)


def _lzma_mimetype() -> bytes:
    return raw_zip([Entry(b"mimetype", b"\x09\x14\x05\x00\x5d\0\0\1\0" + b"\xff" * 60, 100, method=14)])


def _seven(files: dict[str, bytes], password: str | None = None) -> bytes:
    import py7zr

    made = io.BytesIO()
    with py7zr.SevenZipFile(made, "w", password=password) as archive:
        for name, content in files.items():
            archive.writestr(content, name)
    return made.getvalue()


def _twice() -> bytes:
    made = [("form.xlsx", form("H-NONE", proposals=f"number {n}")) for n in range(3)]
    return zipped(
        [
            *made,
            ("form (2).xlsx", form("H-NONE", proposals="number 3")),
            ("FORM.xlsx", form("H-NONE", proposals="number 4")),
        ]
    )


def _truncated() -> Iterator[Hostile]:
    whole = zipped([("a.xlsx", form("H-NONE", proposals="cut")), ("b.txt", "x" * 999)])
    for fifth in range(1, 5):
        size = len(whole) * fifth // 5
        yield Hostile(f"cut/{fifth}-fifths.zip", lambda size=size: whole[:size], frozenset({"file_damaged"}))


_UNKNOWN: Final = frozenset({"unidentified"})
_NOBODYS: Final = frozenset({"unit_unknown"})

HOSTILE: Final = (
    refused("zip/bomb.zip", lambda: raw_zip([Entry(b"a.xlsx", zeros(4 * _GIB), 0xFFFFFFFF)]), "inflates_too_far"),
    refused(
        "zip/bomb-lying.zip", lambda: raw_zip([Entry(b"a.xlsx", zeros(_GIB), 10)]), "inflates_too_far", "file_damaged"
    ),
    refused(
        "zip/bomb-overlapping.zip",
        lambda: raw_zip([Entry(b"a.xlsx", zeros(_GIB), _GIB), *[Entry(b"a.xlsx", zeros(_GIB), _GIB, at=0)] * 3]),
        "inflates_too_far",
        "file_suspicious",
    ),
    Hostile("zip/wide.zip", _wide, frozenset({"inflates_too_far"})),
    refused("zip/5000-members.zip", lambda: zipped([(f"{n}.xlsx", b"") for n in range(5000)]), "too_many_members"),
    refused(
        "zip/60000-members.zip",
        lambda: raw_zip([Entry(b"%d" % n, b"", 0, method=0) for n in range(60_000)]),
        "too_many_members",
    ),
    Hostile("zip/nested.zip", lambda: _nested(9), frozenset({"carrier_too_deep"})),
    Hostile("zip/empty.zip", lambda: zipped([]), frozenset({"archive_empty"}), SET_ASIDE),
    Hostile(
        "zip/folders-only.zip",
        lambda: raw_zip([Entry(b"a/", b"", 0, method=0)]),
        frozenset({"archive_empty"}),
        SET_ASIDE,
    ),
    refused(
        "zip/password.zip", lambda: raw_zip([Entry(b"a.xlsx", form("H-NONE"), 99, method=0, flags=1)]), "file_encrypted"
    ),
    Hostile(
        "zip/link.zip",
        lambda: raw_zip([Entry(b"x.xlsx", b"/etc/passwd", 11, method=0, mode=0o120777)]),
        frozenset({"file_not_regular"}),
        members=("x.xlsx",),
    ),
    refused("zip/mimetype-packed-by-lzma.zip", _lzma_mimetype, *_CRASH, "format_unsupported"),
    Hostile(
        "zip/one-name-for-three.zip",
        _twice,
        _NOBODYS,
        _UNKNOWN,
        ("form.xlsx", "form (2).xlsx", "form (3).xlsx", "form (2) (2).xlsx", "FORM.xlsx"),
    ),
    Hostile("zip/cp1258.zip", _cp1258, _NOBODYS, _UNKNOWN),
    *(
        Hostile(
            f"zip/name-{n:02}.zip",
            lambda name=name: _named(name),
            frozenset({"unit_unknown", "archive_empty", *_CRASH}),
            frozenset({"unidentified", "rejected"}),
        )
        for n, name in enumerate(NAMES)
    ),
    refused("7z/bomb.7z", lambda: _seven({"a.xlsx": bytes(150 << 20)}), "inflates_too_far"),
    refused("7z/password.7z", lambda: _seven({"a.xlsx": form("H-NONE")}, "mật khẩu"), "file_encrypted"),
    refused("7z/damaged.7z", lambda: _seven({"a.xlsx": form("H-NONE")})[:-20] + bytes(20), *_CRASH),
    refused("rar/damaged.rar", lambda: b"Rar!\x1a\x07\x01\0" + bytes(500), *_CRASH, "archive_empty", "extra_missing"),
    *_truncated(),
    counted("zip/good-inside.zip", lambda code: zipped([("../../good.xlsx", form(code))]), "H-ZIP", members=20),
)
