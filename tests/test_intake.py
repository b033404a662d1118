"""What lies under submissions/ is found, dated and loaded; what mails carry comes with when and from whom."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from pathlib import Path

import pytest

from pipeline.intake import Budget, Carried, arrival_of, find_arrivals, load, unpack_mail
from schemas import limits
from schemas.campaign import VIETNAM
from schemas.records import Note, Received, UnreadableError
from tests.makers.forms import eml, mail

FOLDER_TIME = datetime(2021, 4, 25, tzinfo=VIETNAM)
MAIL_TIME = datetime(2021, 4, 20, 9, 30, tzinfo=VIETNAM)


def place(root: Path, name: str, data: bytes = b"x") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def found(root: Path) -> dict[str, str]:
    """Return {file: code of its problem} of what is found under a folder."""
    return {arrival.file: arrival.problem.code if arrival.problem else "" for arrival in find_arrivals(root, VIETNAM)}


# --- on disk --------------------------------------------------------------------------------------------


def test_everything_is_found_at_any_depth_in_the_order_of_names(tmp_path: Path):
    for name in ("b.xlsx", "a/z/c.xlsx", "a/b.eml", "Chi bộ ấp 2.xls"):
        place(tmp_path, name)
    assert list(found(tmp_path)) == ["Chi bộ ấp 2.xls", "a/b.eml", "a/z/c.xlsx", "b.xlsx"]
    assert find_arrivals(tmp_path / "none", VIETNAM) == []


@pytest.mark.parametrize(
    ("folder", "moment"),
    [
        ("2021-04-25", FOLDER_TIME),
        ("2021-04-25T0930", FOLDER_TIME.replace(hour=9, minute=30)),
        ("2021-04-25/huyện A/xã B", FOLDER_TIME),
        ("2021-04-01/2021-04-25", FOLDER_TIME),
        ("2021-13-45", None),
        ("ngày 25", None),
        ("0001-01-01", None),
        ("9999-12-31", datetime(9999, 12, 31, tzinfo=VIETNAM)),
    ],
)
def test_received_when_the_nearest_dated_folder_says_else_the_clock(tmp_path: Path, folder: str, moment: datetime):
    os.utime(place(tmp_path, f"{folder}/a.xlsx"), (0, 1_600_000_000))
    arrival = find_arrivals(tmp_path, VIETNAM)[0]
    expected = moment or datetime.fromtimestamp(1_600_000_000, VIETNAM)
    assert (arrival.received_at, arrival.received_by) == (expected, "folder" if moment else "clock")


@pytest.mark.parametrize(("clock", "year"), [(-(10**10), 1990), (2**33, 2100), (0, 1990)])
def test_a_clock_that_cannot_be_right_is_brought_within_reason(tmp_path: Path, clock: int, year: int):
    os.utime(place(tmp_path, "a.xlsx"), (0, clock))
    assert find_arrivals(tmp_path, VIETNAM)[0].received_at.year == year


def test_links_pipes_and_sockets_are_reported_and_not_followed(tmp_path: Path):
    target = place(tmp_path / "elsewhere", "secret.xlsx")
    root = tmp_path / "submissions"
    root.mkdir()
    (root / "link.xlsx").symlink_to(target)
    (root / "folder.xlsx").symlink_to(target.parent)
    os.mkfifo(root / "pipe.xlsx")
    with socket.socket(socket.AF_UNIX) as listening:
        here = os.open(root, os.O_RDONLY)  # the path of a socket may have 107 bytes only
        listening.bind(f"/proc/self/fd/{here}/socket.xlsx")
        os.close(here)
        arrivals = {arrival.file: arrival for arrival in find_arrivals(root, VIETNAM)}
    shown = {name: (arrival.problem.code, arrival.problem.value) for name, arrival in arrivals.items()}
    assert shown == {
        "folder.xlsx": ("file_not_regular", "link"),
        "link.xlsx": ("file_not_regular", "link"),
        "pipe.xlsx": ("file_not_regular", "FIFO"),
        "socket.xlsx": ("file_not_regular", "socket"),
    }
    assert all(load(arrival).data == b"" for arrival in arrivals.values())


def test_a_folder_named_like_a_file_is_a_folder(tmp_path: Path):
    place(tmp_path, "báo cáo.xlsx/thật.xlsx")
    assert found(tmp_path) == {"báo cáo.xlsx/thật.xlsx": ""}


def test_a_folder_that_cannot_be_looked_into_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    place(tmp_path, "khóa/a.xlsx")
    place(tmp_path, "b.xlsx")
    scan = os.scandir

    def without_right(folder: str) -> object:
        if folder.endswith("khóa"):
            raise PermissionError(13, "Permission denied")
        return scan(folder)

    monkeypatch.setattr(os, "scandir", without_right)
    assert found(tmp_path) == {"b.xlsx": "", "khóa": "file_unreadable"}


def test_a_file_without_the_right_to_read_it_is_not_called_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    place(tmp_path, "a.xlsx")
    (arrival,) = find_arrivals(tmp_path, VIETNAM)

    def without_right(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", without_right)
    problem = load(arrival).received.problem
    assert problem == Note("file_unreadable", value="Permission denied")


def test_a_file_that_became_a_link_after_it_was_found_is_not_followed(tmp_path: Path):
    path = place(tmp_path, "a.xlsx")
    arrival = find_arrivals(tmp_path, VIETNAM)[0]
    path.unlink()
    path.symlink_to("/etc/hostname")
    carried = load(arrival)
    assert (carried.data, carried.received.problem.code) == (b"", "file_unreadable")


def test_too_large_empty_and_gone_are_told(tmp_path: Path):
    with place(tmp_path, "large.xlsx").open("r+b") as large:
        large.truncate(limits.MAX_FILE_BYTES + 1)
    place(tmp_path, "empty.xlsx", b"")
    place(tmp_path, "gone.xlsx")
    arrivals = find_arrivals(tmp_path, VIETNAM)
    (tmp_path / "gone.xlsx").unlink()
    problems = {arrival.file: load(arrival).received.problem.code for arrival in arrivals}
    assert problems == {"empty.xlsx": "file_empty", "gone.xlsx": "file_unreadable", "large.xlsx": "file_too_large"}


def test_names_that_break_a_line_or_turn_its_direction_are_shown_without_and_still_told_apart(tmp_path: Path):
    names = ("gnp\u202eslx.exe", "gnp\u2066slx.exe", "a\nb.xlsx", "\x1b]0;x\x07.xlsx", "b\u00a0\u1ec1.xlsx")
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "gnp\ufffdslx.exe").write_bytes(b"plain")
    found = {arrival.file: arrival.path for arrival in find_arrivals(tmp_path, VIETNAM)}
    turned = ("gnp\ufffdslx.exe", "gnp\ufffdslx (2).exe", "gnp\ufffdslx (3).exe")
    assert set(found) == {*turned, "a\ufffdb.xlsx", "\ufffd]0;x\ufffd.xlsx", "b\u00a0\u1ec1.xlsx"}
    assert len(set(found.values())) == len(names) + 1


def test_what_systems_leave_behind_is_no_submission(tmp_path: Path):
    for name in (".gitkeep", ".DS_Store", "Thumbs.db", "a/desktop.ini"):
        place(tmp_path, name)
    assert found(tmp_path) == {}


def test_a_name_that_is_no_utf8_can_be_shown(tmp_path: Path):
    os.close(os.open(os.fsencode(tmp_path) + b"/b\xe1o c\xe1o.xlsx", os.O_CREAT | os.O_WRONLY))
    assert found(tmp_path) == {"b�o c�o.xlsx": ""}
    assert load(find_arrivals(tmp_path, VIETNAM)[0]).received.problem.code == "file_empty"


def test_one_file_anywhere_is_an_arrival(tmp_path: Path):
    arrival = arrival_of(place(tmp_path, "2021-04-25/a.xlsx"), VIETNAM)
    assert (arrival.file, arrival.received_at) == ("a.xlsx", FOLDER_TIME)


# --- mails ----------------------------------------------------------------------------------------------


def in_folder(data: bytes) -> Carried:
    return Carried(Received("thư.eml", "", "sha", len(data), FOLDER_TIME, "folder"), data)


def carried(data: bytes) -> list[Received]:
    return [thing.received for thing in unpack_mail(in_folder(data), Budget())]


def members(data: bytes) -> dict[str, bytes]:
    return {thing.received.member: thing.data for thing in unpack_mail(in_folder(data), Budget())}


def test_attachments_come_when_and_from_whom_the_mail_came():
    first, second = carried(eml(("Chi bộ ấp Hòa.xlsx", b"one"), ("b.xls", b"two!")))
    assert (first.file, first.member, first.size_bytes) == ("thư.eml", "Chi bộ ấp Hòa.xlsx", 3)
    assert second.member == "b.xls"
    for thing in (first, second):
        assert (thing.received_at, thing.received_by) == (MAIL_TIME, "mail")
        assert thing.sender == "ap.hoathuan@binhan.example"
        assert thing.message_id == "<20210420.1@binhan.example>"
        assert thing.problem is None


@pytest.mark.parametrize(
    "date",
    [
        "",
        "hôm qua",
        "Tue, 20 Apr 2021 09:30:00",
        "Tue, 20 Apr 2021 09:30:00 -0000",  # by the standard: from where is not known
        "Fri, 31 Dec 9999 23:59:59 -1200",
        "1 Jan 2021 00:00:00 +99999999999999999999",
        "1 Jan 9999999999999999999999 00:00:00 +0000",
    ],
)
def test_without_a_date_and_zone_the_file_says_when(date: str):
    data = eml(("a.xlsx", b"x"), Date="").replace(b"Subject:", f"Date: {date}\nSubject:".encode())
    thing = carried(data)[0]
    assert (thing.received_at, thing.received_by) == (FOLDER_TIME, "folder")
    assert thing.sender == "ap.hoathuan@binhan.example"


def test_a_forwarded_mail_was_received_when_it_was_forwarded():
    old = mail([("a.xlsx", b"x")], From="cũ@x.example", Date="Fri, 01 Jan 2021 00:00:00 +0000")
    outer = unpack_mail(in_folder(eml(("", old), ("b.xlsx", b"y"))), Budget())
    assert [thing.kind for thing in outer] == ["eml", ""]
    inner = unpack_mail(outer[0], Budget())[0].received
    assert inner.member == "part-1.eml/a.xlsx"
    assert (inner.received_at, inner.sender) == (MAIL_TIME, "ap.hoathuan@binhan.example")


def test_a_mail_without_attachments_is_itself_received():
    (thing,) = carried(eml())
    assert (thing.member, thing.problem.code) == ("", "mail_without_workbook")
    assert (thing.received_at, thing.sender) == (MAIL_TIME, "ap.hoathuan@binhan.example")


HEAD = "From: a@b.example\nDate: Tue, 20 Apr 2021 09:30:00 +0700\nMIME-Version: 1.0\n"
ATTACHED = HEAD + "Content-Type: application/octet-stream{type}\nContent-Disposition: attachment{name}\n\nx"


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ('; filename="a.xlsx"', "a.xlsx"),
        ('; filename="=?utf-8?B?QsOhbyBjw6FvLnhsc3g=?="', "Báo cáo.xlsx"),
        ("; filename==?utf-8?B?QsOhbyBjw6FvLnhsc3g=?=", "Báo cáo.xlsx"),  # unquoted, as some web mailers do
        ("; filename*=utf-8''B%C3%A1o%20c%C3%A1o.xlsx", "Báo cáo.xlsx"),
        ('; filename="=?no-such-charset?B?QQ==?="', None),
        ('; filename="../../../etc/passwd"', "passwd"),
        ('; filename="C:\\\\Users\\\\a\\\\form.xlsx"', "form.xlsx"),
        ('; filename="a\u202excslx.exe"', "axcslx.exe"),
        ("", "part-1.octet-stream"),
    ],
)
def test_a_senders_file_name_is_only_a_label(header: str, shown: str | None):
    (name,) = members(ATTACHED.format(type="", name=header).encode())
    assert name == shown if shown else "/" not in name and name


def test_two_attachments_of_one_name_are_numbered():
    data = eml(("a.xlsx", b"1"), ("a.xlsx", b"2"), ("a (2).xlsx", b"3"), ("a.xlsx", b"4"))
    assert members(data) == {"a.xlsx": b"1", "a (2).xlsx": b"2", "a (2) (2).xlsx": b"3", "a (3).xlsx": b"4"}


def test_an_empty_attachment_is_told():
    assert [thing.problem.code for thing in carried(eml(("a.xlsx", b"")))] == ["file_empty"]


def test_a_mail_forwarded_in_base64_is_opened():
    import base64

    inner = base64.encodebytes(eml(("a.xlsx", b"x"))).decode()
    data = HEAD + "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + inner
    (forwarded,) = unpack_mail(in_folder(data.encode()), Budget())
    assert [thing.received.member for thing in unpack_mail(forwarded, Budget())] == ["part-1.eml/a.xlsx"]


def test_texts_of_the_mail_itself_are_no_attachments_but_attached_texts_are():
    message = EmailMessage()
    message["From"] = "a@b.example"
    message.set_content("Kính gửi")
    message.add_alternative("<p>Kính gửi</p>", subtype="html")
    message.add_attachment("số liệu", filename="số liệu.txt")
    assert list(members(message.as_bytes())) == ["số liệu.txt"]


def test_a_mail_of_a_thousand_nested_parts_is_refused():
    parts = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(1000))
    with pytest.raises(UnreadableError) as fault:
        carried((HEAD + parts).encode())
    assert fault.value.note.code in ("carrier_too_deep", "mail_unreadable")


@pytest.mark.parametrize("zone", [VIETNAM, timezone(timedelta(hours=-5))])
def test_the_date_of_a_mail_is_a_moment_wherever_it_was_written(zone: timezone):
    written = MAIL_TIME.astimezone(zone).strftime("%a, %d %b %Y %H:%M:%S %z")
    assert carried(eml(("a.xlsx", b"x"), Date=written))[0].received_at == MAIL_TIME
