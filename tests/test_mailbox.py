"""`fetch` against a real IMAP server: every mail once, byte for byte, and nothing changed in the mailbox."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import unicodedata
from datetime import datetime, timedelta, timezone

import pytest

from tests.fetching import Fetch, mail, report
from tests.started import ROOT, rows, start

NAME = re.compile(r"mail/INBOX/[0-9a-f]{8}-\d+-\d+\.eml")
HANOI = timezone(timedelta(hours=7))


def test_each_mail_is_a_file_byte_for_byte_under_a_name_of_numbers(fetch: Fetch) -> None:
    sent = [
        mail("../../một"),
        mail("hai", text="x" * 10_000),
        b"no header at all\r\n",
        b"From: a@b\r\n\r\n\x00\xff\x80.\r\n",
    ]
    fetch.put(*sent)
    assert fetch.run() == 0
    with fetch.server.mailbox(fetch.user) as box:
        given = [box.client.uid("FETCH", uid, "(BODY.PEEK[])")[1][0][1] for uid in box.uids()]
    assert fetch.mails() == sorted(given)
    assert set(sent[:3]) <= set(given)  # of the last the server itself mends the zero byte
    assert all(NAME.fullmatch(name) for name in fetch.files())
    assert (fetch.counts(), fetch.told) == ((4, 0, 0), "")
    assert "make consolidate CAMPAIGN=kien-giang" in fetch.said


def test_flags_are_untouched(fetch: Fetch) -> None:
    fetch.put(mail("một"), mail("hai"))
    with fetch.server.mailbox(fetch.user) as box:
        box.flag("1", "\\Flagged", True)
    fetch.put(mail("ba"))
    assert fetch.run() == 0
    with fetch.server.mailbox(fetch.user) as box:
        flags = {found.uid: set(found.flags) for found in box.fetch(mark_seen=False)}
    assert flags == {"1": {"\\Flagged"}, "2": set(), "3": {"\\Recent"}}


def test_a_second_fetch_asks_for_new_mails_alone(fetch: Fetch, asked: list[int]) -> None:
    fetch.put(mail("một"), mail("hai"))
    assert fetch.run() == 0
    before = fetch.files()
    assert fetch.run() == 0
    assert (fetch.counts(), fetch.files()) == ((0, 2, 0), before)
    fetch.put(mail("ba"))
    assert fetch.run() == 0
    assert fetch.counts() == (1, 2, 0)
    assert len(fetch.mails()) == 3
    assert asked == [1, 2, 3]


def test_where_the_server_numbers_anew_no_mail_is_stored_twice_nor_asked_for_more_than_once_more(
    fetch: Fetch, asked: list[int]
) -> None:
    fetch.set('folder = "Bao cao"')
    fetch.put(mail("một"), mail("hai"), folder="Bao cao")
    assert fetch.run() == 0
    before = fetch.files()
    with fetch.server.mailbox(fetch.user) as box:
        box.folder.delete("Bao cao")
    fetch.put(mail("ba"), mail("hai"), mail("một"), folder="Bao cao")
    assert fetch.run() == 0
    assert fetch.counts() == (1, 2, 0)
    assert sorted(fetch.mails()) == sorted([mail("một"), mail("hai"), mail("ba")])
    assert before.items() <= fetch.files().items()
    assert asked == [1, 2, 1, 2, 3]
    assert fetch.run() == 0
    assert fetch.counts() == (0, 3, 0)
    assert asked == [1, 2, 1, 2, 3]


def test_a_mail_that_was_moved_or_renamed_below_submissions_does_not_come_again(fetch: Fetch, asked: list[int]) -> None:
    fetch.put(mail("một"), mail("hai"))
    assert fetch.run() == 0
    one, two = sorted((fetch.submissions / "mail" / "INBOX").iterdir(), key=lambda path: path.name)
    (fetch.submissions / "2021-04-27").mkdir()
    one.rename(fetch.submissions / "2021-04-27" / one.name)
    two.rename(fetch.submissions / "chi bộ ấp 1.eml")
    before = fetch.mails()
    for _ in range(2):
        assert fetch.run() == 0
        assert (fetch.counts(), fetch.mails()) == ((0, 2, 0), before)
    assert asked == [1, 2, 2]  # the name says it of a mail that was moved, of one that was renamed only its bytes do


def test_a_mail_that_was_deleted_on_disk_comes_again(fetch: Fetch) -> None:
    fetch.put(mail("một"), mail("hai"))
    assert fetch.run() == 0
    next((fetch.submissions / "mail" / "INBOX").iterdir()).unlink()
    assert fetch.run() == 0
    assert fetch.counts() == (1, 1, 0)
    assert len(fetch.mails()) == 2


def test_another_user_or_folder_with_the_same_numbers_is_another_mailbox(fetch: Fetch) -> None:
    fetch.put(mail("một"))
    fetch.put(mail("hai"), folder="Khác")
    assert fetch.run() == 0
    fetch.set('folder = "Khác"')
    assert fetch.run() == 0
    assert fetch.counts() == (1, 0, 0)
    assert sorted(fetch.mails()) == sorted([mail("một"), mail("hai")])


@pytest.mark.parametrize(
    ("folder", "below"),
    [
        ("Báo cáo Đợt 1 & 2", "Báo cáo Đợt 1 _ 2"),
        ('Thư đến/Chi bộ "ấp" 1', "Thư đến_Chi bộ _ấp_ 1"),
        ("2021-04-27", "2021_04_27"),  # no folder whose name would say when things came
        ("inbox", "INBOX"),
    ],
)
def test_a_folder_of_any_name(fetch: Fetch, folder: str, below: str) -> None:
    fetch.put(mail("một"), folder="INBOX" if folder == "inbox" else folder)
    fetch.set(f"folder = '{folder}'")
    assert fetch.run() == 0, fetch.told
    assert [name.split("/")[:2] for name in fetch.files()] == [["mail", below]]


def test_a_folder_whose_accents_the_server_writes_apart(fetch: Fetch) -> None:
    fetch.put(mail("một"), folder=unicodedata.normalize("NFD", "Đợt 1"))
    fetch.set('folder = "Đợt 1"')
    assert fetch.run() == 0, fetch.told
    assert fetch.counts() == (1, 0, 0)


def test_a_folder_that_is_not_there_is_told_with_those_that_are(fetch: Fetch) -> None:
    fetch.put(mail("một"), folder="Đợt 1")
    fetch.set('folder = "Đợt 2"')
    assert fetch.run() == 2
    (line,) = fetch.told.splitlines()
    assert all(part in line for part in ("kien-giang/campaign.toml", "mailbox.folder", "“Đợt 2”", "“Đợt 1”", "“INBOX”"))


def test_mails_from_before_a_day_are_left(fetch: Fetch) -> None:
    for day in (9, 10, 11):
        fetch.put(mail(str(day)), arrived=datetime(2021, 4, day, 12, tzinfo=HANOI))
    fetch.set("since = 2021-04-10")
    assert fetch.run() == 0
    assert sorted(fetch.mails()) == sorted([mail("10"), mail("11")])
    fetch.set()
    assert fetch.run() == 0
    assert fetch.counts() == (1, 2, 0)


def test_an_empty_mailbox(fetch: Fetch) -> None:
    assert fetch.run() == 0
    assert (fetch.counts(), fetch.mails()) == ((0, 0, 0), [])


def test_more_mails_than_a_handful(fetch: Fetch) -> None:
    sent = [mail(str(number)) for number in range(120)]
    fetch.put(*sent)
    assert fetch.run() == 0
    assert fetch.mails() == sorted(sent)


# --- then consolidate ---------------------------------------------------------------------------


def test_what_was_fetched_counts_and_came_when_its_mail_says_or_reached_the_mailbox(fetch: Fetch) -> None:
    fetch.put(report(fetch.folder))
    fetch.put(mail("no date", date=""), arrived=datetime(2021, 4, 22, 9, 15, tzinfo=HANOI))
    assert fetch.run() == 0
    output = fetch.folder.parent / "out"
    ended = start("consolidate", fetch.folder, "--output", output)
    assert ended.returncode == 0, ended.stderr
    told = {row["status"]: row for row in rows(output / "files.csv")}
    assert told["counted"]["received_at"].startswith("2021-04-20T08:30")
    assert (told["counted"]["unit_code"], told["counted"]["sender"]) == ("B", "chibo@example.vn")
    (other,) = [row for status, row in told.items() if status != "counted"]
    assert other["received_at"].startswith("2021-04-22T09:15")


def test_a_fetch_without_news_changes_nothing_that_consolidate_looks_at(fetch: Fetch) -> None:
    fetch.put(report(fetch.folder))
    assert fetch.run() == 0
    output = fetch.folder.parent / "out"
    for _ in range(2):
        assert start("consolidate", fetch.folder, "--output", output).returncode == 0
    assert fetch.run() == 0
    assert "Không có gì thay đổi" in start("consolidate", fetch.folder, "--output", output).stdout


def test_what_fetch_is_writing_and_its_note_are_no_submissions(fetch: Fetch) -> None:
    fetch.put(report(fetch.folder))
    assert fetch.run() == 0
    folder = fetch.submissions / "mail"
    (folder / ".fetch-1").write_bytes(b"half a mail")
    (folder / ".fetch-same.json").write_text("no json")
    output = fetch.folder.parent / "out"
    assert start("consolidate", fetch.folder, "--output", output).returncode == 0
    assert [row["status"] for row in rows(output / "files.csv")] == ["counted"]
    assert fetch.run() == 0
    assert not (folder / ".fetch-1").exists()  # left by a fetch that was killed
    assert fetch.counts() == (0, 1, 0)


def test_consolidate_does_not_load_what_fetch_needs() -> None:
    code = "import sys, pipeline.cli, pipeline.consolidate\nprint(*({'imap_tools', 'imaplib'} & set(sys.modules)))"
    seen = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert seen.stdout.split() == []


def test_the_summary_is_vietnamese_unless_the_campaign_or_the_call_says_otherwise(fetch: Fetch) -> None:
    fetch.put(mail("một"))
    assert fetch.run("--lang", "vi") == 0
    assert "1 thư mới, 0 thư đã có, 0 thư để lại. Tiếp theo: make consolidate" in fetch.said
    assert shutil.which("make")
