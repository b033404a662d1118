"""`remind --send` against a mail server on this machine: what is handed in, once, and what happens when it is not."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.mail_server import PASSWORD, USER, Post, serving
from tests.reminding import GOOD, attached, consolidate, drafts, form, make_campaign, remind, text_of
from tests.started import ROOT, rows

VARIABLE = "STUDY_CAMPAIGN_OUTBOX_PASSWORD"
EVERYBODY = ["x1@example.vn", "x@example.vn", "x4@example.vn", "x5@example.vn"]  # Z has no address


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server") / "server.pem"


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def served(post: Post, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The little campaign after a run, with an outbox that is served: its inputs and outputs."""
    monkeypatch.setenv(VARIABLE, PASSWORD)
    with serving(post, certificate):
        folder = make_campaign(tmp_path / "xa-a", outbox(post))
        shutil.copy(certificate, folder / "ca.pem")
        consolidate(folder, tmp_path / "out")
        yield folder, tmp_path / "out"


def outbox(post: Post, **other: str) -> str:
    keys = {"host": '"127.0.0.1"', "port": str(post.port), "user": f'"{USER}"', "ca_file": '"ca.pem"'} | other
    return "[outbox]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items() if value)


def reasons(output: Path) -> dict[str, str]:
    return {row["unit_code"]: row["reason"] for row in rows(output / "reminders" / "reminders.csv") if row["reason"]}


# --- what is handed in --------------------------------------------------------------------------------


def test_each_draft_with_an_address_is_sent_as_it_is_but_for_the_mark_of_a_draft(served, post, capsys):
    folder, output = served
    capsys.readouterr()
    assert remind(folder, output, "--send") == 0
    assert post.recipients() == EVERYBODY
    assert {sender for sender, _, _ in post.given} == {"btg@example.vn"}
    assert post.is_guarded == [True] * 4
    told = {str(mail["Message-ID"]): mail for mail in drafts(output).values()}
    for mail in post.mails():
        wanted = told[str(mail["Message-ID"])]
        assert mail["X-Unsent"] is None
        assert wanted["X-Unsent"] == "1"
        for name in ("From", "To", "Reply-To", "Subject", "Date"):
            assert mail[name] == wanted[name]
        assert text_of(mail) == text_of(wanted)
        assert attached(mail) == attached(wanted) != {}
    said = capsys.readouterr().out.splitlines()
    assert "Gửi tối đa 4 thư" in said[2]
    assert said[3].startswith("Đã gửi 4 thư; bị từ chối 0")
    log = [(row["unit_code"], row["round"], row["flag"], row["to"]) for row in rows(output / "reminders" / "sent.csv")]
    assert log == [
        ("X1", "1", "missing", "x1@example.vn"), ("X2", "1", "missing", "x@example.vn"),
        ("X4", "1", "rejected", "x4@example.vn"), ("X5", "1", "queried", "x5@example.vn"),
    ]  # fmt: skip


def test_what_a_unit_answers_is_counted(served, post):
    """The form of a sent reminder, filled in and sent back as an answer to it, is the unit's report."""
    folder, output = served
    assert remind(folder, output, "--send") == 0
    ((name, blank),) = attached(post.mails()[0]).items()
    filled = form(folder, folder.parent / name, "X1", GOOD).read_bytes()
    assert filled != blank
    answer = EmailMessage(policy=policy.SMTP)
    answer["From"], answer["To"], answer["Date"] = "x1@example.vn", "btg@example.vn", "Mon, 10 May 2021 07:30:00 +0700"
    answer["Subject"] = f"Re: {post.mails()[0]['Subject']}"
    answer["In-Reply-To"] = post.mails()[0]["Message-ID"]
    answer.set_content("Chi bộ xin gửi báo cáo.\n> " + text_of(post.mails()[0]).replace("\n", "\n> "))
    answer.add_attachment(filled, maintype="application", subtype="octet-stream", filename=name)
    (folder / "submissions" / "tra-loi.eml").write_bytes(answer.as_bytes())
    consolidate(folder, output)
    flags = {row["unit_code"]: row["flag"] for row in rows(output / "units.csv") if row["round"] == "1"}
    assert (flags["X1"], flags["X2"]) == ("complete", "missing")
    (row,) = (row for row in rows(output / "files.csv") if row["file"] == "tra-loi.eml")
    assert (row["member"], row["unit_code"], row["status"], row["sender"]) == (name, "X1", "counted", "x1@example.vn")
    assert remind(folder, output, "--send") == 0
    assert post.recipients() == EVERYBODY  # nobody anew, and the unit that answered not at all
    assert "X/X1.eml" not in drafts(output)


