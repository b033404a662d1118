"""What a file is, told by its content and never by its name."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final

from ..containers import ZIP_FAULTS

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAGIC: Final = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"RIFF", "riff"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gz"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ", "xz"),
    (b"x\x9f>\x22", "tnef"),
    (b"{\\rtf", "rtf"),
    (b"MZ", "exe"),
    (b"\x00\x05\x16\x07", "appledouble"),
    (b"\x09\x00\x04\x00", "biff"),
    (b"\x09\x02\x06\x00", "biff"),
    (b"\x09\x04\x06\x00", "biff"),
)
_OLE_STREAMS: Final = (
    ("EncryptedPackage", "encrypted"),
    ("__properties_version1.0", "msg"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
)
_FIRST_HEADER = re.compile(rb"(?:From [^\n]+\n)?(?:>?[A-Za-z][A-Za-z0-9-]{0,60}:[^\n]*\n(?:[ \t][^\n]*\n)*)+", re.ASCII)
_MAIL_HEADER = re.compile(rb"^(?:From|Date|Received|Message-ID|Return-Path|Delivered-To|To):", re.I | re.M)
_LONGEST_HEAD: Final = 1 << 16
_TEXT_HEAD: Final = 1 << 12
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS: Final = (";", ",", "\t")


def kind_of(data: bytes, name: str = "") -> str:
    """Return what a file is: "xlsx", "eml", "zip", ...; "" where nothing is known of it.

    Args:
        data: the whole file.
        name: the sender's name for it, believed only of a mail (.eml) that does not look like one.
    """
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(data)
    if data.startswith(_OLE):
        return _kind_of_ole(data)
    known = next((kind for magic, kind in _MAGIC if data.startswith(magic)), "")
    return known or _kind_of_text(data, name)


def _kind_of_zip(data: bytes) -> str:
    end = data.rfind(b"PK\x05\x06")
    if end < 0:
        return "damaged"
    listed = data[int.from_bytes(data[end + 16 : end + 20], "little") : end]
    if b"[Content_Types].xml" in listed:
        for part, kind in ((b"xl/workbook.bin", "xlsb"), (b"xl/", "xlsx"), (b"word/", "docx"), (b"ppt/", "pptx")):
            if part in listed:
                return kind
    if b"mimetype" in listed:
        return _kind_by_mimetype(data)
    return "numbers" if b"Index/Document.iwa" in listed else "zip"


def _kind_by_mimetype(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            mimetype = archive.open("mimetype").read(200)
    except KeyError:
        return "zip"
    except (*ZIP_FAULTS, RuntimeError):  # RuntimeError: encrypted
        return "damaged"
    if b"opendocument.spreadsheet" in mimetype:
        return "ods"
    return "odt" if b"opendocument" in mimetype else "zip"


def _kind_of_ole(data: bytes) -> str:
    from olefile import OleFileIO

    try:
        with OleFileIO(io.BytesIO(data)) as ole:
            names = {entry[0] for entry in ole.listdir() if len(entry) == 1}
    except (OSError, ValueError, IndexError, TypeError, AttributeError, RecursionError):
        return "damaged"
    return next((kind for stream, kind in _OLE_STREAMS if stream in names), "ole")


def _kind_of_text(data: bytes, name: str) -> str:
    head = data[:_TEXT_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(_UTF16):
        head = head.decode("utf-16", "replace").encode("utf-8")
    if b"\0" in head:
        return ""
    low = head.lower()
    if low.startswith(b"<"):
        return _kind_of_markup(low)
    header = _FIRST_HEADER.match(data[:_LONGEST_HEAD].lstrip(b"\xef\xbb\xbf\r\n").replace(b"\r\n", b"\n"))
    if header is not None:
        if _MAIL_HEADER.search(header[0]):
            return "mht" if b"multipart/related" in low and _is_web_page(low) else "eml"
        if low.startswith(b"mime-version:"):
            return "mht"
    if name.lower().endswith(".eml"):
        return "eml"
    return "csv" if _is_table(head) else "text"


def _kind_of_markup(low: bytes) -> str:
    if b"schemas-microsoft-com:office:spreadsheet" in low and b"<html" not in low:
        return "xml2003"
    if b"office:document" in low:
        return "fods"
    if any(tag in low for tag in (b"<html", b"<!doctype html", b"<table", b"<meta", b"<body")):
        return "html"
    return "xml"


def _is_web_page(low: bytes) -> bool:
    """Whether a text with mail headers is what Excel and browsers save as a single-file web page."""
    return b"snapshot-content-location:" in low or b"saved by" in low or b"x-mimeole" in low.partition(b"\n\n")[0]


def _is_table(head: bytes) -> bool:
    lines = [line for line in head.decode("utf-8", "replace").splitlines()[:5] if line.strip()]
    return any(all(separator in line for line in lines) for separator in _SEPARATORS) if lines else False
