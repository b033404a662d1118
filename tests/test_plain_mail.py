"""Mails taken apart by their bytes come out as the standard parser takes them apart, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.demo import make_demo
from pipeline.intake.carriers import Carried
from pipeline.intake.mail import _FAULTS, _taken_carefully, _taken_plainly
from pipeline.intake.plain_mail import read_plain_mail
from schemas.records import Received

INPUTS = Path(__file__).parents[1] / "inputs"
SHEET = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
BYTES = bytes(range(256)) * 3
# As Gmail writes: alternative texts inside, a name in two ways, an id for each part, CRLF.
GMAIL = """\
MIME-Version: 1.0
Date: Mon, 26 Apr 2021 10:05:00 +0700
Message-ID: <CAF+x=Zq1@mail.gmail.com>
Subject: =?UTF-8?B?QsOhbyBjw6Fv?=
From: =?UTF-8?Q?Tr=E1=BA=A7n?= Kim <cb.ap3@gmail.com>
To: btg@example.vn
Content-Type: multipart/mixed; boundary="0000000000001f2a5b05c0d9"

--0000000000001f2a5b05c0d9
Content-Type: multipart/alternative; boundary="0000000000001f2a5905c0d9"

--0000000000001f2a5905c0d9
Content-Type: text/plain; charset="UTF-8"

Kinh gui

--0000000000001f2a5905c0d9
Content-Type: text/html; charset="UTF-8"
Content-Transfer-Encoding: quoted-printable

<div dir=3D"ltr">Kinh gui</div>

--0000000000001f2a5905c0d9--
--0000000000001f2a5b05c0d9
Content-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet; name="Bieu mau 1.xlsx"
Content-Disposition: attachment; filename="Bieu mau 1.xlsx"
Content-Transfer-Encoding: base64
Content-ID: <f_knyz1>
X-Attachment-Id: f_knyz1

UEsDBBQABgAIAAAAIQBi7p1oXgEAAJAEAAATAAgCW0NvbnRlbnRfVHlwZXNdLnhtbCCiBAIooAAC
AAAA
--0000000000001f2a5b05c0d9--
"""
OUTLOOK = """\
From: "Chi bo 3" <CB3@Example.VN>
To: <btg@example.vn>
Subject: Bao cao
Date: Mon, 26 Apr 2021 10:05:00 +0700
Message-ID: <000001d73a5b$1c2d3e40$5487bac0$@example.vn>
MIME-Version: 1.0
Content-Type: multipart/mixed;
\tboundary="----=_NextPart_000_0001_01D73A96.C88F3B50"
X-Mailer: Microsoft Outlook 16.0

This is a multipart message in MIME format.

------=_NextPart_000_0001_01D73A96.C88F3B50
Content-Type: text/plain;
\tcharset="us-ascii"
Content-Transfer-Encoding: 7bit

Kinh gui

------=_NextPart_000_0001_01D73A96.C88F3B50
Content-Type: application/vnd.ms-excel;
\tname="=?utf-8?B?QsOhbyBjw6FvLnhscw==?="
Content-Transfer-Encoding: base64
Content-Disposition: attachment;
\tfilename="=?utf-8?B?QsOhbyBjw6FvLnhscw==?="

