"""Hostile .eml."""

from __future__ import annotations

import base64
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from .maker import SET_ASIDE, Hostile, counted
from .packages import form

_HEAD: Final = "From: Chi bộ <a@example.vn>\nDate: Tue, 20 Apr 2021 08:00:00 +0700\nMessage-ID: <1@example.vn>\n"
_ANY: Final = frozenset({"unidentified", "rejected", "ignored"})
_CODES: Final = frozenset(
    {
        "unit_unknown",
        "mail_unreadable",
        "mail_without_workbook",
        "file_ignored",
        "file_empty",
        "file_damaged",
        "file_crashed",
        "format_unsupported",
        "carrier_too_deep",
        "too_many_members",
    }
)
# Names of attachments that would lead out of a folder or break what they are written into.
NAMES: Final = (
    "../../../escaped.xlsx",
    "/escaped.xlsx",
    "C:\\\\escaped.xlsx",
    "..\\\\..\\\\escaped.xlsx",
    "=cmd|'/C calc'!A0.xlsx",
    "gnp\u202exslx.exe",
    "<b>&amp;'.xlsx",
    "x" * 4000 + ".xlsx",
    "..",
    "",
    "=?utf-8?q?=2E=2E=2Fescaped=0AX-Header=3A_y.xlsx?=",
    "=?x-unknown?q?y.xlsx?=",
    "=?utf-8?b?//8=?=",
    "\x1b]0;title\x07.xlsx",
    "-rf.xlsx",
    "Biểu mẫu.xlsx",
    "Bie\u0302\u0309u.xlsx",
)
_DATES: Final = (
    "31 Dec 9999 23:59:59 -2359",
    "1 Jan 0100 00:00:00 +2359",
    "Tue, 20 Apr 2021 08:00:00 +9999",
    "32 Foo 2021 25:61:61",
    "1 Jan 9999999999999999999999 00:00:00 +0000",
    "1 Jan 2021 00:00:00 +99999999999999999999",
    "",
    "x" * 9999,
    "²0 Apr 2021 08:00:00 +0700",
    "20 Apr 2099 08:00:00 +0700",
    "20 Apr 2021 08:00:00 -0000",
)
_SENDERS: Final = (
    '"=cmd|calc" <=1+1@example.vn>',
    "a@example.vn\n\tX-Other: y",
    "=?utf-8?q?=0AFrom:_x@y?= <a@example.vn>",
    "(" * 3000,
    "<" * 3000,
    "a@example.vn, " * 500,
    '"' * 999,
    "=?x-unknown?b?YQ==?= <a@example.vn>",
    "@",
    "\u202eevil <a@example.vn>",
    "=?utf-8?b?/////w==?=",
    "a" * 9999 + "@example.vn",
    '"\\',
)
_TYPES: Final = (
    'multipart/mixed; boundary=""',
    "text/plain; charset=x-unknown",
    "message/rfc822",
    "message/partial",
    "application/",
    'message/external-body; access-type=URL; URL="file:///etc/passwd"',
    "/",
    "x" * 9999,
    "message/delivery-status",
    "image/png",
)


def _attached(name: str = "x.xlsx", kind: str = "application/octet-stream", body: str = "", more: str = "") -> str:
    """Return one part; its workbook is like no other's, or it would be called a copy of one."""
    own = sha256(f"{name} {kind} {more}".encode()).hexdigest()
    content = body or base64.b64encode(form("H-NONE", proposals=own)).decode()
    return (
        f"Content-Type: {kind}\nContent-Transfer-Encoding: base64\n"
        f'Content-Disposition: attachment; filename="{name}"\n\n{content}\n'
    )


def _mail(*parts: str, head: str = _HEAD) -> bytes:
    body = "".join(f"--limit\n{part}" for part in parts)
    text = f"{head}MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=limit\n\n{body}--limit--\n"
    return text.encode("utf-8", "surrogateescape")


def _nested(levels: int) -> bytes:
    body = "Content-Type: text/plain\n\nx\n"
    for level in range(levels):
        body = f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n{body}\n--b{level}--\n"
    return (_HEAD + body).encode()


def _forwarded(levels: int) -> bytes:
    return (f"{_HEAD}Content-Type: message/rfc822\n\n" * levels + _HEAD + "\nx\n").encode()


def _each(folder: str, texts: tuple[str, ...], make: Callable[[str], bytes]) -> tuple[Hostile, ...]:
    return tuple(
        Hostile(f"mail/{folder}-{n:02}.eml", lambda text=text: make(text), _CODES, _ANY) for n, text in enumerate(texts)
    )


HOSTILE: Final = (
    *_each("name", NAMES, lambda name: _mail(_attached(name))),
    *_each(
        "date", _DATES, lambda date: _mail(_attached(more=f"date {date}"), head=f"From: a@example.vn\nDate: {date}\n")
    ),
    *_each(
        "sender",
        _SENDERS,
        lambda sender: _mail(
            _attached(more=f"sender {sender}"), head=f"From: {sender}\nDate: Tue, 20 Apr 2021 08:00:00 +0700\n"
        ),
    ),
    *_each("type", _TYPES, lambda kind: _mail(_attached(kind=kind))),
    *_each(
        "id",
        ("<1@x", "<" * 3000, "[", "=?utf-8?q?=0A?=", ""),
        lambda said: _mail(_attached(more=f"id {said}"), head=f"{_HEAD}Message-ID: {said}\n"),
    ),
    Hostile("mail/no-headers.eml", lambda: b"Tong so dang vien 20\n", frozenset({"mail_without_workbook"}), SET_ASIDE),
    Hostile("mail/headers-only.eml", lambda: _HEAD.encode(), frozenset({"mail_without_workbook"}), SET_ASIDE),
    Hostile("mail/million-headers.eml", lambda: _HEAD.encode() + b"X: y\n" * 1_000_000, _CODES, _ANY),
    Hostile(
        "mail/longest-header.eml", lambda: _HEAD.encode() + b"Subject: " + b"x" * 9_000_000 + b"\n\n", _CODES, _ANY
    ),
    Hostile(
        "mail/boundaries-only.eml",
        lambda: _HEAD.encode() + b"Content-Type: multipart/mixed; boundary=B\n\n" + b"--B\n" * 1_000_000,
        _CODES,
        _ANY,
    ),
    Hostile(
        "mail/10000-parts.eml",
        lambda: _mail(*[_attached(f"{n}.txt", body="YQ==") for n in range(10_000)]),
        frozenset({"too_many_members", "file_crashed"}),
    ),
    Hostile("mail/nested-2000.eml", lambda: _nested(2000), _CODES, _ANY),
    Hostile("mail/nested-100.eml", lambda: _nested(100), _CODES, _ANY),
    Hostile("mail/forwarded-10.eml", lambda: _forwarded(10), frozenset({"carrier_too_deep"}), _ANY),
    Hostile("mail/forwarded-2000.eml", lambda: _forwarded(2000), _CODES, _ANY),
    Hostile("mail/nul.eml", lambda: _mail(_attached(more="nul")).replace(b"Tue", b"T\0ue"), _CODES, _ANY),
    Hostile("mail/utf-16.eml", lambda: _mail(_attached(more="utf-16")).decode().encode("utf-16"), _CODES, _ANY),
    Hostile("mail/not-base64.eml", lambda: _mail(_attached(body="=\x01\x7f==A")), _CODES, _ANY),
    counted(
        "mail/good.eml",
        lambda code: _mail(_attached("../../good.xlsx", body=base64.b64encode(form(code)).decode())),
        "H-MAIL",
        members=20,
    ),
)