# --- once -----------------------------------------------------------------------------------------------


def test_what_was_sent_is_not_sent_again_until_some_days_have_passed(served, post):
    folder, output = served
    for as_of, count in (("10T08:00", 4), ("10T17:00", 4), ("12T09:00", 4), ("13T07:00", 8), ("13T08:00", 8)):
        assert remind(folder, output, "--send", "--as-of", f"2021-05-{as_of}") == 0
        assert len(post.given) == count, as_of
    assert reasons(output)["X1"] == "đã nhắc ngày 13/05/2021, chưa đủ 3 ngày"
    assert remind(folder, output, "--send", "--as-of", "2021-05-14T08:00", "--again-after", "1") == 0
    assert len(post.given) == 12


def test_whoever_turns_from_missing_to_rejected_is_told_at_once(served, post):
    folder, output = served
    assert remind(folder, output, "--send") == 0
    form(folder, folder / "submissions" / "2021-04-20" / "X1.xlsx", "X1", GOOD | {"attendees": 11})
    consolidate(folder, output)
    assert remind(folder, output, "--send") == 0
    assert post.recipients() == [*EVERYBODY, "x1@example.vn"]
    assert "CHƯA ĐƯỢC TÍNH" in text_of(post.mails()[-1])


def test_a_trial_with_few(served, post, capsys):
    folder, output = served
    assert remind(folder, output, "--send", "--limit", "1") == 0
    assert post.recipients() == EVERYBODY[:1]
    assert reasons(output)["X2"] == "để lại vì --limit"
    assert remind(folder, output, "--send", "--limit", "2") == 0
    assert post.recipients() == EVERYBODY[:3]


def test_a_torn_last_line_of_the_log_costs_nothing_else(served, post):
    folder, output = served
    assert remind(folder, output, "--send", "--limit", "2") == 0
    log = output / "reminders" / "sent.csv"
    log.write_bytes(log.read_bytes() + b"2021-05-10T08")
    assert remind(folder, output, "--send", "--limit", "1") == 0
    assert remind(folder, output, "--send") == 0
    assert post.recipients() == EVERYBODY


# --- what a server does not take --------------------------------------------------------------------------


def test_a_refused_recipient_is_told_and_does_not_stop_the_others(served, post, capsys):
    folder, output = served
    post.refused = frozenset({"x@example.vn"})
    assert remind(folder, output, "--send") == 0
    assert post.recipients() == [to for to in EVERYBODY if to != "x@example.vn"]
    ended = capsys.readouterr()
    assert "X2 Chi bộ ấp 2" in ended.err
    assert "550 5.1.1 no such user here" in ended.err
    assert "bị từ chối 1" in ended.out
    assert "550 5.1.1 no such user here" in reasons(output)["X2"]
    post.refused = frozenset()
    assert remind(folder, output, "--send") == 0
    assert post.recipients()[3:] == ["x@example.vn"]


def test_a_lost_connection_is_told_and_the_next_run_sends_the_rest(served, post, capsys):
    folder, output = served
    post.goes_after = 2
    assert remind(folder, output, "--send") == 1
    said = capsys.readouterr().err
    assert "đã gửi và ghi sổ 2 thư, còn 2" in said
    assert "Traceback" not in said
    assert [row["unit_code"] for row in rows(output / "reminders" / "sent.csv")] == ["X1", "X2"]
    assert [bool(row["sent_at"]) for row in rows(output / "reminders" / "reminders.csv")] == [
        False, True, True, False, False
    ]  # fmt: skip
    post.goes_after = -1
    assert remind(folder, output, "--send") == 0
    assert post.recipients() == EVERYBODY


