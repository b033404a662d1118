"""Mails as mail programs write them when they carry a workbook: taken apart by their bytes, without the parser.

Nothing here is believed that is not recognised to the last line: whatever is unusual makes `read_plain_mail` give up,
and the mail goes the careful way (mail.py). What it does read is what that reads; tests/test_plain_mail.py holds the
two against each other.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

_LONGEST_HEAD: Final = 1 << 16
_DEEPEST: Final = 4
_MOST_PARTS: Final = 50
_MARKS: Final = frozenset('<>"')  # in a name, where the parser may take them for marks around it
_HEADER: Final = re.compile(rb"([A-Za-z][A-Za-z0-9_-]{0,60}): ?([\t -~]*(?:\n[ \t]+[!-~][\t -~]*)*)\n")
_KIND: Final = re.compile(rb"([a-z]{1,20}/[a-z0-9.+-]{1,80})((?:;\s*.*)?)", re.IGNORECASE | re.DOTALL)
_DISPOSITION: Final = re.compile(rb"(attachment|inline)((?:;\s*.*)?)", re.IGNORECASE | re.DOTALL)
_PARAMETER: Final = re.compile(rb";\s*([a-z-]+(?:\*\d?\*?)?)=(?:\"([ -~]*?)\"|([A-Za-z0-9._%'+-]+))", re.IGNORECASE)
_EXTENDED: Final = re.compile(rb"(?:utf-8|UTF-8)''((?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})*)")
_ENCODED: Final = re.compile(rb"((?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})*)")
_ENCODED_WORD: Final = re.compile(rb"=\?utf-8\?b\?([A-Za-z0-9+/]+={0,2})\?=", re.IGNORECASE)
_TOKEN: Final = re.compile(rb"[A-Za-z0-9._-]+")
# Of these one would have to know which of several counts.
_ONCE: Final = frozenset(
    {b"from", b"date", b"message-id", b"mime-version"}
    | {b"content-type", b"content-disposition", b"content-transfer-encoding"}
)
_UNFOLDED: Final = frozenset({b"from", b"date"})
_TEXTS: Final = frozenset({"text/plain", "text/html"})
_TEXT_ENCODINGS: Final = frozenset({"", "7bit", "8bit", "base64", "quoted-printable"})

Headers = dict[bytes, bytes]


class Attached(NamedTuple):
    """One attachment: its name as the sender gave it, "" for none, its type and its bytes."""

    name: str
    kind: str
    data: bytes


class PlainMail(NamedTuple):
    """The headers that are asked for, each as it stands, "" where there is none; and the attachments in order."""

    sender: str
    date: str
    message_id: str
    attached: tuple[Attached, ...]


class _UnusualError(Exception):
    """A mail that is perhaps healthy, and certainly unusual."""


def read_plain_mail(data: bytes) -> PlainMail | None:
    """Return what a plain mail carries, None of any other."""
    returns = data.count(b"\r")
    if returns:
        if returns != data.count(b"\r\n") or returns != data.count(b"\n"):
            return None
        data = data.replace(b"\r\n", b"\n")
    try:
        headers, body = _parted(data)
        kind, parameters = _kind(headers)
        if not kind.startswith("multipart/"):
            return None
        attached = tuple(_attached(body, parameters, 0))
        if len(headers.get(b"message-id", b"").split()) > 1:
            return None
        sender, date, message_id = (headers.get(name, b"").decode() for name in (b"from", b"date", b"message-id"))
        return PlainMail(sender.lstrip(), date.lstrip(), message_id, attached) if len(attached) <= _MOST_PARTS else None
    except (_UnusualError, ValueError):  # of which UnicodeDecodeError and binascii.Error are some
        return None


def _parted(data: bytes) -> tuple[Headers, bytes]:
    """Part a mail, or a part of one, into its headers, names in small letters, and its body."""
    end = data.find(b"\n\n", 0, _LONGEST_HEAD)
    if end < 0:
        raise _UnusualError
    headers: Headers = {}
    at = 0
    while at <= end:
        found = _HEADER.match(data, at)
        if found is None:
            raise _UnusualError
        name = found[1].lower()
        if name in _ONCE and (name in headers or (name in _UNFOLDED and b"\n" in found[2])):
            raise _UnusualError
        headers[name] = found[2]
        at = found.end()
    return headers, data[end + 2 :]


def _kind(headers: Headers) -> tuple[str, dict[str, str]]:
    """Return a part's type in small letters, and the parameters of it."""
    found = _KIND.fullmatch(headers.get(b"content-type", b""))
    if found is None:
        raise _UnusualError
    return found[1].decode().lower(), _parameters(found[2])


