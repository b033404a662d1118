"""Mails that Outlook saved and attachments as it sends them: each file in them is a thing received."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import pytest

from pipeline.intake import Budget, Carried, unpack
from schemas import limits
from schemas.campaign import VIETNAM
from schemas.records import Received, UnreadableError
from tests.makers.forms import xlsx
from tests.makers.outlook import message, msg, winmail

FOLDER_TIME = datetime(2021, 4, 25, tzinfo=VIETNAM)
MAILED = Received("thư.eml", "tệp", "", 0, FOLDER_TIME, "mail", "a@b.example", "<1@b>")
LYING = Received("tệp", "", "", 0, FOLDER_TIME, "folder")


def opened(data: bytes, kind: str, carrier: Received = LYING) -> list[Carried]:
    return unpack(Carried(carrier, data), kind, Budget())


def members(data: bytes, kind: str) -> dict[str, bytes]:
    return {thing.received.member: thing.data for thing in opened(data, kind)}


def outcome(data: bytes, kind: str) -> set[str]:
    """Return the codes of the problems with which a mail, or what it carries, is received; "" for none."""
    try:
        return {thing.received.problem.code if thing.received.problem else "" for thing in opened(data, kind)}
    except UnreadableError as fault:
        return {fault.note.code}


def test_a_msg_gives_its_attachments_with_when_and_from_whom():
    sent = datetime(2021, 4, 20, 2, 30, tzinfo=UTC)
    book = xlsx()  # once: a second one may be of another second
    first, second = opened(msg([("Chi bộ ấp Hòa.xlsx", book), ("b.xls", b"two")], sent=sent), "msg")
    assert (first.received.member, first.data) == ("Chi bộ ấp Hòa.xlsx", book)
    assert (second.received.received_at, second.received.received_by) == (sent, "mail")
    assert second.received.sender == "ap.hoathuan@binhan.example"


def test_the_headers_of_a_msg_say_more_than_its_properties():
    headers = "From: =?utf-8?B?WMOjIEE=?= <xa.a@b.example>\r\nMessage-ID: <7@b.example>\r\n"
    (thing,) = opened(msg([("a.xlsx", b"x")], sender="/O=TINHUY/CN=A", headers=headers), "msg")
    assert (thing.received.sender, thing.received.message_id) == ("xa.a@b.example", "<7@b.example>")


@pytest.mark.parametrize(
    ("encoding", "code_page", "name"),
    [
        ("cp1252", 0, "Bao cao é.xlsx"),
        ("cp1252", 65001, "Bao cao é.xlsx"),  # says UTF-8 and is not: a known pitfall
        ("cp1252", 99999, "Bao cao é.xlsx"),
        ("utf-8", 1252, "Báo cáo Hòa.xlsx"),
        ("cp1258", 1258, "Báo cáo Hòa.xlsx"),
    ],
)
def test_a_msg_in_8_bits_is_read_whatever_code_page_it_names(encoding: str, code_page: int, name: str):
    typed = unicodedata.normalize("NFD", name).replace("a\u0301", "á") if encoding == "cp1258" else name
    (thing,) = opened(msg([(typed, b"x")], encoding=encoding, code_page=code_page), "msg")
    assert thing.received.member == name


def test_a_message_attached_to_a_msg_is_opened_with_it():
    inner = message([("trong.xlsx", b"in")], sent=datetime(2020, 1, 1, tzinfo=UTC))
    forwarded, own = opened(msg([("Chuyển tiếp", inner), ("ngoài.xlsx", b"out")]), "msg")
    assert (forwarded.received.member, forwarded.data) == ("Chuyển tiếp.msg/trong.xlsx", b"in")
    assert (forwarded.levels, own.levels) == (2, 1)
    assert forwarded.received.received_at == own.received.received_at


def test_messages_nested_too_deep_in_a_msg_are_told():
    inner = message([("a.xlsx", b"x")])
    for _ in range(limits.MAX_NESTING):
        inner = message([("f", inner)])
    (thing,) = opened(msg([("f", inner)]), "msg")
    assert thing.received.problem.code == "carrier_too_deep"


@pytest.mark.parametrize(("kind", "data"), [("msg", msg([])), ("tnef", winmail([]))])
def test_outlooks_mail_without_attachments_is_itself_received(kind: str, data: bytes):
    (thing,) = opened(data, kind)
    assert (thing.received.member, thing.received.problem.code) == ("", "mail_without_workbook")


def test_a_winmail_gives_its_attachments():
    held = {"Chi bộ ấp Hòa.xlsx": xlsx(), "b.xls": b"two"}
    assert members(winmail(list(held.items())), "tnef") == held


def test_a_winmail_inside_a_mail_keeps_the_mails_time_and_sender():
    (thing,) = opened(winmail([("a.xlsx", b"x")]), "tnef", MAILED)
    assert (thing.received.member, thing.received.sender) == ("tệp/a.xlsx", "a@b.example")


@pytest.mark.parametrize(
    ("kind", "data"), [("msg", msg([("a.xlsx", xlsx())])), ("tnef", winmail([("a.xlsx", xlsx())]))]
)
def test_outlooks_mail_cut_short_or_spoiled_is_told_or_read(kind: str, data: bytes):
    for end in range(8, len(data), 211):
        outcome(data[:end], kind)
    for place in range(8, len(data), 101):
        outcome(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :], kind)
    assert outcome(data[:40], kind) <= {"mail_unreadable", "mail_without_workbook"}