0M8R4KGxGuEAAAAA
------=_NextPart_000_0001_01D73A96.C88F3B50--
"""


def carried(data: bytes) -> Carried:
    return Carried(Received("a.eml", "", "", len(data), datetime(2021, 5, 1, tzinfo=UTC), "clock"), data)


def check(data: bytes) -> bool:
    """Take a mail apart both ways; tell if the plain way took it."""
    plain = _taken_plainly(carried(data), 100)
    if plain is None:
        return False
    try:
        careful = _taken_carefully(carried(data), 100)
    except _FAULTS as fault:
        raise AssertionError(f"the parser refuses it: {fault!r}") from fault
    assert plain == careful
    return True


def written(name: str, sender: str, *, lines: str = "\n", text: str = "Kính gửi") -> bytes:
    mail = EmailMessage(policy=SMTP.clone(linesep=lines))
    mail["From"], mail["To"], mail["Subject"] = sender, "btg@example.vn", "Báo cáo thu hoạch"
    mail["Date"], mail["Message-ID"] = "Mon, 26 Apr 2021 10:05:00 +0700", "<1@example.vn>"
    mail.set_content(text)
    mail.add_attachment(BYTES, maintype=SHEET[0], subtype=SHEET[1], filename=name)
    return mail.as_bytes()


@pytest.mark.parametrize("lines", ["\n", "\r\n"])
@pytest.mark.parametrize("sender", ["cb3@example.vn", "Chi bo 3 <cb3@example.vn>", "Trần Kim Út <Cb3@Example.VN>"])
@pytest.mark.parametrize(
    "name", ["bao cao.xlsx", "Báo cáo.xlsx", "Báo cáo tổng hợp bài thu hoạch của chi bộ ấp 3.xlsx"]
)
def test_what_a_mail_program_writes_is_plain_and_alike(name: str, sender: str, lines: str):
    assert check(written(name, sender, lines=lines))


@pytest.mark.parametrize("lines", ["\n", "\r\n"])
def test_what_the_great_mail_programs_write_is_plain(lines: str):
    assert check(GMAIL.replace("\n", lines).encode())
    found = read_plain_mail(GMAIL.replace("\n", lines).encode())
    assert found
    assert [(part.name, part.data[:4]) for part in found.attached] == [("Bieu mau 1.xlsx", b"PK\x03\x04")]
    assert check(OUTLOOK.replace("\n", lines).encode())
    found = read_plain_mail(OUTLOOK.replace("\n", lines).encode())
    assert found
    assert [(part.name, part.data[:2]) for part in found.attached] == [("Báo cáo.xls", b"\xd0\xcf")]


def test_a_mail_whose_parts_do_not_begin_is_left_to_the_parser():
    text = written("a.xlsx", "a@b.vn").decode()
    boundary = text.partition('boundary="')[2].partition('"')[0]
    assert check(text.encode())
    assert not check(text.replace(f"\n--{boundary}\n", "\n").encode())
    assert not check(text.replace(f"\n--{boundary}--", "\n").encode())


NAMES = {
    'filename="<a.xlsx>"': False,
    "filename*=utf-8''%3Ca.xlsx%3E": False,
    "filename*=utf-8''%22a.xlsx%22": False,
    "filename*=utf-8''a%0Ab.xlsx": False,
    'filename="=?UTF-8?B?QsOhbyBjw6FvLnhsc3g=?="': True,
    'filename="=?utf-8?b?IELDoW8gLnhsc3gg?="': True,
    'filename="=?utf-8?q?B=C3=A1o?="': False,
    'filename="=?utf-8?b?Q8O?="': False,
    'filename="a;b.xlsx"': True,
    'filename="a  b.xlsx "': True,
    'filename="C:/x/a.xlsx"': True,
    "filename=a.xlsx": True,
    "filename=a b.xlsx": False,
    'filename=""': True,
    'filename="a.xlsx"; size=12': True,
    "filename*0*=utf-8''a; filename*1*=b.xlsx": True,
    "filename*0*=utf-8''a; filename*2*=b.xlsx": False,
    "filename*=utf-8''a.xlsx; filename*1*=b.xlsx": False,
    'filename="a.xlsx"; filename*=utf-8b.xlsx': False,
    "filename*=iso-8859-1''a.xlsx": False,
}


@pytest.mark.parametrize("lines", ["\n", "\r\n"])
@pytest.mark.parametrize(("name", "is_plain"), NAMES.items())
def test_names_of_attachments(name: str, is_plain: bool, lines: str):
    text = GMAIL.replace('; name="Bieu mau 1.xlsx"', "").replace('filename="Bieu mau 1.xlsx"', name)
    assert check(text.replace("\n", lines).encode()) == is_plain


@pytest.mark.parametrize(
    ("line", "instead", "is_plain"),
    [
        ("Content-ID: <f_knyz1>", 'Content-Description: name="=?UTF-8?B?YS54bHN4?="', False),
        ("X-Attachment-Id: f_knyz1", "X-Attachment_Id:\tf_knyz1", True),
        ("Message-ID: <CAF", "Message-ID:\n <CAF", True),
        ("Date: Mon", "Date:\n Mon", False),
        ("c0d9--\n", "c0d9--\v\n", False),
        ("c0d9--\n", "c0d9--  \n", True),
        ("AAAA\n", "AAA\n", False),
        ("base64\n", "Base64\n", True),
        ("base64\n", "x-uuencode\n", False),
    ],
)
def test_odd_lines(line: str, instead: str, is_plain: bool):
    text = GMAIL.replace('; name="Bieu mau 1.xlsx"', "").replace('; filename="Bieu mau 1.xlsx"', "")
    assert check(text.encode())
    assert line in text
    assert check(text.replace(line, instead).encode()) == is_plain


def mails(folder: Path) -> Iterator[bytes]:
    yield from (path.read_bytes() for path in sorted(folder.rglob("*.eml")))


def test_what_was_sent_is_taken_apart_alike():
    taken = [check(data) for data in mails(INPUTS)]
    assert sum(taken) >= 0.7 * len(taken) > 20


def test_nearly_every_made_up_mail_with_a_workbook_is_plain(tmp_path: Path):
    make_demo(tmp_path / "demo", 400, seed=3)
    taken = [check(data) for data in mails(tmp_path / "demo") if b"attachment" in data]
    assert sum(taken) >= 0.95 * len(taken) > 10


BASES = (
    GMAIL.encode(),
    OUTLOOK.encode(),
    written("Báo cáo thu hoạch.xlsx", "Út <a@b.vn>"),
    written("a.xlsx", "a@b.vn"),
)
ODD = (
    b"", b" ", b"\t", b"--", b"\r", b"From: b@c.vn", b"Content-Type: text/plain", b"Content-Disposition: inline",
    b"Content-Transfer-Encoding: 7bit", b"Content-Type: message/rfc822", b" name=\"x.xlsx\"", b"Date: yesterday",
    b"Content-Type: multipart/digest; boundary=x", b"filename*=utf-8''%C3", b"\xc3\xa9", b"=", b"UEsDBBQ=", b"(a)",
    b"Content-Type: application/x; name*0*=utf-8''a; name*1*=b", b"Content-Type: application/x; name*=utf-8''a%0Ab",
    b"Content-Disposition: attachment; filename=\"a  b.xlsx \"", b"Content-Disposition: attachment; filename=a;",
    b"Content-Description: name==?utf-8?b?YQ==?=", b'; name="=?utf-8?b?YS54bHN4?="', b"<", b"%22", b"\x0b", b";",
)  # fmt: skip


@settings(max_examples=300)
@given(st.data(), st.sampled_from(BASES), st.booleans())
def test_whatever_becomes_of_the_lines_of_a_mail(data: st.DataObject, base: bytes, is_crlf: bool):
    lines = base.replace(b"\r\n", b"\n").split(b"\n")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        how = data.draw(st.sampled_from(("drop", "twice", "odd", "behind", "cut", "swap", "fold")))
        odd = data.draw(st.sampled_from(ODD))
        other = data.draw(st.integers(0, len(lines) - 1))
        line = lines[at]
        lines[at : at + 1] = {
            "drop": [], "twice": [line, line], "odd": [odd, line], "behind": [line + odd], "swap": [lines[other]],
            "cut": [line[: len(line) // 2]], "fold": line.replace(b"; ", b";\n ").split(b"\n"),
        }[how]  # fmt: skip
        lines = lines or [b""]
    check((b"\r\n" if is_crlf else b"\n").join(lines))


@settings(max_examples=200)
@given(st.sampled_from(BASES), st.integers(0, 2000), st.binary(max_size=3))
@example(BASES[0], 700, b"\r")
def test_whatever_becomes_of_the_bytes_of_a_mail(base: bytes, at: int, put: bytes):
    check(base[:at] + put + base[at + len(put) :])
    check(base[:at] + put)
    check(base[:at] + put + base[at:])