def test_a_run_that_is_killed_has_logged_what_it_sent(served, post):
    folder, output = served
    command = [sys.executable, "-m", "pipeline", "remind", str(folder), "--output", str(output), "--send"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as run:
        post.at_recipient = lambda address: address == EVERYBODY[2] and run.kill()
    assert run.returncode == -signal.SIGKILL
    assert post.recipients() == EVERYBODY[:2]
    post.at_recipient = lambda address: None
    assert remind(folder, output, "--send") == 0
    assert post.recipients() == EVERYBODY


def test_a_server_that_is_not_there_is_told_in_a_line(tmp_path, post, certificate, monkeypatch, capsys):
    monkeypatch.setenv(VARIABLE, PASSWORD)
    with serving(post, certificate):
        pass
    folder = make_campaign(tmp_path / "xa-a", outbox(post, ca_file=""))
    consolidate(folder, tmp_path / "out")
    capsys.readouterr()
    assert remind(folder, tmp_path / "out", "--send") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert f"127.0.0.1:{post.port}" in line


# --- settings -----------------------------------------------------------------------------------------------


def refused(folder: Path, output: Path, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert remind(folder, output, "--send") == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_without_a_password_nothing_is_sent(served, post, monkeypatch, capsys):
    monkeypatch.delenv(VARIABLE)
    assert VARIABLE in refused(*served, capsys)
    assert post.given == []


def test_a_wrong_password_is_told_without_it(served, post, monkeypatch, capsys):
    monkeypatch.setenv(VARIABLE, "sai mat khau")
    line = refused(*served, capsys)
    assert VARIABLE in line
    assert "sai mat khau" not in line
    monkeypatch.setenv(VARIABLE, "mật khẩu")
    assert VARIABLE in refused(*served, capsys)
    assert post.given == []


def test_without_an_outbox_nothing_is_sent(tmp_path, capsys):
    folder = make_campaign(tmp_path / "xa-a")
    consolidate(folder, tmp_path / "out")
    assert "[outbox]" in refused(folder, tmp_path / "out", capsys)
    assert not (tmp_path / "out" / "reminders").exists()


SETTINGS = {
    "a certificate of nobody known": ({"ca_file": ""}, "outbox.ca_file"),
    "certificates that are not there": ({"ca_file": '"none.pem"'}, "none.pem"),
    "tls where the server wants starttls": ({"security": '"tls"'}, "outbox.security"),
    "no encryption where the server wants it": ({"security": '"none"'}, "outbox.security"),
}


@pytest.mark.parametrize("case", SETTINGS)
def test_settings_that_do_not_fit_the_server_are_told(tmp_path, post, certificate, monkeypatch, capsys, case):
    monkeypatch.setenv(VARIABLE, PASSWORD)
    keys, named = SETTINGS[case]
    with serving(post, certificate):
        folder = make_campaign(tmp_path / "xa-a", outbox(post, **keys))
        shutil.copy(certificate, folder / "ca.pem")
        consolidate(folder, tmp_path / "out")
        assert named in refused(folder, tmp_path / "out", capsys)
    assert post.given == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the server's own: it does not count a connection in TLS
def test_a_server_may_encrypt_from_the_start(tmp_path, certificate, monkeypatch):
    monkeypatch.setenv(VARIABLE, PASSWORD)
    post = Post()
    with serving(post, certificate, security="tls"):
        folder = make_campaign(tmp_path / "xa-a", outbox(post, security='"tls"'))
        shutil.copy(certificate, folder / "ca.pem")
        consolidate(folder, tmp_path / "out")
        assert remind(folder, tmp_path / "out", "--send") == 0
    assert post.recipients() == EVERYBODY


def test_a_server_of_this_machine_may_do_without_encryption_and_login(tmp_path, certificate):
    post = Post()
    with serving(post, certificate, security="none"):
        keys = outbox(post, user="", ca_file="", security='"none"') + 'from = "gui@example.vn"\n'
        folder = make_campaign(tmp_path / "xa-a", keys)
        consolidate(folder, tmp_path / "out")
        assert remind(folder, tmp_path / "out", "--send") == 0
    assert post.recipients() == EVERYBODY
    assert {(sender, str(mail["Reply-To"])) for (sender, _, _), mail in zip(post.given, post.mails(), strict=True)} == {
        ("gui@example.vn", "btg@example.vn")
    }