def _parameters(text: bytes) -> dict[str, str]:
    """Return the parameters behind a type or disposition: plain, or in UTF-8 as RFC 2231 writes, whole or in pieces."""
    plain: dict[str, str] = {}
    pieces: dict[str, list[bytes]] = {}
    at = 0
    for found in _PARAMETER.finditer(text):
        name, star, order = found[1].decode().lower().partition("*")
        quoted, bare = found[2], found[3]
        if found.start() != at or name in plain:
            raise _UnusualError
        at = found.end()
        if not star:
            plain[name] = _plain_value(quoted, bare)
            is_next = name not in pieces
        else:
            known = pieces.setdefault(name, [])
            known.append(_encoded_value(quoted, bare, is_first=not known))
            is_next = order == f"{len(known) - 1}*"
            if order == "" and len(known) == 1:
                plain[name], is_next = _decoded(pieces.pop(name)), True
        if not is_next:
            raise _UnusualError
    if text[at:].strip():
        raise _UnusualError
    return plain | {name: _decoded(parts) for name, parts in pieces.items()}


def _plain_value(quoted: bytes | None, bare: bytes) -> str:
    value = bare if quoted is None else quoted
    encoded = _ENCODED_WORD.fullmatch(value)
    if encoded is not None:  # against the standard, and what most mail programs do
        return _printable(binascii.a2b_base64(encoded[1], strict_mode=True))
    is_plain = _TOKEN.fullmatch(bare) if quoted is None else b"\\" not in quoted and b"=?" not in quoted
    if not is_plain:
        raise _UnusualError
    return value.decode("ascii")


def _encoded_value(quoted: bytes | None, bare: bytes, *, is_first: bool) -> bytes:
    value = (_EXTENDED if is_first else _ENCODED).fullmatch(bare) if quoted is None else None
    if value is None:
        raise _UnusualError
    return value[1]


def _decoded(pieces: list[bytes]) -> str:
    return _printable(unquote_to_bytes(b"".join(pieces)))


def _printable(encoded: bytes) -> str:
    text = encoded.decode("utf-8")
    if not text.isprintable():
        raise _UnusualError
    return text


def _attached(body: bytes, parameters: dict[str, str], depth: int) -> Iterator[Attached]:
    """Yield the parts of a multipart that are attached: all but the texts of the mail itself."""
    if depth > _DEEPEST:
        raise _UnusualError
    for part in _parts(body, parameters.get("boundary", "")):
        headers, content = _parted(part)
        kind, inner = _kind(headers)
        if kind.startswith("multipart/"):
            yield from _attached(content, inner, depth + 1)
            continue
        encoding = headers.get(b"content-transfer-encoding", b"").decode("ascii").lower()
        found = _DISPOSITION.fullmatch(headers.get(b"content-disposition", b""))
        if b"content-disposition" in headers and found is None:
            raise _UnusualError
        of_disposition = _parameters(found[2]) if found else {}
        name = of_disposition.get("filename", inner.get("name", ""))
        if not _MARKS.isdisjoint(name) or (not name and _is_name_hidden(headers)):
            raise _UnusualError
        if kind in _TEXTS and not name and not (found and found[1].lower() == b"attachment"):
            if encoding not in _TEXT_ENCODINGS:
                raise _UnusualError
            continue
        if encoding != "base64" or kind.startswith("message/"):
            raise _UnusualError
        yield Attached(name, kind, binascii.a2b_base64(content.translate(None, b"\n"), strict_mode=True))


def _is_name_hidden(headers: Headers) -> bool:
    """Whether the careful way may find a name where none should stand."""
    return any(b"=?" in value for name, value in headers.items() if name.startswith(b"content-"))


def _parts(body: bytes, boundary: str) -> list[bytes]:
    """Cut a multipart at its boundary, which stands nowhere but where it should."""
    if not re.fullmatch(r"[A-Za-z0-9=_.+'-]{1,70}", boundary):
        raise _UnusualError
    line = b"\n--" + boundary.encode()
    _, *parts = (b"\n" + body).split(line)
    is_closed = 1 < len(parts) <= _MOST_PARTS and parts[-1].rstrip(b" \t\n") == b"--"
    if not is_closed or any(not part.startswith(b"\n") for part in parts[:-1]):
        raise _UnusualError
    return [part[1:] for part in parts[:-1]]
