"""`fetch` where something is wrong: settings, certificates, passwords, lost connections, mails that mean harm."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import pipeline.mailbox_disk
from pipeline.mailbox_server import PASSWORD as VARIABLE
from pipeline.mailbox_server import Mail, NotGivenError, Server
from schemas import limits
from tests.fetching import Fetch, mail, way_to
from tests.started import ROOT, rows, start

# --- what is asked for cannot be had so: exit status 2, one line ----------------------------------


def refused(fetch: Fetch, *parts: str) -> None:
    assert fetch.run() == 2, fetch.said
    (line,) = fetch.told.splitlines()
    assert [part for part in parts if part not in line] == []
    assert "Traceback" not in line
    assert fetch.files() == {}


def test_a_campaign_without_a_mailbox(fetch: Fetch) -> None:
    plan = (fetch.folder / "campaign.toml").read_text("utf-8").partition("[mailbox]")[0]
    (fetch.folder / "campaign.toml").write_text(plan, encoding="utf-8")
    refused(fetch, "kien-giang/campaign.toml", "[mailbox]", "host", "user")


def test_submissions_on_object_storage(fetch: Fetch) -> None:
    fetch.set(top='submissions = "s3://bucket/kg"\n')
    refused(fetch, "s3://bucket/kg", "submissions")


@pytest.mark.parametrize("value", [None, "", "\n"])
def test_no_password(fetch: Fetch, monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv(VARIABLE) if value is None else monkeypatch.setenv(VARIABLE, value)
    refused(fetch, "STUDY_CAMPAIGN_MAILBOX_PASSWORD", fetch.user)


def test_a_wrong_password_is_not_tried_again(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "hoàn toàn sai")
    with way_to(fetch.server) as way:
        fetch.set(port=way.port)
        refused(fetch, VARIABLE, fetch.user, str(way.port))
        assert way.connections == 1
    assert "hoàn toàn sai" not in fetch.told


def test_a_certificate_that_nobody_vouches_for(fetch: Fetch) -> None:
    fetch.put(mail())
    fetch.set(port=fetch.server.tls_port, security="tls")
    refused(fetch, "mailbox.ca_file", "self-signed")
    (fetch.folder / "ca.pem").write_bytes(fetch.server.certificate.read_bytes())
    fetch.set('ca_file = "ca.pem"', port=fetch.server.tls_port, security="tls")
    assert fetch.run() == 0, fetch.told
    assert fetch.counts() == (1, 0, 0)


def test_a_certificate_of_another_host(fetch: Fetch) -> None:
    fetch.set(f'ca_file = "{fetch.server.certificate}"', port=fetch.server.tls_port, security="tls", host="127.0.0.2")
    with socket.create_server(("127.0.0.2", 0)) as listener:  # the server listens on 127.0.0.1 alone
        port = listener.getsockname()[1]
        fetch.set(f'ca_file = "{fetch.server.certificate}"', port=port, security="tls", host="127.0.0.2")
        threading.Thread(target=_pass_on, args=(listener, fetch.server.tls_port), daemon=True).start()
        refused(fetch, "127.0.0.2", "mailbox.ca_file")


def _pass_on(listener: socket.socket, port: int) -> None:
    near, _ = listener.accept()
    far = socket.create_connection(("127.0.0.1", port))
    far.sendall(near.recv(65536))
    near.sendall(far.recv(65536))
    near.recv(65536)
    near.close()
    far.close()


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_a_ca_file_that_cannot_be_read(fetch: Fetch, content: bytes | None) -> None:
    if content is not None:
        (fetch.folder / "ca.pem").write_bytes(content)
    fetch.set('ca_file = "ca.pem"', security="tls")
    refused(fetch, "kien-giang/campaign.toml", "mailbox.ca_file", "ca.pem")


def test_starttls(fetch: Fetch) -> None:
    fetch.put(mail())
    fetch.set(security="starttls")
    refused(fetch, "mailbox.ca_file")
    fetch.set(f'ca_file = "{fetch.server.certificate}"', security="starttls")
    assert fetch.run() == 0, fetch.told
    assert fetch.counts() == (1, 0, 0)


def test_a_server_that_offers_no_encryption_gets_no_password(fetch: Fetch) -> None:
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_plain_server, args=(listener, heard), daemon=True).start()
        fetch.set(port=listener.getsockname()[1], security="starttls")
        refused(fetch, "mailbox.security")
    assert not any(b"AUTHENTICATE" in said or b"LOGIN" in said for said in heard)


def _plain_server(listener: socket.socket, heard: list[bytes]) -> None:
    near, _ = listener.accept()
    with near, near.makefile("rwb", buffering=0) as talk:
        talk.write(b"* OK ready\r\n")
        for line in talk:
            heard.append(line)
            tag = line.split()[0]
            talk.write(b"* CAPABILITY IMAP4REV1 AUTH=PLAIN\r\n" + tag + b" OK done\r\n")


def test_tls_asked_of_a_port_without(fetch: Fetch) -> None:
    fetch.set(security="tls")  # the port where it answers in plain text
    refused(fetch, "mailbox.security", "mailbox.port")


def test_a_folder_of_ours_that_is_a_link(fetch: Fetch, tmp_path: Path) -> None:
    fetch.submissions.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (fetch.submissions / "mail").symlink_to(tmp_path / "elsewhere")
    assert fetch.run() == 2
    assert "submissions/mail" in fetch.told
    assert list((tmp_path / "elsewhere").rglob("*.eml")) == []


# --- the connection is lost -----------------------------------------------------------------------


def test_a_connection_lost_halfway_goes_on_where_it_was(fetch: Fetch, asked: list[int]) -> None:
    sent = [mail(str(number), text="x" * 20_000) for number in range(12)]
    fetch.put(*sent)
    with way_to(fetch.server) as way:
        way.most = 90_000  # fewer than all: four mails a connection
        fetch.set(port=way.port)
        assert fetch.run() == 0, fetch.told
        assert way.connections > 2
    assert fetch.mails() == sorted(sent)
    assert fetch.counts() == (12, 0, 0)


def test_a_server_that_breaks_off_for_good_leaves_what_came_and_the_next_run_goes_on(fetch: Fetch) -> None:
    sent = [mail(str(number)) for number in range(5)] + [mail("long", text="x" * 60_000), mail("last")]
    fetch.put(*sent)
    with way_to(fetch.server) as way:
        fetch.set(port=way.port)
        way.most = 30_000
        fetch.put(mail("long too", text="x" * 60_000))
        way.breaks_over = rb"UID FETCH [67][, ]"
        assert fetch.run() == 1
        came = fetch.mails()
        assert set(came) == set(sent[:5])
        line = fetch.told.splitlines()[-1]
        assert (str(way.port) in line, "5 new mails" in line, "Traceback" in fetch.told) == (True, True, False)
        way.most, way.breaks_over = None, b""
        assert fetch.run() == 0
        assert fetch.counts() == (3, 5, 0)
    assert set(sent) < set(fetch.mails())


def test_a_server_that_is_not_reached(fetch: Fetch) -> None:
    with way_to(fetch.server) as way:
        way.most = 0
        fetch.set(port=way.port)
        assert fetch.run() == 1
        assert way.connections == 4  # one and three more
    assert fetch.run() == 1  # nobody listens there any more
    assert "0 new mails" in fetch.told
    assert "Traceback" not in fetch.told


def test_a_mail_that_the_server_breaks_over_does_not_keep_the_others(fetch: Fetch) -> None:
    sent = [mail(str(number)) for number in range(1, 8)]
    fetch.put(*sent)
    with way_to(fetch.server) as way:
        way.breaks_over = rb"UID FETCH (\d+,)*3[, ].*BODY"
        fetch.set(port=way.port)
        assert fetch.run() == 1
        assert fetch.mails() == sorted(sent[:2] + sent[3:])
        assert fetch.counts() == (6, 0, 1)
        assert "UID 3 " in fetch.told
        way.breaks_over = b""
        assert fetch.run() == 0
        assert fetch.counts() == (1, 6, 0)


def test_a_mail_that_the_server_refuses_is_told_and_asked_for_again(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = [mail(str(number)) for number in range(1, 8)]
    fetch.put(*sent)
    mails = Server.mails

    def refuse(self: Server, uids: list[int]) -> dict[int, Mail]:
        if 3 in uids:
            raise NotGivenError("[SERVERBUG] Internal error")
        return mails(self, uids)

    with monkeypatch.context() as patch:
        patch.setattr(Server, "mails", refuse)
        assert fetch.run() == 1
    assert fetch.mails() == sorted(sent[:2] + sent[3:])
    assert fetch.counts() == (6, 0, 1)
    assert "UID 3 ([SERVERBUG] Internal error)" in fetch.told
    assert fetch.run() == 0
    assert fetch.counts() == (1, 6, 0)


def test_a_mail_that_is_taken_away_meanwhile_is_not_missed(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch.put(mail("một"), mail("hai"), mail("ba"))
    uids = Server.uids

    def take_one_away(self: Server, since: None) -> list[int]:
        found = uids(self, since)
        with fetch.server.mailbox(fetch.user) as box:
            box.delete("2")
        return found

    monkeypatch.setattr(Server, "uids", take_one_away)
    assert fetch.run() == 0
    assert fetch.counts() == (2, 0, 0)
    assert fetch.mails() == sorted([mail("một"), mail("ba")])


def test_killed_in_the_middle_it_leaves_whole_mails_alone(fetch: Fetch) -> None:
    sent = [mail(str(number), text="x" * 100_000) for number in range(60)]
    fetch.put(*sent)
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline", "fetch", str(fetch.folder)], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    folder = fetch.submissions / "mail" / "INBOX"
    while process.poll() is None and not (folder.is_dir() and len(list(folder.iterdir())) > 3):
        time.sleep(0.002)
    process.kill()
    process.wait()
    came = fetch.mails()
    assert 0 < len(came) <= 60
    assert set(came) <= set(sent)
    assert fetch.run() == 0
    assert fetch.mails() == sorted(sent)
    assert fetch.counts() == (60 - len(came), len(came), 0)


# --- the disk ------------------------------------------------------------------------------------


def test_a_disk_that_is_full_is_told_and_what_came_stays(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch.put(*(mail(str(number)) for number in range(3)))
    replace, left = os.replace, [2]

    def fill_up(source: str, target: str) -> None:
        if not left[0]:
            raise OSError(errno.ENOSPC, "No space left on device", str(source))
        left[0] -= 1
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(pipeline.mailbox_disk.os, "replace", fill_up)
        assert fetch.run() == 1
    (line,) = fetch.told.splitlines()
    assert "No space left" in line
    assert "2 new mails" in line
    assert len(fetch.mails()) == 2
    assert fetch.run() == 0
    assert fetch.counts() == (1, 2, 0)


def test_a_file_that_a_power_failure_left_empty_comes_again(fetch: Fetch) -> None:
    fetch.put(mail())
    assert fetch.run() == 0
    (path,) = (fetch.submissions / "mail" / "INBOX").iterdir()
    path.write_bytes(b"")
    assert fetch.run() == 0
    assert path.read_bytes() == mail()


def test_two_at_once_take_turns(fetch: Fetch) -> None:
    fetch.put(mail())
    (fetch.submissions / "mail").mkdir(parents=True)
    handle = os.open(fetch.submissions / "mail", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    timer = threading.Timer(0.5, os.close, [handle])
    timer.start()
    assert fetch.run() == 0
    timer.join()
    assert "waiting for it to finish" in fetch.told
    assert fetch.counts() == (1, 0, 0)


@pytest.mark.parametrize("note", ["[]", "{", '{"x": 1}', '{"x": ["../../etc/passwd", 1, 2]}', "null"])
def test_a_note_that_is_none_is_passed_over(fetch: Fetch, note: str) -> None:
    fetch.put(mail())
    (fetch.submissions / "mail").mkdir(parents=True)
    (fetch.submissions / "mail" / ".fetch-same.json").write_text(note)
    assert fetch.run() == 0, fetch.told
    assert fetch.counts() == (1, 0, 0)


def test_a_note_about_a_file_that_is_gone_or_another_now_holds_no_mail_back(fetch: Fetch) -> None:
    fetch.put(mail("một"))
    assert fetch.run() == 0
    (path,) = (fetch.submissions / "mail" / "INBOX").iterdir()
    path.rename(fetch.submissions / "một.eml")
    assert fetch.run() == 0
    assert len(json.loads((fetch.submissions / "mail" / ".fetch-same.json").read_text())) == 1
    (fetch.submissions / "một.eml").write_bytes(mail("hai"))
    assert fetch.run() == 0
    assert fetch.counts() == (1, 0, 0)
    assert sorted(fetch.mails()) == sorted([mail("một"), mail("hai")])


# --- what is too large, and what means harm --------------------------------------------------------


def test_a_mail_that_is_too_large_leaves_a_notice_that_consolidate_asks_about(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch, asked: list[int]
) -> None:
    fetch.put(mail("Ảnh chụp", text="x" * 6000), mail("một"))
    with monkeypatch.context() as patch:
        patch.setattr(limits, "MAX_FILE_BYTES", 5000)
        assert fetch.run() == 0
    assert fetch.counts() == (1, 0, 1)
    assert asked == [2]
    (line,) = fetch.told.splitlines()
    parts = ("Chi bộ ấp 1 <chibo@example.vn>", "“Ảnh chụp”", "20 Apr 2021", "kien-giang/submissions/mail/INBOX")
    assert [part for part in parts if part not in line] == []
    output = fetch.folder.parent / "out"
    assert start("consolidate", fetch.folder, "--output", output).returncode == 0
    (row,) = [row for row in rows(output / "files.csv") if ".left" in row["file"]]
    assert (row["sender"], row["received_at"][:16]) == ("chibo@example.vn", "2021-04-20T08:30")
    codes = {row["code"] for row in rows(output / "findings.csv") if ".left" in row["file"]}
    assert codes == {"mail_without_workbook"}
    assert fetch.run() == 0
    assert (fetch.counts(), fetch.told, asked) == ((0, 1, 1), "", [2])


def test_a_size_that_the_server_states_wrongly_does_not_help(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch.put(mail("lớn", text="x" * 6000))
    monkeypatch.setattr(limits, "MAX_FILE_BYTES", 5000)
    monkeypatch.setattr(Server, "sizes", lambda self, uids: dict.fromkeys(uids, 10))
    assert fetch.run() == 0
    assert fetch.counts() == (0, 0, 1)
    assert b"x" * 100 not in b"".join(fetch.mails())


HOSTILE = {
    "terminal": b"From: \x1b[31m\x07evil <a@b>\r\nSubject: \x1b]0;x\x07\r\nDate: \x1b[2J",
    "direction": b"From: a@b\r\nSubject: =?utf-8?b?4oCueHNseC5leGU=?=\r\nDate: x",
    "folded": b"From: a@b\r\nSubject: =?utf-8?q?one=0Atwo=0D=0A=2E=2E=2Fthree?=\r\n more",
    "unknown charset": b"From: =?nowhere?q?=FF?= <a@b>\r\nSubject: =?utf-8?b?!!!!?=",
    "paths": b"Message-ID: <../../../etc/passwd>\r\nFrom: ../../x\r\nSubject: ../../../y.xlsx",
    "no headers": b"\r\n",
    "answers": b'Subject: ) UID 99 BODY[] {3}\r\nFrom: "UID 77 RFC822.SIZE 1" <a@b>',
    "endless": b"Subject: " + b"x" * 100_000,
    "many": b"Subject: a\r\n" * 3000,
}


@pytest.mark.parametrize("case", HOSTILE)
def test_nothing_that_a_sender_wrote_becomes_a_path_or_reaches_the_terminal(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    data = HOSTILE[case] + b"\r\n\r\n" + b"x" * 200
    fetch.put(data)
    with monkeypatch.context() as patch:
        patch.setattr(limits, "MAX_FILE_BYTES", 150)  # so that it is told of, by its headers
        assert fetch.run() == 0
    (line,) = fetch.told.splitlines()
    assert line.isprintable()
    assert len(line) < 1000
    (name,) = fetch.files()
    assert re.fullmatch(r"mail/INBOX/[0-9a-f]{8}-\d+-1\.left\.eml", name)
    (fetch.submissions / name).unlink()
    assert fetch.run() == 0
    assert list(fetch.files().values()) == [data]
    assert {path.name for path in fetch.folder.iterdir()} == {"campaign.toml", "units.csv", "submissions"}
